//! A chat of a bot.

use crate::adapters::notify::http::check_url;
use crate::i18n::{Failure, Language, failure, text};
use secrecy::{ExposeSecret, SecretString};

const TELEGRAM_URL: &str = "https://api.telegram.org";

/// One chat of one bot.
#[derive(Debug, Clone)]
pub struct TelegramSettings {
    /// Address of the Bot API.
    pub base_url: String,
    /// Token of the bot.
    pub token: SecretString,
    /// Number of the chat, negative for groups, or `@name` of a channel.
    pub chat: String,
    /// Topic of a forum.
    pub topic: Option<i64>,
    /// Language of the messages.
    pub language: Language,
    /// Address of the own page, for links.
    pub dashboard_url: Option<String>,
}

impl TelegramSettings {
    /// A chat at Telegram itself, in Spanish, without links.
    pub fn new(token: SecretString, chat: &str) -> Self {
        Self {
            base_url: TELEGRAM_URL.to_owned(),
            token,
            chat: chat.to_owned(),
            topic: None,
            language: Language::default(),
            dashboard_url: None,
        }
    }

    /// Could these settings work.
    ///
    /// # Errors
    /// With what is wrong, without secrets.
    pub fn check(&self) -> Result<(), Failure> {
        check_url(&self.base_url, text!(channel_bot_address))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let token = self.token.expose_secret();
        let (number, rest) = token.split_once(':').unwrap_or_default();
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) || !rest.chars().all(plain) {
            return Err(failure!(channel_bot_token));
        }
        let named = self.chat.strip_prefix('@').is_some_and(|name| !name.is_empty());
        if named || self.chat.parse::<i64>().is_ok() {
            return Ok(());
        }
        Err(failure!(channel_chat, chat = self.chat.clone()))
    }
}
