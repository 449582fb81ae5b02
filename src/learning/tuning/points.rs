//! What a search over profiles needs of a replay: raw values and outcomes, pair by pair.

use crate::domain::moment::MarketTime;
use crate::domain::ranking::RankingFilters;
use crate::domain::score::apply::Raw;
use crate::domain::target::HORIZON_MS;
use crate::domain::time::DAY_MS;
use crate::learning::replay::Moment;
use std::collections::BTreeMap;

/// A pair at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub as_of: MarketTime,
    /// Raw values; `None` where the pair was outside the limits of the listing, which ends what was held.
    pub raw: Option<Raw>,
    /// Reached +7.5 % within 24 h; `None` when that is not known.
    pub hit: Option<bool>,
}

impl Point {
    pub const fn day(&self) -> i64 {
        self.as_of.index(DAY_MS)
    }
}

/// One pair's points in the order of time.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// It was there at the first moment: nobody saw its level rise to where it was then.
    pub from_start: bool,
    pub points: Vec<Point>,
}

#[derive(Debug, Clone, Default)]
pub struct Points {
    pub pairs: Vec<Series>,
    /// First and last judged moment of each set of candles that the points come from.
    pub periods: Vec<[MarketTime; 2]>,
}

impl Points {
    /// Series of one set of candles.
    pub fn of_one_period(pairs: Vec<Series>) -> Self {
        let made = Self { pairs, periods: Vec::new() };
        let moments = || made.known().map(|p| p.as_of);
        let period = moments().min().zip(moments().max());
        let periods = period.map(|(first, last)| [first, last]).into_iter().collect();
        Self { periods, ..made }
    }

    fn known(&self) -> impl Iterator<Item = &Point> {
        let all = self.pairs.iter().flat_map(|series| &series.points);
        all.filter(|p| p.raw.is_some() && p.hit.is_some())
    }

    /// Points whose outcome is known.
    pub fn judged(&self) -> usize {
        self.known().count()
    }

    pub fn moments(&self) -> Vec<MarketTime> {
        self.known().map(|p| p.as_of).collect()
    }

    /// Share of hits among the judged points; 0 without any.
    pub fn base_rate(&self) -> f64 {
        let hits = self.known().filter(|p| p.hit == Some(true)).count();
        hits as f64 / self.judged().max(1) as f64
    }

    /// Adds the pairs of another period as pairs of their own.
    pub fn append(&mut self, mut other: Self) {
        self.pairs.append(&mut other.pairs);
        self.periods.append(&mut other.periods);
    }
}

/// Makes points from the moments of a replay.
#[derive(Debug)]
pub(crate) struct Collector {
    filters: RankingFilters,
    first: Option<MarketTime>,
    made: BTreeMap<usize, Vec<Point>>,
}

impl Collector {
    /// Points of pairs that pass `filters`.
    pub(crate) const fn new(filters: RankingFilters) -> Self {
        Self { filters, first: None, made: BTreeMap::new() }
    }

    pub(crate) fn take(&mut self, moment: &Moment) {
        if self.first.is_none() && moment.reports.iter().any(|r| r.analysis.is_some()) {
            self.first = Some(moment.as_of);
        }
        for (report, pair) in moment.reports.iter().zip(&moment.pairs) {
            // Not analyzable: what was held stands.
            let Some(a) = &report.analysis else { continue };
            let raw = self.filters.pass(a).then(|| Raw::of(a));
            self.made.entry(*pair).or_default().push(Point { as_of: moment.as_of, raw, hit: None });
        }
        let before = moment.as_of - HORIZON_MS;
        for (pair, judged) in &moment.judged {
            let Some(points) = self.made.get_mut(pair) else { continue };
            if let Ok(at) = points.binary_search_by_key(&before, |p| p.as_of) {
                points[at].hit = judged.outcome.hit_24h;
            }
        }
    }

    pub(crate) fn finish(self) -> Points {
        let first = self.first;
        let series = |points: Vec<Point>| {
            let from_start = points.first().map(|p| p.as_of) == first;
            Series { from_start, points }
        };
        Points::of_one_period(self.made.into_values().map(series).collect())
    }
}
