//! Where models come from: the one in the program, the one in the settings, files.

use crate::learning::model::Model;
use crate::settings::Settings;
use anyhow::Context;
use std::path::Path;
use std::sync::Arc;

/// The model that ships with the program.
const DEFAULT: &str = include_str!("../../../config/model.json");

/// A model, or the rule.
pub(crate) type Opened = Option<Arc<Model>>;

/// `default`, `none` or a file.
///
/// # Errors
/// A file that is not there or no model, with what to do.
pub fn open(name: &str) -> anyhow::Result<Opened> {
    match name {
        "none" => Ok(None),
        "default" => Ok(Some(Arc::new(Model::read(DEFAULT).context("the model in the program")?))),
        file => {
            let text = std::fs::read_to_string(Path::new(file)).with_context(|| {
                format!("the model {file} cannot be read (allowed are default, none or a model file)")
            })?;
            Ok(Some(Arc::new(Model::read(&text).with_context(|| format!("the model {file}"))?)))
        }
    }
}

/// Where `activate` leaves what is in force.
fn active(settings: &Settings) -> std::path::PathBuf {
    crate::app::state_folder(settings).join("model.json")
}

/// The model in force: a file or `none` of the settings, else the activated one, else the one in the program. One that
/// cannot be used is told, and the rule goes on alone.
pub fn in_force(settings: &Settings) -> Opened {
    let path = active(settings);
    let activated = settings.model.file == "default" && path.exists();
    let name = if activated { path.display().to_string() } else { settings.model.file.clone() };
    let opened = match std::fs::read_to_string(&path) {
        Ok(text) if activated && text.trim() == "none" => Ok(None),
        _ => open(&name),
    };
    match opened {
        Ok(Some(model)) => {
            let first = model.card.trained_on.first().map(|t| t.from.clone()).unwrap_or_default();
            let last = model.card.trained_on.last().map(|t| t.to.clone()).unwrap_or_default();
            tracing::info!(model = model.card.name, from = first, to = last, "model in force");
            Some(model)
        }
        Ok(None) => {
            tracing::info!("no model: levels and alerts by the rule");
            None
        }
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "the model cannot be used: scanning goes on with the rule"
            );
            None
        }
    }
}

/// Puts a model in force from the next start; says what was done.
///
/// # Errors
/// A model that cannot be used, a folder that cannot be written.
pub fn activate(name: &str, settings: &Settings) -> anyhow::Result<String> {
    let path = active(settings);
    if name == "default" {
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(e).with_context(|| format!("{} cannot be removed", path.display()));
            }
            _ => return Ok("in force from the next start: the model in the program".to_owned()),
        }
    }
    let model = open(name)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    match model {
        Some(model) => {
            super::train::write(&model, &path)?;
            Ok(format!("in force from the next start: model {}", model.card.name))
        }
        None => {
            std::fs::write(&path, "none").with_context(|| format!("{} cannot be written", path.display()))?;
            Ok("in force from the next start: the rule alone".to_owned())
        }
    }
}

/// All that are named; the one of the settings when none is.
///
/// # Errors
/// The first that cannot be used.
pub(crate) fn open_all(names: &[String], settings: &Settings) -> anyhow::Result<Vec<Opened>> {
    if names.is_empty() {
        return Ok(vec![open(&settings.model.file)?]);
    }
    names.iter().map(|name| open(name)).collect()
}
