//! What a run amounts to: the report of `impulso backtest`. All shares are fractions of 1.

use super::{Call, Found};
use crate::domain::moment::MarketTime;
use crate::domain::prediction::outcome::Outcome;
use crate::domain::report::Level;
use crate::domain::target::TARGET;
use crate::domain::time::{DAY_MS, HOUR_MS};
use crate::learning::evaluation::by_size::{BySize, by_size};
use crate::learning::evaluation::calibration::{auc, calibration};
use crate::learning::evaluation::daily;
use crate::learning::evaluation::hits::{Hits, OutcomeSummary, in_order, mean, precision_interval_90};
use crate::learning::evaluation::record::month;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub name: String,
    /// `rule` or `calibrated`.
    pub ladder: &'static str,
    /// Name of the model; `None` for the rule.
    pub model: Option<String>,
    /// First and last day (UTC) of the stretches that lie in the model's training: figures over them flatter.
    pub(crate) in_training: Vec<[String; 2]>,
    /// First and last moment with a known outcome, ms UTC.
    pub span: Option<[MarketTime; 2]>,
    /// Moments that were scored.
    pub moments: usize,
    /// Listed, analyzable pairs at full steps whose outcome is known.
    pub points: usize,
    /// Share of points that reached +7.5 % within 24 h.
    pub base_rate: f64,
    /// Area under the ROC curve of the chance; `None` with hits or misses alone.
    pub auc: Option<f64>,
    pub brier: Option<f64>,
    /// Expected calibration error over 10 equal-count bins.
    pub ece: Option<f64>,
    /// Episodes by level on the ladder in force.
    pub(crate) levels: BTreeMap<&'static str, Precision>,
    /// Episodes by level on the rule's ladder.
    pub(crate) rule_levels: BTreeMap<&'static str, Precision>,
    /// Do FUERTE, ALTA, MEDIA and BAJA stand in this order of precision; `None` while no two have enough judged episodes.
    pub(crate) levels_ordered: Option<bool>,
    /// Alerts of the policy by level.
    pub(crate) alerts: BTreeMap<&'static str, Precision>,
    pub(crate) alerts_per_day: PerDay,
    pub(crate) by_month: Vec<Month>,
    /// FUERTE episodes by the size of the event that they belong to.
    pub(crate) by_size: [BySize; 3],
    pub(crate) by_hour: Vec<Slice>,
    pub(crate) by_liquidity: Vec<Slice>,
    pub(crate) by_btc: Vec<Slice>,
    /// Reliability of the chance: 10 equal-count bins.
    pub(crate) curve: Vec<CurveBin>,
    /// FUERTE alerts as trades.
    pub(crate) after_cost: AfterCost,
}

/// Episodes or alerts of one level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Precision {
    /// With a known outcome.
    pub episodes: u32,
    /// Reached +7.5 % within 24 h.
    pub hits: u32,
    /// Hits / episodes; `None` without any.
    pub precision: Option<f64>,
    /// 90 % interval by day blocks.
    pub(crate) interval_90: Option<[f64; 2]>,
    /// Precision / base rate.
    pub(crate) lift: Option<f64>,
    pub(crate) precision_4h: Option<f64>,
    /// Median minutes to the hit, of the hits.
    pub(crate) median_minutes_to_hit: Option<u32>,
    /// Mean of the greatest rises within 24 h, percent.
    pub(crate) mean_rise_pct: Option<f64>,
    /// Mean of the deepest falls within 24 h, percent.
    pub(crate) mean_fall_pct: Option<f64>,
}

