//! Alerts in words, in Spanish or English. Level names are never translated.

use crate::actors::ports::alerts::Language;
use crate::domain::alert::message::{AlertCard, Message, Notice};

/// One of two texts.
pub(crate) const fn pick(language: Language, es: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Es => es,
        Language::En => en,
    }
}

/// A number of the quote asset in millions or thousands: `3.5 M`.
pub(crate) fn short_volume(volume: f64) -> String {
    match volume {
        v if v >= 1e9 => format!("{:.2} B", v / 1e9),
        v if v >= 1e6 => format!("{:.1} M", v / 1e6),
        v if v >= 1e3 => format!("{:.0} k", v / 1e3),
        v => format!("{v:.0}"),
    }
}

/// A price with as many digits as it needs.
pub fn price(value: f64) -> String {
    if value >= 1.0 { trimmed(&format!("{value:.4}")) } else { trimmed(&format!("{value:.8}")) }
}

fn trimmed(digits: &str) -> String {
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The five parts of the score: name and points.
pub fn parts(card: &AlertCard, language: Language) -> [(&'static str, f64); 5] {
    let c = card.components;
    [
        ("RSI", c.rsi),
        ("MACD", c.macd),
        (pick(language, "volumen", "volume"), c.volume),
        (pick(language, "velocidad", "velocity"), c.velocity),
        (pick(language, "ruptura", "breakout"), c.breakout),
    ]
}

/// What changed, for an escalation.
pub fn change(card: &AlertCard, language: Language) -> Option<String> {
    let from = card.escalated_from?;
    let word = pick(language, "sube desde", "up from");
    Some(format!("{word} {} ({:.1})", from.level, from.value))
}

/// Pair, level, score with its five parts, probability, price, 24 h volume, and what changed, in one line.
pub(crate) fn one_line(card: &AlertCard, language: Language) -> String {
    let points: Vec<String> =
        parts(card, language).iter().map(|(name, points)| format!("{name} {points:.0}")).collect();
    let calibrated = card.calibrated_7_5.map_or_else(String::new, |chance| {
        format!(" · {} {chance:.1}%", pick(language, "calibrada", "calibrated"))
    });
    let change = change(card, language).map_or_else(String::new, |c| format!(" · {c}"));
    format!(
        "{} {} · {} {:.1} ({}) · Prob +7.5% {:.2}%{calibrated} · {} {} · {} {} USDT{change}",
        card.level,
        card.symbol,
        pick(language, "puntos", "score"),
        card.total_score,
        points.join(" · "),
        card.probability_7_5,
        pick(language, "precio", "price"),
        price(card.price),
        pick(language, "volumen 24 h", "24 h volume"),
        short_volume(card.volume_24h),
    )
}

/// Headline of a message: what it is, without the details.
pub(crate) fn headline(message: &Message, language: Language) -> String {
    match message {
        Message::Alert { alert } => {
            let up = if alert.escalated_from.is_some() { " ▲" } else { "" };
            format!("{} {}{up}", alert.level, alert.symbol)
        }
        Message::Digest { alerts, .. } => {
            let title = pick(language, "Resumen ALTA", "ALTA digest");
            format!("{title}: {} {}", alerts.len(), pick(language, "pares", "pairs"))
        }
        Message::Summary { alerts, .. } => {
            let title = pick(language, "Muchas alertas a la vez", "Many alerts at once");
            format!("{title}: {} {}", alerts.len(), pick(language, "pares", "pairs"))
        }
        Message::Notice { .. } => pick(language, "Aviso de Impulso", "Impulso notice").to_owned(),
        Message::Test { .. } => pick(language, "Prueba de Impulso", "Impulso test").to_owned(),
    }
}

/// A notice in words.
pub fn notice(notice: &Notice, language: Language) -> String {
    let es = language == Language::Es;
    match notice {
        Notice::ChannelDead { channel, reason } if es => {
            format!("El canal {channel} no funciona: {reason}. Se sigue intentando; las alertas esperan.")
        }
        Notice::ChannelDead { channel, reason } => {
            format!("Channel {channel} does not work: {reason}. It is tried again; alerts wait for it.")
        }
        Notice::ChannelBack { channel } if es => format!("El canal {channel} vuelve a funcionar."),
        Notice::ChannelBack { channel } => format!("Channel {channel} works again."),
        Notice::Drift { began: true, .. } if es => {
            "El mercado se ha alejado de lo que el modelo aprendió: sus \
             probabilidades bajas se corrigen al máximo; tómalas con cautela."
                .to_owned()
        }
        Notice::Drift { began: true, .. } => {
            "The market has left what the model was trained on: its low chances are \
             corrected as far as is allowed; take them with care."
                .to_owned()
        }
        Notice::Drift { .. } if es => "El mercado ha vuelto a lo que el modelo aprendió.".to_owned(),
        Notice::Drift { .. } => "The market is back at what the model was trained on.".to_owned(),
        Notice::DailyCap { channel, cap } if es => {
            format!(
                "El canal {channel} llegó a su tope de {cap} mensajes de hoy: no hay más alertas hasta mañana."
            )
        }
        Notice::DailyCap { channel, cap } => {
            format!(
                "Channel {channel} reached its cap of {cap} messages today: no more alerts until tomorrow."
            )
        }
        Notice::Undelivered { channel, key, reason } if es => {
            format!("El mensaje {key} no se pudo entregar por {channel}: {reason}")
        }
        Notice::Undelivered { channel, key, reason } => {
            format!("Message {key} could not be delivered over {channel}: {reason}")
        }
    }
}

/// The text of a test message.
pub const fn test(language: Language) -> &'static str {
    pick(
        language,
        "Este canal funciona: las alertas de Impulso llegarán aquí.",
        "This channel works: Impulso's alerts will arrive here.",
    )
}

/// A mark for a message that may have been delivered before.
pub const fn repeated(language: Language) -> &'static str {
    pick(language, "(puede ser repetido)", "(may be a repetition)")
}

