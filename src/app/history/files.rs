//! Candles from and to files: zips of the exchange's archive, CSV and CSV.zst; CSV, CSV.zst and JSON lines out.

use crate::actors::ports::history::{CandleRow, HistoryBatch, HistoryStore, ImportedRow, Span};
use crate::app::candle_files::{CandleFile, interval_of, is_candle_file, pair_of};
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::i18n::{OrFail, cannot_read, failure, text};
use anyhow::bail;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Candles written to the store at once: memory stays bounded whatever the file's size.
const BATCH: usize = 50_000;
/// Candles read from the store at once, ms of market time for 1m candles. 43,200 candles are some 4 MB.
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
    // Names of the archive end in the date: of a candle in two files the newer one's stands, whatever order the
    // folder has.
    files.sort();
    if files.is_empty() {
        bail!(failure!(candles_none_given));
    }
    let mut done = Imported::default();
    let mut names = std::collections::BTreeSet::new();
    for (at, file) in files.iter().enumerate() {
        let name = pair_of(file);
        if !Symbol::is_name(&name) {
            bail!(failure!(candles_unknown_file, place = file.display().to_string()));
        }
        let symbol = Symbol::new(&name);
        // Twice over the file: nothing of one with a bad line is stored, and of a large one only a part is in memory.
        let interval = match interval {
            Some(interval) => interval,
            None => shown_interval(file)?,
        };
        check(file, interval)?;
        let mut rest = CandleFile::open(file)?;
        loop {
            let part = part(&mut rest)?;
            if part.is_empty() {
                break;
            }
            done.candles += part.len();
            let (first, last) = (part[0].open_time, part[part.len() - 1].open_time);
            let imported = vec![ImportedRow { symbol: symbol.clone(), interval, first, last }];
            let row = |candle| CandleRow { symbol: symbol.clone(), interval, candle };
            let candles = part.into_iter().map(row).collect();
            store.write(HistoryBatch { candles, imported, ..HistoryBatch::default() }).await?;
        }
        done.files += 1;
        names.insert(symbol);
        progress(at + 1, files.len());
    }
    done.pairs = names.len();
    Ok(done)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).or_fail(|| cannot_read(path))? {
            files.extend(Some(entry?.path()).filter(|file| is_candle_file(file)));
        }
        return Ok(());
    }
    let place = path.display().to_string();
    if !path.is_file() {
        bail!(failure!(not_there, place = place));
    }
    if !is_candle_file(path) {
        bail!(failure!(candles_unknown_file, place = place));
    }
    files.push(path.to_owned());
    Ok(())
}

/// The next candles of a file, oldest first.
fn part(file: &mut CandleFile) -> anyhow::Result<Vec<Candle>> {
    let mut candles = file.take(BATCH).collect::<anyhow::Result<Vec<_>>>()?;
    // Files from elsewhere may be newest first, or hold a candle twice.
    candles.sort_by_key(|c| c.open_time);
    candles.dedup_by_key(|c| c.open_time);
    Ok(candles)
}

fn shown_interval(file: &Path) -> anyhow::Result<Interval> {
    let mut unread = None;
    let times = CandleFile::open(file)?
        .map_while(|candle| candle.map_err(|error| unread = Some(error)).ok().map(|candle| candle.open_time));
    let found = interval_of(times);
    if let Some(error) = unread {
        return Err(error);
    }
    Ok(found.or_fail(|| text!(candles_interval_hidden, place = file.display().to_string()))?)
}

/// Can every line be read, and does every candle open where one of that interval does.
fn check(file: &Path, interval: Interval) -> anyhow::Result<()> {
    for candle in CandleFile::open(file)? {
        let moment = candle?.open_time;
        if !moment.starts(interval.ms()) {
            let (place, interval) = (file.display().to_string(), interval.to_string());
            bail!(failure!(candles_off_start, place = place, moment = moment.ms(), interval = interval));
        }
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
async fn bounds(store: &dyn HistoryStore, span: Span) -> anyhow::Result<(MarketTime, MarketTime)> {
    let stats = store.stats().await?;
    let candles = stats.tables.iter().find(|t| t.table == "candles");
    let (from, to) = candles.and_then(|t| t.from.zip(t.to)).unwrap_or_default();
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
