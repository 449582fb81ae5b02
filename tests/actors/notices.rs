//! A channel that is given up is told on the others, on each in its own language.

use super::faults::{all_low, channel, lively};
use super::system::start_on_state;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use impulso::actors::alert::MEMORY_KEY;
use impulso::actors::ports::alerts::{AlertChannel, ChannelSpec, DeliveryError, Parcel, Receipt};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::state::StateDb;
use impulso::domain::alert::message::{Message, Notice};
use impulso::domain::alert::remedy::Remedy;
use impulso::i18n::{Language, Reason};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A receiver that keeps what it got, or takes nothing for a reason.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<Message>>>,
    refuses: Option<Reason>,
}

impl AlertChannel for Receiver {
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Result<Receipt, DeliveryError>> {
        self.got.lock().expect("no panic").push(parcel.message);
        let answer = self.refuses.clone().map_or(Ok(Receipt::default()), |reason| {
            Err(DeliveryError::Unusable { reason, remedy: Remedy::TelegramChat })
        });
        async { answer }.boxed_local()
    }
}

impl Receiver {
    fn channel(&self, name: &str, language: Language) -> ChannelSpec {
        let receiver = self.clone();
        ChannelSpec { name: name.to_owned(), language, ..channel(move || Box::new(receiver.clone())) }
    }

    /// Why another channel was said to be dead.
    fn told(&self) -> Vec<String> {
        let got = self.got.lock().expect("no panic");
        let dead = |message: &Message| match message {
            Message::Notice { notice: Notice::ChannelDead { channel, reason, .. }, .. } => {
                Some(format!("{channel}: {reason}"))
            }
            _ => None,
        };
        got.iter().filter_map(dead).collect()
    }
}

#[actix::test]
async fn why_a_channel_is_dead_is_told_in_the_language_of_each_other_one() {
    tokio::time::pause();
    let gone: Reason =
        serde_json::from_value(json!({ "code": "gone", "words": { "es": "ya no existe", "en": "is gone" } }))
            .expect("a reason");
    let folder = tempfile::tempdir().expect("a folder");
    let state: Arc<dyn OperationalState> = Arc::new(StateDb::open(folder.path()).expect("a state"));
    state.put(MEMORY_KEY, &all_low()).expect("written");
    let (spanish, english) = (Receiver::default(), Receiver::default());
    let broken = Receiver { refuses: Some(gone.clone()), ..Receiver::default() };
    let channels = vec![
        broken.channel("broken", Language::En),
        spanish.channel("lector", Language::Es),
        english.channel("reader", Language::En),
    ];
    let fixture = start_on_state(20, lively(), folder, state, channels, None);
    fixture.full(90).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(spanish.told(), ["broken: ya no existe"]);
    assert_eq!(english.told(), ["broken: is gone"]);
    assert_eq!(broken.told(), [] as [String; 0], "nobody is told of himself");
    let shown = fixture.view.channels().into_iter().find(|channel| channel.name == "broken").expect("shown");
    assert_eq!(shown.last_error, Some(gone));
    assert!(fixture.system.stop().await);
}
