//! Webhook: alerts as signed JSON to an address of the user's.

use super::common::{link, plain, unless_empty};
use super::http::{Answer, Body, HttpTimes, Poster, check_url, refusal};
use crate::actors::ports::Clock;
use crate::actors::ports::alerts::{AlertChannel, DeliveryError, Parcel, Receipt};
use crate::adapters::clock::SystemClock;
use crate::domain::alert::message::{AlertCard, Message};
use crate::domain::alert::remedy::Remedy;
use crate::domain::moment::MachineTime;
use crate::i18n::{Failure, Language, Reason, text};
use futures_util::future::LocalBoxFuture;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use std::rc::Rc;

#[derive(Debug, Clone, Deserialize)]
pub struct WebhookSettings {
    /// Where to; it may hold a secret.
    pub url: SecretString,
    /// Signs the messages, if there is one.
    #[serde(deserialize_with = "unless_empty")]
    pub secret: Option<SecretString>,
    /// Language of the text in them.
    #[serde(skip)]
    pub language: Language,
    /// Address of the own page, for links.
    #[serde(skip)]
    pub dashboard_url: Option<String>,
}

impl WebhookSettings {
    /// A receiver of unsigned messages, in Spanish, without links.
    pub fn new(url: SecretString) -> Self {
        Self { url, secret: None, language: Language::default(), dashboard_url: None }
    }

    /// Could these settings work.
    ///
    /// # Errors
    /// With what is wrong, without the address.
    pub fn check(&self) -> Result<(), Failure> {
        check_url(self.url.expose_secret(), text!(channel_webhook_address))
    }
}

/// Messages to one address.
#[derive(Clone)]
pub struct Webhook(Rc<Inner>);

struct Inner {
    settings: WebhookSettings,
    poster: Poster,
    clock: SystemClock,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").finish_non_exhaustive()
    }
}

impl Webhook {
    /// Call it on the thread that uses it.
    pub fn new(settings: WebhookSettings) -> Self {
        Self::with_times(settings, HttpTimes::default())
    }

    /// The same with other time limits.
    pub fn with_times(settings: WebhookSettings, times: HttpTimes) -> Self {
        let mut secrets = vec![settings.url.clone()];
        secrets.extend(settings.secret.clone());
        let poster = Poster::new(times, secrets);
        Self(Rc::new(Inner { settings, poster, clock: SystemClock::new() }))
    }
}

impl Inner {
    async fn deliver(&self, parcel: &Parcel) -> Result<Receipt, DeliveryError> {
        let now = self.clock.machine_time();
        let body = body(parcel, &self.settings, now).to_string().into_bytes();
        let mut headers =
            vec![("idempotency-key", header_value(&parcel.key)), ("x-impulso-timestamp", now.to_string())];
        if let Some(secret) = &self.settings.secret {
            headers.push(("x-impulso-signature", signature(secret, now, &body)));
        }
        let url = self.settings.url.expose_secret();
        let answer = self.poster.post(url, Body::json_bytes(body), &headers).await?;
        self.judge(&answer)
    }

    fn judge(&self, answer: &Answer) -> Result<Receipt, DeliveryError> {
        // The status alone decides: a receiver may answer with any body or none.
        if answer.ok() {
            return Ok(Receipt::default());
        }
        let wish = answer.retry_after_ms(self.clock.machine_time());
        let status = answer.status;
        let reason = Reason::of("answer", &text!(delivery_webhook_answer, status = status.to_string()));
        Err(match status {
            // About the place and who may write there, not about the message.
            300..=399 | 401 | 403 | 404 | 405 | 410 => {
                DeliveryError::Unusable { reason, remedy: Remedy::WebhookAddress }
            }
            _ => refusal(status, reason, wish),
        })
    }
}

/// `sha256=` and the hex HMAC-SHA256 of `timestamp.body`.
fn signature(secret: &SecretString, now: MachineTime, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("{now}.").as_bytes());
    context.update(body);
    format!("sha256={}", hex::encode(context.sign().as_ref()))
}

/// A key as a header value: names of pairs may hold letters that a header must not.
fn header_value(key: &str) -> String {
    const IMPOSSIBLE: &AsciiSet = &CONTROLS.add(b' ').add(b'%');
    utf8_percent_encode(key, IMPOSSIBLE).to_string()
}

fn body(parcel: &Parcel, settings: &WebhookSettings, now: MachineTime) -> Value {
    let alerts: Vec<Value> = parcel.message.alerts().iter().map(|card| alert(card, settings)).collect();
    let mut body = json!({
        "id": parcel.key,
        "kind": parcel.message.kind(),
        "language": settings.language,
        "sent_at": now,
        "maybe_repeated": parcel.maybe_repeated,
        "alerts": alerts,
        "text": plain(parcel, settings.language),
        "dashboard_url": settings.dashboard_url,
    });
    if let Message::Notice { notice, .. } = &parcel.message {
        body["notice"] = json!(notice);
    }
    body
}

fn alert(card: &AlertCard, settings: &WebhookSettings) -> Value {
    let mut alert = json!(card);
    alert["url"] = json!(link(settings.dashboard_url.as_deref(), card.symbol.as_str()));
    alert
}

impl AlertChannel for Webhook {
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Result<Receipt, DeliveryError>> {
        let inner = Rc::clone(&self.0);
        Box::pin(async move { inner.deliver(&parcel).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_other_programs() {
        // printf '1700000000000.{"a":1}' | openssl dgst -sha256 -hmac key
        let signed = signature(&"key".into(), MachineTime::from_ms(1_700_000_000_000), br#"{"a":1}"#);
        assert_eq!(signed, "sha256=2c8bc12f88d77789404ce0a63cf69acf735ba98832f7a7d36147f537be556f3e");
    }

    #[test]
    fn any_key_fits_into_a_header() {
        assert_eq!(header_value("BTCUSDT-60000-FUERTE"), "BTCUSDT-60000-FUERTE");
        assert_eq!(header_value("币%\n-1"), "%E5%B8%81%25%0A-1");
    }
}
