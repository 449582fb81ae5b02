//! `GET /api/v1/performance`: what became of the predictions, losses included.

use crate::actors::ports::history::{
    HistoryError, HistoryStore, LedgerPage, LedgerRow, PredictionKind, Span,
};
use crate::actors::ports::state::levels_since;
use crate::actors::track_record;
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::learning::evaluation::by_size::BySize;
use crate::learning::evaluation::calibration::Calibration;
use crate::learning::evaluation::cases::Cases;
use crate::learning::evaluation::daily::Precision;
use crate::learning::evaluation::hits::in_order;
use crate::learning::evaluation::record::{Record, RecordMonth};
use crate::learning::evaluation::tally::Horizon;
use crate::web::cached::KEPT_MS;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::Params;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Days looked back, unless the request says otherwise: fewer hold too few FUERTE alerts to judge by.
pub(crate) const DAYS: i64 = 30;

/// One level.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct LevelBody {
    pub level: Level,
    /// episode or alert.
    pub kind: PredictionKind,
    /// Opened.
    pub opened: u64,
    /// Void: cannot be judged.
    pub void: u64,
    /// Not judged yet.
    pub(crate) open: u64,
    /// +7.5 % within 4 h.
    pub(crate) within_4h: Precision,
    /// +7.5 % within 24 h.
    pub(crate) within_24h: Precision,
    /// Median of the minutes to the hit.
    pub minutes_to_hit: Option<u32>,
    /// Mean of the greatest rises, percent.
    pub(crate) mean_rise_pct: Option<f64>,
    /// Mean of the deepest falls, percent.
    pub(crate) mean_fall_pct: Option<f64>,
}

/// Do chances mean what they say.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct CalibrationBody {
    /// probability_7_5 (a rule, no chance) or calibrated_7_5.
    pub of: &'static str,
    #[serde(flatten)]
    pub curve: Calibration,
}

/// `GET /api/v1/performance`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct PerformanceBody {
    /// Whole days (UTC) looked back, beside today.
    pub(crate) days: i64,
    /// The same question asked of every analysed pair within the limits at every full hour.
    pub(crate) base_rate_24h: Precision,
    /// The same within 4 h.
    pub base_rate_4h: Precision,
    /// First day (00:00 UTC, ms) that counts, where older predictions were made under another definition of the levels.
    pub(crate) levels_since: Option<i64>,
    /// Levels, strongest first, episodes before alerts.
    pub levels: Vec<LevelBody>,
    /// FUERTE episodes and samples by month, the oldest first.
    pub(crate) by_month: Vec<RecordMonth>,
    /// FUERTE episodes by the size of the event that they belong to: alone, eight and more within an hour, thirty and more.
    pub(crate) by_size: [BySize; 3],
    /// Over the hourly samples.
    pub calibration: Vec<CalibrationBody>,
    /// What came of the calibrated chances of the hourly samples, by ranges.
    pub(crate) cases: Vec<Cases>,
    /// False when a level with enough predictions does worse than the one below it; null while too few are judged.
    pub(crate) levels_trusted: Option<bool>,
    /// In words, for the reader.
    pub note: String,
}

fn level_body(record: &Record, kind: PredictionKind, level: Level) -> LevelBody {
    let own = record.all.of(kind, level);
    let came = own.summary();
    LevelBody {
        level,
        kind,
        opened: own.opened,
        void: own.void,
        open: own.open(),
        within_4h: record.precision(kind, Some(level), Horizon::FourHours),
        within_24h: record.precision(kind, Some(level), Horizon::Day),
        minutes_to_hit: came.median_minutes_to_hit,
        mean_rise_pct: came.mean_rise_pct,
        mean_fall_pct: came.mean_fall_pct,
    }
}

