//! `/track`: how good the predictions were, losses included.

use crate::actors::ports::history::PredictionKind;
use crate::domain::percent::percent_encoded;
use crate::i18n::Texts;
use crate::learning::evaluation::by_size::BySize;
use crate::learning::evaluation::hits::ENOUGH;
use crate::web::api::performance::{self, LevelBody, PerformanceBody};
use crate::web::api::predictions::{Asked, Before, PredictionsBody, read};
use crate::web::config::WebState;
use crate::web::pages::curve::curve;
use crate::web::pages::format::{DASH, change, day, span};
use crate::web::pages::ladders::Ladders;
use crate::web::pages::layout::{Page, Section, Visit, render};
use crate::web::pages::precision::share;
use crate::web::pages::{model, predictions};
use crate::web::problem::ApiError;
use crate::web::query;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::IntoParams;

/// Predictions of one page: more would be scrolled past.
const LIMIT: u32 = 50;
const DAYS: [i64; 4] = [7, 30, 90, 365];

/// What of the track record is shown.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct TrackParams {
    /// Read by `Visit`.
    lang: Option<String>,
    #[param(minimum = 1, maximum = 365)]
    days: Option<i64>,
    #[serde(deserialize_with = "query::list")]
    #[param(inline, style = Form, explode = false)]
    kind: Option<Vec<PredictionKind>>,
    #[serde(deserialize_with = "query::parsed")]
    #[param(value_type = Option<String>)]
    before: Option<Before>,
}

/// `GET /track`.
///
/// # Errors
/// 400 for a parameter that is not known or makes no sense.
pub(crate) async fn page(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    let visit = Visit::new(&req, &state)?;
    let TrackParams { days, mut kind, before, .. } = query::read(req.query_string())?;
    let mut map = query::map(req.query_string());
    map.remove("lang");
    // Level rises are what the precision is counted by; hourly samples would drown them.
    map.entry("kind".to_owned()).or_insert_with(|| {
        kind = Some(vec![PredictionKind::Episode]);
        PredictionKind::Episode.to_string()
    });
    let asked = Asked { kind, before, limit: Some(LIMIT), ..Asked::default() };
    let days = days.unwrap_or(performance::DAYS);
    let t = visit.t;
    let main = html! {
        h1 { (t.track()) }
        p { (t.track_intro()) " " a href="/experiments" { (t.experiments()) } }
        @if let Ok(body) = crate::web::api::model::body(&state) { (model::section(&body, visit.t)) }
        @match state.handles.history.as_ref() {
            None => p.box { (t.no_history()) },
            Some(_) => {
                @match performance::read(&state, days).await {
                    Ok(body) => (summary(&body, &map, visit.t)),
                    Err(_) => p.box.bad { (t.history_silent()) },
                }
                @match read(&state, &asked).await {
                    Ok(body) => (predictions(&body, &map, &Ladders::in_force(&state), visit.t)),
                    Err(_) => p.box.bad { (t.history_silent()) },
                }
            }
        }
    };
    let page = Page { title: &t.track(), section: Section::Track, script: "track.js", words: vec![], main };
    let markup = render(&visit, &page);
    Ok(visit.answer(HttpResponse::Ok(), markup))
}

/// The address with one parameter changed; paging starts anew.
fn url(map: &BTreeMap<String, String>, key: &str, value: &str) -> String {
    let mut map = map.clone();
    map.remove("before");
    map.insert(key.to_owned(), value.to_owned());
    format!("/track?{}", query::pairs(&map))
}

fn summary(body: &PerformanceBody, map: &BTreeMap<String, String>, t: &Texts) -> Markup {
    html! {
        nav.views aria-label=(t.days()) { @for days in DAYS {
            a href=(url(map, "days", &days.to_string())) aria-current=[(body.days == days).then_some("true")] { (days) " d" }
        } }
        section id="summary" data-live {
            @match body.levels_trusted {
                Some(false) => p.box.bad id="untrusted" { strong { (t.untrusted()) } },
                Some(true) => p.box { (t.trusted()) },
                None if body.base_rate_24h.judged == 0 => p.box id="no-record" { (t.no_record()) },
                None => p.box { (t.too_few(ENOUGH)) },
            }
            @if let Some(since) = body.levels_since { p.soft { (t.levels_since(day(since, t))) } }
            (base(body, t))
            (levels(body, PredictionKind::Episode, &t.by_episode(), t))
            (levels(body, PredictionKind::Alert, &t.by_alert(), t))
            p.soft { (t.interval_text()) }
            (by_size(body, t))
            (by_month(body, t))
            (curve(&body.calibration, t))
        }
    }
}

fn base(body: &PerformanceBody, t: &Texts) -> Markup {
    html! {
        div.facts.mid { dl {
            div { dt { (t.base_rate()) " · " (t.within_4h()) } dd { (share(&body.base_rate_4h, t)) } }
            div { dt { (t.base_rate()) " · " (t.within_24h()) } dd { (share(&body.base_rate_24h, t)) } }
        } }
        p.soft { (t.base_rate()) ": " (t.base_rate_text()) "." }
    }
}

