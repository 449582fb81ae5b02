//! Sums over judged predictions that can be added up day by day: however many there are, a day's sums are small, and those
//! of a day that is over never change.

use super::by_size::Rise;
use super::calibration::{Bin, Calibration};
use super::cases::Cases;
use super::hits::{Hits, OutcomeSummary};
use crate::domain::moment::MarketTime;
use crate::domain::prediction::{JudgedRow, PredictionKind};
use crate::domain::report::Level;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sums are kept as whole numbers of so small parts: they are the same to the last digit in whatever order and portions the rows
/// were added up, so that a day whose rows are gone answers as it did with them. Percents in millionths, chances (0-1) in billionths.
const PERCENT_PARTS: f64 = 1e6;
const CHANCE_PARTS: f64 = 1e9;

/// Chances are summed up in steps of so many to 1: ten times finer than they are shown.
const STEPS: f64 = 1_000.0;
/// A million percent; nine million of them fit in a sum.
const MOST_PARTS: i64 = 1_000_000_000_000;
/// Bins of a reliability curve: of a month each still holds enough points to be more than luck.
const BINS: u64 = 10;

#[expect(clippy::cast_possible_truncation, reason = "saturating: a rise of a billion percent is none")]
fn parts(value: f64, parts: f64) -> i64 {
    ((value * parts).round() as i64).clamp(-MOST_PARTS, MOST_PARTS)
}

/// What became of the predictions of one kind and level.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Came {
    pub(crate) opened: u64,
    pub(crate) void: u64,
    within_4h: Hits,
    within_24h: Hits,
    rises: i64,
    falls: i64,
    /// How often a hit took so many minutes.
    minutes: BTreeMap<u32, u32>,
}

impl Came {
    fn add(&mut self, row: &JudgedRow) {
        self.opened += 1;
        self.void += u64::from(row.void);
        let Some(outcome) = &row.outcome else { return };
        if let Some(hit) = outcome.hit_4h {
            self.within_4h.add(hit);
        }
        let Some(hit) = outcome.hit_24h else { return };
        self.within_24h.add(hit);
        self.rises += parts(outcome.greatest_rise_pct, PERCENT_PARTS);
        self.falls += parts(outcome.deepest_fall_pct, PERCENT_PARTS);
        if let Some(minutes) = outcome.minutes_to_hit {
            *self.minutes.entry(minutes).or_default() += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.opened += other.opened;
        self.void += other.void;
        self.within_4h += other.within_4h;
        self.within_24h += other.within_24h;
        self.rises += other.rises;
        self.falls += other.falls;
        for (minutes, count) in &other.minutes {
            *self.minutes.entry(*minutes).or_default() += count;
        }
    }

    /// Neither void nor judged over the whole horizon.
    pub(crate) fn open(&self) -> u64 {
        self.opened.saturating_sub(self.void + u64::from(self.within_24h.judged))
    }

    fn median_minutes(&self) -> Option<u32> {
        let middle = self.minutes.values().map(|n| u64::from(*n)).sum::<u64>() / 2;
        let mut before = 0;
        let found = self.minutes.iter().find(|(_, count)| {
            before += u64::from(**count);
            before > middle
        });
        found.map(|(minutes, _)| *minutes)
    }

    pub(crate) fn summary(&self) -> OutcomeSummary {
        let judged = self.within_24h.judged;
        let mean = |sum: i64| (judged > 0).then(|| sum as f64 / PERCENT_PARTS / f64::from(judged));
        OutcomeSummary {
            within_4h: self.within_4h,
            within_24h: self.within_24h,
            median_minutes_to_hit: self.median_minutes(),
            mean_rise_pct: mean(self.rises),
            mean_fall_pct: mean(self.falls),
        }
    }
}

/// How long a prediction has to come true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Horizon {
    FourHours,
    Day,
}

/// Judged chances (0-1) of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Step {
    count: u64,
    hits: u64,
    said: i64,
    squared_errors: i64,
}

/// Chances held against what came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Curve(BTreeMap<i64, Step>);

impl Curve {
    fn add(&mut self, chance: f64, hit: bool) {
        #[expect(clippy::cast_possible_truncation, reason = "saturating, and a chance")]
        let step = self.0.entry((chance * STEPS).round() as i64).or_default();
        step.count += 1;
        step.hits += u64::from(hit);
        step.said += parts(chance, CHANCE_PARTS);
        step.squared_errors += parts((chance - f64::from(u8::from(hit))).powi(2), CHANCE_PARTS);
    }

