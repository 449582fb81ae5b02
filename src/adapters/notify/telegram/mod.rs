//! Telegram: messages to a chat or topic, with the chart behind them, and what people write to the bot.

mod bot;
mod limits;
mod render;
mod settings;
mod updates;

pub use limits::TelegramLimits;
pub use settings::TelegramSettings;
pub use updates::TelegramUpdates;
pub(crate) use updates::Update;

use super::common;
use super::http::{Body, HttpTimes};
use crate::actors::ports::alerts::{AlertChannel, DeliveryError, Parcel, Receipt};
use bot::Bot;
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
}

impl std::fmt::Debug for Telegram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telegram").field("chat", &self.0.settings.chat).finish_non_exhaustive()
    }
}

impl Telegram {
    /// Call it on the thread that uses it; `limits` are shared by all channels of the same bot.
    pub fn new(settings: TelegramSettings, limits: &Arc<TelegramLimits>) -> Self {
        Self::with_times(settings, limits, HttpTimes::default())
    }

    /// The same with other time limits.
    pub fn with_times(settings: TelegramSettings, limits: &Arc<TelegramLimits>, times: HttpTimes) -> Self {
        let bot = Bot::new(&settings.base_url, &settings.token, limits, times);
        Self(Rc::new(Inner { settings, bot }))
    }
}

impl Inner {
    async fn deliver(&self, parcel: &Parcel) -> Result<Receipt, DeliveryError> {
        let (settings, html) = (&self.settings, render::html(parcel, &self.settings));
        // The text first: it is the alert, and Telegram takes 1,024 characters under a picture but 4,096 as a
        // message.
        let message_id = send_text(&self.bot, &settings.chat, settings.topic, &html).await?;
        if let (Some(chart), Some(message_id)) = (&parcel.chart, message_id) {
            let sent = tokio::time::timeout(CHART_WITHIN, self.send_chart(chart, message_id)).await;
            // The message is there; a chart that is not must not make it be sent again.
            match sent {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(chat = settings.chat, %error, "chart not sent"),
                Err(_) => tracing::debug!(chat = settings.chat, "chart not sent in time"),
            }
        }
        Ok(Receipt { id: message_id.map(|id| id.to_string()) })
    }

    async fn send_chart(&self, chart: &Bytes, message_id: i64) -> Result<(), DeliveryError> {
        let reply = json!({ "message_id": message_id, "allow_sending_without_reply": true });
        let mut fields = vec![
            ("chat_id", self.settings.chat.clone()),
            ("disable_notification", "true".to_owned()),
            ("reply_parameters", reply.to_string()),
        ];
        if let Some(topic) = self.settings.topic {
            fields.push(("message_thread_id", topic.to_string()));
        }
        self.bot.wait(&self.settings.chat).await;
        self.bot.call("sendPhoto", Body::form(&fields, "photo", chart)).await.map(|_| ())
    }
}

/// Sends a text within the limits; gives its number.
async fn send_text(
    bot: &Bot,
    chat: &str,
    topic: Option<i64>,
    html: &str,
) -> Result<Option<i64>, DeliveryError> {
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
