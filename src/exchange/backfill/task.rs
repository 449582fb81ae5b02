//! What is to be fetched, and the requests it takes.

use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, MINUTE_MS};
use crate::exchange::rest::request::{KlinesRequest, MAX_KLINES};

/// Hours that are asked for: 30 days of known rises, the day after them (744), and some to spare. One request gives 1,000.
const HOURS: u16 = 768;

/// What is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// The exchange's list of pairs.
    Universe,
    /// A pair's whole history: bars and base candles.
    Warmup { symbol: Symbol },
    /// A hole in a pair's candles.
    Gap {
        symbol: Symbol,
        /// First missing open time.
        from: MarketTime,
        /// Last missing open time.
        to: MarketTime,
    },
    /// Closed hours of days.
    Hours { symbol: Symbol },
    /// Candles of an outage that predictions still need.
    Past { symbol: Symbol, from: MarketTime, to: MarketTime },
    /// The newest candles of a pair that has been silent.
    Idle {
        symbol: Symbol,
        /// Open time to begin with.
        from: MarketTime,
    },
}

/// Rank within the queue: smaller goes first. Also the kind: one job a symbol and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Universe,
    Gap,
    Idle,
    Warmup,
    Hours,
    Past,
}

/// The pair and the kind of work.
pub(crate) type Key = (Option<Symbol>, Kind);

impl Task {
    /// The pair; `None` for the universe.
    pub(crate) const fn symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Universe => None,
            Self::Warmup { symbol }
            | Self::Hours { symbol }
            | Self::Gap { symbol, .. }
            | Self::Past { symbol, .. }
            | Self::Idle { symbol, .. } => Some(symbol),
        }
    }

    /// From where candles are asked for; nothing tells two questions apart that name no beginning.
    pub(super) const fn from(&self) -> MarketTime {
        match self {
            Self::Gap { from, .. } | Self::Past { from, .. } | Self::Idle { from, .. } => *from,
            Self::Universe | Self::Warmup { .. } | Self::Hours { .. } => MarketTime::MIN,
        }
    }

    pub(crate) fn key(&self) -> Key {
        let kind = match self {
            Self::Universe => Kind::Universe,
            Self::Warmup { .. } => Kind::Warmup,
            Self::Hours { .. } => Kind::Hours,
            Self::Gap { .. } => Kind::Gap,
            Self::Idle { .. } => Kind::Idle,
            Self::Past { .. } => Kind::Past,
        };
        (self.symbol().cloned(), kind)
    }

    /// One task that does the work of both (of the same pair and kind).
    pub(super) fn merged(self, older: &Self) -> Self {
        match (self, older) {
            (Self::Gap { symbol, from, to }, Self::Gap { from: f, to: t, .. }) => {
                Self::Gap { symbol, from: from.min(*f), to: to.max(*t) }
            }
            (Self::Past { symbol, from, to }, Self::Past { from: f, to: t, .. }) => {
                Self::Past { symbol, from: from.min(*f), to: to.max(*t) }
            }
            (Self::Idle { symbol, from }, Self::Idle { from: f, .. }) => {
                Self::Idle { symbol, from: from.min(*f) }
            }
            (newer, _) => newer,
        }
    }
}

/// How much history a pair needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryPlan {
    /// Base interval of the live stream.
    pub base: Interval,
    pub bar: Interval,
    /// Span of base candles, minutes.
    pub(crate) base_span_min: i64,
    /// Bars, at most 1,000.
    pub bars: u16,
}

impl Default for HistoryPlan {
    fn default() -> Self {
        Self { base: Interval::M1, bar: Interval::M15, base_span_min: 1_560, bars: MAX_KLINES }
    }
}

impl HistoryPlan {
    /// The klines requests of a task at market time `now`, oldest first, bars before base candles. Empty
    /// for the universe. Nothing older than the base span is asked for at the base interval, but for `Past`.
    pub(crate) fn requests(&self, task: &Task, now: MarketTime) -> Vec<KlinesRequest> {
        let open = self.base.floor(now);
        let oldest = self.base.floor(now - self.base_span_min * MINUTE_MS);
        match task {
            Task::Universe => Vec::new(),
            Task::Warmup { symbol } => {
                let mut requests = Vec::with_capacity(3);
                if self.bar != self.base {
                    requests.push(KlinesRequest::newest(symbol.clone(), self.bar, self.bars));
                }
                requests.extend(self.pages(symbol, oldest, open, true));
                requests
            }
            Task::Hours { symbol } => vec![KlinesRequest::newest(symbol.clone(), Interval::H1, HOURS)],
            Task::Gap { symbol, from, to } => {
                let (from, to) = (self.base.floor(*from).max(oldest), self.base.floor(*to));
                self.pages(symbol, from, to.min(open).max(from), false)
            }
            Task::Past { symbol, from, to } => {
                self.pages(symbol, self.base.floor(*from), self.base.floor(*to).min(open), false)
            }
            Task::Idle { symbol, from } => {
                self.pages(symbol, self.base.floor(*from).max(oldest).min(open), open, true)
            }
        }
    }

    /// Requests for the open times `from..=to`; with `open_end` the last one reaches up to the present,
    /// since minutes pass while the request waits in the queue.
    fn pages(&self, symbol: &Symbol, from: MarketTime, to: MarketTime, open_end: bool) -> Vec<KlinesRequest> {
        let page_ms = self.base.ms() * i64::from(MAX_KLINES);
        let mut requests = Vec::new();
        let mut start = from;
        while start <= to {
            let last = (start + page_ms - self.base.ms()).min(to);
            requests.push(if open_end && last == to {
                KlinesRequest::since(symbol.clone(), self.base, start)
            } else {
                KlinesRequest::range(symbol.clone(), self.base, start, last)
            });
            start = last + self.base.ms();
        }
        requests
    }
}
