//! The model in force on the track record: what it is, where its calibration stands, when it was learned last.

use crate::actors::ports::experiment::{Run, RunResult};
use crate::i18n::Texts;
use crate::web::model_in_force::{ModelBody, ModelInForceBody};
use crate::web::pages::format::{DASH, date, decimal, percent};
use maud::{Markup, html};

pub(crate) fn section(body: &ModelBody, t: &Texts) -> Markup {
    html! {
        section id="model" data-live {
            h2 { (t.model_in_force()) }
            @match &body.model {
                None => p.box { (t.no_model()) },
                Some(model) => (in_force(model, body, t)),
            }
            div.facts.mid { dl {
                div { dt { (t.retrained()) } dd { (run(body.retrain.as_ref(), t)) } }
                div { dt { (t.retuned()) } dd { (run(body.retune.as_ref(), t)) } }
            } }
        }
    }
}

fn in_force(model: &ModelInForceBody, body: &ModelBody, t: &Texts) -> Markup {
    html! {
        @if model.drift { p.box.bad { (t.drift_now()) } }
        div.facts.mid { dl {
            div { dt { (t.model()) } dd { strong { (model.name) } " · " (t.model_features(model.features)) } }
            @for period in &model.trained_on {
                div { dt { (t.trained_on()) } dd {
                    (day(&period.from)) " – " (day(&period.to)) br;
                    span.soft { (t.model_pairs(period.pairs)) " · " (t.base_rate()) " " (percent(100.0 * period.base_rate, 1, t)) }
                } }
            }
            div { dt { (t.shift_now()) } dd {
                @if model.resolved_days > 0.0 {
                    (decimal(model.shift_log_odds, 2, t)) " · " (t.calibration_slope(decimal(model.slope, 2, t)))
                } @else { (t.as_trained()) }
                @if let Some(newest) = body.calibrations.first() {
                    br; span.soft { (t.calibration_version(newest.version)) " · " (date(newest.at.ms(), t)) }
                }
            } }
        } }
        p.soft { (t.shift_text()) }
    }
}

/// The day of an ISO moment.
fn day(iso: &str) -> &str {
    iso.get(..10).unwrap_or(iso)
}

fn run(run: Option<&Run>, t: &Texts) -> Markup {
    html! {
        @match run {
            None => (DASH),
            Some(r) if r.result == RunResult::Waiting => (t.run_waiting()),
            Some(r) => {
                (date(r.at.ms(), t)) ": "
                (match r.result { RunResult::Made => t.run_made(), RunResult::Refused => t.run_refused(), _ => t.run_failed() })
                br; span.soft { (r.detail) }
            }
        }
    }
}
