//! The model in force on the track record: what it is, where its calibration stands, when it was learned last.

use crate::actors::ports::experiment::{Run, RunResult};
use crate::i18n::Texts;
use crate::web::model_in_force::{ModelBody, ModelInForceBody};
use crate::web::pages::format::{DASH, date, decimal, percent};
use crate::web::pages::precision::share as precision;
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
            @if let (Some(first), Some(last)) = (model.trained_on.first(), model.trained_on.last()) {
                div { dt { (t.trained_on()) } dd {
                    (day(&first.from)) " – " (day(&last.to)) br;
                    details.soft { summary { (t.trained_periods(model.trained_on.len())) } ul.plain {
                        @for period in &model.trained_on { li {
                            (day(&period.from)) " – " (day(&period.to)) ": "
                            (t.model_pairs(period.pairs)) " · " (t.base_rate()) " " (percent(100.0 * period.base_rate, 1, t))
                        } }
                    } }
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
        (out_of_time(model, t))
    }
}

/// What it was worth where it had not seen what came: before there is an own record, and beside it.
fn out_of_time(model: &ModelInForceBody, t: &Texts) -> Markup {
    let error = |ece: Option<f64>| ece.map_or_else(|| DASH.to_owned(), |ece| percent(100.0 * ece, 1, t));
    let area = |auc: Option<f64>| auc.map_or_else(|| DASH.to_owned(), |auc| decimal(auc, 3, t));
    let share = |share: Option<f64>| share.map_or_else(|| DASH.to_owned(), |p| percent(100.0 * p, 1, t));
    html! {
        @if !model.out_of_time.is_empty() || !model.left_out.is_empty() {
            div.sheet id="out-of-time" { table {
                caption { (t.out_of_time()) }
                thead { tr {
                    th scope="col" { (t.judged_on()) } th.num scope="col" { (t.judged_points()) } th.num scope="col" { (t.base_rate()) }
                    th.num scope="col" { (t.roc_area()) } th.num scope="col" { (t.calibration_error()) } th.num scope="col" { "FUERTE" }
                } }
                tbody {
                    @for f in &model.out_of_time { tr {
                        th scope="row" data-name=(t.judged_on()) { (split(&f.split, t)) }
                        td.num data-name=(t.judged_points()) { (decimal(f.points as f64, 0, t)) }
                        td.num data-name=(t.base_rate()) { (percent(100.0 * f.base_rate, 1, t)) }
                        td.num data-name=(t.roc_area()) { (area(Some(f.auc))) }
                        td.num data-name=(t.calibration_error()) { (error(Some(f.ece))) }
                        td.num data-name="FUERTE" { (share(f.fuerte_precision)) br; span.soft { (t.of_points()) } }
                    } }
                    @for l in &model.left_out { tr {
                        th scope="row" data-name=(t.judged_on()) { (period(l.span.as_ref(), t)) }
                        td.num data-name=(t.judged_points()) { (decimal(l.points as f64, 0, t)) }
                        td.num data-name=(t.base_rate()) { (percent(100.0 * l.base_rate, 1, t)) }
                        td.num data-name=(t.roc_area()) { (area(l.auc)) }
                        td.num data-name=(t.calibration_error()) { (error(l.ece)) }
                        td.num data-name="FUERTE" { (precision(&l.fuerte, t)) }
                    } }
                }
            } }
            p.soft { (t.out_of_time_text()) }
        }
    }
}

fn split(name: &str, t: &Texts) -> String {
    match name {
        "walk_forward" => t.split_walk_forward(),
        "left_out" => t.split_left_out(),
        _ => t.split_blocks(),
    }
}

fn period(span: Option<&[String; 2]>, t: &Texts) -> String {
    span.map_or_else(|| t.split_left_out(), |[from, to]| format!("{} – {}", day(from), day(to)))
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
