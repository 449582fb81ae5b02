//! Candles read from files: folders of SYMBOL.csv.zst, and zips as data.binance.vision hands them out.

use crate::domain::moment::MarketTime;
use crate::domain::time::{DAY_MS, HOUR_MS, Interval};
use crate::exchange::archive::{TableLines, moment};
use crate::simulator::config::SimulatorError;
use crate::simulator::market::bar::Bar;
use crate::simulator::market::pair::{Pair, Series};
use crate::simulator::market::path::round8;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Candles of one pair, the flat ones of its holes included: four years of minutes, some 100 MB. One row that lies years
/// off must not fill the memory with what lies between.
const MAX_BARS: i64 = 2_200_000;
/// History wanted before the default start moment: what a scanner's warm-up asks for, and one bar.
const HISTORY_MS: i64 = 26 * HOUR_MS + 15 * 60_000;
/// Quote assets by which the name of a file is split into base and quote: those that recorded markets are named by.
const QUOTES: [&str; 8] = ["USDT", "FDUSD", "USDC", "TUSD", "BTC", "ETH", "BNB", "EUR"];

/// Pairs read from files and the span of time they cover.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub pairs: Vec<Pair>,
    pub from: MarketTime,
    /// End of the last candle.
    pub to: MarketTime,
}

impl Loaded {
    /// The first moment with 26 h and a quarter of history before it, or the middle of shorter data.
    pub(crate) fn default_start(&self) -> MarketTime {
        let wanted = self.from + HISTORY_MS;
        if wanted < self.to { wanted } else { self.from + (self.to - self.from) / 2 }
    }
}

/// Reads folders and zips; `progress` is told (files done, files in all).
///
/// # Errors
/// A path that is not there, a file that cannot be read or parsed, candles closer than `base`.
pub(crate) fn load(
    paths: &[PathBuf],
    base: Interval,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<Loaded, SimulatorError> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    if files.is_empty() {
        return Err(SimulatorError::NoData(paths.to_vec()));
    }
    // Folders have no order: names end in the date, so older files come first.
    files.sort();
    let total = files.len();
    let mut rows: BTreeMap<String, Vec<(MarketTime, Bar)>> = BTreeMap::new();
    for (done, file) in files.iter().enumerate() {
        read(file, &mut rows)?;
        progress(done + 1, total);
    }
    let (mut from, mut to) = (MarketTime::MAX, MarketTime::MIN);
    let mut pairs = Vec::with_capacity(rows.len());
    for (symbol, candles) in rows {
        let Some((first, bars)) = contiguous(&symbol, candles, base)? else { continue };
        let end = first + bars.len().cast_signed() as i64 * base.ms();
        (from, to) = (from.min(first), to.max(end));
        pairs.push((symbol, first, end, bars));
    }
    let pairs = pairs
        .into_iter()
        .map(|(symbol, first, end, bars)| make(&symbol, first, (end < to).then_some(end), bars))
        .collect();
    Ok(Loaded { pairs, from, to })
}

fn make(symbol: &str, first: MarketTime, end: Option<MarketTime>, bars: Vec<Bar>) -> Pair {
    let quote = QUOTES.into_iter().find(|q| symbol.len() > q.len() && symbol.ends_with(q)).unwrap_or("USDT");
    let base_asset = symbol.strip_suffix(quote).unwrap_or(symbol).to_owned();
    let tick = bars.iter().step_by(bars.len() / 200 + 1).map(|b| tick_of(b.close)).fold(1.0, f64::min);
    let mut pair = Pair::new(&base_asset, quote, Series::Recorded { first, bars }, first);
    pair.tick = tick;
    if let Some(end) = end {
        pair.delist(end);
    }
    pair
}

/// The decimal step that a price shows.
fn tick_of(price: f64) -> f64 {
    let text = format!("{price}");
    let decimals = text.split_once('.').map_or(0, |(_, tail)| tail.len().min(10));
    10_f64.powi(-i32::try_from(decimals).unwrap_or(8))
}

fn unreadable(path: &Path, reason: impl std::fmt::Display) -> SimulatorError {
    SimulatorError::Unreadable { path: path.to_owned(), reason: reason.to_string() }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), SimulatorError> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(|e| unreadable(path, e))? {
            let file = entry.map_err(|e| unreadable(path, e))?.path();
            let name = file.to_string_lossy();
            if name.ends_with(".csv.zst") || name.ends_with(".zip") {
                files.push(file);
            }
        }
        Ok(())
    } else if path.is_file() {
        files.push(path.to_owned());
        Ok(())
    } else {
        Err(SimulatorError::NotFound(path.to_owned()))
    }
}

