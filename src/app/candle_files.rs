//! Files of candles: SYMBOL.csv, SYMBOL.csv.zst, and zips of the exchange's archive.

use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::exchange::archive::{TableLines, table_row, table_text};
use crate::i18n::{OrFail, cannot_read, text};
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor};
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

/// The smallest step between two open times that follow one another, whatever their order, ms.
pub(crate) fn step_of(open_times: impl Iterator<Item = MarketTime>) -> Option<i64> {
    let mut before = None;
    let steps = open_times.filter_map(|at| before.replace(at).map(|last: MarketTime| (at - last).abs()));
    steps.filter(|step| *step > 0).min()
}

/// The interval that open times show.
pub(crate) fn interval_of(open_times: impl Iterator<Item = MarketTime>) -> Option<Interval> {
    let step = step_of(open_times)?;
    Interval::ALL.into_iter().find(|i| i.ms() == step)
}

/// The candles of one file as they come. What follows an unreadable line is read on; a failing disk ends them.
pub(crate) struct CandleFile {
    path: PathBuf,
    lines: Option<TableLines<Box<dyn BufRead + Send>>>,
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
            Box::new(Cursor::new(table_text(archive.by_index(0).or_fail(place)?).or_fail(place)?))
        } else {
            Box::new(BufReader::with_capacity(64 << 10, file))
        };
        Ok(Self { path: path.to_owned(), lines: Some(TableLines::new(lines)) })
    }

    fn following(&mut self) -> anyhow::Result<Option<Candle>> {
        let Some(lines) = &mut self.lines else { return Ok(None) };
        match lines.following() {
            Ok(Some((number, line))) => {
                let place = || {
                    let place = self.path.display().to_string();
                    text!(candles_bad_line, place = place, line = number)
                };
                Ok(Some(table_row(line).or_fail(place)?))
            }
            Ok(None) => {
                self.lines = None;
                Ok(None)
            }
            Err(error) => {
                self.lines = None;
                Ok(Err(error).or_fail(|| cannot_read(&self.path))?)
            }
        }
    }
}

impl Iterator for CandleFile {
    type Item = anyhow::Result<Candle>;

    fn next(&mut self) -> Option<Self::Item> {
        self.following().transpose()
    }
}
