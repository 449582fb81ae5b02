//! The state of one stream connection, without the socket: what came in, what is to be done.
//!
//! Pings are answered by the socket; here their pongs only count towards the pace.

use crate::domain::duration::Millis;
use crate::domain::moment::MonoTime;
use crate::exchange::stream::command::{Method, NAMES_A_MESSAGE, Pacer, message};
use crate::exchange::stream::event::{ControlResult, DecodeError, StreamEvent};
use crate::exchange::stream::frame::decode_frame;
pub(crate) use crate::exchange::stream::outcome::{FailReason, ReplaceReason};
pub use crate::exchange::stream::outcome::{Output, SessionRules};
use crate::exchange::stream::plan::HARD_LIMIT;
use crate::i18n::Text;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// How often the exchange is asked which streams it has, ms. A subscription that got lost without a word costs its pair
/// five minutes at most.
const AUDIT_EVERY_MS: i64 = 300_000;
/// How long a control message may stay unanswered, ms. The exchange answers within a second: one that does not has not
/// heard.
const ANSWER_TIMEOUT_MS: i64 = 10_000;
/// Malformed frames within a minute that are survived. A frame now and then may be broken on the way, one a second is
/// another protocol.
const MAX_MALFORMED: u32 = 50;

#[derive(Debug)]
struct Pending {
    method: Method,
    sent: MonoTime,
}

/// How far a connection has come; it only goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Handshake,
    /// Nothing but answers to commands was heard.
    Connected,
    Ready,
    /// It goes on working until its replacement has spoken.
    Replacing,
    Failed,
}

/// One connection. `now` is the machine's monotonic clock throughout.
#[derive(Debug)]
pub(crate) struct Session {
    rules: SessionRules,
    wanted: BTreeSet<String>,
    queue: VecDeque<(Method, Vec<String>)>,
    outputs: VecDeque<Output>,
    pending: HashMap<u64, Pending>,
    pacer: Pacer,
    next_id: u64,
    phase: Phase,
    connected: MonoTime,
    last_event: MonoTime,
    audited: MonoTime,
    missing_before: bool,
    frames: u64,
    malformed: u64,
    malformed_recent: u32,
    malformed_since: MonoTime,
}

impl Session {
    /// A connection that shall carry `streams` (at most 1,024; further ones are left out). With
    /// `address_names_streams` they are not subscribed again after connecting.
    pub(crate) fn new(rules: SessionRules, streams: Vec<String>, address_names_streams: bool) -> Self {
        let wanted: BTreeSet<String> = streams.into_iter().take(HARD_LIMIT).collect();
        let mut session = Self {
            rules,
            wanted: BTreeSet::new(),
            queue: VecDeque::new(),
            outputs: VecDeque::new(),
            pending: HashMap::new(),
            pacer: Pacer::default(),
            next_id: 1,
            phase: Phase::Handshake,
            connected: MonoTime::default(),
            last_event: MonoTime::default(),
            audited: MonoTime::default(),
            missing_before: false,
            frames: 0,
            malformed: 0,
            malformed_recent: 0,
            malformed_since: MonoTime::default(),
        };
        if !address_names_streams {
            session.enqueue(Method::Subscribe, wanted.iter().cloned().collect());
        }
        session.wanted = wanted;
        session
    }

    /// The handshake is done.
    pub(crate) fn connected(&mut self, now: MonoTime) {
        self.phase = Phase::Connected;
        self.connected = now;
        self.last_event = now;
        self.audited = now;
        self.malformed_since = now;
        self.flush(now);
    }

