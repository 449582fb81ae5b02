//! What all live clients share: a state of a topic is made, compared and compressed once, not once a client.

use crate::web::config::WebState;
use crate::web::encoding::Encoding;
use crate::web::live::change::{Object, TopicState};
use crate::web::live::messages::{DiffMessage, Packing, Snapshot};
use crate::web::live::topic::Topic;
use bytes::Bytes;
use bytestring::ByteString;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Diffs to a state that are kept: from as many older ones. Clients in step need one; slow ones a few more.
const DIFFS: usize = 8;

/// A message, packed when somebody wants it so.
#[derive(Debug, Default)]
pub(crate) struct Parcel {
    text: ByteString,
    gzip: OnceLock<Option<Bytes>>,
}

/// One frame of the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Packed {
    Text(ByteString),
    Binary(Bytes),
}

impl Parcel {
    /// The message of a body; an empty object when it does not serialise, which plain values always do.
    pub(crate) fn of(body: &impl serde::Serialize) -> Arc<Self> {
        let text = serde_json::to_string(body).unwrap_or_else(|error| {
            tracing::error!(%error, "a live message does not serialise");
            "{}".to_owned()
        });
        Arc::new(Self { text: text.into(), gzip: OnceLock::new() })
    }

    /// The frame in a packing; plain text where packing fails.
    pub(crate) fn frame(&self, packing: Packing) -> Packed {
        let packed = match packing {
            Packing::None => &None,
            Packing::Gzip => {
                self.gzip.get_or_init(|| Encoding::Gzip.pack(self.text.as_bytes()).ok().map(Bytes::from))
            }
        };
        packed.clone().map_or_else(|| Packed::Text(self.text.clone()), Packed::Binary)
    }
}

/// A topic at one moment. What is made of it waits for the first client that needs it.
#[derive(Debug)]
pub(crate) struct Version {
    topic: Topic,
    pub(crate) seq: u64,
    whole: Object,
    state: OnceLock<TopicState>,
    full: OnceLock<Arc<Parcel>>,
    /// Locked while one is made: clients in step ask for the same one in the same millisecond.
    diffs: Mutex<Vec<(u64, Arc<Parcel>)>>,
}

impl Version {
    fn new(topic: Topic, seq: u64, whole: Object) -> Self {
        let (state, full) = (OnceLock::new(), OnceLock::new());
        Self { topic, seq, whole, state, full, diffs: Mutex::default() }
    }

    fn state(&self) -> &TopicState {
        self.state.get_or_init(|| self.topic.state(&self.whole))
    }

    /// The message with all of it.
    pub(crate) fn full(&self) -> Arc<Parcel> {
        let (topic, seq, body) = (self.topic.name(), self.seq, &self.whole);
        Arc::clone(self.full.get_or_init(|| Parcel::of(&Snapshot { kind: "snapshot", topic, seq, body })))
    }

    /// The message for a client that has `older`.
    pub(crate) fn since(&self, older: &Self) -> Arc<Parcel> {
        let mut diffs = self.diffs.lock();
        if let Some((_, parcel)) = diffs.iter().find(|(seq, _)| *seq == older.seq) {
            return Arc::clone(parcel);
        }
        let change = older.state().until(self.state());
        let (topic, seq, prev_seq) = (self.topic.name(), self.seq, older.seq);
        let parcel = Parcel::of(&DiffMessage { kind: "diff", topic, seq, prev_seq, change });
        if diffs.len() < DIFFS {
            diffs.push((older.seq, Arc::clone(&parcel)));
        }
        parcel
    }
}

/// The newest version of each topic that somebody has.
#[derive(Debug, Default)]
struct Newest {
    /// With the moment that it was made for ([`Topic::moment`]).
    versions: HashMap<Topic, (u64, Arc<Version>)>,
    /// Numbers of the topics that do not follow the cycles: never used twice, so that a client cannot take
    /// a new version for the one it has.
    last_seq: u64,
}

/// Shared by all clients of all workers.
#[derive(Debug, Default)]
pub(crate) struct Relay(Mutex<Newest>);

impl Relay {
    /// What a topic is now; `None` while there is nothing to tell.
    pub(crate) fn newest(&self, topic: &Topic, web: &WebState) -> Option<Arc<Version>> {
        // Read once: number and state are those of one cycle.
        let published = web.handles.view.published();
        let moment = topic.moment(published.as_deref(), web)?;
        // Held while the state is made: whoever comes meanwhile would make the same.
        let mut newest = self.0.lock();
        let known = newest.versions.get(topic);
        if let Some((_, version)) = known.filter(|(at, _)| *at == moment) {
            return Some(Arc::clone(version));
        }
        let whole = topic.whole(published.as_deref(), web)?;
        let same = known.filter(|(_, version)| topic.is_sent_when_changed() && version.whole == whole);
        let version = match same {
            Some((_, version)) => Arc::clone(version),
            None => {
                newest.last_seq += 1;
                let seq = if topic.follows_cycles() { moment } else { newest.last_seq };
                Arc::new(Version::new(topic.clone(), seq, whole))
            }
        };
        // Topics that nobody has any more go with the next that is renewed.
        newest.versions.retain(|_, (_, version)| Arc::strong_count(version) > 1);
        newest.versions.insert(topic.clone(), (moment, Arc::clone(&version)));
        Some(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn packed_frames_hold_the_same_text() {
        let parcel = Parcel::of(&vec!["waiting"; 50]);
        let Packed::Text(text) = parcel.frame(Packing::None) else { panic!("packed") };
        let Packed::Binary(gzip) = parcel.frame(Packing::Gzip) else { panic!("not packed") };
        let mut plain = String::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, &text[..]);
        assert!(gzip.len() * 5 < text.len());
    }
}
