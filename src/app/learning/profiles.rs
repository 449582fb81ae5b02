//! Profiles in settings files.

use crate::app::whole_file::write_whole;
use crate::domain::score::profile::Profile;
use crate::settings::Settings;
use std::path::Path;
use std::sync::Arc;

/// The profile of a settings file, over the one in the program.
pub fn read_profile(path: &Path) -> anyhow::Result<Arc<Profile>> {
    Ok(Settings::only(path)?.analysis.profile)
}

/// Writes a settings file with a profile. `about`: lines of comment at its top.
pub(crate) fn write_profile(profile: &Profile, about: &str, out: &Path) -> anyhow::Result<()> {
    let body = toml::to_string(&serde_json::json!({ "analysis": { "profile": profile } }))?;
    let about: String = about.lines().map(|line| format!("# {line}\n")).collect();
    write_whole(out, format!("{about}{body}").as_bytes())
}