    /// A message came. The event is also handed on to the caller; one that is not even JSON is counted, and
    /// survived unless there are too many. One pair's nonsense says nothing about the connection of hundreds.
    ///
    /// # Errors
    /// The frame could not be decoded.
    pub(crate) fn text<'a>(
        &mut self,
        frame: &'a [u8],
        now: MonoTime,
    ) -> Result<StreamEvent<'a>, DecodeError> {
        self.frames += 1;
        let event = decode_frame(frame);
        match &event {
            Err(DecodeError::Malformed(_)) => self.note_malformed(now),
            Err(DecodeError::Invalid(_)) => {}
            Ok(StreamEvent::ControlAnswer { id, result }) => self.answered(*id, result),
            Ok(other) => {
                self.last_event = now;
                if self.phase < Phase::Ready {
                    self.phase = Phase::Ready;
                    self.output(Output::Ready);
                }
                if matches!(other, StreamEvent::ServerShutdown { .. }) {
                    self.replace(ReplaceReason::ServerShutdown);
                }
            }
        }
        event
    }

    fn note_malformed(&mut self, now: MonoTime) {
        self.malformed += 1;
        if now - self.malformed_since >= 60_000 {
            self.malformed_since = now;
            self.malformed_recent = 0;
        }
        self.malformed_recent += 1;
        if self.malformed_recent > MAX_MALFORMED {
            self.fail(FailReason::Malformed { count: self.malformed_recent });
        }
    }

    /// A ping came; the socket answers it.
    pub(crate) fn ping(&mut self, now: MonoTime) {
        self.pacer.note(now);
    }

    pub(crate) fn closed(&mut self, reason: Text) {
        self.fail(FailReason::Closed(reason));
    }

    /// Asks for more streams; those already there, and those beyond 1,024, are left out. Returns how many
    /// were taken up.
    pub(crate) fn subscribe(&mut self, streams: Vec<String>, now: MonoTime) -> usize {
        let mut fresh = Vec::new();
        for stream in streams {
            if self.wanted.len() < HARD_LIMIT && self.wanted.insert(stream.clone()) {
                fresh.push(stream);
            }
        }
        let count = fresh.len();
        self.enqueue(Method::Subscribe, fresh);
        self.flush(now);
        count
    }

    pub(crate) fn unsubscribe(&mut self, streams: Vec<String>, now: MonoTime) {
        let gone = streams.into_iter().filter(|s| self.wanted.remove(s)).collect();
        self.enqueue(Method::Unsubscribe, gone);
        self.flush(now);
    }

    /// Cuts a list into messages. A name that waits for the opposite only loses that, so each name waits at
    /// most once and the queue stays within what 1,024 streams need.
    fn enqueue(&mut self, method: Method, names: Vec<String>) {
        for name in names {
            if self.cancel_opposite(method, &name) {
                continue;
            }
            match self.queue.back_mut() {
                Some((last, batch)) if *last == method && batch.len() < NAMES_A_MESSAGE => batch.push(name),
                _ => self.queue.push_back((method, vec![name])),
            }
        }
        // A message without names would be refused; only the question for the list has none.
        self.queue.retain(|(method, batch)| *method == Method::ListSubscriptions || !batch.is_empty());
    }

    fn cancel_opposite(&mut self, method: Method, name: &str) -> bool {
        for (waiting, batch) in &mut self.queue {
            if *waiting != method
                && let Some(at) = batch.iter().position(|n| n == name)
            {
                batch.swap_remove(at);
                return true;
            }
        }
        false
    }

    fn flush(&mut self, now: MonoTime) {
        if !self.is_open() {
            return;
        }
        while !self.queue.is_empty() && self.pacer.check(now).is_ok() {
            let Some((method, params)) = self.queue.pop_front() else { break };
            let id = self.next_id;
            self.next_id += 1;
            self.pacer.note(now);
            self.pending.insert(id, Pending { method, sent: now });
            self.output(Output::SendText(message(method, &params, id)));
        }
    }

    fn answered(&mut self, id: Option<u64>, result: &ControlResult) {
        let pending = id.and_then(|id| self.pending.remove(&id));
        match (result, pending) {
            (ControlResult::Refused { code, message }, _) => {
                self.fail(FailReason::Refused { code: *code, message: message.clone() });
            }
            // A list is only judged when no change is under way, else it shows the state before it.
            (ControlResult::List(names), Some(pending))
                if pending.method == Method::ListSubscriptions
                    && self.pending.is_empty()
                    && self.queue.is_empty() =>
            {
                self.audit(names);
            }
            _ => {}
        }
    }

    fn audit(&mut self, names: &[String]) {
        let there: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let missing: Vec<String> =
            self.wanted.iter().filter(|name| !there.contains(name.as_str())).cloned().collect();
        match missing.first() {
            None => self.missing_before = false,
            Some(example) if self.missing_before => {
                let example = example.clone();
                self.fail(FailReason::SubscriptionMissing { missing: missing.len(), example });
            }
            Some(_) => {
                // Once may be a slip: ask again, and look again soon.
                self.missing_before = true;
                self.enqueue(Method::Subscribe, missing);
                self.audited = self.audited - (AUDIT_EVERY_MS - 2 * ANSWER_TIMEOUT_MS);
            }
        }
    }

    /// Time passes: call it about once a second.
    pub(crate) fn tick(&mut self, now: MonoTime) {
        if !self.is_open() {
            return;
        }
        let silent_ms = now - self.last_event;
        if silent_ms >= self.rules.idle_timeout.ms() {
            return self.fail(FailReason::Silent { silent_ms });
        }
        if self.pending.values().any(|p| now - p.sent >= ANSWER_TIMEOUT_MS) {
            return self.fail(FailReason::NoAnswer { after_ms: ANSWER_TIMEOUT_MS });
        }
        if now - self.connected >= self.rules.max_age.ms() {
            self.replace(ReplaceReason::Age);
        }
        if now - self.audited >= AUDIT_EVERY_MS && self.queue.is_empty() {
            self.audited = now;
            self.queue.push_back((Method::ListSubscriptions, Vec::new()));
        }
        self.flush(now);
    }

    fn replace(&mut self, reason: ReplaceReason) {
        // One that has not spoken yet is silent, which is judged by itself.
        if self.phase == Phase::Ready {
            self.phase = Phase::Replacing;
            self.output(Output::Replace(reason));
        }
    }

    fn fail(&mut self, reason: FailReason) {
        self.output(Output::Fail(reason));
        self.phase = Phase::Failed;
    }

    fn output(&mut self, output: Output) {
        if self.phase != Phase::Failed {
            self.outputs.push_back(output);
        }
    }

    /// The next thing to do; call it until `None` after each input.
    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(crate) fn streams(&self) -> impl ExactSizeIterator<Item = &str> {
        self.wanted.iter().map(String::as_str)
    }

    /// Since the last event, ms.
    pub(crate) fn silent_ms(&self, now: MonoTime) -> i64 {
        now - self.last_event
    }

    /// Since the handshake, ms; 0 before it.
    pub(crate) fn age_ms(&self, now: MonoTime) -> i64 {
        if self.phase == Phase::Handshake { 0 } else { now - self.connected }
    }

    /// Messages received, and how many of them could not be read.
    #[cfg(test)]
    pub(crate) const fn counts(&self) -> (u64, u64) {
        (self.frames, self.malformed)
    }

    /// The first event has come and no failure.
    pub(crate) const fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready | Phase::Replacing)
    }

    const fn is_open(&self) -> bool {
        !matches!(self.phase, Phase::Handshake | Phase::Failed)
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
