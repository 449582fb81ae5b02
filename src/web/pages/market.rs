//! The market view `/`: one table of the listed pairs, above it the state of market and scanner.

use crate::actors::view::{FULL, FeedState};
use crate::domain::market_move::MarketMove;
use crate::domain::ranking::Snapshot;
use crate::domain::report::{Level, NotReady};
use crate::domain::time::clock;
use crate::i18n::{Texts, texts_for_scripts};
use crate::web::api::ranking::{MarketBody, market};
use crate::web::api::sparklines::{self, SparklinesBody};
use crate::web::config::WebState;
use crate::web::pages::cases::KnownCases;
use crate::web::pages::filters::{COLUMNS, Filters, rises};
use crate::web::pages::format::{DASH, change, decimal, percent, symbol_url};
use crate::web::pages::ladders::Ladders;
use crate::web::pages::layout::{Page, Section, Visit, age, feed, render};
use crate::web::pages::table::{Marks, row, sign};
use crate::web::problem::ApiError;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, PreEscaped, html};

/// `GET /`.
///
/// # Errors
/// 400 for a parameter that is not known or makes no sense.
pub(crate) async fn page(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    let visit = Visit::new(&req, &state)?;
    let choice = Filters::parse(req.query_string())?;
    let published = state.handles.view.published();
    let snapshot = published.as_ref().map(|p| p.snapshot.as_ref());
    let marks = marks(&visit).await;
    let trends = sparklines::read(&state).await;
    let main = html! {
        h1.sr { (visit.t.ranking()) }
        (facts(&visit, snapshot))
        p.box id="warming" hidden[snapshot.is_some()] {
            (visit.t.warming()) " " span id="progress" { (progress(&state)) }
        }
        (market_move(snapshot.and_then(|s| s.market_move), &marks.cases, visit.t))
        (filters(&choice, snapshot, visit.t))
        (table(snapshot, &choice, &trends, &marks, visit.t))
        (help(visit.t))
    };
    let words = texts_for_scripts!(visit.t;
        down, part_rsi, part_macd, part_volume, part_velocity, part_breakout, state_live, state_refilled,
        state_stale, new_top, price, change, score, rule, calibrated, composite, volume, data, time, trend,
        regime_up, regime_down, regime_flat,
    );
    let page = Page { title: "", section: Section::Market, script: "market.js", words, main };
    let markup = render(&visit, &page);
    Ok(visit.answer(HttpResponse::Ok(), markup))
}

/// Watchlist and mutes for the visitor.
pub(crate) async fn marks(visit: &Visit<'_>) -> Marks {
    let operator = visit.state.handles.operator.as_ref();
    let watchlist = operator.and_then(|d| d.watchlist().ok()).unwrap_or_default();
    let mutes = operator.and_then(|d| d.mutes().ok()).unwrap_or_default();
    let muted = mutes.into_iter().map(|m| m.symbol).collect();
    let (ladders, cases) = (Ladders::in_force(visit.state), KnownCases::read(visit.state).await);
    Marks { watchlist, muted, operates: visit.operates, ladders, cases }
}

fn progress(state: &WebState) -> String {
    let reports = state.handles.view.reports();
    let ready = reports.iter().filter(|r| r.readiness.reason.is_none()).count();
    format!("{ready}/{}", reports.len())
}

fn facts(visit: &Visit<'_>, snapshot: Option<&Snapshot>) -> Markup {
    let t = visit.t;
    let market: MarketBody = snapshot.map(market).unwrap_or_default();
    let of = |f: &dyn Fn(&Snapshot) -> String| snapshot.map_or_else(|| DASH.to_owned(), f);
    let btc = market.btc_change_1h;
    let regime = regime(&market);
    let breadth = market.breadth.map_or_else(|| DASH.to_owned(), |b| percent(100.0 * b, 0, t));
    let covered = snapshot.is_none_or(|s| s.coverage.ratio() >= FULL);
    // How the scanner is, in one small line: it is of interest when something in it is red.
    let scanner = [
        (t.link(), "link", t.connecting(), true),
        (t.feed(), "feed", feed(visit), visit.state.handles.view.status().feed == FeedState::Live),
        (t.coverage(), "coverage", of(&|s| percent(100.0 * s.coverage.ratio(), 1, t)), covered),
        (t.latency(), "latency", of(&|s| format!("{} ms", decimal(s.latency_ms, 1, t))), true),
        (t.cut(), "cut", of(&|s| clock(s.as_of.ms())), true),
        (t.age(), "age", age(visit), true),
    ];
    html! {
        section.state aria-label=(t.facts()) {
            dl {
                div { dt { (t.btc()) } dd id="btc" class=(btc.map_or("flat", sign)) {
                    (btc.map_or_else(|| DASH.to_owned(), |b| change(b, t)))
                } }
                div { dt { (t.regime()) } dd id="regime" class=(regime) { (regime_word(regime, t)) } }
                div { dt { (t.breadth()) } dd id="breadth" { (breadth) } }
            }
            dl.scanner data-least=(FULL) { @for (name, id, value, well) in scanner {
                div { dt { (name) } dd id=(id) class=[(!well).then_some("down")] { (value) } }
            } }
        }
    }
}

