//! A backtest as one self-contained page: no script, no other file, charts as SVG.

use crate::domain::report::Level;
use crate::learning::backtest::compare::Comparison;
use crate::learning::backtest::report::{CurveBin, Precision, Report, Slice};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2330;background:#fff}\
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;width:100%;margin:.5rem 0;font-variant-numeric:tabular-nums}\
th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid #d6dbe3}th:first-child,td:first-child{text-align:left}\
.warn{background:#fdecc8;padding:.6rem 1rem;border-radius:.4rem}.small{color:#566}svg{max-width:100%;height:auto}\
@media(prefers-color-scheme:dark){body{color:#e6eaf0;background:#12161d}th,td{border-color:#2c3440}.warn{background:#4a3a10}.small{color:#9ab}}";

/// The page of one or several runs.
pub(crate) fn page(first: &Report, runs: &[Report], comparisons: &[Comparison]) -> String {
    let all = if runs.is_empty() { std::slice::from_ref(first) } else { runs };
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Impulso backtest" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Impulso backtest" }
                @for report in all { (run(report)) }
                @if !comparisons.is_empty() { (compared(comparisons)) }
                p.small {
                    "A hit is a high of at least +7.5 % within 24 h. Intervals are drawn from whole days, since hits come in clusters. \
                     A touch is not a profit."
                }
            }
        }
    };
    body.into_string()
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{:.1} %", 100.0 * v))
}

fn interval(ends: Option<[f64; 2]>) -> String {
    ends.map_or_else(|| "–".to_owned(), |[low, high]| format!("{:.1} to {:.1} %", 100.0 * low, 100.0 * high))
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"))
}

fn run(r: &Report) -> Markup {
    html! {
        section {
            h2 { (r.name) }
            p {
                (r.points) " points, base rate " b { (percent(Some(r.base_rate))) } ", AUC " b { (number(r.auc)) }
                ", Brier score " (number(r.brier)) ", calibration error " b { (number(r.ece)) }
                "; alerts a day: FUERTE " (format!("{:.1}", r.alerts_per_day.fuerte)) ", ALTA "
                (format!("{:.1}", r.alerts_per_day.alta))
            }
            @if r.levels_ordered == Some(false) {
                p.warn { "The levels are not in order of precision: they are not to be trusted on these candles." }
            }
            @for [from, to] in &r.in_training {
                p.warn { "The model was trained on " (from) " to " (to) ": figures over these days flatter it." }
            }
            (levels("Episodes by level", &r.levels))
            @if r.model.is_some() { (levels("The same by the rule", &r.rule_levels)) }
            (levels("Alerts by level", &r.alerts))
            h3 { "What was said, what came" }
            (curve(&r.curve))
            h3 { "By month" }
            table {
                tr { th { "Month" } th { "Points" } th { "Base rate" } th { "Calibration error" } th { "FUERTE" } th { "Precision" } }
                @for m in &r.by_month {
                    tr {
                        td { (m.month) } td { (m.points) } td { (percent(Some(m.base_rate))) } td { (number(m.ece)) }
                        td { (m.fuerte_episodes) } td { (percent(m.fuerte_precision)) }
                    }
                }
            }
            h3 { "FUERTE by the size of the event" }
            table {
                tr { th { "Pairs within an hour" } th { "Events" } th { "Judged" } th { "Precision" } th { "90 % interval" } }
                @for size in &r.by_size {
                    tr {
                        td { (size.from) @match size.to { Some(to) => { " to " (to) } None => " and more" } }
                        td { (size.events) } td { (size.within_24h.judged) } td { (percent(size.within_24h.precision)) }
                        td { (interval(size.within_24h.interval_90)) }
                    }
                }
            }
            (slices("By hour of the day, UTC", &r.by_hour))
            (slices("By 24 h volume", &r.by_liquidity))
            (slices("By BTC's 24 h change", &r.by_btc))
            (trades(r))
        }
    }
}

