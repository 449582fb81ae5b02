//! Values as people type them.

use crate::domain::moment::{MarketTime, Moment};
use crate::domain::time::{DAY_MS, Interval, MINUTE_MS, parse_span_ms};
use crate::i18n::{Failure, OrFail, failure, text};
use std::error::Error;
use std::fmt::Display;
use std::ops::RangeInclusive;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

/// Reads 2025-06-18, 2025-06-18T06:00, 2025-06-18T06:00:30, with or without a final Z; always UTC.
pub(super) fn moment(text: &str) -> Result<MarketTime, Failure> {
    let plain = text.trim().trim_end_matches(['Z', 'z']).replace(' ', "T");
    let minutes = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let day = format_description!("[year]-[month]-[day]");
    let moment = PrimitiveDateTime::parse(&plain, seconds)
        .or_else(|_| PrimitiveDateTime::parse(&plain, minutes))
        .or_else(|_| Date::parse(&plain, day).map(|date| date.midnight()))
        .ok()
        .or_fail(|| text!(allowed_moment))?;
    Ok(MarketTime::from_ms(moment.assume_utc().unix_timestamp() * 1_000))
}

/// A moment as text, `2025-06-18 06:00:30 UTC`.
pub(super) fn show_moment<C: Copy>(moment: Moment<C>) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    OffsetDateTime::from_unix_timestamp(moment.ms().div_euclid(1_000))
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_else(|| moment.to_string())
}

/// A step that divides a day, ms.
pub(super) fn step(text: &str) -> Result<i64, Failure> {
    let divides = |ms: &i64| ms % MINUTE_MS == 0 && DAY_MS % ms == 0;
    parse_span_ms(text).filter(divides).or_fail(|| text!(allowed_step))
}

pub(super) fn above_zero(text: &str) -> Result<f64, Failure> {
    text.parse().ok().filter(|n: &f64| *n > 0.0 && n.is_finite()).or_fail(|| text!(allowed_above_zero))
}

/// How much faster than real a market runs.
pub(super) fn speed(text: &str) -> Result<f64, Failure> {
    let speed: f64 = text.parse().ok().or_fail(|| text!(allowed_speed_number))?;
    if (0.1..=3_600.0).contains(&speed) { Ok(speed) } else { Err(failure!(allowed_speed)) }
}

pub(super) fn interval(text: &str) -> Result<Interval, Failure> {
    text.parse::<Interval>().map_err(|_| failure!(interval_unknown, interval = text.to_owned()))
}

/// A whole number of a range. (What clap's own says of one outside is finished English text.)
pub(super) fn whole<T: TryFrom<i64> + PartialOrd + Display + Clone>(
    allowed: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, Box<dyn Error + Send + Sync>> + Clone {
    move |text| {
        let number: i64 = text.parse()?;
        let outside = || {
            let range = format!("{}..={}", allowed.start(), allowed.end());
            failure!(allowed_range, number = number.to_string(), range = range)
        };
        let fits = T::try_from(number).ok().filter(|n| allowed.contains(n));
        Ok(fits.ok_or_else(outside)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_people_type() {
        for text in ["2025-06-18T06:00", "2025-06-18T06:00:00", "2025-06-18 06:00", "2025-06-18T06:00Z"] {
            assert_eq!(moment(text).unwrap(), MarketTime::from_ms(1_750_226_400_000), "{text}");
        }
        assert_eq!(moment("2025-06-18").unwrap(), MarketTime::from_ms(1_750_204_800_000));
        for text in ["", "yesterday", "2025-13-01", "06:00"] {
            assert!(moment(text).expect_err(text).to_string().contains("2025-06-18T06:00"), "{text}");
        }
        assert_eq!(show_moment(MarketTime::from_ms(1_750_226_430_000)), "2025-06-18 06:00:30 UTC");
    }

    #[test]
    fn a_whole_number_outside_its_range_names_the_range() {
        let number = whole(5_u32..=5_000);
        assert_eq!(number("5").unwrap(), 5);
        assert_eq!(number("-1").unwrap_err().to_string(), "-1 is not in 5..=5000");
        assert!(number("five").unwrap_err().is::<std::num::ParseIntError>());
    }
}
