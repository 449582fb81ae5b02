//! Rows that could not be written before the program ended: in files beside the history, from where they go into it before
//! anything newer does.

use super::fault::Fault;
use super::schema::Writer;
use super::write;
use crate::actors::ports::history::HistoryBatch;
use crate::adapters::history::spill::{Frame, Spill};
use std::io;
use std::path::{Path, PathBuf};

/// Rows of one frame: read into memory as a whole.
const FRAME_ROWS: usize = 20_000;
/// Far above what can wait: the bound of the waiting rows is the writer's.
const MAX_BYTES: u64 = 4 << 30;

fn folder(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push("-spill");
    PathBuf::from(name)
}

/// Is there a folder with such files.
pub(super) fn any(place: &Path) -> bool {
    folder(place).is_dir()
}

/// Puts a batch into the files; on the disk when this returns.
pub(super) fn keep(place: &Path, mut batch: HistoryBatch) -> io::Result<()> {
    let spill = Spill::open(&folder(place), MAX_BYTES)?;
    let mut spill = spill.ok_or_else(|| io::Error::other("another process reads the spill just now"))?;
    while !batch.is_empty() {
        let front = batch.split_front(FRAME_ROWS);
        spill.append(Frame { version: 0, batch: front }, false)?;
    }
    Ok(())
}

/// Rows that wait in the files.
pub(super) fn rows(place: &Path) -> u64 {
    let spill = any(place).then(|| Spill::open(&folder(place), MAX_BYTES));
    spill.and_then(Result::ok).flatten().map_or(0, |spill| spill.rows())
}

/// Writes what waits in the files. A folder that cannot be read is told and left: what is new does not wait for it.
pub(super) fn replay(writer: &mut Writer, place: &Path) -> Result<(), Fault> {
    let told = |error: io::Error| tracing::error!(%error, "rows of an earlier run that were set aside cannot be read");
    // Another process that has the folder writes them.
    let Some(mut spill) = Spill::open(&folder(place), MAX_BYTES).map_err(told).ok().flatten() else {
        return Ok(());
    };
    let mut rows = 0;
    while let Some(pending) = spill.next().map_err(told).ok().flatten() {
        for frame in &pending.frames {
            write::batch(writer, &frame.batch)?;
            rows += frame.batch.len();
        }
        if let Err(error) = spill.done(&pending) {
            told(error);
            break;
        }
    }
    if rows > 0 {
        tracing::info!(rows, "rows that an earlier run had set aside are in the history");
    }
    Ok(())
}
