//! `GET /api/v1/ranking` and the WebSocket message of a snapshot. Moments in ms UTC, prices and volumes in USDT,
//! chances and scores 0-100.

use crate::domain::analysis::btc::BTC;
use crate::domain::market_move::MarketMove;
use crate::domain::ranking::{Coverage, ModelInputs, Row, Snapshot};
use crate::domain::report::{Analysis, Components, Factors, Level, NotReady};
use crate::domain::symbol::Symbol;
use crate::web::config::WebState;
use crate::web::live::messages::Snapshot as SnapshotMessage;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::{self, Params};
use actix_web::web::{Data, Json};
use bytestring::ByteString;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, RefOr, Schema, Type};
use utoipa::{IntoParams, ToSchema};

/// The momentum score.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct MomentumScore {
    /// 0-100, unrounded.
    pub(crate) total_score: f64,
    /// The score's own level, without hysteresis: not what is in force where there is a model.
    pub(crate) confidence_level: Level,
    pub(crate) component_scores: Components,
}

/// The rule probability of +7.5 % in 24 h.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Probability {
    /// 0-100.
    pub(crate) probability_7_5: f64,
    pub(crate) factors: Factors,
}

/// A pair's scores.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Scores {
    /// Up to when its candles reach, ms UTC.
    pub(crate) timestamp: i64,
    /// USDT.
    pub(crate) current_price: f64,
    /// USDT.
    pub(crate) volume_24h: f64,
    /// 0.6 score + 0.4 probability.
    pub(crate) composite_score: f64,
    /// The level in force, which alerts and track record go by: with a model by the learned chance, without one by the score.
    /// Null for a pair that was in no ranking yet, or of which the model's answer is no number.
    pub(crate) confidence_level: Option<Level>,
    /// What it goes by, 0-100.
    pub(crate) level_value: Option<f64>,
    pub(crate) momentum_score: MomentumScore,
    pub(crate) probability_7_5: Probability,
    /// Learned chance; null without a model.
    pub(crate) calibrated_7_5: Option<f64>,
    /// partial while hours of earlier days are missing to the model, unusable where its answer is no number (the pair has no
    /// chance and no level), else full; null without a model.
    pub(crate) model_inputs: Option<ModelInputs>,
}

impl Scores {
    /// What the analysis says, and the model's part where there is a row.
    pub(crate) fn new(a: &Analysis, row: Option<&Row>) -> Self {
        let leveled = row.filter(|row| row.model_inputs != Some(ModelInputs::Unusable));
        Self {
            timestamp: a.timestamp.ms(),
            current_price: a.current_price,
            volume_24h: a.volume_24h,
            composite_score: a.composite_score,
            confidence_level: leveled.map(|r| r.level),
            level_value: leveled.map(|r| r.level_value),
            momentum_score: MomentumScore {
                total_score: a.total_score,
                confidence_level: a.confidence_level,
                component_scores: a.components,
            },
            probability_7_5: Probability { probability_7_5: a.probability_7_5, factors: a.factors },
            calibrated_7_5: row.and_then(|r| r.calibrated_7_5),
            model_inputs: row.and_then(|r| r.model_inputs),
        }
    }
}

/// One pair of the ranking.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RowBody {
    pub(crate) symbol: Symbol,
    #[serde(flatten)]
    pub(crate) scores: Scores,
    /// Change against 60 minutes before, percent.
    pub(crate) velocity_1h: f64,
    /// Market time between the cut and the newest news of the pair, ms.
    pub(crate) data_age_ms: i64,
    /// Candles that the stream had missed were fetched since the cut before.
    pub(crate) refilled: bool,
}

/// Pairs that cannot be analysed, by reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Reasons {
    /// Too little history.
    pub(crate) warming_up: u32,
    /// Candles are missing.
    pub(crate) gap: u32,
    /// No news.
    pub(crate) stale: u32,
    /// Not trading.
    pub(crate) halted: u32,
}

