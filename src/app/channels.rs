//! Channels of the settings: one for each chat, webhook and mailbox list.

use crate::actors::ports::alerts::{AlertChannel, ChannelSpec};
use crate::actors::ports::state::OperationalState;
use crate::adapters::notify::console::Console;
use crate::adapters::notify::discord::{Discord, DiscordLimits, DiscordSettings};
use crate::adapters::notify::email::{Email, EmailSettings};
use crate::adapters::notify::telegram::{ChatMoves, Telegram, TelegramLimits, TelegramSettings};
use crate::adapters::notify::webhook::Webhook;
use crate::i18n::{Failure, OrFail, text};
use crate::settings::Settings;
use crate::settings::SettingsError;
use crate::settings::channels::{CommonSettings, parse_chat};
use std::sync::Arc;

/// Where the numbers of chats that became supergroups are kept.
const MOVES_KEY: &str = "telegram_moves";

/// What the channels of the Telegram bot share, with each other and with its ear.
#[derive(Clone)]
pub(super) struct TelegramShared {
    pub(super) limits: Arc<TelegramLimits>,
    pub(super) moves: Arc<ChatMoves>,
}

impl TelegramShared {
    /// With the moves that the state remembers; they are not kept without one.
    pub(super) fn new(state: Option<&Arc<dyn OperationalState>>) -> Self {
        let moves = state.map_or_else(ChatMoves::default, |state| {
            let kept = state.get(MOVES_KEY).unwrap_or_else(|error| {
                tracing::warn!(%error, "the moves of Telegram chats cannot be read; they are found again");
                None
            });
            let state = Arc::clone(state);
            ChatMoves::kept(kept.as_deref(), move |text| {
                if let Err(error) = state.put(MOVES_KEY, text) {
                    tracing::warn!(%error, "a move of a Telegram chat could not be written; it is found again");
                }
            })
        });
        Self { limits: Arc::new(TelegramLimits::new()), moves: Arc::new(moves) }
    }
}

/// The channels in use. `page`: where messages link to, unless the settings say.
///
/// # Errors
/// A channel whose settings make no sense; the text names the key and holds no secret.
pub(super) fn channels(
    settings: &Settings,
    telegram: &TelegramShared,
    page: Option<&str>,
) -> anyhow::Result<Vec<ChannelSpec>> {
    let own = &settings.alert.dashboard_url;
    let link = if own.is_empty() { page.map(str::to_owned) } else { Some(own.clone()) };
    let link = link.map(|url| url.trim_end_matches('/').to_owned());
    let mut all = console(settings);
    all.extend(self::telegram(settings, telegram, link.as_ref())?);
    all.extend(discord(settings, link.as_ref())?);
    all.extend(email(settings, link.as_ref())?);
    all.extend(webhook(settings, link.as_ref())?);
    Ok(all)
}

type Make = Arc<dyn Fn() -> Box<dyn AlertChannel> + Send + Sync>;

fn spec(
    settings: &Settings,
    common: &CommonSettings,
    name: String,
    idempotent: bool,
    make: Make,
) -> ChannelSpec {
    ChannelSpec {
        name,
        language: common.language(settings.alert.language),
        daily_cap: (common.daily_cap > 0).then_some(common.daily_cap),
        idempotent,
        resend_uncertain: true,
        charts: common.charts,
        min_level: common.min_level,
        make,
    }
}

fn wrong(key: &str, reason: Failure) -> SettingsError {
    SettingsError::Value {
        key: key.to_owned(),
        found: text!(setting_not_usable),
        allowed: reason.into_text(),
    }
}

fn console(settings: &Settings) -> Vec<ChannelSpec> {
    let common = &settings.channels.console.common;
    let language = common.language(settings.alert.language);
    let make: Make = Arc::new(move || Box::new(Console { language }));
    let made = common.enabled.then(|| spec(settings, common, "console".to_owned(), true, make));
    made.into_iter().collect()
}