/// A whole message as plain lines.
pub fn plain(message: &Message, language: Language) -> String {
    let title = headline(message, language);
    match message {
        Message::Alert { alert } => one_line(alert, language),
        Message::Digest { alerts, .. } | Message::Summary { alerts, .. } => {
            let lines: Vec<String> = alerts.iter().map(|a| one_line(a, language)).collect();
            format!("{title}\n{}", lines.join("\n"))
        }
        Message::Notice { notice: what, .. } => format!("{title}: {}", notice(what, language)),
        Message::Test { .. } => format!("{title}: {}", test(language)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::message::Escalation;
    use crate::domain::level_rules::LevelBasis;
    use crate::domain::report::{Components, Level};
    use crate::domain::symbol::Symbol;

    fn card() -> AlertCard {
        AlertCard {
            id: "BTCUSDT-60000-FUERTE".to_owned(),
            symbol: Symbol::new("BTCUSDT"),
            level: Level::Fuerte,
            ladder: LevelBasis::Rule,
            value: 91.5,
            escalated_from: Some(Escalation { level: Level::Alta, value: 74.0 }),
            as_of: 60_000,
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
        let es = one_line(&card(), Language::Es);
        for part in ["FUERTE BTCUSDT", "91.5", "71.25%", "0.001234", "3.5 M USDT", "sube desde ALTA (74.0)"] {
            assert!(es.contains(part), "{part} missing in {es}");
        }
        let en = one_line(&card(), Language::En);
        assert!(en.contains("up from ALTA (74.0)") && en.contains("24 h volume"));
    }

    #[test]
    fn numbers_keep_the_digits_that_matter() {
        assert_eq!(
            (price(64_250.5), price(0.000_012), price(1.0)),
            ("64250.5".into(), "0.000012".into(), "1".into())
        );
        assert_eq!((short_volume(1.5e9), short_volume(2_500.0)), ("1.50 B".into(), "2 k".into()));
    }

    #[test]
    fn every_message_has_words_in_both_languages() {
        let messages = [
            Message::Alert { alert: card() },
            Message::Digest { as_of: 0, alerts: vec![card(), card()] },
            Message::Test { at: 0 },
            Message::Notice { at: 0, notice: Notice::DailyCap { channel: "console".into(), cap: 9 } },
            Message::Notice { at: 0, notice: Notice::Drift { began: true, shift_log_odds: -0.9 } },
            Message::Notice { at: 0, notice: Notice::Drift { began: false, shift_log_odds: -0.1 } },
        ];
        for message in messages {
            let (es, en) = (plain(&message, Language::Es), plain(&message, Language::En));
            assert!(es != en && es.len() > 20, "{es} / {en}");
        }
    }
}
