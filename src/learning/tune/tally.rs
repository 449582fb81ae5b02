//! What a profile would have said on the points, day by day: episodes by level, and how well the rule probability ranks.

use super::points::{Points, Series};
use crate::domain::prediction::held_level;
use crate::domain::report::Level;
use crate::domain::score::apply::total;
use crate::domain::score::probability::probability;
use crate::domain::score::profile::Profile;
use std::collections::BTreeMap;

/// One UTC day under one profile.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Day {
    /// Judged episodes by level, and hits among them.
    calls: [(u32, u32); 5],
    /// Judged points, and hits.
    points: (u32, u32),
    /// Pairs of a hit and a miss of the day in which the hit has the higher probability (ties count half), and all pairs.
    ranked: (f64, f64),
}

impl Day {
    fn add(&mut self, other: &Self) {
        for (sum, calls) in self.calls.iter_mut().zip(other.calls) {
            *sum = (sum.0 + calls.0, sum.1 + calls.1);
        }
        self.points = (self.points.0 + other.points.0, self.points.1 + other.points.1);
        self.ranked = (self.ranked.0 + other.ranked.0, self.ranked.1 + other.ranked.1);
    }
}

/// A day under way: its sums, and each judged point's probability with what came.
type Played = BTreeMap<i64, (Day, Vec<(f32, bool)>)>;

/// Sums of some days.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Sums {
    days: u32,
    day: Day,
}

/// What a profile would have said.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Tally {
    days: BTreeMap<i64, Day>,
}

impl Tally {
    /// Plays `profile` over all points.
    pub(crate) fn of(points: &Points, profile: &Profile, hysteresis: f64) -> Self {
        let mut days = Played::new();
        for pair in &points.pairs {
            play(pair, profile, hysteresis, &mut days);
        }
        let closed = days.into_iter().map(|(day, (mut sums, mut said))| {
            sums.ranked = ranked(&mut said);
            (day, sums)
        });
        Self { days: closed.collect() }
    }

    /// Sums over the days for which `keep` holds.
    pub(crate) fn sums(&self, keep: impl Fn(i64) -> bool) -> Sums {
        let mut sums = Sums::default();
        for (_, day) in self.days.iter().filter(|(day, _)| keep(**day)) {
            sums.days += 1;
            sums.day.add(day);
        }
        sums
    }

    /// Hits and number of judged FUERTE episodes of a day.
    pub(crate) fn fuerte(&self, day: i64) -> (f64, f64) {
        let (judged, hits) = self.days.get(&day).map_or((0, 0), |d| d.calls[Level::Fuerte as usize]);
        (f64::from(hits), f64::from(judged))
    }

    pub(crate) fn days(&self) -> impl Iterator<Item = i64> {
        self.days.keys().copied()
    }
}

fn play(pair: &Series, profile: &Profile, hysteresis: f64, days: &mut Played) {
    let mut was = (!pair.from_start).then_some(Level::Descartada);
    for point in &pair.points {
        let Some(raw) = &point.raw else {
            was = Some(Level::Descartada);
            continue;
        };
        let score = total(&raw.components(profile));
        let level = held_level(&profile.levels, hysteresis, was.unwrap_or(Level::Descartada), score);
        let rose = was.is_some_and(|was| level > was);
        was = Some(level);
        let Some(hit) = point.hit else { continue };
        let (day, said) = days.entry(point.day()).or_default();
        if rose {
            let calls = &mut day.calls[profile.levels.level(score) as usize];
            *calls = (calls.0 + 1, calls.1 + u32::from(hit));
        }
        day.points = (day.points.0 + 1, day.points.1 + u32::from(hit));
        said.push((probability(&profile.probability, &raw.factors(profile, score)) as f32, hit));
    }
}

/// Mann-Whitney U of one day and the number of its pairs of a hit and a miss.
fn ranked(said: &mut [(f32, bool)]) -> (f64, f64) {
    said.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut won, mut at) = (0.0, 0.0, 0);
    while at < said.len() {
        let end = at + said[at..].iter().take_while(|s| s.0 == said[at].0).count();
        let hits = said[at..end].iter().filter(|s| s.1).count() as f64;
        let misses = (end - at) as f64 - hits;
        won += hits * (below + misses / 2.0);
        below += misses;
        at = end;
    }
    let hits = said.iter().filter(|s| s.1).count() as f64;
    (won, hits * below)
}

impl Sums {
    pub(crate) fn all(parts: &[Self]) -> Self {
        let mut sums = Self::default();
        for part in parts {
            sums.days += part.days;
            sums.day.add(&part.day);
        }
        sums
    }

    /// Judged episodes of a level, and hits among them.
    pub(crate) const fn calls(&self, level: Level) -> (u32, u32) {
        self.day.calls[level as usize]
    }

    /// Share of hits among the judged episodes of a level.
    pub(crate) fn precision(&self, level: Level) -> Option<f64> {
        let (judged, hits) = self.calls(level);
        (judged > 0).then(|| f64::from(hits) / f64::from(judged))
    }

    /// The same, drawn towards the base rate by `prior` episodes.
    pub(crate) fn drawn(&self, level: Level, prior: f64) -> f64 {
        let (judged, hits) = self.calls(level);
        (f64::from(hits) + prior * self.base_rate()) / (f64::from(judged) + prior)
    }

    /// Share of hits among the judged points.
    pub(crate) fn base_rate(&self) -> f64 {
        f64::from(self.day.points.1) / f64::from(self.day.points.0.max(1))
    }

    /// Judged episodes of a level a day.
    pub(crate) fn per_day(&self, level: Level) -> f64 {
        f64::from(self.calls(level).0) / f64::from(self.days.max(1))
    }

    /// Area under the ROC curve of the rule probability within days; 0.5 where nothing can be told.
    pub(crate) fn auc(&self) -> f64 {
        if self.day.ranked.1 > 0.0 { self.day.ranked.0 / self.day.ranked.1 } else { 0.5 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_area_is_that_of_the_whole_set_on_one_day(said in prop::collection::vec((0_u8..20, any::<bool>()), 2..200)) {
            let mut own: Vec<(f32, bool)> = said.iter().map(|(v, h)| (f32::from(*v), *h)).collect();
            let (won, pairs) = ranked(&mut own);
            let all: Vec<(f64, bool)> = said.iter().map(|(v, h)| (f64::from(*v), *h)).collect();
            match crate::learning::score::auc(&all) {
                Some(auc) => prop_assert!((won / pairs - auc).abs() < 1e-9),
                None => prop_assert_eq!(pairs, 0.0),
            }
        }
    }
}
