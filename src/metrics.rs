//! The Prometheus recorder of the process and its text form.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::{Mutex, PoisonError};

static INSTALLED: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// Upper bounds of the duration histograms, seconds.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

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
        let mut slot = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// The Prometheus text exposition.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}
