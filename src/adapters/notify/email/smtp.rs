//! One SMTP conversation, step by step: only so is it known whether the message may have arrived when it breaks off.

use super::settings::{EmailSettings, EmailTimes, Security};
use crate::actors::ports::alerts::DeliveryError;
use crate::adapters::notify::http::retry;
use crate::domain::alert::remedy::Remedy;
use crate::i18n::{Reason, text};
use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailBodyParameter, MailParameter};
use secrecy::ExposeSecret;
use std::cell::Cell;
use std::time::Duration;

/// How long a server may take to say goodbye. The message is accepted by then: a server that is slow here must not make
/// it look failed and be sent twice.
const QUIT_WITHIN: Duration = Duration::from_secs(2);

/// Why a message was not sent.
pub(super) struct Failure {
    cause: Cause,
    stage: Stage,
}

/// How far a conversation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    Login,
    Sender,
    Recipient,
    /// The message itself was on its way.
    HandedOver,
}

enum Cause {
    Smtp(SmtpError),
    Settings(crate::i18n::Failure),
    Time(Duration),
}

impl From<SmtpError> for Cause {
    fn from(error: SmtpError) -> Self {
        Self::Smtp(error)
    }
}

impl Failure {
    /// What it means for the delivery.
    pub(super) fn judge(self, clean: impl Fn(&str) -> String) -> DeliveryError {
        match self.cause {
            Cause::Settings(wrong) => {
                unusable(Reason::of("settings", &wrong.into_text()), Remedy::MailServer)
            }
            Cause::Smtp(error) => {
                let (reason, handed_over) = (clean(&full(&error)), self.stage == Stage::HandedOver);
                if error.is_permanent() {
                    return refusal(self.stage, &reason);
                }
                let reason = Reason::said(reason);
                if error.is_client() && !handed_over {
                    // Such as a server without STARTTLS: nothing that another message would change.
                    unusable(reason, Remedy::MailServer)
                } else if handed_over && !error.is_transient() {
                    DeliveryError::Uncertain { reason }
                } else {
                    retry(reason)
                }
            }
            Cause::Time(limit) if self.stage == Stage::HandedOver => {
                let time = format!("{limit:?}");
                DeliveryError::Uncertain {
                    reason: Reason::of("no_answer", &text!(delivery_mail_silent, time = time)),
                }
            }
            Cause::Time(limit) => {
                retry(Reason::of("slow", &text!(delivery_mail_slow, time = format!("{limit:?}"))))
            }
        }
    }
}

/// What a 5xx means. Providers answer with one for what passes, too: a quota of the day (550 5.4.5), a full mailbox, an address
/// or a sender that they hold back for a while.
fn refusal(stage: Stage, said: &str) -> DeliveryError {
    let (reason, said) = (Reason::said(said), said.to_lowercase());
    let passing = [
        "5.4.5",
        "5.2.2",
        "quota",
        "too many",
        "rate limit",
        "limit exceeded",
        "temporar",
        "block",
        "reputation",
    ];
    if passing.iter().any(|part| said.contains(part)) {
        return retry(reason);
    }
    match stage {
        // Before anything was said of the message.
        Stage::Greeting => unusable(reason, Remedy::MailServer),
        Stage::Login => unusable(reason, Remedy::MailLogin),
        Stage::Sender => unusable(reason, Remedy::MailSender),
        Stage::Recipient => unusable(reason, Remedy::MailRecipient),
        Stage::HandedOver => DeliveryError::Rejected { reason },
    }
}

const fn unusable(reason: Reason, remedy: Remedy) -> DeliveryError {
    DeliveryError::Unusable { reason, remedy }
}

/// The error with what lies under it.
fn full(error: &SmtpError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}

pub(super) async fn send(
    settings: &EmailSettings,
    times: EmailTimes,
    envelope: &Envelope,
    message: &[u8],
) -> Result<(), Failure> {
    let stage = Cell::new(Stage::Greeting);
    // The library's own time limit covers connecting only; a server that goes silent later would hold it for good.
    let talk = Box::pin(converse(settings, times, envelope, message, &stage));
    let result = match tokio::time::timeout(times.whole, talk).await {
        Ok(result) => result,
        Err(_) => Err(Cause::Time(times.whole)),
    };
    let mut connection = result.map_err(|cause| Failure { cause, stage: stage.get() })?;
    // The message is there; what becomes of the goodbye does not matter.
    let _ = tokio::time::timeout(QUIT_WITHIN, connection.quit()).await;
    Ok(())
}

async fn converse(
    settings: &EmailSettings,
    times: EmailTimes,
    envelope: &Envelope,
    message: &[u8],
    stage: &Cell<Stage>,
) -> Result<AsyncSmtpConnection, Cause> {
    let mut connection = connect(settings, times).await?;
    if let (Some(user), Some(password)) = (&settings.username, &settings.password) {
        stage.set(Stage::Login);
        let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
        connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
    }
    let mut options = Vec::new();
    let mut addresses = envelope.to().iter().chain(envelope.from());
    if addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        options.push(MailParameter::SmtpUtfEight);
    }
    if !message.is_ascii() {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    stage.set(Stage::Sender);
    connection.command(Mail::new(envelope.from().cloned(), options)).await?;
    stage.set(Stage::Recipient);
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await?;
    }
    connection.command(Data).await?;
    stage.set(Stage::HandedOver);
    connection.message(message).await?;
    Ok(connection)
}

async fn connect(settings: &EmailSettings, times: EmailTimes) -> Result<AsyncSmtpConnection, Cause> {
    let (server, hello) = ((settings.host.as_str(), settings.port), ClientId::default());
    let implicit = match settings.security {
        Security::Tls => Some(tls(settings)?),
        Security::StartTls | Security::None => None,
    };
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(server, Some(times.connect), &hello, implicit, None).await?;
    if settings.security == Security::StartTls {
        connection.starttls(tls(settings)?, &hello).await?;
    }
    Ok(connection)
}

fn tls(settings: &EmailSettings) -> Result<TlsParameters, Cause> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(ca) = settings.ca().map_err(Cause::Settings)? {
        builder = builder.add_root_certificate(ca);
    }
    Ok(builder.build()?)
}