/// Coverage of the universe.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct CoverageBody {
    pub(crate) universe: u32,
    /// Pairs with scores.
    pub(crate) analyzable: u32,
    /// 0-1.
    pub(crate) ratio: f64,
    /// The others by reason.
    pub(crate) reasons: Reasons,
}

impl From<&Coverage> for CoverageBody {
    fn from(c: &Coverage) -> Self {
        let count = |reason: NotReady| c.reasons[reason as usize];
        let reasons = Reasons {
            warming_up: count(NotReady::WarmingUp),
            gap: count(NotReady::Gap),
            stale: count(NotReady::Stale),
            halted: count(NotReady::Halted),
        };
        Self { universe: c.universe, analyzable: c.analyzable, ratio: c.ratio(), reasons }
    }
}

/// Rows by the level in force, strongest level first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) struct Levels {
    pub(crate) fuerte: Vec<RowBody>,
    pub(crate) alta: Vec<RowBody>,
    pub(crate) media: Vec<RowBody>,
    pub(crate) baja: Vec<RowBody>,
    /// Only when asked for.
    pub(crate) descartada: Vec<RowBody>,
}

/// The market as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, ToSchema)]
pub(crate) struct MarketBody {
    /// Change of BTCUSDT against 60 minutes before, percent; null while it cannot be analysed.
    pub(crate) btc_change_1h: Option<f64>,
    /// Share of the analyzable pairs above their price of 60 minutes before, 0-1; null without any.
    pub(crate) breadth: Option<f64>,
    /// Eight or more FUERTE episodes within an hour are one event; null an hour after the newest of them.
    pub(crate) market_move: Option<MarketMove>,
}

/// `GET /api/v1/ranking`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RankingBody {
    /// Number of the cycle.
    pub(crate) cycle: u64,
    /// The cut, ms UTC.
    pub(crate) as_of: i64,
    pub(crate) coverage: CoverageBody,
    /// From the tick to the snapshot, ms.
    pub(crate) latency_ms: f64,
    pub(crate) market: MarketBody,
    /// The rows.
    pub(crate) levels: Levels,
    /// Pairs of level DESCARTADA within the limits.
    pub(crate) discarded: u32,
    /// Pairs outside the price and volume limits.
    pub(crate) filtered: u32,
}

/// What the rows of a level can be sorted by, greatest first. `level_value` is what the level goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    #[default]
    LevelValue,
    CompositeScore,
    TotalScore,
    #[serde(rename = "probability_7_5")]
    Probability,
    #[serde(rename = "volume_24h")]
    Volume,
}

impl Sort {
    fn key(self, row: &Row) -> f64 {
        match self {
            Self::LevelValue => row.level_value,
            Self::CompositeScore => row.analysis.composite_score,
            Self::TotalScore => row.analysis.total_score,
            Self::Probability => row.analysis.probability_7_5,
            Self::Volume => row.analysis.volume_24h,
        }
    }
}

/// What of a snapshot is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Selection {
    /// Levels to fill, comma separated; the others stay empty. Without it all but DESCARTADA.
    #[serde(deserialize_with = "query::list")]
    #[param(schema_with = levels, style = Form, explode = false)]
    pub(crate) level: Option<Vec<Level>>,
    /// Most rows a level.
    #[param(minimum = 1, maximum = 1000)]
    pub(crate) limit: Option<u32>,
    #[param(inline)]
    pub(crate) sort: Sort,
}

/// A list of levels.
pub(crate) fn levels() -> RefOr<Schema> {
    let names =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Level::ALL.map(Level::as_str)));
    ArrayBuilder::new().items(names).into()
}

