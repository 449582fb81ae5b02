//! Where a pair's score and probability come from: value, points, and what would lift it a level.

use crate::actors::alert::text::parts as named;
use crate::domain::report::{Analysis, Level};
use crate::domain::score::lift::{Lift, Need, Part, parts};
use crate::domain::score::profile::{ProbabilityRule, Profile};
use crate::i18n::Texts;
use crate::i18n::number::price_places;
use crate::web::pages::format::{DASH, change, decimal, exact, places, price, rounded};
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
    // Points and their sum with as many decimals as tell which level the sum has.
    let level = |score: f64| profile.levels.level(score);
    let fine = places(a.total_score, 1, |rounded| level(rounded) == level(a.total_score));
    html! {
        div.sheet { table {
            caption { (t.breakdown()) }
            thead { tr {
                th scope="col" { (t.part()) } th.num scope="col" { (t.value()) } th.num scope="col" { (t.points()) }
                th scope="col" { (t.lift()) }
            } }
            tbody { @for (i, (part, (name, _))) in rows.iter().zip(named(&a.components, t)).enumerate() {
                @let shown = Shown::new(part, i);
                tr {
                    th scope="row" { span class=(format!("swatch part-{}", i + 1)) {} " " (name) }
                    td.num data-name=(t.value()) {
                        (shown.value(t))
                        @if let Some(met) = part.met() { " " span.soft { "(" (need(met, shown.unit, t)) ")" } }
                    }
                    td.num data-name=(t.points()) { (decimal(part.points, fine, t)) " / " (decimal(part.most, 0, t)) }
                    td data-name=(t.lift()) { (lifts(part, &shown, a.current_price, next.zip(missing), t)) }
                }
            } }
            tfoot { tr {
                th scope="row" { (t.total()) }
                td {}
                td.num data-name=(t.points()) { strong { (decimal(a.total_score, fine, t)) } " / 100" }
                td data-name=(t.next_level()) {
                    @if let (Some((level, from)), Some(missing)) = (next, missing) {
                        (t.next_level()) ": " strong { (level) } " ≥ " (exact(from, t)) " (+" (decimal(missing, fine, t)) ")"
                    } @else { (t.top_level()) }
                }
            } }
        } }
    }
}

/// A part's value as it is shown.
struct Shown {
    value: Option<f64>,
    places: usize,
    unit: &'static str,
}

impl Shown {
    /// With as many decimals as tell on which side of the part's thresholds it is.
    fn new(part: &Part, at: usize) -> Self {
        // The MACD histogram is in price units.
        let least = part.value.filter(|_| at == 1).map_or(1, |v| price_places(v.abs()));
        let places = part.value.map_or(least, |v| places(v, least, |rounded| part.is_told_by(rounded)));
        Self { value: part.value, places, unit: UNITS[at] }
    }

    fn value(&self, t: &Texts) -> String {
        self.value.map_or_else(|| DASH.to_owned(), |v| format!("{}{}", decimal(v, self.places, t), self.unit))
    }

    /// How far the value is from fulfilling a condition, as the difference of what is shown of both.
    fn missing(&self, need: Need, price_now: f64, t: &Texts) -> Option<String> {
        if let Need::Price(at) = need {
            return Some(change(100.0 * (at / price_now - 1.0), t));
        }
        let value = self.value?;
        let end = need.end(value)?;
        let gap = end - rounded(value, self.places);
        let sign = if gap > 0.0 { "+" } else { "" };
        (gap != 0.0).then(|| format!("{sign}{}{}", decimal(gap, self.places, t), self.unit))
    }
}

fn lifts(part: &Part, shown: &Shown, price_now: f64, next: Option<((Level, f64), f64)>, t: &Texts) -> Markup {
    if part.lifts.is_empty() {
        return html! { span.soft { (t.lift_none()) } };
    }
    let reaches =
        |lift: &Lift| next.filter(|(_, missing)| lift.gain >= missing - 1e-9).map(|((level, _), _)| level);
    html! {
        ul.plain { @for lift in &part.lifts {
            li data-level=[reaches(lift)] {
                (need(lift.need, shown.unit, t)) " "
                @if let Some(missing) = shown.missing(lift.need, price_now, t) { span.soft { "(" (missing) ")" } " " }
                strong { "+" (decimal(lift.gain, 1, t)) }
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

/// What it takes to get points.
fn need(need: Need, unit: &str, t: &Texts) -> String {
    match need {
        Need::Below(v) => format!("< {}{unit}", exact(v, t)),
        Need::Between(a, b) => format!("{}–{}{unit}", exact(a, t), exact(b, t)),
        Need::From(v) => format!("≥ {}{unit}", exact(v, t)),
        // Of the price and not of the settings: it has more digits than anybody reads.
        Need::Above(v) if v != 0.0 => format!("> {}{unit}", price(v, t)),
        Need::Above(_) => format!("> 0{unit}"),
        Need::Price(v) => t.need_price(price(v, t)),
        Need::NearHigh => t.near_high(),
    }
}
