//! Candles of the history store as the pairs of a replay: read by range, a week at a time.

use super::sources::SourceError;
use crate::actors::ports::history::{HistoryStore, Span};
use crate::domain::candle::Candle;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, Interval, UtcMs};
use crate::learning::parallel::Candles;
use crate::settings::Settings;
use anyhow::Context;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// Read at once, ms of market time.
const PART_MS: i64 = 7 * DAY_MS;

/// The store, and what it has.
pub(super) struct Stored {
    store: Arc<dyn HistoryStore>,
    /// Replays run on threads of their own; the store's work is done here.
    runtime: Arc<Runtime>,
    /// Pairs by name, with first and last open time.
    pub(super) pairs: Vec<(Symbol, UtcMs, UtcMs)>,
}

impl Stored {
    pub(super) fn open(settings: &Settings) -> anyhow::Result<Self> {
        crate::adapters::tls::install();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = Arc::new(runtime.context("no thread for the history store")?);
        let store = runtime.block_on(crate::app::history::open_here(settings))?;
        let pairs = runtime.block_on(store.candle_pairs(settings.exchange.base()))?;
        Ok(Self { store, runtime, pairs })
    }

    pub(super) fn candles(&self, symbol: &Symbol, base: Interval, trouble: &SourceError) -> Candles {
        let reach = self.pairs.iter().find(|(s, ..)| s == symbol).map_or((0, 0), |(_, a, b)| (*a, *b + 1));
        Box::new(Parts {
            store: Arc::clone(&self.store),
            runtime: Arc::clone(&self.runtime),
            symbol: symbol.clone(),
            base,
            next: reach.0,
            end: reach.1,
            part: Vec::new().into_iter(),
            trouble: trouble.clone(),
        })
    }
}

struct Parts {
    store: Arc<dyn HistoryStore>,
    runtime: Arc<Runtime>,
    symbol: Symbol,
    base: Interval,
    next: UtcMs,
    end: UtcMs,
    part: std::vec::IntoIter<Candle>,
    trouble: SourceError,
}

impl Iterator for Parts {
    type Item = Candle;

    fn next(&mut self) -> Option<Candle> {
        loop {
            if let Some(candle) = self.part.next() {
                return Some(candle);
            }
            if self.next >= self.end {
                return None;
            }
            let span = Span { from: self.next, to: (self.next + PART_MS).min(self.end) };
            self.next = span.to;
            match self.runtime.block_on(self.store.candles(&self.symbol, self.base, span)) {
                Ok(candles) => self.part = candles.into_iter(),
                Err(error) => {
                    self.trouble.note(error.to_string());
                    self.next = self.end;
                }
            }
        }
    }
}
