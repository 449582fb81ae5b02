//! Recorded candles as the pairs of a replay: a folder of files, or the history store.

mod files;
pub(crate) mod store;

use crate::app::config::analysis_config;
use crate::domain::analysis::AnalysisConfig;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::i18n::{OrFail, text};
use crate::learning::replay::pair::PairReplay;
use crate::learning::replay::{Candles, Moment, Pair, Steps, replay};
use crate::settings::Settings;
use anyhow::Context;
use files::{CandleRows, Files};
use parking_lot::Mutex;
use std::path::Path;
use std::sync::Arc;
use store::Stored;

enum Source {
    Files(Files),
    Store(Stored),
}

/// Recorded candles.
pub(crate) struct Recorded {
    source: Source,
    /// What they are called in errors.
    pub place: String,
    /// Interval of the candles.
    pub base: Interval,
    /// First and last open time seen in the files that were looked into.
    pub span: (MarketTime, MarketTime),
}

impl Recorded {
    /// Looks at the files of a folder (and the folders in it); without one at the history store of the settings.
    pub(crate) fn open(folder: Option<&Path>, settings: &Settings) -> anyhow::Result<Self> {
        let Some(folder) = folder else { return Self::stored(settings) };
        let (files, place) = (Files::below(folder)?, folder.display().to_string());
        let base = files.interval().or_fail(|| text!(candles_none_in_folder, place = place.clone()))?;
        Ok(Self { span: files.span()?, source: Source::Files(files), place, base })
    }

    fn stored(settings: &Settings) -> anyhow::Result<Self> {
        let base = settings.exchange.base();
        let stored = Stored::open(settings)?;
        let place = settings.history.store.to_string();
        let nothing = || text!(history_empty, store = place.clone(), interval = base.to_string());
        let span = stored.span().or_fail(nothing)?;
        Ok(Self { source: Source::Store(stored), place, base, span })
    }

    /// Number of pairs.
    pub(crate) fn len(&self) -> usize {
        match &self.source {
            Source::Files(files) => files.len(),
            Source::Store(stored) => stored.pairs.len(),
        }
    }

    /// How the settings analyse candles of this interval.
    pub(crate) fn analysis(&self, settings: &Settings) -> anyhow::Result<Arc<AnalysisConfig>> {
        Ok(Arc::new(analysis_config(settings, self.base).with_context(|| self.place.clone())?))
    }

    /// Replays all pairs by the analysis of the settings.
    pub(crate) fn replay(
        &self,
        settings: &Settings,
        steps: Steps,
        threads: usize,
        moment: impl FnMut(Moment) -> anyhow::Result<()>,
        progress: impl FnMut(usize, usize, u64),
    ) -> anyhow::Result<()> {
        let analysis = self.analysis(settings)?;
        let pair = |symbol, candles, hours| {
            PairReplay::new(symbol, Arc::clone(&analysis), candles).with_hours(hours)
        };
        self.replay_as(pair, steps, threads, moment, progress)
    }

    /// The same with pairs that `pair` makes of their candles and the hours of their longer history. Files are opened as they come: what cannot be read ends the
    /// replay at the next moment.
    pub(crate) fn replay_as(
        &self,
        pair: impl Fn(Symbol, Candles, Candles) -> Pair,
        steps: Steps,
        threads: usize,
        mut moment: impl FnMut(Moment) -> anyhow::Result<()>,
        progress: impl FnMut(usize, usize, u64),
    ) -> anyhow::Result<()> {
        // An iterator of candles cannot fail, and pairs are read on several threads: the first error stands and is
        // looked at behind each moment.
        let failure: Arc<Mutex<Option<anyhow::Error>>> = Arc::default();
        let readable = |read: CandleRows| -> Candles {
            let failure = Arc::clone(&failure);
            let until_failure = move |candle: anyhow::Result<Candle>| {
                let note = |error| {
                    failure.lock().get_or_insert(error);
                };
                candle.map_err(note).ok()
            };
            Box::new(read.map_while(until_failure))
        };
        let one = |(symbol, candles, hours)| pair(symbol, readable(candles), readable(hours));
        let pairs = match &self.source {
            Source::Files(files) => files.pairs().map(one).collect(),
            Source::Store(stored) => stored.pairs.iter().map(|p| one(stored.candles(p, self.base))).collect(),
        };
        let taken = |m| {
            moment(m)?;
            let failed = failure.lock().take();
            failed.map_or(Ok(()), Err)
        };
        replay(pairs, steps, threads, taken, progress)
    }
}
