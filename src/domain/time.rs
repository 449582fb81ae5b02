//! Spans and candle intervals.

use crate::domain::moment::MarketTime;
use crate::domain::named::named;

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

/// Time of day of ms UTC: `23:59:59`.
pub fn clock(ms: i64) -> String {
    let s = ms.div_euclid(1000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

/// A kline interval, as Binance names it; shortest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Interval {
    M1,
    M3,
    M5,
    M15,
    M30,
    H1,
}

named!(Interval, "interval": { M1 = "1m", M3 = "3m", M5 = "5m", M15 = "15m", M30 = "30m", H1 = "1h" });

impl Interval {
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
    pub const fn floor(self, moment: MarketTime) -> MarketTime {
        moment.floor(self.ms())
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
