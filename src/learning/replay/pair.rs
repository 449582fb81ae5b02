//! Recorded candles through the live analysis: reports at the steps of a replay, and what became of each.

use crate::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis};
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::prediction::outcome::{Outcome, judge};
use crate::domain::report::Report;
use crate::domain::symbol::Symbol;
use crate::domain::target::{HORIZON_MS, reaches};
use crate::domain::time::HOUR_MS;
use std::collections::VecDeque;
use std::sync::Arc;

/// A longer hole in an archive ends the pair's series; it warms up anew behind it, ms.
const LONGEST_FILL_MS: i64 = 4 * 24 * HOUR_MS;

/// Candles of one pair, closed, oldest first.
pub type Candles = Box<dyn Iterator<Item = Candle> + Send>;

/// What became of what a pair said one horizon before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    pub outcome: Outcome,
    pub price: f64,
    /// First price after it: where somebody could have bought.
    pub entry: f64,
    /// Last price of the horizon.
    pub last: f64,
    /// The fall to the stop came before the rise to the target, or in the same candle.
    pub(crate) stopped: bool,
}

/// What one pair says at one step.
#[derive(Debug, Clone)]
pub struct Said {
    /// Its report; `None` before its first candle and after its last.
    pub report: Option<Report>,
    /// The outcome of what it said one horizon before; `None` when it said nothing or its candles ended.
    pub(crate) judged: Option<Judged>,
}

/// One pair's candles with the analysis that they drive. `C`: candles, closed, oldest first.
pub struct PairReplay<C: Iterator<Item = Candle>> {
    analysis: SymbolAnalysis,
    config: Arc<AnalysisConfig>,
    candles: std::iter::Peekable<C>,
    /// Closed hours from elsewhere: what REST would answer.
    hours: std::iter::Peekable<Candles>,
    /// First open time since which the candles follow one another.
    series_from: MarketTime,
    /// The last horizon's candles, for the outcomes.
    recent: VecDeque<Candle>,
    /// Steps that wait for their outcome, and the price then.
    open: VecDeque<(MarketTime, f64)>,
    /// A fall of so many percent ends a trade.
    stop_pct: f64,
    taken: u64,
}

impl<C: Iterator<Item = Candle>> PairReplay<C> {
    /// A pair at the beginning of its candles.
    pub fn new(symbol: Symbol, config: Arc<AnalysisConfig>, candles: C) -> Self {
        Self {
            analysis: SymbolAnalysis::new(symbol, Arc::clone(&config)),
            config,
            candles: candles.peekable(),
            hours: (Box::new(std::iter::empty()) as Candles).peekable(),
            series_from: MarketTime::MIN,
            recent: VecDeque::new(),
            open: VecDeque::new(),
            stop_pct: f64::INFINITY,
            taken: 0,
        }
    }

    /// Trades end with a fall of so many percent, too.
    pub(crate) fn with_stop(self, stop_pct: f64) -> Self {
        Self { stop_pct, ..self }
    }

    /// Knows closed hours from elsewhere, too, oldest first: each counts once it is over, where candles do not tell of it.
    pub fn with_hours(self, hours: Candles) -> Self {
        Self { hours: hours.peekable(), ..self }
    }

    pub const fn symbol(&self) -> &Symbol {
        self.analysis.symbol()
    }

    /// Candles used so far.
    pub const fn taken(&self) -> u64 {
        self.taken
    }

    /// Passes over candles that opened before `from`: they are not needed even for the warm-up.
    pub(crate) fn skip_before(&mut self, from: MarketTime) {
        while self.candles.next_if(|c| c.open_time < from).is_some() {}
        while self.hours.next_if(|hour| hour.open_time < from).is_some() {}
    }

    /// BTC's part of each step, on the replay of BTCUSDT before its own `step`s.
    pub fn btc_context(&mut self, as_of: MarketTime) -> BtcContext {
        self.advance(as_of);
        self.analysis.btc_context(as_of, as_of)
    }

