//! POST for channels: one connection a message, bounded answers, and reasons that hold neither address nor secret.

use crate::actors::ports::alerts::{DeliveryError, no_answer};
use crate::adapters::net::connections;
use crate::domain::moment::MachineTime;
use crate::domain::time::DAY_MS;
use crate::i18n::{Failure, OrFail, Reason, Text, no_connection, text};
use awc::Client;
use awc::error::{ConnectError, SendRequestError};
use awc::http::header::{self, HeaderMap};
use bytes::Bytes;
use futures_util::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// Largest answer that is read, bytes: answers of these services are a few kB, and a proxy's error page is all that can
/// be larger.
const MAX_ANSWER: usize = 256 * 1024;
/// Longest reason in an error, characters: it goes into logs, the state and the page.
const MAX_REASON: usize = 300;

/// Time limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpTimes {
    /// Name resolution and TCP; the TLS handshake has the same again.
    pub connect: Duration,
    /// From the start to the end of the answer.
    pub response: Duration,
}

impl Default for HttpTimes {
    fn default() -> Self {
        // These services answer within a second; a webhook of the user's own may sleep and wake up first.
        Self { connect: Duration::from_secs(5), response: Duration::from_secs(20) }
    }
}

/// What a receiver answered.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: HeaderMap,
    /// The whole body; `None` when it broke off.
    pub(super) body: Option<Bytes>,
}

impl Answer {
    pub(super) fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
    }

    /// The wish in `Retry-After`, ms: seconds or a date.
    pub(super) fn retry_after_ms(&self, now: MachineTime) -> Option<i64> {
        let text = self.header("retry-after")?;
        seconds_to_ms(text).or_else(|| {
            let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
            Some((MachineTime::from_ms(at.as_millisecond()) - now).clamp(0, DAY_MS))
        })
    }

    /// Did something between answer: a service that speaks JSON has sent something else.
    pub(super) fn is_foreign(&self) -> bool {
        self.json().is_null()
    }

    /// The body as JSON; null when it is none.
    pub(super) fn json(&self) -> serde_json::Value {
        let body = self.body.as_deref().unwrap_or_default();
        serde_json::from_slice(body).unwrap_or(serde_json::Value::Null)
    }
}

/// Seconds, also with a fraction, as ms of at most a day.
pub(super) fn seconds_to_ms(text: &str) -> Option<i64> {
    text.parse::<f64>().ok().and_then(f64_seconds_to_ms)
}

/// Seconds as ms of at most a day.
pub(super) fn f64_seconds_to_ms(seconds: f64) -> Option<i64> {
    let whole = (seconds * 1_000.0).ceil();
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and a day")]
    (seconds.is_finite() && seconds >= 0.0).then(|| whole.min(DAY_MS as f64) as i64)
}

pub(super) const fn retry(reason: Reason) -> DeliveryError {
    DeliveryError::Retry { reason, after_ms: None, throttled: false }
}

/// An answer without what `receiver` would say in it: the message may have arrived.
pub(super) fn odd_answer(answer: &Answer, receiver: &str) -> DeliveryError {
    let reason = match answer.body {
        Some(_) => {
            Reason::of("foreign_answer", &text!(delivery_foreign_answer, receiver = receiver.to_owned()))
        }
        None => Reason::of("answer_lost", &text!(delivery_answer_broke_off)),
    };
    DeliveryError::Uncertain { reason }
}

/// A body with its content type.
pub(super) struct Body {
    content_type: String,
    bytes: Vec<u8>,
}

impl Body {
    pub(super) fn json(value: &serde_json::Value) -> Self {
        Self { content_type: "application/json".to_owned(), bytes: value.to_string().into_bytes() }
    }

    /// Bytes that are JSON already.
    pub(super) fn json_bytes(bytes: Vec<u8>) -> Self {
        Self { content_type: "application/json".to_owned(), bytes }
    }

    /// Text fields and one PNG as `multipart/form-data`.
    pub(super) fn form(fields: &[(&str, String)], file: &str, png: &[u8]) -> Self {
        let boundary = format!("impulso{:032x}", rand::random::<u128>());
        let mut bytes = Vec::with_capacity(png.len() + 2_048);
        for (name, value) in fields {
            let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            bytes.extend_from_slice(head.as_bytes());
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{file}\"; filename=\"chart.png\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(png);
        bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Self { content_type: format!("multipart/form-data; boundary={boundary}"), bytes }
    }
}

/// Sends requests; lives on the thread that made it.
pub(super) struct Poster {
    client: Client,
    times: HttpTimes,
    secrets: Vec<SecretString>,
}

impl Poster {
    /// None of `secrets` ever shows in a reason.
    pub(super) fn new(times: HttpTimes, secrets: Vec<SecretString>) -> Self {
        let client = Client::builder()
            .connector(connections(times.connect))
            .timeout(times.response)
            .disable_redirects()
            .add_default_header((header::USER_AGENT, concat!("impulso/", env!("CARGO_PKG_VERSION"))))
            .finish();
        Self { client, times, secrets }
    }

