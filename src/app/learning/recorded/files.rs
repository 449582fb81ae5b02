//! Candles in files: SYMBOL.csv.zst, SYMBOL.csv and zips of the exchange's archive.

use crate::app::candle_files::{CandleFile, interval_of, is_candle_file, pair_of, step_of};
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, HOUR_MS, Interval};
use crate::i18n::{OrFail, cannot_read, failure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Candles as they are read, oldest first.
pub(super) type CandleRows = Box<dyn Iterator<Item = anyhow::Result<Candle>> + Send>;

/// Candles that show a file's interval: one hole in them does not hide it.
const PROBE: usize = 200;

/// Folders of longer history, and the length of their candles, ms: what REST would answer, never the market's own.
const LONGER: [(&str, i64); 2] = [("1h", HOUR_MS), ("1d", DAY_MS)];

/// Files by pair, oldest first: their names sort by time.
type ByPair = BTreeMap<String, Vec<PathBuf>>;

/// The files of a folder.
pub(super) struct Files {
    base: ByPair,
    hours: ByPair,
}

impl Files {
    pub(super) fn below(folder: &Path) -> anyhow::Result<Self> {
        let mut found = BTreeMap::new();
        collect(folder, None, &mut found)?;
        for (name, length_ms) in LONGER {
            found.get(&Some(name)).into_iter().flatten().try_for_each(|file| check(file, name, length_ms))?;
        }
        // Nothing looks back farther than hours do: days are only looked at, so that a wrong folder does not pass unseen.
        let mut of = |kind| by_pair(found.remove(&kind).unwrap_or_default());
        Ok(Self { base: of(None), hours: of(Some("1h")) })
    }

    /// Each pair with its candles and the closed hours of its longer history.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Symbol, CandleRows, CandleRows)> {
        self.base.iter().map(|(symbol, files)| {
            let hours = self.hours.get(symbol).cloned().unwrap_or_default();
            (Symbol::new(symbol), rows(files.clone()), rows(hours))
        })
    }

    /// Number of pairs.
    pub(super) fn len(&self) -> usize {
        self.base.len()
    }

    /// The smallest step between the first candles of the first file that has some.
    pub(super) fn interval(&self) -> Option<Interval> {
        let of_file = |file: &PathBuf| {
            let first = CandleFile::open(file).ok()?.take(PROBE).map_while(Result::ok);
            interval_of(first.map(|candle| candle.open_time))
        };
        self.base.values().flatten().find_map(of_file)
    }

    /// First and last open time of BTC's files, or of the first pair's.
    pub(super) fn span(&self) -> anyhow::Result<(MarketTime, MarketTime)> {
        let chosen = self.base.get("BTCUSDT").or_else(|| self.base.values().next());
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

/// Candle files, by the folder of longer history that they lie in.
type ByFolder = BTreeMap<Option<&'static str>, Vec<PathBuf>>;

fn collect(path: &Path, kind: Option<&'static str>, found: &mut ByFolder) -> anyhow::Result<()> {
    if !path.is_dir() {
        anyhow::ensure!(path.exists(), failure!(not_there, place = path.display().to_string()));
        if is_candle_file(path) {
            found.entry(kind).or_default().push(path.to_owned());
        }
        return Ok(());
    }
    for entry in std::fs::read_dir(path).or_fail(|| cannot_read(path))? {
        let entry = entry?.path();
        let named =
            |(name, _): &(&str, i64)| entry.is_dir() && entry.file_name().is_some_and(|own| own == *name);
        let named = LONGER.into_iter().find(named).map(|(name, _)| name);
        collect(&entry, kind.or(named), found)?;
    }
    Ok(())
}

fn by_pair(mut files: Vec<PathBuf>) -> ByPair {
    files.sort();
    let mut pairs = ByPair::new();
    for path in files {
        pairs.entry(pair_of(&path)).or_default().push(path);
    }
    pairs
}

/// Files are opened one after the other, as their candles are read.
fn rows(files: Vec<PathBuf>) -> CandleRows {
    Box::new(files.into_iter().flat_map(|file| match CandleFile::open(&file) {
        Ok(candles) => Box::new(candles) as CandleRows,
        Err(error) => Box::new(std::iter::once(Err(error))),
    }))
}

/// Do the first candles of a file look like those of the folder.
fn check(file: &Path, folder: &'static str, length_ms: i64) -> anyhow::Result<()> {
    let first = CandleFile::open(file)?.take(PROBE).collect::<anyhow::Result<Vec<Candle>>>()?;
    let on_grid = first.iter().all(|candle| candle.open_time.starts(length_ms));
    let step = step_of(first.iter().map(|candle| candle.open_time));
    let place = || file.display().to_string();
    anyhow::ensure!(
        on_grid && step.is_none_or(|step| step == length_ms),
        failure!(candles_other_interval, place = place(), interval = folder)
    );
    Ok(())
}
