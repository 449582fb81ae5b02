//! Calls of the Bot API, and what its answers mean.

use super::limits::TelegramLimits;
use crate::actors::ports::alerts::DeliveryError;
use crate::adapters::notify::http::{Answer, Body, HttpTimes, Poster, f64_seconds_to_ms, uncertain};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::sync::Arc;

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
    pub(super) async fn call(&self, method: &str, body: Body) -> Result<Value, DeliveryError> {
        let url = format!("{}/bot{}/{method}", self.base_url, self.token.expose_secret());
        let answer = self.poster.post(&url, body, &[]).await?;
        self.judge(&answer)
    }

    fn judge(&self, answer: &Answer) -> Result<Value, DeliveryError> {
        let mut json = answer.json();
        if answer.ok() && json["ok"] == true {
            return Ok(json["result"].take());
        }
        if answer.ok() && json["ok"] != false {
            let reason =
                if answer.body.is_some() { "the answer is not Telegram's" } else { "the answer broke off" };
            return Err(uncertain(reason));
        }
        // A proxy may give another status than the one in the body; Telegram's own word counts.
        let status = json["error_code"].as_u64().and_then(|code| u16::try_from(code).ok());
        let wish = json["parameters"]["retry_after"].as_f64().and_then(f64_seconds_to_ms);
        let mut description = json["description"].as_str().unwrap_or_default().to_owned();
        if let Some(chat) = json["parameters"]["migrate_to_chat_id"].as_i64() {
            description = format!("{description}; the chat is {chat} now");
        }
        Err(self.poster.refusal(status.unwrap_or(answer.status), &description, wish))
    }
}
