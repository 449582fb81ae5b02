//! A folder with the state and the history of one moment, made while the scanner runs, and put back when it does not.

use super::state::{folder as state_folder, make_all_private};
use crate::adapters::backup::{self, SavedFile};
use crate::adapters::history::sqlite;
use crate::adapters::state;
use crate::domain::moment::MachineTime;
use crate::i18n::{OrFail, Text, cannot_make, cannot_read, cannot_remove, cannot_write, failure, text};
use crate::settings::Settings;
use crate::settings::stores::StorePlace;
use anyhow::bail;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::macros::format_description;

/// The list of what a backup holds; it is written last.
const LIST: &str = "backup.json";
/// Version of that list: a backup of a newer program is refused by it, not by a file that is missing.
const FORMAT: u32 = 2;
/// From this format on a backup tells which of the plain files were there.
const WITH_PLAIN: u32 = 2;
/// What is in force, what was before, and the challengers: files of the state folder, and their names in a backup.
const PLAIN: [(&str, &str); 6] = [
    ("model.json", "model.json"),
    ("profile.toml", "profile.toml"),
    ("previous-model.json", "previous/model.json"),
    ("previous-profile.toml", "previous/profile.toml"),
    ("challenger-model.json", "challenger/model.json"),
    ("challenger-profile.toml", "challenger/profile.toml"),
];
/// What the folder of a backup begins with.
const PREFIX: &str = "impulso-";
/// What the folder of an unfinished one ends with.
const PARTIAL: &str = ".partial";
const HISTORY: &str = "history.db";

/// What a backup holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Saved {
    format: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// When it was made.
    pub created_at: MachineTime,
    pub files: Vec<SavedFile>,
}

/// What a restore did.
#[derive(Debug, Clone)]
pub(crate) struct Restored {
    /// The backup that it was taken from.
    pub from: PathBuf,
    /// Files that stand in their place again.
    pub files: Vec<PathBuf>,
    /// Where the files went that stood there before.
    pub(crate) aside: Vec<PathBuf>,
}

/// A file of a backup, its place and the newest version of its tables that is known.
type Placed = (SavedFile, PathBuf, usize);

fn places(settings: &Settings) -> anyhow::Result<Vec<(&'static str, PathBuf, usize)>> {
    let folder = state_folder(settings);
    let mut places = vec![(state::FILE, folder.join(state::FILE), state::SCHEMA)];
    if let StorePlace::Sqlite(path) = settings.history.place(&folder)? {
        places.push((HISTORY, path, sqlite::SCHEMA));
    }
    places.extend(PLAIN.map(|(name, place)| (name, folder.join(place), 0)));
    Ok(places)
}

fn is_plain(name: &str) -> bool {
    PLAIN.iter().any(|(plain, _)| *plain == name)
}

/// Makes a backup in a folder of its own inside `to`, and keeps the newest `keep` there.
///
/// # Errors
/// Nothing to save, or a folder that cannot be written.
pub(crate) fn backup(
    settings: &Settings,
    to: &Path,
    keep: Option<usize>,
    now: MachineTime,
) -> anyhow::Result<(PathBuf, Saved)> {
    std::fs::create_dir_all(to).or_fail(|| cannot_make(to))?;
    // Two at a time would clear away each other's unfinished folder.
    let lock = std::fs::File::create(to.join(".lock")).or_fail(|| cannot_write(to))?;
    if lock.try_lock().is_err() {
        bail!(failure!(backup_busy, place = to.display().to_string()));
    }
    clear_unfinished(to)?;
    let folder = free_name(to, now)?;
    let partial = PathBuf::from(format!("{}{PARTIAL}", folder.display()));
    std::fs::create_dir(&partial).or_fail(|| cannot_make(&partial))?;
    let mut saved = Saved {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: now,
        files: vec![],
    };
    // The state first: its cursor into the history then never points past what the history's copy holds.
    for (name, path, _) in places(settings)?.into_iter().filter(|(_, path, _)| path.exists()) {
        let to = partial.join(name);
        saved.files.push(if is_plain(name) {
            backup::save_plain(&path, &to)?
        } else {
            backup::save(&path, &to)?
        });
    }
    if saved.files.is_empty() {
        std::fs::remove_dir(&partial)?;
        bail!(failure!(backup_nothing, place = state_folder(settings).display().to_string()));
    }
    std::fs::write(partial.join(LIST), serde_json::to_string_pretty(&saved)?)?;
    // The list is written last and the folder gets its name behind it: a backup that has its name is whole, also
    // after a crash.
    std::fs::File::open(partial.join(LIST))?.sync_all()?;
    // The same as the state itself, tokens and all.
    make_all_private(&partial);
    std::fs::rename(&partial, &folder)?;
    std::fs::File::open(to)?.sync_all()?;
    // Only now: a backup that fails must not have cost an older one.
    for old in finished(to)?.into_iter().rev().skip(keep.unwrap_or(usize::MAX)) {
        std::fs::remove_dir_all(&old).or_fail(|| cannot_remove(&old))?;
    }
    Ok((folder, saved))
}

