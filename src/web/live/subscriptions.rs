//! What one live client has asked for and what it has, and the messages that it is owed.

use crate::i18n::Language;
use crate::web::config::WebState;
use crate::web::live::messages::{ClientMessage, OPS, Packing, SubscribedMessage};
use crate::web::live::relay::{Parcel, Relay, Version};
use crate::web::live::topic::Topic;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most topics of a client: each costs work in every cycle.
const MOST: usize = 20;

/// Why an operation is refused, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) detail: String,
    pub(crate) allowed: Vec<String>,
}

fn refused(detail: String, allowed: &[&str]) -> Refused {
    Refused { detail, allowed: allowed.iter().map(|a| (*a).to_owned()).collect() }
}

#[derive(Debug, Default)]
struct Subscription {
    diff: bool,
    /// What the client has; `None` when it is owed a full snapshot.
    has: Option<Arc<Version>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// The client has never subscribed: it gets the full ranking.
    Unasked,
    /// The subscriptions changed and the client is still to be told.
    Changed,
    Told,
}

/// All subscriptions of a client.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    topics: BTreeMap<Topic, Subscription>,
    packing: Packing,
    stage: Stage,
    /// Of what is in words.
    language: Language,
}

fn topic(name: &str, language: Language, web: &WebState) -> Result<Topic, Refused> {
    match name.split_once(':') {
        None if name == "ranking" => Ok(Topic::Ranking),
        None if name == "status" => Ok(Topic::Status(language)),
        None if name == "alerts" && web.handles.operator.is_some() => Ok(Topic::Alerts),
        Some(("symbol", symbol)) if web.handles.queries.knows(symbol) => Ok(Topic::Symbol(symbol.to_owned())),
        Some(("symbol", symbol)) => {
            let detail = format!("'{symbol}' is not in the universe; GET /api/v1/symbols lists all pairs");
            Err(refused(detail, &["symbol:PAIR"]))
        }
        _ if name == "alerts" => {
            Err(refused("this node keeps no alerts".to_owned(), &["ranking", "status", "symbol:PAIR"]))
        }
        _ => {
            let detail = format!("there is no topic '{name}'");
            Err(refused(detail, &["ranking", "alerts", "status", "symbol:PAIR"]))
        }
    }
}

impl Subscriptions {
    /// Those of a client that has said nothing so far.
    pub(crate) fn new(language: Language) -> Self {
        let topics = BTreeMap::from([(Topic::Ranking, Subscription::default())]);
        Self { topics, packing: Packing::None, stage: Stage::Unasked, language }
    }

    fn named(&self, names: &[String], web: &WebState) -> Result<Vec<Topic>, Refused> {
        names.iter().map(|name| topic(name, self.language, web)).collect()
    }

    pub(crate) const fn packing(&self) -> Packing {
        self.packing
    }

    /// Number of the ranking that was sent last.
    pub(crate) fn seq(&self) -> u64 {
        self.topics.get(&Topic::Ranking).and_then(|ranking| ranking.has.as_ref()).map_or(0, |has| has.seq)
    }

    /// Does what the client says; nothing when it is refused.
    pub(crate) fn obey(&mut self, text: &str, web: &WebState) -> Result<(), Refused> {
        let message: ClientMessage = serde_json::from_str(text)
            .map_err(|e| refused(format!("this message is not understood: {e}"), &OPS))?;
        match message {
            ClientMessage::Subscribe { topics, diff, compress } => {
                let names = topics.unwrap_or_else(|| vec!["ranking".to_owned()]);
                self.subscribe(self.named(&names, web)?, diff)?;
                self.packing = compress.unwrap_or(self.packing);
            }
            ClientMessage::Unsubscribe { topics } => {
                let gone = topics.map(|names| self.named(&names, web)).transpose()?;
                self.topics.retain(|topic, _| gone.as_ref().is_some_and(|gone| !gone.contains(topic)));
            }
            ClientMessage::Resync { topics } => return self.resync(topics, web),
        }
        self.stage = Stage::Changed;
        Ok(())
    }

    fn subscribe(&mut self, topics: Vec<Topic>, diff: bool) -> Result<(), Refused> {
        let unasked = self.stage == Stage::Unasked;
        let kept = if unasked { 0 } else { self.topics.len() };
        if kept + topics.len() > MOST {
            return Err(refused(format!("a client may have {MOST} topics"), &[OPS[1]]));
        }
        if unasked {
            self.topics.retain(|topic, _| topics.contains(topic));
        }
        for topic in topics {
            let subscription = self.topics.entry(topic).or_default();
            // The first diff builds on a snapshot that comes after the answer.
            subscription.has = subscription.has.take().filter(|_| subscription.diff || !diff);
            subscription.diff = diff;
        }
        Ok(())
    }

    fn resync(&mut self, names: Option<Vec<String>>, web: &WebState) -> Result<(), Refused> {
        let wanted = names.map(|names| self.named(&names, web)).transpose()?;
        if let Some(missing) = wanted.iter().flatten().find(|topic| !self.topics.contains_key(topic)) {
            let detail = format!("'{}' is not subscribed", missing.name());
            return Err(refused(detail, &[OPS[0]]));
        }
        for (topic, subscription) in &mut self.topics {
            if wanted.as_ref().is_none_or(|wanted| wanted.contains(topic)) {
                subscription.has = None;
            }
        }
        Ok(())
    }

    /// Everything that the client is owed now; it counts as sent.
    pub(crate) fn owed(&mut self, relay: &Relay, web: &WebState) -> Vec<Arc<Parcel>> {
        let mut parcels = Vec::new();
        if self.stage == Stage::Changed {
            self.stage = Stage::Told;
            parcels.push(self.subscribed());
        }
        for (topic, subscription) in &mut self.topics {
            let Some(newest) = relay.newest(topic, web) else { continue };
            parcels.push(match &subscription.has {
                Some(has) if has.seq == newest.seq => continue,
                Some(has) if subscription.diff => newest.since(has),
                _ => newest.full(),
            });
            if let (Topic::Ranking, Some(has)) = (topic, &subscription.has) {
                let left_out = newest.seq.saturating_sub(has.seq + 1);
                metrics::counter!("impulso_ws_replaced_total").increment(left_out);
            }
            subscription.has = Some(newest);
        }
        parcels
    }

    fn subscribed(&self) -> Arc<Parcel> {
        let named = |diff: bool| {
            self.topics.iter().filter(|(_, s)| s.diff == diff).map(|(topic, _)| topic.name()).collect()
        };
        let (full, diff) = (named(false), named(true));
        Parcel::of(&SubscribedMessage { kind: "subscribed", full, diff, compress: self.packing })
    }
}
