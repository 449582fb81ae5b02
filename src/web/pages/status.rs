//! `/status`: is everything well, in plain words.

use crate::actors::failover::status::FailoverStatus;
use crate::actors::failover::status::Role;
use crate::actors::view::{ConnectionStatus, FeedState, SystemStatus};
use crate::domain::report::Report;
use crate::i18n::{Texts, texts_for_scripts};
use crate::web::config::WebState;
use crate::web::pages::alerts::channels;
use crate::web::pages::format::{DASH, date, decimal, percent, span, symbol_url};
use crate::web::pages::layout::{Page, PageParams, Section, Visit, age, feed, render, role};
use crate::web::pages::service_levels;
use crate::web::pages::table::state as data_state;
use crate::web::problem::ApiError;
use crate::web::query;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// Pairs that are listed as not analyzable: the reasons repeat, and the API has them all.
const PAIRS: usize = 100;

/// `GET /status`.
///
/// # Errors
/// 400 for a parameter that is not known.
pub(crate) async fn page(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    let visit = Visit::new(&req, &state)?;
    query::read::<PageParams>(req.query_string())?;
    let status = state.handles.view.status();
    let t = visit.t;
    let main = html! {
        h1 { (t.status()) }
        @if state.handles.operator.is_none() { p.box { (t.read_only()) } }
        div id="verdict" data-live { (verdict(&visit, &status)) }
        section id="glance" data-live { (glance(&visit, &status)) }
        @if let Some(failover) = &status.failover {
            section.box id="failover" data-live { (two_machines(failover, t)) }
        }
        section id="measures" data-live { (service_levels::table(&state, t).await) }
        section id="connections" data-live { (connections(&status.connections, t)) }
        section id="channels" data-live { (channels(&state.handles.view.channels(), &visit)) }
        div.columns {
            section.box id="budget" data-live { (budget(&status, t)) }
            section.box id="stores" data-live { h2 { (t.stores()) } (service_levels::sizes(&state, t).await) }
            section.box id="drops" data-live { (drops(&status, t)) }
            section.box id="lags" data-live { (service_levels::lags(&status.close_lags, t)) }
        }
        section id="pairs" data-live { (pairs(&state.handles.view.reports(), t)) }
    };
    let page = Page {
        title: &t.status(),
        section: Section::Status,
        script: "alerts.js",
        words: texts_for_scripts!(t; test_sent),
        main,
    };
    let markup = render(&visit, &page);
    Ok(visit.answer(HttpResponse::Ok(), markup))
}

