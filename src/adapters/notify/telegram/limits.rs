//! Telegram's limits, shared by all channels of one bot.

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;

/// One message a second to a chat, 20 a minute to a group, 30 a second in all. Each burst together with what flows
/// back during the span stays within the limit, so that no span of that length ever sees more.
pub struct TelegramLimits {
    chat: DefaultKeyedRateLimiter<String>,
    group: DefaultKeyedRateLimiter<String>,
    all: DefaultDirectRateLimiter,
}

impl std::fmt::Debug for TelegramLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TelegramLimits").finish_non_exhaustive()
    }
}

impl Default for TelegramLimits {
    fn default() -> Self {
        Self::new()
    }
}

impl TelegramLimits {
    /// Fresh limits of one bot.
    pub fn new() -> Self {
        Self {
            chat: RateLimiter::keyed(quota(Duration::from_secs(1), 1)),
            group: RateLimiter::keyed(quota(Duration::from_secs(4), 5)),
            // A burst of 10 and 20 that flow back are the 30 of any second; 5 and 15 the 20 of any minute.
            all: RateLimiter::direct(quota(Duration::from_millis(50), 10)),
        }
    }

    /// Waits until a message may go to `chat`.
    pub(super) async fn wait(&self, chat: &str) {
        let chat = chat.to_owned();
        // Groups have negative numbers; channels may have a name with @.
        if chat.starts_with(['-', '@']) {
            self.group.until_key_ready(&chat).await;
        }
        self.chat.until_key_ready(&chat).await;
        self.all.until_ready().await;
    }
}

fn quota(every: Duration, burst: u32) -> Quota {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    // The first is for a span of zero, which none of these is.
    Quota::with_period(every).unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN)).allow_burst(burst)
}
