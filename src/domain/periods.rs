//! Ring of a pair's closed hours or days: made of its bars, with older ones from elsewhere in front.

use crate::domain::candle::Candle;
use crate::domain::indicator::extrema::highest;
use crate::domain::minutes::Ohlcv;
use crate::domain::moment::MarketTime;
use crate::domain::target::{HORIZON_MS, reaches};
use std::collections::VecDeque;

/// What came within the target's horizon after a period: known once that has ended, so nothing looks ahead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    /// The highest high reached the target.
    pub(crate) hit: bool,
    /// The highest high against the period's close, percent.
    pub(crate) rise: f64,
    /// Its logarithm; half a percent keeps falls and standstills finite.
    pub(crate) log_rise: f64,
}

impl Outcome {
    fn of(close: f64, high: f64) -> Self {
        let rise = 100.0 * (high / close - 1.0);
        Self { hit: reaches(high, close), rise, log_rise: (rise.max(0.0) + 0.5).ln() }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Period {
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    pub(crate) quote_volume: f64,
    /// Against the close before; NaN for the first.
    pub(crate) log_return: f64,
    /// `None` until it is known.
    pub(crate) outcome: Option<Outcome>,
}

/// The newest closed periods without a hole, by absolute index (open time / length).
#[derive(Debug, Clone)]
pub(crate) struct Periods {
    length_ms: i64,
    capacity: usize,
    ring: VecDeque<Period>,
    next: i64,
    forming: Option<(i64, MarketTime, Ohlcv)>,
    /// Periods of which no bar tells, oldest first, until the bars have come so far.
    untold: VecDeque<(i64, Ohlcv)>,
}

impl Periods {
    pub(crate) const fn new(length_ms: i64, capacity: usize) -> Self {
        Self { length_ms, capacity, ring: VecDeque::new(), next: 0, forming: None, untold: VecDeque::new() }
    }

    /// Takes the next closed bar, whose length divides a period's. A bar that does not follow starts the period anew. True: a
    /// period has closed with it.
    pub(crate) fn push_bar(&mut self, open_time: MarketTime, tf_ms: i64, bar: &Ohlcv) -> bool {
        let (index, end) = (open_time.index(self.length_ms), open_time + tf_ms);
        match &mut self.forming {
            Some((at, until, forming)) if *at == index && *until == open_time => {
                forming.extend(bar);
                *until = end;
            }
            other => *other = open_time.starts(self.length_ms).then_some((index, end, *bar)),
        }
        let formed = end.starts(self.length_ms).then(|| self.forming.take()).flatten();
        if let Some((at, _, formed)) = &formed {
            self.push(*at, formed);
        }
        formed.is_some()
    }

    /// Closed periods from elsewhere, oldest first: those before the ring's are put in front of it where they join without a
    /// hole (missing ones between two of them are flat), those after are added.
    pub(crate) fn load(&mut self, candles: &[Candle]) {
        let old = std::mem::take(&mut self.ring);
        let first = self.next - old.len() as i64;
        self.next = 0;
        let fits = |c: &&Candle| c.closed && c.open_time.starts(self.length_ms);
        for candle in candles.iter().filter(fits).copied().collect::<Vec<_>>() {
            let index = candle.open_time.index(self.length_ms);
            if old.is_empty() || index < first {
                self.push(index, &Ohlcv::of(&candle));
            }
        }
        let joins = !self.ring.is_empty() && self.next == first;
        if !joins && !old.is_empty() {
            self.ring.clear();
        }
        for (at, period) in old.iter().enumerate() {
            self.push(first + at as i64, &Ohlcv::of(&period.candle(MarketTime::EPOCH)));
        }
    }

    /// Closed periods of which no bar tells, oldest first, each given once it is over: they take the place of the flat ones that
    /// a hole in the bars makes, and stand before the first that bars make.
    pub(crate) fn give(&mut self, candles: &[Candle]) {
        for candle in candles.iter().filter(|c| c.closed && c.open_time.starts(self.length_ms)) {
            if self.untold.len() == self.capacity {
                self.untold.pop_front();
            }
            self.untold.push_back((candle.open_time.index(self.length_ms), Ohlcv::of(candle)));
        }
    }

    /// The periods as flat-opening candles, oldest first, for a ring that begins later.
    pub(crate) fn candles(&self) -> Vec<Candle> {
        let open_time = |at| MarketTime::from_index(self.first() + at as i64, self.length_ms);
        self.ring.iter().enumerate().map(|(at, period)| period.candle(open_time(at))).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.ring.len()
    }

    /// Index of the oldest.
    fn first(&self) -> i64 {
        self.next - self.ring.len() as i64
    }

    /// Index after the newest.
    pub(crate) const fn next(&self) -> i64 {
        self.next
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Period> + Clone {
        self.ring.iter().rev()
    }

    /// The close so many periods before the newest.
    pub(crate) fn close_before(&self, periods: usize) -> Option<f64> {
        self.newest_first().nth(periods).map(|period| period.close)
    }

    /// The last `count`, oldest first, where there are so many.
    pub(crate) fn last(&self, count: usize) -> Option<impl Iterator<Item = &Period> + Clone> {
        Some(self.ring.range(self.ring.len().checked_sub(count)?..))
    }

    /// Periods of the target's horizon.
    pub(crate) const fn horizon(&self) -> usize {
        (HORIZON_MS / self.length_ms) as usize
    }

    fn push(&mut self, index: i64, bar: &Ohlcv) {
        while let Some((at, untold)) = self.untold.pop_front_if(|(at, _)| *at <= index) {
            self.put(at, &untold);
        }
        self.put(index, bar);
    }

    fn put(&mut self, index: i64, bar: &Ohlcv) {
        if !self.ring.is_empty() && index < self.next {
            return;
        }
        // A longer hole is no standstill: what lies before it says nothing of what comes after.
        if index - self.next > self.horizon() as i64 {
            self.ring.clear();
        }
        if let Some(close) = self.ring.back().map(|last| last.close) {
            let flat = Ohlcv { open: close, high: close, low: close, close, volume: 0.0, quote_volume: 0.0 };
            while self.next < index {
                self.append(&flat);
                self.next += 1;
            }
        }
        self.append(bar);
        self.next = index + 1;
    }

    fn append(&mut self, bar: &Ohlcv) {
        let Ohlcv { high, low, close, quote_volume, .. } = *bar;
        let log_return = self.ring.back().map_or(f64::NAN, |last| (close / last.close).ln());
        if self.ring.len() == self.capacity {
            self.ring.pop_front();
        }
        self.ring.push_back(Period { high, low, close, quote_volume, log_return, outcome: None });
        if let Some(at) = self.ring.len().checked_sub(self.horizon() + 1)
            && let Some(high) = highest(self.ring.range(at + 1..).map(|period| period.high))
        {
            self.ring[at].outcome = Some(Outcome::of(self.ring[at].close, high));
        }
    }
}

impl Period {
    const fn candle(&self, open_time: MarketTime) -> Candle {
        let Self { high, low, close, quote_volume, .. } = *self;
        Candle { high, low, quote_volume, filled: false, ..Candle::flat(open_time, close) }
    }
}
