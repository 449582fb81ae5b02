//! Operational state as small JSON files: written beside, synced, then moved into place.

use crate::actors::ports::StateStore;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Largest value, bytes.
pub const MAX_VALUE_BYTES: u64 = 16 * 1024 * 1024;

/// A folder with one file a key.
#[derive(Debug)]
pub struct StateDir {
    dir: PathBuf,
    writing: Mutex<()>,
}

impl StateDir {
    /// Opens the folder and makes it where it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made or is not writable; the text names it.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let explain = |e: io::Error| {
            let text =
                format!("state folder {} not usable: {e}; choose another with --state-dir", dir.display());
            io::Error::new(e.kind(), text)
        };
        fs::create_dir_all(dir).map_err(explain)?;
        let probe = dir.join(format!(".probe-{}", std::process::id()));
        File::create(&probe).and_then(|_| fs::remove_file(&probe)).map_err(explain)?;
        Ok(Self { dir: dir.to_owned(), writing: Mutex::new(()) })
    }

    fn path(&self, key: &str) -> io::Result<PathBuf> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if key.is_empty() || key.len() > 64 || !key.bytes().all(plain) {
            let text = format!("state key '{key}' not allowed: use a-z, 0-9, _ and -, at most 64");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        Ok(self.dir.join(format!("{key}.json")))
    }

    /// Moves a file that cannot be read aside, so that the scanner goes on and nothing is lost.
    fn set_aside(&self, path: &Path, why: &str) -> io::Result<()> {
        let aside = path.with_extension("json.corrupt");
        fs::rename(path, &aside)?;
        metrics::counter!("impulso_state_files_corrupt_total").increment(1);
        tracing::error!(
            file = %path.display(), moved_to = %aside.display(), reason = why,
            "state file is damaged; it was moved aside and its content starts anew"
        );
        Ok(())
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_VALUE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl StateStore for StateDir {
    fn get(&self, key: &str) -> io::Result<Option<String>> {
        let path = self.path(key)?;
        let bytes = match read_bounded(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let sound = match String::from_utf8(bytes) {
            Ok(text) if text.len() as u64 > MAX_VALUE_BYTES => Err("too large".to_owned()),
            Ok(text) => {
                serde_json::from_str::<serde::de::IgnoredAny>(&text).map(|_| text).map_err(|e| e.to_string())
            }
            Err(e) => Err(e.to_string()),
        };
        match sound {
            Ok(text) => Ok(Some(text)),
            Err(why) => self.set_aside(&path, &why).map(|()| None),
        }
    }

    fn put(&self, key: &str, value: &str) -> io::Result<()> {
        let path = self.path(key)?;
        if value.len() as u64 > MAX_VALUE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("state '{key}' is too large")));
        }
        if let Err(e) = serde_json::from_str::<serde::de::IgnoredAny>(value) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("state '{key}' is no JSON: {e}"),
            ));
        }
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = path.with_extension("json.new");
        let mut file = File::create(&fresh)?;
        file.write_all(value.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        // The name itself must be on the disk too.
        File::open(&self.dir)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_and_damage_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("deep/state");
        let store = StateDir::open(&folder).unwrap();
        assert_eq!(store.get("weight").unwrap(), None);
        store.put("weight", r#"{"until":5}"#).unwrap();
        store.put("weight", r#"{"until":6}"#).unwrap();
        assert_eq!(StateDir::open(&folder).unwrap().get("weight").unwrap().unwrap(), r#"{"until":6}"#);
        fs::write(folder.join("weight.json"), b"{\"until\":").unwrap();
        assert_eq!(store.get("weight").unwrap(), None);
        assert!(folder.join("weight.json.corrupt").exists() && !folder.join("weight.json").exists());
        store.put("weight", "1").unwrap();
        assert_eq!(store.get("weight").unwrap().unwrap(), "1");
    }

    #[test]
    fn bad_keys_values_and_folders_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let store = StateDir::open(dir.path()).unwrap();
        for key in ["", "../x", "A", "a/b"] {
            assert!(store.put(key, "1").is_err() && store.get(key).is_err(), "{key}");
        }
        assert!(store.put("a", "no json").is_err());
        assert_eq!(store.get("a").unwrap(), None);
        let file = dir.path().join("file");
        fs::write(&file, "x").unwrap();
        assert!(StateDir::open(&file).unwrap_err().to_string().contains("--state-dir"));
    }
}
