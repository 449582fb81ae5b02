//! What would give a part of the score more points.

use super::profile::{BreakoutRule, MacdRule, Profile, RsiRule, Step};
use crate::domain::report::Analysis;

/// A condition on a part's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Need {
    /// The value is below this.
    Below(f64),
    /// The value is between these, both included.
    Between(f64, f64),
    /// The value is this or more.
    From(f64),
    /// The value is more than this.
    Above(f64),
    /// The price is this or more.
    Price(f64),
    /// The price comes near its highest high of the bars before.
    NearHigh,
}

impl Need {
    /// Does a part's value fulfil it. The price's own conditions are not about the value.
    fn holds(self, value: f64) -> bool {
        match self {
            Self::Below(limit) => value < limit,
            Self::Between(low, high) => (low..=high).contains(&value),
            Self::From(limit) => value >= limit,
            Self::Above(limit) => value > limit,
            Self::Price(_) | Self::NearHigh => false,
        }
    }

    /// The end that a value which does not fulfil it has to reach.
    pub(crate) fn end(self, value: f64) -> Option<f64> {
        match self {
            Self::Between(low, high) => Some(if value < low { low } else { high }),
            Self::Below(end) | Self::From(end) | Self::Above(end) => Some(end),
            Self::Price(_) | Self::NearHigh => None,
        }
    }
}

/// One way to more points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lift {
    pub need: Need,
    /// Points more than now.
    pub(crate) gain: f64,
}

/// One part of the score.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// Value behind the points; `None` where none is kept (breakout).
    pub value: Option<f64>,
    pub points: f64,
    pub most: f64,
    /// What the value has to fulfil for each number of points.
    needs: Vec<(Need, f64)>,
    /// Ways to more, smallest gain first.
    pub(crate) lifts: Vec<Lift>,
}

impl Part {
    /// What gives the points that there are.
    pub(crate) fn met(&self) -> Option<Need> {
        let value = self.value?;
        let met =
            self.needs.iter().find(|(need, points)| need.holds(value) && (points - self.points).abs() < 1e-9);
        met.map(|(need, _)| *need)
    }

    /// Says a rounded value what the value itself says: it is on the same side of every threshold.
    pub(crate) fn is_told_by(&self, rounded: f64) -> bool {
        self.value
            .is_none_or(|value| self.needs.iter().all(|(need, _)| need.holds(rounded) == need.holds(value)))
    }
}

fn part(value: Option<f64>, points: f64, most: f64, ways: Vec<(Need, f64)>) -> Part {
    let mut lifts: Vec<Lift> = ways
        .iter()
        .map(|(need, p)| Lift { need: *need, gain: p - points })
        .filter(|l| l.gain > 1e-9)
        .collect();
    // From the nearest step to the farthest: the page lists them as they stand.
    lifts.sort_by(|a, b| a.gain.total_cmp(&b.gain));
    Part { value, points, most, needs: ways, lifts }
}

fn rsi(rule: &RsiRule, value: f64, points: f64) -> Part {
    let ways = vec![
        (Need::Between(rule.recovery[0], rule.recovery[1]), rule.recovery_points),
        (Need::Between(rule.strength[0], rule.strength[1]), rule.strength_points),
        (Need::Below(rule.oversold_below), rule.oversold_points),
    ];
    let most = ways.iter().map(|w| w.1).fold(0.0, f64::max);
    part(Some(value), points, most, ways)
}

fn macd(rule: &MacdRule, a: &Analysis) -> Part {
    let strong = a.current_price * (rule.strong_histogram_bps / 10_000.0);
    let mut ways = vec![(Need::Above(strong), rule.strong_points)];
    if strong > 0.0 {
        ways.push((Need::Above(0.0), rule.points));
    }
    let most = rule.points.max(rule.strong_points);
    part(Some(a.indicators.macd_histogram), a.components.macd, most, ways)
}

fn steps(steps: &[Step], value: f64, points: f64) -> Part {
    let ways = steps.iter().map(|s| (Need::From(s.from), s.points)).collect();
    part(Some(value), points, steps.iter().map(|s| s.points).fold(0.0, f64::max), ways)
}

fn breakout(rule: &BreakoutRule, a: &Analysis, missing: Option<f64>) -> Part {
    let (points, atr) = (a.components.breakout, a.indicators.atr_14);
    let priced = points > 0.0 && atr > 0.0 && rule.points_per_atr > 0.0;
    let way = |to: f64| {
        let need = if priced {
            Need::Price(a.current_price + (to - points) / rule.points_per_atr * atr)
        } else {
            Need::NearHigh
        };
        (need, to)
    };
    let enough = missing.map(|m| points + m).filter(|to| priced && *to < rule.max_points);
    part(None, points, rule.max_points, enough.into_iter().chain([rule.max_points]).map(way).collect())
}

/// The five parts in the order of `Components`; `missing` is what the score lacks for the next level.
pub(crate) fn parts(profile: &Profile, a: &Analysis, missing: Option<f64>) -> [Part; 5] {
    let (c, i) = (&a.components, &a.indicators);
    [
        rsi(&profile.rsi, i.rsi_14, c.rsi),
        macd(&profile.macd, a),
        steps(&profile.volume, i.volume_ratio, c.volume),
        steps(&profile.velocity, i.velocity_1h, c.velocity),
        breakout(&profile.breakout, a, missing),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_points_are_named_with_what_they_take() {
        let p = Profile::default();
        let rsi = rsi(&p.rsi, 50.0, 0.0);
        let gains: Vec<f64> = rsi.lifts.iter().map(|l| l.gain).collect();
        assert_eq!((gains, rsi.lifts[2].need), (vec![15.0, 20.0, 25.0], Need::Below(30.0)));
        let volume = steps(&p.volume, 350.0, 20.0);
        assert_eq!(volume.lifts, [Lift { need: Need::From(500.0), gain: 5.0 }]);
        assert!(steps(&p.velocity, 4.0, 15.0).lifts.is_empty(), "all there is");
    }

    #[test]
    fn a_rounded_value_that_says_something_else_is_known() {
        let p = Profile::default();
        let above = rsi(&p.rsi, 70.02, 0.0);
        assert!(!above.is_told_by(70.0) && above.is_told_by(70.02));
        let inside = rsi(&p.rsi, 69.96, 20.0);
        assert!(inside.is_told_by(70.0), "70 belongs to it");
        assert_eq!((above.met(), inside.met()), (None, Some(Need::Between(55.0, 70.0))));
        assert_eq!(Need::Between(55.0, 70.0).end(70.02), Some(70.0));
        let volume = steps(&p.volume, 299.96, 15.0);
        assert!(!volume.is_told_by(300.0) && volume.met() == Some(Need::From(200.0)));
    }
}
