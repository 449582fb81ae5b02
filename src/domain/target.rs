//! The question that every prediction answers: does a later high reach +7.5 % within 24 h.

use crate::domain::time::HOUR_MS;

/// The rise in question, percent: what users are told the chance of.
pub(crate) const TARGET_PCT: f64 = 7.5;
/// The same as a multiple of the price: highs are compared with it, without a division each.
pub(crate) const TARGET: f64 = 1.0 + TARGET_PCT / 100.0;
/// How long the rise may take, ms: after a day a rise says nothing of the alert.
pub(crate) const HORIZON_MS: i64 = 24 * HOUR_MS;
/// The shorter span that is judged beside it, ms: a reader who acts on an alert sits before the screen for some hours.
pub(crate) const SHORT_MS: i64 = 4 * HOUR_MS;

/// Is a high of at least the target over `price`.
pub(crate) fn reaches(high: f64, price: f64) -> bool {
    high >= TARGET * price
}
