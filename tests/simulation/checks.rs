//! What must hold at the end of a run.

use super::plan::{Kind, QUIET_END_MS, Window};
use super::problems;
use super::watch::{Cycle, Watch};
use super::world::World;
use impulso::actors::ports::history::{HistoryStore, LedgerRow, Span};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::prediction::outcome::judge;
use impulso::domain::time::{Interval, MINUTE_MS};
use std::collections::BTreeSet;

/// Between cycles, ms.
pub(crate) const CYCLE_MS: i64 = 30_000;
/// A prediction is judged so long behind its end, ms: three minutes of grace, looks every ten seconds, and what waits before it.
const JUDGED_WITHIN_MS: i64 = 10 * MINUTE_MS;
/// Market time is right again so long after the exchange's, ms: a leap is believed after a minute, and so is its end.
const CLOCK_RIGHT_WITHIN_MS: i64 = 180_000;
const HORIZON_MS: i64 = 24 * 3_600_000;

/// Every stored candle is the exchange's, and between the first and the last of a pair none is missing.
pub(crate) async fn candles(world: &World, store: &dyn HistoryStore) {
    let end = world.now();
    for interval in [Interval::M1, Interval::M15, Interval::H1] {
        for (symbol, first, _) in store.candle_pairs(interval).await.expect("read") {
            let stored = store.candles(&symbol, interval, Span::ALL).await.expect("read");
            world.count_many("checked candles", stored.len() as u64);
            let name = symbol.as_str();
            let mut there = BTreeSet::new();
            for candle in &stored {
                there.insert(candle.open_time);
                if let Some(why) = differs(world, name, interval, candle, end) {
                    world.wrong(format!("candle {name} {interval} {}: {why}", candle.open_time));
                }
            }
            if interval == Interval::M1 {
                let last = stored.last().map_or(first, |c| c.open_time);
                let missing =
                    |at: &MarketTime| !there.contains(at) && world.market.minute(name, *at).is_some();
                let missing: Vec<_> = first.steps(MINUTE_MS, last).filter(missing).collect();
                if let Some(at) = missing.first() {
                    world.wrong(format!("{} candles of {name} are missing, the first {at}", missing.len()));
                }
            }
        }
    }
}

fn differs(
    world: &World,
    name: &str,
    interval: Interval,
    stored: &Candle,
    end: MarketTime,
) -> Option<String> {
    if stored.open_time + interval.ms() > end {
        return Some("it has not ended".to_owned());
    }
    let truth = world.market.candle(name, interval, stored.open_time, end);
    let flat_or_longer = stored.filled || interval != Interval::M1;
    match truth {
        Some(truth) if truth == *stored || interval == Interval::H1 && same_hour(&truth, stored) => None,
        // Nothing traded; the close before goes on.
        None if stored.volume == 0.0 && stored.high == stored.low => None,
        // The exchange's own entry made no sense, and nobody has asked for it again.
        Some(_)
            if flat_or_longer && world.spoiled(name, stored.open_time, stored.open_time + interval.ms()) =>
        {
            world.count("spoiled candles kept");
            None
        }
        truth => Some(format!("{stored:?} instead of {truth:?}")),
    }
}

/// Hours that are made of expiring minutes have the exchange's prices; their volumes are sums in another order.
fn same_hour(truth: &Candle, stored: &Candle) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs();
    let volumes = near(truth.volume, stored.volume) && near(truth.quote_volume, stored.quote_volume);
    volumes && Candle { volume: truth.volume, quote_volume: truth.quote_volume, ..*stored } == *truth
}

/// The cycles of each life follow one another without a gap, and all is well at the end.
pub(crate) fn cycles(world: &World, watch: &Watch) {
    world.count_many("checked cycles", watch.cycles.len() as u64);
    for pair in watch.cycles.windows(2).filter(|pair| pair[0].life == pair[1].life) {
        let apart = pair[1].as_of - pair[0].as_of;
        if apart != CYCLE_MS && !clock_is_wrong(world, pair[1].at) {
            world.wrong(format!(
                "cycle {} follows {}, {} s before",
                pair[1].as_of,
                pair[0].as_of,
                apart / 1_000
            ));
        }
    }
    let quiet = world.length_ms - QUIET_END_MS / 4;
    let last: Vec<_> = watch.cycles.iter().filter(|cycle| cycle.at >= quiet).collect();
    let due = QUIET_END_MS / 4 / CYCLE_MS;
    if (last.len() as i64) < due - 1 {
        world.wrong(format!("{} of {due} cycles at the end", last.len()));
    }
    // A pair that is gone stays in the universe for days, one that has joined is young for one: so the problem may be told.
    let changed = world.windows.iter().any(|w| matches!(w.kind, Kind::Delisting | Kind::Listing));
    let full =
        |c: &Cycle| c.coverage.analyzable as usize >= world.market.ripe(c.as_of) && (c.sound || changed);
    if let Some(cycle) = last.iter().find(|c| !full(c)) {
        world.wrong(format!("not all is well at the end: {} {:?}", cycle.as_of, cycle.coverage));
    }
}

