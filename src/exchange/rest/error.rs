//! What can go wrong with a REST request, and what to do about it.

use crate::domain::moment::MachineTime;
use crate::exchange::number::clip;
use crate::i18n::{Language, Reason, Text, Texts};
use serde::Deserialize;
use std::fmt::Display;

/// Waiting time after a 429 without `Retry-After`, ms: the length of the weight window.
pub(crate) const DEFAULT_LIMIT_WAIT_MS: i64 = 60_000;
/// Waiting time after a 418 without `Retry-After`, ms: the shortest ban.
pub(crate) const DEFAULT_BAN_WAIT_MS: i64 = 120_000;
/// Waiting time after a 403, ms: the firewall counts over five minutes.
pub(crate) const FIREWALL_WAIT_MS: i64 = 300_000;
/// Longest wait that is believed, ms: the longest ban is three days.
pub(crate) const MAX_WAIT_MS: i64 = 3 * 86_400_000;

/// What the caller does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// No request of this process before so many ms have passed.
    RetryAfter(i64),
    /// Try again with back-off.
    Retry,
    /// This request will never work: drop it.
    Reject,
    /// No request will ever work from here: tell the user.
    Fatal,
}

/// A REST request failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.in_words(Language::En.texts()))]
pub enum RestError {
    /// 429, or code -1003.
    RateLimited {
        /// How long to wait, ms.
        retry_after_ms: i64,
    },
    /// 418.
    Banned {
        /// How long the ban lasts, ms.
        retry_after_ms: i64,
    },
    /// 403.
    Firewall,
    /// 451.
    Restricted,
    /// 5xx, or a code that names a fault of the exchange.
    Server { status: u16, message: String },
    /// The exchange refused what was asked.
    Refused {
        status: u16,
        /// Its code, 0 when it gave none.
        code: i64,
        message: String,
    },
    /// No answer in time.
    Timeout {
        /// The limit that was reached, ms.
        after_ms: u64,
    },
    /// No connection, or it broke.
    Transport(Text),
    /// An answer that makes no sense.
    Malformed(String),
    /// An answer larger than allowed.
    TooLarge {
        /// The limit, bytes after decompression.
        limit_bytes: usize,
    },
}

impl RestError {
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::RateLimited { retry_after_ms } => t.exchange_limit(retry_after_ms / 1_000),
            Self::Banned { retry_after_ms } => t.exchange_banned(retry_after_ms / 1_000),
            Self::Firewall => t.exchange_firewall(),
            Self::Restricted => t.exchange_restricted(),
            Self::Server { status, message } => t.exchange_failed(*status, message),
            Self::Refused { status, code, message } => t.exchange_refused(*status, *code, message),
            Self::Timeout { after_ms } => t.no_answer_in_time(*after_ms),
            Self::Transport(why) => t.connection_failed(why.in_words(t)),
            Self::Malformed(why) => t.exchange_not_understood(why),
            Self::TooLarge { limit_bytes } => t.exchange_too_large(*limit_bytes),
        }
    }

    pub(crate) fn reason(&self) -> Reason {
        Reason::new(self.kind(), |t| self.in_words(t))
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    code: i64,
    #[serde(default)]
    msg: String,
}

impl RestError {
    /// Unknown or delisted symbol: asking again does not help.
    pub(crate) const INVALID_SYMBOL: i64 = -1121;
    /// Comes with 429 and 418 when the weight of the minute is used up.
    const TOO_MUCH_WEIGHT: i64 = -1003;
    /// Unknown error, disconnected, unexpected response, timeout, overloaded, shutting down: the exchange's own fault, although
    /// the status can be a 4xx.
    const ITS_FAULT: [i64; 6] = [-1000, -1001, -1006, -1007, -1008, -1016];

    pub(crate) fn malformed(what: &str, error: impl Display) -> Self {
        Self::Malformed(format!("{what}: {error}"))
    }

    /// Is this an error's body? Proxies and the exchange itself send such ones with status 200 too.
    pub(crate) fn is_told_by(body: &[u8]) -> bool {
        // A list of candles or pairs need not be parsed twice to know that it is none.
        body.len() <= 4_096 && serde_json::from_slice::<ErrorBody>(body).is_ok_and(|b| b.code < 0)
    }

