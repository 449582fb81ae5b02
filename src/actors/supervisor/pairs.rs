//! The universe: pairs join, halt, resume and retire while everything runs.

use super::Supervisor;
use crate::actors::backfill::{PairRetired, RefreshUniverse, UniverseRead};
use crate::actors::death_watch::ActorId;
use crate::actors::directory::Pair;
use crate::actors::feed::{Route, Unroute};
use crate::actors::messages::SetTrading;
use crate::actors::ports::history::{HistoryBatch, UniverseRow};
use crate::domain::duration::Millis;
use crate::domain::symbol::Symbol;
use crate::domain::time::DAY_MS;
use crate::domain::universe::{PairInfo, UniverseChange};
use crate::exchange::stream::plan::{least_loaded, spread};

/// Least machine time between two looks at exchangeInfo, ms. Against a simulated market that runs fast the refresh in
/// market time would come at every look.
const MIN_REFRESH_MS: i64 = 5_000;

/// Between two looks while a pair is halted, ms of machine time: trading goes on when the exchange says so, not ten minutes
/// later.
const HALTED_REFRESH_MS: i64 = 60_000;

impl Supervisor {
    pub(super) fn refresh_universe_if_due(&mut self) {
        let (now, mono) = (self.setup.common.clocks.now(), self.setup.common.clocks.mono_time());
        let due = self.refreshed_at.is_some_and(|(market, machine)| {
            let since_ms = mono - machine;
            // Market time may have come down meanwhile.
            let far = (now - market).abs() >= self.setup.universe_refresh.ms();
            ((self.in_doubt || far) && since_ms >= MIN_REFRESH_MS)
                || (self.universe.any_halted() && since_ms >= HALTED_REFRESH_MS)
        });
        if due {
            // At the question, not at the answer: a slow one would be asked for again at every look.
            self.refreshed_at = Some((now, mono));
            self.setup.refresh.send(RefreshUniverse);
        }
    }

    pub(super) fn universe_read(&mut self, read: &UniverseRead) {
        let (now, mono) = (self.setup.common.clocks.now(), self.setup.common.clocks.mono_time());
        let first = self.refreshed_at.is_none();
        self.refreshed_at = Some((now, mono));
        let change = self.universe.update(&read.pairs, now);
        self.in_doubt = !change.doubted.is_empty();
        if let Some(example) = change.doubted.first() {
            let (lost, listed) = (change.doubted.len(), read.pairs.len());
            tracing::warn!(lost, listed, %example, "the list of pairs has lost many at once: it is read again");
        }
        if first {
            tracing::info!(pairs = change.joined.len(), "universe read from the exchange");
            // Before the pairs start: the first one may be done before the last has started.
            self.setup.warmups.expect(change.joined.len() as u64);
            self.start_feeds(&change.joined);
        } else {
            self.join(&change.joined);
        }
        self.keep_universe(read, &change, first);
        for symbol in &change.halted {
            tracing::info!(%symbol, "pair left TRADING: halted");
            self.tell_pair(symbol, SetTrading(false));
        }
        for symbol in &change.resumed {
            tracing::info!(%symbol, "pair is TRADING again");
            self.tell_pair(symbol, SetTrading(true));
        }
        for symbol in &change.retired {
            self.retire(symbol);
        }
    }

    /// The universe of the day, once a day, and every change of it.
    fn keep_universe(&mut self, read: &UniverseRead, change: &UniverseChange, first: bool) {
        let now = self.setup.common.clocks.now();
        let day = now.floor(DAY_MS);
        // The whole universe of a day is not taken from a list that is not believed.
        let whole = !self.in_doubt && std::mem::replace(&mut self.universe_day, day) != day;
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
        let mut universe: Vec<UniverseRow> = read.pairs.iter().filter_map(row).collect();
        let gone = change.retired.iter().filter(|s| !read.pairs.iter().any(|p| p.symbol == **s));
        universe.extend(gone.map(|symbol| UniverseRow {
            day,
            symbol: symbol.clone(),
            status: "GONE".to_owned(),
            event: "delisted".to_owned(),
        }));
        self.setup.rows.keep(HistoryBatch { universe, ..HistoryBatch::default() });
    }

    pub(super) fn tell_pair(&self, symbol: &Symbol, trading: SetTrading) {
        if let Some(pair) = self.setup.directory.all().get(symbol) {
            pair.place.must(trading);
        }
    }

    fn retire(&mut self, symbol: &Symbol) {
        tracing::info!(%symbol, "pair retired");
        // Away from the directory first and from the feed second: then nobody sends to the actor that is stopped.
        if let Some(pair) = self.setup.directory.remove(symbol) {
            self.feeds[pair.feed].must(Unroute { symbol: symbol.clone() });
        }
        self.registry.stop(&ActorId::Pair(symbol.clone()));
        self.setup.retired.send(PairRetired(symbol.clone()));
    }

    /// Spreads the pairs evenly over the connections, in the order given, and starts both.
    fn start_feeds(&mut self, symbols: &[Symbol]) {
        let feed = &self.setup.market.feed_config;
        let mut groups: Vec<Vec<Symbol>> =
            spread(symbols, feed.base, &feed.plan).into_iter().map(|plan| plan.symbols).collect();
        if groups.is_empty() {
            // Without a pair today there may be one tomorrow: the connection keeps market time going.
            groups.push(Vec::new());
        }
        for (index, group) in groups.into_iter().enumerate() {
            let pairs: Vec<_> =
                group.into_iter().map(|symbol| (self.start_pair(&symbol, index), symbol)).collect();
            // Before the feed starts, which takes its routes from there.
            self.setup.directory.extend(pairs.into_iter().map(|(pair, symbol)| (symbol, pair)));
            let (place, declared) = self.setup.market.feed(index);
            self.feeds.push(place);
            self.registry.start(declared);
        }
    }

    fn start_pair(&mut self, symbol: &Symbol, feed: usize) -> Pair {
        let (pair, declared) = self.setup.market.pair(symbol, feed);
        self.registry.start(declared);
        pair
    }

    /// New listings go to the connection with the fewest pairs.
    fn join(&mut self, symbols: &[Symbol]) {
        for symbol in symbols {
            // A connection carries the stream of all mini tickers besides.
            let mut counts = vec![1; self.feeds.len()];
            self.setup.directory.all().values().for_each(|pair| counts[pair.feed] += 1);
            let Some(feed) = least_loaded(&counts, &self.setup.market.feed_config.plan) else {
                self.setup.common.drops.add("connection_full");
                tracing::error!(%symbol, "no connection has room for the new pair: raise exchange.connections");
                continue;
            };
            tracing::info!(%symbol, "new pair joins");
            let pair = self.start_pair(symbol, feed);
            // Before the route: a feed that dies right now takes its routes from the directory.
            self.setup.directory.extend([(symbol.clone(), pair.clone())]);
            self.feeds[feed].must(Route { symbol: symbol.clone(), pair: pair.place });
        }
    }
}
