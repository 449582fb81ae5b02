//! What the learned model reads of one pair beside its scores: raw values, from which features are made.

use serde::{Deserialize, Serialize};

/// Values over the 26 h window at one cut. Changes and ranges in percent, prices in the quote asset.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Inputs {
    /// Change of the price over 5 minutes.
    pub change_5m: f64,
    pub change_15m: f64,
    pub change_4h: f64,
    pub change_12h: f64,
    pub change_24h: f64,
    /// (price - highest high of the 20 bars before) / ATR; 0 where the ATR is 0.
    pub breakout_atr: f64,
    /// Highest high of the 20 bars before.
    pub breakout_high: f64,
    /// Highest high of 24 hours.
    pub high_24h: f64,
    /// Lowest low of 24 hours.
    pub low_24h: f64,
    /// (high - low) / low of the last hour.
    pub range_1h: f64,
    /// Correlation of the closed bars' log returns with BTC's, -1 to 1.
    pub btc_correlation: f64,
    /// BTC's change over 4 hours at the cut; 0 when BTC was not analyzable.
    pub btc_change_4h: f64,
    /// Realised volatility: root of the summed squared log returns of the last 96 closed bars.
    pub volatility_96: f64,
    /// The same over the last 16 closed bars.
    pub volatility_16: f64,
    /// Share of the squared returns of the last 96 bars that rose, 0-1; 0.5 where nothing moved.
    pub upside_96: f64,
    /// Base volume of the last hour against a 24th of 24 h's, percent.
    pub volume_ratio_1h: f64,
    /// Base volume of the last 4 h against a sixth of 24 h's, percent.
    pub volume_ratio_4h: f64,
    /// Quote volume of the last 4 h.
    pub quote_volume_4h: f64,
    pub bars: BarInputs,
    pub days: DayInputs,
}

/// Values over up to 3 days of bars; the newest is the last one closed, or the live one where it ends with the cut. `None` where
/// the pair's bars do not reach. Volatility is that of a day, percent: `rv` of closes (100 sqrt(n / k sum r^2) over the last
/// k bars, n of them a day), `pk` of ranges (Parkinson).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BarInputs {
    pub(crate) rv_1h: Option<f64>,
    pub(crate) rv_4h: Option<f64>,
    pub(crate) rv_12h: Option<f64>,
    pub(crate) rv_1d: Option<f64>,
    pub(crate) rv_3d: Option<f64>,
    pub(crate) pk_4h: Option<f64>,
    pub(crate) pk_1d: Option<f64>,
    /// Bars of a day whose log return is over 0.01.
    pub(crate) moves_up_1d: Option<u32>,
    /// Under -0.01.
    pub(crate) moves_down_1d: Option<u32>,
    /// Share of a day's volume in rising bars, 0-1.
    pub(crate) volume_up_1d: Option<f64>,
    /// Mean rise so far of the last 23 h of bars, whose 24 h are not over: highest high since against the close, percent.
    pub(crate) open_rise: Option<f64>,
    /// Share of them that has reached the target.
    pub(crate) open_hits: Option<f64>,
    /// Highest high of 3 days.
    pub(crate) high_3d: Option<f64>,
    /// Lowest low of 3 days.
    pub(crate) low_3d: Option<f64>,
}

/// Values over days, from closed hours; the newest hour is the last that ended before the live bar. `None` where the pair's
/// history does not reach. Shares 0-1, changes in percent. An hour's *rise* is the highest high of the 24 hours after
/// it against its close: known 24 hours later, so nothing looks ahead.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DayInputs {
    pub hours: u32,
    /// Share of known rises of +7.5 % or more over the last day of hours.
    pub(crate) hits_1d: Option<f64>,
    pub(crate) hits_2d: Option<f64>,
    pub(crate) hits_3d: Option<f64>,
    pub(crate) hits_7d: Option<f64>,
    pub hits_14d: Option<f64>,
    pub(crate) hits_30d: Option<f64>,
    /// Mean known rise over 2 days.
    pub(crate) rise_2d: Option<f64>,
    pub rise_7d: Option<f64>,
    pub(crate) rise_14d: Option<f64>,
    /// Mean ln(known rise or 0, + 0.5) over 7 days.
    pub(crate) log_rise_7d: Option<f64>,
    pub(crate) log_rise_14d: Option<f64>,
    pub(crate) log_rise_30d: Option<f64>,
    /// Mean 24 h range over 3 days.
    pub(crate) range_3d: Option<f64>,
    pub range_7d: Option<f64>,
    /// Close 3 days before the newest hour.
    pub(crate) close_3d: Option<f64>,
    /// Close 7 days before.
    pub close_7d: Option<f64>,
    /// Close 14 days before.
    pub(crate) close_14d: Option<f64>,
    /// Close 30 days before.
    pub(crate) close_30d: Option<f64>,
    /// Highest high of 7 days.
    pub(crate) high_7d: Option<f64>,
    /// Lowest low of 7 days.
    pub(crate) low_7d: Option<f64>,
    /// Highest high of 14 days.
    pub(crate) high_14d: Option<f64>,
    /// Lowest low of 14 days.
    pub(crate) low_14d: Option<f64>,
    /// Highest high of 30 days.
    pub(crate) high_30d: Option<f64>,
    /// Lowest low of 30 days.
    pub(crate) low_30d: Option<f64>,
    /// Mean quote volume of a day over 7 days.
    pub volume_7d: Option<f64>,
    pub(crate) volume_30d: Option<f64>,
    /// Realised volatility of a day over 7 days, percent.
    pub(crate) rv_7d: Option<f64>,
    pub(crate) rv_14d: Option<f64>,
    pub(crate) rv_30d: Option<f64>,
    /// The same over 7 days by the hours' ranges (Parkinson).
    pub(crate) pk_7d: Option<f64>,
    /// Slope of 7 days of hourly log returns on BTC's.
    pub(crate) beta_7d: Option<f64>,
    /// Their correlation, -1 to 1.
    pub(crate) correlation_7d: Option<f64>,
    /// Root mean square of the hourly log returns over 1 day.
    pub(crate) volatility_1d: Option<f64>,
    pub(crate) volatility_7d: Option<f64>,
    /// Greatest rise of one hour's close over 7 days.
    pub(crate) jump_7d: Option<f64>,
}

impl DayInputs {
    /// Does everything that the model was trained with have its value.
    pub const fn full(&self) -> bool {
        self.hits_30d.is_some()
    }
}
