//! `/experiments`: what is in force beside the arms in its shadow, the rule that decides, and the book.

use crate::domain::report::Level;
use crate::i18n::Texts;
use crate::learning::arms::shadow::Against;
use crate::learning::arms::verdict::Standing;
use crate::learning::arms::{CHALLENGER_MODEL_ARM, CHALLENGER_RULE_ARM, PREVIOUS_ARM, RULE_ARM, TUNED_ARM};
use crate::learning::evaluation::daily::Precision;
use crate::web::api::experiments::{ArmBody, ExperimentsBody, body};
use crate::web::config::WebState;
use crate::web::pages::format::{DASH, date, decimal, percent};
use crate::web::pages::layout::{Page, PageParams, Section, Visit, render};
use crate::web::problem::ApiError;
use crate::web::query;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// `GET /experiments`.
///
/// # Errors
/// 400 for a parameter that is not known.
pub(crate) async fn page(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    let visit = Visit::new(&req, &state)?;
    query::read::<PageParams>(req.query_string())?;
    let t = visit.t;
    let read = state.handles.experiment.as_ref().map(|book| body(&**book));
    let main = html! {
        h1 { (t.experiments()) }
        p { (t.experiments_intro()) " " a href="/track" { (t.track()) } }
        div id="arms" data-live {
            @match read {
                None => p.box { (t.no_experiment()) },
                Some(Err(_)) => p.box.bad { (t.history_silent()) },
                Some(Ok(None)) => p.box { (t.experiment_early()) },
                Some(Ok(Some(body))) => { (arms(&body, visit.t)) (rule(&body, visit.t)) (book(&body, visit.t)) },
            }
        }
    };
    let page =
        Page { title: &t.experiments(), section: Section::Track, script: "track.js", words: vec![], main };
    let markup = render(&visit, &page);
    Ok(visit.answer(HttpResponse::Ok(), markup))
}

fn arms(body: &ExperimentsBody, t: &Texts) -> Markup {
    html! {
        div.sheet { table {
            caption { (t.arms()) }
            thead { tr {
                th scope="col" { (t.arm()) } th scope="col" { (t.made_of()) } th.num scope="col" { (t.arm_since()) }
                th.num scope="col" { "FUERTE" } th.num scope="col" { "ALTA" } th.num scope="col" { (t.brier_both()) }
                th.num scope="col" { (t.resolved_days()) } th scope="col" { (t.standing()) }
            } }
            tbody { @for a in &body.arms { (row(a, t)) } }
        } }
    }
}

fn row(a: &ArmBody, t: &Texts) -> Markup {
    let of = |level| a.levels.iter().find(|l| l.level == level).map(|l| l.calls);
    html! {
        tr data-arm=(a.name) {
            th scope="row" data-name=(t.arm()) { (name(&a.name, t)) }
            td data-name=(t.made_of()) { @if a.model.is_empty() { (t.rule_alone()) } @else { (a.model) } br; span.soft { (a.profile) } }
            td.num data-name=(t.arm_since()) { (date(a.since, t)) }
            td.num data-name="FUERTE" { (calls(of(Level::Fuerte), t)) }
            td.num data-name="ALTA" { (calls(of(Level::Alta), t)) }
            td.num data-name=(t.brier_both()) { (brier(a.against.as_ref(), t)) }
            td.num data-name=(t.resolved_days()) {
                @match &a.against {
                    None => (DASH),
                    Some(c) => { (c.compared.resolved) " / " (c.compared.days) },
                }
            }
            td data-name=(t.standing()) { (standing(a.against.as_ref(), t)) }
        }
    }
}

fn name(name: &str, t: &Texts) -> String {
    match name {
        "" => t.in_force(),
        RULE_ARM => t.arm_rule(),
        TUNED_ARM => t.arm_tuned(),
        PREVIOUS_ARM => t.arm_previous(),
        CHALLENGER_MODEL_ARM => t.arm_challenger_model(),
        CHALLENGER_RULE_ARM => t.arm_challenger_rule(),
        other => other.to_owned(),
    }
}

fn calls(c: Option<Precision>, t: &Texts) -> Markup {
    let Some(c) = c else { return html! { (DASH) } };
    html! {
        @match (c.precision, c.interval_90) {
            (Some(p), Some([low, high])) => {
                strong { (percent(100.0 * p, 1, t)) } " "
                span.soft { "(" (percent(100.0 * low, 0, t)) " – " (percent(100.0 * high, 0, t)) ")" }
                br; span.soft { (t.hits_of(c.hits, c.judged)) }
            }
            _ => (DASH),
        }
    }
}

fn brier(c: Option<&Against>, t: &Texts) -> Markup {
    html! {
        @match c.and_then(|c| c.compared.brier.zip(c.compared.base_brier)) {
            None => (DASH),
            Some((own, base)) => { (decimal(own, 4, t)) " / " (decimal(base, 4, t)) },
        }
    }
}

fn standing(c: Option<&Against>, t: &Texts) -> String {
    match c.map(|c| c.compared.standing) {
        None => String::new(),
        Some(Standing::NeedsDays) => t.needs_days(),
        Some(Standing::NeedsSamples) => t.needs_samples(),
        Some(Standing::NeedsFuerte) => t.needs_fuerte(),
        Some(Standing::Better) => t.stands_better(),
        Some(Standing::FuerteWorse) => t.stands_fuerte_worse(),
        Some(Standing::Worse) => t.stands_worse(),
        Some(Standing::NoDifference) => t.stands_equal(),
    }
}

fn rule(body: &ExperimentsBody, t: &Texts) -> Markup {
    let r = &body.rule.rule;
    html! {
        section { h2 { (t.rule_set()) }
            div.facts.mid { dl {
                div { dt { (t.min_days()) } dd { (r.min_days) } }
                div { dt { (t.min_resolved()) } dd { (r.min_resolved) } }
                div { dt { (t.min_fuerte()) } dd { (r.min_fuerte) } }
                div { dt { (t.rollback_days()) } dd { (body.rule.rollback_min_days) } }
            } }
            p.soft { (if body.automatic { t.promotes_itself() } else { t.promotes_asked() }) }
        }
    }
}

fn book(body: &ExperimentsBody, t: &Texts) -> Markup {
    html! {
        section { h2 { (t.experiment_log()) }
            div.sheet { table {
                caption.sr { (t.experiment_log()) }
                thead { tr {
                    th scope="col" { (t.experiment_log_when()) } th scope="col" { (t.what_was_done()) } th scope="col" { (t.arm()) }
                    th scope="col" { (t.by_whom()) } th scope="col" { (t.experiment_log_detail()) }
                } }
                tbody {
                    @for e in &body.book { tr {
                        td data-name=(t.experiment_log_when()) { (date(e.at.ms(), t)) }
                        td data-name=(t.what_was_done()) { (done(&e.what, t)) }
                        td data-name=(t.arm()) { (name(&e.arm, t)) }
                        td data-name=(t.by_whom()) { @if e.by == "rule" { (t.by_rule()) } @else { (e.by) } }
                        td data-name=(t.experiment_log_detail()) { (e.detail) }
                    } }
                    @if body.book.is_empty() { tr { td colspan="5" { (t.experiment_log_empty()) } } }
                }
            } }
        }
    }
}

fn done(what: &str, t: &Texts) -> String {
    match what {
        "started" => t.done_started(),
        "promoted" => t.done_promoted(),
        "rolled_back" => t.done_rolled_back(),
        "refused" => t.done_refused(),
        "failed" => t.done_failed(),
        other => other.to_owned(),
    }
}
