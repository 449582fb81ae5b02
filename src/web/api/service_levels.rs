//! `GET /api/v1/measures`: what users measure the scanner by, now, over 24 h and over 30 days.

use crate::actors::cycle_stats::leaps;
use crate::actors::ports::history::{LedgerRow, PredictionKind, Span};
use crate::actors::ports::state::OperationalState;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::report::Level;
use crate::domain::service_levels::{ClockLeap, CycleMinute, ServiceLevels, measure};
use crate::domain::time::{DAY_MS, MINUTE_MS};
use crate::learning::evaluation::daily::Precision;
use crate::learning::evaluation::hits::Hits;
use crate::web::api::performance::{counted_since, ledger};
use crate::web::cached::KEPT_MS;
use crate::web::config::WebState;
use crate::web::problem::{ApiError, Cause, Problem};
use crate::web::query::{NoParams, Params};
use actix_web::web::{Data, Json};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// Minutes are on the disk so long after their end, ms: spans end before.
const SETTLED_MS: i64 = MINUTE_MS + 2_000;
/// Spans by name, ms: is it well now, today, and over the month that 99.5 % is promised for.
const SPANS: [(&str, i64); 3] = [("10m", 10 * MINUTE_MS), ("24h", DAY_MS), ("30d", 30 * DAY_MS)];

/// What is aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub(crate) struct TargetsBody {
    /// Least coverage, 0-1.
    pub coverage: f64,
    /// Longest latency of a cycle, ms.
    pub latency_ms: f64,
    /// Least precision of FUERTE within 24 h, 0-1.
    pub fuerte_precision: f64,
    /// Least availability, 0-1.
    pub availability: f64,
    /// Least number of pairs.
    pub pairs: u32,
}

/// The aims.
pub(crate) const TARGETS: TargetsBody = TargetsBody {
    coverage: 0.95,
    latency_ms: 30_000.0,
    fuerte_precision: 0.6,
    availability: 0.995,
    pairs: 500,
};

/// One span of machine time; values are null where no cycle was published.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct SpanBody {
    /// 10m, 24h or 30d.
    pub span: &'static str,
    #[serde(flatten)]
    pub levels: ServiceLevels,
    /// +7.5 % within 24 h of the rises to FUERTE that were judged in the span; null where no history is kept.
    pub fuerte: Option<Precision>,
}

/// The newest cycle; null fields when it is older than three intervals.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub(crate) struct NowBody {
    /// 0-1.
    pub coverage: Option<f64>,
    /// ms.
    pub latency_ms: Option<f64>,
    /// Pairs of the universe.
    pub pairs: Option<u32>,
}

/// `GET /api/v1/measures`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MeasuresBody)]
pub(crate) struct ServiceLevelsBody {
    /// When the scanner was started for the first time, ms UTC of the machine's clock.
    pub first_start: i64,
    /// What is aimed at.
    pub targets: TargetsBody,
    /// The newest cycle.
    pub(crate) now: NowBody,
    /// Ten minutes, a day, thirty days.
    pub spans: Vec<SpanBody>,
}

/// The newest cycle, unless it is too old to be called now.
pub(crate) fn now(state: &WebState) -> NowBody {
    let Some(published) = state.handles.view.published() else { return NowBody::default() };
    let snapshot = &published.snapshot;
    if state.now() - snapshot.as_of > 3 * state.config.cycle_interval_ms {
        return NowBody::default();
    }
    NowBody {
        coverage: Some(snapshot.coverage.ratio()),
        latency_ms: Some(snapshot.latency_ms),
        pairs: Some(snapshot.coverage.universe),
    }
}

/// Rises to FUERTE that were judged since `since`, market time.
fn fuerte(all: &[LedgerRow], since: MarketTime) -> Precision {
    let mut days: BTreeMap<i64, Hits> = BTreeMap::new();
    for (prediction, outcome) in all.iter().filter(|(p, _)| p.level == Level::Fuerte) {
        let judged = outcome.as_ref().filter(|o| o.resolved_at >= since);
        if let Some(hit) = judged.and_then(|o| o.hit_24h) {
            days.entry(prediction.opened_at.index(DAY_MS)).or_default().add(hit);
        }
    }
    Precision::of_days(days.into_values())
}

fn spans(kept: &Kept, state: &WebState, episodes: Option<&[LedgerRow]>) -> Vec<SpanBody> {
    let machine = state.handles.machine.machine_time() - SETTLED_MS;
    let to = machine.floor(MINUTE_MS).max(kept.first);
    let body = |(span, ms): (&'static str, i64)| SpanBody {
        span,
        levels: measure(&kept.slots, &kept.leaps, kept.first, to - ms, to, state.config.cycle_interval_ms),
        fuerte: episodes.filter(|_| ms >= DAY_MS).map(|all| fuerte(all, state.now() - ms)),
    };
    SPANS.map(body).into()
}

/// What the scanner kept of its cycles.
struct Kept {
    first: MachineTime,
    slots: Vec<CycleMinute>,
    leaps: Vec<ClockLeap>,
}

fn kept(store: &dyn OperationalState, machine: MachineTime) -> Result<Kept, ApiError> {
    let read = || {
        let slots = store.cycle_minutes(machine - SPANS[2].1 - SETTLED_MS - MINUTE_MS)?;
        Ok(Kept { first: store.first_start(machine)?, slots, leaps: leaps(store)? })
    };
    read().map_err(|error: std::io::Error| {
        tracing::warn!(%error, "cycle statistics cannot be read");
        Cause::State.into()
    })
}

/// All measures, made anew when the kept answer is too old.
///
/// # Errors
/// 503 on a read-only node, or when the state or the history store does not answer.
pub(crate) async fn read(state: &WebState) -> Result<Arc<ServiceLevelsBody>, ApiError> {
    let mono = state.handles.machine.mono_time();
    if let Some(kept) = state.cached.get(0, mono, KEPT_MS) {
        return Ok(kept);
    }
    let store = state.handles.measures.as_ref().ok_or(Cause::ReadOnlyLevels)?;
    let minutes = kept(&**store, state.handles.machine.machine_time())?;
    let episodes = match &state.handles.history {
        None => None,
        Some(history) => {
            // The last to be judged in the span were opened a day, and hours of patience, before it.
            let from = (state.now() - SPANS[2].1 - 2 * DAY_MS).max(counted_since(state)?);
            let opened = Span { from, to: Span::ALL.to };
            Some(ledger(&**history, Some(PredictionKind::Episode), opened).await?)
        }
    };
    let spans = spans(&minutes, state, episodes.as_deref());
    let body =
        ServiceLevelsBody { first_start: minutes.first.ms(), targets: TARGETS, now: now(state), spans };
    Ok(state.cached.put(0, mono, body))
}

/// Coverage, latency, precision of FUERTE, availability and pairs against what is aimed at.
#[utoipa::path(get, path = "/api/v1/measures", tag = "measures", responses((status = 200, body = ServiceLevelsBody), (status = 503, body = Problem)))]
pub(crate) async fn measures(
    _: Params<NoParams>,
    state: Data<WebState>,
) -> Result<Json<ServiceLevelsBody>, ApiError> {
    let body = read(&state).await?;
    Ok(Json(ServiceLevelsBody { now: now(&state), ..body.as_ref().clone() }))
}