    /// Sends `body`. An answer of any status is `Ok`.
    pub(super) async fn post(
        &self,
        url: &str,
        body: Body,
        headers: &[(&'static str, String)],
    ) -> Result<Answer, DeliveryError> {
        // A connection of its own for every message: a kept one that the receiver closed meanwhile would make it
        // unknown whether the message arrived.
        let mut request = self.client.post(url).force_close().no_decompress().content_type(body.content_type);
        for (name, value) in headers {
            request = request.insert_header((*name, value.as_str()));
        }
        // One end for both: head and body together have the limit, not each of them.
        let end = tokio::time::Instant::now() + self.times.response;
        let sent = tokio::time::timeout_at(end, request.send_body(body.bytes)).await;
        let mut answer = match sent {
            Ok(sent) => sent.map_err(|error| self.send_error(&error))?,
            Err(_) => return Err(self.lost()),
        };
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let read = async {
            let mut whole = Vec::new();
            while let Some(chunk) = answer.next().await {
                whole.extend_from_slice(&chunk.ok()?);
                if whole.len() > MAX_ANSWER {
                    return None;
                }
            }
            Some(Bytes::from(whole))
        };
        let body = tokio::time::timeout_at(end, read).await.ok().flatten();
        // The client takes a body that breaks off for a whole one.
        let said = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.trim().parse().ok());
        let body = body.filter(|body| said.is_none_or(|length: usize| length == body.len()));
        Ok(Answer { status, headers, body })
    }

    fn lost(&self) -> DeliveryError {
        DeliveryError::Uncertain { reason: no_answer(self.times.response) }
    }

    fn send_error(&self, error: &SendRequestError) -> DeliveryError {
        match error {
            SendRequestError::Timeout => self.lost(),
            SendRequestError::Connect(ConnectError::Timeout) => {
                let time = format!("{:?}", self.times.connect);
                retry(Reason::of("connect_timeout", &text!(delivery_no_connection, time = time)))
            }
            // In spite of its name: the request was sent, and the receiver hung up without an answer.
            SendRequestError::Connect(ConnectError::Disconnected) => {
                DeliveryError::Uncertain { reason: Reason::of("hung_up", &text!(delivery_hung_up)) }
            }
            SendRequestError::Connect(inner) => {
                let os_error = match inner {
                    ConnectError::Io(error) => error.raw_os_error(),
                    _ => None,
                };
                let why = no_connection(os_error, &self.clean(&inner.to_string()));
                retry(Reason::new("no_connection", |t| t.no_connection(why.in_words(t))))
            }
            SendRequestError::Url(_) | SendRequestError::Http(_) => {
                DeliveryError::Rejected { reason: Reason::of("address", &text!(delivery_address)) }
            }
            other => {
                let why = self.clean(&other.to_string());
                DeliveryError::Uncertain {
                    reason: Reason::of("answer_lost", &text!(delivery_answer_lost, why = why)),
                }
            }
        }
    }

    /// What the receiver said, without secrets.
    pub(super) fn said(&self, status: u16, description: &str) -> Reason {
        Reason::said(self.clean(format!("{status} {description}").trim()))
    }

    /// A short text without secrets and control characters.
    pub(super) fn clean(&self, text: &str) -> String {
        clean(text, &self.secrets)
    }
}

/// The error of an answer that is no success.
pub(super) const fn refusal(status: u16, reason: Reason, after_ms: Option<i64>) -> DeliveryError {
    match status {
        429 => DeliveryError::Retry { reason, after_ms, throttled: true },
        408 | 409 | 425 | 500.. => DeliveryError::Retry { reason, after_ms, throttled: false },
        _ => DeliveryError::Rejected { reason },
    }
}

/// A short text without `secrets` and control characters.
pub(super) fn clean(text: &str, secrets: &[SecretString]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().map(ExposeSecret::expose_secret).filter(|s| !s.is_empty()) {
        text = text.replace(secret, "***");
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect()
}

/// Is this an address that requests can be sent to. The address itself may be a secret: it is not in `wrong`.
pub(super) fn check_url(url: &str, wrong: Text) -> Result<(), Failure> {
    let uri: Option<awc::http::Uri> = url.parse().ok();
    let good = uri.filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    good.map(|_| ()).or_fail(|| wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn addresses_are_judged_without_being_told() {
        let check = |url| check_url(url, Text::verbatim("wrong"));
        check("https://discord.com/api/webhooks/1/secret").unwrap();
        for bad in ["", "discord.com/secret", "ftp://host/secret", "http:///secret", "https://ho st/secret"] {
            assert_eq!(check(bad).unwrap_err().to_string(), "wrong", "{bad}");
        }
    }

    #[test]
    fn seconds_become_milliseconds_within_bounds() {
        assert_eq!(seconds_to_ms("1.0015"), Some(1_002));
        assert_eq!((seconds_to_ms("1e300"), seconds_to_ms("-1")), (Some(DAY_MS), None));
        assert_eq!((seconds_to_ms("soon"), seconds_to_ms("NaN")), (None, None));
    }

    #[test]
    fn a_failure_is_told_in_the_language_of_its_reader() {
        let poster = Poster::new(HttpTimes::default(), vec!["hush".into()]);
        let refused = std::io::Error::from_raw_os_error(111);
        let error = poster.send_error(&SendRequestError::Connect(ConnectError::Io(refused)));
        let reason = error.reason();
        let (es, en) = (reason.in_words(Language::Es.texts()), reason.in_english());
        assert!(en.contains("no connection") && es.contains("sin conexión"), "{en}: {es}");
        assert!(en.contains("111") && es.contains("111"), "{en}: {es}");
        let lost = poster.send_error(&SendRequestError::Timeout);
        assert_eq!(lost.reason().in_words(Language::Es.texts()), "sin respuesta en 20s");
    }

    #[test]
    fn reasons_lose_secrets_and_length() {
        let poster = Poster::new(HttpTimes::default(), vec!["hush".into(), "".into()]);
        let refused = refusal(400, poster.said(400, "say\n hush!"), None);
        assert_eq!(refused, DeliveryError::Rejected { reason: Reason::said("400 say  ***!") });
        assert!(poster.clean(&"x".repeat(9_999)).len() == MAX_REASON);
    }
}
