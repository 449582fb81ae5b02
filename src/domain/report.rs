//! What one pair says in one cycle, and the market-wide snapshot made of all reports.

use crate::domain::inputs::Inputs;
use crate::domain::moment::MarketTime;
use crate::domain::named::named;
use crate::domain::symbol::Symbol;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Confidence level, weakest first so that levels compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
}

named!(Level, "level": {
    Descartada = "DESCARTADA",
    Baja = "BAJA",
    Media = "MEDIA",
    Alta = "ALTA",
    Fuerte = "FUERTE",
});

/// Points of the five parts of the momentum score.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ComponentScores))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ProbabilityFactors))]
pub struct Factors {
    /// 24 h range against 15 %.
    #[serde(with = "narrow")]
    pub volatility: f64,
    /// Score / 100.
    #[serde(with = "narrow")]
    pub momentum: f64,
    /// Room to the next pivot high.
    #[serde(with = "narrow")]
    pub resistance: f64,
    #[serde(with = "narrow")]
    pub btc_correlation: f64,
    /// 24 h quote volume on a log scale.
    #[serde(with = "narrow")]
    pub liquidity: f64,
}

/// Numbers that row formats keep with 32 bits: nobody reads more of them, and there are fourteen a pair and cycle.
mod narrow {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.serialize_f64(*value);
        }
        #[expect(clippy::cast_possible_truncation, reason = "32 bits are what is kept")]
        serializer.serialize_f32(*value as f32)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        if deserializer.is_human_readable() {
            return f64::deserialize(deserializer);
        }
        f32::deserialize(deserializer).map(f64::from)
    }
}

/// Indicator values behind the points. Prices in the quote asset, ratios and changes in percent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = IndicatorValues))]
pub struct Indicators {
    /// Wilder RSI over 14 bars, 0-100.
    #[serde(with = "narrow")]
    pub rsi_14: f64,
    /// Wilder RSI over 21 bars, 0-100.
    #[serde(with = "narrow")]
    pub rsi_21: f64,
    /// EMA(3) - EMA(10), price units.
    #[serde(with = "narrow")]
    pub macd: f64,
    /// EMA(16) of it.
    #[serde(with = "narrow")]
    pub macd_signal: f64,
    #[serde(with = "narrow")]
    pub macd_histogram: f64,
    /// Last TF minutes' volume against the mean before, percent.
    #[serde(with = "narrow")]
    pub volume_ratio: f64,
    /// Change against 60 minutes before, percent.
    #[serde(with = "narrow")]
    pub velocity_1h: f64,
    /// Wilder ATR over 14 bars before the live bar, price units.
    #[serde(with = "narrow")]
    pub atr_14: f64,
    /// (max high - min low) / min low over 24 h, percent.
    #[serde(with = "narrow")]
    pub volatility_24h: f64,
}

/// One pair's scores at one cut. A pure function of its candles, the BTC context and the profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Up to when the candles reach: the cut if the live candle had closed, else its last event time.
    pub timestamp: MarketTime,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NotReady {
    WarmingUp,
    /// Candles are missing inside the window and were asked for.
    Gap,
    /// No news for more than 120 s of market time.
    Stale,
    /// Trading pause, or not TRADING.
    Halted,
}

named!(NotReady, "reason": { WarmingUp = "warming_up", Gap = "gap", Stale = "stale", Halted = "halted" });

/// Whether a pair can be analysed, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// The model's looks back over days wait for hours that the exchange was, or will be, asked for. Who makes the levels alone
    /// wants to know.
    #[serde(skip)]
    pub awaits_hours: bool,
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
