//! One SMTP conversation, step by step: only so is it known whether the message may have arrived when it breaks off.

use super::settings::{EmailSettings, EmailTimes, Security};
use crate::actors::ports::alerts::DeliveryError;
use crate::adapters::notify::http::retry;
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
    /// The message itself was on its way.
    handed_over: bool,
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
            Cause::Settings(wrong) => DeliveryError::Rejected { reason: wrong.to_string() },
            Cause::Smtp(error) => {
                let reason = clean(&full(&error));
                if error.is_permanent() || (error.is_client() && !self.handed_over) {
                    DeliveryError::Rejected { reason }
                } else if self.handed_over && !error.is_transient() {
                    DeliveryError::Uncertain { reason }
                } else {
                    retry(reason)
                }
            }
            Cause::Time(limit) if self.handed_over => {
                DeliveryError::Uncertain { reason: format!("no word on the message within {limit:?}") }
            }
            Cause::Time(limit) => retry(format!("the server took longer than {limit:?}")),
        }
    }
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
    let handed_over = Cell::new(false);
    // The library's own time limit covers connecting only; a server that goes silent later would hold it for good.
    let talk = Box::pin(converse(settings, times, envelope, message, &handed_over));
    let result = match tokio::time::timeout(times.whole, talk).await {
        Ok(result) => result,
        Err(_) => Err(Cause::Time(times.whole)),
    };
    let mut connection = result.map_err(|cause| Failure { cause, handed_over: handed_over.get() })?;
    // The message is there; what becomes of the goodbye does not matter.
    let _ = tokio::time::timeout(QUIT_WITHIN, connection.quit()).await;
    Ok(())
}

async fn converse(
    settings: &EmailSettings,
    times: EmailTimes,
    envelope: &Envelope,
    message: &[u8],
    handed_over: &Cell<bool>,
) -> Result<AsyncSmtpConnection, Cause> {
    let mut connection = connect(settings, times).await?;
    if let (Some(user), Some(password)) = (&settings.username, &settings.password) {
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
    connection.command(Mail::new(envelope.from().cloned(), options)).await?;
    address(&mut connection, envelope).await?;
    connection.command(Data).await?;
    handed_over.set(true);
    connection.message(message).await?;
    Ok(connection)
}

/// Names the recipients. One that the server refuses for good does not take the message from the others.
async fn address(connection: &mut AsyncSmtpConnection, envelope: &Envelope) -> Result<(), Cause> {
    let (mut accepted, mut refused) = (0, None);
    for to in envelope.to() {
        match connection.command(Rcpt::new(to.clone(), Vec::new())).await {
            Ok(_) => accepted += 1,
            Err(error) if error.is_permanent() => {
                metrics::counter!("impulso_mail_recipients_refused_total").increment(1);
                tracing::warn!(%to, reason = full(&error), "the mail server refuses a recipient: correct it in the settings");
                refused = Some(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    refused.filter(|_| accepted == 0).map_or(Ok(()), |error| Err(error.into()))
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
