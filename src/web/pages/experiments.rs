//! `/experiments`: what is in force beside the arms in its shadow, the rule that decides, and the book.

use crate::web::api::experiments::{AgainstBody, ArmBody, CallsBody, ExperimentsBody, body};
use crate::web::api::query;
use crate::web::config::WebState;
use crate::web::pages::format::{DASH, date, decimal, percent};
use crate::web::pages::layout::{Page, Section, Visit, render};
use crate::web::problem::Problem;
use crate::web::text::Texts;
use crate::web::text_more::MoreTexts;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// `GET /experiments`.
///
/// # Errors
/// 400 for a parameter that is not known.
pub(crate) async fn page(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, Problem> {
    let visit = Visit::new(&req, &state)?;
    query::parse(req.query_string(), &["lang"])?;
    let m = visit.t.more();
    let read = state.handles.experiment.as_ref().map(|book| body(&**book));
    let main = html! {
        h1 { (m.experiments) }
        p { (m.experiments_intro) " " a href="/track" { (m.track) } }
        div id="arms" data-live {
            @match read {
                None => p.box { (m.no_experiment) },
                Some(Err(_)) => p.box.bad { (m.history_silent) },
                Some(Ok(None)) => p.box { (m.experiment_early) },
                Some(Ok(Some(body))) => { (arms(&body, visit.t)) (rule(&body, visit.t)) (book(&body, visit.t)) },
            }
        }
    };
    let page = Page { title: m.experiments, section: Section::Track, script: "track.js", words: &[], main };
    let markup = render(&visit, &page);
    Ok(visit.answer(HttpResponse::Ok(), markup))
}

fn arms(body: &ExperimentsBody, t: &Texts) -> Markup {
    let m = t.more();
    html! {
        div.sheet { table {
            caption { (m.arms) }
            thead { tr {
                th scope="col" { (m.arm) } th scope="col" { (m.made_of) } th.num scope="col" { (m.arm_since) }
                th.num scope="col" { "FUERTE" } th.num scope="col" { "ALTA" } th.num scope="col" { (m.brier_both) }
                th.num scope="col" { (m.resolved_days) } th scope="col" { (m.standing) }
            } }
            tbody { @for a in &body.arms { (row(a, t)) } }
        } }
    }
}

fn row(a: &ArmBody, t: &Texts) -> Markup {
    let m = t.more();
    let of = |level: &str| a.levels.iter().find(|l| l.level == level).map(|l| l.calls);
    html! {
        tr data-arm=(a.name) {
            th scope="row" data-name=(m.arm) { (name(&a.name, m)) }
            td data-name=(m.made_of) { (if a.model.is_empty() { m.rule_alone } else { &a.model }) br; span.soft { (a.profile) } }
            td.num data-name=(m.arm_since) { (date(a.since, t)) }
            td.num data-name="FUERTE" { (calls(of("FUERTE"), t)) }
            td.num data-name="ALTA" { (calls(of("ALTA"), t)) }
            td.num data-name=(m.brier_both) { (brier(a.against.as_ref(), t)) }
            td.num data-name=(m.resolved_days) {
                @match &a.against {
                    None => (DASH),
                    Some(c) => { (c.resolved) " / " (c.days) },
                }
            }
            td data-name=(m.standing) { (standing(a.against.as_ref(), m)) }
        }
    }
}

fn name<'a>(name: &'a str, m: &MoreTexts) -> &'a str {
    match name {
        "" => m.in_force,
        "rule" => m.arm_rule,
        "previous" => m.arm_previous,
        "challenger-model" => m.arm_challenger_model,
        "challenger-rule" => m.arm_challenger_rule,
        other => other,
    }
}

fn calls(c: Option<CallsBody>, t: &Texts) -> Markup {
    let Some(c) = c else { return html! { (DASH) } };
    html! {
        @match (c.precision, c.interval_90) {
            (Some(p), Some([low, high])) => {
                strong { (percent(100.0 * p, 1, t)) } " "
                span.soft { "(" (percent(100.0 * low, 0, t)) " – " (percent(100.0 * high, 0, t)) ")" }
                br; span.soft { (c.hits) " " (t.more().of_word) " " (c.judged) }
            }
            _ => (DASH),
        }
    }
}

fn brier(c: Option<&AgainstBody>, t: &Texts) -> Markup {
    html! {
        @match c.and_then(|c| Some((c.brier?, c.base_brier?))) {
            None => (DASH),
            Some((own, base)) => { (decimal(own, 4, t)) " / " (decimal(base, 4, t)) },
        }
    }
}

fn standing(c: Option<&AgainstBody>, m: &MoreTexts) -> &'static str {
    match c.map(|c| c.standing) {
        None => "",
        Some("needs_days") => m.needs_days,
        Some("needs_samples") => m.needs_samples,
        Some("needs_fuerte") => m.needs_fuerte,
        Some("better") => m.stands_better,
        Some("fuerte_worse") => m.stands_fuerte_worse,
        Some("worse") => m.stands_worse,
        Some(_) => m.stands_equal,
    }
}

fn rule(body: &ExperimentsBody, t: &Texts) -> Markup {
    let (m, r) = (t.more(), &body.rule);
    html! {
        section { h2 { (m.rule_set) }
            div.facts.mid { dl {
                div { dt { (m.min_days) } dd { (r.min_days) } }
                div { dt { (m.min_resolved) } dd { (r.min_resolved) } }
                div { dt { (m.min_fuerte) } dd { (r.min_fuerte) } }
                div { dt { (m.rollback_days) } dd { (r.rollback_min_days) } }
            } }
            p.soft { (if body.automatic { m.promotes_itself } else { m.promotes_asked }) }
        }
    }
}

fn book(body: &ExperimentsBody, t: &Texts) -> Markup {
    let m = t.more();
    html! {
        section { h2 { (m.book) }
            div.sheet { table {
                caption.sr { (m.book) }
                thead { tr {
                    th scope="col" { (m.when) } th scope="col" { (m.what_was_done) } th scope="col" { (m.arm) }
                    th scope="col" { (m.by_whom) } th scope="col" { (m.detail) }
                } }
                tbody {
                    @for e in &body.book { tr {
                        td data-name=(m.when) { (date(e.at, t)) }
                        td data-name=(m.what_was_done) { (done(&e.what, m)) }
                        td data-name=(m.arm) { (name(&e.arm, m)) }
                        td data-name=(m.by_whom) { (if e.by == "rule" { m.by_rule } else { &e.by }) }
                        td data-name=(m.detail) { (e.detail) }
                    } }
                    @if body.book.is_empty() { tr { td colspan="5" { (m.book_empty) } } }
                }
            } }
        }
    }
}

fn done<'a>(what: &'a str, m: &MoreTexts) -> &'a str {
    match what {
        "started" => m.done_started,
        "promoted" => m.done_promoted,
        "rolled_back" => m.done_rolled_back,
        "refused" => m.done_refused,
        "failed" => m.done_failed,
        other => other,
    }
}
