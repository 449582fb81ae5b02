//! Discord: embeds through a webhook, within its rate limits.

mod render;
mod settings;

pub use settings::DiscordSettings;

use super::http::{Answer, Body, HttpTimes, Poster, f64_seconds_to_ms, odd_answer, refusal, seconds_to_ms};
use crate::actors::ports::Clock;
use crate::actors::ports::alerts::{AlertChannel, DeliveryError, Parcel, Receipt};
use crate::adapters::clock::SystemClock;
use crate::domain::alert::remedy::Remedy;
use crate::i18n::{Reason, text};
use futures_util::future::LocalBoxFuture;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use parking_lot::Mutex;
use secrecy::ExposeSecret;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A pause up to this long is waited for inside, since giving the message back and taking it again costs a write to the
/// outbox each; for a longer one it goes back, so that a stop of the program does not wait for Discord.
const WAIT_INSIDE: Duration = Duration::from_secs(5);

/// "internal network error": Discord's front could not reach Discord.
const INTERNAL_NETWORK_ERROR: i64 = 40333;

/// A moment before which nothing is sent.
/// Behind a lock, as all webhooks of the program share one; never held over an await.
#[derive(Debug, Default)]
struct Hold(Mutex<Option<Instant>>);

impl Hold {
    fn left(&self) -> Duration {
        let until = *self.0.lock();
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    fn set(&self, ms: i64) {
        let until = Instant::now() + Duration::from_millis(ms.unsigned_abs());
        let mut slot = self.0.lock();
        // Never shortened: a later answer may speak of another limit.
        *slot = Some(slot.map_or(until, |old| old.max(until)));
    }
}

/// What Discord asks of the whole program, shared by all webhooks.
#[derive(Debug, Default)]
pub struct DiscordLimits {
    global: Hold,
}

impl DiscordLimits {
    pub fn new() -> Self {
        Self::default()
    }
}

/// Messages to one webhook.
#[derive(Clone)]
pub struct Discord(Rc<Inner>);

struct Inner {
    settings: DiscordSettings,
    poster: Poster,
    pace: DefaultDirectRateLimiter,
    bucket: Hold,
    limits: Arc<DiscordLimits>,
    clock: SystemClock,
}

impl std::fmt::Debug for Discord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Discord").finish_non_exhaustive()
    }
}

impl Discord {
    /// Call it on the thread that uses it; `limits` are shared by all webhooks.
    pub fn new(settings: DiscordSettings, limits: &Arc<DiscordLimits>) -> Self {
        Self::with_times(settings, limits, HttpTimes::default())
    }

    /// The same with other time limits.
    pub fn with_times(settings: DiscordSettings, limits: &Arc<DiscordLimits>, times: HttpTimes) -> Self {
        let url = &settings.webhook_url;
        // The last part of the path is what makes the address a secret.
        let path = url.expose_secret().split('?').next().unwrap_or_default();
        let token = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let poster = Poster::new(times, vec![url.clone(), token.to_owned().into()]);
        // A burst of 2 and 3 that flow back: never more than 5 in any 2 s.
        let quota = Quota::with_period(Duration::from_millis(667))
            .unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))
            .allow_burst(NonZeroU32::MIN.saturating_add(1));
        let (pace, bucket) = (RateLimiter::direct(quota), Hold::default());
        let clock = SystemClock::new();
        Self(Rc::new(Inner { settings, poster, pace, bucket, limits: Arc::clone(limits), clock }))
    }
}

impl Inner {
    async fn deliver(&self, parcel: &Parcel) -> Result<Receipt, DeliveryError> {
        self.wait().await?;
        let payload = render::payload(parcel, &self.settings);
        let body = match &parcel.chart {
            Some(chart) => Body::form(&[("payload_json", payload.to_string())], "files[0]", chart),
            None => Body::json(&payload),
        };
        let answer = self.poster.post(&self.url(), body, &[]).await?;
        self.judge(&answer)
    }

    fn url(&self) -> String {
        let url = self.settings.webhook_url.expose_secret();
        format!("{url}{}wait=true", if url.contains('?') { '&' } else { '?' })
    }

    async fn wait(&self) -> Result<(), DeliveryError> {
        self.pace.until_ready().await;
        // Looked at behind the own pace, whose waiting may have taken in the pause that was asked for.
        let left = self.bucket.left().max(self.limits.global.left());
        if left > WAIT_INSIDE {
            return Err(DeliveryError::Retry {
                reason: Reason::of("pause", &text!(delivery_pause, receiver = "Discord".to_owned())),
                after_ms: i64::try_from(left.as_millis()).ok(),
                throttled: true,
            });
        }
        tokio::time::sleep(left).await;
        Ok(())
    }

    fn judge(&self, answer: &Answer) -> Result<Receipt, DeliveryError> {
        let json = answer.json();
        let header_ms = |name: &str| answer.header(name).and_then(seconds_to_ms);
        if answer.header("x-ratelimit-remaining") == Some("0")
            && let Some(ms) = header_ms("x-ratelimit-reset-after")
        {
            self.bucket.set(ms);
        }
        if answer.ok() {
            let empty = answer.body.as_ref().is_some_and(bytes::Bytes::is_empty);
            return match json["id"].as_str() {
                Some(id) => Ok(Receipt { id: Some(id.to_owned()) }),
                None if empty => Ok(Receipt::default()),
                None => Err(odd_answer(answer, "Discord")),
            };
        }
        let wish = answer
            .retry_after_ms(self.clock.machine_time())
            .or_else(|| json["retry_after"].as_f64().and_then(f64_seconds_to_ms));
        if answer.status == 429 {
            let whole = json["global"] == true || answer.header("x-ratelimit-global") == Some("true");
            let hold = if whole { &self.limits.global } else { &self.bucket };
            hold.set(wish.unwrap_or_default());
        }
        let said = json["message"].as_str().unwrap_or_default();
        let reason = self.poster.said(answer.status, said);
        Err(match (answer.status, json["code"].as_i64()) {
            // A page of Discord's front, which blocks an address for minutes and speaks no JSON; and its own word for the same.
            (300..=399 | 401..=404, None) | (403, Some(INTERNAL_NETWORK_ERROR)) => {
                DeliveryError::Retry { reason, after_ms: wish, throttled: false }
            }
            (401 | 403 | 404, Some(_)) => DeliveryError::Unusable { reason, remedy: Remedy::DiscordWebhook },
            (status, _) => refusal(status, reason, wish),
        })
    }
}

impl AlertChannel for Discord {
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Result<Receipt, DeliveryError>> {
        let inner = Rc::clone(&self.0);
        Box::pin(async move { inner.deliver(&parcel).await })
    }
}