impl From<&Precision> for daily::Precision {
    fn from(own: &Precision) -> Self {
        let Precision { episodes, hits, precision, interval_90, .. } = *own;
        Self { judged: episodes, hits, precision, interval_90 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) struct PerDay {
    pub fuerte: f64,
    pub alta: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Month {
    /// `2025-01`.
    pub month: String,
    pub points: usize,
    pub base_rate: f64,
    pub ece: Option<f64>,
    pub fuerte_episodes: u32,
    pub fuerte_precision: Option<f64>,
}

/// A part of the points.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Slice {
    pub(crate) slice: String,
    pub points: usize,
    pub base_rate: f64,
    pub auc: Option<f64>,
    pub fuerte_episodes: u32,
    pub fuerte_precision: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct CurveBin {
    pub said: f64,
    pub came: f64,
    pub points: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct Costs {
    /// Fee of one side, percent.
    pub(crate) fee_pct: f64,
    /// Spread and slippage of a whole trade, percent.
    pub(crate) spread_pct: f64,
    /// A fall of so many percent ends a trade; `None` waits for target or horizon.
    pub(crate) stop_pct: Option<f64>,
}

/// FUERTE alerts, each bought at the next candle's open with the same stake, sold at +7.5 %, the stop or the horizon.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct AfterCost {
    pub(crate) costs: Costs,
    pub(crate) trades: usize,
    /// Mean return of a trade, percent of its stake.
    pub(crate) mean_return_pct: Option<f64>,
    pub(crate) median_return_pct: Option<f64>,
    pub winners: Option<f64>,
    /// Sum of all returns, percent of one stake.
    pub(crate) total_return_pct: f64,
    /// Deepest fall of that sum from its highest, percent of one stake.
    pub(crate) max_drawdown_pct: f64,
}

impl Report {
    pub(crate) fn new(name: &str, model: Option<&str>, found: &Found, step_ms: i64, costs: Costs) -> Self {
        let judged: Vec<(f64, bool)> = found.points.iter().map(|p| (p.said, p.hit)).collect();
        let errors = calibration(&judged);
        let base_rate = found.points.iter().map(|p| p.hit).collect::<Hits>().precision().unwrap_or(0.0);
        let days = (found.moments as i64 * step_ms) as f64 / DAY_MS as f64;
        let a_day = |level| {
            let count = found.alerts.iter().filter(|a| a.level == level).count();
            if days > 0.0 { count as f64 / days } else { 0.0 }
        };
        let levels = by_level(&found.episodes, base_rate);
        Self {
            name: name.to_owned(),
            ladder: if model.is_some() { "calibrated" } else { "rule" },
            model: model.map(str::to_owned),
            in_training: Vec::new(),
            span: found.points.first().zip(found.points.last()).map(|(a, b)| [a.as_of, b.as_of]),
            moments: found.moments,
            points: found.points.len(),
            base_rate,
            auc: auc(&judged),
            brier: errors.brier,
            ece: errors.ece,
            levels_ordered: ordered(&levels),
            levels,
            rule_levels: by_level(&found.rule_episodes, base_rate),
            alerts: by_level(&found.alerts, base_rate),
            alerts_per_day: PerDay { fuerte: a_day(Level::Fuerte), alta: a_day(Level::Alta) },
            by_month: months(found),
            by_size: by_size(
                found
                    .episodes
                    .iter()
                    .filter(|c| c.level == Level::Fuerte)
                    .map(|c| (c.as_of, Some(c.hit())))
                    .collect(),
            ),
            by_hour: slices(found, |at, _, _| format!("{:02}", at.past(DAY_MS) / HOUR_MS)),
            by_liquidity: slices(found, |_, volume, _| liquidity(volume).to_owned()),
            by_btc: slices(found, |_, _, btc| regime(btc).to_owned()),
            curve: errors
                .bins
                .iter()
                .map(|b| CurveBin { said: b.said, came: b.came, points: b.count })
                .collect(),
            after_cost: after_cost(&found.alerts, costs),
        }
    }
}

fn by_level(calls: &[Call], base_rate: f64) -> BTreeMap<&'static str, Precision> {
    let one = |level: Level| {
        let own: Vec<&Call> = calls.iter().filter(|c| c.level == level).collect();
        (level.as_str(), precision(&own, base_rate))
    };
    Level::LISTED.into_iter().map(one).collect()
}

fn precision(calls: &[&Call], base_rate: f64) -> Precision {
    let outcomes: Vec<Outcome> = calls.iter().map(|c| c.judged.outcome).collect();
    let came = OutcomeSummary::of(&outcomes);
    let precision = came.within_24h.precision();
    Precision {
        episodes: came.within_24h.judged,
        hits: came.within_24h.hits,
        precision,
        interval_90: precision_interval_90(calls.iter().map(|c| (c.as_of, c.hit()))),
        lift: precision.filter(|_| base_rate > 0.0).map(|p| p / base_rate),
        precision_4h: came.within_4h.precision(),
        median_minutes_to_hit: came.median_minutes_to_hit,
        mean_rise_pct: came.mean_rise_pct,
        mean_fall_pct: came.mean_fall_pct,
    }
}

fn ordered(levels: &BTreeMap<&'static str, Precision>) -> Option<bool> {
    let of = |level: &Level| levels.get(level.as_str()).map(|p| Hits { judged: p.episodes, hits: p.hits });
    in_order(Level::LISTED.iter().filter_map(of))
}

/// A part of what was found.
#[derive(Default)]
struct Part {
    points: Vec<(f64, bool)>,
    fuerte: Hits,
}

impl Part {
    fn base_rate(&self) -> f64 {
        self.points.iter().map(|(_, hit)| *hit).collect::<Hits>().precision().unwrap_or(0.0)
    }
}

/// Points and FUERTE episodes by a name made of moment, 24 h quote volume and BTC's 24 h change.
fn parts(found: &Found, name: impl Fn(MarketTime, f64, f64) -> String) -> BTreeMap<String, Part> {
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for p in &found.points {
        let part = parts.entry(name(p.as_of, p.volume_24h, p.btc_change_24h)).or_default();
        part.points.push((p.said, p.hit));
    }
    for c in found.episodes.iter().filter(|c| c.level == Level::Fuerte) {
        if let Some(part) = parts.get_mut(&name(c.as_of, c.volume_24h, c.btc_change_24h)) {
            part.fuerte.add(c.hit());
        }
    }
    parts
}

fn months(found: &Found) -> Vec<Month> {
    let one = |(month, part): (String, Part)| Month {
        month,
        points: part.points.len(),
        base_rate: part.base_rate(),
        ece: calibration(&part.points).ece,
        fuerte_episodes: part.fuerte.judged,
        fuerte_precision: part.fuerte.precision(),
    };
    parts(found, |at, _, _| month(at)).into_iter().map(one).collect()
}

fn slices(found: &Found, name: impl Fn(MarketTime, f64, f64) -> String) -> Vec<Slice> {
    let one = |(slice, part): (String, Part)| Slice {
        slice,
        points: part.points.len(),
        base_rate: part.base_rate(),
        auc: auc(&part.points),
        fuerte_episodes: part.fuerte.judged,
        fuerte_precision: part.fuerte.precision(),
    };
    parts(found, name).into_iter().map(one).collect()
}

const fn liquidity(volume_24h: f64) -> &'static str {
    match volume_24h {
        v if v < 3e6 => "1 under 3 M USDT",
        v if v < 10e6 => "2 3 M to 10 M USDT",
        v if v < 50e6 => "3 10 M to 50 M USDT",
        _ => "4 50 M USDT and more",
    }
}

const fn regime(btc_change_24h: f64) -> &'static str {
    match btc_change_24h {
        c if c <= -2.0 => "1 BTC falls 2 % or more",
        c if c < 2.0 => "2 BTC moves less than 2 %",
        c if c >= 2.0 => "3 BTC rises 2 % or more",
        _ => "4 BTC unknown",
    }
}

