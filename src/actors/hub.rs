//! The hub: one serialised snapshot, shared by all dashboard clients, at most four messages a second.

use crate::actors::death_watch::DeathWatch;
use crate::actors::mailbox;
use crate::actors::messages::{NewSnapshot, Stop};
use crate::actors::view::{LiveView, Published, Push, Subscribe, Unsubscribe};
use crate::actors::wiring::Wiring;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, Recipient};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Least machine time between two pushes to a client, ms.
pub(crate) const MIN_PUSH_GAP_MS: i64 = 250;

/// Fans snapshots out. A client that is full or gone is left to the session's own rule (newest wins).
pub struct Hub {
    wiring: Arc<Wiring>,
    view: Arc<LiveView>,
    clients: HashMap<u64, Recipient<Push>>,
    last_push_ms: i64,
    waiting: Option<Arc<Published>>,
    _watch: DeathWatch,
}

impl Hub {
    /// A hub without clients.
    pub fn new(wiring: Arc<Wiring>, watch: DeathWatch) -> Self {
        let view = Arc::clone(&wiring.view);
        Self {
            wiring,
            view,
            clients: HashMap::new(),
            last_push_ms: i64::MIN / 2,
            waiting: None,
            _watch: watch,
        }
    }

    fn push_now(&mut self, published: &Arc<Published>) {
        self.last_push_ms = self.wiring.machine.mono_ms();
        let drops = &self.wiring.drops;
        self.clients.retain(|_, client| {
            client.connected() && {
                mailbox::offer_to(client, Push(Arc::clone(published)), "hub_client", drops);
                true
            }
        });
        metrics::gauge!("impulso_ws_clients").set(self.clients.len() as f64);
    }

    fn offer(&mut self, published: Arc<Published>, ctx: &mut Context<Self>) {
        let wait_ms = self.last_push_ms + MIN_PUSH_GAP_MS - self.wiring.machine.mono_ms();
        if wait_ms <= 0 {
            self.push_now(&published);
        } else if self.waiting.replace(published).is_none() {
            let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
            ctx.run_later(wait, |hub, _| {
                if let Some(newest) = hub.waiting.take() {
                    hub.push_now(&newest);
                }
            });
        }
    }
}

impl Actor for Hub {
    type Context = Context<Self>;
}

impl Handler<NewSnapshot> for Hub {
    type Result = ();

    fn handle(&mut self, message: NewSnapshot, ctx: &mut Self::Context) {
        self.offer(message.0, ctx);
    }
}

impl Handler<Subscribe> for Hub {
    type Result = ();

    fn handle(&mut self, message: Subscribe, _: &mut Self::Context) {
        if let Some(newest) = self.view.published() {
            mailbox::offer_to(&message.client, Push(newest), "hub_client", &self.wiring.drops);
        }
        self.clients.insert(message.id, message.client);
        metrics::gauge!("impulso_ws_clients").set(self.clients.len() as f64);
    }
}

impl Handler<Unsubscribe> for Hub {
    type Result = ();

    fn handle(&mut self, message: Unsubscribe, _: &mut Self::Context) {
        self.clients.remove(&message.id);
        metrics::gauge!("impulso_ws_clients").set(self.clients.len() as f64);
    }
}

impl Handler<Stop> for Hub {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
