//! One pair: its candle window and indicators live here, on the thread of the connection that feeds it.
//!
//! The rules are `domain::analysis`; this actor only carries messages to it, and asks REST for what it misses.

use crate::actors::barrier::CloseBarrier;
use crate::actors::common::Common;
use crate::actors::history::rows;
use crate::actors::history::sink::RowSink;
use crate::actors::lags::CloseLags;
use crate::actors::mailbox::Outlet;
use crate::actors::messages::{
    Ask, CandleUpdate, ClockFell, Filled, GetBtc, GetCandles, GetReport, OutageOver, Poison, Reconnected,
    Reported, SetTrading, Stop, Suspect, Tick, Warmed,
};
use crate::actors::ports::history::HistoryBatch;
use crate::domain::analysis::{AnalysisConfig, Applied, BtcContext, SymbolAnalysis, Wanted};
use crate::domain::candle::Candle;
use crate::domain::moment::{MarketTime, MonoTime};
use crate::domain::report::{NotReady, Report};
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::learning::arms::rescored;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler};
use std::sync::Arc;
use std::time::Duration;

/// Messages a pair may have waiting. A kline event that finds no room is lost: a live update is replaced by the next
/// one, a lost close or a hole shows as `gap` and is asked for by REST.
pub(crate) const MAILBOX: usize = 64;
/// How often a pair looks whether something is missing, machine time: a hole is asked about before the next cycle of a scanner that
/// is set to be fast; hundreds of pairs look twice a second at little cost.
const SWEEP: Duration = Duration::from_millis(500);
/// The same question is not put to REST again before this, ms of machine time: an answer takes a second or two where many ask, and
/// each costs weight.
const ASK_AGAIN_MS: i64 = 3_000;
/// After a reconnect a pair may confirm by its next event that nothing was missed; then REST is asked, ms.
const CONFIRM_WITHIN_MS: i64 = 1_500;

/// A pair waits no longer for the answer, ms of machine time: a pause that the exchange asks for may last for days, and the streams
/// go on meanwhile. Hundreds of pairs are answered within two minutes.
const HOURS_WITHIN_MS: i64 = 300_000;

/// Candles before an outage that are held against REST's record after it, base candles: the last ones may have come by a
/// connection that was failing already.
const CHECK_BACK: i64 = 5;

/// The actor of one pair.
pub struct SymbolActor {
    symbol: Symbol,
    analysis: SymbolAnalysis,
    links: PairLinks,
    base_ms: i64,
    /// Base interval and length of a bar.
    intervals: (Interval, Interval),
    spoke: Spoke,
    asked: Option<(Wanted, MonoTime)>,
    /// Machine time of a reconnect after which it is not yet known whether something was missed.
    unverified_since: Option<MonoTime>,
    /// Open time from which REST's record is still to be compared after an outage.
    check_from: Option<MarketTime>,
    last_cut: Option<(MarketTime, BtcContext)>,
    /// Candles that the stream had missed came by REST since the newest cut.
    refilled: bool,
    /// The exchange was asked for hours and has answered, or has failed to for too often.
    hours_came: bool,
    /// When it was first asked for them.
    hours_asked: Option<MonoTime>,
}

/// What a pair works with beside its candles.
#[derive(Clone)]
pub(crate) struct PairLinks {
    pub(crate) common: Common,
    pub(crate) rows: RowSink,
    pub(crate) barrier: Arc<CloseBarrier>,
    pub(crate) lags: Arc<CloseLags>,
    /// The REST queue.
    pub(crate) ask: Outlet<Ask>,
    pub(crate) ranker: Outlet<Reported>,
}

/// What the close barrier was told.
#[derive(Debug, Clone, Copy, Default)]
struct Spoke {
    open_time: MarketTime,
    closed: bool,
}

impl SymbolActor {
    /// A pair without history: it asks for it as soon as it runs.
    pub(crate) fn new(symbol: Symbol, config: &Arc<AnalysisConfig>, links: PairLinks) -> Self {
        let mut analysis = SymbolAnalysis::new(symbol.clone(), Arc::clone(config));
        if links.rows.wants_candles() {
            analysis.record();
        }
        Self {
            analysis,
            intervals: (config.base, config.tf),
            symbol,
            links,
            base_ms: config.base.ms(),
            spoke: Spoke::default(),
            asked: None,
            unverified_since: None,
            check_from: None,
            last_cut: None,
            refilled: false,
            hours_came: false,
            hours_asked: None,
        }
    }

    fn ask(&mut self, wanted: Wanted) {
        let mono = self.links.common.clocks.mono_time();
        if self.asked.as_ref().is_some_and(|(last, at)| *last == wanted && mono - *at < ASK_AGAIN_MS) {
            return;
        }
        self.asked = Some((wanted, mono));
        self.links.ask.send(Ask { symbol: self.symbol.clone(), wanted });
    }

