//! The cycles that a reader could not take in time, in a file without a name: it ends with the process, and its room comes
//! back when the reader has caught up.

use crate::domain::ranking::Snapshot;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Some four hours of 500 pairs at 5 s a cycle: a reader that hangs for longer does not come back by itself, and the disk belongs
/// to others, too.
const MAX_BYTES: u64 = 512 * 1024 * 1024;
/// The least: it is written while a cycle is published.
const ZSTD_LEVEL: i32 = 1;

/// Where one cycle stands in the file.
pub(super) struct Place {
    offset: u64,
    bytes: usize,
}

/// A snapshot with what its own serialisation leaves out, in the order of its rows.
#[derive(Serialize, Deserialize)]
struct Record<S> {
    snapshot: S,
    /// Features as bits: a missing one is NaN, which JSON has not.
    learned: Vec<(Option<Vec<u32>>, Option<f64>)>,
}

pub(super) struct Spill {
    folder: PathBuf,
    file: Option<File>,
    end: u64,
    count: usize,
}

impl Spill {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), file: None, end: 0, count: 0 }
    }

    /// Cycles in the file that were not read so far.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    pub(super) fn append(&mut self, snapshot: &Snapshot) -> io::Result<Place> {
        let bits = |features: &Arc<[f32]>| features.iter().map(|value| value.to_bits()).collect();
        let learned =
            snapshot.analyzable().map(|row| (row.features.as_ref().map(bits), row.log_odds)).collect();
        let json = serde_json::to_vec(&Record { snapshot, learned })?;
        let packed = zstd::bulk::compress(&json, ZSTD_LEVEL)?;
        if self.end + packed.len() as u64 > MAX_BYTES {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(&self.folder)?,
        };
        // At a place and not at the end: what a failed write has left is written over by the next.
        let written = file.write_all_at(&packed, self.end);
        self.file = Some(file);
        written?;
        let place = Place { offset: self.end, bytes: packed.len() };
        self.end += packed.len() as u64;
        self.count += 1;
        Ok(place)
    }

    /// Reads a cycle for the one time that it is read; after the last one the file's room is given back.
    pub(super) fn read(&mut self, place: &Place) -> io::Result<Snapshot> {
        let mut packed = vec![0; place.bytes];
        let read = self.file.as_ref().map(|file| file.read_exact_at(&mut packed, place.offset));
        self.count -= 1;
        if self.count == 0 {
            (self.file, self.end) = (None, 0);
        }
        read.ok_or(io::ErrorKind::NotFound)??;
        let json = zstd::stream::decode_all(&packed[..])?;
        let Record::<Snapshot> { mut snapshot, learned } = serde_json::from_slice(&json)?;
        let rows = snapshot.rows.iter_mut().chain(&mut snapshot.discarded_rows);
        for (row, (bits, log_odds)) in rows.chain(&mut snapshot.outside_rows).zip(learned) {
            row.features = bits.map(|bits| bits.into_iter().map(f32::from_bits).collect());
            row.log_odds = log_odds;
        }
        Ok(snapshot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::MarketTime;
    use crate::domain::ranking::{RankingFilters, Row, rank};
    use crate::domain::report::{Analysis, Components, Factors, Indicators, Level};
    use crate::domain::symbol::Symbol;

    fn row(name: &str, features: Option<Arc<[f32]>>) -> Row {
        let analysis = Analysis {
            timestamp: MarketTime::from_ms(1),
            current_price: 0.1 + 0.2,
            volume_24h: 2e6,
            total_score: 61.7,
            components: Components::default(),
            indicators: Indicators::default(),
            probability_7_5: 12.34,
            factors: Factors::default(),
            composite_score: 1.0 / 3.0,
            confidence_level: Level::Media,
            btc_analyzable: true,
            resistance: None,
            pause_jump: false,
            inputs: Default::default(),
        };
        Row {
            symbol: Symbol::new(name),
            analysis: Arc::new(analysis),
            calibrated_7_5: Some(7.5),
            level: Level::Alta,
            level_value: 7.5,
            episode: Some(MarketTime::from_ms(5)),
            model_inputs: None,
            features,
            log_odds: Some(-1.5),
            data_age_ms: 3,
        }
    }

    #[test]
    fn a_cycle_comes_back_whole_and_the_file_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut snapshot = rank(7, MarketTime::from_ms(5_000), Vec::new(), &RankingFilters::default());
        snapshot.rows = vec![row("AUSDT", Some([0.1_f32, f32::MAX].into()))];
        snapshot.discarded_rows = vec![row("BUSDT", None)];
        let mut spill = Spill::new(folder.path());
        let places = [spill.append(&snapshot).unwrap(), spill.append(&snapshot).unwrap()];
        for place in &places {
            assert_eq!(spill.read(place).unwrap(), snapshot);
        }
        snapshot.rows[0].features = Some([f32::NAN].into());
        let place = spill.append(&snapshot).unwrap();
        let back = spill.read(&place).unwrap();
        assert!(back.rows[0].features.as_ref().is_some_and(|f| f[0].is_nan()), "missing stays missing");
        assert!(spill.file.is_none() && std::fs::read_dir(folder.path()).unwrap().next().is_none());
    }
}
