//! Where each pair's actor can be reached: for the REST queue, the ranker and the web's questions.

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
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How long a question to a pair may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

type Addresses = BTreeMap<Symbol, Addr<SymbolActor>>;

/// Addresses of the universe's pairs, by symbol. Replaced as a whole on change, so readers share one map.
#[derive(Debug, Default)]
pub struct Directory {
    addresses: RwLock<Arc<Addresses>>,
}

impl Directory {
    /// All pairs at this moment.
    pub(crate) fn all(&self) -> Arc<Addresses> {
        Arc::clone(&self.addresses.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// One pair's address.
    pub fn find(&self, symbol: &str) -> Option<Addr<SymbolActor>> {
        self.addresses.read().unwrap_or_else(PoisonError::into_inner).get(symbol).cloned()
    }

    /// Puts many pairs in at once.
    pub(crate) fn extend(&self, entries: impl IntoIterator<Item = (Symbol, Addr<SymbolActor>)>) {
        let mut addresses = self.addresses.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut addresses).extend(entries);
    }

    /// Takes a pair out.
    pub(crate) fn remove(&self, symbol: &Symbol) -> Option<Addr<SymbolActor>> {
        let mut addresses = self.addresses.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut addresses).remove(symbol)
    }

    /// Takes all pairs out.
    pub(crate) fn clear(&self) -> Arc<Addresses> {
        std::mem::take(&mut *self.addresses.write().unwrap_or_else(PoisonError::into_inner))
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
        self.addresses.read().unwrap_or_else(PoisonError::into_inner).contains_key(symbol)
    }
}