/// Many FUERTE episodes within an hour, as one event.
fn market_move(event: Option<MarketMove>, cases: &KnownCases, t: &Texts) -> Markup {
    let number = |id: &str, n: i64| html! { span id=(id) { (n) } }.into_string();
    let (episodes, minutes) = event.map_or((0, 0), |event| (event.episodes.into(), event.minutes()));
    let headline = t.headline_market_move(number("move-episodes", episodes), number("move-minutes", minutes));
    html! {
        p.box id="move" hidden[event.is_none()] { strong { (PreEscaped(headline)) } ". " (cases.of_moves(t)) }
    }
}

/// Where the market goes as a whole: BTC and the breadth must agree.
fn regime(market: &MarketBody) -> &'static str {
    match (market.btc_change_1h, market.breadth) {
        (Some(btc), Some(breadth)) if btc >= 0.0 && breadth >= 0.6 => "up",
        (Some(btc), Some(breadth)) if btc <= 0.0 && breadth <= 0.4 => "down",
        _ => "flat",
    }
}

fn regime_word(regime: &str, t: &Texts) -> String {
    match regime {
        "up" => t.regime_up(),
        "down" => t.regime_down(),
        _ => t.regime_flat(),
    }
}

fn filters(choice: &Filters, snapshot: Option<&Snapshot>, t: &'static Texts) -> Markup {
    let value = |key: &str| choice.raw.get(key).cloned().unwrap_or_default();
    let number = |key: &'static str, label: String| {
        html! {
            label.needs-js { (label) input name=(key) type="number" min="0" step="any" inputmode="decimal" value=(value(key)); }
        }
    };
    let view = |all: bool, text: String| {
        html! {
            a href=(choice.url(&[("view", if all { "all" } else { "" })])) data-view=(if all { "all" } else { "top" })
                aria-current=[(choice.all == all).then_some("true")] { (text) }
        }
    };
    html! {
        section.filters aria-label=(t.filters()) {
            div.views { (view(false, t.top())) (view(true, t.all())) }
            (level_links(choice, snapshot, t))
            input.needs-js id="q" name="q" type="search" placeholder=(t.search()) aria-label=(t.search()) autocomplete="off" spellcheck="false" value=(value("q"));
            details.more.needs-js {
                summary { (t.filters()) }
                div.panel {
                    (number("vol", t.min_volume())) (number("min", t.min_price())) (number("max", t.max_price()))
                    label.check { input name="watch" type="checkbox" checked[choice.watched]; " ★ " (t.watched()) }
                    button type="button" id="reset" { (t.reset()) }
                }
            }
            details.more.needs-js {
                summary { (t.columns()) }
                div.panel id="columns" {
                    @for column in &COLUMNS[1..] {
                        label.check { input type="checkbox" name=(column) checked; " " (heading(column, t)) }
                    }
                    label.check { input type="checkbox" name="trend" checked; " " (t.trend()) }
                }
            }
            button.icon.needs-js type="button" id="keys" title=(t.help()) aria-label=(t.help()) { "?" }
            noscript { p { (t.needs_script()) } }
        }
    }
}

/// The levels with how many pairs have each, to show one alone.
fn level_links(choice: &Filters, snapshot: Option<&Snapshot>, t: &Texts) -> Markup {
    let count = |level| snapshot.map_or(0, |s| s.rows.iter().filter(|r| r.level == level).count());
    let asked = choice.raw.get("level").map_or("", String::as_str);
    let current = |level: &str| (asked == level).then_some("true");
    html! {
        div.views.levels role="group" aria-label=(t.level()) {
            a href=(choice.url(&[("level", "")])) data-level="" aria-current=[current("")] { (t.every_level()) }
            @for level in Level::LISTED {
                a href=(choice.url(&[("level", level.as_str())])) data-level=(level) aria-current=[current(level.as_str())] {
                    span.badge { (level) } " " b id=(format!("count-{level}")) { (count(level)) }
                }
            }
        }
    }
}

