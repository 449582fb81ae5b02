//! Candles of the history store, read by range.

use super::files::CandleRows;
use crate::actors::ports::history::{HistoryStore, Span};
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, Interval};
use crate::i18n::{OrFail, text};
use crate::settings::Settings;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// Read at once, ms of market time: a week of minutes is a megabyte a pair, and hundreds of pairs are under way.
const PART_MS: i64 = 7 * DAY_MS;

/// Opens the history store beside the running scanner, with a runtime for it: replays run on threads of their own.
pub(crate) fn open(settings: &Settings) -> anyhow::Result<(Runtime, Arc<dyn HistoryStore>)> {
    crate::adapters::net::install();
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.or_fail(|| text!(history_no_thread))?;
    let store = runtime.block_on(crate::app::history::open_here(settings))?;
    Ok((runtime, store))
}

/// The store, and what it has.
pub(super) struct Stored {
    store: Arc<dyn HistoryStore>,
    runtime: Arc<Runtime>,
    /// Pairs by name, with first and last open time.
    pub(super) pairs: Vec<(Symbol, MarketTime, MarketTime)>,
}

impl Stored {
    pub(super) fn open(settings: &Settings) -> anyhow::Result<Self> {
        let (runtime, store) = open(settings)?;
        let pairs = runtime.block_on(store.candle_pairs(settings.exchange.base()))?;
        Ok(Self { store, runtime: Arc::new(runtime), pairs })
    }

    /// First and last open time of all pairs.
    pub(super) fn span(&self) -> Option<(MarketTime, MarketTime)> {
        let first = self.pairs.iter().map(|(_, first, _)| *first).min();
        first.zip(self.pairs.iter().map(|(_, _, last)| *last).max())
    }

    pub(super) fn candles(
        &self,
        pair: &(Symbol, MarketTime, MarketTime),
        base: Interval,
    ) -> (Symbol, CandleRows, CandleRows) {
        let (store, runtime) = (Arc::clone(&self.store), Arc::clone(&self.runtime));
        let (symbol, first, last) = pair.clone();
        let read = first.steps(PART_MS, last + 1).flat_map(move |from| {
            let span = Span { from, to: (from + PART_MS).min(last + 1) };
            match runtime.block_on(store.candles(&symbol, base, span)) {
                Ok(candles) => candles.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(anyhow::Error::from(error))],
            }
        });
        // Its hours are made of its own candles.
        (pair.0.clone(), Box::new(read), Box::new(std::iter::empty()))
    }
}
