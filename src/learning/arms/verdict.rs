//! The rule by which an arm is held against its baseline. It is set before the experiment, and nothing else decides.

use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::time::DAY_MS;
use crate::learning::evaluation::daily::{DailyRecord, Precision, paired_episodes};
use crate::learning::evaluation::day_blocks::{difference_interval_90, ratio_interval_90};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rule {
    /// Days with resolved predictions.
    pub min_days: u32,
    /// Resolved samples that both judged.
    pub min_resolved: u32,
    /// Judged FUERTE episodes of each, where precision decides.
    pub min_fuerte: u32,
    /// FUERTE precision may be so much lower, 0-1, when the chances are better.
    pub tolerance: f64,
}

impl Rule {
    pub(crate) const ALLOWED: Allowed = &[
        ("min_days", Range(1.0, 365.0)),
        ("min_resolved", Range(1.0, 1e8)),
        ("min_fuerte", Range(1.0, 100_000.0)),
        ("tolerance", Range(0.0, 1.0)),
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Measure {
    /// Squared errors of the chances: for models, which claim to give chances.
    Brier,
    /// Precision of FUERTE: for rules, whose probability is only a score.
    Fuerte,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Standing {
    NeedsDays,
    NeedsSamples,
    NeedsFuerte,
    Better,
    /// The chances are better, but FUERTE is right less often.
    FuerteWorse,
    Worse,
    /// No difference that is certain.
    NoDifference,
}

/// An arm beside its baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Compared {
    pub by: Measure,
    /// Days with resolved samples of both.
    pub days: u32,
    /// Resolved samples that both judged.
    pub resolved: u32,
    pub base_rate: Option<f64>,
    /// Brier score of the arm on them.
    pub brier: Option<f64>,
    /// Brier score of the baseline on them.
    pub(crate) base_brier: Option<f64>,
    /// 90 % interval, by whole days, of the difference of both (below 0: the arm is better).
    pub(crate) brier_difference_90: Option<[f64; 2]>,
    /// FUERTE episodes of the arm.
    pub fuerte: Precision,
    /// FUERTE episodes of the baseline.
    pub base_fuerte: Precision,
    /// 90 % interval, by whole days, of the difference of both precisions (above 0: the arm is better).
    pub fuerte_difference_90: Option<[f64; 2]>,
    pub standing: Standing,
}

/// Judged episodes of a level since a moment; days count as a whole.
pub(crate) fn precision_since(record: &DailyRecord, level: Level, since: MarketTime) -> Precision {
    record.precision(level, |day| day >= since.index(DAY_MS))
}

/// Holds an arm against its baseline on the days since `since`.
pub(crate) fn compare(
    arm: &DailyRecord,
    base: &DailyRecord,
    by: Measure,
    since: MarketTime,
    rule: &Rule,
) -> Compared {
    let counts = |day: i64| day >= since.index(DAY_MS);
    let differences: Vec<[f64; 2]> = arm
        .days()
        .filter(|(day, sums)| counts(*day) && sums.samples.judged > 0)
        .map(|(_, sums)| [sums.errors - sums.base_errors, f64::from(sums.samples.judged)])
        .collect();
    let all = arm.sum(counts).day;
    let resolved = all.samples.judged;
    let mean = |sum: f64| (resolved > 0).then(|| sum / f64::from(resolved));
    let mut compared = Compared {
        by,
        days: differences.len() as u32,
        resolved,
        base_rate: all.samples.precision(),
        brier: mean(all.errors),
        base_brier: mean(all.base_errors),
        brier_difference_90: ratio_interval_90(&differences),
        fuerte: precision_since(arm, Level::Fuerte, since),
        base_fuerte: precision_since(base, Level::Fuerte, since),
        fuerte_difference_90: difference_interval_90(&paired_episodes(arm, base, Level::Fuerte, counts)),
        standing: Standing::NoDifference,
    };
    compared.standing = standing(&compared, rule);
    compared
}

fn standing(c: &Compared, rule: &Rule) -> Standing {
    let enough = c.fuerte.judged >= rule.min_fuerte && c.base_fuerte.judged >= rule.min_fuerte;
    if c.days < rule.min_days {
        return Standing::NeedsDays;
    }
    if c.resolved < rule.min_resolved {
        return Standing::NeedsSamples;
    }
    match c.by {
        Measure::Fuerte if !enough => Standing::NeedsFuerte,
        Measure::Fuerte => match c.fuerte_difference_90 {
            Some([low, _]) if low > 0.0 => Standing::Better,
            Some([_, high]) if high < 0.0 => Standing::Worse,
            _ => Standing::NoDifference,
        },
        Measure::Brier => match c.brier_difference_90 {
            Some([_, high]) if high < 0.0 => {
                let fell = c.base_fuerte.precision.zip(c.fuerte.precision).map_or(0.0, |(b, a)| b - a);
                if enough && fell > rule.tolerance { Standing::FuerteWorse } else { Standing::Better }
            }
            Some([low, _]) if low > 0.0 => Standing::Worse,
            _ => Standing::NoDifference,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    const RULE: Rule = Rule { min_days: 10, min_resolved: 1_000, min_fuerte: 20, tolerance: 0.05 };

    /// Days of 100 samples, of which 20 hit; `sharp`: how far the arm's chances lean to the truth.
    fn records(days: i64, sharp: f64, fuerte: (u32, u32)) -> (DailyRecord, DailyRecord) {
        let (mut arm, mut base) = (DailyRecord::default(), DailyRecord::default());
        for day in 0..days {
            for n in 0..100_u32 {
                let hit = n % 5 == 0;
                let toward = if hit { sharp } else { -sharp };
                // Some days go the other way: a difference has to hold over days.
                let own = if day % 5 == 0 { 0.2 - toward / 4.0 } else { 0.2 + toward };
                arm.sample(at(day * DAY_MS), own, 0.2, hit);
                base.sample(at(day * DAY_MS), 0.2, 0.2, hit);
            }
            for n in 0..4 {
                arm.episode(at(day * DAY_MS), Level::Fuerte, n < fuerte.0);
                base.episode(at(day * DAY_MS), Level::Fuerte, n < fuerte.1);
            }
        }
        (arm, base)
    }

    fn standing_of(days: i64, sharp: f64, fuerte: (u32, u32), by: Measure) -> Standing {
        let (arm, base) = records(days, sharp, fuerte);
        compare(&arm, &base, by, at(0), &RULE).standing
    }

    #[test]
    fn the_rule_decides_and_says_why() {
        use Measure::{Brier, Fuerte};
        assert_eq!(standing_of(5, 0.1, (3, 2), Brier), Standing::NeedsDays);
        assert_eq!(standing_of(20, 0.1, (3, 2), Brier), Standing::Better);
        assert_eq!(standing_of(20, 0.1, (1, 3), Brier), Standing::FuerteWorse);
        assert_eq!(standing_of(20, -0.1, (3, 2), Brier), Standing::Worse);
        assert_eq!(standing_of(20, 0.0, (3, 2), Brier), Standing::NoDifference);
        assert_eq!(standing_of(20, 0.1, (3, 1), Fuerte), Standing::Better);
        assert_eq!(standing_of(20, 0.1, (1, 3), Fuerte), Standing::Worse);
        assert_eq!(standing_of(20, 0.1, (2, 2), Fuerte), Standing::NoDifference);
        let few = Rule { min_resolved: 5_000, ..RULE };
        let (arm, base) = records(20, 0.1, (3, 2));
        assert_eq!(compare(&arm, &base, Brier, at(0), &few).standing, Standing::NeedsSamples);
        let many = Rule { min_fuerte: 500, ..RULE };
        assert_eq!(compare(&arm, &base, Fuerte, at(0), &many).standing, Standing::NeedsFuerte);
    }

    #[test]
    fn only_days_since_the_beginning_count() {
        let (arm, base) = records(20, 0.1, (3, 2));
        let late = compare(&arm, &base, Measure::Brier, at(15 * DAY_MS), &RULE);
        assert_eq!((late.days, late.resolved, late.standing), (5, 500, Standing::NeedsDays));
        assert_eq!((late.fuerte.judged, late.fuerte.hits), (20, 15));
        assert_eq!(late.base_rate, Some(0.2));
        let none = compare(&DailyRecord::default(), &base, Measure::Brier, at(0), &RULE);
        assert_eq!((none.brier, none.fuerte.precision, none.resolved), (None, None, 0));
    }
}
