//! What one pair says in one cycle, and the market-wide snapshot made of all reports.

use crate::domain::inputs::Inputs;
use crate::domain::symbol::Symbol;
use crate::domain::time::UtcMs;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Confidence level, weakest first so that levels compare. Names are never translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Below every threshold: counted, not listed.
    Descartada,
    Baja,
    Media,
    Alta,
    Fuerte,
}

impl Level {
    /// The four listed levels, strongest first.
    pub const LISTED: [Self; 4] = [Self::Fuerte, Self::Alta, Self::Media, Self::Baja];

    /// Upper-case name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Descartada => "DESCARTADA",
            Self::Baja => "BAJA",
            Self::Media => "MEDIA",
            Self::Alta => "ALTA",
            Self::Fuerte => "FUERTE",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Points of the five parts of the momentum score.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Components {
    /// 0-25.
    pub rsi: f64,
    /// 0-20.
    pub macd: f64,
    /// 0-25.
    pub volume: f64,
    /// 0-15.
    pub velocity: f64,
    /// 0-15.
    pub breakout: f64,
}

/// The five factors of the rule probability, each 0-1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Factors {
    /// 24 h range against 15 %.
    pub volatility: f64,
    /// Score / 100.
    pub momentum: f64,
    /// Room to the next pivot high.
    pub resistance: f64,
    pub btc_correlation: f64,
    /// 24 h quote volume on a log scale.
    pub liquidity: f64,
}

/// Indicator values behind the points. Prices in the quote asset, ratios and changes in percent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Indicators {
    /// Wilder RSI over 14 bars, 0-100.
    pub rsi_14: f64,
    /// Wilder RSI over 21 bars, 0-100.
    pub rsi_21: f64,
    /// EMA(3) - EMA(10), price units.
    pub macd: f64,
    /// EMA(16) of it.
    pub macd_signal: f64,
    pub macd_histogram: f64,
    /// Last TF minutes' volume against the mean before, percent.
    pub volume_ratio: f64,
    /// Change against 60 minutes before, percent.
    pub velocity_1h: f64,
    /// Wilder ATR over 14 bars before the live bar, price units.
    pub atr_14: f64,
    /// (max high - min low) / min low over 24 h, percent.
    pub volatility_24h: f64,
}

/// One pair's scores at one cut. A pure function of its candles, the BTC context and the profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Up to when the candles reach: the cut if the live candle had closed, else its last event time.
    pub timestamp: UtcMs,
    /// Close of the live candle.
    pub current_price: f64,
    /// Quote volume of the last 1,440 minutes, USDT.
    pub volume_24h: f64,
    /// Momentum score, 0-100, unrounded.
    pub total_score: f64,
    pub components: Components,
    /// The values behind them.
    pub indicators: Indicators,
    /// Rule probability of +7.5 % in 24 h, 0-100, rounded to 2 decimals half to even.
    pub probability_7_5: f64,
    pub factors: Factors,
    /// 0.6 score + 0.4 probability.
    pub composite_score: f64,
    /// Level of the unrounded score.
    pub confidence_level: Level,
    /// False when BTCUSDT was not analyzable at the cut (factor then neutral).
    pub btc_analyzable: bool,
    /// Nearest pivot high above the price, if any.
    pub resistance: Option<f64>,
    /// Within the last 24 h the price jumped across a pause in trading: a token swap looks like a pump.
    pub pause_jump: bool,
    /// What the learned model reads beside all this.
    #[serde(default)]
    pub inputs: Inputs,
}

/// Why a pair is not analyzable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotReady {
    WarmingUp,
    /// Candles are missing inside the window and were asked for.
    Gap,
    /// No news for more than 120 s of market time.
    Stale,
    /// Trading pause, or not TRADING.
    Halted,
}

impl NotReady {
    /// All reasons, in the order of the API.
    pub const ALL: [Self; 4] = [Self::WarmingUp, Self::Gap, Self::Stale, Self::Halted];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WarmingUp => "warming_up",
            Self::Gap => "gap",
            Self::Stale => "stale",
            Self::Halted => "halted",
        }
    }
}

/// Whether a pair can be analysed, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// `None` when analyzable.
    pub reason: Option<NotReady>,
    /// Market time since the newest news of the pair, ms; `None` before the first.
    pub data_age_ms: Option<i64>,
    /// Contiguous base candles in the window, capped at `needed_candles`.
    pub ready_candles: u32,
    /// 1,440 minutes + TF + 1 minute, in base candles.
    pub needed_candles: u32,
    /// Candles that the stream had missed were fetched since the cut before.
    pub refilled: bool,
}

/// One pair's answer to one cycle tick.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub symbol: Symbol,
    /// Its state at the cut.
    pub readiness: Readiness,
    /// Scores; `Some` exactly when analyzable.
    pub analysis: Option<Arc<Analysis>>,
}