/// The whole answer from the ledger's sums.
pub(crate) fn summary(record: &Record, days: i64, since: MarketTime) -> PerformanceBody {
    let all = &record.all;
    let base = |within| record.precision(PredictionKind::Sample, None, within);
    let kinds = [PredictionKind::Episode, PredictionKind::Alert];
    let levels: Vec<LevelBody> =
        kinds.iter().flat_map(|kind| Level::LISTED.map(|level| level_body(record, *kind, level))).collect();
    let episodes = Level::LISTED.map(|level| all.of(PredictionKind::Episode, level).summary().within_24h);
    let levels_trusted = in_order(episodes);
    let note = match levels_trusted {
        Some(true) => "each level did better than the one below it",
        Some(false) => "the levels are not to be trusted: a higher one did no better than a lower one",
        None => "too few predictions are judged to say anything about the levels",
    };
    PerformanceBody {
        days,
        base_rate_24h: base(Horizon::Day),
        base_rate_4h: base(Horizon::FourHours),
        levels_since: (since > MarketTime::MIN).then(|| since.ms()),
        levels,
        by_month: record.months(),
        by_size: record.by_size(),
        calibration: vec![
            CalibrationBody { of: "probability_7_5", curve: all.rule.calibration() },
            CalibrationBody { of: "calibrated_7_5", curve: all.calibrated.calibration() },
        ],
        cases: all.calibrated.cases(),
        levels_trusted,
        note: note.to_owned(),
    }
}

/// The store of the ledger.
pub(crate) fn store(state: &WebState) -> Result<&Arc<dyn HistoryStore>, ApiError> {
    state.handles.history.as_ref().ok_or_else(|| Cause::NoHistory.into())
}

/// 503: the store does not answer.
pub(crate) fn unreadable(error: &HistoryError) -> ApiError {
    tracing::warn!(%error, "the ledger cannot be read");
    Cause::History.into()
}

/// Rows of the ledger.
pub(crate) async fn ledger(
    store: &dyn HistoryStore,
    kind: Option<PredictionKind>,
    span: Span,
) -> Result<Vec<LedgerRow>, ApiError> {
    store.predictions(kind, span).await.map_err(|e| unreadable(&e))
}

/// Since when levels mean what they mean now.
///
/// # Errors
/// 503 when the state cannot be read.
pub(crate) fn counted_since(state: &WebState) -> Result<MarketTime, ApiError> {
    let Some(own) = state.handles.measures.as_deref() else {
        // A read-only node: what the scanner has published.
        return Ok(state.handles.view.status().levels_since.unwrap_or(MarketTime::MIN));
    };
    levels_since(own).map_err(|error| {
        tracing::warn!(%error, "since when levels are counted cannot be read");
        Cause::State.into()
    })
}

/// Market time; before anything is heard of it the newest prediction's, which the machine's clock may be behind: nothing that was
/// predicted is to be missing after a restart.
async fn newest(state: &WebState) -> Result<MarketTime, ApiError> {
    let now = state.now();
    if state.handles.view.status().market_time > MarketTime::EPOCH {
        return Ok(now);
    }
    let last =
        LedgerPage { kinds: Vec::new(), symbol: None, before: (Span::ALL.to, String::new()), limit: 1 };
    let page = store(state)?.ledger_page(last).await.map_err(|e| unreadable(&e))?;
    Ok(page.first().map_or(now, |(prediction, _)| now.max(prediction.opened_at)))
}

/// The performance of the last `days`, made anew when the kept answer is too old.
pub(crate) async fn read(state: &WebState, days: i64) -> Result<Arc<PerformanceBody>, ApiError> {
    let mono = state.handles.machine.mono_time();
    if let Some(kept) = state.cached.get(days, mono, KEPT_MS) {
        return Ok(kept);
    }
    let since = counted_since(state)?;
    let now = newest(state).await?;
    // Held while it is read: whoever asks meanwhile would read the same.
    let mut known = state.days.lock().await;
    let record = track_record::read(&**store(state)?, days, now, since, &mut known).await;
    let record = record.map_err(|e| unreadable(&e))?;
    Ok(state.cached.put(days, mono, summary(&record, days, since)))
}

/// How far back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct PerformanceParams {
    /// Whole days (UTC) looked back, beside today.
    #[param(minimum = 1, maximum = 365)]
    days: i64,
}

