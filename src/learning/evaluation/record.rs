//! The track record: the sums of some days, with what intervals by day blocks and months need of each.

use super::by_size::{BySize, by_size};
use super::daily::Precision;
use super::hits::Hits;
use super::tally::{Horizon, Tally};
use crate::domain::moment::{MarketTime, Moment};
use crate::domain::prediction::PredictionKind;
use crate::domain::report::Level;
use crate::domain::time::DAY_MS;
use serde::Serialize;
use std::collections::BTreeMap;

/// Days of the ledger added up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) all: Tally,
    days: BTreeMap<i64, BTreeMap<(PredictionKind, Level), [Hits; 2]>>,
}

/// FUERTE episodes and samples of one month.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RecordMonthBody))]
pub(crate) struct RecordMonth {
    /// `2026-01`, UTC.
    pub(crate) month: String,
    /// FUERTE episodes that are judged.
    pub(crate) fuerte: Precision,
    /// The same question asked of every analysed pair within the limits at every full hour.
    pub(crate) base: Precision,
}

impl Record {
    /// Adds the sums of a day, by its number since 1970.
    pub(crate) fn add(&mut self, day: i64, sums: &Tally) {
        self.all.merge(sums);
        let own = self.days.entry(day).or_default();
        for (kind, level, hits) in sums.hits() {
            let known = own.entry((kind, level)).or_default();
            known.iter_mut().zip(hits).for_each(|(known, hits)| *known += hits);
        }
    }

    /// Predictions of a kind and level; of all levels without one.
    pub(crate) fn precision(&self, kind: PredictionKind, level: Option<Level>, within: Horizon) -> Precision {
        Precision::of_days(self.days.values().map(|day| hits(day, kind, level, within)))
    }

    /// By month, the oldest first; those without anything judged are left out.
    pub(crate) fn months(&self) -> Vec<RecordMonth> {
        let mut months: BTreeMap<String, Vec<[Hits; 2]>> = BTreeMap::new();
        for (day, own) in &self.days {
            let asked = [(PredictionKind::Episode, Some(Level::Fuerte)), (PredictionKind::Sample, None)];
            let of_day = asked.map(|(kind, level)| hits(own, kind, level, Horizon::Day));
            if of_day.iter().any(|hits| hits.judged > 0) {
                months.entry(month(MarketTime::from_index(*day, DAY_MS))).or_default().push(of_day);
            }
        }
        let month = |(month, days): (String, Vec<[Hits; 2]>)| {
            let of = |n: usize| Precision::of_days(days.iter().map(|day| day[n]));
            RecordMonth { month, fuerte: of(0), base: of(1) }
        };
        months.into_iter().map(month).collect()
    }

    /// FUERTE episodes by the size of the event that they belong to.
    pub(crate) fn by_size(&self) -> [BySize; 3] {
        by_size(self.all.rises())
    }
}

fn hits(
    day: &BTreeMap<(PredictionKind, Level), [Hits; 2]>,
    kind: PredictionKind,
    level: Option<Level>,
    within: Horizon,
) -> Hits {
    let own = day.iter().filter(|((k, l), _)| *k == kind && level.is_none_or(|level| level == *l));
    own.map(|(_, hits)| hits[within as usize]).sum()
}

/// `2025-01` of a moment.
pub(crate) fn month(at: MarketTime) -> String {
    written(at, "%Y-%m")
}

/// `2025-01-31` of a moment.
pub(crate) fn day<C: Copy>(at: Moment<C>) -> String {
    written(at, "%Y-%m-%d")
}

fn written<C: Copy>(at: Moment<C>, format: &str) -> String {
    jiff::Timestamp::from_millisecond(at.ms())
        .map_or_else(|_| at.to_string(), |t| t.strftime(format).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prediction::JudgedRow;
    use crate::domain::prediction::outcome::Outcome;

    /// The sums of a day as a store keeps them.
    fn kept(rows: &[JudgedRow]) -> Tally {
        let text = serde_json::to_string(&rows.iter().collect::<Tally>()).expect("JSON");
        serde_json::from_str(&text).expect("as it was")
    }

    fn fuerte(minute: i64, hit: Option<bool>) -> JudgedRow {
        JudgedRow {
            kind: PredictionKind::Episode,
            opened_at: MarketTime::from_ms(minute * 60_000),
            level: Level::Fuerte,
            probability_7_5: 50.0,
            calibrated_7_5: Some(61.0),
            outcome: hit.map(|hit| Outcome {
                hit_4h: Some(false),
                hit_24h: Some(hit),
                minutes_to_hit: None,
                greatest_rise_pct: 1.0,
                deepest_fall_pct: -1.0,
                missing: None,
            }),
            void: false,
        }
    }

    #[test]
    fn an_event_across_midnight_is_one_and_days_make_months() {
        let day = 1_440;
        let mut record = Record::default();
        // January 1st 1970: a pair alone, and five at its end; five more after midnight.
        let mut rows: Vec<JudgedRow> = (0..5).map(|n| fuerte(day - 20 + n, Some(true))).collect();
        rows.push(fuerte(100, Some(true)));
        record.add(0, &kept(&rows));
        record.add(1, &kept(&(0..5).map(|n| fuerte(day + n, Some(n == 0))).collect::<Vec<_>>()));
        record.add(40, &kept(&[fuerte(40 * day, Some(false)), fuerte(40 * day + 1, None)]));
        let told = record.by_size().map(|own| (own.events, own.within_24h.judged, own.within_24h.hits));
        assert_eq!(told, [(3, 2, 1), (1, 10, 6), (0, 0, 0)]);
        let own = record.precision(PredictionKind::Episode, Some(Level::Fuerte), Horizon::Day);
        assert_eq!((own.judged, own.hits, own.interval_90), (12, 7, None));
        let four_hours = record.precision(PredictionKind::Episode, None, Horizon::FourHours);
        assert_eq!((four_hours.judged, four_hours.hits), (12, 0));
        let months = record.months().into_iter().map(|m| (m.month, m.fuerte.judged, m.base.judged));
        assert_eq!(months.collect::<Vec<_>>(), [("1970-01".to_owned(), 11, 0), ("1970-02".to_owned(), 1, 0)]);
    }

    #[test]
    fn months_of_moments() {
        for (at, expected) in [(0, "1970-01"), (1_735_689_599_999, "2024-12"), (1_735_689_600_000, "2025-01")]
        {
            assert_eq!(month(MarketTime::from_ms(at)), expected);
        }
        assert_eq!(month(MarketTime::from_ms(1_709_164_800_000)), "2024-02");
    }
}
