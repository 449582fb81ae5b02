//! The page `/`: readable without JavaScript, kept live by `web/live.js`.

use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::Level;
use crate::web::api::query;
use crate::web::assets;
use crate::web::auth::session_cookie;
use crate::web::config::WebState;
use crate::web::problem::Problem;
use crate::web::text::{Texts, choose};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{DOCTYPE, Markup, html};

const SHOWN: [Level; 3] = [Level::Fuerte, Level::Alta, Level::Media];
const TOP: usize = 10;

/// `GET /`.
///
/// # Errors
/// 400 for a query parameter other than `lang`, or a language other than es and en.
pub async fn index(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, Problem> {
    let map = query::parse(req.query_string(), &["lang"])?;
    let lang = map.get("lang").map(String::as_str);
    if let Some(other) = lang.filter(|l| !["es", "en"].contains(l)) {
        return Err(Problem::query(format!("lang '{other}' is not known"), &["es", "en"]));
    }
    let texts = choose(lang);
    let published = state.handles.view.published();
    let status = state.handles.view.status();
    let snapshot = published.as_ref().map(|p| p.snapshot.as_ref());
    let age = snapshot.map(|s| (status.market_time - s.as_of).max(0) / 1000);
    let values = [
        ("link", texts.link[0].to_owned()),
        ("feed", texts.feed[status.feed as usize].to_owned()),
        (
            "coverage",
            snapshot.map_or_else(dash, |s| format!("{} %", decimal(100.0 * s.coverage.ratio(), 1, texts))),
        ),
        ("latency", snapshot.map_or_else(dash, |s| format!("{} ms", decimal(s.latency_ms, 1, texts)))),
        ("cut", snapshot.map_or_else(dash, |s| clock(s.as_of))),
        ("age", age.map_or_else(dash, |a| format!("{a} s"))),
    ];
    let page = html! {
        (DOCTYPE)
        html lang=(texts.lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Impulso" }
                link rel="icon" href=(assets::url("icon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(assets::url("page.css"));
                script type="module" src=(assets::url("live.js")) {}
            }
            body data-link=(texts.link.join("|")) data-feed=(texts.feed.join("|")) data-columns=(texts.columns.join("|")) {
                header {
                    div.title {
                        h1 { "Impulso" }
                        a.switch href=(texts.switch.1) hreflang=(texts.switch.2) { (texts.switch.0) }
                    }
                    dl { @for (name, (id, value)) in texts.facts.iter().zip(&values) {
                        div { dt { (name) } dd id=(id) { (value) } }
                    } }
                }
                p #problem hidden[status.problem.is_none()] role="status" {
                    (texts.problem) " " span #why { (status.problem.as_deref().unwrap_or("")) } " " (texts.hint)
                }
                p #warming hidden[snapshot.is_some()] role="status" {
                    (texts.warming) " " span #progress { (progress(&state)) }
                }
                main { @for level in SHOWN { (section(level, snapshot, texts)) } }
                @if let Some(url) = &state.config.admin_url {
                    footer { (texts.admin) " " a href=(url) { (url) } }
                }
            }
        }
    };
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/html; charset=utf-8");
    if let Some(cookie) = session_cookie(&req, &state) {
        answer.cookie(cookie);
    }
    Ok(answer.body(page.into_string()))
}

fn progress(state: &WebState) -> String {
    let reports = state.handles.view.reports();
    let ready = reports.iter().filter(|r| r.readiness.reason.is_none()).count();
    format!("{ready}/{}", reports.len())
}

fn section(level: Level, snapshot: Option<&Snapshot>, texts: &Texts) -> Markup {
    let rows = snapshot.map_or(&[][..], |s| &s.rows);
    let rows: Vec<&Row> = rows.iter().filter(|r| r.analysis.confidence_level == level).take(TOP).collect();
    html! {
        section data-level=(level) {
            h2 { (level) }
            table {
                thead { tr { @for column in texts.columns { th scope="col" { (column) } } } }
                tbody { @for r in &rows { (line(r, texts)) } }
            }
            p.empty hidden[!rows.is_empty()] { (texts.empty) }
        }
    }
}

fn line(row: &Row, texts: &Texts) -> Markup {
    let a = &row.analysis;
    let cells = [
        row.symbol.to_string(),
        price(a.current_price, texts),
        decimal(a.total_score, 1, texts),
        format!("{} %", decimal(a.probability_7_5, 2, texts)),
        a.confidence_level.to_string(),
        format!("{} M", decimal(a.volume_24h / 1e6, 2, texts)),
        clock(a.timestamp),
    ];
    html! {
        tr data-symbol=(row.symbol) {
            @for (i, (name, text)) in texts.columns.iter().zip(&cells).enumerate() {
                td data-name=(name) {
                    @if i == 2 { meter min="0" max="100" value=(a.total_score) aria-hidden="true" {} }
                    span { (text) }
                }
            }
        }
    }
}

/// A number with the language's decimal sign.
fn decimal(value: f64, places: usize, texts: &Texts) -> String {
    let text = format!("{value:.places$}");
    if texts.lang == "es" { text.replace('.', ",") } else { text }
}

/// About five digits that say something: 2 places from 100 on, 4 from 1 on, then 6, and 10 below a thousandth.
fn price(value: f64, texts: &Texts) -> String {
    let places = match value {
        v if v >= 100.0 => 2,
        v if v >= 1.0 => 4,
        v if v >= 0.001 => 6,
        _ => 10,
    };
    decimal(value, places, texts)
}

fn dash() -> String {
    "–".to_owned()
}

fn clock(moment: i64) -> String {
    let s = moment.div_euclid(1000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}