fn heading(column: &str, t: &Texts) -> String {
    match column {
        "symbol" => t.symbol(),
        "level" => t.level(),
        "price" => t.price(),
        "change" => t.change(),
        "score" => t.score(),
        "rule" => t.rule(),
        "calibrated" => t.calibrated(),
        "composite" => t.composite(),
        "volume" => t.volume(),
        "data" => t.data(),
        _ => t.time(),
    }
}

fn hint(column: &str, t: &Texts) -> Option<String> {
    match column {
        "level" => Some(t.level_hint()),
        "rule" => Some(t.rule_hint()),
        "calibrated" => Some(t.calibrated_hint()),
        _ => None,
    }
}

fn head(column: &'static str, choice: &Filters, t: &'static Texts) -> Markup {
    let sorted = choice.sort == column;
    let ascending = if sorted { !choice.ascending } else { rises(column) };
    let order = sorted.then_some(if choice.ascending { "ascending" } else { "descending" });
    html! {
        th scope="col" class=(format!("c-{column}")) aria-sort=[order] {
            a href=(choice.url(&[("sort", column), ("dir", if ascending { "asc" } else { "desc" })]))
                data-sort=(column) title=[hint(column, t)] { (heading(column, t)) }
        }
    }
}

fn table(
    snapshot: Option<&Snapshot>,
    choice: &Filters,
    trends: &SparklinesBody,
    marks: &Marks,
    t: &'static Texts,
) -> Markup {
    let rows = snapshot.map(|s| choice.rows(s, &marks.watchlist)).unwrap_or_default();
    let refilled = |name: &str| {
        let reports = snapshot.map(|s| s.reports.as_slice()).unwrap_or_default();
        let at = reports.binary_search_by(|r| r.symbol.as_str().cmp(name));
        at.is_ok_and(|i| reports[i].readiness.refilled)
    };
    let listed = snapshot.map_or(0, |s| s.rows.len());
    html! {
        table.market id="market" data-chances=(Ladders::for_scripts(&marks.ladders.chance)) data-scores=(Ladders::for_scripts(&marks.ladders.score)) data-cases=(marks.cases.for_scripts(t)) {
            caption.sr { (t.ranking()) }
            thead { tr {
                @for column in COLUMNS {
                    @if column == "score" { th.c-trend scope="col" { (t.trend()) } }
                    (head(column, choice, t))
                }
                @if marks.operates { th.c-actions scope="col" { span.sr { (t.actions()) } } }
            } }
            tbody { @for r in &rows {
                (row(r, refilled(r.symbol.as_str()), trends.lines.get(r.symbol.as_str()).map(String::as_str), marks, t))
            } }
        }
        p.under {
            (t.shown()) " " span id="shown" { (rows.len()) } "/" span id="listed" { (listed) }
            " · " b id="count-discarded" { (snapshot.map_or(0, |s| s.discarded_rows.len())) } " " (t.discarded())
            " · " b id="count-filtered" { (snapshot.map_or(0, |s| s.outside_rows.len())) } " " (t.filtered())
            " · " (unscored(snapshot, t))
        }
        p.box id="empty" hidden[!rows.is_empty()] {
            (t.empty()) " "
            span id="whynot" hidden[choice.text.is_empty()] {
                (t.why_search()) " " a href=(symbol_url(&pair(&choice.text))) { (pair(&choice.text)) }
            }
        }
    }
}

/// Pairs without scores, by reason.
fn unscored(snapshot: Option<&Snapshot>, t: &Texts) -> Markup {
    let counts = snapshot.map_or([0; 4], |s| s.coverage.reasons);
    let names = [t.state_warming(), t.state_gap(), t.state_stale(), t.state_halted()];
    html! {
        a href="/status#pairs" { (t.unscored()) } ": "
        @for (at, (reason, count)) in NotReady::ALL.iter().zip(counts).enumerate() {
            @if at > 0 { ", " }
            (names[at]) " " span id=(format!("reason-{}", reason.as_str())) { (count) }
        }
    }
}

fn pair(text: &str) -> String {
    if text.ends_with("USDT") { text.to_owned() } else { format!("{text}USDT") }
}

fn help(t: &Texts) -> Markup {
    let keys = [
        ("/", t.key_search()),
        ("j k", t.key_move()),
        ("Enter", t.key_open()),
        ("s", t.key_star()),
        ("a", t.key_all()),
        ("?", t.key_help()),
    ];
    html! {
        dialog id="help" aria-labelledby="help-title" {
            h2 id="help-title" { (t.help()) }
            dl { @for (key, what) in keys { div { dt { kbd { (key) } } dd { (what) } } } }
            button type="button" id="close" { (t.close()) }
        }
    }
}
