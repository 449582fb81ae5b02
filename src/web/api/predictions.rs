//! `GET /api/v1/predictions`: every prediction with its outcome, newest first, as JSON or CSV.

use crate::actors::ports::history::{LedgerPage, LedgerRow, OutcomeRow, PredictionKind};
use crate::domain::level_rules::LevelBasis;
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use crate::web::api::performance::{counted_since, store, unreadable};
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Problem};
use crate::web::query::{self, Params};
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};

/// Predictions of an answer, unless `limit` says otherwise: a page of them.
const LIMIT: usize = 100;

/// A prediction with what became of it: one line of the CSV.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct PredictionBody {
    /// `kind-SYMBOL-opened_at-LEVEL`.
    pub key: String,
    pub kind: PredictionKind,
    pub symbol: Symbol,
    /// The cut, ms UTC.
    pub opened_at: i64,
    /// Level at that moment.
    pub level: Level,
    pub ladder: LevelBasis,
    /// Price then, USDT.
    pub price: f64,
    /// Momentum score, 0-100.
    pub total_score: f64,
    /// Rule probability, 0-100.
    pub probability_7_5: f64,
    /// Calibrated chance, 0-100; null without a model.
    pub calibrated_7_5: Option<f64>,
    /// Scoring profile.
    pub profile: String,
    /// Model; empty without one.
    pub model: String,
    /// open, hit, miss or void.
    pub outcome: &'static str,
    /// +7.5 % within 4 h; null while open or void.
    pub hit_4h: Option<bool>,
    /// +7.5 % within 24 h; null while open or void.
    pub hit_24h: Option<bool>,
    /// Minutes to the hit.
    pub minutes_to_hit: Option<u32>,
    /// Greatest rise so far, percent; null before the first judgement.
    pub greatest_rise_pct: Option<f64>,
    /// Deepest fall so far, percent (negative); null before the first judgement.
    pub deepest_fall_pct: Option<f64>,
    /// Market time of the newest judgement, ms UTC.
    pub resolved_at: Option<i64>,
    /// Why it cannot be judged.
    pub void: Option<String>,
    /// Made under another definition of the levels: not counted in the track record.
    pub(crate) former_definition: bool,
}

/// `GET /api/v1/predictions`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PredictionsBody {
    /// Newest first.
    pub(crate) predictions: Vec<PredictionBody>,
    /// Give it as `before` to get older ones; null when there are none.
    pub next_before: Option<String>,
}

fn verdict(outcome: Option<&OutcomeRow>) -> &'static str {
    match outcome {
        None => "open",
        Some(o) if o.void.is_some() => "void",
        Some(o) if o.hit_24h == Some(true) || o.hit_4h == Some(true) => "hit",
        Some(o) if o.hit_24h == Some(false) => "miss",
        Some(_) => "open",
    }
}

impl PredictionBody {
    /// `since`: from when on levels mean what they mean now.
    pub(crate) fn new((p, o): LedgerRow, since: MarketTime) -> Self {
        let outcome = verdict(o.as_ref());
        Self {
            key: p.key,
            kind: p.kind,
            symbol: p.symbol,
            opened_at: p.opened_at.ms(),
            level: p.level,
            ladder: p.ladder,
            price: p.price,
            total_score: p.total_score,
            probability_7_5: p.probability_7_5,
            calibrated_7_5: p.calibrated_7_5,
            profile: p.profile,
            model: p.model,
            outcome,
            hit_4h: o.as_ref().and_then(|o| o.hit_4h),
            hit_24h: o.as_ref().and_then(|o| o.hit_24h),
            minutes_to_hit: o.as_ref().and_then(|o| o.minutes_to_hit),
            greatest_rise_pct: o.as_ref().map(|o| o.greatest_rise_pct),
            deepest_fall_pct: o.as_ref().map(|o| o.deepest_fall_pct),
            resolved_at: o.as_ref().map(|o| o.resolved_at.ms()),
            void: o.and_then(|o| o.void),
            former_definition: p.opened_at < since,
        }
    }
}

/// What of the ledger is asked for.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Asked {
    /// episode, alert, sample; comma separated; all without it.
    #[serde(deserialize_with = "query::list")]
    #[param(inline, style = Form, explode = false)]
    pub(crate) kind: Option<Vec<PredictionKind>>,
    pub(crate) symbol: Option<Symbol>,
    /// next_before of the page before.
    #[serde(deserialize_with = "query::parsed")]
    #[param(value_type = Option<String>)]
    pub(crate) before: Option<Before>,
    #[param(minimum = 1, maximum = 1000)]
    pub(crate) limit: Option<u32>,
}

/// Only predictions older than this one, whose key is `kind-SYMBOL-opened_at-LEVEL`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Before {
    at: MarketTime,
    key: String,
}

impl FromStr for Before {
    type Err = &'static str;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        let at = key.rsplit('-').nth(1).and_then(|at| at.parse().ok()).ok_or("next_before of an answer")?;
        Ok(Self { at: MarketTime::from_ms(at), key: key.to_owned() })
    }
}

/// The rows, newest first. The store gives one more than is shown, so that it is known whether there are older ones.
///
/// # Errors
/// 503 when the store does not answer.
pub(crate) async fn read(state: &WebState, asked: &Asked) -> Result<PredictionsBody, ApiError> {
    let (store, since) = (store(state)?, counted_since(state)?);
    let limit = asked.limit.map_or(LIMIT, |n| n as usize);
    let before = asked.before.as_ref().map_or((MarketTime::MAX, String::new()), |b| (b.at, b.key.clone()));
    let kinds = asked.kind.clone().unwrap_or_default();
    let page = LedgerPage { kinds, symbol: asked.symbol.clone(), before, limit: limit + 1 };
    let mut rows = store.ledger_page(page).await.map_err(|e| unreadable(&e))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_before = rows.last().filter(|_| more).map(|(p, _)| p.key.clone());
    let predictions = rows.into_iter().map(|row| PredictionBody::new(row, since)).collect();
    Ok(PredictionsBody { predictions, next_before })
}

/// Every prediction with its outcome, newest first.
#[utoipa::path(get, path = "/api/v1/predictions", params(Asked),
    responses((status = 200, body = PredictionsBody), (status = 503, body = Problem)))]
pub(crate) async fn predictions(
    Params(asked): Params<Asked>,
    state: Data<WebState>,
) -> Result<Json<PredictionsBody>, ApiError> {
    read(&state, &asked).await.map(Json)
}
