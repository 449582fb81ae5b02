//! Server, sender and recipients of mail.

use crate::adapters::notify::common::unless_empty;
use crate::domain::allowed::{Allowed, Values::OneOf, Values::Range};
use crate::i18n::{Failure, Language, OrFail, failure, text};
use lettre::message::Mailbox;
use lettre::transport::smtp::client::Certificate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Plain at first, then TLS before anything else is said (port 587).
    #[default]
    StartTls,
    /// TLS from the first byte (port 465).
    Tls,
    /// None: only for a server on the own machine.
    None,
}

/// Time limits of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmailTimes {
    /// Name resolution and TCP.
    pub connect: Duration,
    /// Everything, from connecting to the server's word on the message.
    pub whole: Duration,
}

impl Default for EmailTimes {
    fn default() -> Self {
        // Mail servers greet late on purpose, to tell spammers apart, and look through a message before they take it.
        Self { connect: Duration::from_secs(10), whole: Duration::from_secs(60) }
    }
}

/// One list of recipients over one server.
#[derive(Debug, Clone, Deserialize)]
pub struct EmailSettings {
    /// Name of the server; its certificate must be for it.
    pub host: String,
    /// 587, 465 or 25.
    pub port: u16,
    /// Protection of the connection.
    pub security: Security,
    /// Logs in with it, if there is one.
    #[serde(deserialize_with = "unless_empty")]
    pub username: Option<String>,
    /// Password to the name.
    #[serde(deserialize_with = "unless_empty")]
    pub password: Option<SecretString>,
    /// Sender, such as `Impulso <impulso@example.org>`.
    pub from: String,
    /// Recipients. The server must take all of them, or nothing is sent.
    pub to: Vec<String>,
    /// PEM of further certificate authorities.
    #[serde(skip)]
    pub ca_pem: Option<Vec<u8>>,
    /// Language of the messages.
    #[serde(skip)]
    pub language: Language,
    /// Address of the own page, for links.
    #[serde(skip)]
    pub dashboard_url: Option<String>,
}

impl EmailSettings {
    pub(crate) const ALLOWED: Allowed =
        &[("security", OneOf(&["starttls", "tls", "none"])), ("port", Range(0.0, 65_535.0))];

    /// STARTTLS on port 587 without a login, in Spanish, without links.
    pub fn new(host: &str, from: &str, to: Vec<String>) -> Self {
        Self {
            host: host.to_owned(),
            port: 587,
            security: Security::default(),
            username: None,
            password: None,
            from: from.to_owned(),
            to,
            ca_pem: None,
            language: Language::default(),
            dashboard_url: None,
        }
    }

    /// Could these settings work.
    ///
    /// # Errors
    /// With what is wrong, without the password.
    pub fn check(&self) -> Result<(), Failure> {
        mailbox(&self.from)?;
        if self.to.is_empty() {
            return Err(failure!(channel_no_recipient));
        }
        self.to.iter().try_for_each(|to| mailbox(to).map(|_| ()))?;
        if self.username.is_some() != self.password.is_some() {
            return Err(failure!(channel_half_login));
        }
        if self.host.is_empty() {
            return Err(failure!(channel_no_server));
        }
        self.ca().map(|_| ())
    }

    pub(super) fn ca(&self) -> Result<Option<Certificate>, Failure> {
        let pem = self.ca_pem.as_ref();
        pem.map(|pem| Certificate::from_pem(pem).or_fail(|| text!(channel_no_pem))).transpose()
    }
}

/// An address, with or without a name before it.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, Failure> {
    text.parse::<Mailbox>().or_fail(|| text!(channel_no_mail_address, address = text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_judged() {
        let good =
            EmailSettings::new("mail.example.org", "Impulso <a@example.org>", vec!["b@example.org".into()]);
        good.check().unwrap();
        type Spoil = fn(&mut EmailSettings);
        let bad: [(Spoil, &str); 6] = [
            (|s| s.from = "nobody".into(), "nobody"),
            (|s| s.to.clear(), "no recipient"),
            (|s| s.to.push("x\r\nBcc: y@z".into()), "Bcc"),
            (|s| s.username = Some("u".into()), "belong together"),
            (|s| s.host.clear(), "server is empty"),
            (
                |s| s.ca_pem = Some(b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----".to_vec()),
                "no PEM",
            ),
        ];
        for (spoil, why) in bad {
            let mut settings = good.clone();
            spoil(&mut settings);
            let told = settings.check().unwrap_err().to_string();
            assert!(told.contains(why), "{told}");
        }
    }
}