    /// Reads a failed answer that came at `now`: status, `Retry-After` (whole seconds) and the body, which need not be
    /// JSON. The text of a ban names its end, which holds where the header is missing or names an earlier one.
    pub(crate) fn from_answer(status: u16, retry_after: Option<&str>, body: &[u8], now: MachineTime) -> Self {
        let parsed = serde_json::from_slice::<ErrorBody>(body).ok();
        let code = parsed.as_ref().map_or(0, |b| b.code);
        let message = match parsed {
            Some(body) => clip(&body.msg, 200).to_owned(),
            None => clip(String::from_utf8_lossy(body).trim(), 200).to_owned(),
        };
        let asked = retry_after.and_then(|text| text.trim().parse::<i64>().ok()).filter(|s| *s >= 0);
        let banned_ms =
            banned_until(&message).map(|until| until.saturating_sub(now.ms())).filter(|ms| *ms > 0);
        // At least a second: an answer of "0" must not turn into a busy loop against a limit.
        let wait = |otherwise: i64| {
            let told = asked.map(|s| s.saturating_mul(1_000)).max(banned_ms);
            told.unwrap_or(otherwise).clamp(1_000, MAX_WAIT_MS)
        };
        match status {
            // A ban is one whatever status it comes with.
            _ if banned_ms.is_some() => Self::Banned { retry_after_ms: wait(DEFAULT_BAN_WAIT_MS) },
            429 => Self::RateLimited { retry_after_ms: wait(DEFAULT_LIMIT_WAIT_MS) },
            418 => Self::Banned { retry_after_ms: wait(DEFAULT_BAN_WAIT_MS) },
            403 => Self::Firewall,
            451 => Self::Restricted,
            _ if code == Self::TOO_MUCH_WEIGHT => {
                Self::RateLimited { retry_after_ms: wait(DEFAULT_LIMIT_WAIT_MS) }
            }
            500.. => Self::Server { status, message },
            _ if Self::ITS_FAULT.contains(&code) => Self::Server { status, message },
            _ => Self::Refused { status, code, message },
        }
    }

    /// What to do next.
    pub fn what_to_do(&self) -> Action {
        match self {
            Self::RateLimited { retry_after_ms } | Self::Banned { retry_after_ms } => {
                Action::RetryAfter(*retry_after_ms)
            }
            Self::Firewall => Action::RetryAfter(FIREWALL_WAIT_MS),
            Self::Restricted => Action::Fatal,
            // Without a code it is not the exchange that speaks: a redirect or a page of something in between, or of a
            // wrong address. Neither says anything about the request.
            Self::Refused { code: 0, .. }
            | Self::Server { .. }
            | Self::Timeout { .. }
            | Self::Transport(_)
            | Self::Malformed(_) => Action::Retry,
            Self::Refused { .. } | Self::TooLarge { .. } => Action::Reject,
        }
    }

    pub(crate) const fn is_ban(&self) -> bool {
        matches!(self, Self::Banned { .. })
    }

    /// The exchange does not know the pair (-1121).
    pub fn is_invalid_symbol(&self) -> bool {
        matches!(self, Self::Refused { code: Self::INVALID_SYMBOL, .. })
    }

    /// Short name for metrics and logs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::Banned { .. } => "banned",
            Self::Firewall => "firewall",
            Self::Restricted => "restricted",
            Self::Server { .. } => "server",
            Self::Refused { .. } => "refused",
            Self::Timeout { .. } => "timeout",
            Self::Transport(_) => "transport",
            Self::Malformed(_) => "malformed",
            Self::TooLarge { .. } => "too_large",
        }
    }
}

