//! Bodies of the JSON API. Moments in ms UTC, prices and volumes in USDT, chances and scores 0-100.

use crate::domain::ranking::{Coverage, ModelInputs, Row};
use crate::domain::report::{Analysis, Components, Factors, Indicators, Level, NotReady};
use crate::web::api::ranking::MarketBody;
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! read_only_node {
    ($(#[$doc:meta])* $name:ident from $source:ident { $($(#[$fdoc:meta])* $field:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
        pub(crate) struct $name { $($(#[$fdoc])* pub $field: f64),+ }
        impl From<$source> for $name {
            fn from(s: $source) -> Self { Self { $($field: s.$field),+ } }
        }
    };
}

read_only_node!(
    /// Points of the five parts.
    ComponentScores from Components {
        /// 0-25.
        rsi,
        /// 0-20.
        macd,
        /// 0-25.
        volume,
        /// 0-15.
        velocity,
        /// 0-15.
        breakout,
    }
);
read_only_node!(
    /// Factors of the rule probability, 0-1.
    ProbabilityFactors from Factors {
        /// 24 h range.
        volatility,
        /// Score / 100.
        momentum,
        /// Room to the next pivot high.
        resistance,
        /// Push from BTC.
        btc_correlation,
        /// 24 h volume.
        liquidity,
    }
);
read_only_node!(
    /// Values behind the points.
    IndicatorValues from Indicators {
        /// 0-100.
        rsi_14,
        /// 0-100.
        rsi_21,
        /// Price units.
        macd,
        /// Price units.
        macd_signal,
        /// Price units.
        macd_histogram,
        /// Percent.
        volume_ratio,
        /// Percent.
        velocity_1h,
        /// Price units.
        atr_14,
        /// Percent.
        volatility_24h,
    }
);

/// The momentum score.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct MomentumScore {
    /// 0-100, unrounded.
    pub total_score: f64,
    /// Its parts.
    pub component_scores: ComponentScores,
}

/// The rule probability of +7.5 % in 24 h.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Probability {
    /// 0-100.
    pub probability_7_5: f64,
    /// Its factors.
    pub factors: ProbabilityFactors,
}

/// One pair of the ranking.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RowBody {
    /// The pair.
    pub symbol: String,
    /// Up to when its candles reach, ms UTC.
    pub timestamp: i64,
    /// USDT.
    pub current_price: f64,
    /// USDT.
    pub volume_24h: f64,
    /// 0.6 score + 0.4 probability.
    pub composite_score: f64,
    /// FUERTE, ALTA, MEDIA, BAJA or DESCARTADA.
    pub confidence_level: &'static str,
    /// Momentum.
    pub momentum_score: MomentumScore,
    /// Rule probability.
    pub probability_7_5: Probability,
    /// Learned chance; null without a model.
    pub calibrated_7_5: Option<f64>,
    /// Level of the learned ladder; null without a model.
    pub alert_level: Option<&'static str>,
    /// partial while hours of earlier days are missing to the model, else full; null without a model.
    pub model_inputs: Option<&'static str>,
    /// Change against 60 minutes before, percent.
    pub velocity_1h: f64,
    /// Market time between the cut and the newest news of the pair, ms.
    pub data_age_ms: i64,
    /// Candles that the stream had missed were fetched since the cut before.
    pub refilled: bool,
}

impl RowBody {
    /// The body of a pair's scores.
    pub(crate) fn new(symbol: &str, a: &Analysis, calibrated: Option<f64>, alert: Option<Level>) -> Self {
        Self {
            symbol: symbol.to_owned(),
            timestamp: a.timestamp,
            current_price: a.current_price,
            volume_24h: a.volume_24h,
            composite_score: a.composite_score,
            confidence_level: a.confidence_level.as_str(),
            momentum_score: MomentumScore {
                total_score: a.total_score,
                component_scores: a.components.into(),
            },
            probability_7_5: Probability { probability_7_5: a.probability_7_5, factors: a.factors.into() },
            calibrated_7_5: calibrated,
            alert_level: alert.map(Level::as_str),
            model_inputs: None,
            velocity_1h: a.indicators.velocity_1h,
            data_age_ms: 0,
            refilled: false,
        }
    }
}

impl From<&Row> for RowBody {
    fn from(row: &Row) -> Self {
        let body = Self::new(row.symbol.as_str(), &row.analysis, row.calibrated_7_5, row.alert_level);
        Self { data_age_ms: row.data_age_ms, model_inputs: row.model_inputs.map(ModelInputs::as_str), ..body }
    }
}

/// Pairs that cannot be analysed, by reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Reasons {
    /// Too little history.
    pub warming_up: u32,
    /// Candles are missing.
    pub gap: u32,
    /// No news.
    pub(crate) stale: u32,
    /// Not trading.
    pub halted: u32,
}

/// Coverage of the universe.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct CoverageBody {
    /// Pairs.
    pub universe: u32,
    /// Pairs with scores.
    pub analyzable: u32,
    /// 0-1.
    pub ratio: f64,
    /// The others by reason.
    pub reasons: Reasons,
}

impl From<&Coverage> for CoverageBody {
    fn from(c: &Coverage) -> Self {
        // In the order of `NotReady::ALL`.
        let [warming_up, gap, stale, halted] = c.reasons;
        let reasons = Reasons { warming_up, gap, stale, halted };
        Self { universe: c.universe, analyzable: c.analyzable, ratio: c.ratio(), reasons }
    }
}

