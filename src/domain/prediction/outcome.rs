//! What became of a prediction, by the candles that followed it.

use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::target::{HORIZON_MS, SHORT_MS, reaches};
use crate::domain::time::MINUTE_MS;

/// What became of a prediction so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// A high within 4 h reached the target; `None` while those 4 h are not whole.
    pub hit_4h: Option<bool>,
    /// The same within 24 h.
    pub hit_24h: Option<bool>,
    /// Minutes from the cut to the end of the candle that reached it.
    pub minutes_to_hit: Option<u32>,
    /// Greatest rise so far, percent (not below 0).
    pub greatest_rise_pct: f64,
    /// Deepest fall so far, percent (not above 0).
    pub deepest_fall_pct: f64,
    /// Candles are missing: the first missing open time.
    pub missing: Option<MarketTime>,
}

/// Judges a price of the cut `opened_at` by the candles (closed, oldest first, of `base_ms`) that opened since.
pub fn judge(opened_at: MarketTime, price: f64, candles: &[Candle], base_ms: i64) -> Outcome {
    let mut outcome = Outcome {
        hit_4h: None,
        hit_24h: None,
        minutes_to_hit: None,
        greatest_rise_pct: 0.0,
        deepest_fall_pct: 0.0,
        missing: None,
    };
    // A cut inside a candle: the rest of that candle is not told apart from its beginning and stays out.
    let first = opened_at.ceil(base_ms);
    let mut next = first;
    for c in candles.iter().filter(|c| c.open_time >= first && c.open_time < opened_at + HORIZON_MS) {
        if c.open_time != next || !c.closed {
            break;
        }
        next += base_ms;
        outcome.greatest_rise_pct = outcome.greatest_rise_pct.max(100.0 * (c.high / price - 1.0));
        outcome.deepest_fall_pct = outcome.deepest_fall_pct.min(100.0 * (c.low / price - 1.0));
        if outcome.minutes_to_hit.is_none() && reaches(c.high, price) {
            outcome.minutes_to_hit = u32::try_from((next - opened_at) / MINUTE_MS).ok();
        }
    }
    let within = |span: i64| {
        let hit = outcome.minutes_to_hit.is_some_and(|m| i64::from(m) * MINUTE_MS <= span);
        // A hit stands as soon as it is seen; a miss only when the whole span was.
        (hit || next >= opened_at + span).then_some(hit)
    };
    (outcome.hit_4h, outcome.hit_24h) = (within(SHORT_MS), within(HORIZON_MS));
    outcome.missing = (next < opened_at + HORIZON_MS).then_some(next);
    outcome
}
