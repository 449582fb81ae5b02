//! The bulk history of data.binance.vision: addresses, checksum lines and rows.

use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::exchange::rest::klines::check_candle;
use crate::i18n::failure;
use std::io::{self, BufRead, Read};

/// From here on a moment counts as microseconds: as milliseconds it would lie beyond the year 5000.
const MICROS_FROM: i64 = 100_000_000_000_000;

/// Open times that a file may name: from before there was an exchange to a year that no running program sees. One row far
/// off would otherwise make a market, or a store, of a million years.
const MOMENTS: std::ops::Range<MarketTime> =
    MarketTime::from_ms(1_230_768_000_000)..MarketTime::from_ms(4_102_444_800_000);
/// Lines of one table: two years of minutes. Files of the archive have a month at most.
const MAX_LINES: usize = 1_200_000;
/// Longest line, bytes: twelve numbers fit in it five times.
const MAX_LINE: u64 = 1_024;
/// Largest table in memory, bytes: of the archive's files, a month of minutes, the tenfold. A zip of 2 MB may hold 2 GB.
const MAX_TABLE: u64 = 64 * 1024 * 1024;

fn too_large() -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        failure!(table_too_large, lines = MAX_LINES, bytes = MAX_LINE),
    )
}

/// The text of a table that has to be unpacked as a whole.
///
/// # Errors
/// One that is larger than any table of candles, whatever its packed size; one that cannot be read.
pub(crate) fn table_text(packed: impl Read) -> io::Result<String> {
    let mut text = String::new();
    let read = packed.take(MAX_TABLE + 1).read_to_string(&mut text)?;
    if read as u64 > MAX_TABLE { Err(too_large()) } else { Ok(text) }
}

/// The rows of a table one by one, of bounded length and number; header and empty lines are passed over.
pub(crate) struct TableLines<R> {
    lines: R,
    number: usize,
    line: String,
}

impl<R: BufRead> TableLines<R> {
    pub(crate) const fn new(lines: R) -> Self {
        Self { lines, number: 0, line: String::new() }
    }

    /// The next row with its line's number.
    ///
    /// # Errors
    /// A line too long, too many of them, a file that cannot be read.
    pub(crate) fn following(&mut self) -> io::Result<Option<(usize, &str)>> {
        loop {
            self.line.clear();
            let read = (&mut self.lines).take(MAX_LINE + 1).read_line(&mut self.line)? as u64;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read > MAX_LINE || self.number > MAX_LINES {
                return Err(too_large());
            }
            let line = self.line.trim();
            let header = self.number == 1 && line.starts_with(char::is_alphabetic);
            if !line.is_empty() && !header {
                break;
            }
        }
        Ok(Some((self.number, self.line.trim())))
    }
}

/// Year, month and day of one file of the archive, UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Day(pub(crate) u16, pub(crate) u8, pub(crate) u8);

/// A row or checksum line of the archive makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// A row of klines.
    #[error("archive row not usable: {0}")]
    Row(String),
    /// A checksum line: 64 hex digits, two spaces, file name.
    #[error("checksum line not usable: '{0}'; it must hold 64 hex digits and a file name")]
    Checksum(String),
}

/// Name of a zip file, such as `BTCUSDT-1m-2025-06-18.zip`.
pub(crate) fn file_name(symbol: &str, interval: Interval, Day(year, month, day): &Day) -> String {
    format!("{symbol}-{interval}-{year:04}-{month:02}-{day:02}.zip")
}

/// Path of a zip file below the archive's address; its checksum file has `.CHECKSUM` appended.
pub(crate) fn path(symbol: &str, interval: Interval, day: &Day) -> String {
    format!("data/spot/daily/klines/{symbol}/{interval}/{}", file_name(symbol, interval, day))
}

/// Reads a `.CHECKSUM` file: the SHA-256 in lower-case hex and the file's name.
///
/// # Errors
/// `Checksum` when the line is not of that form.
pub(crate) fn parse_checksum(text: &str) -> Result<(String, String), ArchiveError> {
    let line = text.lines().next().unwrap_or_default();
    let mut parts = line.split_whitespace();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(sum), Some(name), None) if sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Ok((sum.to_ascii_lowercase(), name.trim_start_matches('*').to_owned()))
        }
        _ => Err(ArchiveError::Checksum(line.chars().take(100).collect())),
    }
}

/// A moment of the archive in ms, whether it was written in ms or µs.
pub(crate) const fn to_ms(moment: i64) -> MarketTime {
    MarketTime::from_ms(if moment >= MICROS_FROM { moment / 1_000 } else { moment })
}

/// Reads one row of the 12 columns as a closed candle. `None` for the header row that some files have.
///
/// # Errors
/// `Row` when columns are missing or make no sense.
pub fn parse_row<'a>(
    columns: impl IntoIterator<Item = &'a str>,
    interval: Interval,
) -> Result<Option<Candle>, ArchiveError> {
    let mut columns = columns.into_iter();
    let first = columns.next().unwrap_or_default().trim();
    if first.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Ok(None);
    }
    let open_time = first
        .parse()
        .map(to_ms)
        .map_err(|_| ArchiveError::Row(format!("open time '{first}' is no number")))?;
    let mut numbers = [0.0_f64; 7];
    let names = ["open", "high", "low", "close", "volume", "close time", "quote volume"];
    for (number, name) in numbers.iter_mut().zip(names) {
        let text = columns.next().ok_or_else(|| ArchiveError::Row(format!("no column {name}")))?;
        *number = text
            .trim()
            .parse()
            .ok()
            .filter(|n: &f64| n.is_finite())
            .ok_or_else(|| ArchiveError::Row(format!("{name} '{text}' is no number")))?;
    }
    let [open, high, low, close, volume, _, quote_volume] = numbers;
    let candle =
        Candle { open_time, open, high, low, close, volume, quote_volume, closed: true, filled: false };
    check_candle(&candle, interval).map_err(|e| ArchiveError::Row(format!("at {open_time}: {e}")))?;
    Ok(Some(candle))
}

