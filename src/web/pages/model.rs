//! The model in force on the track record: what it is, where its calibration stands, when it was learned last.

use crate::web::api::model::{ModelBody, ModelInForceBody, RunBody};
use crate::web::pages::format::{DASH, date, decimal, percent};
use crate::web::text::Texts;
use maud::{Markup, html};

pub(crate) fn section(body: &ModelBody, t: &Texts) -> Markup {
    let m = t.more();
    html! {
        section id="model" data-live {
            h2 { (m.model_in_force) }
            @match &body.model {
                None => p.box { (m.no_model) },
                Some(model) => (in_force(model, body, t)),
            }
            div.facts.mid { dl {
                div { dt { (m.retrained) } dd { (run(body.retrain.as_ref(), t)) } }
                div { dt { (m.retuned) } dd { (run(body.retune.as_ref(), t)) } }
            } }
        }
    }
}

fn in_force(model: &ModelInForceBody, body: &ModelBody, t: &Texts) -> Markup {
    let m = t.more();
    html! {
        @if model.drift { p.box.bad { (m.drift_now) } }
        div.facts.mid { dl {
            div { dt { (m.model) } dd { strong { (model.name) } " · " (model.features) " " (m.features_word) } }
            @for period in &model.trained_on {
                div { dt { (m.trained_on) } dd {
                    (day(&period.from)) " – " (day(&period.to)) br;
                    span.soft { (period.pairs) " " (m.pairs_word) " · " (m.base_rate) " " (percent(100.0 * period.base_rate, 1, t)) }
                } }
            }
            div { dt { (m.shift_now) } dd {
                @if model.resolved_days > 0.0 {
                    (decimal(model.shift_log_odds, 2, t)) " · " (m.slope_word) " " (decimal(model.slope, 2, t))
                } @else { (m.as_trained) }
                @if let Some(newest) = body.calibrations.first() {
                    br; span.soft { (m.version_word) " " (newest.version) " · " (date(newest.at, t)) }
                }
            } }
        } }
        p.soft { (m.shift_text) }
    }
}

/// The day of an ISO moment.
fn day(iso: &str) -> &str {
    iso.get(..10).unwrap_or(iso)
}

fn run(run: Option<&RunBody>, t: &Texts) -> Markup {
    let m = t.more();
    html! {
        @match run {
            None => (DASH),
            Some(r) if r.result == "waiting" => (m.run_waiting),
            Some(r) => {
                (date(r.at, t)) ": "
                (match r.result { "made" => m.run_made, "refused" => m.run_refused, _ => m.run_failed })
                br; span.soft { (r.detail) }
            }
        }
    }
}
