//! Files of candles: SYMBOL.csv, SYMBOL.csv.zst, and zips of the exchange's archive.

use crate::domain::candle::Candle;
use crate::domain::time::Interval;
use crate::exchange::archive::table_row;
use crate::i18n::{OrFail, cannot_read, text};
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

/// Is it one, by its name.
pub(crate) fn is_candle_file(path: &Path) -> bool {
    let name = path.to_string_lossy();
    [".csv.zst", ".zip", ".csv"].iter().any(|end| name.ends_with(end))
}

/// The pair: what the file's name begins with.
pub(crate) fn pair_of(path: &Path) -> String {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    name.split(['.', '-']).next().unwrap_or(name).to_uppercase()
}

/// The interval that the open times show: their smallest step.
pub(crate) fn interval_of(candles: &[Candle]) -> Option<Interval> {
    let step = candles.windows(2).map(|w| w[1].open_time - w[0].open_time).min()?;
    Interval::ALL.into_iter().find(|i| i.ms() == step)
}

/// The candles of one file as they come. What follows an unreadable line is read on; a failing disk ends them.
pub(crate) struct CandleFile {
    path: PathBuf,
    lines: Option<Box<dyn BufRead + Send>>,
    number: usize,
    line: String,
}

impl CandleFile {
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let place = || cannot_read(path);
        let file = File::open(path).or_fail(place)?;
        let name = path.to_string_lossy();
        let lines: Box<dyn BufRead + Send> = if name.ends_with(".zst") {
            Box::new(BufReader::with_capacity(64 << 10, zstd::Decoder::new(file).or_fail(place)?))
        } else if name.ends_with(".zip") {
            let mut archive = zip::ZipArchive::new(file).or_fail(place)?;
            let mut text = Vec::new();
            archive.by_index(0).or_fail(place)?.read_to_end(&mut text).or_fail(place)?;
            Box::new(Cursor::new(text))
        } else {
            Box::new(BufReader::with_capacity(64 << 10, file))
        };
        Ok(Self { path: path.to_owned(), lines: Some(lines), number: 0, line: String::new() })
    }

    fn following(&mut self) -> anyhow::Result<Option<Candle>> {
        while let Some(lines) = &mut self.lines {
            self.line.clear();
            let read = lines.read_line(&mut self.line).or_fail(|| cannot_read(&self.path));
            if read.as_ref().is_ok_and(|read| *read > 0) {
                self.number += 1;
            } else {
                self.lines = None;
            }
            read?;
            let line = self.line.trim();
            let header = self.number == 1 && line.starts_with(char::is_alphabetic);
            if !line.is_empty() && !header {
                let place = || {
                    let place = self.path.display().to_string();
                    text!(candles_bad_line, place = place, line = self.number)
                };
                return Ok(Some(table_row(line).or_fail(place)?));
            }
        }
        Ok(None)
    }
}

impl Iterator for CandleFile {
    type Item = anyhow::Result<Candle>;

    fn next(&mut self) -> Option<Self::Item> {
        self.following().transpose()
    }
}
