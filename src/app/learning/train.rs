//! `impulso train`: folders of candles in, a model file out.

use crate::domain::time::{HOUR_MS, UtcMs};
use crate::learning::dataset::Dataset;
use crate::learning::folds::EMBARGO_MS;
use crate::learning::model::{Card, Model, TrainedOn};
use crate::learning::train::{TrainConfig, train};
use crate::settings::Settings;
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Folders of candles, each a period of its own; none for the ledger of the history store.
    pub folders: Vec<PathBuf>,
    /// Name of the model.
    pub name: String,
    /// Between points, ms.
    pub step_ms: i64,
    /// First moment; `None` for the first with all features.
    pub from: Option<UtcMs>,
    /// End of the moments.
    pub to: Option<UtcMs>,
    pub config: TrainConfig,
}

/// Makes the data set and trains. `progress`: what is done (points or folds), how much of how much.
///
/// # Errors
/// Candles that cannot be read or are too few.
pub fn run(
    wanted: &Wanted,
    settings: &Settings,
    progress: &mut dyn FnMut(&'static str, usize, usize),
) -> anyhow::Result<Model> {
    if wanted.folders.is_empty() {
        let data = super::ledger::samples(settings, (wanted.from, wanted.to), &mut |done, of| {
            progress("reading the ledger", done, of);
        })?;
        return of_ledger(wanted, data, progress);
    }
    let mut all = Dataset::default();
    let mut trained_on = Vec::new();
    for folder in &wanted.folders {
        let (data, pairs) =
            super::dataset(folder, settings, wanted.step_ms, (wanted.from, wanted.to), &mut |done, of| {
                progress("reading candles", done, of);
            })?;
        let (Some(first), Some(last)) = (data.as_of.first(), data.as_of.last()) else {
            bail!(
                "{}: no point is left; candles of 17 days before --from are needed for the features, 24 h after --to for the outcomes",
                folder.display()
            );
        };
        trained_on.push(TrainedOn {
            from: iso(*first),
            to: iso(*last),
            pairs,
            points: data.len(),
            base_rate: data.base_rate(),
        });
        all.append(&data);
    }
    let (model, _) = train(&all, card(wanted, trained_on, &[]), &wanted.config, |done, of| {
        progress("training", done, of);
    })?;
    Ok(model)
}

/// Trains on the ledger's own samples: what was seen live, and what came.
pub(crate) fn of_ledger(
    wanted: &Wanted,
    (data, pairs): (Dataset, usize),
    progress: &mut dyn FnMut(&'static str, usize, usize),
) -> anyhow::Result<Model> {
    let (Some(first), Some(last)) = (data.as_of.first(), data.as_of.last()) else {
        bail!(
            "the ledger has no judged samples with features yet; a scanner with history makes them every hour"
        );
    };
    let period = TrainedOn {
        from: iso(*first),
        to: iso(*last),
        pairs,
        points: data.len(),
        base_rate: data.base_rate(),
    };
    let note = "Trained on the ledger of a running scanner.";
    let card = card(wanted, vec![period], &[note]);
    let (model, _) = train(&data, card, &wanted.config, |done, of| progress("training", done, of))?;
    Ok(model)
}

fn card(wanted: &Wanted, trained_on: Vec<TrainedOn>, more: &[&str]) -> Card {
    let notes = [
        "The chance of the touch, not of a profit: costs and what comes after the touch are not in it.",
        "Hits come in clusters; figures over all points say little about a single month.",
    ];
    Card {
        name: wanted.name.clone(),
        target: "a high of at least +7.5 % within 24 h".to_owned(),
        trained_on,
        embargo_h: u32::try_from(EMBARGO_MS / HOUR_MS).unwrap_or(24),
        metrics: Vec::new(),
        notes: notes.iter().chain(more).map(|note| (*note).to_owned()).collect(),
    }
}

/// Writes a model file, whole or not at all.
///
/// # Errors
/// A place that cannot be written.
pub fn write(model: &Model, out: &Path) -> anyhow::Result<()> {
    let place = || format!("{} cannot be written", out.display());
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(place)?;
    std::io::Write::write_all(&mut file, model.write()?.as_bytes()).with_context(place)?;
    file.persist(out).with_context(place)?;
    Ok(())
}

fn iso(at: UtcMs) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |t| t.to_string())
}
