//! Candles in files: SYMBOL.csv.zst, SYMBOL.csv and zips of the exchange's archive.

use crate::domain::candle::Candle;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, UtcMs};
use crate::exchange::archive::{parse_table, table_row};
use anyhow::{Context, bail};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
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
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let symbol = name.split(['.', '-']).next().unwrap_or(name).to_uppercase();
            files.entry(symbol).or_default().push(path);
        }
        Ok(Self(files))
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (Symbol, CandleRows)> {
        self.0.iter().map(|(symbol, files)| {
            let candles = files.clone().into_iter().flat_map(|file| match candles(&file) {
                Ok(candles) => candles,
                Err(error) => Box::new(std::iter::once(Err(error))),
            });
            (Symbol::new(symbol), Box::new(candles) as CandleRows)
        })
    }

    /// The smallest step between the first candles of the first file that has some.
    pub(super) fn interval(&self) -> Option<Interval> {
        let of_file = |file: &PathBuf| {
            let first: Vec<Candle> = candles(file).ok()?.take(PROBE).map_while(Result::ok).collect();
            let step = first.windows(2).map(|w| w[1].open_time - w[0].open_time).min()?;
            Interval::ALL.into_iter().find(|i| i.ms() == step)
        };
        self.0.values().flatten().find_map(of_file)
    }

    /// First and last open time of BTC's files, or of the first pair's.
    pub(super) fn span(&self) -> anyhow::Result<(UtcMs, UtcMs)> {
        let chosen = self.0.get("BTCUSDT").or_else(|| self.0.values().next());
        let (mut from, mut to) = (UtcMs::MAX, UtcMs::MIN);
        for file in chosen.into_iter().flatten() {
            for candle in candles(file)? {
                let at = candle?.open_time;
                (from, to) = (from.min(at), to.max(at));
            }
        }
        Ok((from, to))
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let place = || format!("{} cannot be read", path.display());
    if !path.is_dir() {
        let name = path.to_string_lossy();
        if [".csv.zst", ".zip", ".csv"].iter().any(|end| name.ends_with(end)) {
            files.push(path.to_owned());
        }
        return if path.exists() { Ok(()) } else { bail!("{} is not there", path.display()) };
    }
    for entry in std::fs::read_dir(path).with_context(place)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

/// The candles of a file, read as they are asked for; those of a zip at once.
fn candles(file: &Path) -> anyhow::Result<CandleRows> {
    let place = format!("{} cannot be read", file.display());
    let name = file.to_string_lossy();
    let raw = File::open(file).with_context(|| place.clone())?;
    if name.ends_with(".zip") {
        return Ok(Box::new(unzipped(raw, file).with_context(|| place)?.into_iter().map(Ok)));
    }
    let read: Box<dyn Read + Send> = if name.ends_with(".zst") {
        Box::new(zstd::Decoder::new(raw).with_context(|| place.clone())?)
    } else {
        Box::new(raw)
    };
    let mut lines = BufReader::with_capacity(64 << 10, read);
    let (mut line, mut number, name) = (String::new(), 0_usize, file.display().to_string());
    Ok(Box::new(std::iter::from_fn(move || {
        loop {
            line.clear();
            number += 1;
            match lines.read_line(&mut line).with_context(|| place.clone()) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            let row = line.trim();
            let title = number == 1 && row.starts_with(char::is_alphabetic);
            if !row.is_empty() && !title {
                let expected = "expected open_time,open,high,low,close,volume[,quote_volume]";
                return Some(table_row(row).with_context(|| format!("{name}: line {number}: {expected}")));
            }
        }
    })))
}

fn unzipped(raw: File, file: &Path) -> anyhow::Result<Vec<Candle>> {
    let mut text = String::new();
    zip::ZipArchive::new(raw)?.by_index(0)?.read_to_string(&mut text)?;
    parse_table(&text).with_context(|| file.display().to_string())
}
