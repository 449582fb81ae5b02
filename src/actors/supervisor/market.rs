//! The actors that come and go with the universe: pairs, and the connections that feed them.

use crate::actors::death_watch::ActorId;
use crate::actors::directory::Pair;
use crate::actors::feed::{self, Feed, FeedConfig, FeedLinks, FeedSetup};
use crate::actors::mailbox::Place;
use crate::actors::ports::StreamConnector;
use crate::actors::registry::{Declared, Start, StopStage, declare};
use crate::actors::symbol::{self, PairLinks, SymbolActor};
use crate::domain::analysis::AnalysisConfig;
use crate::domain::symbol::Symbol;
use actix::ArbiterHandle;
use std::rc::Rc;
use std::sync::Arc;

/// What pairs and feeds are made of. A feed and its pairs share a thread.
pub(crate) struct MarketActors {
    pub(crate) shards: Vec<ArbiterHandle>,
    pub(crate) analysis: Arc<AnalysisConfig>,
    pub(crate) feed_config: FeedConfig,
    pub(crate) streams: Arc<dyn StreamConnector>,
    pub(crate) pair: PairLinks,
    pub(crate) feed: FeedLinks,
}

impl MarketActors {
    fn shard(&self, feed: usize) -> ArbiterHandle {
        self.shards[feed % self.shards.len()].clone()
    }

    /// The actor of a pair that `feed` feeds.
    pub(super) fn pair(&self, symbol: &Symbol, feed: usize) -> (Pair, Rc<dyn Declared>) {
        let place = Place::new("symbol", Arc::clone(&self.pair.common.drops));
        let (config, links, name) = (Arc::clone(&self.analysis), self.pair.clone(), symbol.clone());
        let declared = declare(
            ActorId::Pair(symbol.clone()),
            &place,
            &self.shard(feed),
            symbol::MAILBOX,
            StopStage::Pairs,
            move |_| SymbolActor::new(name.clone(), &config, links.clone()),
        );
        (Pair { place, feed }, declared)
    }

    /// The connection with this index; it feeds the pairs that the directory has for it.
    pub(super) fn feed(&self, index: usize) -> (Arc<Place<Feed>>, Rc<dyn Declared>) {
        let place = Place::new("feed", Arc::clone(&self.feed.common.drops));
        let (config, connector, links) =
            (self.feed_config.clone(), Arc::clone(&self.streams), self.feed.clone());
        let declared = declare(
            ActorId::Nth("feed", index),
            &place,
            &self.shard(index),
            feed::MAILBOX,
            StopStage::Feeds,
            move |start| {
                let (config, connector) = (config.clone(), Arc::clone(&connector));
                let setup = FeedSetup { index, config, connector, again: start == Start::Again };
                Feed::new(setup, links.clone())
            },
        );
        (place, declared)
    }
}
