//! `GET /api/v1/predictions`: every prediction with its outcome, newest first, as JSON or CSV.

use crate::actors::ports::history::{HistoryStore, OutcomeRow, PredictionKind, PredictionRow, Span};
use crate::domain::time::{DAY_MS, UtcMs};
use crate::web::api::performance::{Judged, ledger, store};
use crate::web::api::query;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Predictions of an answer, unless `limit` says otherwise.
const LIMIT: usize = 100;
/// Farthest back that is looked, ms of market time.
const FARTHEST_MS: i64 = 4_000 * DAY_MS;
const KINDS: [PredictionKind; 3] = [PredictionKind::Episode, PredictionKind::Alert, PredictionKind::Sample];

/// A prediction with what became of it: one line of the CSV.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct PredictionBody {
    /// `kind-SYMBOL-opened_at-LEVEL`.
    pub key: String,
    /// episode, alert or sample.
    pub kind: &'static str,
    /// The pair.
    pub symbol: String,
    /// The cut, ms UTC.
    pub opened_at: i64,
    /// Level at that moment.
    pub level: &'static str,
    /// rule or calibrated.
    pub ladder: &'static str,
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
}

/// `GET /api/v1/predictions`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PredictionsBody {
    /// Newest first.
    pub predictions: Vec<PredictionBody>,
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

impl From<Judged> for PredictionBody {
    fn from((p, o): Judged) -> Self {
        let outcome = verdict(o.as_ref());
        Self {
            key: p.key,
            kind: p.kind.as_str(),
            symbol: p.symbol.to_string(),
            opened_at: p.opened_at,
            level: p.level.as_str(),
            ladder: p.ladder.as_str(),
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
            resolved_at: o.as_ref().map(|o| o.resolved_at),
            void: o.and_then(|o| o.void),
        }
    }
}

/// What of the ledger is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Kinds.
    pub kinds: Vec<PredictionKind>,
    /// One pair, or all.
    pub symbol: Option<String>,
    /// Only those older than this moment and key.
    pub before: Option<(UtcMs, String)>,
    /// Most rows.
    pub limit: usize,
}

/// The moment within a key: `kind-SYMBOL-opened_at-LEVEL`.
fn moment(key: &str) -> Option<UtcMs> {
    key.rsplit('-').nth(1)?.parse().ok()
}

impl Asked {
    /// Reads `kind`, `symbol`, `before` and `limit`.
    ///
    /// # Errors
    /// 400 that names the wrong value and the allowed ones.
    pub(crate) fn parse(map: &BTreeMap<String, String>) -> Result<Self, ApiError> {
        let kind = |name: &str| {
            let bad = || {
                Cause::UnknownValue { key: "kind", value: name.to_owned() }
                    .allowed(&KINDS.map(|k| k.as_str()))
            };
            KINDS.into_iter().find(|k| k.as_str() == name).ok_or_else(bad)
        };
        let asked = map.get("kind").filter(|k| !k.is_empty());
        let kinds = asked.map(|names| names.split(',').map(kind).collect()).transpose()?;
        let before = map.get("before").map(|key| {
            let bad = || {
                Cause::NoPredictionKey { key: "before", value: key.clone() }
                    .allowed(&["next_before of an answer"])
            };
            moment(key).map(|at| (at, key.clone())).ok_or_else(bad)
        });
        Ok(Self {
            kinds: kinds.unwrap_or_else(|| KINDS.to_vec()),
            symbol: map.get("symbol").cloned(),
            before: before.transpose()?,
            limit: query::limit(map.get("limit"))?.unwrap_or(LIMIT),
        })
    }

    fn wants(&self, p: &PredictionRow) -> bool {
        self.symbol.as_ref().is_none_or(|s| s == p.symbol.as_str())
            && self.before.as_ref().is_none_or(|(at, key)| (p.opened_at, &p.key) < (*at, key))
    }

    async fn window(&self, store: &dyn HistoryStore, span: Span) -> Result<Vec<Judged>, ApiError> {
        let mut rows = Vec::new();
        for kind in &self.kinds {
            let own = ledger(store, Some(*kind), span).await?;
            rows.extend(own.into_iter().filter(|(p, _)| self.wants(p)));
        }
        rows.sort_by(|a, b| (b.0.opened_at, &b.0.key).cmp(&(a.0.opened_at, &a.0.key)));
        Ok(rows)
    }
}

/// The rows, newest first: read backwards in windows that grow, so that a page does not read the whole ledger.
///
/// # Errors
/// 503 when the store does not answer.
pub(crate) async fn read(
    store: &dyn HistoryStore,
    asked: &Asked,
    now: UtcMs,
) -> Result<PredictionsBody, ApiError> {
    let mut to = asked.before.as_ref().map_or(now + DAY_MS, |(at, _)| at + 1);
    let (mut width, mut rows) = (DAY_MS, Vec::new());
    while rows.len() <= asked.limit && to > now - FARTHEST_MS {
        let from = to - width;
        rows.extend(asked.window(store, Span { from, to }).await?);
        (to, width) = (from, width * 4);
    }
    let more = rows.len() > asked.limit;
    rows.truncate(asked.limit);
    let next_before = rows.last().filter(|_| more).map(|(p, _)| p.key.clone());
    Ok(PredictionsBody { predictions: rows.into_iter().map(PredictionBody::from).collect(), next_before })
}

fn csv(rows: &[PredictionBody]) -> Result<HttpResponse, ApiError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = rows.iter().try_for_each(|row| writer.serialize(row));
    let bytes =
        written.map_err(|e| e.to_string()).and_then(|()| writer.into_inner().map_err(|e| e.to_string()));
    let failed = |error| Cause::Csv { error };
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", "attachment; filename=\"predictions.csv\""))
        .body(bytes.map_err(failed)?))
}

/// Every prediction with its outcome, newest first.
///
/// # Errors
/// 400 for a wrong parameter, 503 without a history store or when it does not answer.
#[utoipa::path(get, path = "/api/v1/predictions", params(
    ("kind" = Option<String>, Query, description = "episode, alert, sample; comma separated; all without it"),
    ("symbol" = Option<String>, Query),
    ("before" = Option<String>, Query, description = "next_before of the page before"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000),
    ("format" = Option<String>, Query, description = "json or csv")),
    responses((status = 200, body = PredictionsBody), (status = 400, body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn predictions(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    let map = query::parse(req.query_string(), &["kind", "symbol", "before", "limit", "format"])?;
    let asked = Asked::parse(&map)?;
    let format = map.get("format").map_or("json", String::as_str);
    if !["json", "csv"].contains(&format) {
        return Err(Cause::UnknownValue { key: "format", value: format.to_owned() }.allowed(&["json", "csv"]));
    }
    let body = read(&**store(&state)?, &asked, state.now()).await?;
    if format == "csv" { csv(&body.predictions) } else { Ok(HttpResponse::Ok().json(body)) }
}
