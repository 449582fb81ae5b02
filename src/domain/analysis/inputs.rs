//! The learned model's raw inputs of one pair at a cut.

use super::config::AnalysisConfig;
use super::window::{Window, finite};
use crate::domain::candle::Candle;
use crate::domain::indicator::extrema::range_pct;
use crate::domain::inputs::{DayInputs, Inputs};

/// Closed bars behind the short volatility: 4 h of 15-minute bars.
const SHORT: usize = 16;

impl Window {
    /// Inputs at `live`, which follows the newest committed candle; `high`: highest high of the 20 bars before.
    pub(super) fn inputs(
        &mut self,
        live: &Candle,
        config: &AnalysisConfig,
        high: f64,
        (btc_correlation, btc_change_4h): (f64, f64),
        days: DayInputs,
    ) -> Inputs {
        let at = live.open_time.index(self.base_ms);
        let last = |minutes: i64| self.minutes.span(at - config.candles_in(minutes) + 1, at);
        let (hour, four, day) = (last(60), last(240), last(1_440));
        let atr = self.bars.atr();
        let returns = self.bars.returns(96);
        let square = |from: usize| returns[from..].iter().map(|(_, r)| r * r).sum::<f64>();
        let all = square(0);
        let up: f64 = returns.iter().filter(|(_, r)| *r > 0.0).map(|(_, r)| r * r).sum();
        let [volume_1h, volume_4h, volume_24h] = [hour, four, day].map(|span| span.volume + live.volume);
        let against_day = |volume: f64, parts: f64| {
            if volume_24h > 0.0 { finite(100.0 * parts * volume / volume_24h) } else { 0.0 }
        };
        Inputs {
            change_5m: self.change_over(live, 5),
            change_15m: self.change_over(live, 15),
            change_4h: self.change_over(live, 240),
            change_12h: self.change_over(live, 720),
            change_24h: self.change_over(live, 1_440),
            breakout_atr: if atr > 0.0 { finite((live.close - high) / atr) } else { 0.0 },
            breakout_high: high,
            high_24h: day.high.max(live.high),
            low_24h: day.low.min(live.low),
            range_1h: range_pct(hour.high.max(live.high), hour.low.min(live.low)),
            btc_correlation,
            btc_change_4h,
            volatility_96: 100.0 * finite(all.sqrt()),
            volatility_16: 100.0 * finite(square(returns.len().saturating_sub(SHORT)).sqrt()),
            upside_96: if all > 0.0 { finite(up / all) } else { 0.5 },
            volume_ratio_1h: against_day(volume_1h, 24.0),
            volume_ratio_4h: against_day(volume_4h, 6.0),
            quote_volume_4h: four.quote_volume + live.quote_volume,
            bars: self.bar_inputs(live),
            days,
        }
    }
}
