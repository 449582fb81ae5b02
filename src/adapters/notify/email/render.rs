//! Messages as mail: plain text, HTML, and the chart inside the HTML.

use super::settings::{EmailSettings, mailbox};
use crate::actors::alert::text;
use crate::actors::ports::alerts::Parcel;
use crate::adapters::notify::common::{escape, facts, link, prose, title};
use crate::domain::alert::message::AlertCard;
use crate::i18n::Failure;
use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, MultiPart, SinglePart};
use ring::digest::{Context, SHA256};

#[derive(Debug, thiserror::Error)]
pub(super) enum RenderError {
    #[error(transparent)]
    Address(#[from] Failure),
    #[error(transparent)]
    Message(#[from] lettre::error::Error),
}

/// The message and its id.
pub(super) fn message(parcel: &Parcel, settings: &EmailSettings) -> Result<(Message, String), RenderError> {
    let from = mailbox(&settings.from)?;
    let id = format!("<{}@{}>", fingerprint(parcel, settings), from.email.domain());
    let mut builder =
        Message::builder().from(from).message_id(Some(id.clone())).subject(title(parcel, settings.language));
    for to in &settings.to {
        builder = builder.to(mailbox(to)?);
    }
    let html = SinglePart::html(html(parcel, settings));
    let rich = match &parcel.chart {
        Some(png) => {
            let kind = ContentType::parse("image/png").expect("a type of content");
            let chart = Attachment::new_inline_with_name("chart".to_owned(), "chart.png".to_owned());
            MultiPart::related().singlepart(html).singlepart(chart.body(png.to_vec(), kind))
        }
        None => MultiPart::related().singlepart(html),
    };
    let both =
        MultiPart::alternative().singlepart(SinglePart::plain(plain(parcel, settings))).multipart(rich);
    Ok((builder.multipart(both)?, id))
}

/// The same for every try of a message to these recipients: mailboxes drop the second one.
fn fingerprint(parcel: &Parcel, settings: &EmailSettings) -> String {
    let mut context = Context::new(&SHA256);
    for part in std::iter::once(&parcel.key).chain(&settings.to) {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    hex::encode(&context.finish().as_ref()[..16])
}

fn plain(parcel: &Parcel, settings: &EmailSettings) -> String {
    let mut lines = vec![title(parcel, settings.language)];
    lines.extend(prose(&parcel.message, settings.language));
    for card in parcel.message.alerts() {
        lines.push(String::new());
        lines.push(format!("{} {}", card.level, card.symbol));
        lines.extend(facts(card, settings.language).iter().map(|(label, value)| format!("{label}: {value}")));
        lines.extend(link(settings.dashboard_url.as_deref(), card.symbol.as_str()));
    }
    lines.join("\r\n")
}

fn html(parcel: &Parcel, settings: &EmailSettings) -> String {
    let t = settings.language.texts();
    let mut body = format!("<h2>{}</h2>", escape(&text::headline(&parcel.message, t)));
    if parcel.maybe_repeated {
        body.push_str(&format!("<p>{}</p>", escape(&t.maybe_repeated())));
    }
    if let Some(words) = prose(&parcel.message, settings.language) {
        body.push_str(&format!("<p>{}</p>", escape(&words)));
    }
    for card in parcel.message.alerts() {
        body.push_str(&section(card, settings));
    }
    if parcel.chart.is_some() {
        body.push_str("<p><img src=\"cid:chart\" alt=\"24 h\" width=\"640\" height=\"320\"></p>");
    }
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"></head>\
         <body style=\"font-family:sans-serif\">{body}</body></html>"
    )
}

fn section(card: &AlertCard, settings: &EmailSettings) -> String {
    let rows: String = facts(card, settings.language)
        .iter()
        .map(|(label, value)| {
            let (label, value) = (escape(label), escape(value));
            format!("<tr><th align=\"left\">{label}</th><td>{value}</td></tr>")
        })
        .collect();
    let link =
        link(settings.dashboard_url.as_deref(), card.symbol.as_str()).map_or_else(String::new, |url| {
            format!(
                "<p><a href=\"{}\">{}</a></p>",
                escape(&url),
                escape(&settings.language.texts().open_page())
            )
        });
    let name = escape(&format!("{} {}", card.level, card.symbol));
    format!("<h3>{name}</h3><table cellpadding=\"4\">{rows}</table>{link}")
}
