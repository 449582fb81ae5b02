//! Batches that a store did not take, in local files until it does. Two lanes: candles and scores, of which the
//! oldest are given up when the files grow too large, and everything else, which is never given up.

mod frames;

pub(in crate::adapters::history) use frames::Frame;

use crate::actors::ports::history::HistoryBatch;
use frames::{decode, encode, heads};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that has this many rows is full: it is written to the store in one go.
const SEGMENT_ROWS: u64 = 20_000;
/// A file that has this many bytes is full. It is read into memory as a whole.
const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    /// Everything but candles and scores.
    Precious,
    Bulk,
}

impl Lane {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Precious => "precious",
            Self::Bulk => "bulk",
        }
    }
}

#[derive(Debug)]
struct Segment {
    lane: Lane,
    number: u64,
    bytes: u64,
    rows: u64,
    sealed: bool,
}

/// The content of the file that is written to the store next.
#[derive(Debug)]
pub(in crate::adapters::history) struct Pending {
    lane: Lane,
    number: u64,
    damaged: bool,
    pub(in crate::adapters::history) frames: Vec<Frame>,
}

/// The spill folder; one process at a time holds it.
#[derive(Debug)]
pub(in crate::adapters::history) struct Spill {
    dir: PathBuf,
    max_bytes: u64,
    segments: Vec<Segment>,
    newest_version: u64,
    /// The lock of the folder goes with the open file, also when the process is killed.
    _lock: File,
}