/// Reads a whole table of candles: 6 or 7 columns (open time, open, high, low, close, volume and perhaps quote
/// volume) or the archive's 12; times in ms or µs; a header is passed over. Where the quote volume is missing it is
/// volume x (high + low + close) / 3.
///
/// # Errors
/// `Row` with the line's number.
pub(crate) fn parse_table(text: &str) -> Result<Vec<Candle>, ArchiveError> {
    let mut candles = Vec::new();
    let mut lines = TableLines::new(text.as_bytes());
    while let Some((number, line)) = lines.following().map_err(|e| ArchiveError::Row(e.to_string()))? {
        let candle = table_row(line).ok_or_else(|| {
            let expected = "expected open_time,open,high,low,close,volume[,quote_volume]";
            ArchiveError::Row(format!("line {number}: {expected}"))
        })?;
        candles.push(candle);
    }
    Ok(candles)
}

/// An open time, ms, where it is one that a market can have.
pub(crate) fn moment(text: &str) -> Option<MarketTime> {
    text.trim().parse().ok().map(to_ms).filter(|at| MOMENTS.contains(at))
}

/// One row of such a table; `None` when it makes no sense.
pub(crate) fn table_row(line: &str) -> Option<Candle> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let open_time = moment(cells.first()?)?;
    let number = |at: usize| cells.get(at)?.parse::<f64>().ok().filter(|v| v.is_finite());
    let (open, high, low, close, volume) = (number(1)?, number(2)?, number(3)?, number(4)?, number(5)?);
    let quote_volume = match cells.len() {
        6 => volume * (high + low + close) / 3.0,
        7 => number(6)?,
        8.. => number(7)?,
        _ => return None,
    };
    let sound = open > 0.0 && low > 0.0 && low <= high && volume >= 0.0 && quote_volume >= 0.0;
    let candle =
        Candle { open_time, open, high, low, close, volume, quote_volume, closed: true, filled: false };
    sound.then_some(candle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout() {
        assert_eq!(
            path("BTCUSDT", Interval::M1, &Day(2025, 6, 8)),
            "data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-06-08.zip"
        );
    }

    #[test]
    fn checksums() {
        let sum = "AB".repeat(32);
        let read = parse_checksum(&format!("{sum}  X-1m-2025-01.zip\n")).unwrap();
        assert_eq!(read, (sum.to_lowercase(), "X-1m-2025-01.zip".to_owned()));
        for bad in ["abc  file", ""] {
            assert_eq!(parse_checksum(bad), Err(ArchiveError::Checksum(bad.to_owned())));
        }
    }

    #[test]
    fn rows_in_ms_and_us() {
        let read = |row: &str| parse_row(row.split(','), Interval::M1);
        let ms = read("1700000040000,1,2,0.5,1.5,10,1700000099999,15,3,1,1,0").unwrap().unwrap();
        let us = read("1700000040000000,1,2,0.5,1.5,10,1700000099999999,15,3,1,1,0").unwrap().unwrap();
        assert_eq!(ms, us);
        assert_eq!(
            (ms.open_time, ms.close, ms.quote_volume, ms.closed),
            (MarketTime::from_ms(1_700_000_040_000), 1.5, 15.0, true)
        );
        assert_eq!(read("open_time,open,high"), Ok(None));
        for (bad, why) in [
            ("1700000040000,1,2", "no column low"),
            ("1700000040000,1,x,1,1,1,1,1", "high 'x' is no number"),
            ("", "open time '' is no number"),
            ("1700000040001,1,2,0.5,1.5,1,1,1", "at 1700000040001"),
        ] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[test]
    fn tables_of_all_widths_and_both_units() {
        let text = "open_time,open,high,low,close,volume\n1750107600000,1.5,2,1e-1,1.2,10\n\n";
        let candle = parse_table(text).unwrap()[0];
        assert_eq!((candle.open_time.ms(), candle.low, candle.quote_volume), (1_750_107_600_000, 0.1, 11.0));
        let wide = "1750107600000000,1,2,1,2,10,1750107659999999,17.5,9,1,1,0";
        assert_eq!(parse_table(wide).unwrap()[0].quote_volume, 17.5);
        assert_eq!(parse_table(wide).unwrap()[0].open_time, MarketTime::from_ms(1_750_107_600_000));
        let seven = parse_table("1750107600000,1,2,1,2,10,15.5").unwrap();
        assert_eq!(seven[0].quote_volume, 15.5);
        for bad in ["1,2,3", "x,1,2,1,2,10\n1,a,2,1,2,10", "1,0,2,1,2,10", "1,1,1,2,2,10"] {
            assert!(parse_table(bad).unwrap_err().to_string().contains("line"), "{bad}");
        }
    }
}
