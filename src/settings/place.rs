//! Where the settings file is that nobody names. Not in the current folder: a folder that was copied from somewhere would
//! decide where alerts go, and what is read on the way (`password_file`).

use std::path::{Path, PathBuf};

/// Its name wherever it is.
const NAME: &str = "impulso.toml";
/// For all users, and for services.
const OF_THE_SYSTEM: &str = "/etc/impulso";

fn places(xdg: Option<&str>, home: Option<&str>) -> Vec<PathBuf> {
    let absolute = |path: &&str| Path::new(path).is_absolute();
    let own = xdg.filter(absolute).map(PathBuf::from);
    let own = own.or_else(|| home.filter(absolute).map(|home| Path::new(home).join(".config")));
    let own = own.map(|folder| folder.join("impulso").join(NAME));
    own.into_iter().chain([Path::new(OF_THE_SYSTEM).join(NAME)]).collect()
}

/// The file that is read without being named; `env` gives HOME and XDG_CONFIG_HOME.
pub(crate) fn found(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let (xdg, home) = (env("XDG_CONFIG_HOME"), env("HOME"));
    places(xdg.as_deref(), home.as_deref()).into_iter().find(|path| path.is_file())
}

/// A file of the current folder that whoever put it there may believe to be read, and where it would be.
pub(crate) fn left_unread(
    read: Option<&Path>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Option<(PathBuf, PathBuf)> {
    let local = PathBuf::from(NAME);
    let same = |read: &Path| read.canonicalize().ok() == local.canonicalize().ok();
    if !local.is_file() || read.is_some_and(same) {
        return None;
    }
    let (xdg, home) = (env("XDG_CONFIG_HOME"), env("HOME"));
    Some((local, places(xdg.as_deref(), home.as_deref()).swap_remove(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_file_then_that_of_the_system() {
        let at = |xdg, home| places(xdg, home)[0].display().to_string();
        assert_eq!(at(Some("/x"), Some("/h")), "/x/impulso/impulso.toml");
        assert_eq!(at(Some(""), Some("/h")), "/h/.config/impulso/impulso.toml");
        assert_eq!(at(Some("relative"), None), "/etc/impulso/impulso.toml");
        assert_eq!(places(None, Some("/h")).len(), 2);
    }
}
