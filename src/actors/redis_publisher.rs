//! Publishes snapshots and candles to the cache that read-only nodes live on. The newest wins: what could not be
//! published in time is replaced, and after an outage every pair's candles are put in place anew.

use crate::actors::common::Common;
use crate::actors::directory::Directory;
use crate::actors::messages::{HistoryRows, OutboxEnqueued, Stop};
use crate::actors::ports::history::CandleRow;
use crate::actors::ports::redis::{Bundle, PublishError, SnapshotCache};
use crate::actors::problems::{ProblemSource, SystemProblem};
use crate::actors::view::{Published, SymbolQueries};
use crate::domain::duration::Millis;
use crate::domain::moment::{MarketTime, MonoTime};
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, StreamHandler, WrapFuture};
use futures_util::future::LocalBoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Candles that may wait; beyond it they are fetched anew from the pairs. Over half an hour of 500 pairs.
const MAX_WAITING: usize = 20_000;
/// Candles of a pair and interval in the cache: as many as the API gives.
const KEPT: usize = 1_000;
/// Waits after a failure grow up to this, ms. An attempt costs little, and nodes show old data until one succeeds.
const MAX_PAUSE_MS: i64 = 10_000;
/// One message of each pair at the end of a minute, and a warm-up of each at the start.
pub(crate) const MAILBOX: usize = 16_384;
/// How often work is looked for: a node is at most so much later than the scanner.
const LOOK: Duration = Duration::from_millis(100);

/// What the publisher works with.
#[derive(Clone)]
pub struct RedisPublisherSetup {
    pub cache: Arc<dyn SnapshotCache>,
    /// Base interval and length of a bar.
    pub intervals: (Interval, Interval),
    /// Cooldown of the alerts, ms.
    pub cooldown: Duration,
}

pub(crate) struct RedisPublisher {
    setup: RedisPublisherSetup,
    common: Common,
    directory: Arc<Directory>,
    newest: Option<Arc<Published>>,
    candles: Vec<CandleRow>,
    /// The newest of each pair: so many pairs are the bound of an outage.
    alerts: BTreeMap<Symbol, MarketTime>,
    /// Pairs whose candles are still to be put in place; `None` when it is to be begun.
    refill: Option<Vec<Symbol>>,
    busy: bool,
    failures: u32,
    not_before: MonoTime,
}

impl RedisPublisher {
    /// A publisher that fills the cache with its first snapshot.
    pub(crate) fn new(setup: RedisPublisherSetup, common: Common, directory: Arc<Directory>) -> Self {
        Self {
            setup,
            common,
            directory,
            newest: None,
            candles: Vec::new(),
            alerts: BTreeMap::new(),
            refill: None,
            busy: false,
            failures: 0,
            not_before: MonoTime::default(),
        }
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.busy || self.common.clocks.mono_time() < self.not_before {
            return;
        }
        if !self.common.is_active() {
            // Read-only nodes hear one of two scanners. When its turn comes, this one puts everything in place anew.
            (self.newest, self.refill) = (None, None);
            self.candles.clear();
            return;
        }
        let Some(work) = self.next() else { return };
        // One at a time: two under way could reach Redis in the other order, and an older snapshot would stand.
        self.busy = true;
        ctx.spawn(work.into_actor(self).map(|result, actor, ctx| {
            actor.busy = false;
            actor.ended(result);
            actor.look(ctx);
        }));
    }

    /// Snapshots first, then alerts, candles, and what an outage left behind.
    fn next(&mut self) -> Option<LocalBoxFuture<'static, Result<(), PublishError>>> {
        let cache = Arc::clone(&self.setup.cache);
        if let Some(published) = self.newest.take() {
            let bundle = Bundle {
                seq: published.seq,
                snapshot: Arc::clone(&published.snapshot),
                status: self.common.view.status(),
                channels: self.common.view.channels(),
                base: self.setup.intervals.0,
            };
            return Some(cache.publish(Arc::new(bundle)));
        }
        if !self.alerts.is_empty() {
            let ttl_ms = self.setup.cooldown.ms().max(1).unsigned_abs();
            // Not offered again when Redis refuses: the own state holds the cooldown, this is for other scanners.
            return Some(cache.note_alerts(std::mem::take(&mut self.alerts).into_iter().collect(), ttl_ms));
        }
        self.common.view.published()?;
        let left = self.refill.get_or_insert_with(|| self.directory.all().keys().cloned().collect());
        if let Some(symbol) = left.pop() {
            let queries = Arc::clone(&self.directory);
            let (base, tf) = self.setup.intervals;
            return Some(Box::pin(async move {
                for interval in if base == tf { vec![base] } else { vec![base, tf] } {
                    let candles = queries.candles(symbol.as_str(), interval, KEPT).await.unwrap_or_default();
                    cache.replace(&symbol, interval, candles).await?;
                }
                Ok(())
            }));
        }
        (!self.candles.is_empty()).then(|| cache.append(std::mem::take(&mut self.candles)) as _)
    }

    fn ended(&mut self, result: Result<(), PublishError>) {
        match result {
            Ok(()) => {
                self.failures = 0;
                self.common.tell(ProblemSource::Redis, None);
            }
            Err(error) => {
                let error = error.reason();
                self.common.tell(ProblemSource::Redis, Some(SystemProblem::RedisPublisher { error }));
                self.failures = self.failures.saturating_add(1);
                self.common.drops.add("redis");
                // How much of the batch arrived is not known, and a list with a hole would look whole: all are put in
                // place anew.
                self.candles.clear();
                self.refill = None;
                let pause = (250_i64 << self.failures.min(8)).min(MAX_PAUSE_MS);
                self.not_before = self.common.clocks.mono_time() + pause;
            }
        }
        metrics::gauge!("impulso_redis_up").set(if self.failures == 0 { 1.0 } else { 0.0 });
    }
}

impl Actor for RedisPublisher {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.add_stream(self.common.view.snapshots());
        ctx.run_interval(self.common.pace.every(LOOK), Self::look);
    }
}

impl StreamHandler<Arc<Published>> for RedisPublisher {
    fn handle(&mut self, published: Arc<Published>, ctx: &mut Self::Context) {
        self.newest = Some(published);
        self.look(ctx);
    }
}

impl Handler<HistoryRows> for RedisPublisher {
    type Result = ();

    fn handle(&mut self, HistoryRows(batch): HistoryRows, _: &mut Self::Context) {
        if self.refill.as_ref().is_none_or(|left| !left.is_empty()) {
            // What comes now is in the pairs' own windows when their turn comes; but those that had theirs miss it.
            let waiting = self.refill.as_ref();
            let done = |row: &CandleRow| waiting.is_some_and(|left| !left.contains(&row.symbol));
            self.candles.extend(batch.candles.into_iter().filter(done));
        } else {
            self.candles.extend(batch.candles);
        }
        if self.candles.len() > MAX_WAITING {
            self.candles.clear();
            self.refill = None;
        }
    }
}

impl Handler<OutboxEnqueued> for RedisPublisher {
    type Result = ();

    fn handle(&mut self, news: OutboxEnqueued, _: &mut Self::Context) {
        self.alerts.extend(news.0.alerts().iter().map(|a| (a.symbol.clone(), a.as_of)));
    }
}

impl Handler<Stop> for RedisPublisher {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
