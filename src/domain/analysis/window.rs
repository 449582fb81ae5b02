//! The committed state of one pair: final base candles, closed bars, and the scores of a live candle on top of them.

use super::btc::{self, BtcContext};
use super::config::AnalysisConfig;
use crate::domain::bar_inputs;
use crate::domain::bars::Bars;
use crate::domain::candle::Candle;
use crate::domain::hours::Hours;
use crate::domain::indicator::extrema::range_pct;
use crate::domain::indicator::pearson::{self, Regression, Return};
use crate::domain::inputs::{BarInputs, DayInputs};
use crate::domain::minutes::{Minutes, Ohlcv};
use crate::domain::moment::MarketTime;
use crate::domain::readiness::{Pause, PauseJump};
use crate::domain::report::{Analysis, Components, Factors, Indicators, Level};
use crate::domain::score::apply::apply;
use crate::domain::score::components as points;
use std::sync::Arc;

/// Minutes kept: 26 h. The volume ratio looks 1,440 + TF minutes back, TF up to 60, and the rest is room for cuts behind.
const WINDOW_MIN: i64 = 1_560;

/// Correlation with BTC, valid for one closed bar of either side.
#[derive(Debug, Clone)]
struct Correlation {
    bars_next: i64,
    with: Arc<[Return]>,
    value: f64,
}

/// The hours against BTC's, valid for one closed hour of either side.
#[derive(Debug, Clone)]
struct WithBtc {
    hours: (i64, usize),
    with: Arc<[Return]>,
    fit: Option<Regression>,
}

/// Returns of closed hours, and which hours they are of.
type HourReturns = ((i64, usize), Arc<[Return]>);

#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) base_ms: i64,
    tf_ms: i64,
    pub(super) minutes: Minutes,
    pub(super) bars: Bars,
    /// Shared with copies: most of them end before the next bar does.
    pub(super) hours: Arc<Hours>,
    forming: Option<(i64, Ohlcv)>,
    pub(super) pause: Pause,
    jump: PauseJump,
    jump_rule: (i64, f64),
    correlation: Option<Correlation>,
    returns: Option<(i64, Arc<[Return]>)>,
    with_btc: Option<WithBtc>,
    hour_returns: Option<HourReturns>,
    /// Values of the closed bars, valid for one of them.
    bar_inputs: Option<(i64, BarInputs)>,
    /// Final candles and bars for whoever keeps them.
    recorded: Option<(Vec<Candle>, Vec<Candle>)>,
}

impl Window {
    pub(super) fn new(config: &AnalysisConfig) -> Self {
        let capacity = config.candles_in(WINDOW_MIN).max(config.needed_candles()) + 32;
        Self {
            base_ms: config.base.ms(),
            tf_ms: config.tf.ms(),
            minutes: Minutes::new(capacity as usize),
            bars: Bars::new(config.tf.ms()),
            hours: Arc::default(),
            forming: None,
            pause: Pause::default(),
            jump: PauseJump::default(),
            jump_rule: (config.pause_jump_min, config.pause_jump_pct),
            correlation: None,
            returns: None,
            with_btc: None,
            hour_returns: None,
            bar_inputs: None,
            recorded: None,
        }
    }

    /// Open time that follows the newest committed candle.
    pub(super) fn next_open(&self) -> Option<MarketTime> {
        (!self.minutes.is_empty()).then(|| MarketTime::from_index(self.minutes.next(), self.base_ms))
    }

    /// Bars from REST, before any candle. Missing ones between two of them are flat.
    pub(super) fn load_bars(&mut self, bars: &[Candle], first_candle: MarketTime) {
        let first_bar = first_candle.index(self.tf_ms);
        let aligned = first_candle.starts(self.tf_ms);
        for bar in bars {
            let index = bar.open_time.index(self.tf_ms);
            let before = index < first_bar || (index == first_bar && !aligned);
            if before && bar.closed && bar.open_time.starts(self.tf_ms) {
                self.push_bar(index, &Ohlcv::of(bar));
            }
        }
        if !self.bars.is_empty() && aligned {
            self.fill_bars(first_bar);
        }
    }