    fn merge(&mut self, other: &Self) {
        for (at, own) in &other.0 {
            let step = self.0.entry(*at).or_default();
            step.count += own.count;
            step.hits += own.hits;
            step.said += own.said;
            step.squared_errors += own.squared_errors;
        }
    }

    /// By ranges of the chance. A step at a border counts above it.
    pub(crate) fn cases(&self) -> Vec<Cases> {
        let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let step = |(at, step): (&i64, &Step)| {
            (*at as f64 * 100.0 / STEPS, Hits { judged: count(step.count), hits: count(step.hits) })
        };
        Cases::counted(self.0.iter().map(step))
    }

    /// As `calibration`, where the bins of equal count share the step at their border.
    pub(crate) fn calibration(&self) -> Calibration {
        let total: u64 = self.0.values().map(|step| step.count).sum();
        if total == 0 {
            return Calibration::default();
        }
        let mut bins = vec![(0.0, 0.0, 0_u64); BINS as usize];
        let (mut number, mut seen) = (0, 0);
        for step in self.0.values() {
            let count = step.count as f64;
            let (said, came) = (step.said as f64 / CHANCE_PARTS / count, step.hits as f64 / count);
            let mut rest = step.count;
            while rest > 0 {
                let part = rest.min(((number + 1) * total / BINS).saturating_sub(seen));
                if part == 0 {
                    number += 1;
                    continue;
                }
                let bin = &mut bins[number as usize];
                *bin = (bin.0 + said * part as f64, bin.1 + came * part as f64, bin.2 + part);
                (rest, seen) = (rest - part, seen + part);
            }
        }
        let bins: Vec<Bin> = bins
            .into_iter()
            .filter(|(.., count)| *count > 0)
            .map(|(said, came, count)| Bin { said: said / count as f64, came: came / count as f64, count })
            .collect();
        let ece = bins.iter().map(|b| (b.said - b.came).abs() * b.count as f64).sum::<f64>() / total as f64;
        let squared_errors: i64 = self.0.values().map(|step| step.squared_errors).sum();
        let brier = squared_errors as f64 / CHANCE_PARTS / total as f64;
        Calibration { brier: Some(brier), ece: Some(ece), bins }
    }
}

/// The sums of some predictions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    came: BTreeMap<PredictionKind, BTreeMap<Level, Came>>,
    /// Over the samples: the rule's probability, and the calibrated chance.
    pub(crate) rule: Curve,
    pub(crate) calibrated: Curve,
    /// FUERTE episodes that began at a moment: open or void ones, misses and hits.
    #[serde(default)]
    rises: BTreeMap<MarketTime, [u32; 3]>,
}

impl Tally {
    pub(crate) fn add(&mut self, row: &JudgedRow) {
        self.came.entry(row.kind).or_default().entry(row.level).or_default().add(row);
        let hit = row.outcome.as_ref().and_then(|outcome| outcome.hit_24h);
        if row.kind == PredictionKind::Episode && row.level == Level::Fuerte {
            let came = hit.map_or(0, |hit| 1 + usize::from(hit));
            self.rises.entry(row.opened_at).or_default()[came] += 1;
        }
        let (PredictionKind::Sample, Some(hit)) = (row.kind, hit) else { return };
        self.rule.add(row.probability_7_5 / 100.0, hit);
        if let Some(chance) = row.calibrated_7_5 {
            self.calibrated.add(chance / 100.0, hit);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (kind, levels) in &other.came {
            let own = self.came.entry(*kind).or_default();
            levels.iter().for_each(|(level, came)| own.entry(*level).or_default().merge(came));
        }
        self.rule.merge(&other.rule);
        self.calibrated.merge(&other.calibrated);
        for (at, counts) in &other.rises {
            self.rises.entry(*at).or_default().iter_mut().zip(counts).for_each(|(own, more)| *own += more);
        }
    }

    pub(crate) fn of(&self, kind: PredictionKind, level: Level) -> Came {
        self.came.get(&kind).and_then(|levels| levels.get(&level)).cloned().unwrap_or_default()
    }

    /// What became of all samples.
    #[cfg(test)]
    pub(crate) fn samples(&self) -> Came {
        let mut all = Came::default();
        let levels = self.came.get(&PredictionKind::Sample).into_iter().flatten();
        levels.for_each(|(_, came)| all.merge(came));
        all
    }

    /// The FUERTE episodes one by one.
    pub(crate) fn rises(&self) -> Vec<Rise> {
        let of = |(at, counts): (&MarketTime, &[u32; 3])| {
            let at = *at;
            let came = [None, Some(false), Some(true)];
            let one =
                move |(came, count): (Option<bool>, u32)| std::iter::repeat_n((at, came), count as usize);
            came.into_iter().zip(*counts).flat_map(one)
        };
        self.rises.iter().flat_map(of).collect()
    }

    /// What came within 4 and 24 h, by kind and level.
    pub(crate) fn hits(&self) -> impl Iterator<Item = (PredictionKind, Level, [Hits; 2])> {
        let levels = self.came.iter().flat_map(|(kind, levels)| levels.iter().map(|own| (*kind, own)));
        levels.map(|(kind, (level, came))| (kind, *level, [came.within_4h, came.within_24h]))
    }

    /// How many there are.
    pub(crate) fn opened(&self) -> u64 {
        self.came.values().flatten().map(|(_, came)| came.opened).sum()
    }

    /// Nothing of it can change any more.
    pub(crate) fn is_final(&self) -> bool {
        self.came.values().flatten().all(|(_, came)| came.open() == 0)
    }
}

impl<'a> FromIterator<&'a JudgedRow> for Tally {
    fn from_iter<I: IntoIterator<Item = &'a JudgedRow>>(rows: I) -> Self {
        let mut tally = Self::default();
        rows.into_iter().for_each(|row| tally.add(row));
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prediction::outcome::Outcome;
    use crate::learning::evaluation::calibration::calibration;
    use proptest::prelude::*;

