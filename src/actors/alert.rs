//! The alert actor: asks the pure policy what a snapshot means and hands the decisions to the channels.

use crate::actors::death_watch::DeathWatch;
use crate::actors::messages::{NewSnapshot, Stop};
use crate::actors::ports::AlertChannel;
use crate::actors::wiring::Wiring;
use crate::domain::alert::policy::{AlertPolicy, AlertPolicyConfig};
use actix::{Actor, ActorContext, Context, Handler};
use std::sync::Arc;

/// Decides and delivers, one snapshot at a time.
pub struct Alert {
    policy: AlertPolicy,
    channels: Arc<Vec<Box<dyn AlertChannel>>>,
    wiring: Arc<Wiring>,
    _watch: DeathWatch,
}

impl Alert {
    /// An alert actor with a fresh policy.
    #[must_use]
    pub fn new(
        config: AlertPolicyConfig,
        channels: Arc<Vec<Box<dyn AlertChannel>>>,
        wiring: Arc<Wiring>,
        watch: DeathWatch,
    ) -> Self {
        Self { policy: AlertPolicy::new(config), channels, wiring, _watch: watch }
    }
}

impl Actor for Alert {
    type Context = Context<Self>;
}

impl Handler<NewSnapshot> for Alert {
    type Result = ();

    fn handle(&mut self, message: NewSnapshot, _: &mut Self::Context) {
        for decision in self.policy.on_snapshot(&message.0.snapshot) {
            metrics::counter!("impulso_alerts_total", "level" => decision.level.as_str()).increment(1);
            for channel in self.channels.iter() {
                if let Err(error) = channel.send(&decision) {
                    self.wiring.tally.add("alert_channel");
                    tracing::warn!(channel = channel.name(), %error, "an alert could not be delivered");
                }
            }
        }
    }
}

impl Handler<Stop> for Alert {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
