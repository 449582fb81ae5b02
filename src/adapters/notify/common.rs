//! What the channels share in words: facts of an alert, links, escapes and cuts.

use crate::actors::alert::text;
use crate::actors::ports::alerts::Parcel;
use crate::domain::alert::message::{AlertCard, Message};
use crate::domain::percent::percent_encoded;
use crate::i18n::{Language, number};
use serde::{Deserialize, Deserializer};

/// Longest text of a notice, characters: it holds words of others.
const MAX_NOTICE: usize = 700;

/// A setting that may be left empty.
pub(crate) fn unless_empty<'de, D: Deserializer<'de>, T: From<String>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(from)?;
    Ok((!text.is_empty()).then(|| text.into()))
}

/// Label and value of everything that a reader of an alert needs.
pub(super) fn facts(card: &AlertCard, language: Language) -> Vec<(String, String)> {
    let t = language.texts();
    let points =
        text::parts(&card.components, t).map(|(name, points)| format!("{name} {points:.1}")).join(" · ");
    let mut facts = vec![
        (t.fact_score(), format!("{:.1} ({points})", card.total_score)),
        ("Prob +7.5%".to_owned(), format!("{:.2}%", card.probability_7_5)),
    ];
    if let Some(chance) = card.calibrated_7_5 {
        facts.push((t.calibrated(), format!("{chance:.1}%")));
    }
    facts.push((t.price(), format!("{} USDT", number::price(card.price))));
    facts.push((t.fact_volume(), format!("{} USDT", number::short_volume(card.volume_24h))));
    if let Some(why) = text::plain_why(card, t) {
        facts.push((t.reason(), why));
    }
    facts
}

/// Headline, marked where the message may be a repetition.
pub(super) fn title(parcel: &Parcel, language: Language) -> String {
    let t = language.texts();
    let headline = text::headline(&parcel.message, t);
    if parcel.maybe_repeated { format!("{headline} {}", t.maybe_repeated()) } else { headline }
}

/// The whole message in words, marked likewise.
pub(super) fn plain(parcel: &Parcel, language: Language) -> String {
    let (words, mark) = (text::plain(&parcel.message, language), language.texts().maybe_repeated());
    match words.split_once('\n') {
        _ if !parcel.maybe_repeated => words,
        Some((first, rest)) => format!("{first} {mark}\n{rest}"),
        None => format!("{words} {mark}"),
    }
}

/// What a message says beside its alerts.
pub(super) fn prose(message: &Message, language: Language) -> Option<String> {
    text::prose(message, language.texts()).map(|words| words.chars().take(MAX_NOTICE).collect())
}

/// Address of a pair's page.
pub(super) fn link(dashboard_url: Option<&str>, symbol: &str) -> Option<String> {
    let base = dashboard_url?.trim_end_matches('/');
    Some(format!("{base}/s/{}", percent_encoded(symbol)))
}

/// Text inside HTML and inside its attributes.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// As many whole lines as fit into `max` UTF-16 units; what is left out is counted in a last line.
pub(super) fn fit(lines: &[String], max: usize) -> String {
    let length = |line: &str| line.encode_utf16().count();
    let whole = lines.join("\n");
    if length(&whole) <= max {
        return whole;
    }
    let room = max.saturating_sub("\n… +1000000".len());
    let mut used = 0;
    let kept = lines
        .iter()
        .take_while(|line| {
            used += length(line) + 1;
            used <= room
        })
        .count();
    format!("{}\n… +{}", lines[..kept].join("\n"), lines.len() - kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_hold_any_name() {
        assert_eq!(link(Some("https://h/i/"), "BTCUSDT").unwrap(), "https://h/i/s/BTCUSDT");
        assert_eq!(link(Some("http://h"), "币/\"").unwrap(), "http://h/s/%E5%B8%81%2F%22");
        assert!(link(None, "BTCUSDT").is_none());
    }

    #[test]
    fn cuts_at_whole_lines_and_counts_the_rest() {
        let lines: Vec<String> = (0..100).map(|i| format!("line {i:03}")).collect();
        assert_eq!(fit(&lines, 1_000), lines.join("\n"));
        let cut = fit(&lines, 100);
        assert!(cut.encode_utf16().count() <= 100 && cut.starts_with("line 000\n"), "{cut}");
        assert!(cut.ends_with("line 008\n… +91"), "{cut}");
    }
}
