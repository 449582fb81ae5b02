//! Candles from and to files: zips of the exchange's archive, CSV and CSV.zst; CSV, CSV.zst and JSON lines out.

use crate::actors::ports::history::{CandleRow, HistoryBatch, HistoryStore, Span};
use crate::domain::candle::Candle;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, UtcMs};
use crate::exchange::archive::parse_table;
use anyhow::{Context, bail};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Candles written to the store at once.
const BATCH: usize = 50_000;
/// Candles read from the store at once, ms of market time for 1m candles.
const WINDOW_MS: i64 = 30 * 86_400_000;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Imported {
    pub files: usize,
    pub pairs: usize,
    pub candles: usize,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Reads files and folders into the store. `interval`: where the files do not show it.
///
/// # Errors
/// A file that is not there or makes no sense, with its name and line; a store that fails.
pub(crate) async fn import(
    store: &dyn HistoryStore,
    paths: &[PathBuf],
    interval: Option<Interval>,
    mut progress: impl FnMut(usize, usize),
) -> anyhow::Result<Imported> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    files.sort();
    if files.is_empty() {
        bail!("no candles found: give .zip, .csv or .csv.zst files, or folders that hold them");
    }
    let mut done = Imported::default();
    let mut names = std::collections::BTreeSet::new();
    for (at, file) in files.iter().enumerate() {
        let (symbol, candles) = read(file)?;
        let interval = match interval.or_else(|| step(&candles)) {
            Some(interval) => interval,
            None => bail!("{}: the interval does not show; name it with --interval", file.display()),
        };
        check(file, &candles, interval)?;
        for part in candles.chunks(BATCH) {
            let row = |candle: &Candle| CandleRow { symbol: symbol.clone(), interval, candle: *candle };
            let candles = part.iter().map(row).collect();
            store.write(HistoryBatch { candles, ..HistoryBatch::default() }).await?;
        }
        done.files += 1;
        done.candles += candles.len();
        names.insert(symbol);
        progress(at + 1, files.len());
    }
    done.pairs = names.len();
    Ok(done)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let known = |name: &str| [".csv.zst", ".zip", ".csv"].iter().any(|end| name.ends_with(end));
    if path.is_dir() {
        let entries =
            std::fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
        for entry in entries {
            let file = entry?.path();
            if known(&file.to_string_lossy()) {
                files.push(file);
            }
        }
        return Ok(());
    }
    if !path.is_file() {
        bail!("{} is not there", path.display());
    }
    if !known(&path.to_string_lossy()) {
        bail!("{} is neither .zip, .csv nor .csv.zst", path.display());
    }
    files.push(path.to_owned());
    Ok(())
}

/// Pair and candles of one file, oldest first.
fn read(path: &Path) -> anyhow::Result<(Symbol, Vec<Candle>)> {
    let place = || format!("{} cannot be read", path.display());
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let mut file = std::fs::File::open(path).with_context(place)?;
    let mut text = String::new();
    if name.ends_with(".zst") {
        zstd::Decoder::new(file).with_context(place)?.read_to_string(&mut text).with_context(place)?;
    } else if name.ends_with(".zip") {
        let mut archive = zip::ZipArchive::new(file).with_context(place)?;
        archive.by_index(0).with_context(place)?.read_to_string(&mut text).with_context(place)?;
    } else {
        file.read_to_string(&mut text).with_context(place)?;
    }
    let symbol = name.split(['.', '-']).next().unwrap_or(name).to_uppercase();
    let mut candles = parse_table(&text).with_context(|| path.display().to_string())?;
    candles.sort_by_key(|c| c.open_time);
    candles.dedup_by_key(|c| c.open_time);
    Ok((Symbol::new(&symbol), candles))
}

/// The interval that the open times show: their smallest step.
fn step(candles: &[Candle]) -> Option<Interval> {
    let step = candles.windows(2).map(|w| w[1].open_time - w[0].open_time).min()?;
    Interval::ALL.into_iter().find(|i| i.ms() == step)
}

fn check(file: &Path, candles: &[Candle], interval: Interval) -> anyhow::Result<()> {
    let off = candles.iter().find(|c| c.open_time.rem_euclid(interval.ms()) != 0);
    if let Some(candle) = off {
        bail!("{}: open time {} is no start of a {interval} candle", file.display(), candle.open_time);
    }
    Ok(())
}

/// Writes candles of one pair; gives how many.
pub async fn export(
    store: &dyn HistoryStore,
    symbol: &Symbol,
    interval: Interval,
    span: Span,
    format: Format,
    out: &mut dyn Write,
) -> anyhow::Result<usize> {
    let (first, last) = bounds(store, span).await?;
    if format == Format::Csv {
        writeln!(out, "open_time,open,high,low,close,volume,quote_volume")?;
    }
    let (mut from, mut count) = (first, 0);
    while from < last {
        let to = (from + WINDOW_MS * interval.minutes()).min(last);
        let candles = store.candles(symbol, interval, Span { from, to }).await?;
        for c in &candles {
            line(out, c, format)?;
        }
        count += candles.len();
        from = to;
    }
    Ok(count)
}

/// The part of a span in which the store has candles at all.
async fn bounds(store: &dyn HistoryStore, span: Span) -> anyhow::Result<(UtcMs, UtcMs)> {
    let stats = store.stats().await?;
    let candles = stats.tables.iter().find(|t| t.table == "candles");
    let (from, to) = candles.and_then(|t| t.from.zip(t.to)).unwrap_or((0, 0));
    Ok((span.from.max(from), span.to.min(to + 1)))
}

fn line(out: &mut dyn Write, c: &Candle, format: Format) -> std::io::Result<()> {
    match format {
        Format::Csv => writeln!(
            out,
            "{},{},{},{},{},{},{}",
            c.open_time, c.open, c.high, c.low, c.close, c.volume, c.quote_volume
        ),
        Format::Jsonl => {
            let row = serde_json::json!({
                "open_time": c.open_time, "open": c.open, "high": c.high, "low": c.low, "close": c.close,
                "volume": c.volume, "quote_volume": c.quote_volume,
            });
            writeln!(out, "{row}")
        }
    }
}
