//! Keys in order of time: the moment above, the pair below. A table clustered by them grows at its end.

use super::fault::Fault;
use crate::actors::ports::history::Span;
use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::i18n::text;

/// A row's number is its moment above the pair above the interval, so that rows lie in order of time; 20 bits leave
/// 43 for the moment.
const PAIR_BITS: u32 = 20;
/// Room for eight intervals; the statements name it as `>> 3` and `& 7`.
const INTERVAL_BITS: u32 = 3;
const INTERVAL_MASK: i64 = (1 << INTERVAL_BITS) - 1;
/// Greatest number of a symbol: what the bits beside the interval hold, a hundred times what the exchange lists.
pub(super) const MOST_SYMBOLS: i64 = (1 << (PAIR_BITS - INTERVAL_BITS)) - 1;
/// Moments lie between its negative and itself: the years 1691 to 2248.
const FARTHEST: i64 = (1 << (63 - PAIR_BITS)) - 1;
/// Candles of one chunk, when none is missing: a day of minutes, 60 days of hours.
pub(super) const CHUNK_CANDLES: i64 = 1_440;

/// Number of an interval: its place among all, shortest first.
pub(super) fn code(interval: Interval) -> i64 {
    Interval::ALL.iter().zip(0..).find(|(i, _)| **i == interval).map_or(0, |(_, code)| code)
}

/// A symbol and an interval as one number.
pub(super) fn pair(symbol: i64, interval: Interval) -> i64 {
    symbol << INTERVAL_BITS | code(interval)
}

/// The symbol's number in a pair.
pub(super) const fn symbol_of(pair: i64) -> i64 {
    pair >> INTERVAL_BITS
}

/// The interval in a pair.
pub(super) fn interval_of(pair: i64) -> Result<Interval, Fault> {
    let code = usize::try_from(pair & INTERVAL_MASK).unwrap_or(usize::MAX);
    Interval::ALL.get(code).copied().ok_or_else(|| Fault::Damaged(text!(history_odd_row)))
}

/// Key of a row at `moment`; `low` tells the pair.
pub(super) fn key(moment: MarketTime, low: i64) -> Result<i64, Fault> {
    if moment.ms().abs() > FARTHEST {
        return Err(Fault::Refused(text!(history_odd_moment, moment = moment.to_string())));
    }
    Ok(moment.ms() << PAIR_BITS | low)
}

/// Smallest key at `moment`, for limits.
pub(super) fn edge(moment: MarketTime) -> i64 {
    moment.ms().clamp(-FARTHEST, FARTHEST) << PAIR_BITS
}

pub(super) const fn moment_of(key: i64) -> MarketTime {
    MarketTime::from_ms(key >> PAIR_BITS)
}

/// The pair's part of a key.
pub(super) const fn low_of(key: i64) -> i64 {
    key & ((1 << PAIR_BITS) - 1)
}

/// First key and first key after a span.
pub(super) fn edges(span: Span) -> (i64, i64) {
    (edge(span.from), edge(span.to))
}

/// Number of the chunk that holds a candle.
pub(super) const fn slot(open_time: MarketTime, interval: Interval) -> i64 {
    open_time.index(CHUNK_CANDLES * interval.ms())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_order_of_time_and_keep_their_parts() {
        let mut former = i64::MIN;
        for moment in [-FARTHEST, -60_001, -1, 0, 1, 1_763_877_600_000, FARTHEST].map(MarketTime::from_ms) {
            for low in [0, 1, (1 << PAIR_BITS) - 1] {
                let key = key(moment, low).unwrap();
                assert!(key > former);
                assert_eq!((moment_of(key), low_of(key)), (moment, low));
                former = key;
            }
        }
        assert!(matches!(key(MarketTime::from_ms(FARTHEST + 1), 0), Err(Fault::Refused(_))));
        for interval in Interval::ALL {
            let pair = pair(MOST_SYMBOLS, interval);
            assert!(pair < 1 << PAIR_BITS);
            assert_eq!((symbol_of(pair), interval_of(pair).unwrap()), (MOST_SYMBOLS, interval));
        }
    }
}
