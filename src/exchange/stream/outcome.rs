//! The rules of one stream connection, and what comes of it.

use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::duration::seconds;
use crate::i18n::{Language, Reason, Text, Texts};
use serde::Deserialize;
use std::time::Duration;

/// Time limits of a connection, machine time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct SessionRules {
    /// Without an event for so long the connection is given up, although it may be open.
    #[serde(rename = "connection_idle_timeout_s", deserialize_with = "seconds")]
    pub(crate) idle_timeout: Duration,
    /// At this age a replacement is asked for, ahead of the exchange's cut at 24 h.
    #[serde(rename = "connection_max_age_s", deserialize_with = "seconds")]
    pub max_age: Duration,
}

impl Default for SessionRules {
    fn default() -> Self {
        // The list of all mini tickers comes every second, so that 10 s of nothing is no quiet market; the exchange
        // cuts at 24 h, and ten minutes before are time enough for a replacement.
        Self { idle_timeout: Duration::from_secs(10), max_age: Duration::from_secs((23 * 60 + 50) * 60) }
    }
}

impl SessionRules {
    pub(crate) const ALLOWED: Allowed = &[
        // The exchange cuts every connection at 24 h (86,400 s); the replacement must be up before.
        ("connection_max_age_s", Range(60.0, 86_000.0)),
        ("connection_idle_timeout_s", Range(2.0, 300.0)),
    ];

    /// The same rules for connection `index`: each is replaced five minutes before the one before it.
    pub(crate) fn staggered(mut self, index: usize) -> Self {
        // Five minutes is the span of the exchange's limit on attempts, so that replacements do not add up in one; 48
        // of them are four hours.
        let earlier = Duration::from_secs(300 * (index % 48) as u64);
        let least = Duration::from_secs(60).min(self.max_age);
        self.max_age = self.max_age.saturating_sub(earlier).max(least);
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
#[error("{}", self.in_words(Language::En.texts()))]
pub enum FailReason {
    /// Open, but nothing comes.
    Silent {
        /// Since the last event, ms.
        silent_ms: i64,
    },
    /// The exchange does not have streams that were asked for twice.
    SubscriptionMissing { missing: usize, example: String },
    /// A control message was refused.
    Refused { code: i64, message: String },
    /// A control message was not answered.
    NoAnswer {
        /// The limit, ms.
        after_ms: i64,
    },
    /// Too many frames that cannot be read.
    Malformed { count: u32 },
    /// The other side closed, or the connection broke.
    Closed(Text),
}

impl FailReason {
    /// Its short name, the same in every language.
    const fn code(&self) -> &'static str {
        match self {
            Self::Silent { .. } => "silent",
            Self::SubscriptionMissing { .. } => "subscription_missing",
            Self::Refused { .. } => "control_refused",
            Self::NoAnswer { .. } => "no_answer",
            Self::Malformed { .. } => "malformed",
            Self::Closed(_) => "closed",
        }
    }

    fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Silent { silent_ms } => t.stream_silent(*silent_ms),
            Self::SubscriptionMissing { missing, example } => {
                t.stream_subscriptions_missing(*missing, example)
            }
            Self::Refused { code, message } => t.stream_control_refused(*code, message),
            Self::NoAnswer { after_ms } => t.stream_control_unanswered(*after_ms),
            Self::Malformed { count } => t.stream_unreadable(*count),
            Self::Closed(why) => t.stream_closed(why.in_words(t)),
        }
    }

    pub fn reason(&self) -> Reason {
        Reason::new(self.code(), |t| self.in_words(t))
    }
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