    fn ask_tail(&mut self) {
        match self.analysis.last_open_time() {
            Some(open_time) => self.ask(Wanted::Tail { from: open_time }),
            None => self.ask(Wanted::Warmup),
        }
    }

    fn sweep(&mut self) {
        if let Some(wanted) = self.analysis.wanted(self.links.common.clocks.now()) {
            self.ask(wanted);
        } else if let Some(since) = self.unverified_since
            && self.links.common.clocks.mono_time() - since >= CONFIRM_WITHIN_MS
        {
            self.ask_tail();
        } else if let Some(from) = self.check_from {
            self.ask(Wanted::Tail { from });
        } else if let Some(from) = self.analysis.doubted() {
            self.ask(Wanted::Tail { from });
        } else if self.wants_hours() {
            self.hours_asked.get_or_insert(self.links.common.clocks.mono_time());
            self.ask(Wanted::Hours);
        }
    }

    /// Days of hours are for the model alone, and come after the first full ranking: they must not delay it.
    fn wants_hours(&self) -> bool {
        let may = self.links.common.view.published().is_some() && self.analysis.last_open_time().is_some();
        may && self.lacks_hours()
    }

    fn lacks_hours(&self) -> bool {
        self.links.common.model.is_present() && !self.hours_came && !self.analysis.knows_days()
    }

    /// No episode begins while it does.
    fn awaits_hours(&self) -> bool {
        let mono = self.links.common.clocks.mono_time();
        self.lacks_hours() && self.hours_asked.is_none_or(|asked| mono - asked < HOURS_WITHIN_MS)
    }

    /// Hands candles that became final to the history; those up to `known` are there already.
    fn keep(&mut self, known: MarketTime) {
        let (mut candles, mut bars) = self.analysis.take_recorded();
        candles.retain(|c| c.open_time > known);
        bars.retain(|b| b.open_time > known);
        let (base, tf) = self.intervals;
        let mut rows = rows::candles(&self.symbol, base, candles);
        if tf != base {
            rows.extend(rows::candles(&self.symbol, tf, bars));
        }
        if !rows.is_empty() {
            self.links.rows.keep(HistoryBatch { candles: rows, ..HistoryBatch::default() });
        }
    }

    fn opened(&mut self, open_time: MarketTime) {
        if open_time > self.spoke.open_time {
            self.spoke = Spoke { open_time, closed: false };
            self.links.barrier.opened(open_time);
        }
    }

    /// REST may have shown a candle that the stream says nothing of before its close: a cut waits for that as well.
    fn await_close(&mut self) {
        if let Some(open_time) = self.analysis.awaits_close() {
            self.opened(open_time);
        }
    }

    fn tell_barrier(&mut self, candle: &Candle) {
        self.opened(candle.open_time);
        if candle.closed && candle.open_time == self.spoke.open_time && !self.spoke.closed {
            self.spoke.closed = true;
            self.links.barrier.closed(candle.open_time);
        }
    }

    fn report_at(&mut self, as_of: MarketTime, now: MarketTime, btc: &BtcContext) -> Report {
        let mut report = self.analysis.report(as_of, now, btc);
        let profile = self.links.common.view.profile();
        // Another one was put in force since the start: its scores are made anew from what the candles decide.
        if !Arc::ptr_eq(&profile, self.analysis.profile()) {
            report = rescored(&report, &profile);
        }
        report.readiness.refilled = self.refilled;
        report.readiness.awaits_hours = self.awaits_hours();
        if self.unverified_since.is_some() && report.readiness.reason.is_none() {
            report.readiness.reason = Some(NotReady::Gap);
            report.analysis = None;
        }
        report
    }
}

impl Actor for SymbolActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.sweep();
        ctx.run_interval(self.links.common.pace.every(SWEEP), |pair, _| pair.sweep());
    }
}

impl Handler<CandleUpdate> for SymbolActor {
    type Result = ();

    fn handle(&mut self, news: CandleUpdate, _: &mut Self::Context) {
        self.tell_barrier(&news.candle);
        match self.analysis.apply(news.candle, news.event_time) {
            Applied::Updated => self.unverified_since = None,
            Applied::Closed => {
                self.unverified_since = None;
                let lag_ms = news.event_time - news.candle.open_time - self.base_ms;
                self.links.lags.add(lag_ms);
                metrics::histogram!("impulso_close_lag_ms").record(lag_ms.max(0) as f64);
            }
            Applied::Gap => metrics::counter!("impulso_gaps_total").increment(1),
            _ => metrics::counter!("impulso_klines_ignored_total").increment(1),
        }
        match self.analysis.take_dropped() {
            0 => {}
            over => self.links.common.drops.add_many("pending_candles", over),
        }
    }
}

