//! `/s/{symbol}`: everything about one pair, listed or not.

use crate::actors::ports::history::PredictionKind;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::Row;
use crate::domain::report::{Analysis, Report};
use crate::domain::symbol::Symbol;
use crate::domain::time::clock;
use crate::i18n::{Texts, texts_for_scripts};
use crate::web::api::predictions::{Asked, read};
use crate::web::api::symbols::not_listed as why_not_listed;
use crate::web::assets;
use crate::web::config::WebState;
use crate::web::pages::format::{DASH, change, date, decimal, iso, millions, percent, price, span};
use crate::web::pages::ladders::Ladders;
use crate::web::pages::layout::{Page, PageParams, Section, Visit, render};
use crate::web::pages::market::marks;
use crate::web::pages::symbol_parts::{breakdown, factors};
use crate::web::pages::table::{Marks, bar, mute, sign, star, state as data_state};
use crate::web::pages::{history, not_listed, predictions, why_chance};
use crate::web::problem::ApiError;
use crate::web::query;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Alerts of the pair that are shown: what a chart of two days can carry.
const ALERTS: usize = 20;
/// Bars of the chart: two days with the default of 15 minutes.
const BARS: i64 = 192;
/// Maker of the chart library: its licence asks for this link.
const CHART_MAKER: &str = "https://www.tradingview.com/";

/// `GET /s/{symbol}`.
///
/// # Errors
/// 400 for a parameter that is not known.
pub(crate) async fn page(
    req: HttpRequest,
    path: Path<String>,
    state: Data<WebState>,
) -> Result<HttpResponse, ApiError> {
    let visit = Visit::new(&req, &state)?;
    query::read::<PageParams>(req.query_string())?;
    let queries = &state.handles.queries;
    if !queries.knows(&path) {
        return Ok(unknown(&visit, &path));
    }
    let main = match queries.report(&path).await {
        Some(report) => {
            let marks = marks(&visit).await;
            html! { (pair(&visit, &report, &marks)) (predictions(&visit, &path).await) }
        }
        None => html! { h1 { (path) } p.box { (visit.t.no_scores()) } },
    };
    let words = texts_for_scripts!(visit.t;
        chart_open, chart_high, chart_low, chart_close, chart_none, resistance,
    );
    let page = Page { title: &path, section: Section::Market, script: "symbol.js", words, main };
    let markup = render(&visit, &page);
    Ok(visit.answer(HttpResponse::Ok(), markup))
}

fn unknown(visit: &Visit<'_>, name: &str) -> HttpResponse {
    let t = visit.t;
    let main = html! {
        h1 { (t.unknown_pair()) }
        p.box { strong { (name) } " " (t.unknown_pair_text()) }
        p { a href="/" { (t.back()) } }
    };
    let page =
        Page { title: &t.unknown_pair(), section: Section::Market, script: "status.js", words: vec![], main };
    visit.answer(HttpResponse::NotFound(), render(visit, &page))
}

fn pair(visit: &Visit<'_>, report: &Report, marks: &Marks) -> Markup {
    let (t, state) = (visit.t, visit.state);
    let published = state.handles.view.published();
    let row = published.as_ref().and_then(|p| p.snapshot.row(report.symbol.as_str()));
    let profile = state.profile();
    let name = report.symbol.as_str();
    html! {
        p.back { a href="/" { (t.back()) } }
        div.pair data-symbol=(name) data-level=[row.map(|r| r.level)] {
            h1 { (name) }
            @if let Some(row) = row { span.badge { (row.level) } }
            @if visit.operates { (star(name, marks, t)) (mute(name, marks, t)) }
        }
        div id="why-not" data-live { (why_not(report, row, state, &marks.ladders, t)) }
        section id="facts" data-live { (facts(report, row, marks, t)) }
        (chart(report, state, t))
        @if let Some(a) = &report.analysis {
            div.beside {
                section id="breakdown" data-live { (breakdown(a, &profile, t)) }
                section id="factors" data-live { (factors(a, &profile.probability, t)) }
            }
            section id="why-chance" data-live { (why_chance::section(state.handles.explained(name).as_ref(), &marks.ladders.chance, t)) }
        }
        (alerts(visit, name))
    }
}

fn why_not(report: &Report, row: Option<&Row>, state: &WebState, ladders: &Ladders, t: &Texts) -> Markup {
    let why = why_not_listed(report, row, state);
    html! {
        @if let Some(why) = why {
            div.box.note { h2 { (t.why_not()) } p { (not_listed::in_words(&why, row, &report.readiness, ladders, t)) } }
        }
        @if report.analysis.as_ref().is_some_and(|a| a.pause_jump) { p.box.bad { (t.pause_jump()) } }
    }
}

fn facts(report: &Report, row: Option<&Row>, marks: &Marks, t: &Texts) -> Markup {
    let ago = report.readiness.data_age_ms.map_or_else(|| DASH.to_owned(), span);
    html! {
        h2.sr { (t.pair_facts()) }
        div.facts.pair-facts { dl {
            @if let Some(a) = &report.analysis { (scores(a, row, marks, t)) }
            div { dt { (t.data()) } dd { (data_state(&report.readiness, t)) " · " (ago) } }
        } }
        // In words and not as a hint alone: a phone and a keyboard have no pointer to rest on it.
        @if let Some(chance) = row.and_then(|r| r.calibrated_7_5) {
            p.soft { (t.calibrated()) " " (marks.ladders.chance(Some(chance), t)) ": " (marks.cases.of(chance, t)) "." }
        }
    }
}

