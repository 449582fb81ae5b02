//! A damaged file is put aside and a new one begun, by the thread that writes. It is told of damage by whoever meets it.

use super::fault::Fault;
use crate::adapters::sqlite_file::{self, Asides};
use crate::i18n::{Text, io_in_words};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the threads of a store tell each other.
#[derive(Debug)]
pub(super) struct Mending {
    place: Arc<Path>,
    /// A command beside the scanner takes no file away.
    allowed: bool,
    /// Which file is damaged, by its number, and why. A lock, as a text goes from one thread to another, once.
    damage: Mutex<Option<(u64, String)>>,
    /// Files begun. Release and Acquire: who sees a new number opens the file behind it.
    begun: AtomicU64,
    /// Damaged files of before.
    pub(super) asides: Asides,
}

impl Mending {
    pub(super) fn new(place: &Arc<Path>, allowed: bool) -> Arc<Self> {
        Arc::new(Self {
            place: Arc::clone(place),
            allowed,
            damage: Mutex::new(None),
            begun: AtomicU64::new(0),
            asides: Asides::of(place),
        })
    }

    /// The file with that number is damaged: the next write begins a new one.
    fn tell(&self, of: u64, why: String) {
        if self.allowed && of == self.begun() {
            *self.damage.lock() = Some((of, why));
        }
    }

    /// Why the file of now is damaged. What is said of one before, by who still had it open, is no more of interest.
    fn damage(&self) -> Option<String> {
        let told = self.damage.lock().take();
        told.filter(|(of, _)| *of == self.begun()).map(|(_, why)| why)
    }

    fn begun(&self) -> u64 {
        self.begun.load(Ordering::Acquire)
    }
}

/// Moves the damaged file away and says so.
pub(super) fn put_aside(place: &Path, why: &str) -> io::Result<()> {
    let aside = sqlite_file::put_aside(place)?;
    metrics::counter!("impulso_history_files_corrupt_total").increment(1);
    tracing::error!(
        file = %place.display(), moved_to = %aside.display(), reason = why,
        "the history is damaged: it was moved aside and a new one begun; 'impulso history recover {}' brings what can be \
         read of it into the new one",
        aside.display()
    );
    Ok(())
}

/// The connection of one thread, which follows to a new file.
#[derive(Debug)]
pub(super) struct Follower {
    connection: Connection,
    mending: Arc<Mending>,
    /// Number of its file; `None` where none could be opened.
    of: Option<u64>,
    open: fn(&Path) -> Result<Connection, Fault>,
}

impl Follower {
    pub(super) fn new(
        connection: Connection,
        mending: &Arc<Mending>,
        open: fn(&Path) -> Result<Connection, Fault>,
    ) -> Self {
        Self { connection, mending: Arc::clone(mending), of: Some(mending.begun()), open }
    }

    /// A write has met damage.
    pub(super) fn damaged(&self, why: String) {
        if let Some(of) = self.of {
            self.mending.tell(of, why);
        }
    }

    /// A read has failed. Where that was for damage all of the file is looked through before it is believed.
    pub(super) fn failed(&self, fault: &Fault) {
        if fault.is_damage() {
            self.look();
        }
    }

    /// Looks the whole file through.
    pub(super) fn check(&mut self) -> Result<(), Fault> {
        self.current()?;
        self.look().map_or(Ok(()), |why| Err(Fault::Damaged(Text::verbatim(why))))
    }

    fn look(&self) -> Option<String> {
        let error = sqlite_file::sound(&self.connection).err().filter(sqlite_file::is_damage)?;
        self.damaged(error.to_string());
        Some(error.to_string())
    }

    /// The connection to the file of now; `true` where that is another one than before.
    pub(super) fn current(&mut self) -> Result<(&mut Connection, bool), Fault> {
        let now = self.mending.begun();
        let moved = self.of != Some(now);
        if moved {
            // Closed first: the last one to close a file plays its log into it.
            (self.of, self.connection) = (None, Connection::open_in_memory()?);
            self.connection = (self.open)(&self.mending.place)?;
            self.of = Some(now);
        }
        Ok((&mut self.connection, moved))
    }

    /// The same for the thread that writes: where damage was told it puts the file aside before.
    pub(super) fn mended(&mut self) -> Result<(&mut Connection, bool), Fault> {
        if let Some(why) = self.mending.damage() {
            (self.of, self.connection) = (None, Connection::open_in_memory()?);
            put_aside(&self.mending.place, &why).map_err(|e| {
                Fault::Refused(Text::new(move |t| t.history_damaged_stays(&why, io_in_words(&e, t))))
            })?;
            self.mending.asides.look();
            self.mending.begun.fetch_add(1, Ordering::Release);
        }
        self.current()
    }
}