/// What the exchange says is of a wrong time, or was a moment ago, and nothing else is heard. Events alone are not believed, nor is
/// `/time` while events come.
fn clock_is_wrong(world: &World, at: i64) -> bool {
    let overlaps = |w: &Window, kinds: &[Kind]| {
        world.windows.iter().any(|o| kinds.contains(&o.kind) && o.from <= w.to && w.from <= o.to)
    };
    let wrong = |w: &&Window| match w.kind {
        // While it sleeps there is none, and then a leap is to be believed.
        Kind::ExchangeAhead | Kind::Sleep => true,
        // Who starts meanwhile has heard no events yet.
        Kind::TimeAhead => {
            let starts =
                |o: &Window| matches!(o.kind, Kind::Kill | Kind::Stop) && (w.from..=w.to).contains(&o.to);
            overlaps(w, &[Kind::Cut, Kind::Stall, Kind::EventsAhead]) || world.windows.iter().any(starts)
        }
        _ => false,
    };
    let mut windows = world.windows.iter().filter(wrong);
    windows.any(|w| (w.from..right_again(world, w)).contains(&at))
}

/// When market time must be right again. That it has come down is believed by `/time` alone, which waits while REST refuses.
fn right_again(world: &World, wrong: &Window) -> i64 {
    let mut until = wrong.to + CLOCK_RIGHT_WITHIN_MS;
    for rest in world.windows.iter().filter(|w| wrong.to < w.to && problems::refuses(w.kind)) {
        if rest.from <= until {
            until = until.max(rest.to + problems::explains(rest.kind).1 + CLOCK_RIGHT_WITHIN_MS);
        }
    }
    until
}

/// Every prediction is in the history, and judged as the exchange's candles have it, or void with a reason.
pub(crate) async fn predictions(world: &World, watch: &Watch, store: &dyn HistoryStore) {
    let end = world.now();
    let rows = store.predictions(None, Span::ALL).await.expect("read");
    world.count_many("checked predictions", rows.len() as u64);
    for row in &rows {
        if let Some(why) = misjudged(world, row, end) {
            world.wrong(format!("prediction {}: {why}", row.0.key));
        }
    }
    let keys: BTreeSet<&str> = rows.iter().map(|(p, _)| p.key.as_str()).collect();
    for sample in &watch.samples {
        let found = keys.range(sample.as_str()..).next().is_some_and(|key| key.starts_with(sample));
        if !found {
            world.wrong(format!("prediction {sample} is missing"));
        }
    }
}

fn misjudged(world: &World, (p, outcome): &LedgerRow, end: MarketTime) -> Option<String> {
    let over = p.opened_at + HORIZON_MS + JUDGED_WITHIN_MS < end;
    let Some(outcome) = outcome else {
        return over.then(|| "no outcome".to_owned());
    };
    if outcome.void.is_some() {
        world.count("void predictions");
        return None;
    }
    if over && outcome.hit_24h.is_none() {
        return Some("not judged after 24 h".to_owned());
    }
    outcome.hit_24h?;
    if world.spoiled(p.symbol.as_str(), p.opened_at, p.opened_at + HORIZON_MS) {
        return None;
    }
    world.count("judged predictions");
    let first = p.opened_at.ceil(MINUTE_MS);
    let mut before = p.price;
    let candles = first.steps(MINUTE_MS, p.opened_at + HORIZON_MS).map(|at| {
        // What did not trade is flat at the close before.
        let candle = world.market.minute(p.symbol.as_str(), at).unwrap_or_else(|| Candle::flat(at, before));
        before = candle.close;
        candle
    });
    let truth = judge(p.opened_at, p.price, &candles.collect::<Vec<_>>(), MINUTE_MS);
    let said = (
        outcome.hit_4h,
        outcome.hit_24h,
        outcome.minutes_to_hit,
        outcome.greatest_rise_pct,
        outcome.deepest_fall_pct,
    );
    let right =
        (truth.hit_4h, truth.hit_24h, truth.minutes_to_hit, truth.greatest_rise_pct, truth.deepest_fall_pct);
    (said != right).then(|| format!("{said:?} instead of {right:?}"))
}
