//! Channels and policy of the settings.

use super::config;
use crate::actors::ports::Clock;
use crate::actors::ports::alerts::{Parcel, Receipt};
use crate::adapters::clock::SystemClock;
use crate::app::channels::TelegramShared;
use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::alert::message::Message;
use crate::i18n::{OrFail, failure, text};
use crate::settings::Settings;
use anyhow::bail;

/// The alert policy of the settings.
pub fn policy(settings: &Settings) -> AlertPolicyConfig {
    config::alert_config(settings)
}

/// Names of the channels in use.
///
/// # Errors
/// A channel that misses something.
pub(crate) fn channel_names(settings: &Settings) -> anyhow::Result<Vec<String>> {
    Ok(super::channels::channels(settings, &TelegramShared::new(None), None)?
        .into_iter()
        .map(|c| c.name)
        .collect())
}

/// Sends a test message over one channel, without a running scanner.
///
/// # Errors
/// An unknown channel, or what the channel says.
pub async fn test(settings: &Settings, name: &str) -> anyhow::Result<Receipt> {
    let channels = super::channels::channels(settings, &TelegramShared::new(None), None)?;
    let names = || channels.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
    let Some(spec) = channels.iter().find(|c| c.name == name) else {
        bail!(failure!(channel_unknown, name = name.to_owned(), names = names()));
    };
    let message = Message::Test { at: SystemClock::new().machine_time() };
    let parcel = Parcel { key: message.key(), message, chart: None, maybe_repeated: false };
    let sent = (spec.make)().deliver(parcel).await;
    Ok(sent.or_fail(|| text!(channel_refused_test, channel = name.to_owned()))?)
}
