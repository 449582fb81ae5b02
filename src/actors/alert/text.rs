//! An alert in one line of text, in Spanish or English. Level names are never translated.

use crate::domain::alert::policy::Alert;
use serde::Deserialize;

/// Language of what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Spanish.
    #[default]
    Es,
    /// English.
    En,
}

/// Pair, level, score with its five parts, probability, price, 24 h volume, and what changed.
#[must_use]
pub fn one_line(alert: &Alert, language: Language) -> String {
    let analysis = &alert.row.analysis;
    let parts = analysis.components;
    let points = format!(
        "RSI {:.0} · MACD {:.0} · {} {:.0} · {} {:.0} · {} {:.1}",
        parts.rsi,
        parts.macd,
        pick(language, "volumen", "volume"),
        parts.volume,
        pick(language, "velocidad", "velocity"),
        parts.velocity,
        pick(language, "ruptura", "breakout"),
        parts.breakout
    );
    let change = alert.escalated_from.map_or_else(String::new, |from| {
        let word = pick(language, "sube desde", "up from");
        format!(" · {word} {} ({:.1})", from.level, from.value)
    });
    let millions = analysis.volume_24h / 1e6;
    format!(
        "{} {} · {} {:.1} ({points}) · Prob +7.5% {:.2}% · {} {} · {} {millions:.1} M USDT{change}",
        alert.kind,
        alert.row.symbol,
        pick(language, "puntos", "score"),
        analysis.total_score,
        analysis.probability_7_5,
        pick(language, "precio", "price"),
        analysis.current_price,
        pick(language, "volumen 24 h", "24 h volume"),
    )
}

const fn pick(language: Language, es: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Es => es,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::policy::Escalation;
    use crate::domain::ranking::Row;
    use crate::domain::report::{Analysis, Components, Factors, Indicators, Level};
    use crate::domain::symbol::Symbol;
    use std::sync::Arc;

    #[test]
    fn says_what_where_and_from_what_it_rose() {
        let analysis = Analysis {
            timestamp: 1,
            current_price: 0.0125,
            volume_24h: 3_400_000.0,
            total_score: 95.0,
            components: Components { rsi: 20.0, macd: 20.0, volume: 25.0, velocity: 15.0, breakout: 15.0 },
            indicators: Indicators::default(),
            probability_7_5: 71.5,
            factors: Factors::default(),
            composite_score: 85.6,
            confidence_level: Level::Fuerte,
            btc_analyzable: true,
            resistance: None,
        };
        let row = Row {
            symbol: Symbol::new("币安人生USDT"),
            analysis: Arc::new(analysis),
            calibrated_7_5: None,
            alert_level: None,
            data_age_ms: 0,
        };
        let from = Some(Escalation { level: Level::Alta, value: 74.0 });
        let alert = Alert {
            row,
            kind: Level::Fuerte,
            escalated_from: from,
            value: 95.0,
            as_of: 1,
            reason: String::new(),
        };
        assert_eq!(
            one_line(&alert, Language::Es),
            "FUERTE 币安人生USDT · puntos 95.0 (RSI 20 · MACD 20 · volumen 25 · velocidad 15 · ruptura 15.0) · \
             Prob +7.5% 71.50% · precio 0.0125 · volumen 24 h 3.4 M USDT · sube desde ALTA (74.0)"
        );
        assert!(one_line(&alert, Language::En).ends_with("24 h volume 3.4 M USDT · up from ALTA (74.0)"));
    }
}
