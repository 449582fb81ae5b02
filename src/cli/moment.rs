//! Moments as people type them.

use crate::domain::time::UtcMs;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

/// Reads 2025-06-18, 2025-06-18T06:00, 2025-06-18T06:00:30, with or without a final Z; always UTC.
///
/// # Errors
/// Says what is accepted.
pub(super) fn parse_moment(text: &str) -> Result<UtcMs, String> {
    let plain = text.trim().trim_end_matches(['Z', 'z']).replace(' ', "T");
    let minutes = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let day = format_description!("[year]-[month]-[day]");
    let moment = PrimitiveDateTime::parse(&plain, seconds)
        .or_else(|_| PrimitiveDateTime::parse(&plain, minutes))
        .or_else(|_| Date::parse(&plain, day).map(|date| date.midnight()))
        .map_err(|_| "a UTC moment such as 2025-06-18, 2025-06-18T06:00 or 2025-06-18T06:00:30".to_owned())?;
    Ok(moment.assume_utc().unix_timestamp() * 1_000)
}

/// A moment as text, `2025-06-18 06:00:30 UTC`.
pub(super) fn show_moment(moment: UtcMs) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    OffsetDateTime::from_unix_timestamp(moment.div_euclid(1_000))
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_else(|| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_people_type() {
        for text in ["2025-06-18T06:00", "2025-06-18T06:00:00", "2025-06-18 06:00", "2025-06-18T06:00Z"] {
            assert_eq!(parse_moment(text), Ok(1_750_226_400_000), "{text}");
        }
        assert_eq!(parse_moment("2025-06-18"), Ok(1_750_204_800_000));
        for text in ["", "yesterday", "2025-13-01", "06:00"] {
            assert!(parse_moment(text).expect_err(text).contains("2025-06-18T06:00"), "{text}");
        }
        assert_eq!(show_moment(1_750_226_430_000), "2025-06-18 06:00:30 UTC");
    }
}
