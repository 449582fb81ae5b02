//! Messages as Discord's embeds.

use super::settings::DiscordSettings;
use crate::actors::ports::alerts::Parcel;
use crate::adapters::notify::common::{facts, link, prose, title};
use crate::domain::alert::message::AlertCard;
use crate::domain::report::Level;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Most embeds of a message: Discord refuses the whole message above it.
const MAX_EMBEDS: usize = 10;
/// Most characters of all embeds of a message. Discord's limit is 6,000 and it counts in its own way (emoji, surrogates):
/// a little room keeps a message from being refused whole.
const MAX_CHARS: usize = 5_900;

/// The body of the request.
pub(super) fn payload(parcel: &Parcel, settings: &DiscordSettings) -> Value {
    let alerts = parcel.message.alerts();
    let words = prose(&parcel.message, settings.language);
    let mut used = words.as_ref().map_or(0, |words| words.chars().count());
    // First, as it says what the alerts are.
    let mut embeds: Vec<Value> = words
        .map(|words| json!({ "description": words, "color": color(Level::Media) }))
        .into_iter()
        .collect();
    let beside = embeds.len();
    for card in alerts.iter().take(MAX_EMBEDS - beside) {
        let (embed, length) = embed(card, settings);
        used += length;
        if used > MAX_CHARS {
            break;
        }
        embeds.push(embed);
    }
    let mut content = title(parcel, settings.language);
    let left_out = alerts.len() - (embeds.len() - beside);
    if left_out > 0 {
        content = format!("{content} … +{left_out}");
    }
    let mut payload = json!({ "content": content, "embeds": embeds, "allowed_mentions": { "parse": [] } });
    if parcel.chart.is_some() {
        payload["attachments"] = json!([{ "id": "0", "filename": "chart.png" }]);
        payload["embeds"][beside]["image"] = json!({ "url": "attachment://chart.png" });
    }
    payload
}

/// One alert, and how many characters it counts.
fn embed(card: &AlertCard, settings: &DiscordSettings) -> (Value, usize) {
    let title = format!("{} {}", card.level, card.symbol);
    let footer = "Impulso";
    let mut length = title.chars().count() + footer.len();
    let fields: Vec<Value> = facts(card, settings.language)
        .into_iter()
        .enumerate()
        .map(|(index, (name, value))| {
            length += name.chars().count() + value.chars().count();
            json!({ "name": name, "value": value, "inline": index > 0 })
        })
        .collect();
    let mut embed = json!({
        "title": title, "color": color(card.level), "fields": fields, "footer": { "text": footer },
    });
    let url = link(settings.dashboard_url.as_deref(), card.symbol.as_str());
    if let Some(url) = url.filter(|url| public(url)) {
        embed["url"] = Value::from(url);
    }
    if let Ok(at) = Timestamp::from_millisecond(card.as_of.ms()) {
        embed["timestamp"] = Value::from(at.to_string());
    }
    (embed, length)
}

/// Discord may refuse a whole message for a link to a bare name such as `localhost`.
fn public(url: &str) -> bool {
    let uri = url.parse::<awc::http::Uri>().ok();
    uri.and_then(|uri| uri.host().map(|host| host.contains('.'))).unwrap_or(false)
}

const fn color(level: Level) -> u32 {
    match level {
        Level::Fuerte => 0x00e0_3b24,
        Level::Alta => 0x00f0_9a1a,
        Level::Media => 0x003b_82f6,
        Level::Baja | Level::Descartada => 0x0094_a3b8,
    }
}
