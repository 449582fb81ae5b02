//! `[channels]`: where alerts go. Secrets come from the environment or from files, and never show.

use super::SettingsError;
use super::sections::within;
use crate::domain::report::Level;
use crate::i18n::{Language, Text, text};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::path::Path;

/// Keys whose values never show.
pub(crate) const SECRET_KEYS: [&str; 5] = [
    "channels.telegram.token",
    "channels.discord.webhook_urls",
    "channels.email.password",
    "channels.webhook.url",
    "channels.webhook.secret",
];

/// What every channel has.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CommonSettings {
    pub(crate) enabled: bool,
    /// es, en, or empty for `alert.language`.
    pub language: String,
    /// Messages with alerts a day; 0 for no cap.
    pub daily_cap: u32,
    /// Least level that it gets: ALTA or FUERTE.
    pub(crate) min_level: Level,
    pub charts: bool,
}

/// `[channels.console]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ConsoleSettings {
    #[serde(flatten)]
    pub common: CommonSettings,
}

/// `[channels.telegram]`.
#[derive(Debug, Clone, Deserialize)]
pub struct TelegramSettings {
    #[serde(flatten)]
    pub(crate) common: CommonSettings,
    /// Address of the Bot API.
    pub base_url: String,
    /// Token of the bot.
    pub token: SecretString,
    /// File that holds the token.
    pub(crate) token_file: String,
    /// Chats: `-1001234567890`, or `-1001234567890/7` for a topic.
    pub chats: Vec<String>,
    /// Answers commands from those chats.
    pub commands: bool,
    /// A delivery whose answer was lost is tried again, marked as a possible repetition.
    pub(crate) resend_uncertain: bool,
}

/// `[channels.discord]`.
#[derive(Debug, Clone, Deserialize)]
pub struct DiscordSettings {
    #[serde(flatten)]
    pub(crate) common: CommonSettings,
    pub(crate) webhook_urls: Vec<SecretString>,
    /// File with one webhook a line.
    pub(crate) webhook_urls_file: String,
    /// A delivery whose answer was lost is tried again, marked as a possible repetition.
    pub(crate) resend_uncertain: bool,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailSecurity {
    Starttls,
    /// TLS from the start.
    Tls,
    /// None: for a server on this machine.
    None,
}

/// `[channels.email]`.
#[derive(Debug, Clone, Deserialize)]
pub struct EmailSettings {
    #[serde(flatten)]
    pub(crate) common: CommonSettings,
    pub host: String,
    pub port: u16,
    /// starttls, tls or none.
    pub(crate) security: MailSecurity,
    /// Login; empty for none.
    pub username: String,
    pub password: SecretString,
    /// File that holds the password.
    pub(crate) password_file: String,
    /// PEM file of an own certificate authority.
    pub(crate) ca_file: String,
    pub from: String,
    pub to: Vec<String>,
}

/// `[channels.webhook]`.
#[derive(Debug, Clone, Deserialize)]
pub struct WebhookSettings {
    #[serde(flatten)]
    pub(crate) common: CommonSettings,
    /// Where JSON is posted to.
    pub url: SecretString,
    /// File that holds the address.
    pub(crate) url_file: String,
    /// Key of the signature; empty for none.
    pub secret: SecretString,
    /// File that holds the key.
    pub(crate) secret_file: String,
}

/// `[channels]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelsSettings {
    pub console: ConsoleSettings,
    pub telegram: TelegramSettings,
    pub discord: DiscordSettings,
    pub email: EmailSettings,
    pub webhook: WebhookSettings,
}

impl CommonSettings {
    /// The language, once checked.
    pub(crate) fn language(&self, default: Language) -> Language {
        Language::from_code(&self.language).unwrap_or(default)
    }

    fn validate(&self, channel: &str) -> Result<(), SettingsError> {
        let key = |name: &str| format!("channels.{channel}.{name}");
        if !["", "es", "en"].contains(&self.language.as_str()) {
            let found = format!("\"{}\"", self.language);
            return Err(SettingsError::value(&key("language"), found, text!(allowed_language)));
        }
        if self.min_level < Level::Alta {
            return Err(SettingsError::value(&key("min_level"), self.min_level, text!(allowed_alert_level)));
        }
        within(&key("daily_cap"), self.daily_cap, 0, 100_000)
    }
}