impl Default for PerformanceParams {
    fn default() -> Self {
        Self { days: DAYS }
    }
}

/// Precision by level with intervals, base rate, calibration, time to hit, rises and falls.
#[utoipa::path(get, path = "/api/v1/performance", params(PerformanceParams),
    responses((status = 200, body = PerformanceBody), (status = 503, body = Problem)))]
pub(crate) async fn performance(
    Params(asked): Params<PerformanceParams>,
    state: Data<WebState>,
) -> Result<Json<PerformanceBody>, ApiError> {
    Ok(Json(read(&state, asked.days).await?.as_ref().clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::level_rules::LevelBasis;
    use crate::domain::prediction::{JudgedRow, OutcomeRow, PredictionRow};
    use crate::domain::symbol::Symbol;
    use crate::domain::time::DAY_MS;

    fn judged(kind: PredictionKind, level: Level, hit: Option<bool>, n: i64) -> LedgerRow {
        let key = format!("{}-{level}-{n}", kind.as_str());
        let symbol = Symbol::new("AUSDT");
        let p = PredictionRow {
            arm: String::new(),
            key: key.clone(),
            kind,
            symbol: symbol.clone(),
            opened_at: MarketTime::from_ms(n),
            level,
            ladder: LevelBasis::Rule,
            price: 1.0,
            total_score: 80.0,
            probability_7_5: 20.0,
            calibrated_7_5: None,
            profile: String::new(),
            model: String::new(),
            features: Vec::new(),
        };
        let outcome = OutcomeRow {
            key,
            symbol,
            opened_at: MarketTime::from_ms(n),
            resolved_at: MarketTime::from_ms(n + DAY_MS),
            hit_4h: hit.map(|_| false),
            hit_24h: hit,
            minutes_to_hit: hit.filter(|h| *h).map(|_| 300),
            greatest_rise_pct: 4.0,
            deepest_fall_pct: -2.0,
            void: hit.is_none().then(|| "gap".to_owned()),
        };
        (p, Some(outcome))
    }

    fn many(kind: PredictionKind, level: Level, hits: i64, misses: i64) -> Vec<LedgerRow> {
        (0..hits + misses).map(|n| judged(kind, level, Some(n * hits % (hits + misses) < hits), n)).collect()
    }

    fn record(rows: &[LedgerRow]) -> Record {
        let mut record = Record::default();
        record.add(0, &rows.iter().map(JudgedRow::from).collect::<Vec<_>>().iter().collect());
        record
    }

    #[test]
    fn precision_base_rate_and_trust() {
        let mut all = many(PredictionKind::Episode, Level::Fuerte, 15, 5);
        all.extend(many(PredictionKind::Episode, Level::Alta, 10, 10));
        all.extend(many(PredictionKind::Sample, Level::Media, 20, 80));
        all.push(judged(PredictionKind::Episode, Level::Fuerte, None, 99));
        let body = summary(&record(&all), 30, MarketTime::MIN);
        let fuerte = &body.levels[0];
        assert_eq!((fuerte.level, fuerte.opened, fuerte.void), (Level::Fuerte, 21, 1));
        assert_eq!((fuerte.within_24h.precision, fuerte.within_24h.judged), (Some(0.75), 20));
        assert_eq!((fuerte.minutes_to_hit, fuerte.mean_rise_pct), (Some(300), Some(4.0)));
        assert_eq!((body.base_rate_24h.precision, body.levels_trusted), (Some(0.2), Some(true)));
        assert!(
            body.calibration[0].curve.ece.is_some_and(|e| e < 1e-9)
                && body.calibration[1].curve.bins.is_empty()
        );
        all.extend(many(PredictionKind::Episode, Level::Media, 19, 1));
        assert_eq!(summary(&record(&all), 30, MarketTime::MIN).levels_trusted, Some(false));
        assert_eq!(summary(&record(&[]), 30, MarketTime::MIN).levels_trusted, None);
    }
}