impl Handler<Tick> for SymbolActor {
    type Result = ();

    fn handle(&mut self, Tick(tick): Tick, _: &mut Self::Context) {
        let report = self.report_at(tick.as_of, tick.now, &tick.btc);
        self.keep(MarketTime::MIN);
        self.last_cut = Some((tick.as_of, tick.btc.clone()));
        self.refilled = false;
        self.links.ranker.send(Reported { tick: tick.tick, report });
    }
}

impl Handler<GetBtc> for SymbolActor {
    type Result = actix::MessageResult<GetBtc>;

    fn handle(&mut self, ask: GetBtc, _: &mut Self::Context) -> Self::Result {
        let unverified = self.unverified_since.is_some();
        actix::MessageResult(if unverified {
            BtcContext::unavailable()
        } else {
            self.analysis.btc_context(ask.as_of, ask.now)
        })
    }
}

impl Handler<GetReport> for SymbolActor {
    type Result = Option<Report>;

    fn handle(&mut self, _: GetReport, _: &mut Self::Context) -> Self::Result {
        let (as_of, btc) = self.last_cut.clone()?;
        let now = self.links.common.clocks.now();
        Some(self.report_at(as_of, now, &btc))
    }
}

impl Handler<GetCandles> for SymbolActor {
    type Result = Vec<Candle>;

    fn handle(&mut self, ask: GetCandles, _: &mut Self::Context) -> Self::Result {
        self.analysis.candles(ask.interval, ask.limit)
    }
}

impl Handler<Warmed> for SymbolActor {
    type Result = ();

    fn handle(&mut self, warmed: Warmed, _: &mut Self::Context) {
        let now = self.links.common.clocks.now();
        self.analysis.load(&warmed.bars, &warmed.candles, now);
        self.await_close();
        self.refilled = true;
        self.check_from = None;
        self.keep(warmed.kept_until.unwrap_or(MarketTime::MIN));
        self.unverified_since = None;
        self.asked = None;
    }
}

impl Handler<Filled> for SymbolActor {
    type Result = ();

    fn handle(&mut self, filled: Filled, _: &mut Self::Context) {
        if filled.wanted == Wanted::Hours {
            self.hours_came = true;
            self.asked = None;
            self.analysis.load_hours(&filled.candles);
            return;
        }
        let now = self.links.common.clocks.now();
        let before = self.analysis.last_open_time().unwrap_or(MarketTime::MAX);
        // An idle pair is asked about too: only trades that the stream had not brought count.
        self.refilled |= matches!(filled.wanted, Wanted::Range { .. })
            || filled.candles.iter().any(|c| c.open_time > before && c.volume > 0.0);
        // A question may have been joined with an older one that begins earlier.
        if let Wanted::Tail { from } = filled.wanted
            && self.check_from.is_some_and(|check| from <= check)
        {
            self.check_from = None;
        }
        if !self.analysis.fill(filled.wanted, &filled.candles, now) {
            metrics::counter!("impulso_candles_refuted_total").increment(1);
            tracing::warn!(symbol = %self.symbol, "stored candles are not those of the exchange: the pair is read anew");
        }
        self.await_close();
        self.unverified_since = None;
        self.asked = None;
        self.sweep();
    }
}

impl Handler<SetTrading> for SymbolActor {
    type Result = ();

    fn handle(&mut self, trading: SetTrading, _: &mut Self::Context) {
        self.analysis.set_trading(trading.0);
        self.sweep();
    }
}

impl Handler<Reconnected> for SymbolActor {
    type Result = ();

    fn handle(&mut self, _: Reconnected, _: &mut Self::Context) {
        self.unverified_since = Some(self.links.common.clocks.mono_time());
    }
}

impl Handler<OutageOver> for SymbolActor {
    type Result = ();

    fn handle(&mut self, _: OutageOver, _: &mut Self::Context) {
        self.check_from = self.analysis.last_committed().map(|open| open - CHECK_BACK * self.base_ms);
    }
}

impl Handler<ClockFell> for SymbolActor {
    type Result = ();

    fn handle(&mut self, _: ClockFell, _: &mut Self::Context) {
        self.analysis.forget();
        (self.spoke, self.asked, self.last_cut) = (Spoke::default(), None, None);
        (self.unverified_since, self.check_from) = (None, None);
        (self.hours_came, self.hours_asked) = (false, None);
        self.sweep();
    }
}

impl Handler<Suspect> for SymbolActor {
    type Result = ();

    fn handle(&mut self, _: Suspect, _: &mut Self::Context) {
        self.ask_tail();
    }
}

impl Handler<Poison> for SymbolActor {
    type Result = ();

    fn handle(&mut self, _: Poison, _: &mut Self::Context) {
        panic!("{} was asked to panic", self.symbol);
    }
}

impl Handler<Stop> for SymbolActor {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
