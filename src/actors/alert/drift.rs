//! The calibration's own history: each hour in which it moved is a version, and drift is told to the channels.

use crate::actors::ports::experiment::Calibration;
use crate::domain::moment::MarketTime;
use crate::domain::time::{DAY_MS, HOUR_MS};
use crate::learning::calibration::Shift;

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct News {
    /// A version to be kept.
    pub(super) version: Option<Calibration>,
    /// Drift began (`true`) or ended, and is to be told.
    pub(super) drift: Option<bool>,
}

/// What was seen and told so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Drift {
    hour: Option<i64>,
    kept: Option<Calibration>,
    told_at: Option<MarketTime>,
    told: bool,
}

impl Drift {
    /// Goes on from the newest version of an earlier run: its drift was told.
    pub(super) const fn since(kept: Option<Calibration>) -> Self {
        let (told, told_at) = match &kept {
            Some(c) => (c.drift, Some(c.at)),
            None => (false, None),
        };
        Self { hour: None, kept, told_at, told }
    }

    /// Is another look due: once an hour of market time.
    pub(super) fn is_due(&mut self, as_of: MarketTime) -> bool {
        let hour = as_of.index(HOUR_MS);
        self.hour.replace(hour) != Some(hour)
    }

    /// The calibration as it stands.
    pub(super) fn look(&mut self, as_of: MarketTime, model: &str, shift: &Shift) -> News {
        let now = Calibration {
            version: 0,
            at: as_of,
            model: model.to_owned(),
            log_odds: shift.log_odds,
            slope: shift.slope,
            seen: shift.seen,
            days: shift.days,
            drift: shift.drift,
        };
        let same = |c: &Calibration| {
            let near = |a: f64, b: f64| (a - b).abs() < 1e-3;
            let moved = !near(c.log_odds, now.log_odds) || !near(c.slope, now.slope);
            c.model == now.model && !moved && c.drift == now.drift
        };
        // A calibration as trained is no version.
        let untouched = self.kept.is_none() && now.days == 0.0;
        let changed = !untouched && !self.kept.as_ref().is_some_and(same);
        let drift = self.told_now(as_of, now.drift);
        if changed {
            self.kept = Some(now.clone());
        }
        News { version: changed.then_some(now), drift }
    }

    /// A beginning at most once a day; an end only where the beginning was told.
    fn told_now(&mut self, as_of: MarketTime, drift: bool) -> Option<bool> {
        if drift == self.told || (drift && self.told_at.is_some_and(|at| as_of - at < DAY_MS)) {
            return None;
        }
        self.told = drift;
        if drift {
            self.told_at = Some(as_of);
        }
        Some(drift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> MarketTime {
        MarketTime::from_ms(ms)
    }

    fn shift(log_odds: f64, drift: bool) -> Shift {
        Shift { log_odds, days: 1.0, drift, ..Shift::default() }
    }

    #[test]
    fn a_version_for_each_hour_that_moved_it() {
        let mut drift = Drift::default();
        assert!(drift.is_due(at(HOUR_MS)) && !drift.is_due(at(HOUR_MS + 1)) && drift.is_due(at(2 * HOUR_MS)));
        assert_eq!(drift.look(at(0), "m", &Shift::default()), News::default(), "as trained");
        assert!(drift.look(at(HOUR_MS), "m", &shift(-0.2, false)).version.is_some());
        assert_eq!(drift.look(at(2 * HOUR_MS), "m", &shift(-0.2, false)).version, None);
        let steeper = Shift { slope: 1.1, ..shift(-0.2, false) };
        assert_eq!(drift.look(at(2 * HOUR_MS), "m", &steeper).version.map(|c| c.slope), Some(1.1));
        assert!(drift.look(at(3 * HOUR_MS), "m", &shift(-0.3, false)).version.is_some());
        assert!(drift.look(at(4 * HOUR_MS), "other", &shift(-0.3, false)).version.is_some());
    }

    #[test]
    fn drift_is_told_once_a_day_and_its_end_once() {
        let mut drift = Drift::default();
        let mut told = |hour: i64, on: bool| drift.look(at(hour * HOUR_MS), "m", &shift(-0.9, on)).drift;
        assert_eq!(
            [told(1, true), told(2, true), told(3, false), told(4, false)],
            [Some(true), None, Some(false), None]
        );
        assert_eq!([told(5, true), told(6, false)], [None, None], "again within a day: neither");
        assert_eq!(told(26, true), Some(true));
        let kept = Calibration { drift: true, at: at(26 * HOUR_MS), ..Calibration::default() };
        assert_eq!(
            Drift::since(Some(kept)).look(at(27 * HOUR_MS), "m", &shift(-0.9, true)).drift,
            None,
            "after a restart"
        );
    }
}
