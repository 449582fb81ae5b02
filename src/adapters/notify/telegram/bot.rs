//! Calls of the Bot API, and what its answers mean.

use super::limits::TelegramLimits;
use crate::actors::ports::alerts::DeliveryError;
use crate::adapters::notify::http::{
    Answer, Body, HttpTimes, Poster, f64_seconds_to_ms, odd_answer, refusal, retry,
};
use crate::domain::alert::remedy::Remedy;
use crate::i18n::{Reason, text};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::sync::Arc;

/// Why a call has no result.
#[derive(Debug)]
pub(super) enum Refused {
    /// The group became a supergroup with this number.
    Moved(i64),
    /// The topic was deleted; the chat is there.
    TopicGone,
    Error(DeliveryError),
}

impl From<DeliveryError> for Refused {
    fn from(error: DeliveryError) -> Self {
        Self::Error(error)
    }
}

impl From<Refused> for DeliveryError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Error(error) => error,
            // Followed once by whoever sends; a second one in a row may pass.
            Refused::Moved(chat) => {
                retry(Reason::of("chat_moved", &text!(delivery_chat_moved, chat = chat.to_string())))
            }
            Refused::TopicGone => retry(Reason::of("topic_gone", &text!(delivery_topic_gone))),
        }
    }
}

enum Meaning {
    Mend(Remedy),
    TopicGone,
}

/// What a refusal asks for, by the descriptions of the Bot API; `None` where it is about the message alone.
fn meaning(status: u16, description: &str) -> Option<Meaning> {
    let said = description.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    match status {
        // The token is part of the address: an unknown one is an unknown place.
        401 | 404 => Some(Meaning::Mend(Remedy::TelegramToken)),
        400 if has(&["message thread not found", "topic_deleted"]) => Some(Meaning::TopicGone),
        400 | 403
            if has(&[
                "not enough rights",
                "have no rights",
                "need administrator",
                "topic_closed",
                "write_forbidden",
            ]) =>
        {
            Some(Meaning::Mend(Remedy::TelegramRights))
        }
        403 => Some(Meaning::Mend(Remedy::TelegramChat)),
        400 if has(&[
            "chat not found",
            "chat_id is empty",
            "peer_id_invalid",
            "group chat was deactivated",
        ]) =>
        {
            Some(Meaning::Mend(Remedy::TelegramChat))
        }
        _ => None,
    }
}

/// One bot on one thread.
pub(super) struct Bot {
    poster: Poster,
    base_url: String,
    token: SecretString,
    limits: Arc<TelegramLimits>,
}

impl Bot {
    pub(super) fn new(
        base_url: &str,
        token: &SecretString,
        limits: &Arc<TelegramLimits>,
        times: HttpTimes,
    ) -> Self {
        Self {
            poster: Poster::new(times, vec![token.clone()]),
            base_url: base_url.trim_end_matches('/').to_owned(),
            token: token.clone(),
            limits: Arc::clone(limits),
        }
    }

    /// Waits until a message may go to `chat`.
    pub(super) async fn wait(&self, chat: &str) {
        self.limits.wait(chat).await;
    }

    /// Calls a method; gives its `result`.
    pub(super) async fn call(&self, method: &str, body: Body) -> Result<Value, Refused> {
        let url = format!("{}/bot{}/{method}", self.base_url, self.token.expose_secret());
        let answer = self.poster.post(&url, body, &[]).await?;
        self.judge(&answer)
    }

    fn judge(&self, answer: &Answer) -> Result<Value, Refused> {
        let mut json = answer.json();
        if answer.ok() && json["ok"] == true {
            return Ok(json["result"].take());
        }
        if answer.ok() && json["ok"] != false {
            return Err(odd_answer(answer, "Telegram").into());
        }
        // A proxy may give another status than the one in the body; Telegram's own word counts.
        let status = json["error_code"].as_u64().and_then(|code| u16::try_from(code).ok());
        let wish = json["parameters"]["retry_after"].as_f64().and_then(f64_seconds_to_ms);
        let (status, description) =
            (status.unwrap_or(answer.status), json["description"].as_str().unwrap_or_default());
        if let Some(chat) = json["parameters"]["migrate_to_chat_id"].as_i64() {
            return Err(Refused::Moved(chat));
        }
        let reason = self.poster.said(status, description);
        Err(match meaning(status, description) {
            // A page of a proxy or a firewall says nothing about token or chat.
            _ if answer.is_foreign() && status != 429 => Refused::Error(retry(reason)),
            Some(Meaning::TopicGone) => Refused::TopicGone,
            Some(Meaning::Mend(remedy)) => Refused::Error(DeliveryError::Unusable { reason, remedy }),
            None => Refused::Error(refusal(status, reason, wish)),
        })
    }
}