impl ChannelsSettings {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        self.console.common.validate("console")?;
        self.telegram.common.validate("telegram")?;
        self.discord.common.validate("discord")?;
        self.email.common.validate("email")?;
        self.webhook.common.validate("webhook")?;
        for chat in &self.telegram.chats {
            parse_chat(chat)?;
        }
        Ok(())
    }

    /// Reads the files that secrets stand in, then looks whether every channel in use has what it needs.
    ///
    /// # Errors
    /// Names the key of a file that cannot be read, or of what is missing.
    pub(crate) fn read_secrets(&mut self) -> Result<(), SettingsError> {
        fill(&mut self.telegram.token, &self.telegram.token_file, "channels.telegram.token_file")?;
        fill(&mut self.email.password, &self.email.password_file, "channels.email.password_file")?;
        fill(&mut self.webhook.url, &self.webhook.url_file, "channels.webhook.url_file")?;
        fill(&mut self.webhook.secret, &self.webhook.secret_file, "channels.webhook.secret_file")?;
        let key = "channels.discord.webhook_urls_file";
        let urls = read(&self.discord.webhook_urls_file, key)?;
        let lines = urls.iter().flat_map(|text| text.lines()).map(str::trim).filter(|l| !l.is_empty());
        self.discord.webhook_urls.extend(lines.map(|l| SecretString::from(l.to_owned())));
        self.complete()
    }

    fn complete(&self) -> Result<(), SettingsError> {
        let needed = |enabled: bool, missing: bool, key: &str, hint: Text| {
            if enabled && missing { Err(SettingsError::empty(key, hint)) } else { Ok(()) }
        };
        let empty = |secret: &SecretString| secret.expose_secret().is_empty();
        let (t, d, e, w) = (&self.telegram, &self.discord, &self.email, &self.webhook);
        let on = t.common.enabled;
        needed(on, empty(&t.token), "channels.telegram.token", text!(allowed_bot_token))?;
        needed(on, t.chats.is_empty(), "channels.telegram.chats", text!(allowed_chats))?;
        let on = d.common.enabled;
        let urls = text!(allowed_discord_url);
        needed(on, d.webhook_urls.is_empty(), "channels.discord.webhook_urls", urls)?;
        let on = e.common.enabled;
        needed(on, e.host.is_empty(), "channels.email.host", text!(allowed_mail_server))?;
        needed(on, e.from.is_empty(), "channels.email.from", text!(allowed_sender))?;
        needed(on, e.to.is_empty(), "channels.email.to", text!(allowed_recipients))?;
        needed(w.common.enabled, empty(&w.url), "channels.webhook.url", text!(allowed_webhook_url))
    }
}

/// Chat and topic of `-1001234567890/7`.
///
/// # Errors
/// When it is neither a number, nor `@name`, with a topic number after a slash at most.
pub(crate) fn parse_chat(text: &str) -> Result<(String, Option<i64>), SettingsError> {
    let (chat, topic) = text.split_once('/').map_or((text, None), |(chat, topic)| (chat, Some(topic)));
    let number = chat.parse::<i64>().is_ok() || (chat.len() > 1 && chat.starts_with('@'));
    let topic = topic.map(str::parse::<i64>).transpose();
    match (number, topic) {
        (true, Ok(topic)) => Ok((chat.to_owned(), topic)),
        _ => {
            let allowed = text!(allowed_chat);
            Err(SettingsError::value("channels.telegram.chats", format!("\"{text}\""), allowed))
        }
    }
}

fn read(file: &str, key: &str) -> Result<Option<String>, SettingsError> {
    if file.is_empty() {
        return Ok(None);
    }
    std::fs::read_to_string(Path::new(file))
        .map(Some)
        .map_err(|e| SettingsError::value(key, format!("\"{file}\" ({e})"), text!(allowed_file)))
}

fn fill(secret: &mut SecretString, file: &str, key: &str) -> Result<(), SettingsError> {
    if let Some(text) = read(file, key)? {
        *secret = SecretString::from(text.trim().to_owned());
    }
    Ok(())
}
