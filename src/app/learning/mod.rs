//! Training and proof over recorded candles.

pub mod backtest;
pub mod explain;
pub mod ledger;
pub mod lookahead;
pub mod models;
pub mod schedule;
pub mod sources;
mod stored;
pub mod train;
pub mod tune;

use super::compose::{analysis_config, ranking_filters};
use crate::domain::time::UtcMs;
use crate::learning::dataset::{Builder, Dataset};
use crate::learning::parallel::{Steps, WARM_UP_MS, replay};
use crate::settings::Settings;
use anyhow::Context;
use sources::{Recorded, SourceError};
use std::path::Path;
use std::sync::Arc;

/// Threads of a replay: all cores.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// The points of a folder, every `step_ms`, and the number of its pairs; `None` for `from` takes the first moment with all
/// features.
///
/// # Errors
/// A folder without candles, or a file that makes no sense.
pub(crate) fn dataset(
    folder: &Path,
    settings: &Settings,
    step_ms: i64,
    span: (Option<UtcMs>, Option<UtcMs>),
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<(Dataset, usize)> {
    let recorded = Recorded::look(folder)?;
    let config = analysis_config(settings, recorded.base).with_context(|| folder.display().to_string())?;
    let steps = Steps {
        from: span.0.unwrap_or(recorded.span.0 + WARM_UP_MS),
        to: span.1.unwrap_or(recorded.span.1),
        step_ms,
    };
    let trouble = SourceError::default();
    let pairs = recorded.pairs(&Arc::new(config), &trouble);
    let count = pairs.len();
    let mut builder = Builder::new(ranking_filters(settings));
    replay(
        pairs,
        steps,
        threads(),
        |moment| {
            builder.take(&moment);
            trouble.check()
        },
        |done, all, _| progress(done, all),
    )?;
    Ok((builder.finish(), count))
}
