//! The retention, in steps of one transaction each, so that writes come in between: old candles into chunks, hours
//! out of expiring candles, thinning and deletion.

use super::candles::{absorb, of_pair, put_chunk};
use super::codec;
use super::fault::Fault;
use super::imported::{self, Range};
use super::keys;
use super::ledger_days;
use super::thinning::{self, Step};
use crate::actors::ports::history::{Compacted, Retention, SHADOW_MS, Span};
use crate::domain::candle::Candle;
use crate::domain::duration::Millis;
use crate::domain::moment::MarketTime;
use crate::domain::target::HORIZON_MS;
use crate::domain::time::{DAY_MS, HOUR_MS, Interval};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, HashSet};

/// Rows packed in one step: a short transaction, after which waiting writes come first.
const PACKED_ROWS: i64 = 20_000;
/// Predictions in the shadow that are removed in one step. Short enough that waiting writes come in between.
const SHADOW_ROWS: i64 = 5_000;
/// Symbols whose candles expire in one step, for the same reason.
const EXPIRED_SYMBOLS: i64 = 8;

/// The limits of one compaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    full_scores: MarketTime,
    scores: MarketTime,
    candles: MarketTime,
    hours: MarketTime,
    packed: MarketTime,
    shadow: MarketTime,
    /// Days of the ledger on which everything should be judged.
    judged: MarketTime,
    predictions: MarketTime,
    /// Candles from before this were imported.
    recorded: MarketTime,
}

impl Limits {
    /// Counted back from `now`.
    pub(super) fn new(keep: Retention, now: MarketTime) -> Self {
        let candles = now - keep.candles.ms();
        let hours = now - keep.hour_candles.ms();
        let today = now.floor(DAY_MS);
        Self {
            full_scores: now - keep.full_scores.ms(),
            scores: now - keep.scores.ms(),
            candles,
            hours,
            shadow: now - SHADOW_MS,
            judged: now - HORIZON_MS,
            predictions: now - keep.predictions.ms(),
            recorded: keep.recorded_from.unwrap_or(MarketTime::MIN),
            // What expires must be in chunks before.
            packed: today.max(candles.ceil(HOUR_MS)).max(hours),
        }
    }
}

/// Parts of a compaction in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Scores to one a pair and 5 minutes plus changes of level.
    Thin,
    Scores,
    /// Rows of candles into chunks.
    Pack,
    /// Hours out of expiring candles, expired candles.
    Candles,
    /// Expired predictions of arms in the shadow, with their outcomes.
    Shadow,
    /// Sums of judged days of the ledger beside their rows.
    SumUp,
    /// Expired days of the ledger into their sums.
    Fold,
}

impl Part {
    /// Every part, in order.
    pub(super) const ALL: [Self; 7] =
        [Self::Thin, Self::Scores, Self::Pack, Self::Candles, Self::Shadow, Self::Fold, Self::SumUp];

    /// One step from `cursor` on; the first has 0.
    pub(super) fn step(self, connection: &Connection, limits: &Limits, cursor: i64) -> Result<Step, Fault> {
        match self {
            Self::Thin => thinning::thin(connection, limits.full_scores),
            Self::Scores => thinning::expire(connection, limits.scores),
            Self::Pack => pack(connection, limits.packed),
            Self::Candles => expire(connection, limits, cursor),
            Self::Shadow => shadow(connection, limits.shadow),
            Self::SumUp => ledger_days::sum_up(connection, limits.judged, cursor),
            Self::Fold => ledger_days::fold(connection, limits.predictions, cursor),
        }
    }
}

fn shadow(connection: &Connection, to: MarketTime) -> Result<Step, Fault> {
    let expired =
        "SELECT key FROM predictions WHERE arm > '' AND opened_at < ?1 ORDER BY arm, opened_at LIMIT ?2";
    let of = |table: &str| format!("DELETE FROM {table} WHERE key IN ({expired})");
    // Outcomes first: which they are is read from the predictions.
    connection.execute(&of("outcomes"), params![to, SHADOW_ROWS])?;
    let gone = connection.execute(&of("predictions"), params![to, SHADOW_ROWS])?;
    Ok((Compacted::default(), (gone as i64 == SHADOW_ROWS).then_some(0)))
}

