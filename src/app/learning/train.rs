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
    /// Folders of candles, each a period of its own.
    pub folders: Vec<PathBuf>,
    /// Name of the model.
    pub name: String,
    /// Between points, ms.
    pub step_ms: i64,
    /// First moment; `None` for the first with all features.
    pub from: Option<UtcMs>,
    /// End of the moments.
    pub to: Option<UtcMs>,
    /// How.
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
    let card = Card {
        name: wanted.name.clone(),
        target: "a high of at least +7.5 % within 24 h".to_owned(),
        trained_on,
        embargo_h: u32::try_from(EMBARGO_MS / HOUR_MS).unwrap_or(24),
        metrics: Vec::new(),
        notes: vec![
            "The chance of the touch, not of a profit: costs and what comes after the touch are not in it."
                .to_owned(),
            "Hits come in clusters; figures over all points say little about a single month.".to_owned(),
        ],
    };
    let (model, _) = train(&all, card, &wanted.config, |done, of| progress("training", done, of))?;
    Ok(model)
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
