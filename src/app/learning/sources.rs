//! Recorded candles as the pairs of a replay: folders of SYMBOL.csv.zst, and zips of the exchange's archive.

use super::stored::Stored;
use crate::domain::analysis::AnalysisConfig;
use crate::domain::candle::Candle;
use crate::domain::symbol::Symbol;
use crate::domain::time::{Interval, UtcMs};
use crate::exchange::archive::{parse_table, table_row};
use crate::learning::parallel::{Candles, Pair};
use crate::learning::replay::PairReplay;
use crate::settings::Settings;
use anyhow::{Context, bail};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Lines that show a file's interval.
const PROBE: usize = 200;

/// The first thing that went wrong while files were read, for whoever asks at the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceError(Arc<Mutex<Option<String>>>);

impl SourceError {
    pub(super) fn note(&self, text: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(text);
    }

    /// Fails when something went wrong.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(text) => bail!(text),
            None => Ok(()),
        }
    }
}

/// Where candles come from.
enum Kept {
    /// Files by pair, oldest first.
    Files(BTreeMap<String, Vec<PathBuf>>),
    Store(Stored),
}

/// Recorded candles: a folder, or the history store.
pub struct Recorded {
    kept: Kept,
    /// What they are called in errors.
    pub place: String,
    /// Interval of the candles.
    pub base: Interval,
    /// First and last open time seen in the files that were looked into.
    pub span: (UtcMs, UtcMs),
}

impl Recorded {
    /// Looks at the files of a folder (and the folders in it).
    ///
    /// # Errors
    /// No file there, or one that makes no sense.
    pub fn look(folder: &Path) -> anyhow::Result<Self> {
        let mut found = Vec::new();
        collect(folder, &mut found)?;
        found.sort();
        let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for path in found {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let symbol = name.split(['.', '-']).next().unwrap_or(name).to_uppercase();
            files.entry(symbol).or_default().push(path);
        }
        let Some(base) = files.values().flatten().find_map(|file| interval(file).ok().flatten()) else {
            bail!(
                "{}: no candles found; it must hold SYMBOL.csv.zst, SYMBOL.csv or zips of the exchange's archive",
                folder.display()
            );
        };
        let span = span(&files)?;
        Ok(Self { kept: Kept::Files(files), place: folder.display().to_string(), base, span })
    }

    /// Looks at the history store of the settings.
    ///
    /// # Errors
    /// A store that cannot be used, or one without candles of the base interval.
    pub fn stored(settings: &Settings) -> anyhow::Result<Self> {
        let base = settings.exchange.base();
        let stored = Stored::open(settings)?;
        let place = settings.history.store.to_string();
        let first = stored.pairs.iter().map(|(_, first, _)| *first).min();
        let last = stored.pairs.iter().map(|(_, _, last)| *last).max();
        let Some(span) = first.zip(last) else {
            bail!(
                "the history store {place} has no {base} candles; fill it with `impulso history import` or `fetch`"
            );
        };
        Ok(Self { kept: Kept::Store(stored), place, base, span })
    }

