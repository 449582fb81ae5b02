//! Where messages to Discord go.

use crate::adapters::notify::http::check_url;
use crate::i18n::{Failure, Language, text};
use secrecy::{ExposeSecret, SecretString};

#[derive(Debug, Clone)]
pub struct DiscordSettings {
    /// Address of the webhook; whoever has it can write.
    pub webhook_url: SecretString,
    /// Language of the messages.
    pub language: Language,
    /// Address of the own page, for links.
    pub dashboard_url: Option<String>,
}

impl DiscordSettings {
    /// A webhook, in Spanish, without links.
    pub fn new(webhook_url: SecretString) -> Self {
        Self { webhook_url, language: Language::default(), dashboard_url: None }
    }

    /// Could these settings work.
    ///
    /// # Errors
    /// With what is wrong, without the address.
    pub fn check(&self) -> Result<(), Failure> {
        check_url(self.webhook_url.expose_secret(), text!(channel_webhook_address))
    }
}
