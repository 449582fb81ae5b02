//! The operational state of the settings.

use crate::adapters::state::StateDb;
use crate::settings::Settings;
use std::path::PathBuf;

pub(crate) fn open(settings: &Settings) -> std::io::Result<StateDb> {
    StateDb::open(&folder(settings))
}

pub(crate) fn folder(settings: &Settings) -> PathBuf {
    let env = |name: &str| std::env::var(name).ok();
    settings.state.folder(env("HOME").as_deref(), env("XDG_STATE_HOME").as_deref())
}
