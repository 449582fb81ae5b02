//! What could not be written before the program ended: in files beside the state, from where the next start takes it.

use super::schema::{CHECKED_KEY, FILE};
use crate::actors::ports::state::{OperationalState, Unwritten};
use std::io;
use std::path::{Path, PathBuf};

/// Files are named by when they were made, so that they are taken in their order.
fn is_one(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with(&format!("{FILE}-unwritten-")) && name.ends_with(".json")
}

/// Puts it into a file of its own; on the disk when this returns.
pub(super) fn keep(state: &Path, unwritten: &Unwritten) -> io::Result<()> {
    let folder = state.parent().unwrap_or_else(|| Path::new("."));
    let made_ms = unwritten.outgoing.now.ms();
    let file = tempfile::Builder::new()
        .prefix(&format!("{FILE}-unwritten-{made_ms:020}-"))
        .suffix(".tmp")
        .tempfile_in(folder)?;
    serde_json::to_writer(&file, unwritten)?;
    file.as_file().sync_all()?;
    let whole = file.path().with_extension("json");
    file.persist(whole)?;
    Ok(())
}

/// Writes what earlier runs put into such files. One that cannot be read or written is told and left where it is.
pub(super) fn take_back(state: &dyn OperationalState, folder: &Path) {
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = files.filter(|path| is_one(path)).collect();
    files.sort();
    for file in files {
        match written(state, &file) {
            Ok((messages, predictions)) => tracing::info!(
                messages,
                predictions,
                "what an earlier run could not write at its stop is in the state"
            ),
            Err(error) => tracing::error!(
                file = %file.display(),
                %error,
                "what an earlier run could not write at its stop cannot be taken over; the next start tries again"
            ),
        }
    }
}

fn written(state: &dyn OperationalState, file: &Path) -> io::Result<(usize, usize)> {
    let mut unwritten: Unwritten = serde_json::from_slice(&std::fs::read(file)?)?;
    // Where a run has written since (the file could not be taken over at its start), its memory of the alerts is the newer one.
    let written_at = state.get(CHECKED_KEY)?.and_then(|at| at.parse::<i64>().ok());
    if written_at.is_some_and(|at| at > unwritten.outgoing.now.ms()) {
        unwritten.outgoing.policy_memory = None;
    }
    state.enqueue(&unwritten.outgoing)?;
    state.open_predictions(&unwritten.predictions)?;
    // Behind both: a crash in between takes it once more, and what is known already is passed over.
    std::fs::remove_file(file)?;
    Ok((unwritten.outgoing.messages.len(), unwritten.predictions.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::alert::MEMORY_KEY;
    use crate::actors::ports::alerts::Outgoing;
    use crate::adapters::state::{FolderLock, StateDb};
    use crate::domain::alert::message::{Message, Notice};
    use crate::domain::moment::MachineTime;

    fn unwritten(channel: &str, at: i64) -> Unwritten {
        let now = MachineTime::from_ms(at);
        let message = Message::Notice { at: now, notice: Notice::ChannelBack { channel: channel.into() } };
        let messages = vec![(message, vec!["discord".to_owned()])];
        let outgoing =
            Outgoing { messages, policy_memory: Some(format!("\"{at}\"")), now, ..Outgoing::default() };
        Unwritten { outgoing, predictions: Vec::new() }
    }

    #[test]
    fn what_is_set_aside_while_the_file_is_locked_is_there_at_the_next_start_once() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDb::open(dir.path()).unwrap();
        let other = rusqlite::Connection::open(state.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        state.hurry();
        for (channel, at) in [("b", 20), ("a", 10)] {
            assert!(state.enqueue(&unwritten(channel, at).outgoing).is_err());
            state.set_aside(&unwritten(channel, at)).unwrap();
        }
        std::fs::write(dir.path().join(format!("{FILE}-unwritten-00-x.json")), "{\"outgoing\": [").unwrap();
        other.execute_batch("ROLLBACK").unwrap();
        drop(state);
        for start in ["the first", "the second"] {
            let lock = FolderLock::take(dir.path()).unwrap();
            let state = StateDb::open_held(dir.path(), &lock).unwrap();
            assert_eq!(state.counts("discord").unwrap()[0], 2, "{start}");
            assert_eq!(state.get(MEMORY_KEY).unwrap().as_deref(), Some("\"20\""));
            let left = std::fs::read_dir(dir.path()).unwrap().filter(|f| is_one(&f.as_ref().unwrap().path()));
            assert_eq!(left.count(), 1, "the one that cannot be read stays, and holds up no other");
        }
    }

    #[test]
    fn a_run_that_has_written_since_knows_better_what_was_told() {
        for (written_at, memory) in [(29, "\"30\""), (31, "\"newer\"")] {
            let dir = tempfile::tempdir().unwrap();
            let state = StateDb::open(dir.path()).unwrap();
            state.set_aside(&unwritten("a", 30)).unwrap();
            state.check(MachineTime::from_ms(written_at)).unwrap();
            state.put(MEMORY_KEY, "\"newer\"").unwrap();
            drop(state);
            let lock = FolderLock::take(dir.path()).unwrap();
            let state = StateDb::open_held(dir.path(), &lock).unwrap();
            assert_eq!(state.counts("discord").unwrap()[0], 1, "the alert itself is taken over");
            assert_eq!(state.get(MEMORY_KEY).unwrap().as_deref(), Some(memory));
        }
    }
}