/// The body of a snapshot.
pub(crate) fn body(snapshot: &Snapshot, select: &Selection) -> RankingBody {
    let mut rows: Vec<&Row> = snapshot.candidates().collect();
    let key = |row: &Row| select.sort.key(row);
    // By name among equals: the same answer for the same cycle, so that its ETag holds.
    rows.sort_by(|a, b| {
        let composite = |row: &Row| row.analysis.composite_score;
        key(b)
            .total_cmp(&key(a))
            .then_with(|| composite(b).total_cmp(&composite(a)))
            .then_with(|| a.symbol.cmp(&b.symbol))
    });
    let most = select.limit.map_or(usize::MAX, |limit| limit as usize);
    let pick = |level: Level| -> Vec<RowBody> {
        if !select.level.as_ref().map_or(level > Level::Descartada, |asked| asked.contains(&level)) {
            return Vec::new();
        }
        let of_level = rows.iter().filter(|r| r.level == level);
        of_level.take(most).map(|r| row_body(r, snapshot)).collect()
    };
    RankingBody {
        cycle: snapshot.cycle,
        as_of: snapshot.as_of.ms(),
        coverage: (&snapshot.coverage).into(),
        latency_ms: snapshot.latency_ms,
        market: market(snapshot),
        levels: Levels {
            fuerte: pick(Level::Fuerte),
            alta: pick(Level::Alta),
            media: pick(Level::Media),
            baja: pick(Level::Baja),
            descartada: pick(Level::Descartada),
        },
        discarded: snapshot.discarded_rows.len() as u32,
        filtered: snapshot.outside_rows.len() as u32,
    }
}

fn row_body(row: &Row, snapshot: &Snapshot) -> RowBody {
    let found = snapshot.reports.binary_search_by(|r| r.symbol.cmp(&row.symbol));
    RowBody {
        symbol: row.symbol.clone(),
        scores: Scores::new(&row.analysis, Some(row)),
        velocity_1h: row.analysis.indicators.velocity_1h,
        data_age_ms: row.data_age_ms,
        refilled: found.is_ok_and(|at| snapshot.reports[at].readiness.refilled),
    }
}

/// The change of BTC and the breadth of the market.
pub(crate) fn market(snapshot: &Snapshot) -> MarketBody {
    let changes: Vec<(&str, f64)> = snapshot
        .reports
        .iter()
        .filter_map(|r| Some((r.symbol.as_str(), r.analysis.as_ref()?.indicators.velocity_1h)))
        .collect();
    let up = changes.iter().filter(|(_, change)| *change > 0.0).count();
    MarketBody {
        btc_change_1h: changes.iter().find(|(name, _)| *name == BTC).map(|(_, change)| *change),
        breadth: (!changes.is_empty()).then(|| up as f64 / changes.len() as f64),
        market_move: snapshot.market_move,
    }
}

/// The WebSocket message of a snapshot: `{type: "snapshot", topic: "ranking", seq, ..}` with the ranking's fields.
pub fn encode_snapshot(snapshot: &Snapshot, seq: u64) -> ByteString {
    // DESCARTADA too: a watched pair is shown whatever its level.
    let every = Selection { level: Some(Level::ALL.to_vec()), ..Selection::default() };
    let body = body(snapshot, &every);
    let message = SnapshotMessage { kind: "snapshot", topic: "ranking".to_owned(), seq, body };
    // A struct of numbers and strings always serialises; an empty message would be worse than an error one.
    let failed = |e: serde_json::Error| format!(r#"{{"type":"error","seq":{seq},"detail":"{e}"}}"#);
    serde_json::to_string(&message).unwrap_or_else(failed).into()
}

/// The listed pairs by level.
#[utoipa::path(get, path = "/api/v1/ranking", params(Selection),
    responses((status = 200, body = RankingBody), (status = 503, body = Problem)))]
pub(crate) async fn ranking(
    Params(select): Params<Selection>,
    state: Data<WebState>,
) -> Result<Json<RankingBody>, ApiError> {
    let published = state.handles.view.published().ok_or_else(no_snapshot)?;
    Ok(Json(body(&published.snapshot, &select)))
}

fn no_snapshot() -> ApiError {
    Cause::NoSnapshot.into()
}
