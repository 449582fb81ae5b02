//! What people write to the bot, by long polling, and answers to it.

use super::bot::Bot;
use super::limits::TelegramLimits;
use super::send_text;
use crate::actors::ports::alerts::DeliveryError;
use crate::adapters::notify::http::{Body, HttpTimes, retry};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long one poll stays open at Telegram, s: many proxies and NATs drop a connection that is silent for 30 s.
const POLL_S: u64 = 25;

/// One message to the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Its number: the next poll begins one behind the greatest.
    pub update_id: i64,
    /// The chat it was written in.
    pub chat_id: String,
    /// It is between the bot and one person.
    pub private: bool,
    /// Number and `@name` of who wrote it; empty where there is none.
    pub from: [String; 2],
    /// Its topic, in a forum.
    pub topic: Option<i64>,
    /// The text; empty for what is no text message, which is given only so that the offset goes past it.
    pub text: String,
}

/// Reads what people write to one bot. At most one may poll a bot at a time.
pub struct TelegramUpdates {
    bot: Bot,
    poll_s: u64,
}

impl std::fmt::Debug for TelegramUpdates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TelegramUpdates").finish_non_exhaustive()
    }
}

impl TelegramUpdates {
    /// Call it on the thread that uses it; `limits` are those of the channels of this bot.
    pub fn new(base_url: &str, token: &SecretString, limits: &Arc<TelegramLimits>) -> Self {
        Self::with_poll(base_url, token, limits, POLL_S)
    }

    /// The same with another time that one poll stays open, s.
    pub fn with_poll(
        base_url: &str,
        token: &SecretString,
        limits: &Arc<TelegramLimits>,
        poll_s: u64,
    ) -> Self {
        // 15 s beyond the poll: Telegram answers an empty one only at its end, and the answer needs its way.
        let times = HttpTimes { response: Duration::from_secs(poll_s + 15), ..HttpTimes::default() };
        Self { bot: Bot::new(base_url, token, limits, times), poll_s }
    }

    /// Messages from `offset` on; waits up to 25 s for the first one. A given offset confirms all before it.
    ///
    /// # Errors
    /// `Retry` when Telegram cannot be reached, is busy or another program polls the same bot; `Rejected` for a
    /// token that it does not know. Never `Uncertain`: asking again does no harm.
    pub async fn poll(&self, offset: i64) -> Result<Vec<Update>, DeliveryError> {
        let ask = json!({ "offset": offset, "timeout": self.poll_s, "allowed_updates": ["message"] });
        let result =
            self.bot.call("getUpdates", Body::json(&ask)).await.map_err(|error| match error.into() {
                DeliveryError::Uncertain { reason } => retry(reason),
                other => other,
            })?;
        Ok(updates(&result))
    }

    /// Answers in a chat, in Telegram's HTML. Words of others must be escaped with [`super::escape_html`].
    pub async fn reply(&self, chat: &str, topic: Option<i64>, html: &str) -> Result<(), DeliveryError> {
        send_text(&self.bot, chat, topic, html).await.map(|_| ()).map_err(Into::into)
    }
}

/// The messages of an answer to `getUpdates`; an entry without a number is passed over.
pub(crate) fn updates(result: &Value) -> Vec<Update> {
    result.as_array().map(|all| all.iter().filter_map(update).collect()).unwrap_or_default()
}

fn update(json: &Value) -> Option<Update> {
    let message = &json["message"];
    let in_topic = message["is_topic_message"] == true;
    Some(Update {
        update_id: json["update_id"].as_i64()?,
        chat_id: message["chat"]["id"].as_i64().map(|id| id.to_string()).unwrap_or_default(),
        private: message["chat"]["id"].as_i64().is_some_and(|id| id > 0),
        from: [
            message["from"]["id"].as_i64().map(|id| id.to_string()).unwrap_or_default(),
            message["from"]["username"].as_str().map(|name| format!("@{name}")).unwrap_or_default(),
        ],
        topic: message["message_thread_id"].as_i64().filter(|_| in_topic),
        text: message["text"].as_str().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_still_moves_the_offset() {
        let photo = json!({ "update_id": 8, "message": { "chat": { "id": -5 }, "photo": [] } });
        let text = json!({ "update_id": 9, "message": { "chat": { "id": 7 }, "text": "/top",
            "message_thread_id": 3, "is_topic_message": true } });
        let reply = json!({ "update_id": 10, "message": { "chat": { "id": 7 }, "text": "x", "message_thread_id": 3 } });
        assert_eq!(update(&photo).map(|u| (u.update_id, u.text)), Some((8, String::new())));
        let got = update(&text).unwrap();
        assert_eq!((got.chat_id.as_str(), got.topic, got.text.as_str()), ("7", Some(3), "/top"));
        assert_eq!(update(&reply).unwrap().topic, None);
        let ann = json!({ "update_id": 11, "message": { "chat": { "id": -7 }, "text": "x", "from": { "id": 5, "username": "ann" } } });
        let got = update(&ann).unwrap();
        assert_eq!((got.private, got.from), (false, ["5".to_owned(), "@ann".to_owned()]));
        assert_eq!(update(&json!({})), None);
    }
}
