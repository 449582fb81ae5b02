//! Quiet hours: a span of the day in the user's time zone, which may pass midnight.

use crate::domain::moment::{MarketTime, Moment};
use crate::domain::time::{DAY_MS, MINUTE_MS};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Minutes that local time is ahead of UTC at ms UTC of any clock. A function, since summer time comes and goes.
#[derive(Clone)]
pub struct LocalOffset(Arc<dyn Fn(i64) -> i64 + Send + Sync>);

impl LocalOffset {
    pub fn new(offset_min: impl Fn(i64) -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(offset_min))
    }

    /// Minute of the local day, 0-1,439.
    pub(crate) fn minute_of_day(&self, at: MarketTime) -> u32 {
        let local = at + (self.0)(at.ms()) * MINUTE_MS;
        u32::try_from(local.past(DAY_MS) / MINUTE_MS).unwrap_or(0)
    }

    /// First moment of the local day that holds `at`.
    pub(crate) fn day_start<C>(&self, at: Moment<C>) -> Moment<C> {
        let offset_ms = (self.0)(at.ms()) * MINUTE_MS;
        (at + offset_ms).floor(DAY_MS) - offset_ms
    }
}

impl Default for LocalOffset {
    /// UTC.
    fn default() -> Self {
        Self::new(|_| 0)
    }
}

impl fmt::Debug for LocalOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalOffset")
    }
}

/// `23:00-07:30`: from the first minute, up to before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from_min: u32,
    to_min: u32,
}

/// No span of the day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no span of the day; write it as 23:00-07:30")]
pub struct BadQuietHours(pub(crate) String);

impl QuietHours {
    /// Does the span hold this minute of the day.
    pub const fn contains(&self, minute: u32) -> bool {
        if self.from_min <= self.to_min {
            minute >= self.from_min && minute < self.to_min
        } else {
            minute >= self.from_min || minute < self.to_min
        }
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        write!(f, "{}-{}", clock(self.from_min), clock(self.to_min))
    }
}

impl FromStr for QuietHours {
    type Err = BadQuietHours;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let minute = |part: &str| -> Option<u32> {
            let (hour, minute) = part.trim().split_once(':')?;
            let (hour, minute) = (hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let span = text.split_once('-').and_then(|(from, to)| Some((minute(from)?, minute(to)?)));
        match span {
            Some((from_min, to_min)) if from_min != to_min => Ok(Self { from_min, to_min }),
            _ => Err(BadQuietHours(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::HOUR_MS;

    #[test]
    fn spans_may_pass_midnight() {
        let night: QuietHours = "23:00-07:30".parse().unwrap();
        let inside = [23 * 60, 0, 7 * 60 + 29];
        let outside = [7 * 60 + 30, 12 * 60, 22 * 60 + 59];
        assert!(inside.iter().all(|m| night.contains(*m)) && !outside.iter().any(|m| night.contains(*m)));
        assert_eq!(night.to_string(), "23:00-07:30");
        let noon: QuietHours = "12:00-13:00".parse().unwrap();
        assert!(noon.contains(12 * 60) && !noon.contains(13 * 60));
        for bad in ["", "12:00", "24:00-01:00", "12:00-12:00", "a-b", "12:60-13:00"] {
            assert_eq!(bad.parse::<QuietHours>(), Err(BadQuietHours(bad.to_owned())));
        }
    }

    #[test]
    fn the_local_day_begins_at_local_midnight() {
        let madrid = LocalOffset::new(|_| 120);
        assert_eq!(madrid.minute_of_day(MarketTime::from_ms(23 * HOUR_MS)), 60);
        assert_eq!(madrid.day_start(MarketTime::from_ms(23 * HOUR_MS)), MarketTime::from_ms(22 * HOUR_MS));
        let lima = LocalOffset::new(|_| -300);
        assert_eq!(lima.day_start(MarketTime::from_ms(4 * HOUR_MS)), MarketTime::from_ms(-19 * HOUR_MS));
    }
}
