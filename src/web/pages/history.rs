//! A table of alerts with what became of them, for `/alerts` and for a pair's page.

use crate::actors::alert::text;
use crate::actors::ports::alerts::{AlertDelivery, AlertRecord, DeliveryState};
use crate::actors::ports::history::PredictionKind;
use crate::domain::alert::AlertCard;
use crate::i18n::Texts;
use crate::web::api::predictions::PredictionBody;
use crate::web::pages::format::{DASH, date, decimal, iso, price, symbol_url};
use crate::web::pages::ladders::Ladders;
use crate::web::pages::predictions;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The table; `None` when the alerts cannot be read.
pub(crate) fn table(
    records: Option<&[AlertRecord]>,
    outcomes: &BTreeMap<String, PredictionBody>,
    caption: &str,
    ladders: &Ladders,
    t: &Texts,
) -> Markup {
    let Some(records) = records else { return html! { p.box.bad { (t.unreadable()) } } };
    if records.is_empty() {
        return html! { h2 { (caption) } p.box.soft { (t.no_alerts()) } };
    }
    html! {
        div.sheet { table {
            caption { (caption) }
            thead { tr {
                th scope="col" { (t.when()) }
                th scope="col" { (t.symbol()) }
                th scope="col" { (t.level()) }
                th.num scope="col" { (t.score()) }
                th.num scope="col" { (t.price()) }
                th.num scope="col" { (t.calibrated()) }
                th scope="col" { (t.reason()) }
                th scope="col" { (t.outcome()) }
                th scope="col" { (t.deliveries()) }
            } }
            tbody { @for record in records { (row(record, outcomes, ladders, t)) } }
        } }
    }
}

fn row(
    record: &AlertRecord,
    outcomes: &BTreeMap<String, PredictionBody>,
    ladders: &Ladders,
    t: &Texts,
) -> Markup {
    let a = &record.alert;
    let outcome = outcomes.get(&format!("{}-{}", PredictionKind::Alert.as_str(), a.id));
    html! {
        tr data-level=(a.level) {
            td data-name=(t.when()) { time datetime=(iso(a.as_of.ms())) { (date(a.as_of.ms(), t)) } }
            th scope="row" data-name=(t.symbol()) { a href=(symbol_url(a.symbol.as_str())) { (a.symbol) } }
            td data-name=(t.level()) { span.badge { (a.level) } }
            td.num data-name=(t.score()) { (ladders.score(a.total_score, t)) }
            td.num data-name=(t.price()) { (price(a.price, t)) }
            td.num data-name=(t.calibrated()) { (ladders.chance(a.calibrated_7_5, t)) }
            td.words data-name=(t.reason()) { (reason(a, t)) }
            td data-name=(t.outcome()) { @if let Some(p) = outcome { (predictions::outcome(p, t)) } @else { (DASH) } }
            td data-name=(t.deliveries()) { (deliveries(&record.deliveries, t)) }
        }
    }
}

fn deliveries(all: &[AlertDelivery], t: &Texts) -> Markup {
    html! {
        @if all.is_empty() { span.soft { (t.no_delivery()) } }
        ul.plain { @for d in all {
            li {
                span.pill data-delivery=(d.state.as_str()) { (d.channel) ": " (delivery(d.state, t)) }
                @if d.attempts > 1 { " " span.soft { (t.delivery_tries(d.attempts)) } }
                @if let Some(reason) = &d.reason { " " span.soft { (reason.in_words(t)) } }
            }
        } }
    }
}

fn delivery(state: DeliveryState, t: &Texts) -> String {
    match state {
        DeliveryState::Pending => t.pending(),
        DeliveryState::Sending => t.sending(),
        DeliveryState::Sent => t.sent(),
        DeliveryState::Uncertain => t.uncertain(),
        DeliveryState::Dead => t.dead(),
    }
}

/// Why an alert was sent.
fn reason(card: &AlertCard, t: &Texts) -> String {
    let why = text::why(card, |value, places| decimal(value, places, t), t);
    let breakout = format!("{} {}", t.part_breakout(), decimal(card.components.breakout, 1, t));
    why.map_or_else(|| breakout.clone(), |why| format!("{why}; {breakout}"))
}
