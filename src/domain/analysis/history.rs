//! Candles of any interval from what one pair holds.

use super::SymbolAnalysis;
use crate::domain::candle::Candle;
use crate::domain::minutes::Ohlcv;
use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use std::sync::Arc;

impl SymbolAnalysis {
    /// Closed hours of which no candle tells, oldest first: what is recorded of the time before the candles, and of holes in them.
    pub(crate) fn give_hours(&mut self, hours: &[Candle]) {
        // Copies share the hours: without news nothing is copied.
        if !hours.is_empty() {
            Arc::make_mut(&mut self.window.hours).give(hours);
        }
    }

    /// The closed hours when no more candles come: all that wait are final.
    pub(crate) fn hours_at_end(&mut self) -> Vec<Candle> {
        self.commit_before(MarketTime::MAX);
        self.window.hours.candles()
    }

    /// Up to `limit` newest candles of `interval`, oldest first, the live one included (`closed` false while it lasts).
    /// Intervals that are multiples of TF reach back over the bars. Empty for an interval that base candles cannot make.
    pub fn candles(&self, interval: Interval, limit: usize) -> Vec<Candle> {
        if limit == 0 || interval.ms() % self.config.base.ms() != 0 {
            return Vec::new();
        }
        let source = self.source(interval);
        let mut groups = grouped(&source, interval);
        let whole = |c: &Candle| source.first().is_none_or(|s| s.open_time == c.open_time);
        if groups.len() > 1 && !groups.first().is_none_or(whole) {
            groups.remove(0);
        }
        groups.split_off(groups.len().saturating_sub(limit))
    }

    fn source(&self, interval: Interval) -> Vec<Candle> {
        let (base, tf) = (self.config.base.ms(), self.config.tf.ms());
        let (minutes, bars) = (&self.window.minutes, &self.window.bars);
        let mut source = Vec::new();
        let mut from = minutes.first();
        if interval.ms() % tf == 0 && !bars.is_empty() {
            let older = (bars.first()..bars.next()).filter_map(|i| Some((i, bars.get(i)?)));
            source.extend(older.map(|(i, bar)| bar.candle(MarketTime::from_index(i, tf), true, false)));
            from = from.max(bars.next() * tf / base);
        }
        let newer = (from..minutes.next()).filter_map(|i| Some((i, minutes.get(i)?)));
        source.extend(
            newer.map(|(i, c)| c.candle(MarketTime::from_index(i, base), true, minutes.is_filled(i))),
        );
        source.extend(self.pending.held().iter().map(|h| h.candle));
        source
    }
}

/// Joins candles (oldest first) into those of a longer interval; the newest is `closed` when it ends its group.
pub fn grouped(source: &[Candle], interval: Interval) -> Vec<Candle> {
    let mut groups: Vec<Candle> = Vec::new();
    for (at, candle) in source.iter().enumerate() {
        let open_time = interval.floor(candle.open_time);
        let newest = at + 1 == source.len();
        match groups.last_mut().filter(|g| g.open_time == open_time) {
            Some(group) => {
                let mut joined = Ohlcv::of(group);
                joined.extend(&Ohlcv::of(candle));
                *group = joined.candle(open_time, true, group.filled && candle.filled);
            }
            None => groups.push(Candle { open_time, closed: true, ..*candle }),
        }
        if newest && let Some(group) = groups.last_mut() {
            group.closed = candle.closed && ends_group(source, candle, interval);
        }
    }
    groups
}

/// Does the newest candle end its group. Its own length is the distance to the one before, or the interval.
fn ends_group(source: &[Candle], candle: &Candle, interval: Interval) -> bool {
    let length = match source {
        [.., before, last] => last.open_time - before.open_time,
        _ => interval.ms(),
    };
    interval.floor(candle.open_time + length) > interval.floor(candle.open_time)
}
