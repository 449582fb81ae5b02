//! Candles in files: SYMBOL.csv.zst, SYMBOL.csv and zips of the exchange's archive.

use crate::app::candle_files::{CandleFile, interval_of, is_candle_file, pair_of};
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::i18n::{OrFail, cannot_read, failure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Candles as they are read, oldest first.
pub(super) type CandleRows = Box<dyn Iterator<Item = anyhow::Result<Candle>> + Send>;

/// Candles that show a file's interval: one hole in them does not hide it.
const PROBE: usize = 200;

/// Files by pair, oldest first: their names sort by time.
pub(super) struct Files(BTreeMap<String, Vec<PathBuf>>);

impl Files {
    pub(super) fn below(folder: &Path) -> anyhow::Result<Self> {
        let mut found = Vec::new();
        collect(folder, &mut found)?;
        found.sort();
        let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for path in found {
            files.entry(pair_of(&path)).or_default().push(path);
        }
        Ok(Self(files))
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (Symbol, CandleRows)> {
        self.0.iter().map(|(symbol, files)| {
            let candles = files.clone().into_iter().flat_map(|file| match CandleFile::open(&file) {
                Ok(candles) => Box::new(candles) as CandleRows,
                Err(error) => Box::new(std::iter::once(Err(error))),
            });
            (Symbol::new(symbol), Box::new(candles) as CandleRows)
        })
    }

    /// The smallest step between the first candles of the first file that has some.
    pub(super) fn interval(&self) -> Option<Interval> {
        let of_file = |file: &PathBuf| {
            let first: Vec<Candle> = CandleFile::open(file).ok()?.take(PROBE).map_while(Result::ok).collect();
            interval_of(first.iter().map(|candle| candle.open_time))
        };
        self.0.values().flatten().find_map(of_file)
    }

    /// First and last open time of BTC's files, or of the first pair's.
    pub(super) fn span(&self) -> anyhow::Result<(MarketTime, MarketTime)> {
        let chosen = self.0.get("BTCUSDT").or_else(|| self.0.values().next());
        let (mut from, mut to) = (MarketTime::MAX, MarketTime::MIN);
        for file in chosen.into_iter().flatten() {
            for candle in CandleFile::open(file)? {
                let at = candle?.open_time;
                (from, to) = (from.min(at), to.max(at));
            }
        }
        Ok((from, to))
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        anyhow::ensure!(path.exists(), failure!(not_there, place = path.display().to_string()));
        files.extend(is_candle_file(path).then(|| path.to_owned()));
        return Ok(());
    }
    for entry in std::fs::read_dir(path).or_fail(|| cannot_read(path))? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}