/// What a backup that was cut short has left.
fn clear_unfinished(to: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(to)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(PREFIX) && name.ends_with(PARTIAL) {
            std::fs::remove_dir_all(&path).or_fail(|| cannot_remove(&path))?;
        }
    }
    Ok(())
}

fn free_name(to: &Path, now: MachineTime) -> anyhow::Result<PathBuf> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let moment = OffsetDateTime::from_unix_timestamp(now.ms().div_euclid(1_000))?.format(format)?;
    let names = (1..).map(|n| match n {
        1 => to.join(format!("{PREFIX}{moment}")),
        n => to.join(format!("{PREFIX}{moment}-{n}")),
    });
    Ok(names.into_iter().find(|path| !path.exists()).or_fail(|| text!(backup_no_name))?)
}

/// Backups in a folder, the newest last.
fn finished(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(PREFIX) && !name.ends_with(PARTIAL) && path.join(LIST).is_file() {
            found.push(path);
        }
    }
    // The name is the moment, so that order of names is order of time.
    found.sort();
    Ok(found)
}

/// Puts a backup back: `from` is its folder, or the folder of several, of which the newest counts.
///
/// # Errors
/// A backup that is not whole, files that somebody uses. Nothing is replaced then.
pub(crate) fn restore(settings: &Settings, from: &Path) -> anyhow::Result<Restored> {
    let folder = if from.join(LIST).is_file() {
        from.to_owned()
    } else {
        let all = finished(from).or_fail(|| cannot_read(from))?;
        let place = || text!(backup_none, place = from.display().to_string());
        all.into_iter().next_back().or_fail(place)?
    };
    let list = read_list(&folder)?;
    let files = wanted(settings, &list)?;
    // Everything is looked at, then everything is copied, then everything is replaced: what can fail fails before the
    // first file has changed.
    for (saved, _, newest) in &files {
        backup::check(&folder.join(&saved.name), saved, *newest)?;
    }
    for (_, place, _) in &files {
        backup::free(place)?;
    }
    let staged = files.iter().map(|(saved, place, newest)| {
        backup::stage(&folder.join(&saved.name), place, saved, *newest).or_fail(|| cannot_write(place))
    });
    let staged = staged.collect::<Result<Vec<_>, _>>()?;
    let mut done = Restored { from: folder, files: Vec::new(), aside: Vec::new() };
    for (copy, (_, place, _)) in staged.iter().zip(&files) {
        done.aside.extend(backup::replace(copy, place).or_fail(|| cannot_replace(place))?);
        done.files.push(place.clone());
    }
    if list.format >= WITH_PLAIN {
        // What was put in force after the backup was made.
        let later = places(settings)?
            .into_iter()
            .filter(|(name, place, _)| is_plain(name) && place.exists() && !done.files.contains(place));
        for (_, place, _) in later {
            done.aside.push(backup::set_aside(&place).or_fail(|| cannot_replace(&place))?);
        }
    }
    Ok(done)
}

fn cannot_replace(path: &Path) -> Text {
    text!(cannot_replace, place = path.display().to_string())
}

fn read_list(folder: &Path) -> anyhow::Result<Saved> {
    let path = folder.join(LIST);
    let text = std::fs::read_to_string(&path).or_fail(|| cannot_read(&path))?;
    let place = path.display().to_string();
    let saved: Saved =
        serde_json::from_str(&text).or_fail(|| text!(backup_no_list, place = place.clone()))?;
    if saved.format > FORMAT {
        bail!(failure!(backup_newer, place = place, version = saved.program));
    }
    Ok(saved)
}

/// The files of the backup that have a place under these settings.
fn wanted(settings: &Settings, saved: &Saved) -> anyhow::Result<Vec<Placed>> {
    let places = places(settings)?;
    let files: Vec<Placed> = saved
        .files
        .iter()
        .filter_map(|file| {
            let (_, path, newest) = places.iter().find(|(name, ..)| *name == file.name)?;
            Some((file.clone(), path.clone(), *newest))
        })
        .collect();
    if files.is_empty() {
        bail!(failure!(backup_nothing_of_use));
    }
    Ok(files)
}