    fn row(chance: f64, hit: Option<bool>, minutes: u32) -> JudgedRow {
        let outcome = Outcome {
            hit_4h: hit.map(|hit| hit && minutes < 240),
            hit_24h: hit,
            minutes_to_hit: hit.filter(|hit| *hit).map(|_| minutes),
            greatest_rise_pct: chance / 10.0,
            deepest_fall_pct: -1.0,
            missing: None,
        };
        JudgedRow {
            kind: PredictionKind::Sample,
            opened_at: MarketTime::EPOCH,
            level: Level::Media,
            probability_7_5: chance,
            calibrated_7_5: Some(chance),
            outcome: Some(outcome),
            void: false,
        }
    }

    proptest! {
        #[test]
        fn days_add_up_to_what_all_rows_give(
            rows in prop::collection::vec((0_u32..=1_000, prop::option::of(any::<bool>()), 1_u32..1_440), 1..300),
            days in 1_usize..9,
        ) {
            let rows: Vec<JudgedRow> =
                rows.into_iter().map(|(tenths, hit, minutes)| row(f64::from(tenths) / 10.0, hit, minutes)).collect();
            let mut whole = Tally::default();
            for day in rows.chunks(rows.len().div_ceil(days)) {
                whole.merge(&day.iter().collect());
            }
            let outcomes: Vec<Outcome> = rows.iter().filter_map(|r| r.outcome).collect();
            let (summed, counted) = (whole.samples().summary(), OutcomeSummary::of(&outcomes));
            prop_assert_eq!((summed.within_4h, summed.within_24h), (counted.within_4h, counted.within_24h));
            prop_assert_eq!(summed.median_minutes_to_hit, counted.median_minutes_to_hit);
            let near = |a: Option<f64>, b: Option<f64>| a.unwrap_or(0.0) - b.unwrap_or(0.0);
            prop_assert!(near(summed.mean_rise_pct, counted.mean_rise_pct).abs() < 1e-9);
            let points: Vec<(f64, bool)> = rows
                .iter()
                .filter_map(|r| Some((r.probability_7_5 / 100.0, r.outcome.as_ref()?.hit_24h?)))
                .collect();
            let (summed, counted) = (whole.rule.calibration(), calibration(&points));
            prop_assert!(near(summed.brier, counted.brier).abs() < 1e-9);
            let counts = |c: &Calibration| c.bins.iter().map(|b| b.count).collect::<Vec<_>>();
            prop_assert_eq!(counts(&summed), counts(&counted));
            for (a, b) in summed.bins.iter().zip(&counted.bins) {
                prop_assert!((a.said - b.said).abs() < 1e-9, "{:?} {:?}", a, b);
            }
            prop_assert_eq!(whole.is_final(), rows.iter().all(|r| r.outcome.as_ref().is_some_and(|o| o.hit_24h.is_some())));
        }
    }
}