    pub fn len(&self) -> usize {
        match &self.kept {
            Kept::Files(files) => files.len(),
            Kept::Store(stored) => stored.pairs.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All pairs at the beginning of their candles. Files are opened as they come; what goes wrong then is `trouble`.
    pub(crate) fn pairs(&self, config: &Arc<AnalysisConfig>, trouble: &SourceError) -> Vec<Pair> {
        self.changed_pairs(config, trouble, |candles| candles)
    }

    /// The same with each pair's candles changed on their way.
    pub(crate) fn changed_pairs(
        &self,
        config: &Arc<AnalysisConfig>,
        trouble: &SourceError,
        change: impl Fn(Candles) -> Candles,
    ) -> Vec<Pair> {
        let replay =
            |symbol: Symbol, candles: Candles| PairReplay::new(symbol, Arc::clone(config), change(candles));
        match &self.kept {
            Kept::Files(files) => {
                let one = |(symbol, files): (&String, &Vec<PathBuf>)| {
                    replay(Symbol::new(symbol), Box::new(Files::new(files, trouble.clone())))
                };
                files.iter().map(one).collect()
            }
            Kept::Store(stored) => {
                let pairs = stored.pairs.iter();
                pairs
                    .map(|(symbol, ..)| replay(symbol.clone(), stored.candles(symbol, self.base, trouble)))
                    .collect()
            }
        }
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

/// The smallest step between a file's first candles.
fn interval(file: &Path) -> anyhow::Result<Option<Interval>> {
    let mut candles = Vec::new();
    match lines_of(file)? {
        Some(lines) => {
            candles.extend(lines.lines().take(PROBE).map_while(Result::ok).filter_map(|l| table_row(&l)));
        }
        None => candles.extend(unzipped(file)?.into_iter().take(PROBE)),
    }
    let step = candles.windows(2).map(|w| w[1].open_time - w[0].open_time).min();
    Ok(step.and_then(|step| Interval::ALL.into_iter().find(|i| i.ms() == step)))
}

/// First and last open time of BTC's files, or of the first pair's.
fn span(files: &BTreeMap<String, Vec<PathBuf>>) -> anyhow::Result<(UtcMs, UtcMs)> {
    let chosen = files.get("BTCUSDT").or_else(|| files.values().next());
    let (mut from, mut to) = (UtcMs::MAX, UtcMs::MIN);
    for file in chosen.into_iter().flatten() {
        let candles = match lines_of(file)? {
            Some(lines) => lines.lines().map_while(Result::ok).filter_map(|l| table_row(&l)).collect(),
            None => unzipped(file)?,
        };
        if let (Some(first), Some(last)) = (candles.first(), candles.last()) {
            (from, to) = (from.min(first.open_time), to.max(last.open_time));
        }
    }
    Ok((from, to))
}

type Lines = BufReader<Box<dyn Read + Send>>;

/// A file that can be read line by line; `None` for a zip.
fn lines_of(file: &Path) -> anyhow::Result<Option<Lines>> {
    let place = || format!("{} cannot be read", file.display());
    let name = file.to_string_lossy();
    if name.ends_with(".zip") {
        return Ok(None);
    }
    let raw = std::fs::File::open(file).with_context(place)?;
    let read: Box<dyn Read + Send> = if name.ends_with(".zst") {
        Box::new(zstd::Decoder::new(raw).with_context(place)?)
    } else {
        Box::new(raw)
    };
    Ok(Some(BufReader::with_capacity(64 << 10, read)))
}

fn unzipped(file: &Path) -> anyhow::Result<Vec<Candle>> {
    let place = || format!("{} cannot be read", file.display());
    let mut archive =
        zip::ZipArchive::new(std::fs::File::open(file).with_context(place)?).with_context(place)?;
    let mut text = String::new();
    archive.by_index(0).with_context(place)?.read_to_string(&mut text).with_context(place)?;
    parse_table(&text).with_context(|| file.display().to_string())
}

/// The candles of a pair's files, one after the other.
struct Files {
    waiting: VecDeque<PathBuf>,
    lines: Option<(PathBuf, Lines, usize)>,
    whole: std::vec::IntoIter<Candle>,
    text: String,
    trouble: SourceError,
}

impl Files {
    fn new(files: &[PathBuf], trouble: SourceError) -> Self {
        Self {
            waiting: files.iter().cloned().collect(),
            lines: None,
            whole: Vec::new().into_iter(),
            text: String::new(),
            trouble,
        }
    }

    fn line(&mut self) -> anyhow::Result<Option<Candle>> {
        while let Some((path, lines, number)) = &mut self.lines {
            self.text.clear();
            let read = lines
                .read_line(&mut self.text)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            *number += 1;
            let line = self.text.trim();
            if read == 0 {
                self.lines = None;
            } else if !(line.is_empty() || *number == 1 && line.starts_with(char::is_alphabetic)) {
                let candle = table_row(line).with_context(|| {
                    format!(
                        "{}: line {number}: expected open_time,open,high,low,close,volume[,quote_volume]",
                        path.display()
                    )
                })?;
                return Ok(Some(candle));
            }
        }
        Ok(None)
    }

    fn following(&mut self) -> anyhow::Result<Option<Candle>> {
        loop {
            if let Some(candle) = self.whole.next() {
                return Ok(Some(candle));
            }
            if let Some(candle) = self.line()? {
                return Ok(Some(candle));
            }
            let Some(path) = self.waiting.pop_front() else { return Ok(None) };
            match lines_of(&path)? {
                Some(lines) => self.lines = Some((path, lines, 0)),
                None => self.whole = unzipped(&path)?.into_iter(),
            }
        }
    }
}

impl Iterator for Files {
    type Item = Candle;

    fn next(&mut self) -> Option<Candle> {
        match self.following() {
            Ok(candle) => candle,
            Err(error) => {
                self.trouble.note(format!("{error:#}"));
                self.waiting.clear();
                self.lines = None;
                None
            }
        }
    }
}
