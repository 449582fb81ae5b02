//! The part of the symbol page that says why the model gives the pair its chance.

use crate::domain::ranking::ModelInputs;
use crate::domain::score::level::LevelThresholds;
use crate::i18n::Texts;
use crate::learning::why::{ADAPTATION, InPoints};
use crate::web::model_in_force::ExplanationBody;
use crate::web::pages::format::{decimal, percent};
use maud::{Markup, html};

/// What stands in the table, in tenths of a percentage point.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    base: i64,
    largest: Vec<(&'static str, i64)>,
    rest: i64,
}

/// The parts as they are shown. Whoever adds up what stands there gets the chance that stands there: the rest takes what
/// rounding the others has left over.
fn shown(points: &InPoints, chance: i64) -> Shown {
    let base = tenths(points.base);
    let largest: Vec<(&str, i64)> =
        points.largest.iter().map(|part| (part.group, tenths(part.points))).collect();
    let rest = chance - base - largest.iter().map(|(_, tenths)| tenths).sum::<i64>();
    Shown { base, largest, rest }
}

#[expect(clippy::cast_possible_truncation, reason = "a thousand at most")]
fn tenths(points: f64) -> i64 {
    (10.0 * points).round() as i64
}

pub(super) fn section(explained: Option<&ExplanationBody>, ladder: &LevelThresholds, t: &Texts) -> Markup {
    let Some(e) = explained else { return html! {} };
    let chance = ladder.rounded(e.calibrated_7_5, 1);
    let shown = shown(&e.points, tenths(chance));
    html! {
        div.sheet { table {
            caption { (t.why_chance()) ": " (percent(chance, 1, t)) }
            thead { tr { th scope="col" { (t.part()) } th.num scope="col" { (t.why_points()) } } }
            tbody {
                tr { th scope="row" { (t.why_base()) } td.num data-name=(t.why_points()) { (decimal(shown.base as f64 / 10.0, 1, t)) } }
                @for (group, points) in &shown.largest { (row(&name(group, t), *points, t)) }
                (row(&t.why_rest(), shown.rest, t))
            }
            tfoot { tr {
                th scope="row" { (t.why_sum()) }
                td.num data-name=(t.why_sum()) { strong { "= " (percent(chance, 1, t)) } }
            } }
        } }
        p.soft {
            (t.why_chance_text()) " " (t.model()) " " strong { (e.model) }
            @if let Some((from, to)) = e.trained_from.as_ref().zip(e.trained_to.as_ref()) { ", " (t.trained_on()) " " (day(from)) " – " (day(to)) }
            @if e.model_inputs == ModelInputs::Partial { ". " (t.inputs_partial()) }
        }
    }
}

fn row(name: &str, tenths: i64, t: &Texts) -> Markup {
    let (sign, class) = match tenths {
        0 => ("", ""),
        1.. => ("+", "up"),
        _ => ("−", "down"),
    };
    html! {
        tr {
            th scope="row" { (name) }
            td.num data-name=(t.why_points()) { span class=(class) { (sign) (decimal(tenths.abs() as f64 / 10.0, 1, t)) } }
        }
    }
}

/// `2022-11-01` of `2022-11-01T00:00:00Z`.
fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}

fn name(group: &str, t: &Texts) -> String {
    match group {
        "movement" => t.group_movement(),
        "record" => t.group_record(),
        "trend" => t.group_trend(),
        "breakout" => t.group_breakout(),
        "volume" => t.group_volume(),
        "momentum" => t.group_momentum(),
        ADAPTATION => t.why_shift(),
        _ => t.group_market(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::why::PointsOf;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_shown_adds_up_to_the_shown_chance(
            base in 0.0_f64..100.0,
            sizes in prop::collection::vec(-60.0_f64..60.0, 5),
            rest in -20.0_f64..20.0,
        ) {
            let largest: Vec<PointsOf> = sizes.iter().map(|points| PointsOf { group: "trend", points: *points }).collect();
            let chance = base + sizes.iter().sum::<f64>() + rest;
            let told = shown(&InPoints { base, largest, rest }, tenths(chance));
            let sum = told.base + told.largest.iter().map(|(_, tenths)| tenths).sum::<i64>() + told.rest;
            prop_assert_eq!(sum, tenths(chance));
            prop_assert!((told.rest - tenths(rest)).abs() <= 4, "rounding moves it by tenths at most");
        }
    }
}