fn pack(connection: &Connection, to: MarketTime) -> Result<Step, Fault> {
    let sql = "SELECT id FROM candles WHERE id < ?1 ORDER BY id LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map([keys::edge(to), PACKED_ROWS], |row| row.get(0))?;
    let found = found.collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut groups: BTreeMap<(i64, i64), (MarketTime, MarketTime)> = BTreeMap::new();
    for key in &found {
        let (pair, moment) = (keys::low_of(*key), keys::moment_of(*key));
        let slot = keys::slot(moment, keys::interval_of(pair)?);
        groups.entry((pair, slot)).or_insert((moment, moment)).1 = moment;
    }
    for ((pair, slot), reach) in groups {
        absorb(connection, pair, slot, &[], Some(reach))?;
    }
    Ok((Compacted::default(), (found.len() as i64 == PACKED_ROWS).then_some(0)))
}

const EXPIRED: &str = "SELECT DISTINCT pair >> 3 AS symbol FROM candle_chunks INDEXED BY chunks_span WHERE \
    ((pair & 7 != ?1 AND first < ?2) OR (pair & 7 = ?1 AND first < ?3)) AND symbol > ?4 ORDER BY symbol LIMIT ?5";

fn expire(connection: &Connection, limits: &Limits, after: i64) -> Result<Step, Fault> {
    let mut statement = connection.prepare_cached(EXPIRED)?;
    let hourly = keys::code(Interval::H1);
    let found = statement
        .query_map(params![hourly, limits.candles, limits.hours, after, EXPIRED_SYMBOLS], |row| row.get(0))?;
    let found = found.collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut done = Compacted::default();
    for symbol in &found {
        let pairs: Vec<Expired> = Interval::ALL
            .into_iter()
            .map(|interval| Expired::of(connection, *symbol, interval, limits))
            .collect::<Result<_, _>>()?;
        // Before they expire: hours are made of the minutes.
        if let Some(first) =
            pairs.iter().filter(|pair| pair.interval != Interval::H1).filter_map(Expired::first).min()
        {
            keep_hours(connection, *symbol, limits, first)?;
        }
        for pair in &pairs {
            done.candles += pair.trim(connection)?;
        }
    }
    Ok((done, found.last().copied().filter(|_| found.len() as i64 == EXPIRED_SYMBOLS)))
}

/// What would be removed: of scores by a look through all that are to be thinned.
pub(super) fn expiring(connection: &Connection, limits: &Limits) -> Result<Compacted, Fault> {
    let mut found = Compacted {
        scores: thinning::doomed(connection, limits.full_scores, limits.scores)?,
        candles: 0,
        predictions: ledger_days::doomed(connection, limits.predictions)?,
    };
    let sql = "SELECT pair FROM candle_chunks WHERE first < ?1 UNION SELECT pair FROM candles WHERE id < ?2";
    let newest = limits.candles.max(limits.hours);
    let mut statement = connection.prepare_cached(sql)?;
    let pairs = statement.query_map(params![newest, keys::edge(newest)], |row| row.get(0))?;
    for pair in pairs.collect::<rusqlite::Result<Vec<i64>>>()? {
        let interval = keys::interval_of(pair)?;
        let expired = Expired::of(connection, keys::symbol_of(pair), interval, limits)?;
        found.candles += expired.count(connection)?;
    }
    Ok(found)
}

/// What expires of one pair and interval.
struct Expired {
    interval: Interval,
    pair: i64,
    to: MarketTime,
    recorded: MarketTime,
    imported: Vec<Range>,
    /// Slot and first candle of the chunks that hold such candles.
    chunks: Vec<(i64, MarketTime)>,
}

