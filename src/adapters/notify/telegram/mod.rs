//! Telegram: messages to a chat or topic, with the chart behind them, and what people write to the bot.

mod bot;
mod limits;
mod moves;
mod render;
mod settings;
pub(crate) mod updates;

pub use limits::TelegramLimits;
pub use moves::ChatMoves;
pub use settings::TelegramSettings;
pub use updates::TelegramUpdates;
pub(crate) use updates::Update;

use super::common;
use super::http::{Body, HttpTimes};
use crate::actors::ports::alerts::{AlertChannel, DeliveryError, Parcel, Receipt};
use bot::{Bot, Refused};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Longest time that a chart may hold up the next message, waiting for the limits included: the text has gone out, and the
/// next alert matters more than this one's picture.
const CHART_WITHIN: Duration = Duration::from_secs(20);

/// Text for use in `TelegramUpdates::reply`.
pub fn escape_html(text: &str) -> String {
    common::escape(text)
}

/// Messages to one chat.
#[derive(Clone)]
pub struct Telegram(Rc<Inner>);

struct Inner {
    settings: TelegramSettings,
    bot: Bot,
    moves: Arc<ChatMoves>,
}

impl std::fmt::Debug for Telegram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telegram").field("chat", &self.0.settings.chat).finish_non_exhaustive()
    }
}

impl Telegram {
    /// Call it on the thread that uses it; `limits` and `moves` are shared by all channels of the same bot.
    pub fn new(settings: TelegramSettings, limits: &Arc<TelegramLimits>, moves: &Arc<ChatMoves>) -> Self {
        Self::with_times(settings, limits, moves, HttpTimes::default())
    }

    /// The same with other time limits.
    pub fn with_times(
        settings: TelegramSettings,
        limits: &Arc<TelegramLimits>,
        moves: &Arc<ChatMoves>,
        times: HttpTimes,
    ) -> Self {
        let bot = Bot::new(&settings.base_url, &settings.token, limits, times);
        Self(Rc::new(Inner { settings, bot, moves: Arc::clone(moves) }))
    }
}

impl Inner {
    async fn deliver(&self, parcel: &Parcel) -> Result<Receipt, DeliveryError> {
        let (settings, html) = (&self.settings, render::html(parcel, &self.settings));
        // The text first: it is the alert, and Telegram takes 1,024 characters under a picture but 4,096 as a
        // message.
        let (message_id, topic) = self.send_where_it_is(&html).await?;
        if let (Some(chart), Some(message_id)) = (&parcel.chart, message_id) {
            let sent = tokio::time::timeout(CHART_WITHIN, self.send_chart(chart, message_id, topic)).await;
            // The message is there; a chart that is not must not make it be sent again.
            match sent {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(chat = settings.chat, %error, "chart not sent"),
                Err(_) => tracing::debug!(chat = settings.chat, "chart not sent in time"),
            }
        }
        Ok(Receipt { id: message_id.map(|id| id.to_string()) })
    }

    /// Sends a text; gives its number and the topic it went to. A group that became a supergroup is followed, and a message whose
    /// topic is gone goes to the chat itself: an alert in the wrong place is better than none.
    async fn send_where_it_is(&self, html: &str) -> Result<(Option<i64>, Option<i64>), DeliveryError> {
        let mut topic = self.settings.topic;
        // Each may come once: the move first, as the topic's number is one of the chat that it is in.
        for _ in 0..2 {
            let chat = self.moves.current(&self.settings.chat);
            match send_text(&self.bot, &chat, topic, html).await {
                Ok(message_id) => return Ok((message_id, topic)),
                Err(Refused::Moved(to)) => self.moves.moved(&self.settings.chat, to),
                Err(Refused::TopicGone) if topic.is_some() => {
                    let chat = &self.settings.chat;
                    tracing::warn!(chat, topic, "the Telegram topic is gone: messages go to the chat itself");
                    topic = None;
                }
                Err(other) => return Err(other.into()),
            }
        }
        let chat = self.moves.current(&self.settings.chat);
        Ok((send_text(&self.bot, &chat, topic, html).await?, topic))
    }

    async fn send_chart(
        &self,
        chart: &Bytes,
        message_id: i64,
        topic: Option<i64>,
    ) -> Result<(), DeliveryError> {
        let chat = self.moves.current(&self.settings.chat);
        let reply = json!({ "message_id": message_id, "allow_sending_without_reply": true });
        let mut fields = vec![
            ("chat_id", chat.clone()),
            ("disable_notification", "true".to_owned()),
            ("reply_parameters", reply.to_string()),
        ];
        if let Some(topic) = topic {
            fields.push(("message_thread_id", topic.to_string()));
        }
        self.bot.wait(&chat).await;
        self.bot.call("sendPhoto", Body::form(&fields, "photo", chart)).await?;
        Ok(())
    }
}

/// Sends a text within the limits; gives its number.
async fn send_text(bot: &Bot, chat: &str, topic: Option<i64>, html: &str) -> Result<Option<i64>, Refused> {
    let mut body = json!({
        "chat_id": chat.parse::<i64>().map_or_else(|_| json!(chat), |number| json!(number)),
        "text": html,
        "parse_mode": "HTML",
        "link_preview_options": { "is_disabled": true },
    });
    if let Some(topic) = topic {
        body["message_thread_id"] = Value::from(topic);
    }
    bot.wait(chat).await;
    let result = bot.call("sendMessage", Body::json(&body)).await?;
    Ok(result["message_id"].as_i64())
}

impl AlertChannel for Telegram {
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Result<Receipt, DeliveryError>> {
        let inner = Rc::clone(&self.0);
        Box::pin(async move { inner.deliver(&parcel).await })
    }
}
