//! The part of the symbol page that says why the model gives the pair its chance.

use crate::domain::ranking::ModelInputs;
use crate::i18n::Texts;
use crate::learning::features::GROUPS;
use crate::web::model_in_force::ExplanationBody;
use crate::web::pages::format::{decimal, percent};
use maud::{Markup, html};

/// Percentage points are told for each group: the chance with it less the chance without it, in the order of their
/// strength. Their exact sum is that of the log odds, which stand beside them.
pub(super) fn section(explained: Option<&ExplanationBody>, t: &Texts) -> Markup {
    let Some(e) = explained else { return html! {} };
    let sum = |group: &str| {
        let own = e.explanation.contributions.iter().filter(|c| c.group == group);
        own.map(|c| c.log_odds).sum::<f64>()
    };
    let mut groups: Vec<(&str, f64)> = GROUPS.into_iter().map(|group| (group, sum(group))).collect();
    // What moved the chance most, up or down, stands on top.
    groups.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    html! {
        div.sheet { table {
            caption { (t.why_chance()) ": " (percent(e.calibrated_7_5, 1, t)) }
            thead { tr { th scope="col" { (t.why_group()) } th.num scope="col" { (t.log_odds()) } } }
            tbody {
                tr { th scope="row" { (t.why_start()) } td.num data-name=(t.log_odds()) { (signed(e.explanation.start, t)) } }
                @for (group, log_odds) in &groups {
                    tr {
                        th scope="row" { (name(group, t)) }
                        td.num data-name=(t.log_odds()) { span class=(class(*log_odds)) { (signed(*log_odds, t)) } }
                    }
                }
                tr { th scope="row" { (t.why_shift()) } td.num data-name=(t.log_odds()) { (signed(e.explanation.shift, t)) } }
            }
            tfoot { tr {
                th scope="row" { (t.why_sum()) }
                td.num data-name=(t.why_sum()) {
                    strong { (signed(e.explanation.log_odds, t)) " = " (percent(e.calibrated_7_5, 1, t)) }
                }
            } }
        } }
        p.soft {
            (t.why_chance_text()) " " (t.model()) " " strong { (e.model) }
            @if let Some((from, to)) = e.trained_from.as_ref().zip(e.trained_to.as_ref()) { ", " (t.trained_on()) " " (day(from)) " – " (day(to)) }
            @if e.model_inputs == ModelInputs::Partial { ". " (t.inputs_partial()) }
        }
    }
}

/// `2022-11-01` of `2022-11-01T00:00:00Z`.
fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}

fn signed(value: f64, t: &Texts) -> String {
    let plus = if value >= 0.0 { "+" } else { "−" };
    format!("{plus}{}", decimal(value.abs(), 2, t))
}

const fn class(value: f64) -> &'static str {
    if value > 0.005 {
        "up"
    } else if value < -0.005 {
        "down"
    } else {
        ""
    }
}

fn name(group: &str, t: &Texts) -> String {
    match group {
        "movement" => t.group_movement(),
        "record" => t.group_record(),
        "trend" => t.group_trend(),
        "breakout" => t.group_breakout(),
        "volume" => t.group_volume(),
        "momentum" => t.group_momentum(),
        _ => t.group_market(),
    }
}