fn scores(a: &Analysis, row: Option<&Row>, marks: &Marks, t: &Texts) -> Markup {
    let hour = a.indicators.velocity_1h;
    let resistance = a.resistance.map_or_else(
        || t.no_resistance(),
        |r| format!("{} ({})", price(r, t), change(100.0 * (r / a.current_price - 1.0), t)),
    );
    let calibrated = row.and_then(|r| r.calibrated_7_5);
    html! {
        div { dt { (t.price()) } dd { (price(a.current_price, t)) } }
        div { dt { (t.change()) } dd class=(sign(hour)) { (change(hour, t)) } }
        div { dt { (t.score()) } dd { (bar(&a.components, t)) " " (marks.ladders.score(a.total_score, t)) } }
        div { dt { (t.composite()) } dd { (decimal(a.composite_score, 1, t)) } }
        div { dt title=(t.rule_hint()) { (t.rule()) } dd { (decimal(a.probability_7_5, 1, t)) } }
        div { dt title=(t.calibrated_hint()) { (t.calibrated()) } dd { (marks.ladders.chance(calibrated, t)) } }
        div { dt { (t.volume()) } dd { (millions(a.volume_24h, t)) } }
        div { dt { (t.volatility()) } dd { (percent(a.indicators.volatility_24h, 2, t)) } }
        div { dt { (t.resistance()) } dd data-resistance=[a.resistance] { (resistance) } }
        div { dt { (t.updated()) } dd { time datetime=(iso(a.timestamp.ms())) title=(date(a.timestamp.ms(), t)) { (clock(a.timestamp.ms())) " UTC" } } }
    }
}

fn chart(report: &Report, state: &WebState, t: &Texts) -> Markup {
    let bar = state.config.bar_interval;
    let from = state.now() - BARS * bar.ms();
    let caption = t.chart((BARS * bar.minutes() / 60).to_string(), bar.minutes().to_string());
    html! {
        figure.chart id="chart" data-symbol=(report.symbol) data-from=(from) data-bars=(BARS) data-bar=(bar.as_str()) data-history[state.handles.history.is_some()] {
            figcaption { (caption) }
            div.canvas.needs-js role="img" aria-label=(caption) {}
            noscript { p { (t.chart_script()) } }
            (lines(t))
            p.soft.legend {
                (t.chart_legend()) " "
                (t.chart_maker()) " " a href=(CHART_MAKER) rel="noopener noreferrer" { "TradingView Lightweight Charts™" }
                ", © 2026 TradingView, Inc. (" a href=(assets::url("lightweight-charts.LICENSE")) { "Apache 2.0" } ")"
            }
        }
    }
}

/// The lines of the chart by their colours, pane by pane. In the chart, names would hide the newest bars.
fn lines(t: &Texts) -> Markup {
    let panes = [
        (t.price(), vec![(2, t.breakout_line()), (4, t.resistance())]),
        ("RSI".to_owned(), vec![(1, "14".to_owned()), (4, "21".to_owned())]),
        ("MACD".to_owned(), vec![(1, "MACD".to_owned()), (4, t.signal_line())]),
        (t.chart_scores(), vec![(3, t.score()), (4, t.rule()), (2, t.calibrated())]),
    ];
    html! {
        ul.lines.needs-js { @for (pane, lines) in panes { li {
            b { (pane) }
            @for (colour, name) in lines { " " span class=(format!("swatch part-{colour}")) {} " " (name) }
        } } }
    }
}

/// The pair's rises of level and alerts with what became of them.
async fn predictions(visit: &Visit<'_>, name: &str) -> Markup {
    let (t, state) = (visit.t, visit.state);
    if state.handles.history.is_none() {
        return html! {};
    }
    let asked = Asked {
        kind: Some(vec![PredictionKind::Episode, PredictionKind::Alert]),
        symbol: Some(Symbol::new(name)),
        limit: Some(ALERTS as u32),
        ..Asked::default()
    };
    let body = read(state, &asked).await;
    html! {
        section id="pair-predictions" data-live {
            h2 { (t.pair_predictions()) }
            @match body {
                Ok(body) => (predictions::table(&body.predictions, &t.pair_predictions(), &Ladders::in_force(state), t)),
                Err(_) => p.box.bad { (t.history_silent()) },
            }
        }
    }
}

fn alerts(visit: &Visit<'_>, name: &str) -> Markup {
    let Some(operator) = visit.state.handles.operator.as_ref() else { return html! {} };
    let records = operator.alerts(Some(name), MarketTime::MAX, ALERTS).ok();
    let ladders = Ladders::in_force(visit.state);
    html! {
        section id="pair-alerts" data-live { (history::table(records.as_deref(), &BTreeMap::new(), &visit.t.pair_alerts(), &ladders, visit.t)) }
    }
}
