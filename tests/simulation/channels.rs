//! Receivers of alerts.

use super::plan::Kind;
use super::world::{Received, World};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use impulso::actors::ports::alerts::{AlertChannel, ChannelSpec, DeliveryError, Parcel, Receipt};
use impulso::domain::alert::remedy::Remedy;
use impulso::domain::report::Level;
use impulso::i18n::{Language, Reason};
use std::sync::Arc;
use std::time::Duration;

/// Name, and whether it tells repetitions apart, and gets what may be one.
pub(crate) const CHANNELS: [(&str, bool, bool); 3] =
    [("keyed", true, true), ("chat", false, true), ("mail", false, false)];

struct Channel {
    world: Arc<World>,
    name: &'static str,
    index: u64,
}

pub(crate) fn channels(world: &Arc<World>) -> Vec<ChannelSpec> {
    let spec = |(index, (name, idempotent, resend_uncertain)): (usize, (&'static str, bool, bool))| {
        let world = Arc::clone(world);
        ChannelSpec {
            name: name.to_owned(),
            language: Language::En,
            daily_cap: None,
            idempotent,
            resend_uncertain,
            charts: false,
            min_level: Level::Baja,
            make: Arc::new(move || {
                Box::new(Channel { world: Arc::clone(&world), name, index: index as u64 })
            }),
        }
    };
    CHANNELS.into_iter().enumerate().map(spec).collect()
}

impl Channel {
    /// Is the fault this channel's: each has one in three.
    fn hit(world: &World, kind: Kind, index: u64) -> bool {
        let hit = world.fault(kind).is_some_and(|window| window.pick % 3 == index);
        if hit {
            world.count(&format!("{kind:?}"));
        }
        hit
    }
}

impl AlertChannel for Channel {
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Result<Receipt, DeliveryError>> {
        let (world, name, index) = (Arc::clone(&self.world), self.name, self.index);
        async move {
            tokio::time::sleep(Duration::from_millis(world.between(20, 400).unsigned_abs())).await;
            if Channel::hit(&world, Kind::ChannelDown, index) {
                return Err(DeliveryError::Retry {
                    reason: Reason::said("connection refused"),
                    after_ms: None,
                    throttled: false,
                });
            }
            if Channel::hit(&world, Kind::ChannelLimited, index) {
                let after_ms = world.one_of(2).then(|| world.between(1, 60) * 1_000);
                return Err(DeliveryError::Retry { reason: Reason::said("429"), after_ms, throttled: true });
            }
            if Channel::hit(&world, Kind::ChannelUnusable, index) {
                let reason = Reason::said("401");
                return Err(DeliveryError::Unusable { reason, remedy: Remedy::TelegramToken });
            }
            let answer_lost = Channel::hit(&world, Kind::AnswerLost, index);
            let (at, life) = (world.true_ms(), *world.life.lock().expect("no panic"));
            world.say(&format!("received {name} {}", parcel.key));
            let Parcel { key, maybe_repeated, .. } = parcel;
            world.seen().received.push(Received {
                at,
                life,
                channel: name,
                key,
                maybe_repeated,
                answer_lost,
            });
            // The answer takes its way: who dies meanwhile does not know.
            tokio::time::sleep(Duration::from_millis(world.between(20, 400).unsigned_abs())).await;
            if answer_lost {
                return Err(DeliveryError::Uncertain { reason: Reason::said("no answer") });
            }
            Ok(Receipt::default())
        }
        .boxed_local()
    }
}
