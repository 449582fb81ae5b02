//! Alerts on the terminal: one line of the log each.

use crate::actors::ports::{AlertChannel, DeliveryError};
use futures_util::future::{LocalBoxFuture, ready};

/// Writes alerts to the log, where every run shows them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Console;

impl AlertChannel for Console {
    fn name(&self) -> &str {
        "console"
    }

    fn deliver(&self, text: String) -> LocalBoxFuture<'static, Result<(), DeliveryError>> {
        tracing::info!(target: "impulso::alert", channel = "console", "{text}");
        Box::pin(ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_rt::test]
    async fn delivers() {
        assert_eq!(Console.name(), "console");
        assert_eq!(Console.deliver("FUERTE BTCUSDT".to_owned()).await, Ok(()));
    }
}
