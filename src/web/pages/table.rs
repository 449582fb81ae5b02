//! The rows of the market table. `web/table.js` writes the same cells.

use crate::actors::alert::text::parts;
use crate::domain::ranking::Row;
use crate::domain::report::{Components, NotReady, Readiness};
use crate::domain::time::clock;
use crate::i18n::Texts;
use crate::web::api::sparklines::heights;
use crate::web::pages::cases::KnownCases;
use crate::web::pages::format::{change, decimal, iso, millions, price, span, symbol_url};
use crate::web::pages::ladders::Ladders;
use maud::{Markup, html};

/// Least change of the hour that counts as one, percent. Less is shown as 0.00.
const FLAT: f64 = 0.005;

/// What a row is drawn with.
pub(crate) struct Marks {
    pub watchlist: Vec<String>,
    pub muted: Vec<String>,
    /// The visitor may change both.
    pub operates: bool,
    pub ladders: Ladders,
    pub cases: KnownCases,
}

/// The score as five parts in a row: full width is 100 points.
pub(crate) fn bar(c: &Components, t: &Texts) -> Markup {
    let parts = parts(c, t);
    let words: Vec<String> =
        parts.iter().map(|(name, points)| format!("{name} {}", decimal(*points, 1, t))).collect();
    let starts = parts.iter().scan(0.0, |sum, (_, points)| {
        let from = *sum;
        *sum += points;
        Some(from)
    });
    html! {
        svg.parts viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=(words.join(" + ")) {
            title { (words.join(" + ")) }
            rect.part-0 width="100" height="8" {}
            @for (i, ((_, points), from)) in parts.iter().zip(starts).enumerate() {
                rect class=(format!("part-{}", i + 1)) x=(round(from)) width=(round(*points)) height="8" {}
            }
        }
    }
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// State of a pair's data in words: `live`, `warming up 120/1456`.
pub(crate) fn state(r: &Readiness, t: &Texts) -> String {
    match r.reason {
        None if r.refilled => t.state_refilled(),
        None => t.state_live(),
        Some(NotReady::WarmingUp) => {
            format!("{} {}/{}", t.state_warming(), r.ready_candles, r.needed_candles)
        }
        Some(NotReady::Gap) => t.state_gap(),
        Some(NotReady::Stale) => t.state_stale(),
        Some(NotReady::Halted) => t.state_halted(),
    }
}

pub(crate) fn row(row: &Row, refilled: bool, trend: Option<&str>, marks: &Marks, t: &Texts) -> Markup {
    let a = &row.analysis;
    let name = row.symbol.as_str();
    let hour = a.indicators.velocity_1h;
    html! {
        tr data-symbol=(name) data-level=(row.level) {
            th.c-symbol scope="row" {
                @if marks.operates { (star(name, marks, t)) }
                a href=(symbol_url(name)) { (name) }
            }
            td.c-level { span.badge { (row.level) } }
            td.c-price data-name=(t.price()) { span { (price(a.current_price, t)) } }
            td.c-change data-name=(t.change()) { span class=(sign(hour)) { (change(hour, t)) } }
            td.c-trend data-name=(t.trend()) { (spark(trend.unwrap_or_default())) }
            td.c-score data-name=(t.score()) {
                (bar(&a.components, t)) " " span { (marks.ladders.score(a.total_score, t)) } span.arrow {}
            }
            td.c-rule data-name=(t.rule()) { span { (decimal(a.probability_7_5, 1, t)) } }
            td.c-calibrated data-name=(t.calibrated()) {
                span title=[row.calibrated_7_5.map(|c| marks.cases.of(c, t))] { (marks.ladders.chance(row.calibrated_7_5, t)) }
            }
            td.c-composite data-name=(t.composite()) { span { (decimal(a.composite_score, 1, t)) } }
            td.c-volume data-name=(t.volume()) { span { (millions(a.volume_24h, t)) } }
            td.c-data data-name=(t.data()) {
                span.dot data-state=(if refilled { "refilled" } else { "live" }) {}
                span { (if refilled { t.state_refilled() } else { t.state_live() }) " · " (span(row.data_age_ms)) }
            }
            td.c-time data-name=(t.time()) { time datetime=(iso(a.timestamp.ms())) { (clock(a.timestamp.ms())) } }
            @if marks.operates { td.c-actions { (mute(name, marks, t)) } }
        }
    }
}

/// The last hours as a line; empty where there is none. The number beside it says what it is.
fn spark(line: &str) -> Markup {
    let heights = heights(line);
    let points: Vec<String> = heights.iter().enumerate().map(|(x, h)| format!("{x},{}", 35 - h)).collect();
    let rises = heights.first() <= heights.last();
    html! {
        svg.spark viewBox="0 0 23 35" preserveAspectRatio="none" aria-hidden="true" {
            polyline class=(if rises { "up" } else { "down" }) points=(points.join(" ")) {}
        }
    }
}

/// `up`, `down` or `flat`.
pub fn sign(value: f64) -> &'static str {
    match value {
        v if v >= FLAT => "up",
        v if v <= -FLAT => "down",
        _ => "flat",
    }
}

/// The star: pressed when the pair is watched.
pub(crate) fn star(name: &str, marks: &Marks, t: &Texts) -> Markup {
    let on = marks.watchlist.iter().any(|w| w == name);
    let word = if on { t.unstar() } else { t.star() };
    html! {
        button.icon.star.needs-js type="button" aria-pressed=(on) title=(word) aria-label=(format!("{word} {name}")) {
            (if on { "★" } else { "☆" })
        }
    }
}

/// A bell; the style strikes it through when it is pressed.
fn bell() -> Markup {
    html! {
        svg viewBox="0 0 16 16" aria-hidden="true" {
            path d="M8 1.5a4 4 0 0 0-4 4V9l-1.5 2.5h11L12 9V5.5a4 4 0 0 0-4-4zM6.5 12.5a1.5 1.5 0 0 0 3 0z" {}
            path.strike d="M2 2l12 12" {}
        }
    }
}

/// The mute button: pressed when the pair is muted.
pub(crate) fn mute(name: &str, marks: &Marks, t: &Texts) -> Markup {
    let on = marks.muted.iter().any(|m| m == name);
    let word = if on { t.unmute() } else { t.mute() };
    html! {
        button.icon.mute.needs-js type="button" aria-pressed=(on) title=(word) aria-label=(format!("{word} {name}")) {
            (bell())
        }
    }
}
