//! The alert actor: asks the pure policy what a snapshot means and hands the decisions to the channels.

pub mod text;

use crate::actors::death_watch::DeathWatch;
use crate::actors::messages::{NewSnapshot, Stop};
use crate::actors::ports::AlertChannel;
use crate::actors::wiring::Wiring;
use crate::domain::alert::policy::{Alert, AlertDecision, AlertPolicy, AlertPolicyConfig};
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use std::sync::Arc;
use text::{Language, one_line};

/// Decides and delivers, one snapshot at a time.
pub struct AlertActor {
    language: Language,
    policy: AlertPolicy,
    channels: Arc<Vec<Box<dyn AlertChannel>>>,
    wiring: Arc<Wiring>,
    _watch: DeathWatch,
}

impl AlertActor {
    /// An alert actor with a fresh policy.
    #[must_use]
    pub fn new(
        config: AlertPolicyConfig,
        language: Language,
        channels: Arc<Vec<Box<dyn AlertChannel>>>,
        wiring: Arc<Wiring>,
        watch: DeathWatch,
    ) -> Self {
        Self { language, policy: AlertPolicy::new(config), channels, wiring, _watch: watch }
    }
}

impl AlertActor {
    fn deliver(&self, alert: &Alert, ctx: &mut Context<Self>) {
        metrics::counter!("impulso_alerts_total", "level" => alert.kind.as_str()).increment(1);
        for channel in self.channels.iter() {
            let delivered = channel.deliver(one_line(alert, self.language)).into_actor(self);
            ctx.spawn(delivered.map(|result, actor, _| {
                if let Err(error) = result {
                    actor.wiring.tally.add("alert_channel");
                    tracing::warn!(%error, "an alert was not delivered");
                }
            }));
        }
    }
}

impl Actor for AlertActor {
    type Context = Context<Self>;
}

impl Handler<NewSnapshot> for AlertActor {
    type Result = ();

    fn handle(&mut self, message: NewSnapshot, ctx: &mut Self::Context) {
        for decision in self.policy.on_snapshot(&message.0.snapshot) {
            match decision {
                AlertDecision::Send(alert) => self.deliver(&alert, ctx),
                AlertDecision::Suppressed { by, .. } => {
                    metrics::counter!("impulso_alerts_suppressed_total", "by" => by.as_str()).increment(1);
                }
            }
        }
    }
}

impl Handler<Stop> for AlertActor {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
