//! A table of predictions with what became of them.

use crate::actors::ports::history::PredictionKind;
use crate::i18n::Texts;
use crate::web::api::predictions::PredictionBody;
use crate::web::pages::format::{DASH, change, date, decimal, iso, price, span, symbol_url};
use crate::web::pages::ladders::Ladders;
use maud::{Markup, html};

/// The table, or a line that says that there is none.
pub(crate) fn table(rows: &[PredictionBody], caption: &str, ladders: &Ladders, t: &Texts) -> Markup {
    if rows.is_empty() {
        return html! { p.box.soft { (t.no_predictions()) } };
    }
    html! {
        div.sheet { table {
            caption.sr { (caption) }
            thead { tr {
                th scope="col" { (t.when()) } th scope="col" { (t.symbol()) } th scope="col" { (t.kind()) }
                th scope="col" { (t.level()) } th.num scope="col" { (t.price()) } th.num scope="col" { (t.score()) }
                th.num scope="col" { (t.rule()) } th.num scope="col" { (t.calibrated()) } th scope="col" { (t.outcome()) }
                th.num scope="col" { (t.rise()) } th.num scope="col" { (t.fall()) }
            } }
            tbody { @for p in rows { (row(p, ladders, t)) } }
        } }
    }
}

fn kind(kind: PredictionKind, t: &Texts) -> String {
    match kind {
        PredictionKind::Alert => t.kind_alert(),
        PredictionKind::Sample => t.kind_sample(),
        PredictionKind::Episode => t.kind_episode(),
    }
}

fn row(p: &PredictionBody, ladders: &Ladders, t: &Texts) -> Markup {
    let signed = |v: Option<f64>| v.map_or_else(|| DASH.to_owned(), |v| change(v, t));
    html! {
        tr data-level=(p.level) {
            td data-name=(t.when()) { time datetime=(iso(p.opened_at)) { (date(p.opened_at, t)) } }
            th scope="row" data-name=(t.symbol()) { a href=(symbol_url(p.symbol.as_str())) { (p.symbol) } }
            td data-name=(t.kind()) { (kind(p.kind, t)) }
            td data-name=(t.level()) {
                span.badge { (p.level) }
                @if p.former_definition { " " abbr.soft title=(t.former_definition_text()) { (t.former_definition()) } }
            }
            td.num data-name=(t.price()) { (price(p.price, t)) }
            td.num data-name=(t.score()) { (ladders.score(p.total_score, t)) }
            td.num data-name=(t.rule()) { (decimal(p.probability_7_5, 1, t)) }
            td.num data-name=(t.calibrated()) { (ladders.chance(p.calibrated_7_5, t)) }
            td data-name=(t.outcome()) { (outcome(p, t)) }
            td.num data-name=(t.rise()) { (signed(p.greatest_rise_pct)) }
            td.num data-name=(t.fall()) { (signed(p.deepest_fall_pct)) }
        }
    }
}

/// What became of one.
pub(crate) fn outcome(p: &PredictionBody, t: &Texts) -> Markup {
    let (word, look) = match p.outcome {
        "hit" => (t.outcome_hit(), "sent"),
        "miss" => (t.outcome_miss(), "dead"),
        "void" => (t.outcome_void(), "uncertain"),
        _ => (t.outcome_open(), "pending"),
    };
    let minutes = p.minutes_to_hit.filter(|_| p.outcome == "hit");
    html! {
        span.pill data-delivery=(look) title=[p.void.as_deref()] { (word) }
        @if let Some(n) = minutes { " " span.soft { (t.outcome_after(span(i64::from(n) * 60_000))) } }
    }
}