/// Symbol of one file, its rows put to those that the files before had.
fn read(path: &Path, rows: &mut BTreeMap<String, Vec<(MarketTime, Bar)>>) -> Result<(), SimulatorError> {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let file = std::fs::File::open(path).map_err(|e| unreadable(path, e))?;
    if let Some(symbol) = name.strip_suffix(".csv.zst") {
        let reader = BufReader::new(zstd::Decoder::new(file).map_err(|e| unreadable(path, e))?);
        return parse(reader, path, rows.entry(symbol.to_owned()).or_default());
    }
    if name.ends_with(".zip") {
        let mut archive = zip::ZipArchive::new(file).map_err(|e| unreadable(path, e))?;
        let inner = archive.by_index(0).map_err(|e| unreadable(path, e))?;
        let symbol = name.split('-').next().unwrap_or(name);
        return parse(BufReader::new(inner), path, rows.entry(symbol.to_owned()).or_default());
    }
    Err(unreadable(path, "neither SYMBOL.csv.zst nor SYMBOL-INTERVAL-DATE.zip"))
}

fn parse(text: impl BufRead, path: &Path, out: &mut Vec<(MarketTime, Bar)>) -> Result<(), SimulatorError> {
    let mut lines = TableLines::new(text);
    while let Some((number, line)) = lines.following().map_err(|e| unreadable(path, e))? {
        let row = row(line).ok_or_else(|| {
            unreadable(path, format!("line {number}: expected open_time,open,high,low,close,volume[,..]"))
        })?;
        out.push(row);
    }
    Ok(())
}

/// 6 or 7 columns as in the folders, or 12 as in the zips (quote volume is then the eighth).
fn row(line: &str) -> Option<(MarketTime, Bar)> {
    let mut cells = line.split(',');
    let open_time = moment(cells.next()?)?;
    let mut number = || cells.next()?.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    let (open, high, low, close, volume) = (number()?, number()?, number()?, number()?, number()?);
    let quote_volume = match (number(), number()) {
        (_, Some(quote)) | (Some(quote), None) => quote,
        (None, None) => round8(volume * (high + low + close) / 3.0),
    };
    Some((open_time, Bar { open, high, low, close, volume, quote_volume }))
}

/// Candles in order and without a hole: missing ones are flat, as the exchange returns them.
fn contiguous(
    symbol: &str,
    mut candles: Vec<(MarketTime, Bar)>,
    base: Interval,
) -> Result<Option<(MarketTime, Vec<Bar>)>, SimulatorError> {
    // Stable, and the first of two stays: where files overlap, the older one's candle.
    candles.sort_by_key(|(at, _)| *at);
    candles.dedup_by_key(|(at, _)| *at);
    let Some((first, _)) = candles.first().copied() else { return Ok(None) };
    let step = candles.windows(2).map(|w| w[1].0 - w[0].0).min().unwrap_or(base.ms());
    if step != base.ms() || !first.starts(step) {
        return Err(SimulatorError::WrongInterval {
            symbol: symbol.to_owned(),
            minutes: step / 60_000,
            asked: base,
        });
    }
    let last = candles.last().map_or(first, |(at, _)| *at);
    if (last - first) / step >= MAX_BARS {
        return Err(SimulatorError::TooLong { symbol: symbol.to_owned(), days: (last - first) / DAY_MS });
    }
    let mut bars: Vec<Bar> = Vec::with_capacity(candles.len());
    let mut next = first;
    for (at, bar) in candles {
        while next < at {
            let close = bars.last().map_or(bar.open, |b| b.close);
            bars.push(Bar::flat(close));
            next += base.ms();
        }
        bars.push(bar);
        next += base.ms();
    }
    Ok(Some((first, bars)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_folders_and_of_zips() {
        let (at, bar) = row("1750107600000,1.5,2,1e-1,1.2,10,15.5").unwrap();
        assert_eq!((at.ms(), bar.low, bar.quote_volume), (1_750_107_600_000, 0.1, 15.5));
        let (at, bar) = row("1750107600000000,1,2,1,2,10,1750107659999999,17.5,9,1,1,0").unwrap();
        assert_eq!((at.ms(), bar.quote_volume), (1_750_107_600_000, 17.5));
        let (_, bar) = row("1618531200000,1,2,1,1.5,10").unwrap();
        assert_eq!(bar.quote_volume, 15.0);
        assert!(row("oops,1,2").is_none());
        assert!(row("9000000000000000000,1,2,1,1.5,10").is_none(), "a moment that no market has");
    }

    #[test]
    fn a_row_years_off_is_refused_before_the_years_between_are_made() {
        let bar = row("1750107600000,1.5,2,1e-1,1.2,10,15.5").unwrap().1;
        let at = |minutes: i64| (MarketTime::from_ms(1_750_107_600_000 + minutes * 60_000), bar);
        assert!(contiguous("A", vec![at(0), at(1), at(MAX_BARS - 1)], Interval::M1).is_ok());
        let error = contiguous("A", vec![at(0), at(1), at(MAX_BARS)], Interval::M1).unwrap_err();
        assert!(matches!(error, SimulatorError::TooLong { days: 1_527, .. }), "{error}");
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = load(&[PathBuf::from("no/such/folder")], Interval::M1, &mut |_, _| {}).unwrap_err();
        assert!(error.to_string().contains("no/such/folder"), "{error}");
    }
}
