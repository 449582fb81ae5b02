//! Where each pair's actor can be reached, and which connection feeds it.

use crate::actors::mailbox::Place;
use crate::actors::messages::{GetCandles, GetReport};
use crate::actors::symbol::SymbolActor;
use crate::actors::view::SymbolQueries;
use crate::domain::candle::Candle;
use crate::domain::report::Report;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use actix::Addr;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a question to a pair may take.
/// A pair answers in microseconds; what takes longer has died, and a page would rather say so.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// One pair of the universe.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) place: Arc<Place<SymbolActor>>,
    /// Index of the connection that feeds it.
    pub(crate) feed: usize,
}

type Pairs = BTreeMap<Symbol, Pair>;

/// The universe's pairs, by symbol. Replaced as a whole on change, so readers share one map.
#[derive(Default)]
pub struct Directory {
    /// The lock is held for the clone of an `Arc` alone: every tick goes over all pairs, and must not keep a listing
    /// waiting meanwhile.
    pairs: RwLock<Arc<Pairs>>,
}

impl Directory {
    /// All pairs at this moment.
    pub(crate) fn all(&self) -> Arc<Pairs> {
        Arc::clone(&self.pairs.read())
    }

    /// The present address of a pair.
    pub fn find(&self, symbol: &str) -> Option<Addr<SymbolActor>> {
        self.pairs.read().get(symbol)?.place.addr()
    }

    pub(crate) fn extend(&self, entries: impl IntoIterator<Item = (Symbol, Pair)>) {
        let mut pairs = self.pairs.write();
        Arc::make_mut(&mut pairs).extend(entries);
    }

    pub(crate) fn remove(&self, symbol: &Symbol) -> Option<Pair> {
        let mut pairs = self.pairs.write();
        Arc::make_mut(&mut pairs).remove(symbol)
    }

    pub(crate) fn clear(&self) {
        *self.pairs.write() = Arc::default();
    }
}

impl SymbolQueries for Directory {
    fn report(&self, symbol: &str) -> LocalBoxFuture<'static, Option<Report>> {
        let Some(address) = self.find(symbol) else {
            return futures_util::future::ready(None).boxed_local();
        };
        async move { tokio::time::timeout(ANSWER_WITHIN, address.send(GetReport)).await.ok()?.ok()? }
            .boxed_local()
    }

    fn candles(
        &self,
        symbol: &str,
        interval: Interval,
        limit: usize,
    ) -> LocalBoxFuture<'static, Option<Vec<Candle>>> {
        let Some(address) = self.find(symbol) else {
            return futures_util::future::ready(None).boxed_local();
        };
        async move {
            let asked = address.send(GetCandles { interval, limit });
            tokio::time::timeout(ANSWER_WITHIN, asked).await.ok()?.ok()
        }
        .boxed_local()
    }

    fn knows(&self, symbol: &str) -> bool {
        self.pairs.read().contains_key(symbol)
    }
}
