//! One pair from candles to its report: what is committed, what waits, what must be asked for.

pub mod btc;
pub mod config;
mod cut;
mod history;
mod inputs;
mod missing;
mod pending;
mod window;

pub use btc::BtcContext;
pub use config::AnalysisConfig;
pub(crate) use config::TfError;
pub use history::grouped;
pub(crate) use pending::MAX_PENDING;

use crate::domain::candle::Candle;
use crate::domain::duration::Millis;
use crate::domain::minutes::Ohlcv;
use crate::domain::moment::MarketTime;
use crate::domain::readiness::Facts;
use crate::domain::report::Readiness;
use crate::domain::score::profile::Profile;
use crate::domain::symbol::Symbol;
use pending::{Held, Merged, Pending};
use std::sync::Arc;
use window::Window;

/// Newest candles that stay uncommitted although final, so that a cut a little behind them can still be answered: a cycle
/// waits up to 2 s past a full minute, and what came in meanwhile may not change its answer.
const KEEP: usize = 3;

/// What became of a stream event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The live candle changed.
    Updated,
    /// A candle got its close.
    Closed,
    /// Older than what is known: ignored.
    Stale,
    Duplicate,
    /// Taken, but a hole or a lost close stands before it; `wanted` says what to ask.
    Gap,
    /// Not a candle of this series (open time off the grid or after the event, price not above 0): ignored.
    Invalid,
}

/// What REST must be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The whole history: TF bars and base candles.
    Warmup,
    /// Base candles from `from` to `to`, both open times included. Both ends are known candles where there are any,
    /// so that what is missing between them is confirmed empty.
    Range { from: MarketTime, to: MarketTime },
    /// Closed hours of days: inputs of the learned model.
    Hours,
    /// Base candles from this open time on: the pair is silent.
    Tail { from: MarketTime },
}

/// All that is known of one pair.
#[derive(Debug, Clone)]
pub struct SymbolAnalysis {
    symbol: Symbol,
    config: Arc<AnalysisConfig>,
    window: Window,
    pending: Pending,
    news: Option<MarketTime>,
    loaded: bool,
    trading: bool,
    dropped: u64,
    recording: bool,
    /// Open time of a candle that REST gave last and that is over by the exchange's clock alone: REST may have been behind it.
    doubted: Option<MarketTime>,
}

impl SymbolAnalysis {
    /// A pair without history.
    pub fn new(symbol: Symbol, config: Arc<AnalysisConfig>) -> Self {
        let (window, pending) = (Window::new(&config), Pending::default());
        Self {
            symbol,
            config,
            window,
            pending,
            news: None,
            loaded: false,
            trading: true,
            dropped: 0,
            recording: false,
            doubted: None,
        }
    }

    /// The profile that its reports are scored by.
    pub(crate) fn profile(&self) -> &Arc<Profile> {
        &self.config.profile
    }

    /// The warm-up answer of REST at market time `now`: TF bars and base candles, both oldest first; the last ones may be
    /// open. Replaces everything; stream candles that wait are kept and joined. Bars before the first base candle's bar
    /// are used, and that bar itself where the candles begin inside it.
    pub fn load(&mut self, bars: &[Candle], candles: &[Candle], now: MarketTime) {
        let days = self.window.hours.candles();
        let former = std::mem::replace(&mut self.window, Window::new(&self.config));
        let (bars, candles) = former.mended(bars, candles);
        if self.recording {
            self.window.record();
        }
        if let Some(first) = candles.first() {
            self.window.load_bars(&bars, first.open_time);
        }
        if !days.is_empty() {
            Arc::make_mut(&mut self.window.hours).load(&days);
        }
        self.loaded = true;
        self.doubted = None;
        self.join(&candles, now);
    }

    /// Closed hours from REST or the store, oldest first: the model's inputs that look back over days.
    pub fn load_hours(&mut self, hours: &[Candle]) {
        Arc::make_mut(&mut self.window.hours).load(hours);
    }

    /// Has the learned model its inputs over days.
    pub(crate) fn knows_days(&self) -> bool {
        self.window.hours.inputs().full()
    }

    /// The answer to `wanted` at market time `now`: candles oldest first. Candles missing between two of them are
    /// confirmed empty. Counts as news of the pair. False: it does not agree with what was committed, and everything is wanted anew.
    pub fn fill(&mut self, wanted: Wanted, candles: &[Candle], now: MarketTime) -> bool {
        match wanted {
            Wanted::Warmup => self.load(&[], candles, now),
            Wanted::Hours => self.load_hours(candles),
            Wanted::Range { from, .. } | Wanted::Tail { from } => {
                self.doubted = self.doubted.filter(|doubted| *doubted < from);
                let agrees = self.agrees(candles);
                self.loaded &= agrees;
                self.join(candles, now);
                return agrees;
            }
        }
        true
    }

