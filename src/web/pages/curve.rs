//! Reliability curves as SVG: what was said against what came. On the diagonal chances mean what they say.

use crate::i18n::Texts;
use crate::web::api::performance::CalibrationBody;
use crate::web::pages::format::{decimal, percent};
use maud::{Markup, html};

/// Side of the plot, units of the drawing: a telephone shows it whole.
const SIDE: f64 = 240.0;
/// Room left and below for the numbers.
const MARGIN: f64 = 40.0;

fn x(chance: f64) -> f64 {
    MARGIN + SIDE * chance
}

fn y(share: f64) -> f64 {
    10.0 + SIDE * (1.0 - share)
}

fn at(v: f64) -> String {
    format!("{v:.1}")
}

/// Both curves with a table of their bins for those who do not see them.
pub(crate) fn curve(all: &[CalibrationBody], t: &Texts) -> Markup {
    let drawn: Vec<&CalibrationBody> = all.iter().filter(|c| !c.curve.bins.is_empty()).collect();
    html! {
        figure.chart.curve {
            figcaption { (t.reliability()) }
            @if drawn.is_empty() { p.soft { (t.reliability_none()) } }
            @else {
                svg viewBox="0 0 300 290" role="img" aria-label=(t.reliability()) {
                    (axes(t))
                    @for c in &drawn { (points(c, t)) }
                }
                ul.plain { @for c in &drawn { (legend(c, t)) } }
            }
        }
    }
}

fn name(c: &CalibrationBody, t: &Texts) -> String {
    if c.of == "calibrated_7_5" { t.calibrated_curve() } else { t.rule_curve() }
}

fn axes(t: &Texts) -> Markup {
    html! {
        @for step in 0..=4_u8 {
            @let v = f64::from(step) / 4.0;
            line.grid x1=(at(x(0.0))) x2=(at(x(1.0))) y1=(at(y(v))) y2=(at(y(v))) {}
            line.grid y1=(at(y(0.0))) y2=(at(y(1.0))) x1=(at(x(v))) x2=(at(x(v))) {}
            text x=(at(x(0.0) - 6.0)) y=(at(y(v) + 4.0)) text-anchor="end" { (percent(100.0 * v, 0, t)) }
            text x=(at(x(v))) y=(at(y(0.0) + 15.0)) text-anchor="middle" { (percent(100.0 * v, 0, t)) }
        }
        line.last x1=(at(x(0.0))) y1=(at(y(0.0))) x2=(at(x(1.0))) y2=(at(y(1.0))) {}
        text x=(at(x(0.5))) y=(at(y(0.0) + 32.0)) text-anchor="middle" { (t.reliability_said()) }
        text x=(at(x(0.0) + 6.0)) y=(at(y(1.0) + 12.0)) { (t.reliability_came()) }
    }
}

fn points(c: &CalibrationBody, t: &Texts) -> Markup {
    let line: Vec<String> =
        c.curve.bins.iter().map(|b| format!("{},{}", at(x(b.said)), at(y(b.came)))).collect();
    let class = if c.of == "calibrated_7_5" { "curve-2" } else { "curve-1" };
    html! {
        g class=(class) {
            polyline points=(line.join(" ")) fill="none" {}
            @for b in &c.curve.bins {
                circle cx=(at(x(b.said))) cy=(at(y(b.came))) r="4" {
                    title {
                        (percent(100.0 * b.said, 1, t)) " → " (percent(100.0 * b.came, 1, t)) " (" (t.sample_count(b.count)) ")"
                    }
                }
            }
        }
    }
}

fn legend(c: &CalibrationBody, t: &Texts) -> Markup {
    let class = if c.of == "calibrated_7_5" { "swatch part-2" } else { "swatch part-1" };
    let count: u64 = c.curve.bins.iter().map(|b| b.count).sum();
    let words: Vec<String> = c
        .curve
        .bins
        .iter()
        .map(|b| format!("{} → {}", percent(100.0 * b.said, 1, t), percent(100.0 * b.came, 1, t)))
        .collect();
    html! {
        li {
            span class=(class) {} " " strong { (name(c, t)) } ": " (t.sample_count(count))
            @if let Some(ece) = c.curve.ece { " · " (t.ece(percent(100.0 * ece, 1, t))) }
            @if let Some(brier) = c.curve.brier { " · Brier " (decimal(brier, 3, t)) }
            br; span.soft { (words.join(" · ")) }
        }
    }
}