/// Rows by confidence level, strongest level first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) struct Levels {
    /// From 85.
    pub fuerte: Vec<RowBody>,
    /// From 70.
    pub alta: Vec<RowBody>,
    /// From 50.
    pub media: Vec<RowBody>,
    /// From 30.
    pub baja: Vec<RowBody>,
}

/// `GET /api/v1/ranking`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RankingBody {
    /// Number of the cycle.
    pub cycle: u64,
    /// The cut, ms UTC.
    pub as_of: i64,
    /// Coverage.
    pub(crate) coverage: CoverageBody,
    /// From the tick to the snapshot, ms.
    pub latency_ms: f64,
    /// The market as a whole.
    pub(crate) market: MarketBody,
    /// The rows.
    pub(crate) levels: Levels,
    /// Pairs of level DESCARTADA.
    pub discarded: u32,
    /// Pairs outside the price and volume limits.
    pub filtered: u32,
}

/// One line of `GET /api/v1/symbols`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SymbolBody {
    /// The pair.
    pub symbol: String,
    /// `analyzable` or `not_analyzable`.
    pub state: &'static str,
    /// warming_up, gap, stale or halted; null when analyzable.
    pub reason: Option<&'static str>,
    /// Market time since the newest news, ms.
    pub data_age_ms: Option<i64>,
    /// Candles in the window without a gap.
    pub ready_candles: u32,
    /// Candles that are needed.
    pub needed_candles: u32,
}

impl From<&crate::domain::report::Report> for SymbolBody {
    fn from(report: &crate::domain::report::Report) -> Self {
        let r = &report.readiness;
        Self {
            symbol: report.symbol.to_string(),
            state: if r.reason.is_none() { "analyzable" } else { "not_analyzable" },
            reason: r.reason.map(NotReady::as_str),
            data_age_ms: r.data_age_ms,
            ready_candles: r.ready_candles,
            needed_candles: r.needed_candles,
        }
    }
}

/// How far a pair is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ReadinessBody {
    /// `analyzable` or `not_analyzable`.
    pub state: &'static str,
    /// Why not.
    pub reason: Option<&'static str>,
    /// Candles in the window without a gap.
    pub ready_candles: u32,
    /// Candles that are needed.
    pub needed_candles: u32,
}

/// Why a pair is not in the ranking.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct NotListed {
    /// `not_analyzable`, `min_volume_24h`, `min_price`, `max_price` or `discarded`.
    pub reason: &'static str,
    /// In words.
    pub detail: String,
    /// The limit that it misses.
    pub limit: Option<f64>,
    /// Its value.
    pub value: Option<f64>,
}

/// `GET /api/v1/symbols/{symbol}`; the score fields stand only when the pair is analyzable.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct SymbolDetail {
    /// The pair.
    pub symbol: String,
    /// Scores as in the ranking.
    #[serde(flatten)]
    pub(crate) row: RowRest,
    /// Values behind the points; null when not analyzable.
    pub(crate) indicators: Option<IndicatorValues>,
    /// How far it is.
    pub(crate) readiness: ReadinessBody,
    /// Market time since the newest news, ms.
    pub data_age_ms: Option<i64>,
    /// Whether it is in the ranking by its own values.
    pub listed: bool,
    /// Why not; null when listed.
    pub(crate) not_listed: Option<NotListed>,
}

/// A row without its symbol; no field of it stands when the pair is not analyzable.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub(crate) struct RowRest {
    /// Up to when its candles reach, ms UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub timestamp: Option<i64>,
    /// USDT.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub current_price: Option<f64>,
    /// USDT.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub volume_24h: Option<f64>,
    /// 0.6 score + 0.4 probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub composite_score: Option<f64>,
    /// Level name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confidence_level: Option<&'static str>,
    /// Momentum.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub momentum_score: Option<MomentumScore>,
    /// Rule probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub probability_7_5: Option<Probability>,
    /// Learned chance; null without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, required = false)]
    pub calibrated_7_5: Option<Option<f64>>,
    /// Learned level; null without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false)]
    pub alert_level: Option<Option<&'static str>>,
    /// partial, full, or null without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false)]
    pub model_inputs: Option<Option<&'static str>>,
}

impl From<RowBody> for RowRest {
    fn from(r: RowBody) -> Self {
        Self {
            timestamp: Some(r.timestamp),
            current_price: Some(r.current_price),
            volume_24h: Some(r.volume_24h),
            composite_score: Some(r.composite_score),
            confidence_level: Some(r.confidence_level),
            momentum_score: Some(r.momentum_score),
            probability_7_5: Some(r.probability_7_5),
            calibrated_7_5: Some(r.calibrated_7_5),
            alert_level: Some(r.alert_level),
            model_inputs: Some(r.model_inputs),
        }
    }
}

/// One candle.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct CandleBody {
    /// First ms of the interval, UTC.
    pub open_time: i64,
    /// USDT.
    pub open: f64,
    /// USDT.
    pub high: f64,
    /// USDT.
    pub low: f64,
    /// USDT.
    pub close: f64,
    /// Base asset.
    pub volume: f64,
    /// USDT.
    pub quote_volume: f64,
    /// Will not change any more.
    pub closed: bool,
}
