//! `GET /api/v1/ranking` and the WebSocket message of a snapshot.

use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::Level;
use crate::web::api::dto::{Levels, RankingBody, RowBody};
use crate::web::api::query;
use crate::web::config::WebState;
use crate::web::live::messages::Snapshot as SnapshotMessage;
use crate::web::problem::{ApiError, Cause, Problem};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use bytestring::ByteString;
use serde::Serialize;
use utoipa::ToSchema;

const LEVELS: [&str; 4] = ["FUERTE", "ALTA", "MEDIA", "BAJA"];
const SORTS: [&str; 4] = ["composite_score", "total_score", "probability_7_5", "volume_24h"];

/// The market as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, ToSchema)]
pub(crate) struct MarketBody {
    /// Change of BTCUSDT against 60 minutes before, percent; null while it cannot be analysed.
    pub(crate) btc_change_1h: Option<f64>,
    /// Share of the analyzable pairs above their price of 60 minutes before, 0-1; null without any.
    pub(crate) breadth: Option<f64>,
}

/// What of a snapshot is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Levels to fill; the others stay empty.
    pub levels: Vec<Level>,
    /// Most rows a level.
    pub limit: Option<usize>,
    /// One of the four sort keys.
    pub sort: &'static str,
}

impl Default for Selection {
    fn default() -> Self {
        Self { levels: Level::LISTED.to_vec(), limit: None, sort: SORTS[0] }
    }
}

impl Selection {
    /// Reads `level`, `limit` and `sort`.
    ///
    /// # Errors
    /// 400 that names the wrong value and the allowed ones.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let map = query::parse(text, &["level", "limit", "sort"])?;
        let mut out = Self { limit: query::limit(map.get("limit"))?, ..Self::default() };
        if let Some(names) = map.get("level") {
            out.levels = names.split(',').map(level).collect::<Result<_, _>>()?;
        }
        if let Some(sort) = map.get("sort") {
            let bad = || Cause::UnknownValue { key: "sort", value: sort.clone() }.allowed(&SORTS);
            out.sort = SORTS.into_iter().find(|s| s == sort).ok_or_else(bad)?;
        }
        Ok(out)
    }
}

fn level(name: &str) -> Result<Level, ApiError> {
    let bad = || Cause::LevelNotListed { name: name.to_owned() }.allowed(&LEVELS);
    Level::LISTED.into_iter().find(|l| l.as_str() == name).ok_or_else(bad)
}

fn key(row: &Row, sort: &str) -> f64 {
    match sort {
        "total_score" => row.analysis.total_score,
        "probability_7_5" => row.analysis.probability_7_5,
        "volume_24h" => row.analysis.volume_24h,
        _ => row.analysis.composite_score,
    }
}

/// The body of a snapshot.
pub(crate) fn body(snapshot: &Snapshot, select: &Selection) -> RankingBody {
    let mut rows: Vec<&Row> = snapshot.rows.iter().collect();
    rows.sort_by(|a, b| {
        key(b, select.sort).total_cmp(&key(a, select.sort)).then_with(|| a.symbol.cmp(&b.symbol))
    });
    let pick = |level: Level| -> Vec<RowBody> {
        if !select.levels.contains(&level) {
            return Vec::new();
        }
        let of_level = rows.iter().filter(|r| r.analysis.confidence_level == level);
        of_level.take(select.limit.unwrap_or(usize::MAX)).map(|r| row_body(r, snapshot)).collect()
    };
    RankingBody {
        cycle: snapshot.cycle,
        as_of: snapshot.as_of,
        coverage: (&snapshot.coverage).into(),
        latency_ms: snapshot.latency_ms,
        market: market(snapshot),
        levels: Levels {
            fuerte: pick(Level::Fuerte),
            alta: pick(Level::Alta),
            media: pick(Level::Media),
            baja: pick(Level::Baja),
        },
        discarded: snapshot.discarded,
        filtered: snapshot.filtered,
    }
}

fn row_body(row: &Row, snapshot: &Snapshot) -> RowBody {
    let found = snapshot.reports.binary_search_by(|r| r.symbol.cmp(&row.symbol));
    let refilled = found.is_ok_and(|at| snapshot.reports[at].readiness.refilled);
    RowBody { refilled, ..RowBody::from(row) }
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
        btc_change_1h: changes.iter().find(|(name, _)| *name == "BTCUSDT").map(|(_, change)| *change),
        breadth: (!changes.is_empty()).then(|| up as f64 / changes.len() as f64),
    }
}

/// The WebSocket message of a snapshot: `{type: "snapshot", topic: "ranking", seq, ..}` with the ranking's fields.
pub fn encode_snapshot(snapshot: &Snapshot, seq: u64) -> ByteString {
    let body = body(snapshot, &Selection::default());
    let message = SnapshotMessage { kind: "snapshot", topic: "ranking".to_owned(), seq, body };
    // A struct of numbers and strings always serialises; an empty message would be worse than an error one.
    let failed = |e: serde_json::Error| format!(r#"{{"type":"error","seq":{seq},"detail":"{e}"}}"#);
    serde_json::to_string(&message).unwrap_or_else(failed).into()
}

/// `GET /api/v1/ranking`.
///
/// # Errors
/// 400 for a wrong query, 503 before the first snapshot.
#[utoipa::path(get, path = "/api/v1/ranking", params(
    ("level" = Option<String>, Query, description = "FUERTE, ALTA, MEDIA, BAJA; comma separated",
        pattern = "^(FUERTE|ALTA|MEDIA|BAJA)(,(FUERTE|ALTA|MEDIA|BAJA))*$"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "most rows a level"),
    ("sort" = Option<String>, Query, description = "composite_score, total_score, probability_7_5, volume_24h",
        pattern = "^(composite_score|total_score|probability_7_5|volume_24h)$")),
    responses((status = 200, body = RankingBody),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn ranking(req: HttpRequest, state: Data<WebState>) -> Result<Json<RankingBody>, ApiError> {
    let select = Selection::parse(req.query_string())?;
    let published = state.handles.view.published().ok_or_else(no_snapshot)?;
    Ok(Json(body(&published.snapshot, &select)))
}

fn no_snapshot() -> ApiError {
    Cause::NoSnapshot.into()
}