fn telegram(
    settings: &Settings,
    shared: &TelegramShared,
    link: Option<&String>,
) -> anyhow::Result<Vec<ChannelSpec>> {
    let own = &settings.channels.telegram;
    let mut all = Vec::new();
    let chats = own.chats.iter().filter_map(|chat| Some((chat, parse_chat(chat)?)));
    for (chat, (id, topic)) in chats.filter(|_| own.common.enabled) {
        let mut to = TelegramSettings::new(own.token.clone(), &id);
        to.base_url.clone_from(&own.base_url);
        (to.topic, to.dashboard_url) = (topic, link.cloned());
        to.language = own.common.language(settings.alert.language);
        to.check().map_err(|e| wrong("channels.telegram", e))?;
        let TelegramShared { limits, moves } = shared.clone();
        let make: Make = Arc::new(move || Box::new(Telegram::new(to.clone(), &limits, &moves)));
        let mut made = spec(settings, &own.common, format!("telegram:{chat}"), false, make);
        made.resend_uncertain = own.resend_uncertain;
        all.push(made);
    }
    Ok(all)
}

fn discord(settings: &Settings, link: Option<&String>) -> anyhow::Result<Vec<ChannelSpec>> {
    let own = &settings.channels.discord;
    let limits = Arc::new(DiscordLimits::new());
    let mut all = Vec::new();
    // The address is the secret: channels are known by their place in the list.
    for (at, url) in own.webhook_urls.iter().enumerate().filter(|_| own.common.enabled) {
        let mut to = DiscordSettings::new(url.clone());
        to.dashboard_url = link.cloned();
        to.language = own.common.language(settings.alert.language);
        to.check().map_err(|e| wrong("channels.discord.webhook_urls", e))?;
        let limits = Arc::clone(&limits);
        let make: Make = Arc::new(move || Box::new(Discord::new(to.clone(), &limits)));
        let mut made = spec(settings, &own.common, format!("discord:{}", at + 1), false, make);
        made.resend_uncertain = own.resend_uncertain;
        all.push(made);
    }
    Ok(all)
}

fn email(settings: &Settings, link: Option<&String>) -> anyhow::Result<Vec<ChannelSpec>> {
    let own = &settings.channels.email;
    if !own.common.enabled {
        return Ok(Vec::new());
    }
    let mut to = own.mail.clone();
    if !own.ca_file.is_empty() {
        let pem = std::fs::read(&own.ca_file);
        to.ca_pem = Some(pem.or_fail(|| text!(ca_file_unreadable, place = own.ca_file.clone()))?);
    }
    to.dashboard_url = link.cloned();
    to.language = own.common.language(settings.alert.language);
    to.check().map_err(|e| wrong("channels.email", e))?;
    // A channel for each recipient. The first keeps the name that all had together, and with it what waits in the outbox.
    let name = |at: usize| if at == 0 { "email".to_owned() } else { format!("email:{}", at + 1) };
    let made = to.to.iter().enumerate().map(|(at, recipient)| {
        let to = EmailSettings { to: vec![recipient.clone()], ..to.clone() };
        // The Message-ID stays the same over all tries, by which mailboxes drop a second copy.
        let make: Make = Arc::new(move || Box::new(Email::new(to.clone())));
        spec(settings, &own.common, name(at), true, make)
    });
    Ok(made.collect())
}

fn webhook(settings: &Settings, link: Option<&String>) -> anyhow::Result<Option<ChannelSpec>> {
    let own = &settings.channels.webhook;
    if !own.common.enabled {
        return Ok(None);
    }
    let mut to = own.receiver.clone();
    to.dashboard_url = link.cloned();
    to.language = own.common.language(settings.alert.language);
    to.check().map_err(|e| wrong("channels.webhook.url", e))?;
    let make: Make = Arc::new(move || Box::new(Webhook::new(to.clone())));
    Ok(Some(spec(settings, &own.common, "webhook".to_owned(), true, make)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Sources;

    #[test]
    fn every_mail_recipient_is_a_channel() {
        let mut settings = Settings::load(&Sources::default()).unwrap();
        let own = &mut settings.channels.email;
        own.common.enabled = true;
        own.mail = EmailSettings::new("mail.example.org", "a@example.org", vec!["b@example.org".to_owned()]);
        own.mail.to.push("c@example.org".to_owned());
        let all = channels(&settings, &TelegramShared::new(None), None).unwrap();
        let names: Vec<&str> = all.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["console", "email", "email:2"]);
    }
}
