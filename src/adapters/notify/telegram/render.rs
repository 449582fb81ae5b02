//! Messages as Telegram's HTML.

use super::settings::TelegramSettings;
use crate::actors::alert::text;
use crate::actors::ports::alerts::Parcel;
use crate::adapters::notify::common::{escape, facts, fit, link, prose, title};
use crate::domain::alert::message::{AlertCard, Message};

/// Longest message, UTF-16 units. Telegram counts it without the tags; this counts them too.
const MAX_TEXT: usize = 4_096;

pub(super) fn html(parcel: &Parcel, settings: &TelegramSettings) -> String {
    let mut lines = vec![format!("<b>{}</b>", escape(&title(parcel, settings.language)))];
    match &parcel.message {
        Message::Alert { alert } => lines.extend(full(alert, settings)),
        other => {
            lines.extend(prose(other, settings.language).map(|words| escape(&words)));
            lines.extend(other.alerts().iter().map(|alert| brief(alert, settings)));
        }
    }
    fit(&lines, MAX_TEXT)
}

fn full(card: &AlertCard, settings: &TelegramSettings) -> Vec<String> {
    let facts = facts(card, settings.language);
    let mut lines: Vec<String> =
        facts.iter().map(|(label, value)| format!("{label}: <b>{}</b>", escape(value))).collect();
    if let Some(url) = link(settings.dashboard_url.as_deref(), card.symbol.as_str()) {
        lines.push(format!("<a href=\"{}\">{}</a>", escape(&url), settings.language.texts().open_page()));
    }
    lines
}

fn brief(card: &AlertCard, settings: &TelegramSettings) -> String {
    let t = settings.language.texts();
    let line = escape(&text::one_line(card, t));
    match link(settings.dashboard_url.as_deref(), card.symbol.as_str()) {
        Some(url) => format!("• {line} · <a href=\"{}\">{}</a>", escape(&url), t.open_page()),
        None => format!("• {line}"),
    }
}
