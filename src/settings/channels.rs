//! `[channels]`: where alerts go. Secrets come from the environment or from files, and never show.

use super::error::SettingsError;
use super::file::secret_of;
use crate::adapters::notify::email::EmailSettings;
use crate::adapters::notify::webhook::WebhookSettings;
use crate::domain::allowed::{Allowed, Values::Like, Values::OneOf, Values::Range};
use crate::domain::report::Level;
use crate::i18n::{Language, Text, text};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// Keys whose values never show.
pub(crate) const SECRET_KEYS: [&str; 6] = [
    "network.proxy",
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

fn is_user(text: &str) -> bool {
    text.parse::<u64>().is_ok() || (text.len() > 1 && text.starts_with('@'))
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
    /// Who may change something in a group, by number or `@name`; in a private chat its owner may.
    pub command_users: Vec<String>,
    /// A delivery whose answer was lost is tried again, marked as a possible repetition.
    pub(crate) resend_uncertain: bool,
}

impl TelegramSettings {
    pub(crate) const ALLOWED: Allowed = &[
        ("command_users", Like(is_user, &["12345678", "@ann"])),
        ("chats", Like(|t| parse_chat(t).is_some(), &["-1001234567890[/TOPIC]", "@name[/TOPIC]"])),
    ];
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

/// `[channels.email]`.
#[derive(Debug, Clone, Deserialize)]
pub struct EmailChannel {
    #[serde(flatten)]
    pub(crate) common: CommonSettings,
    #[serde(flatten)]
    pub mail: EmailSettings,
    /// File that holds the password.
    pub(crate) password_file: String,
    /// PEM file of an own certificate authority.
    pub(crate) ca_file: String,
}

/// `[channels.webhook]`.
#[derive(Debug, Clone, Deserialize)]
pub struct WebhookChannel {
    #[serde(flatten)]
    pub(crate) common: CommonSettings,
    #[serde(flatten)]
    pub receiver: WebhookSettings,
    /// File that holds the address.
    pub(crate) url_file: String,
    /// File that holds the key.
    pub(crate) secret_file: String,
}

/// `[channels]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ChannelsSettings {
    pub console: ConsoleSettings,
    pub telegram: TelegramSettings,
    pub discord: DiscordSettings,
    pub email: EmailChannel,
    pub webhook: WebhookChannel,
}

impl CommonSettings {
    pub(crate) const ALLOWED: Allowed = &[
        ("language", OneOf(&["", "es", "en"])),
        ("min_level", OneOf(&["ALTA", "FUERTE"])),
        ("daily_cap", Range(0.0, 100_000.0)),
    ];

    /// The language, once checked.
    pub(crate) fn language(&self, default: Language) -> Language {
        Language::from_code(&self.language).unwrap_or(default)
    }
}

impl ChannelsSettings {
    /// Reads the files that secrets stand in, then looks whether every channel in use has what it needs.
    ///
    /// # Errors
    /// Names the key of a file that cannot be read, or of what is missing.
    pub(crate) fn read_secrets(&mut self) -> Result<(), SettingsError> {
        let (telegram, email, webhook) = (&mut self.telegram, &mut self.email, &mut self.webhook);
        fill(&mut telegram.token, &telegram.token_file, "channels.telegram.token_file")?;
        fill(&mut email.mail.password, &email.password_file, "channels.email.password_file")?;
        fill(&mut webhook.receiver.url, &webhook.url_file, "channels.webhook.url_file")?;
        fill(&mut webhook.receiver.secret, &webhook.secret_file, "channels.webhook.secret_file")?;
        let key = "channels.discord.webhook_urls_file";
        let urls = secret_of(&self.discord.webhook_urls_file, key)?;
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
        needed(on, e.mail.host.is_empty(), "channels.email.host", text!(allowed_mail_server))?;
        needed(on, e.mail.from.is_empty(), "channels.email.from", text!(allowed_sender))?;
        needed(on, e.mail.to.is_empty(), "channels.email.to", text!(allowed_recipients))?;
        needed(w.common.enabled, empty(&w.receiver.url), "channels.webhook.url", text!(allowed_webhook_url))
    }
}

/// Chat and topic of `-1001234567890/7`; `None` when it is neither a number, nor `@name`, with a topic number after a slash at
/// most.
pub(crate) fn parse_chat(text: &str) -> Option<(String, Option<i64>)> {
    let (chat, topic) = text.split_once('/').map_or((text, None), |(chat, topic)| (chat, Some(topic)));
    let known = chat.parse::<i64>().is_ok() || (chat.len() > 1 && chat.starts_with('@'));
    let topic = topic.map(str::parse::<i64>).transpose().ok()?;
    known.then(|| (chat.to_owned(), topic))
}

fn fill<T: From<SecretString>>(secret: &mut T, file: &str, key: &str) -> Result<(), SettingsError> {
    if let Some(text) = secret_of(file, key)? {
        *secret = SecretString::from(text.trim().to_owned()).into();
    }
    Ok(())
}
