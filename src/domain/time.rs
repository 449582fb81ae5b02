//! Moments, spans and candle intervals. Every moment is given in milliseconds UTC.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A moment in milliseconds since 1970-01-01T00:00:00Z.
pub type UtcMs = i64;

/// One minute in milliseconds.
pub const MINUTE_MS: i64 = 60_000;
/// One hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Milliseconds of a span such as `30s`, `15m`, `1h` or `2d`; `None` for anything else, for 0 and for over 10 years.
pub(crate) fn parse_span_ms(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1_000,
        'm' => MINUTE_MS,
        'h' => HOUR_MS,
        'd' => DAY_MS,
        _ => return None,
    };
    let number = &text[..text.len() - 1];
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let span = number.parse::<i64>().ok().filter(|_| plain)?.checked_mul(unit)?;
    (1..=3_653 * DAY_MS).contains(&span).then_some(span)
}

/// A kline interval, as Binance names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Interval {
    /// 1 minute.
    #[serde(rename = "1m")]
    M1,
    /// 3 minutes.
    #[serde(rename = "3m")]
    M3,
    /// 5 minutes.
    #[serde(rename = "5m")]
    M5,
    /// 15 minutes.
    #[serde(rename = "15m")]
    M15,
    /// 30 minutes.
    #[serde(rename = "30m")]
    M30,
    /// 1 hour.
    #[serde(rename = "1h")]
    H1,
}

/// The interval's name is not one of 1m, 3m, 5m, 15m, 30m, 1h.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("interval '{0}' is not known; allowed are 1m, 3m, 5m, 15m, 30m, 1h")]
pub struct UnknownInterval(pub(crate) String);

impl Interval {
    /// Every interval, shortest first.
    pub const ALL: [Self; 6] = [Self::M1, Self::M3, Self::M5, Self::M15, Self::M30, Self::H1];

    pub const fn minutes(self) -> i64 {
        match self {
            Self::M1 => 1,
            Self::M3 => 3,
            Self::M5 => 5,
            Self::M15 => 15,
            Self::M30 => 30,
            Self::H1 => 60,
        }
    }

    pub const fn ms(self) -> i64 {
        self.minutes() * MINUTE_MS
    }

    /// Open time of the candle of this interval that holds `moment`.
    pub const fn floor(self, moment: UtcMs) -> UtcMs {
        moment - moment.rem_euclid(self.ms())
    }

    /// Name on the wire: `1m`, `15m`, `1h` and so on.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::M1 => "1m",
            Self::M3 => "3m",
            Self::M5 => "5m",
            Self::M15 => "15m",
            Self::M30 => "30m",
            Self::H1 => "1h",
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Interval {
    type Err = UnknownInterval;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|i| i.as_str() == text).ok_or_else(|| UnknownInterval(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_numbers_with_a_unit() {
        let spans = ["30s", "15m", "1h", "2d"].map(parse_span_ms);
        assert_eq!(spans, [Some(30_000), Some(900_000), Some(HOUR_MS), Some(2 * DAY_MS)]);
        for bad in ["", "h", "1", "-1h", "+1h", "1w", "0m", "1.5h", "99999999999999d", "1ñ"] {
            assert_eq!(parse_span_ms(bad), None, "{bad}");
        }
    }
}
