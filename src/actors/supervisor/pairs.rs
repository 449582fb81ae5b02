//! The universe: pairs join, halt, resume and retire while everything runs.

use super::{FeedSlot, PairSlot, Supervisor};
use crate::actors::backfill::{RefreshUniverse, UniverseRead};
use crate::actors::death_watch::Child;
use crate::actors::feed::{Feed, FeedSetup, Route, Unroute};
use crate::actors::mailbox;
use crate::actors::messages::{SetTrading, Stop};
use crate::actors::ports::history::{HistoryBatch, UniverseRow};
use crate::actors::symbol::SymbolActor;
use crate::domain::symbol::Symbol;
use crate::domain::time::DAY_MS;
use crate::domain::universe::{PairInfo, UniverseChange};
use crate::exchange::stream::plan::{least_loaded, spread};
use actix::{Actor, Addr, Context};
use std::sync::Arc;

/// Least machine time between two looks at exchangeInfo, ms.
const MIN_REFRESH_MS: i64 = 5_000;

impl Supervisor {
    pub(super) fn refresh_universe_if_due(&mut self) {
        let (now, mono_ms) = (self.wiring.now(), self.wiring.machine.mono_ms());
        let due = self.refreshed_at.is_some_and(|(market, mono)| {
            now - market >= self.config.universe_refresh_ms && mono_ms - mono >= MIN_REFRESH_MS
        });
        if due && let Some(backfill) = &self.backfill {
            self.refreshed_at = Some((now, mono_ms));
            mailbox::offer(backfill, RefreshUniverse, "backfill", &self.wiring.drops);
        }
    }

    pub(super) fn universe_news(&mut self, news: &UniverseRead, ctx: &Context<Self>) {
        let (now, mono_ms) = (self.wiring.now(), self.wiring.machine.mono_ms());
        let first = self.refreshed_at.is_none();
        self.refreshed_at = Some((now, mono_ms));
        let change = self.universe.update(&news.pairs, now);
        if first {
            tracing::info!(pairs = change.joined.len(), "universe read from the exchange");
            self.wiring.warmups.expect(change.joined.len() as u64);
            self.start_feeds(&change.joined, ctx);
        } else {
            self.join(&change.joined, ctx);
        }
        self.keep_universe(news, &change, first);
        for symbol in &change.halted {
            tracing::info!(%symbol, "pair left TRADING: halted");
            self.tell_pair(symbol, false);
        }
        for symbol in &change.resumed {
            tracing::info!(%symbol, "pair is TRADING again");
            self.tell_pair(symbol, true);
        }
        for symbol in &change.retired {
            self.retire(symbol);
        }
    }

    /// The universe of the day, once a day, and every change of it.
    fn keep_universe(&mut self, news: &UniverseRead, change: &UniverseChange, first: bool) {
        let now = self.wiring.now();
        let day = now - now.rem_euclid(DAY_MS);
        let whole = std::mem::replace(&mut self.universe_day, day) != day;
        let event = |symbol: &Symbol| {
            let of = |list: &[Symbol], name| list.contains(symbol).then_some(name);
            // At the start every pair joins; that is no listing.
            of(&change.joined, "listed").filter(|_| !first).or_else(|| {
                of(&change.halted, "halted")
                    .or_else(|| of(&change.resumed, "resumed"))
                    .or_else(|| of(&change.retired, "delisted"))
            })
        };
        let known =
            |symbol: &Symbol| self.universe.contains(symbol.as_str()) || change.retired.contains(symbol);
        let row = |pair: &PairInfo| {
            let event = event(&pair.symbol);
            (known(&pair.symbol) && (whole || event.is_some())).then(|| UniverseRow {
                day,
                symbol: pair.symbol.clone(),
                status: pair.status.to_string(),
                event: event.unwrap_or_default().to_owned(),
            })
        };
        let mut universe: Vec<UniverseRow> = news.pairs.iter().filter_map(row).collect();
        let gone = change.retired.iter().filter(|s| !news.pairs.iter().any(|p| p.symbol == **s));
        universe.extend(gone.map(|symbol| UniverseRow {
            day,
            symbol: symbol.clone(),
            status: "GONE".to_owned(),
            event: "delisted".to_owned(),
        }));
        self.wiring.keep(HistoryBatch { universe, ..HistoryBatch::default() });
    }

    fn tell_pair(&self, symbol: &Symbol, trading: bool) {
        if let Some(address) = self.wiring.directory.find(symbol.as_str()) {
            mailbox::must(&address.recipient(), SetTrading(trading));
        }
    }