fn levels(title: &str, levels: &std::collections::BTreeMap<&'static str, Precision>) -> Markup {
    html! {
        h3 { (title) }
        table {
            tr {
                th { "Level" } th { "Count" } th { "Hits" } th { "Precision" } th { "90 % interval" } th { "Lift" } th { "Within 4 h" }
                th { "Median time" } th { "Mean rise" } th { "Mean fall" }
            }
            @for level in Level::LISTED {
                @if let Some(p) = levels.get(level.as_str()) {
                    tr {
                        td { (level.as_str()) } td { (p.episodes) } td { (p.hits) } td { (percent(p.precision)) }
                        td { (interval(p.interval_90)) }
                        td { (p.lift.map_or_else(|| "–".to_owned(), |l| format!("{l:.1}×"))) }
                        td { (percent(p.precision_4h)) }
                        td { (p.median_minutes_to_hit.map_or_else(|| "–".to_owned(), |m| format!("{} min", m))) }
                        td { (p.mean_rise_pct.map_or_else(|| "–".to_owned(), |v| format!("{v:+.1} %"))) }
                        td { (p.mean_fall_pct.map_or_else(|| "–".to_owned(), |v| format!("{v:+.1} %"))) }
                    }
                }
            }
        }
    }
}

fn slices(title: &str, slices: &[Slice]) -> Markup {
    html! {
        h3 { (title) }
        table {
            tr { th { "Part" } th { "Points" } th { "Base rate" } th { "AUC" } th { "FUERTE" } th { "Precision" } }
            @for s in slices {
                tr {
                    td { (s.slice) } td { (s.points) } td { (percent(Some(s.base_rate))) } td { (number(s.auc)) }
                    td { (s.fuerte_episodes) } td { (percent(s.fuerte_precision)) }
                }
            }
        }
    }
}

/// The reliability curve: a square of 0 to 100 % on both sides, the diagonal is honesty.
fn curve(bins: &[CurveBin]) -> Markup {
    let at = |v: f64| 40.0 + 300.0 * v;
    let up = |v: f64| 320.0 - 300.0 * v;
    let line: Vec<String> = bins.iter().map(|b| format!("{:.1},{:.1}", at(b.said), up(b.came))).collect();
    html! {
        svg viewBox="0 0 360 360" width="360" role="img" aria-label="Reliability curve" {
            rect x="40" y="20" width="300" height="300" fill="none" stroke="currentColor" opacity="0.3" {}
            line x1="40" y1="320" x2="340" y2="20" stroke="currentColor" stroke-dasharray="4 4" opacity="0.5" {}
            polyline points=(line.join(" ")) fill="none" stroke="#2f7d4f" stroke-width="2" {}
            @for b in bins {
                circle cx=(format!("{:.1}", at(b.said))) cy=(format!("{:.1}", up(b.came))) r="4" fill="#2f7d4f" {
                    title { (format!("said {:.1} %, came {:.1} %, {} points", 100.0 * b.said, 100.0 * b.came, b.points)) }
                }
            }
            text x="190" y="352" text-anchor="middle" fill="currentColor" font-size="13" { "chance that was said" }
            text x="14" y="170" text-anchor="middle" fill="currentColor" font-size="13" transform="rotate(-90 14 170)" { "share that came" }
        }
    }
}

fn trades(r: &Report) -> Markup {
    let cost = &r.after_cost;
    let money = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{v:+.2} %"));
    html! {
        h3 { "FUERTE alerts as trades" }
        p.small {
            "Bought at the next candle's open with the same stake, sold at +7.5 %"
            @if let Some(stop) = cost.costs.stop_pct { ", at -" (stop) " %" }
            " or after 24 h; fee " (cost.costs.fee_pct) " % a side, spread " (cost.costs.spread_pct) " %."
        }
        table {
            tr { th { "Trades" } th { "Mean" } th { "Median" } th { "Winners" } th { "Sum" } th { "Drawdown" } }
            tr {
                td { (cost.trades) } td { (money(cost.mean_return_pct)) } td { (money(cost.median_return_pct)) }
                td { (percent(cost.winners)) } td { (money(Some(cost.total_return_pct))) }
                td { (format!("{:.1} %", cost.max_drawdown_pct)) }
            }
        }
    }
}

fn compared(comparisons: &[Comparison]) -> Markup {
    html! {
        h2 { "On the same moments" }
        table {
            tr { th { "Runs" } th { "Points" } th { "Difference of squared errors" } th { "90 % interval" } th { "Better" } }
            @for c in comparisons {
                tr {
                    td { (c.a) " against " (c.b) } td { (c.points) }
                    td { (c.brier_difference.map_or_else(|| "–".to_owned(), |d| format!("{d:+.5}"))) }
                    td {
                        @match c.brier_interval_90 {
                            Some([low, high]) => (format!("{low:+.5} to {high:+.5}")),
                            None => "–",
                        }
                    }
                    td { @match c.better { "a" => (c.a), "b" => (c.b), _ => "not told apart" } }
                }
            }
        }
    }
}