    /// Does REST's word on candles that are committed agree with what was committed. Where it does not, everything is read
    /// anew: the exchange's own record is what counts, and indicators cannot be taken back.
    fn agrees(&self, candles: &[Candle]) -> bool {
        let base = self.config.base.ms();
        // One that is filled stands for a row that made no sense: it says nothing about what the stream brought.
        candles.iter().filter(|c| c.closed && !c.filled && valid(c, base)).all(|candle| {
            let known = self.window.minutes.get(candle.open_time.index(base));
            // An empty minute has no price of its own.
            known.is_none_or(|known| {
                (known.volume == 0.0 && candle.volume == 0.0) || *known == Ohlcv::of(candle)
            })
        })
    }

    fn join(&mut self, candles: &[Candle], now: MarketTime) {
        // Taken out while the answer is laid under them: what the stream has brought since stands above what REST
        // knew.
        let mut known = std::mem::take(&mut self.pending);
        if let Some(next) = self.window.next_open() {
            known.drop_before(next);
        }
        let mut answer = self.confirmed(candles, now);
        if let Some(last) = answer.last().filter(|h| h.candle.closed && h.candle.volume > 0.0) {
            let open_time = last.candle.open_time;
            if known.has_close_of(open_time) {
                answer.pop();
            } else {
                self.doubted = self.doubted.or(Some(open_time));
            }
        }
        let mut all = Pending::default();
        all.extend_sorted(answer);
        for held in known.take_all() {
            all.merge(held);
        }
        self.pending = all;
        self.news = Some(self.news.map_or(now, |news| news.max(now)));
        self.trim();
    }

    /// The answer as a series without holes: what REST left out between two candles is flat.
    fn confirmed(&self, candles: &[Candle], now: MarketTime) -> Vec<Held> {
        let base = self.config.base.ms();
        let next = self.window.next_open();
        let longest = self.config.candles_in(4 * 1_440);
        let mut series: Vec<Held> = Vec::with_capacity(candles.len());
        let mut previous: Option<Candle> = None;
        // Market time may be a moment behind the server that answers; a candle farther ahead is of a clock that is wrong.
        let sound = |c: &&Candle| valid(c, base) && c.open_time <= now + base;
        let candles: Vec<&Candle> = candles.iter().filter(sound).collect();
        for (at, candle) in candles.iter().enumerate() {
            let open = candle.open_time;
            if previous.is_some_and(|p| open <= p.open_time) {
                continue;
            }
            if let Some(before) = previous {
                if (open - before.open_time) / base > longest {
                    series.clear();
                }
                let first = (before.open_time + base).max(open - longest * base);
                for empty in first.steps(base, open) {
                    let candle = Candle::flat(empty, before.close);
                    series.push(Held { candle, event_time: empty + base, streamed: false });
                }
            }
            let closed = candle.closed || at + 1 < candles.len();
            let event_time = if closed { open + base } else { now };
            series.push(Held { candle: Candle { closed, ..**candle }, event_time, streamed: false });
            previous = Some(**candle);
        }
        series.retain(|h| next.is_none_or(|next| h.candle.open_time >= next));
        series
    }

    pub fn apply(&mut self, candle: Candle, event_time: MarketTime) -> Applied {
        let base = self.config.base.ms();
        if !valid(&candle, base) || candle.open_time > event_time {
            return Applied::Invalid;
        }
        if self.window.next_open().is_some_and(|next| candle.open_time < next) {
            return if candle.closed { Applied::Duplicate } else { Applied::Stale };
        }
        if candle.closed && self.doubted.take_if(|doubted| *doubted == candle.open_time).is_some() {
            self.pending.drop_one(candle.open_time);
        }
        match self.pending.merge(Held { candle, event_time, streamed: true }) {
            Merged::Duplicate => return Applied::Duplicate,
            Merged::Older => return Applied::Stale,
            Merged::Taken => {}
        }
        self.news = Some(self.news.map_or(event_time, |news| news.max(event_time)));
        if self.pending.held().len() > MAX_PENDING {
            self.trim();
        }
        if self.broken_before(candle.open_time) {
            Applied::Gap
        } else if candle.closed {
            Applied::Closed
        } else {
            Applied::Updated
        }
    }

    fn broken_before(&self, open_time: MarketTime) -> bool {
        let before = open_time - self.config.base.ms();
        let held = self.pending.held();
        match held.binary_search_by_key(&before, |h| h.candle.open_time) {
            Ok(at) => !held[at].candle.closed,
            Err(0) => self.window.next_open().is_some_and(|next| next < open_time),
            Err(_) => held[0].candle.open_time < open_time,
        }
    }

    /// Commits what is final and older than `live`, without a hole.
    fn commit_before(&mut self, live: MarketTime) {
        let mut committed = 0;
        for held in self.pending.held() {
            let candle = held.candle;
            let follows = self.window.next_open().is_none_or(|next| next == candle.open_time);
            if !self.loaded || !follows || !candle.closed || candle.open_time >= live {
                break;
            }
            self.window.commit(&candle);
            committed += 1;
        }
        self.pending.drop_first(committed);
    }