    fn retire(&mut self, symbol: &Symbol) {
        tracing::info!(%symbol, "pair retired");
        if let Some(slot) = self.pairs.remove(symbol) {
            let feed = &mut self.feeds[slot.feed];
            feed.pairs = feed.pairs.saturating_sub(1);
            mailbox::must(&feed.addr.clone().recipient(), Unroute { symbol: symbol.clone() });
        }
        self.generations.remove(&Child::Symbol(symbol.clone()));
        if let Some(address) = self.wiring.directory.remove(symbol) {
            mailbox::must(&address.recipient(), Stop);
        }
    }

    /// Spreads the pairs evenly over the connections, in the order given, and starts both.
    fn start_feeds(&mut self, symbols: &[Symbol], ctx: &Context<Self>) {
        let mut groups: Vec<Vec<Symbol>> = spread(symbols, self.config.feed.base, &self.config.feed.plan)
            .into_iter()
            .map(|plan| plan.symbols)
            .collect();
        if groups.is_empty() {
            // Without a pair today there may be one tomorrow: the connection keeps market time going.
            groups.push(Vec::new());
        }
        for (index, group) in groups.into_iter().enumerate() {
            let shard = index % self.threads.shards.len();
            let routes: Vec<_> = group.iter().map(|s| (s.clone(), self.spawn_pair(s, shard, ctx))).collect();
            for symbol in &group {
                self.pairs.insert(symbol.clone(), PairSlot { feed: index });
            }
            self.wiring.directory.extend(routes.iter().cloned());
            let addr = self.spawn_feed(index, shard, routes, false, ctx);
            self.feeds.push(FeedSlot { addr, shard, pairs: group.len() });
        }
    }

    fn spawn_feed(
        &mut self,
        index: usize,
        shard: usize,
        routes: Vec<(Symbol, Addr<SymbolActor>)>,
        again: bool,
        ctx: &Context<Self>,
    ) -> Addr<Feed> {
        let watch = self.watch(&Child::Feed(index), ctx);
        let setup = FeedSetup {
            index,
            config: self.config.feed.clone(),
            connector: Arc::clone(&self.adapters.streams),
            routes,
            again,
        };
        let wiring = Arc::clone(&self.wiring);
        Feed::start_in_arbiter(&self.threads.shards[shard], move |_| Feed::new(setup, wiring, watch))
    }

    fn spawn_pair(&mut self, symbol: &Symbol, shard: usize, ctx: &Context<Self>) -> Addr<SymbolActor> {
        let watch = self.watch(&Child::Symbol(symbol.clone()), ctx);
        let (config, wiring) = (Arc::clone(&self.config.analysis), Arc::clone(&self.wiring));
        let symbol = symbol.clone();
        SymbolActor::start_in_arbiter(&self.threads.shards[shard], move |_| {
            SymbolActor::new(symbol, &config, wiring, watch)
        })
    }

    /// New listings go to the connection with the fewest pairs.
    fn join(&mut self, symbols: &[Symbol], ctx: &Context<Self>) {
        for symbol in symbols {
            let counts: Vec<usize> = self.feeds.iter().map(|feed| feed.pairs + 1).collect();
            let Some(index) = least_loaded(&counts, &self.config.feed.plan) else {
                self.wiring.drops.add("connection_full");
                tracing::error!(%symbol, "no connection has room for the new pair: raise exchange.connections");
                continue;
            };
            let shard = self.feeds[index].shard;
            tracing::info!(%symbol, "new pair joins");
            let address = self.spawn_pair(symbol, shard, ctx);
            self.wiring.directory.extend([(symbol.clone(), address.clone())]);
            self.pairs.insert(symbol.clone(), PairSlot { feed: index });
            let feed = &mut self.feeds[index];
            feed.pairs += 1;
            let route = Route { symbol: symbol.clone(), address };
            mailbox::must(&feed.addr.clone().recipient(), route);
        }
    }

    pub(super) fn respawn_pair(&mut self, symbol: &Symbol, ctx: &Context<Self>) {
        let Some(index) = self.pairs.get(symbol).map(|slot| slot.feed) else { return };
        let address = self.spawn_pair(symbol, self.feeds[index].shard, ctx);
        if self.universe.halted_since(symbol.as_str()).is_some() {
            mailbox::must(&address.clone().recipient(), SetTrading(false));
        }
        self.wiring.directory.extend([(symbol.clone(), address.clone())]);
        let route = Route { symbol: symbol.clone(), address };
        mailbox::must(&self.feeds[index].addr.clone().recipient(), route);
    }

    pub(super) fn respawn_feed(&mut self, index: usize, ctx: &Context<Self>) {
        let directory = self.wiring.directory.all();
        let mine = self.pairs.iter().filter(|(_, slot)| slot.feed == index);
        let routes: Vec<_> =
            mine.filter_map(|(symbol, _)| Some((symbol.clone(), directory.get(symbol)?.clone()))).collect();
        let shard = self.feeds[index].shard;
        self.feeds[index].addr = self.spawn_feed(index, shard, routes, true, ctx);
    }
}
