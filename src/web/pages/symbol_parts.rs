//! Where a pair's score and probability come from: value, points, and what would lift it a level.

use crate::domain::report::{Analysis, Level};
use crate::domain::score::lift::{Lift, Need, Part, parts};
use crate::domain::score::profile::{ProbabilityRule, Profile};
use crate::i18n::Texts;
use crate::web::pages::format::{DASH, decimal, price};
use crate::web::pages::table::parts as named;
use maud::{Markup, html};

/// Units of the values behind the parts.
const UNITS: [&str; 5] = ["", "", " %", " %", ""];

/// The next level up with its threshold.
fn next(profile: &Profile, a: &Analysis) -> Option<(Level, f64)> {
    let above = Level::LISTED.into_iter().rev().find(|level| *level > a.confidence_level)?;
    Some((above, profile.levels.threshold(above)))
}

/// The five parts as a table that adds up.
pub(crate) fn breakdown(a: &Analysis, profile: &Profile, t: &Texts) -> Markup {
    let next = next(profile, a);
    let missing = next.map(|(_, from)| from - a.total_score);
    let rows = parts(profile, a, missing);
    html! {
        div.sheet { table {
            caption { (t.breakdown()) }
            thead { tr {
                th scope="col" { (t.part()) } th.num scope="col" { (t.value()) } th.num scope="col" { (t.points()) }
                th scope="col" { (t.lift()) }
            } }
            tbody { @for (i, (part, (name, _))) in rows.iter().zip(named(&a.components, t)).enumerate() { tr {
                th scope="row" { span class=(format!("swatch part-{}", i + 1)) {} " " (name) }
                td.num data-name=(t.value()) { (value(part, i, t)) }
                td.num data-name=(t.points()) { (decimal(part.points, 1, t)) " / " (decimal(part.most, 0, t)) }
                td data-name=(t.lift()) { (lifts(part, i, next, missing, t)) }
            } } }
            tfoot { tr {
                th scope="row" { (t.total()) }
                td {}
                td.num data-name=(t.points()) { strong { (decimal(a.total_score, 1, t)) } " / 100" }
                td data-name=(t.next_level()) {
                    @if let (Some((level, from)), Some(missing)) = (next, missing) {
                        (t.next_level()) ": " strong { (level) } " ≥ " (decimal(from, 0, t)) " (+" (decimal(missing, 1, t)) ")"
                    } @else { (t.top_level()) }
                }
            } }
        } }
    }
}

fn value(part: &Part, at: usize, t: &Texts) -> String {
    part.value.map_or_else(
        || DASH.to_owned(),
        |v| {
            // The MACD histogram is in price units.
            if at == 1 { signed_price(v, t) } else { format!("{}{}", decimal(v, 1, t), UNITS[at]) }
        },
    )
}

fn signed_price(value: f64, t: &Texts) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}", price(value.abs(), t))
}

fn lifts(part: &Part, at: usize, next: Option<(Level, f64)>, missing: Option<f64>, t: &Texts) -> Markup {
    if part.lifts.is_empty() {
        return html! { span.soft { (t.lift_none()) } };
    }
    let reaches = |lift: &Lift| next.filter(|_| missing.is_some_and(|m| lift.gain >= m - 1e-9)).map(|n| n.0);
    html! {
        ul.plain { @for lift in &part.lifts {
            li data-level=[reaches(lift)] {
                (need(lift.need, UNITS[at], t)) " " strong { "+" (decimal(lift.gain, 1, t)) }
                @if let Some(level) = reaches(lift) { " → " (t.reaches()) " " span.badge { (level) } }
            }
        } }
    }
}

/// The five factors of the rule probability with what each adds.
pub(crate) fn factors(a: &Analysis, rule: &ProbabilityRule, t: &Texts) -> Markup {
    let f = &a.factors;
    let rows = [
        (t.factor_volatility(), f.volatility, rule.volatility_weight),
        (t.factor_momentum(), f.momentum, rule.momentum_weight),
        (t.factor_resistance(), f.resistance, rule.resistance_weight),
        (t.factor_btc(), f.btc_correlation, rule.btc_correlation_weight),
        (t.factor_liquidity(), f.liquidity, rule.liquidity_weight),
    ];
    html! {
        div.sheet { table {
            caption { (t.factors()) }
            thead { tr {
                th scope="col" { (t.factor()) } th.num scope="col" { (t.value()) " (0–1)" }
                th.num scope="col" { (t.weight()) } th.num scope="col" { (t.share()) }
            } }
            tbody { @for (name, factor, weight) in rows { tr {
                th scope="row" { (name) }
                td.num data-name=(t.value()) { (decimal(factor, 3, t)) }
                td.num data-name=(t.weight()) { (decimal(100.0 * weight, 0, t)) " %" }
                td.num data-name=(t.share()) { (decimal(100.0 * weight * factor, 2, t)) }
            } } }
            tfoot { tr {
                th scope="row" { (t.rule()) } td {} td {}
                td.num data-name=(t.rule()) { strong { (decimal(a.probability_7_5, 2, t)) " %" } }
            } }
        } }
        @if !a.btc_analyzable { p.soft { (t.btc_missing()) } }
    }
}

/// What it takes to get more points.
fn need(need: Need, unit: &str, t: &Texts) -> String {
    let n = |v: f64| if v.abs() < 1.0 && v != 0.0 { price(v, t) } else { decimal(v, 1, t) };
    match need {
        Need::Below(v) => format!("< {}{unit}", n(v)),
        Need::Between(a, b) => format!("{}–{}{unit}", n(a), n(b)),
        Need::From(v) => format!("≥ {}{unit}", n(v)),
        Need::Above(v) => format!("> {}{unit}", n(v)),
        Need::Price(v) => t.need_price(price(v, t)),
        Need::NearHigh => t.near_high(),
    }
}