    /// Goes on to the step `as_of`, which follows the one before. With `scored` the pair says its report.
    pub fn step(&mut self, as_of: MarketTime, btc: &BtcContext, scored: bool) -> Said {
        self.advance(as_of);
        let judged = self.judge_before(as_of);
        let running = self.recent.back().is_some_and(|c| as_of - c.open_time <= HORIZON_MS);
        let report = (scored && running).then(|| self.analysis.report(as_of, as_of, btc));
        if let Some(analysis) = report.as_ref().and_then(|r| r.analysis.as_ref()) {
            self.open.push_back((as_of, analysis.current_price));
        }
        Said { report, judged }
    }

    fn judge_before(&mut self, as_of: MarketTime) -> Option<Judged> {
        let mut judged = None;
        while let Some(&(at, price)) = self.open.front().filter(|(at, _)| *at + HORIZON_MS <= as_of) {
            self.open.pop_front();
            if at + HORIZON_MS == as_of {
                judged = self.judge(at, price);
            }
        }
        judged
    }

    fn judge(&mut self, at: MarketTime, price: f64) -> Option<Judged> {
        let from = self.recent.partition_point(|c| c.open_time < at);
        let candles = &self.recent.make_contiguous()[from..];
        let outcome = judge(at, price, candles, self.config.base.ms());
        if outcome.missing.is_some() || outcome.hit_24h.is_none() {
            return None;
        }
        let floor = price * (1.0 - self.stop_pct / 100.0);
        let stop = candles.iter().position(|c| c.low <= floor);
        let hit = candles.iter().position(|c| reaches(c.high, price));
        let stopped = stop.is_some_and(|stop| hit.is_none_or(|hit| stop <= hit));
        let (entry, last) = (candles.first()?.open, candles.last()?.close);
        Some(Judged { outcome, price, entry, last, stopped })
    }

    fn advance(&mut self, until: MarketTime) {
        while let Some(candle) = self.candles.next_if(|c| c.open_time < until) {
            self.take(&candle);
        }
    }

    fn take(&mut self, candle: &Candle) {
        let base = self.config.base.ms();
        self.taken += 1;
        match self.recent.back().copied() {
            Some(last) if candle.open_time <= last.open_time => {}
            Some(last) if candle.open_time - last.open_time <= LONGEST_FILL_MS => {
                let untold = self.untold(candle.open_time, last.open_time);
                self.analysis.give_hours(&untold);
                for at in (last.open_time + base).steps(base, candle.open_time) {
                    self.apply(&Candle::flat(at, last.close));
                }
                self.apply(candle);
            }
            last => {
                // The hour in which the candles ended is told of if they reached its end.
                let told = last.map_or(MarketTime::MIN, |last| last.open_time + base - HOUR_MS);
                let mut hours = self.analysis.hours_at_end();
                hours.extend(self.untold(candle.open_time, told));
                self.series_from = candle.open_time;
                let symbol = self.analysis.symbol().clone();
                self.analysis = SymbolAnalysis::new(symbol, Arc::clone(&self.config));
                self.recent.clear();
                self.open.clear();
                self.analysis.load(&[], std::slice::from_ref(candle), candle.open_time + base);
                self.analysis.give_hours(&hours);
                self.recent.push_back(*candle);
            }
        }
    }

    /// Closed hours from elsewhere that are over at `now` and of which candles do not tell: those that opened before the series
    /// did, or after `told`.
    fn untold(&mut self, now: MarketTime, told: MarketTime) -> Vec<Candle> {
        let from = self.series_from;
        let over = std::iter::from_fn(|| self.hours.next_if(|hour| hour.open_time + HOUR_MS <= now));
        over.filter(|hour| hour.open_time < from || hour.open_time > told).collect()
    }

    fn apply(&mut self, candle: &Candle) {
        self.analysis.apply(*candle, candle.open_time + self.config.base.ms());
        self.recent.push_back(*candle);
        let oldest = candle.open_time - HORIZON_MS - HOUR_MS;
        while self.recent.front().is_some_and(|c| c.open_time < oldest) {
            self.recent.pop_front();
        }
    }
}
