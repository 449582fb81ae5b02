//! Profiles in settings files.

use crate::app::whole_file::write_whole;
use crate::domain::score::profile::Profile;
use crate::settings::{Settings, Sources};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// What `impulso tune` found over all recorded periods: it held in each that it had not seen (docs/LEARNING.md).
const TUNED: &str = include_str!("../../../config/tuned.toml");

/// The profile of a settings file, over the one in the program.
pub fn read_profile(path: &Path) -> anyhow::Result<Arc<Profile>> {
    Ok(Settings::only(path)?.analysis.profile)
}

/// The tuned profile in the program.
pub(super) fn tuned() -> anyhow::Result<Arc<Profile>> {
    // The arms are read every 10 s, and this one never changes.
    static READ: OnceLock<Arc<Profile>> = OnceLock::new();
    if let Some(read) = READ.get() {
        return Ok(Arc::clone(read));
    }
    let file = Some(("config/tuned.toml".into(), TUNED.to_owned()));
    let profile = Settings::load(&Sources { file, ..Sources::default() })?.analysis.profile;
    Ok(Arc::clone(READ.get_or_init(|| profile)))
}

/// Writes a settings file with a profile. `about`: lines of comment at its top.
pub(crate) fn write_profile(profile: &Profile, about: &str, out: &Path) -> anyhow::Result<()> {
    let body = toml::to_string(&serde_json::json!({ "analysis": { "profile": profile } }))?;
    let about: String = about.lines().map(|line| format!("# {line}\n")).collect();
    write_whole(out, format!("{about}{body}").as_bytes())
}