impl Spill {
    /// Opens the folder and makes it where it is missing; cuts torn tails off. `None`: another process holds it.
    pub(in crate::adapters::history) fn open(dir: &Path, max_bytes: u64) -> io::Result<Option<Self>> {
        std::fs::create_dir_all(dir)?;
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("spill.lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
        let mut spill =
            Self { dir: dir.to_owned(), max_bytes, segments: Vec::new(), newest_version: 0, _lock: lock };
        for entry in std::fs::read_dir(dir)? {
            let name = entry?.file_name();
            if let Some((lane, number)) = name.to_str().and_then(parse) {
                spill.recover(lane, number)?;
            }
        }
        // A folder is read in no order, and the oldest of what must not be lost goes to the store first.
        spill.segments.sort_by_key(|s| (s.lane, s.number));
        Ok(Some(spill))
    }

    fn path(&self, lane: Lane, number: u64) -> PathBuf {
        self.dir.join(format!("{}-{number:012}.spill", lane.as_str()))
    }

    fn recover(&mut self, lane: Lane, number: u64) -> io::Result<()> {
        let path = self.path(lane, number);
        let bytes = std::fs::read(&path)?;
        let whole = heads(&bytes);
        let end = whole.last().map_or(0, |head| head.end);
        if end < bytes.len() {
            let file = OpenOptions::new().write(true).open(&path)?;
            file.set_len(end as u64)?;
            // Before anything follows: a tail that comes back after a crash would stand in the middle.
            file.sync_all()?;
            metrics::counter!("impulso_history_spill_torn_total").increment(1);
            let cut = bytes.len() - end;
            tracing::warn!(file = %path.display(), cut, "the end of a spill file was torn; it was cut off");
        }
        if whole.is_empty() {
            return std::fs::remove_file(&path);
        }
        self.newest_version = whole.iter().map(|head| head.version).fold(self.newest_version, u64::max);
        let rows = whole.iter().map(|head| head.rows).sum();
        self.segments.push(Segment { lane, number, bytes: end as u64, rows, sealed: true });
        Ok(())
    }

    pub(in crate::adapters::history) fn rows(&self) -> u64 {
        self.segments.iter().map(|s| s.rows).sum()
    }

    /// Bytes of the files.
    pub(in crate::adapters::history) fn bytes(&self) -> u64 {
        self.segments.iter().map(|s| s.bytes).sum()
    }

    /// The greatest version that waited when the folder was opened.
    pub(in crate::adapters::history) const fn newest_version(&self) -> u64 {
        self.newest_version
    }

    /// Puts a batch behind the others; on the disk when this returns. `alone`: in files of its own, as the server
    /// may have taken a part of it already.
    pub(in crate::adapters::history) fn append(&mut self, frame: Frame, alone: bool) -> io::Result<()> {
        let Frame { version, mut batch } = frame;
        let bulk = HistoryBatch {
            candles: std::mem::take(&mut batch.candles),
            scores: std::mem::take(&mut batch.scores),
            ..HistoryBatch::default()
        };
        for (lane, part) in [(Lane::Precious, &batch), (Lane::Bulk, &bulk)] {
            if !part.is_empty() {
                self.append_to(lane, &encode(version, part)?, part.len() as u64, alone)?;
            }
        }
        self.give_up();
        metrics::gauge!("impulso_history_spilled_rows").set(self.rows() as f64);
        Ok(())
    }

    fn append_to(&mut self, lane: Lane, bytes: &[u8], rows: u64, alone: bool) -> io::Result<()> {
        // An eighth: giving up the oldest file must not cost most of what waits.
        let limit = SEGMENT_BYTES.min(self.max_bytes / 8);
        let last = self.segments.iter().rposition(|s| s.lane == lane);
        let open = last.filter(|at| {
            let s = &self.segments[*at];
            !alone && !s.sealed && s.rows < SEGMENT_ROWS && s.bytes < limit
        });
        let (number, before) = match open {
            Some(at) => (self.segments[at].number, self.segments[at].bytes),
            None => (self.segments.iter().map(|s| s.number).max().unwrap_or(0) + 1, 0),
        };
        let path = self.path(lane, number);
        if let Err(error) = extend(&path, before, bytes) {
            // What stands before the failed frame is whole; nothing may follow the torn part.
            let _cut = OpenOptions::new().write(true).open(&path).and_then(|file| file.set_len(before));
            return Err(error);
        }
        if let Some(at) = open {
            self.segments[at].bytes += bytes.len() as u64;
            self.segments[at].rows += rows;
            return Ok(());
        }
        // A new file's name is on the disk only with its folder.
        File::open(&self.dir)?.sync_all()?;
        self.segments.push(Segment { lane, number, bytes: bytes.len() as u64, rows, sealed: alone });
        self.segments.sort_by_key(|s| (s.lane, s.number));
        Ok(())
    }

    fn give_up(&mut self) {
        while self.bytes() > self.max_bytes {
            let Some(at) = self.segments.iter().position(|s| s.lane == Lane::Bulk) else { return };
            let lost = self.segments.remove(at);
            if let Err(error) = std::fs::remove_file(self.path(lost.lane, lost.number)) {
                tracing::warn!(%error, "a spill file cannot be removed");
            }
            metrics::counter!("impulso_history_dropped_total").increment(lost.rows);
            tracing::warn!(
                rows = lost.rows,
                "the history spill is full: its oldest candles and scores are gone"
            );
        }
    }

    /// The next file; nothing is put into it any more.
    pub(in crate::adapters::history) fn next(&mut self) -> io::Result<Option<Pending>> {
        let Some(segment) = self.segments.first_mut() else { return Ok(None) };
        // What came in between would go with a file whose content was read before.
        segment.sealed = true;
        let (lane, number) = (segment.lane, segment.number);
        let bytes = std::fs::read(self.path(lane, number))?;
        let whole = heads(&bytes);
        let mut damaged = whole.last().map_or(0, |head| head.end) < bytes.len();
        let mut frames = Vec::with_capacity(whole.len());
        for head in whole {
            match decode(&bytes, head) {
                Ok(frame) => frames.push(frame),
                Err(error) => {
                    damaged = true;
                    tracing::error!(rows = head.rows, %error, "a spilled batch cannot be read; its file is kept");
                }
            }
        }
        Ok(Some(Pending { lane, number, damaged, frames }))
    }

    /// The store has taken the file: it goes, or is kept beside under another name if a part was not readable.
    pub(in crate::adapters::history) fn done(&mut self, pending: &Pending) -> io::Result<()> {
        let path = self.path(pending.lane, pending.number);
        if pending.damaged {
            std::fs::rename(&path, path.with_extension("damaged"))?;
        } else {
            std::fs::remove_file(&path)?;
        }
        self.segments.retain(|s| (s.lane, s.number) != (pending.lane, pending.number));
        metrics::gauge!("impulso_history_spilled_rows").set(self.rows() as f64);
        Ok(())
    }
}

fn parse(name: &str) -> Option<(Lane, u64)> {
    let (lane, number) = name.strip_suffix(".spill")?.split_once('-')?;
    let lane = [Lane::Precious, Lane::Bulk].into_iter().find(|l| l.as_str() == lane)?;
    Some((lane, number.parse().ok()?))
}

fn extend(path: &Path, before: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.set_len(before)?;
    file.write_all(bytes)?;
    // Then only is the batch given up by its owner, who takes this for written.
    file.sync_all()
}
