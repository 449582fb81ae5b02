//! Alerts on the terminal: one line of the log each.

use super::common::plain;
use crate::actors::ports::alerts::{AlertChannel, DeliveryError, Parcel, Receipt};
use crate::i18n::Language;
use futures_util::future::{LocalBoxFuture, ready};

/// Writes messages to the log, where every run shows them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Console {
    /// Language of the lines.
    pub language: Language,
}

impl AlertChannel for Console {
    fn deliver(&self, parcel: Parcel) -> LocalBoxFuture<'static, Result<Receipt, DeliveryError>> {
        for line in plain(&parcel, self.language).lines() {
            tracing::info!(target: "impulso::alert", channel = "console", "{line}");
        }
        Box::pin(ready(Ok(Receipt::default())))
    }
}
