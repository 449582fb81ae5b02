//! The Prometheus recorder of the process and its text form.

use crate::domain::moment::MachineTime;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;
use std::time::Duration;

/// A process has one recorder; tests start several scanners in one. Held until it is installed, so that the second
/// finds the first's.
static INSTALLED: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// Upper bounds of the duration histograms, seconds: fine where the scanner lives (ms), up to the 30 s of a cycle.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Between two foldings: hundreds of requests a second leave some ten thousand values by then, which take a millisecond.
const FOLD_EVERY: Duration = Duration::from_secs(5);

/// Counters that stand at zero from the start: a rate over a counter that first appears with its first event would
/// miss that event.
const FROM_ZERO: [&str; 13] = [
    "impulso_cycles_missed_total",
    "impulso_cycles_published_total",
    "impulso_gaps_total",
    "impulso_history_dropped_total",
    "impulso_history_failures_total",
    "impulso_history_rows_total",
    "impulso_klines_total",
    "impulso_reconnects_total",
    "impulso_restarts_total",
    "impulso_rotations_total",
    "impulso_silent_pairs_total",
    "impulso_state_files_corrupt_total",
    "impulso_ws_closed_slow_total",
];

/// The recorder could not be put in place.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The bucket list was refused.
    #[error("the metrics recorder could not be built: {0}")]
    Build(#[from] BuildError),
    /// Something else in this process records metrics already.
    #[error("another metrics recorder is installed in this process: install this one first")]
    Taken,
}

/// Renders what the process has recorded.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Installs the recorder of the process; a second call gives the same one.
    ///
    /// # Errors
    /// When the recorder cannot be built or another one is installed.
    pub fn install() -> Result<Self, MetricsError> {
        let mut slot = INSTALLED.lock();
        if let Some(handle) = slot.as_ref() {
            return Ok(Self(handle.clone()));
        }
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Taken)?;
        *slot = Some(handle.clone());
        Ok(Self(handle))
    }

    /// Says which program this is and since when it runs, and puts the counters that are watched at zero.
    pub fn begin(&self, started: MachineTime) {
        metrics::gauge!("impulso_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        metrics::gauge!("impulso_start_time_seconds").set(started.ms() as f64 / 1_000.0);
        for name in FROM_ZERO {
            metrics::counter!(name).increment(0);
        }
        for cause in ["history_candles", "history_samples", "history_scores"] {
            metrics::counter!("impulso_drops_total", "cause" => cause).increment(0);
        }
        for kind in ["rate_limited", "banned", "firewall"] {
            metrics::counter!("impulso_rest_failures_total", "kind" => kind).increment(0);
        }
    }

    /// Folds what was recorded, for as long as it is awaited: the recorder keeps every value of a histogram until then, and
    /// nobody need ever ask for the text.
    pub(crate) async fn keep_folding(self) -> ! {
        loop {
            tokio::time::sleep(FOLD_EVERY).await;
            self.0.run_upkeep();
        }
    }

    /// The Prometheus text exposition.
    pub(crate) fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}
