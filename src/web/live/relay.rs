//! What all live clients share: a cycle is turned into rows, compared and compressed once, not once a client.

use crate::actors::ports::alerts::{AlertRecord, Operator};
use crate::actors::view::Published;
use crate::web::api::ranking::{Selection, body};
use crate::web::live::change::{TopicState, fields};
use crate::web::live::messages::{Change, DiffMessage, DiffTag, Packing};
use bytes::Bytes;
use bytestring::ByteString;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Alerts of a snapshot of the topic.
const ALERTS: usize = 100;
/// The alerts are read again after this, ms.
const ALERTS_MS: i64 = 1_000;
/// Diffs to the newest cycle that are kept: from as many older ones.
const DIFFS: usize = 8;
/// Fast: a message is packed while clients wait.
const ZSTD_LEVEL: i32 = 1;

/// A message, packed when somebody wants it so.
#[derive(Debug, Default)]
pub(crate) struct Parcel {
    text: ByteString,
    gzip: OnceLock<Option<Bytes>>,
    zstd: OnceLock<Option<Bytes>>,
}

/// One frame of the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Packed {
    Text(ByteString),
    Binary(Bytes),
}

fn gzip(text: &str) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?.into())
}

impl Parcel {
    pub(crate) fn new(text: ByteString) -> Self {
        Self { text, ..Self::default() }
    }

    /// The message of a body; `None` when it does not serialise, which a struct of plain values always does.
    pub(crate) fn of(body: &impl serde::Serialize) -> Option<Arc<Self>> {
        let text = serde_json::to_string(body).inspect_err(|error| tracing::error!(%error, "a live message"));
        Some(Arc::new(Self::new(text.ok()?.into())))
    }

    /// The frame in a packing; plain text where packing fails.
    pub(crate) fn frame(&self, packing: Packing) -> Packed {
        let packed = match packing {
            Packing::None => return Packed::Text(self.text.clone()),
            Packing::Gzip => self.gzip.get_or_init(|| gzip(&self.text).ok()),
            Packing::Zstd => self.zstd.get_or_init(|| {
                zstd::bulk::compress(str::as_bytes(&self.text), ZSTD_LEVEL).ok().map(Bytes::from)
            }),
        };
        packed.clone().map_or_else(|| Packed::Text(self.text.clone()), Packed::Binary)
    }
}

/// The alerts as a list and as a state.
#[derive(Debug, Default)]
pub(crate) struct AlertNews {
    pub alerts: Vec<AlertRecord>,
    pub state: Arc<TopicState>,
}

#[derive(Debug, Default)]
struct Shared {
    full: Option<(u64, Arc<Parcel>)>,
    state: Option<(u64, Arc<TopicState>)>,
    diffs: Vec<((u64, u64), Arc<Parcel>)>,
    alerts: Option<(i64, Arc<AlertNews>)>,
}

/// Shared by all clients of all workers.
#[derive(Debug, Default)]
pub(crate) struct Relay(Mutex<Shared>);

fn ranking_state(published: &Published) -> TopicState {
    let mut all = fields(&body(&published.snapshot, &Selection::default()));
    let levels = all.remove("levels").unwrap_or_default();
    let rows = levels.as_object().into_iter().flat_map(|l| l.values()).filter_map(Value::as_array).flatten();
    let named = |row: &Value| Some((row["symbol"].as_str()?.to_owned(), row.as_object()?.clone()));
    let rows = rows.filter_map(named).collect();
    TopicState { fields: all, rows }
}

/// The message of a change.
pub(crate) fn diff_parcel(topic: String, prev_seq: u64, seq: u64, change: Change) -> Option<Arc<Parcel>> {
    Parcel::of(&DiffMessage { kind: DiffTag::Diff, topic, seq, prev_seq, change })
}

impl Relay {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The full message of a cycle.
    pub(crate) fn full(&self, published: &Published) -> Arc<Parcel> {
        let mut shared = self.lock();
        if let Some((_, parcel)) = shared.full.as_ref().filter(|(seq, _)| *seq == published.seq) {
            return Arc::clone(parcel);
        }
        let parcel = Arc::new(Parcel::new(published.message.clone()));
        shared.full = Some((published.seq, Arc::clone(&parcel)));
        parcel
    }

    /// The ranking of a cycle as a state.
    pub(crate) fn ranking(&self, published: &Published) -> Arc<TopicState> {
        let mut shared = self.lock();
        if let Some((_, state)) = shared.state.as_ref().filter(|(seq, _)| *seq == published.seq) {
            return Arc::clone(state);
        }
        let state = Arc::new(ranking_state(published));
        shared.state = Some((published.seq, Arc::clone(&state)));
        state
    }

    /// What changed in the ranking between two cycles.
    pub(crate) fn ranking_diff(
        &self,
        older: (u64, &TopicState),
        newer: (u64, &TopicState),
    ) -> Option<Arc<Parcel>> {
        let key = (older.0, newer.0);
        let mut shared = self.lock();
        if let Some((_, parcel)) = shared.diffs.iter().find(|(k, _)| *k == key) {
            return Some(Arc::clone(parcel));
        }
        let parcel = diff_parcel("ranking".to_owned(), older.0, newer.0, older.1.until(newer.1))?;
        shared.diffs.retain(|((_, to), _)| *to >= newer.0);
        if shared.diffs.len() < DIFFS {
            shared.diffs.push((key, Arc::clone(&parcel)));
        }
        Some(parcel)
    }

    /// The newest alerts, read at most once a second; the same as before while nothing changed.
    pub(crate) fn alerts(&self, operator: &dyn Operator, now: i64) -> Option<Arc<AlertNews>> {
        let mut shared = self.lock();
        if let Some((_, news)) = shared.alerts.as_ref().filter(|(at, _)| now - at < ALERTS_MS) {
            return Some(Arc::clone(news));
        }
        let read = operator.alerts(None, i64::MAX, ALERTS);
        let alerts = read.inspect_err(|error| tracing::warn!(%error, "alerts for the live clients")).ok()?;
        let same = shared.alerts.as_ref().filter(|(_, news)| news.alerts == alerts);
        let news = match same {
            Some((_, news)) => Arc::clone(news),
            None => {
                let rows = alerts.iter().map(|a| (a.alert.id.clone(), fields(a))).collect();
                let state = Arc::new(TopicState { rows, ..TopicState::default() });
                Arc::new(AlertNews { alerts, state })
            }
        };
        shared.alerts = Some((now, Arc::clone(&news)));
        Some(news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn packed_frames_hold_the_same_text() {
        let text = r#"{"type":"waiting"}"#.repeat(50);
        let parcel = Parcel::new(text.clone().into());
        assert_eq!(parcel.frame(Packing::None), Packed::Text(text.clone().into()));
        let Packed::Binary(gzip) = parcel.frame(Packing::Gzip) else { panic!("not packed") };
        let mut plain = String::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_string(&mut plain).unwrap();
        let Packed::Binary(zstd) = parcel.frame(Packing::Zstd) else { panic!("not packed") };
        assert_eq!(
            (plain.as_str(), zstd::decode_all(&zstd[..]).unwrap()),
            (text.as_str(), text.clone().into_bytes())
        );
        assert!(gzip.len() * 5 < text.len() && zstd.len() * 5 < text.len());
    }
}
