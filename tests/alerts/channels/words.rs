//! What each channel sends for every kind of message, in both languages.

use super::email::{Server, hasty as hasty_email};
use super::fixture::bot_api::sent;
use super::fixture::receiver::{FakeReceiver, Play, json};
use super::fixture::{LANGUAGES, card, deliver, parcel};
use crate::support::snapshots::{html_lines, json_lines, same_as_kept};
use impulso::actors::ports::alerts::Parcel;
use impulso::adapters::notify::discord::{Discord, DiscordLimits, DiscordSettings};
use impulso::adapters::notify::email::{EmailSettings, Security};
use impulso::adapters::notify::telegram::{Telegram, TelegramLimits, TelegramSettings};
use impulso::adapters::notify::webhook::{Webhook, WebhookSettings};
use impulso::domain::alert::message::{AlertCard, CameOfMoves, Message, Notice};
use impulso::domain::alert::remedy::Remedy;
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::market_move::MarketMove;
use impulso::domain::moment::MachineTime;
use impulso::domain::moment::MarketTime;
use impulso::domain::report::Level;
use impulso::i18n::Language;
use serde_json::json as value;
use std::sync::Arc;

const AT: MarketTime = MarketTime::from_ms(1_750_000_000_000);
const PANEL: &str = "https://impulso.example";

/// Every kind of message, and every notice.
fn messages() -> Vec<Parcel> {
    let plain = AlertCard {
        ladder: LevelBasis::Rule,
        escalated_from: None,
        calibrated_7_5: None,
        ..card("ETHUSDT", Level::Alta)
    };
    let channel = || "telegram:1".to_owned();
    let notices = [
        Notice::ChannelDead { channel: channel(), reason: "401 Unauthorized".to_owned(), remedy: None },
        Notice::ChannelDead {
            channel: channel(),
            reason: "401 Unauthorized".to_owned(),
            remedy: Some(Remedy::TelegramToken),
        },
        Notice::ChannelDead {
            channel: channel(),
            reason: "413 Too Large".to_owned(),
            remedy: Some(Remedy::Refused),
        },
        Notice::ChannelBack { channel: channel() },
        Notice::Drift { began: true, shift_log_odds: -0.9 },
        Notice::Drift { began: false, shift_log_odds: -0.1 },
        Notice::DailyCap { channel: channel(), cap: 9 },
        Notice::Undelivered { channel: channel(), key: "k".to_owned(), reason: "400".to_owned() },
    ];
    let pair = || vec![card("BTCUSDT", Level::Fuerte), plain.clone()];
    let mut all = vec![
        parcel(Message::Alert { alert: plain.clone() }),
        Parcel {
            maybe_repeated: true, ..parcel(Message::Alert { alert: card("币<i>USDT", Level::Fuerte) })
        },
        parcel(Message::Digest { as_of: AT, alerts: pair() }),
        parcel(Message::Summary { as_of: AT, alerts: pair() }),
        parcel(Message::MarketMove {
            as_of: AT,
            market_move: MarketMove {
                since: MarketTime::from_ms(AT.ms() - 2_520_000),
                until: AT,
                episodes: 23,
            },
            came: Some(CameOfMoves { judged: 120, hits: 74, own: true }),
            alerts: pair(),
        }),
        parcel(Message::MarketMove {
            as_of: MarketTime::from_ms(AT.ms() + 1),
            market_move: MarketMove { since: AT, until: AT, episodes: 8 },
            came: None,
            alerts: pair(),
        }),
        parcel(Message::Test { at: MachineTime::from_ms(AT.ms()) }),
    ];
    all.extend(notices.map(|notice| parcel(Message::Notice { at: MachineTime::from_ms(AT.ms()), notice })));
    all
}

const fn code(language: Language) -> &'static str {
    match language {
        Language::Es => "es",
        Language::En => "en",
    }
}

fn kept(channel: &str, language: Language, texts: &[String]) {
    let passing = [(r#""sent_at": \d+"#, r#""sent_at": "MOMENT""#)];
    same_as_kept("messages", &format!("{channel}-{}", code(language)), &texts.join("\n\n"), &passing);
}

#[actix_rt::test]
async fn words_of_discord() {
    let receiver = FakeReceiver::start(json(200, &value!({ "id": "1" })));
    for language in LANGUAGES {
        for parcel in messages() {
            let settings = DiscordSettings {
                language,
                dashboard_url: Some(PANEL.to_owned()),
                ..DiscordSettings::new(format!("{}/api/webhooks/77/hook", receiver.url()).into())
            };
            deliver(&Discord::new(settings, &Arc::new(DiscordLimits::new())), parcel).await.unwrap();
        }
        let texts: Vec<String> = receiver.take().iter().map(|r| json_lines(&r.json())).collect();
        kept("discord", language, &texts);
    }
}

#[actix_rt::test]
async fn words_of_telegram() {
    let receiver = FakeReceiver::start(sent(1));
    for language in LANGUAGES {
        for (parcel, chat) in messages().into_iter().zip(1..) {
            let settings = TelegramSettings {
                language,
                base_url: receiver.url(),
                dashboard_url: Some(PANEL.to_owned()),
                ..TelegramSettings::new("123456:AAE-part".into(), &chat.to_string())
            };
            deliver(&Telegram::new(settings, &Arc::new(TelegramLimits::new()), &Arc::default()), parcel)
                .await
                .unwrap();
        }
        let text = |r: &super::fixture::receiver::Request| r.json()["text"].as_str().unwrap().to_owned();
        kept("telegram", language, &receiver.take().iter().map(text).collect::<Vec<_>>());
    }
}

#[actix_rt::test]
async fn words_of_the_webhook() {
    let receiver = FakeReceiver::start(Play::Answer(204, vec![], String::new()));
    for language in LANGUAGES {
        for parcel in messages() {
            let settings = WebhookSettings {
                language,
                dashboard_url: Some(PANEL.to_owned()),
                ..WebhookSettings::new(format!("{}/in", receiver.url()).into())
            };
            deliver(&Webhook::new(settings), parcel).await.unwrap();
        }
        let texts: Vec<String> = receiver.take().iter().map(|r| json_lines(&r.json())).collect();
        kept("webhook", language, &texts);
    }
}

#[actix_rt::test]
async fn words_of_the_mail() {
    let server = Server::start();
    for language in LANGUAGES {
        let mut texts = Vec::new();
        for parcel in messages() {
            let settings =
                EmailSettings { language, ..server.settings(Security::None, &["ana@example.org"]) };
            deliver(&hasty_email(settings), parcel).await.unwrap();
            let mail = server.mail();
            let part = |kind: &str| {
                let parts = mail["parts"].as_array().unwrap();
                parts.iter().find(|p| p["type"] == kind).unwrap()["text"].as_str().unwrap().to_owned()
            };
            let plain = part("text/plain").replace('\r', "");
            let html = html_lines(&part("text/html"));
            texts.push(format!("{}\n{plain}\n{html}", mail["subject"].as_str().unwrap()));
        }
        kept("email", language, &texts);
    }
}