    fn trim(&mut self) {
        let held = self.pending.held();
        if let Some(keep) = held.len().checked_sub(KEEP).and_then(|at| held.get(at)) {
            self.commit_before(keep.candle.open_time);
        }
        let over = self.pending.held().len().saturating_sub(MAX_PENDING);
        self.pending.drop_first(over);
        self.dropped += over as u64;
    }

    /// Back to a pair without history; whether it trades is known still.
    pub(crate) fn forget(&mut self) {
        let (recording, trading) = (self.recording, self.trading);
        *self = Self::new(self.symbol.clone(), Arc::clone(&self.config));
        self.trading = trading;
        if recording {
            self.record();
        }
    }

    /// From now on every candle and bar that becomes final is put down for `take_recorded`.
    pub fn record(&mut self) {
        self.window.record();
        self.recording = true;
    }

    /// Base candles and bars that became final since the last call, oldest first: hole-free, flat ones included.
    /// Empty unless `record` was called.
    pub(crate) fn take_recorded(&mut self) -> (Vec<Candle>, Vec<Candle>) {
        self.window.take_recorded()
    }

    /// Candles that left the full waiting area since the last call; each is asked for again.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    /// The pair's status became, or ceased to be, TRADING.
    pub(crate) const fn set_trading(&mut self, trading: bool) {
        self.trading = trading;
    }

    pub const fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// Open time of the newest candle.
    pub(crate) fn last_open_time(&self) -> Option<MarketTime> {
        let newest = self.pending.held().last().map(|h| h.candle.open_time);
        newest.or_else(|| self.window.next_open().map(|next| next - self.config.base.ms()))
    }

    /// Open time of the newest candle if a closing event of it is to come: in one without trades none does.
    pub(crate) fn awaits_close(&self) -> Option<MarketTime> {
        let newest = self.pending.held().last()?.candle;
        (!newest.closed && newest.volume > 0.0).then_some(newest.open_time)
    }

    /// Open time of the newest candle that is committed.
    pub(crate) fn last_committed(&self) -> Option<MarketTime> {
        self.window.next_open().map(|next| next - self.config.base.ms())
    }

    fn visible(&self, as_of: MarketTime) -> &[Held] {
        let held = self.pending.held();
        &held[..held.partition_point(|h| h.candle.open_time < as_of)]
    }

    /// The pair's state at the cut `as_of`, at market time `now`.
    pub fn readiness(&self, as_of: MarketTime, now: MarketTime) -> Readiness {
        let visible = self.visible(as_of);
        let hole = self.hole(visible, now, false);
        let mut pause = self.window.pause;
        for held in visible {
            pause.push(held.candle.filled, self.config.base.minutes());
        }
        let behind = visible.is_empty() && !self.window.minutes.is_empty();
        let needed = self.config.needed_candles() as usize;
        Facts {
            trading: self.trading,
            loaded: self.loaded,
            gap: hole.is_some() || behind,
            paused: pause.paused(),
            candles: self.contiguous(visible),
            bars: self.bars_at(visible),
            needed_candles: needed,
            data_age_ms: self.news.map(|news| (now - news).max(0)),
            stale_after_ms: self.config.stale_after.ms(),
        }
        .readiness()
    }

    /// Length of the series without a hole that ends with the live candle.
    fn contiguous(&self, visible: &[Held]) -> usize {
        let base = self.config.base.ms();
        let breaks = |w: &[Held]| w[1].candle.open_time - w[0].candle.open_time != base;
        let run = visible.windows(2).rev().position(breaks).map_or(visible.len(), |at| at + 1);
        let joins = visible.first().is_none_or(|h| self.window.next_open() == Some(h.candle.open_time));
        if run == visible.len() && joins { run + self.window.minutes.len() } else { run }
    }

    fn bars_at(&self, visible: &[Held]) -> usize {
        let Some(live) = visible.last() else { return self.window.bars.len() };
        let tf = self.config.tf.ms();
        let first = if self.window.bars.is_empty() {
            let oldest = MarketTime::from_index(self.window.minutes.first(), self.config.base.ms());
            let oldest = if self.window.minutes.is_empty() { visible[0].candle.open_time } else { oldest };
            oldest.index(tf)
        } else {
            self.window.bars.first()
        };
        (live.candle.open_time.index(tf) - first + 1).max(0) as usize
    }
}

fn valid(c: &Candle, base_ms: i64) -> bool {
    let prices = [c.open, c.high, c.low, c.close];
    c.open_time.starts(base_ms)
        && prices.iter().all(|p| *p > 0.0 && p.is_finite())
        && c.low <= c.high
        && [c.volume, c.quote_volume].iter().all(|v| *v >= 0.0 && v.is_finite())
}
