//! The track record of market moves is read once a day, as a message cannot wait for a store.

use super::AlertActor;
use crate::actors::ports::state::levels_since;
use crate::actors::track_record;
use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;
use crate::learning::evaluation::by_size::of_events;
use actix::fut::{ActorFutureExt, wrap_future};
use actix::{AsyncContext, Context};
use std::collections::BTreeMap;

/// Days looked back. Market moves are rare: a month may hold none.
const DAYS: i64 = 365;

impl AlertActor {
    /// Reads the record with the first cycle of a day.
    pub(super) fn look_up_moves(&mut self, as_of: MarketTime, ctx: &mut Context<Self>) {
        let (Some(store), today) = (self.setup.history.clone(), as_of.index(DAY_MS)) else { return };
        if self.moves.asked.replace(today) == Some(today) {
            return;
        }
        let since = match levels_since(&*self.setup.state) {
            Ok(since) => since,
            Err(error) => {
                tracing::warn!(%error, "since when levels are counted cannot be read; what came of market moves stays as it was");
                return;
            }
        };
        let read = async move { track_record::read(&*store, DAYS, as_of, since, &mut BTreeMap::new()).await };
        ctx.spawn(wrap_future::<_, Self>(read).map(|record, actor, _| match record {
            Ok(record) => actor.moves.came = of_events(&record.by_size()),
            Err(error) => {
                tracing::warn!(%error, "what came of market moves cannot be read; it stays as it was");
            }
        }));
    }
}