fn after_cost(alerts: &[Call], costs: Costs) -> AfterCost {
    let result = |c: &Call| {
        let j = &c.judged;
        let out = if j.stopped {
            j.price * (1.0 - costs.stop_pct.unwrap_or(0.0) / 100.0)
        } else if c.hit() {
            j.price * TARGET
        } else {
            j.last
        };
        100.0 * (out / j.entry - 1.0) - 2.0 * costs.fee_pct - costs.spread_pct
    };
    let returns: Vec<f64> = alerts.iter().filter(|c| c.level == Level::Fuerte).map(result).collect();
    let (mut sum, mut top, mut drawdown) = (0.0_f64, 0.0_f64, 0.0_f64);
    for value in &returns {
        sum += value;
        top = top.max(sum);
        drawdown = drawdown.max(top - sum);
    }
    let mut sorted = returns.clone();
    // Only now: the drawdown goes by the order in which the trades ended.
    sorted.sort_unstable_by(f64::total_cmp);
    AfterCost {
        costs,
        trades: returns.len(),
        mean_return_pct: mean(returns.iter().copied()),
        median_return_pct: sorted.get(sorted.len() / 2).copied(),
        winners: returns.iter().map(|r| *r > 0.0).collect::<Hits>().precision(),
        total_return_pct: sum,
        max_drawdown_pct: drawdown,
    }
}
