//! Alerts in words, in Spanish or English. Level names are never translated.

use crate::domain::alert::message::{AlertCard, CameOfMoves, Message, Notice};
use crate::domain::alert::remedy::Remedy;
use crate::domain::level_rules::LevelBasis;
use crate::domain::market_move::MarketMove;
use crate::domain::report::Components;
use crate::i18n::number::{decimals, price, short_volume};
use crate::i18n::{Language, Texts};

/// The five parts of the score: name and points.
pub(crate) fn parts(c: &Components, t: &Texts) -> [(String, f64); 5] {
    [
        (t.part_rsi(), c.rsi),
        (t.part_macd(), c.macd),
        (t.part_volume(), c.volume),
        (t.part_velocity(), c.velocity),
        (t.part_breakout(), c.breakout),
    ]
}

/// The number that decided, its line and what changed: `calibrated chance 61.5, line 60; was ALTA 52.0`. `None` where an alert of
/// an earlier version says neither. `number` writes a number with so many decimals.
pub(crate) fn why(card: &AlertCard, number: impl Fn(f64, usize) -> String, t: &Texts) -> Option<String> {
    let rounded =
        |value: f64| number(card.lines.as_deref().map_or(value, |lines| lines.rounded(value, 1)), 1);
    let decided = card.lines.as_deref().map(|lines| {
        let what = match card.ladder {
            LevelBasis::Rule => t.alert_by_score(),
            LevelBasis::Calibrated => t.alert_by_chance(),
        };
        let line = lines.threshold(card.level);
        let (value, at) = (rounded(card.value), number(line, decimals(line)));
        match card.left_below {
            // Held back until now, and fallen meanwhile: the number alone would contradict the level.
            Some(below) if card.value < line => t.alert_held(what, value, at, number(below, decimals(below))),
            _ => t.alert_met(what, value, at),
        }
    });
    let was = card.escalated_from.map(|from| t.alert_was(from.level.as_str(), rounded(from.value)));
    let parts: Vec<String> = [decided, was].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// As `why`, with numbers as messages have them.
pub(crate) fn plain_why(card: &AlertCard, t: &Texts) -> Option<String> {
    why(card, |value, places| format!("{value:.places$}"), t)
}

/// Pair, level, score with its five parts, probability, price, 24 h volume, and what changed, in one line.
pub(crate) fn one_line(card: &AlertCard, t: &Texts) -> String {
    let points = parts(&card.components, t).map(|(name, points)| format!("{name} {points:.0}")).join(" · ");
    let facts = [
        Some(format!("{} {}", card.level, card.symbol)),
        Some(t.alert_score(format!("{:.1}", card.total_score), points)),
        Some(format!("Prob +7.5% {:.2}%", card.probability_7_5)),
        card.calibrated_7_5.map(|chance| t.alert_calibrated(format!("{chance:.1}"))),
        Some(t.alert_price(price(card.price))),
        Some(t.alert_volume(short_volume(card.volume_24h))),
        plain_why(card, t),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Headline of a message: what it is, without the details.
pub(crate) fn headline(message: &Message, t: &Texts) -> String {
    match message {
        Message::Alert { alert } => {
            let up = if alert.escalated_from.is_some() { " ▲" } else { "" };
            format!("{} {}{up}", alert.level, alert.symbol)
        }
        Message::Digest { alerts, .. } => t.headline_digest(alerts.len()),
        Message::Summary { alerts, .. } => t.headline_summary(alerts.len()),
        Message::MarketMove { market_move, .. } => move_headline(market_move, t),
        Message::Notice { .. } => t.headline_notice(),
        Message::Test { .. } => t.headline_test(),
    }
}

/// How many pairs within how many minutes.
pub(crate) fn move_headline(event: &MarketMove, t: &Texts) -> String {
    t.headline_market_move(event.episodes.to_string(), event.minutes().to_string())
}

/// What a market move is, and how many pairs of earlier ones came true.
pub(crate) fn move_prose(came: Option<CameOfMoves>, t: &Texts) -> String {
    let record = came.map_or_else(
        || t.market_move_unknown(),
        |CameOfMoves { judged, hits, own }| {
            let percent = format!("{:.0}", 100.0 * f64::from(hits) / f64::from(judged.max(1)));
            if own {
                t.market_move_own(hits, judged, percent)
            } else {
                t.market_move_model(hits, judged, percent)
            }
        },
    );
    format!("{} {record}", t.market_move_is_one())
}

/// What a message says beside its alerts.
pub(crate) fn prose(message: &Message, t: &Texts) -> Option<String> {
    match message {
        Message::Notice { notice: what, .. } => Some(notice(what, t)),
        Message::MarketMove { came, .. } => Some(move_prose(*came, t)),
        Message::Test { .. } => Some(t.channel_works()),
        Message::Alert { .. } | Message::Digest { .. } | Message::Summary { .. } => None,
    }
}

/// What mends a channel.
pub(crate) fn remedy(remedy: Remedy, t: &Texts) -> String {
    match remedy {
        Remedy::TelegramToken => t.remedy_telegram_token(),
        Remedy::TelegramChat => t.remedy_telegram_chat(),
        Remedy::TelegramRights => t.remedy_telegram_rights(),
        Remedy::DiscordWebhook => t.remedy_discord_webhook(),
        Remedy::WebhookAddress => t.remedy_webhook_address(),
        Remedy::MailLogin => t.remedy_mail_login(),
        Remedy::MailRecipient => t.remedy_mail_recipient(),
        Remedy::MailSender => t.remedy_mail_sender(),
        Remedy::MailServer => t.remedy_mail_server(),
        Remedy::Refused => t.remedy_refused(),
    }
}

/// What becomes of the alerts of a channel that does not work.
pub(crate) fn fate(mend: Option<Remedy>, t: &Texts) -> String {
    if mend == Some(Remedy::Refused) { t.alerts_refused() } else { t.alerts_wait() }
}

fn notice(notice: &Notice, t: &Texts) -> String {
    match notice {
        Notice::ChannelDead { channel, reason, remedy: mend } => {
            let words = mend.map_or_else(|| t.remedy_wait(), |mend| remedy(mend, t));
            t.notice_channel_dead(channel, reason, words, fate(*mend, t))
        }
        Notice::ChannelBack { channel } => t.notice_channel_back(channel),
        Notice::Drift { began: true, .. } => t.notice_drift(),
        Notice::Drift { .. } => t.notice_drift_over(),
        Notice::DailyCap { channel, cap } => t.notice_daily_cap(channel, *cap),
        Notice::Undelivered { channel, key, reason } => t.notice_undelivered(key, channel, reason),
    }
}

/// A whole message as plain lines.
pub fn plain(message: &Message, language: Language) -> String {
    let t = language.texts();
    let title = headline(message, t);
    match message {
        Message::Alert { alert } => one_line(alert, t),
        Message::Digest { alerts, .. }
        | Message::Summary { alerts, .. }
        | Message::MarketMove { alerts, .. } => {
            let lines = alerts.iter().map(|a| one_line(a, t));
            let lines = [title].into_iter().chain(prose(message, t)).chain(lines);
            lines.collect::<Vec<_>>().join("\n")
        }
        Message::Notice { .. } | Message::Test { .. } => {
            format!("{title}: {}", prose(message, t).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::message::Escalation;
    use crate::domain::moment::MachineTime;
    use crate::domain::moment::MarketTime;
    use crate::domain::report::{Components, Level};
    use crate::domain::score::level::LevelThresholds;
    use crate::domain::symbol::Symbol;

    const fn at(ms: i64) -> MachineTime {
        MachineTime::from_ms(ms)
    }

    fn card() -> AlertCard {
        AlertCard {
            id: "BTCUSDT-60000-FUERTE".to_owned(),
            symbol: Symbol::new("BTCUSDT"),
            level: Level::Fuerte,
            ladder: LevelBasis::Rule,
            value: 91.5,
            lines: Some(Box::new(LevelThresholds::RULE)),
            left_below: Some(82.0),
            episode: None,
            escalated_from: Some(Escalation { level: Level::Alta, value: 74.0 }),
            as_of: MarketTime::from_ms(60_000),
            price: 0.001_234,
            volume_24h: 3_456_789.0,
            total_score: 91.5,
            components: Components { rsi: 20.0, macd: 20.0, volume: 25.0, velocity: 15.0, breakout: 11.5 },
            probability_7_5: 71.25,
            calibrated_7_5: None,
            composite_score: 83.4,
            velocity_1h: 4.2,
            volume_ratio: 610.0,
            rsi_14: 66.0,
            resistance: None,
            reason: String::new(),
        }
    }

    #[test]
    fn says_everything_in_both_languages() {
        let es = one_line(&card(), Language::Es.texts());
        for part in [
            "FUERTE BTCUSDT",
            "91.5",
            "71.25%",
            "0.001234",
            "3.5 M USDT",
            "puntuación 91.5, línea 85; antes ALTA 74.0",
        ] {
            assert!(es.contains(part), "{part} missing in {es}");
        }
        let en = one_line(&card(), Language::En.texts());
        assert!(en.contains("score 91.5, line 85; was ALTA 74.0") && en.contains("24 h volume"));
    }

    #[test]
    fn the_number_never_contradicts_the_level() {
        let told = |level, value| {
            let chance = AlertCard {
                level,
                value,
                ladder: LevelBasis::Calibrated,
                lines: Some(Box::new(LevelThresholds::CALIBRATED)),
                left_below: Some(LevelThresholds::CALIBRATED.threshold(level) - 3.0),
                escalated_from: None,
                ..card()
            };
            plain_why(&chance, Language::En.texts()).expect("it has lines")
        };
        assert_eq!(told(Level::Alta, 46.2), "calibrated chance 46.2, line 45");
        assert_eq!(told(Level::Alta, 59.97), "calibrated chance 59.9, line 45", "60.0 would be FUERTE");
        assert_eq!(told(Level::Alta, 44.04), "calibrated chance 44.0: entered at 45, left below 42");
        let old = AlertCard { lines: None, left_below: None, escalated_from: None, ..card() };
        assert_eq!(plain_why(&old, Language::En.texts()), None);
    }

    #[test]
    fn every_message_has_words_in_both_languages() {
        let messages = [
            Message::Alert { alert: card() },
            Message::Digest { as_of: MarketTime::EPOCH, alerts: vec![card(), card()] },
            Message::Test { at: at(0) },
            Message::Notice { at: at(0), notice: Notice::DailyCap { channel: "console".into(), cap: 9 } },
            Message::Notice { at: at(0), notice: Notice::Drift { began: true, shift_log_odds: -0.9 } },
            Message::Notice { at: at(0), notice: Notice::Drift { began: false, shift_log_odds: -0.1 } },
        ];
        for message in messages {
            let (es, en) = (plain(&message, Language::Es), plain(&message, Language::En));
            assert!(es != en && es.len() > 20, "{es} / {en}");
        }
    }
}
