//! The rules of one stream connection, and what comes of it.

/// Time limits of a connection, ms of machine time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// Without an event for so long the connection is given up, although it may be open.
    pub(crate) silence_ms: i64,
    /// At this age a replacement is asked for, ahead of the exchange's cut at 24 h.
    pub max_age_ms: i64,
    /// How often the exchange is asked which streams it has.
    pub(crate) audit_every_ms: i64,
    /// How long a control message may stay unanswered.
    pub(crate) answer_ms: i64,
    /// Malformed frames within a minute that are survived.
    pub(crate) max_malformed: u32,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            silence_ms: 10_000,
            max_age_ms: (23 * 60 + 50) * 60_000,
            audit_every_ms: 300_000,
            answer_ms: 10_000,
            max_malformed: 50,
        }
    }
}

impl SessionRules {
    /// The same rules for connection `index`: each is replaced five minutes before the one before it.
    pub(crate) fn staggered(mut self, index: usize) -> Self {
        let earlier = i64::try_from(index % 48).unwrap_or(0) * 300_000;
        self.max_age_ms = (self.max_age_ms - earlier).max(60_000.min(self.max_age_ms));
        self
    }
}

/// Why a replacement should be opened; this connection goes on until it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceReason {
    /// It nears the exchange's limit of 24 h.
    #[error("the connection nears the exchange's limit of 24 h")]
    Age,
    /// The exchange announced a shutdown.
    #[error("the server announced its shutdown")]
    ServerShutdown,
}

/// Why the connection is of no more use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FailReason {
    /// Open, but nothing comes.
    #[error("no event for {silent_ms} ms although the connection is open")]
    Silent {
        /// Since the last event, ms.
        silent_ms: i64,
    },
    /// The exchange does not have streams that were asked for twice.
    #[error("{missing} subscriptions are missing, {example} among them")]
    SubscriptionMissing { missing: usize, example: String },
    /// A control message was refused.
    #[error("the exchange refused a control message (code {code}): {message}")]
    Refused { code: i64, message: String },
    /// A control message was not answered.
    #[error("a control message was not answered within {after_ms} ms")]
    NoAnswer {
        /// The limit, ms.
        after_ms: i64,
    },
    /// Too many frames that cannot be read.
    #[error("{count} unreadable frames within a minute")]
    Malformed { count: u32 },
    /// The other side closed, or the connection broke.
    #[error("closed: {0}")]
    Closed(String),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    SendText(String),
    /// First event: the connection works.
    Ready,
    /// Open a replacement, then drop this one.
    Replace(ReplaceReason),
    /// Drop this connection and open another one. Nothing follows.
    Fail(FailReason),
}