/// The end of a ban as its text names it ("IP banned until 1700000000000", Unix time in ms).
fn banned_until(message: &str) -> Option<i64> {
    let (_, after) = message.split_once("banned until")?;
    let digits = after.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: MachineTime = MachineTime::from_ms(1_700_000_000_000);

    #[test]
    fn statuses_and_codes_say_what_to_do() {
        let body = br#"{"code":-1003,"msg":"Too much request weight used."}"#;
        let act =
            |status, header, body: &[u8]| RestError::from_answer(status, header, body, NOW).what_to_do();
        assert_eq!(act(429, Some("7"), body), Action::RetryAfter(7_000));
        assert_eq!(act(429, None, b""), Action::RetryAfter(60_000));
        assert_eq!(act(429, Some("0"), b""), Action::RetryAfter(1_000));
        assert_eq!(act(429, Some("soon"), b""), Action::RetryAfter(60_000));
        assert_eq!(act(418, Some("99999999999"), b""), Action::RetryAfter(MAX_WAIT_MS));
        assert_eq!(act(418, None, b"<html>"), Action::RetryAfter(120_000));
        assert_eq!(act(400, None, body), Action::RetryAfter(60_000));
        assert_eq!(act(403, None, b""), Action::RetryAfter(300_000));
        assert_eq!(act(451, None, b""), Action::Fatal);
        assert_eq!(act(502, None, b"<html>bad gateway</html>"), Action::Retry);
        assert_eq!(act(400, None, br#"{"code":-1001,"msg":"x"}"#), Action::Retry);
        let symbol = RestError::from_answer(400, None, br#"{"code":-1121,"msg":"Invalid symbol."}"#, NOW);
        assert!(symbol.is_invalid_symbol() && symbol.what_to_do() == Action::Reject);
        assert!(symbol.to_string().contains("Invalid symbol."));
        for status in [301, 302, 307, 400, 404] {
            assert_eq!(act(status, None, b"<html>not the exchange</html>"), Action::Retry, "{status}");
        }
        assert_eq!(act(400, None, br#"{"code":-1100,"msg":"Illegal characters."}"#), Action::Reject);
    }

    #[test]
    fn the_end_of_a_ban_is_read_from_its_text() {
        let text = |until: i64| {
            let msg =
                format!("Way too much request weight used; IP banned until {until}. Please use WebSocket.");
            serde_json::json!({ "code": -1003, "msg": msg }).to_string()
        };
        let ban = |status, header, until| RestError::from_answer(status, header, text(until).as_bytes(), NOW);
        let in_ms = |ms: i64| NOW.ms() + ms;
        let banned = |retry_after_ms| RestError::Banned { retry_after_ms };
        for status in [200, 400, 418, 429, 503] {
            assert_eq!(ban(status, None, in_ms(400_000)), banned(400_000), "{status}");
        }
        assert_eq!(ban(418, Some("60"), in_ms(400_000)), banned(400_000), "the later end holds");
        assert_eq!(ban(418, Some("600"), in_ms(400_000)), banned(600_000));
        assert_eq!(ban(418, None, in_ms(40 * 86_400_000)), banned(MAX_WAIT_MS));
        assert_eq!(ban(418, None, i64::MAX), banned(MAX_WAIT_MS));
        assert_eq!(
            ban(418, None, in_ms(-5_000)),
            banned(DEFAULT_BAN_WAIT_MS),
            "an end that is over says nothing"
        );
        for odd in ["banned until", "banned until further notice", "banned until 99999999999999999999"] {
            assert_eq!(
                RestError::from_answer(418, None, odd.as_bytes(), NOW),
                banned(DEFAULT_BAN_WAIT_MS),
                "{odd}"
            );
        }
    }

    #[test]
    fn an_error_is_one_with_status_200_too() {
        let limit = br#"{"code":-1003,"msg":"Too many requests."}"#;
        assert!(RestError::is_told_by(limit));
        let wait = RestError::RateLimited { retry_after_ms: DEFAULT_LIMIT_WAIT_MS };
        assert_eq!(RestError::from_answer(200, None, limit, NOW), wait);
        for answer in ["{}", "[]", "", "<html>", r#"{"serverTime":5}"#, r#"{"code":0,"msg":""}"#] {
            assert!(!RestError::is_told_by(answer.as_bytes()), "{answer}");
        }
    }
}
