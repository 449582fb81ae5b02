//! Where models come from: the one in the program, the one in the settings, files.

use crate::app::whole_file::write_whole;
use crate::i18n::{OrFail, text};
use crate::learning::model::Model;
use crate::settings::{Settings, read_text_within};
use std::path::Path;
use std::sync::Arc;

/// Name of the model that ships with the program.
pub(crate) const DEFAULT: &str = "default";
const SHIPPED: &str = include_str!("../../../config/model.json");

/// Largest model file, bytes: many times the one that ships.
pub(super) const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// A model, or the rule.
pub(crate) type Opened = Option<Arc<Model>>;

/// `default`, `none` or a file.
pub fn open(name: &str) -> anyhow::Result<Opened> {
    match name {
        "none" => Ok(None),
        DEFAULT => Ok(Some(Arc::new(Model::read(SHIPPED).or_fail(|| text!(model_default))?))),
        file => {
            let text = read_text_within(Path::new(file), MAX_BYTES)
                .or_fail(|| text!(model_unreadable, name = file.to_owned()))?;
            let model = Model::read(&text).or_fail(|| text!(model_named, name = file.to_owned()))?;
            Ok(Some(Arc::new(model)))
        }
    }
}

pub fn write(model: &Model, out: &Path) -> anyhow::Result<()> {
    write_whole(out, model.write()?.as_bytes())
}

/// All that are named; the one of the settings when none is.
pub(crate) fn open_all(names: &[String], settings: &Settings) -> anyhow::Result<Vec<Opened>> {
    if names.is_empty() {
        return Ok(vec![open(&settings.model.file)?]);
    }
    names.iter().map(|name| open(name)).collect()
}
