//! The operational state of the settings, in a folder that is its owner's alone: tokens' hashes, messages that wait, alerts.

use crate::adapters::state::StateDb;
use crate::settings::Settings;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What the names of the files begin with that hold something.
const OWN: [&str; 3] = ["state.db", "history.db", "operator-code"];

pub(crate) fn open(settings: &Settings) -> io::Result<StateDb> {
    open_in(&folder(settings))
}

/// Opens the state of a folder, which is made where it is missing.
pub(super) fn open_in(folder: &Path) -> io::Result<StateDb> {
    make_folder(folder);
    let state = StateDb::open(folder)?;
    make_private(folder);
    Ok(state)
}

/// Makes it, its owner's alone, where it is missing. Where that fails, opening says so in words.
pub(super) fn make_folder(folder: &Path) {
    let _made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
}

fn set(path: &Path, mode: u32) {
    match std::fs::set_permissions(path, PermissionsExt::from_mode(mode)) {
        // Another user's: theirs to decide.
        Err(error) if ![ErrorKind::PermissionDenied, ErrorKind::NotFound].contains(&error.kind()) => {
            tracing::warn!(path = %path.display(), %error, "the permissions cannot be changed");
        }
        _ => {}
    }
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())).map(|entry| entry.path())
}

/// Takes the state's files from everyone but their owner, and the folder where it bears the program's name: another one may
/// hold other things, too.
pub(crate) fn make_private(folder: &Path) {
    if folder.file_name().is_some_and(|name| name == "impulso") {
        set(folder, 0o700);
    }
    for file in files(folder) {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if OWN.iter().any(|own| name.starts_with(own)) {
            set(&file, 0o600);
        }
    }
}

/// The same for a folder of which all is the program's.
pub(crate) fn make_all_private(folder: &Path) {
    set(folder, 0o700);
    files(folder).for_each(|file| set(&file, 0o600));
}

pub(crate) fn folder(settings: &Settings) -> PathBuf {
    let env = |name: &str| std::env::var(name).ok();
    settings.state.folder(env("HOME").as_deref(), env("XDG_STATE_HOME").as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_state_is_its_owners_alone_and_nothing_else_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        let new = dir.path().join("deep/state");
        drop(open_in(&new).unwrap());
        assert_eq!((mode(&new), mode(&new.join("state.db"))), (0o700, 0o600));
        let shared = dir.path().join("shared");
        std::fs::create_dir(&shared).unwrap();
        set(&shared, 0o755);
        std::fs::write(shared.join("notes.txt"), "x").unwrap();
        set(&shared.join("notes.txt"), 0o644);
        drop(open_in(&shared).unwrap());
        let found = [&shared, &shared.join("notes.txt"), &shared.join("state.db")].map(|path| mode(path));
        assert_eq!(found, [0o755, 0o644, 0o600]);
    }
}