fn verdict(visit: &Visit<'_>, status: &SystemStatus) -> Markup {
    let (t, view) = (visit.t, &visit.state.handles.view);
    let ill: Vec<String> = [
        (status.feed != FeedState::Live).then(|| format!("{}: {}.", t.feed(), feed(visit))),
        (!view.ready()).then(|| t.not_ready()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let well = ill.is_empty() && status.problems.is_empty();
    html! {
        div.box.verdict data-well=(well) {
            (if well { t.all_well() } else { t.some_wrong() })
            @if !ill.is_empty() { ul { @for line in &ill { li { (line) } } } }
        }
    }
}

fn glance(visit: &Visit<'_>, status: &SystemStatus) -> Markup {
    let t = visit.t;
    let published = visit.state.handles.view.published();
    let newest = published.as_ref().map(|p| &p.snapshot);
    let dash = || DASH.to_owned();
    let facts = [
        (t.feed(), feed(visit)),
        (t.age(), age(visit)),
        (
            t.coverage(),
            newest.map_or_else(dash, |s| {
                format!(
                    "{} ({}/{})",
                    percent(100.0 * s.coverage.ratio(), 1, t),
                    s.coverage.analyzable,
                    s.coverage.universe
                )
            }),
        ),
        (t.latency(), newest.map_or_else(dash, |s| format!("{} ms", decimal(s.latency_ms, 1, t)))),
        (
            t.cycles(),
            t.cycle_counts(
                status.cycles_published,
                status.cycles_missed,
                span(visit.state.config.cycle_interval_ms),
            ),
        ),
        (t.uptime(), span(status.uptime_ms)),
        (t.restarts(), status.restarts.to_string()),
        (t.clients(), visit.state.admission.clients().to_string()),
        (t.addresses(), status.rest_url.clone()),
    ];
    html! {
        h2.sr { (t.glance()) }
        div.facts.wide { dl { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } } }
    }
}

fn two_machines(failover: &FailoverStatus, t: &Texts) -> Markup {
    let other = failover.other.as_ref().map(|other| {
        let name = match other.role {
            Role::Standby => t.role_name_standby(),
            Role::TakingOver => t.role_name_taking_over(),
            Role::Active => t.role_name_active(),
        };
        t.other_machine(&other.name, name, span(other.silent_ms))
    });
    html! {
        h2 { (t.failover()) }
        p { strong { (role(failover.role, t)) } }
        p { (other.unwrap_or_else(|| t.no_other_machine())) }
        p.soft { (t.fence_number(failover.fence)) " · " (t.since()) " " (date(failover.since.ms(), t)) " UTC" }
    }
}

fn connections(all: &[ConnectionStatus], t: &Texts) -> Markup {
    html! {
        div.sheet { table {
            caption { (t.connections()) }
            thead { tr {
                th scope="col" { (t.name()) } th scope="col" { (t.status()) } th.num scope="col" { (t.streams()) }
                th.num scope="col" { (t.open_for()) } th.num scope="col" { (t.silent_for()) }
                th.num scope="col" { (t.reconnects()) } th scope="col" { (t.last_error()) }
            } }
            tbody { @for c in all { tr {
                th scope="row" data-name=(t.name()) { (c.name) }
                td data-name=(t.status()) {
                    span.pill data-delivery=(if c.state == "live" { "sent" } else { "uncertain" }) { (connection(&c.state, t)) }
                }
                td.num data-name=(t.streams()) { (c.streams) }
                td.num data-name=(t.open_for()) { (span(c.age_ms)) }
                td.num data-name=(t.silent_for()) { (span(c.silent_ms)) }
                td.num data-name=(t.reconnects()) { (c.reconnects) }
                td data-name=(t.last_error()) { (c.last_error.as_ref().map_or(DASH, |reason| reason.in_words(t))) }
            } } }
        } }
    }
}

fn budget(status: &SystemStatus, t: &Texts) -> Markup {
    let w = &status.weight;
    html! {
        h2 { (t.budget()) }
        meter min="0" max=(w.limit.max(1)) value=(w.used) aria-label=(t.budget()) {}
        p { strong { (w.used) } " " (t.budget_used(w.limit, w.queued)) }
        @if let Some(until) = w.embargo_until { p.bad.box { (t.embargo(date(until.ms(), t))) } }
    }
}

fn drops(status: &SystemStatus, t: &Texts) -> Markup {
    let lost: Vec<_> = status.drops.iter().filter(|(_, n)| **n > 0).collect();
    html! {
        h2 { (t.drops()) }
        @if lost.is_empty() { p { (t.no_drops()) } }
        @else { dl.pairs { @for (cause, count) in lost { div { dt { (drop_cause(cause, t)) } dd { (count) } } } } }
    }
}

fn pairs(reports: &[Report], t: &Texts) -> Markup {
    let not: Vec<&Report> = reports.iter().filter(|r| r.readiness.reason.is_some()).collect();
    html! {
        h2 { (t.not_analyzable()) " (" (not.len()) ")" }
        @if not.is_empty() { p.soft { (t.none_such()) } }
        ul.chips { @for r in not.iter().take(PAIRS) {
            li { a href=(symbol_url(r.symbol.as_str())) { (r.symbol) } " " span.soft { (data_state(&r.readiness, t)) } }
        } }
        @if not.len() > PAIRS { p.soft { (t.and_more(not.len() - PAIRS)) } }
    }
}

/// State of a stream connection.
fn connection(state: &str, t: &Texts) -> String {
    match state {
        "live" => t.conn_live(),
        "connecting" => t.conn_connecting(),
        "silent" => t.conn_silent(),
        "replacing" => t.conn_replacing(),
        "waiting" => t.conn_waiting(),
        other => other.to_owned(),
    }
}

/// A cause of losses in words; its code where there are none.
fn drop_cause(code: &str, t: &Texts) -> String {
    match code {
        "late_report" => t.drop_late_report(),
        "cycle_no_report" => t.drop_no_report(),
        "malformed_frame" => t.drop_malformed(),
        "unknown_symbol" => t.drop_unknown_symbol(),
        "untrusted_event_time" => t.drop_untrusted_time(),
        "exchange_info_entry" => t.drop_exchange_info(),
        "candle_entry" => t.drop_candle_entry(),
        "ticker_entry" => t.drop_ticker_entry(),
        "connection_full" | "connection_lost" | "control_message" => t.drop_connection(),
        "backfill_answer" | "backfill_queue" => t.drop_backfill(),
        "outbox_read" | "outbox_write" => t.drop_outbox(),
        "state_read" | "state_write" => t.drop_state(),
        "redis" => t.drop_redis(),
        "alerts_lost" => t.drop_alerts(),
        "history_candles" => t.drop_candles(),
        "history_scores" => t.drop_scores(),
        "history_samples" => t.drop_samples(),
        other => other.to_owned(),
    }
}
