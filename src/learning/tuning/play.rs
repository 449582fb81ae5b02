//! What a profile would have said on the points, day by day: episodes by level, and how well the rule probability ranks.

use super::points::{Points, Series};
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::score::apply::total;
use crate::domain::score::probability::probability;
use crate::domain::score::profile::Profile;
use crate::domain::time::DAY_MS;
use crate::learning::evaluation::calibration::ranked;
use crate::learning::evaluation::daily::DailyRecord;
use std::collections::BTreeMap;

/// The probability of each judged point of a day, with what came.
type Said = BTreeMap<i64, Vec<(f64, bool)>>;

/// Plays `profile` over all points.
pub(crate) fn play(points: &Points, profile: &Profile, hysteresis: f64) -> DailyRecord {
    let (mut record, mut said) = (DailyRecord::default(), Said::new());
    for pair in &points.pairs {
        play_pair(pair, profile, hysteresis, &mut record, &mut said);
    }
    for (day, mut said) in said {
        record.day(MarketTime::from_index(day, DAY_MS)).ranked = ranked(&mut said);
    }
    record
}

fn play_pair(pair: &Series, profile: &Profile, hysteresis: f64, record: &mut DailyRecord, said: &mut Said) {
    let mut was = (!pair.from_start).then_some(Level::Descartada);
    for point in &pair.points {
        let Some(raw) = &point.raw else {
            was = Some(Level::Descartada);
            continue;
        };
        let score = total(&raw.components(profile));
        let level = profile.levels.held(was.unwrap_or(Level::Descartada), score, hysteresis);
        let rose = was.is_some_and(|was| level > was);
        was = Some(level);
        let Some(hit) = point.hit else { continue };
        if rose {
            record.episode(point.as_of, profile.levels.level(score), hit);
        }
        record.day(point.as_of).samples.add(hit);
        let chance = probability(&profile.probability, &raw.factors(profile, score));

        said.entry(point.day()).or_default().push((chance, hit));
    }
}