impl Expired {
    fn of(connection: &Connection, symbol: i64, interval: Interval, limits: &Limits) -> Result<Self, Fault> {
        let pair = keys::pair(symbol, interval);
        let to = if interval == Interval::H1 { limits.hours } else { limits.candles };
        let imported = imported::of(connection, pair)?;
        let sql = "SELECT slot, first, last FROM candle_chunks WHERE pair = ?1 AND first < ?2 AND last >= ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let chunks = statement
            .query_map(params![pair, to, limits.recorded], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<Vec<(i64, MarketTime, MarketTime)>>>()?;
        // Without a look into them: imported years would be unpacked at each compaction.
        let whole = |first: MarketTime, last: MarketTime| {
            imported.iter().any(|range| range.0 <= first && last <= range.1)
        };
        let chunks = chunks.into_iter().filter(|(_, first, last)| !whole(*first, *last));
        let chunks = chunks.map(|(slot, first, _)| (slot, first)).collect();
        Ok(Self { interval, pair, to, recorded: limits.recorded, imported, chunks })
    }

    fn holds(&self, open_time: MarketTime) -> bool {
        let imported = || self.imported.iter().any(|(first, last)| (*first..=*last).contains(&open_time));
        (self.recorded..self.to).contains(&open_time) && !imported()
    }

    fn first(&self) -> Option<MarketTime> {
        self.chunks.iter().map(|(_, first)| *first).min()
    }

    fn chunk(&self, connection: &Connection, slot: i64) -> Result<Vec<Candle>, Fault> {
        let sql = "SELECT data FROM candle_chunks WHERE pair = ?1 AND slot = ?2";
        let data: Vec<u8> = connection.prepare_cached(sql)?.query_row([self.pair, slot], |row| row.get(0))?;
        Ok(codec::readable(&data, self.interval, self.pair))
    }

    /// Removes them; gives how many.
    fn trim(&self, connection: &Connection) -> Result<u64, Fault> {
        let mut gone = 0;
        for (slot, _) in &self.chunks {
            let mut candles = self.chunk(connection, *slot)?;
            let before = candles.len();
            candles.retain(|c| !self.holds(c.open_time));
            if candles.len() < before || before == 0 {
                put_chunk(connection, self.pair, *slot, &candles)?;
            }
            gone += (before - candles.len()) as u64;
        }
        Ok(gone)
    }

    fn count(&self, connection: &Connection) -> Result<u64, Fault> {
        let mut found = 0;
        for (slot, _) in &self.chunks {
            found += self.chunk(connection, *slot)?.iter().filter(|c| self.holds(c.open_time)).count();
        }
        let sql = "SELECT id FROM candles INDEXED BY candles_pair WHERE pair = ?1 AND id < ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([self.pair, keys::edge(self.to)], |row| row.get(0))?;
        for key in rows {
            found += usize::from(self.holds(keys::moment_of(key?)));
        }
        Ok(found as u64)
    }
}

/// Makes the hours whose first short candle expires, where all of one interval's candles are there and no hour is
/// yet. Of several intervals the shortest is taken.
fn keep_hours(connection: &Connection, symbol: i64, limits: &Limits, first: MarketTime) -> Result<(), Fault> {
    // From the first that expires: imported minutes before it stay themselves.
    let from = limits.hours.ceil(HOUR_MS).max(Interval::H1.floor(first));
    let span = Span { from, to: limits.candles.ceil(HOUR_MS) };
    let mut made: BTreeMap<MarketTime, Candle> = BTreeMap::new();
    for interval in Interval::ALL.into_iter().filter(|interval| *interval != Interval::H1) {
        let candles = of_pair(connection, keys::pair(symbol, interval), span)?;
        let hour_of = |c: &Candle| Interval::H1.floor(c.open_time);
        for hour in candles.chunk_by(|a, b| hour_of(a) == hour_of(b)) {
            if hour.len() as i64 * interval.ms() == HOUR_MS {
                made.entry(hour_of(&hour[0])).or_insert_with(|| sum_up(hour));
            }
        }
    }
    let (Some((first, _)), Some((last, _))) = (made.first_key_value(), made.last_key_value()) else {
        return Ok(());
    };
    let pair = keys::pair(symbol, Interval::H1);
    let there = of_pair(connection, pair, Span { from: *first, to: *last + 1 })?;
    let there: HashSet<MarketTime> = there.iter().map(|c| c.open_time).collect();
    let new: Vec<Candle> = made.into_values().filter(|c| !there.contains(&c.open_time)).collect();
    let slot_of = |c: &Candle| keys::slot(c.open_time, Interval::H1);
    for group in new.chunk_by(|a, b| slot_of(a) == slot_of(b)) {
        absorb(connection, pair, slot_of(&group[0]), group, None)?;
    }
    Ok(())
}

/// One candle of an hour's candles, oldest first.
fn sum_up(hour: &[Candle]) -> Candle {
    let (first, last) = (&hour[0], &hour[hour.len() - 1]);
    Candle {
        open_time: Interval::H1.floor(first.open_time),
        open: first.open,
        high: hour.iter().map(|c| c.high).fold(f64::MIN, f64::max),
        low: hour.iter().map(|c| c.low).fold(f64::MAX, f64::min),
        close: last.close,
        volume: exact_sum(hour.iter().map(|c| c.volume)),
        quote_volume: exact_sum(hour.iter().map(|c| c.quote_volume)),
        closed: true,
        filled: hour.iter().all(|c| c.filled),
    }
}

/// A sum whose rounding errors are carried along (Kahan).
fn exact_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0, 0.0);
    for value in values {
        let next = value - lost;
        let total: f64 = sum + next;
        lost = (total - sum) - next;
        sum = total;
    }
    sum
}