    /// Answers of REST for bars and candles in which what is known here stands for entries that made no sense: those say nothing of
    /// what was traded.
    pub(super) fn mended(&self, bars: &[Candle], candles: &[Candle]) -> (Vec<Candle>, Vec<Candle>) {
        let mend = |said: &Candle, known: Option<&Ohlcv>| match known {
            Some(known) if said.filled && known.volume > 0.0 => known.candle(said.open_time, true, false),
            _ => *said,
        };
        let bar = |c: &Candle| mend(c, self.bars.get(c.open_time.index(self.tf_ms)));
        let candle = |c: &Candle| mend(c, self.minutes.get(c.open_time.index(self.base_ms)));
        (bars.iter().map(bar).collect(), candles.iter().map(candle).collect())
    }

    pub(super) fn record(&mut self) {
        self.recorded.get_or_insert_default();
    }

    pub(super) fn take_recorded(&mut self) -> (Vec<Candle>, Vec<Candle>) {
        // The recorder stays in place: `None` would mean that nobody wants them any more.
        self.recorded.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn push_bar(&mut self, index: i64, bar: &Ohlcv) {
        if !self.bars.is_empty() {
            if index < self.bars.next() {
                return;
            }
            self.fill_bars(index);
        }
        self.bars.push(index, bar);
        let open_time = MarketTime::from_index(index, self.tf_ms);
        Arc::make_mut(&mut self.hours).push_bar(open_time, self.tf_ms, bar);
        if let Some((_, bars)) = &mut self.recorded {
            bars.push(bar.candle(open_time, true, false));
        }
    }

    fn fill_bars(&mut self, until: i64) {
        let Some(close) = self.bars.get(self.bars.next() - 1).map(|b| b.close) else { return };
        if until - self.bars.next() > self.bars.len() as i64 + 1_000 {
            return;
        }
        while self.bars.next() < until {
            let next = self.bars.next();
            let open_time = MarketTime::from_index(next, self.tf_ms);
            let flat = Ohlcv::of(&Candle::flat(open_time, close));
            self.bars.push(next, &flat);
            Arc::make_mut(&mut self.hours).push_bar(open_time, self.tf_ms, &flat);
        }
    }

    /// Takes the next final candle.
    pub(super) fn commit(&mut self, candle: &Candle) {
        self.minutes.push(candle.open_time.index(self.base_ms), candle);
        if let Some((candles, _)) = &mut self.recorded {
            candles.push(*candle);
        }
        let base_min = self.base_ms / crate::domain::time::MINUTE_MS;
        self.pause.push(candle.filled, base_min);
        self.jump.push(candle, base_min, self.jump_rule.0, self.jump_rule.1);
        let bar = candle.open_time.index(self.tf_ms);
        if !self.bars.is_empty() && bar < self.bars.next() {
            return;
        }
        let value = Ohlcv::of(candle);
        match &mut self.forming {
            Some((index, forming)) if *index == bar => forming.extend(&value),
            other => *other = Some((bar, value)),
        }
        if (candle.open_time + self.base_ms).starts(self.tf_ms)
            && let Some((index, formed)) = self.forming.take()
        {
            self.push_bar(index, &formed);
        }
    }

    pub(super) fn change_over(&self, live: &Candle, minutes: i64) -> f64 {
        let back = (live.open_time - minutes * crate::domain::time::MINUTE_MS).index(self.base_ms);
        self.minutes.get(back).map_or(0.0, |then| points::change_pct(live.close, then.close))
    }

    /// Returns of the last closed bars, computed once for each bar.
    pub(super) fn returns(&mut self) -> Arc<[Return]> {
        let next = self.bars.next();
        if let Some((at, cached)) = &self.returns
            && *at == next
        {
            return Arc::clone(cached);
        }
        let fresh: Arc<[Return]> = self.bars.returns(btc::RETURNS).into();
        self.returns = Some((next, Arc::clone(&fresh)));
        fresh
    }

    fn correlation(&mut self, is_btc: bool, context: &BtcContext) -> f64 {
        if is_btc {
            return 1.0;
        }
        let bars_next = self.bars.next();
        if let Some(c) = &self.correlation
            && c.bars_next == bars_next
            && Arc::ptr_eq(&c.with, &context.returns)
        {
            return c.value;
        }
        let value = pearson::matched(&self.returns(), &context.returns, btc::MIN_MATCHES);
        self.correlation = Some(Correlation { bars_next, with: Arc::clone(&context.returns), value });
        value
    }

    /// Returns of the closed hours that pairs are held against, computed once for each hour.
    pub(super) fn hour_returns(&mut self) -> Arc<[Return]> {
        let version = self.hours.version();
        if let Some((at, cached)) = &self.hour_returns
            && *at == version
        {
            return Arc::clone(cached);
        }
        let fresh: Arc<[Return]> = self.hours.returns().into();
        self.hour_returns = Some((version, Arc::clone(&fresh)));
        fresh
    }

    /// What looks back over days of hours.
    pub(super) fn day_inputs(&mut self, is_btc: bool, context: &BtcContext) -> DayInputs {
        let fit = if is_btc {
            Some(Regression { correlation: 1.0, slope: 1.0 })
        } else {
            self.with_btc(&context.hours)
        };
        let (beta_7d, correlation_7d) = (fit.map(|f| f.slope), fit.map(|f| f.correlation));
        DayInputs { beta_7d, correlation_7d, ..*self.hours.inputs() }
    }

    fn with_btc(&mut self, with: &Arc<[Return]>) -> Option<Regression> {
        let hours = self.hours.version();
        if let Some(known) = &self.with_btc
            && known.hours == hours
            && Arc::ptr_eq(&known.with, with)
        {
            return known.fit;
        }
        let fit = pearson::regression(&self.hour_returns(), with, btc::MIN_HOURS);
        self.with_btc = Some(WithBtc { hours, with: Arc::clone(with), fit });
        fit
    }

    /// What looks back over bars. The bar of the live candle counts where it ends with it: at a full hour everything is known
    /// up to that hour.
    pub(super) fn bar_inputs(&mut self, live: &Candle) -> BarInputs {
        let next = self.bars.next();
        if (live.open_time + self.base_ms).starts(self.tf_ms) {
            let index = live.open_time.index(self.tf_ms);
            let mut bar = Ohlcv::of(live);
            match &self.forming {
                Some((forming, before)) if *forming == index => {
                    bar = *before;
                    bar.extend(&Ohlcv::of(live));
                }
                _ => {}
            }
            return bar_inputs::of(&self.bars, (index == next).then_some(&bar));
        }
        match self.bar_inputs {
            Some((at, known)) if at == next => known,
            _ => self.bar_inputs.insert((next, bar_inputs::of(&self.bars, None))).1,
        }
    }

    fn indicators(&self, live: &Candle, config: &AnalysisConfig) -> (Indicators, f64) {
        let at = live.open_time.index(self.base_ms);
        let (day, tf) = (config.candles_in(1_440), config.candles_in(config.tf.minutes()));
        let recent = self.minutes.span(at - tf + 1, at).volume + live.volume;
        let before = self.minutes.span(at - tf + 1 - day, at - tf + 1).volume;
        let today = self.minutes.span(at - day + 1, at);
        let state = self.bars.provisional(live.close);
        let values = Indicators {
            rsi_14: finite(state.rsi_14),
            rsi_21: finite(state.rsi_21),
            macd: finite(state.macd.line),
            macd_signal: finite(state.macd.signal),
            macd_histogram: finite(state.macd.histogram),
            volume_ratio: points::volume_ratio(recent, before / (day / tf) as f64),
            velocity_1h: self.change_over(live, 60),
            atr_14: finite(self.bars.atr()),
            volatility_24h: range_pct(today.high.max(live.high), today.low.min(live.low)),
        };
        (values, finite(today.quote_volume + live.quote_volume))
    }

    /// The scores of `live`, which follows the newest committed candle.
    pub(super) fn analyze(
        &mut self,
        live: &Candle,
        timestamp: MarketTime,
        config: &AnalysisConfig,
        is_btc: bool,
        context: &BtcContext,
    ) -> Analysis {
        let price = live.close;
        let (indicators, volume_24h) = self.indicators(live, config);
        let high = self.bars.breakout_high().unwrap_or(price);
        let correlation = self.correlation(is_btc, context);
        let days = self.day_inputs(is_btc, context);
        let btc_change_4h = if context.analyzable { context.change_pct } else { 0.0 };
        let mut jump = self.jump;
        jump.push(live, self.base_ms / crate::domain::time::MINUTE_MS, self.jump_rule.0, self.jump_rule.1);
        let mut analysis = Analysis {
            timestamp,
            current_price: price,
            volume_24h,
            total_score: 0.0,
            components: Components::default(),
            indicators,
            probability_7_5: 0.0,
            factors: Factors::default(),
            composite_score: 0.0,
            confidence_level: Level::Descartada,
            btc_analyzable: context.analyzable,
            resistance: self.bars.resistance(price),
            pause_jump: jump.within_a_day(live.open_time),
            inputs: self.inputs(live, config, high, (correlation, btc_change_4h), days),
        };
        apply(&mut analysis, &config.profile);
        analysis
    }
}

pub(super) fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}