fn levels(body: &PerformanceBody, kind: PredictionKind, caption: &str, t: &Texts) -> Markup {
    let of = |l: &&LevelBody| l.kind == kind && (kind != PredictionKind::Alert || l.opened > 0);
    html! {
        div.sheet { table {
            caption { (caption) }
            thead { tr {
                th scope="col" { (t.level()) } th.num scope="col" { (t.opened()) } th.num scope="col" { (t.open_now()) }
                th.num scope="col" { (t.void()) }
                th.num scope="col" { (t.within_4h()) } th.num scope="col" { (t.within_24h()) }
                th.num scope="col" { (t.time_to_hit()) } th.num scope="col" { (t.mean_rise()) } th.num scope="col" { (t.mean_fall()) }
            } }
            tbody {
                @for l in body.levels.iter().filter(of) { (level(l, t)) }
                @if !body.levels.iter().any(|l| of(&l)) { tr { td colspan="9" { (t.no_predictions()) } } }
            }
        } }
    }
}

fn level(l: &LevelBody, t: &Texts) -> Markup {
    let signed = |v: Option<f64>| v.map_or_else(|| DASH.to_owned(), |v| change(v, t));
    html! {
        tr data-level=(l.level) {
            th scope="row" data-name=(t.level()) { span.badge { (l.level) } }
            td.num data-name=(t.opened()) { (l.opened) }
            td.num data-name=(t.open_now()) { (l.open) }
            td.num data-name=(t.void()) { (l.void) }
            td.num data-name=(t.within_4h()) { (share(&l.within_4h, t)) }
            td.num data-name=(t.within_24h()) { (share(&l.within_24h, t)) }
            td.num data-name=(t.time_to_hit()) {
                (l.minutes_to_hit.map_or_else(|| DASH.to_owned(), |n| span(i64::from(n) * 60_000)))
            }
            td.num data-name=(t.mean_rise()) { (signed(l.mean_rise_pct)) }
            td.num data-name=(t.mean_fall()) { (signed(l.mean_fall_pct)) }
        }
    }
}

/// FUERTE alone and in market moves.
fn by_size(body: &PerformanceBody, t: &Texts) -> Markup {
    let name = |size: &BySize| match (size.from, size.to) {
        (1, Some(to)) => t.size_alone(to + 1),
        (from, Some(to)) => t.size_event(from, to),
        (from, None) => t.size_large(from),
    };
    html! {
        @if body.by_size.iter().any(|size| size.events > 0) {
            div.sheet { table {
                caption { (t.by_size()) }
                thead { tr {
                    th scope="col" { (t.size()) } th.num scope="col" { (t.events()) } th.num scope="col" { (t.within_24h()) }
                } }
                tbody { @for size in &body.by_size { tr {
                    th scope="row" data-name=(t.size()) { (name(size)) }
                    td.num data-name=(t.events()) { (size.events) }
                    td.num data-name=(t.within_24h()) { (share(&size.within_24h, t)) }
                } } }
            } }
        }
    }
}

fn by_month(body: &PerformanceBody, t: &Texts) -> Markup {
    html! {
        @if !body.by_month.is_empty() {
            div.sheet { table {
                caption { (t.by_month()) }
                thead { tr {
                    th scope="col" { (t.month()) } th.num scope="col" { "FUERTE" } th.num scope="col" { (t.base_rate()) }
                } }
                tbody { @for month in body.by_month.iter().rev() { tr {
                    th scope="row" data-name=(t.month()) { (month.month) }
                    td.num data-name="FUERTE" { (share(&month.fuerte, t)) }
                    td.num data-name=(t.base_rate()) { (share(&month.base, t)) }
                } } }
            } }
        }
    }
}

fn predictions(
    body: &PredictionsBody,
    map: &BTreeMap<String, String>,
    ladders: &Ladders,
    t: &Texts,
) -> Markup {
    let asked = map.get("kind").map_or("", String::as_str);
    let kinds = [
        ("episode", t.kind_episode()),
        ("alert", t.kind_alert()),
        ("sample", t.kind_sample()),
        ("episode,alert,sample", t.kind_all()),
    ];
    html! {
        section id="predictions" {
            h2 { (t.predictions()) }
            div.filters {
                nav.views aria-label=(t.kind()) { @for (kind, name) in kinds {
                    a href=(url(map, "kind", kind)) aria-current=[(asked == kind).then_some("true")] { (name) }
                } }
                a href=(format!("/api/v1/predictions?format=csv&limit=1000&kind={}", percent_encoded(asked))) download { (t.csv()) }
            }
            (predictions::table(&body.predictions, &t.predictions(), ladders, t))
            p.pages {
                @if map.contains_key("before") { a href=(url(map, "kind", asked)) { (t.newest()) } " " }
                @if let Some(next) = &body.next_before { a href=(url_before(map, next)) { (t.older()) } }
            }
        }
    }
}

fn url_before(map: &BTreeMap<String, String>, key: &str) -> String {
    let kind = map.get("kind").map_or("", String::as_str);
    format!("{}&before={}", url(map, "kind", kind), percent_encoded(key))
}
