//! How a candle comes to be inside its interval: a deterministic way from its open to its final values.

use crate::simulator::market::bar::Bar;
use crate::simulator::market::noise::{mix, unit};

/// State of a candle after part of its interval: `None` before its first trade.
///
/// `fraction` is the elapsed share of the interval, 0-1; `seed` decides the order of the extremes and the
/// moments of the trades. At 1 the answer is the final candle itself.
pub(crate) fn partial(last: &Bar, fraction: f64, seed: u64, tick: f64) -> Option<(Bar, u32)> {
    let total = last.trades();
    if total == 0 {
        return None;
    }
    if fraction >= 1.0 {
        return Some((*last, total));
    }
    let phase = unit(mix(seed, 1));
    let done = (fraction.max(0.0) * f64::from(total) + phase).floor().clamp(0.0, f64::from(total));
    if done < 1.0 {
        return None;
    }
    if done >= f64::from(total) {
        return Some((*last, total));
    }
    let at = done / f64::from(total);
    let mut bar = walk(last, at, seed, tick);
    bar.volume = round8(last.volume * at);
    bar.quote_volume = round8(last.quote_volume * at);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=total above")]
    let trades = done as u32;
    Some((bar, trades))
}

/// Open, extremes and close of the way up to the share `at` of it: open, one extreme, the other, close.
fn walk(last: &Bar, at: f64, seed: u64, tick: f64) -> Bar {
    let first_turn = 0.1 + 0.35 * unit(mix(seed, 2));
    let second_turn = 0.5 + 0.4 * unit(mix(seed, 3));
    // A rising candle mostly visits its low first; the hash turns a quarter of them round.
    let low_first = (last.close >= last.open) != (unit(mix(seed, 4)) < 0.25);
    let (one, two) = if low_first { (last.low, last.high) } else { (last.high, last.low) };
    let corners = [(0.0, last.open), (first_turn, one), (second_turn, two), (1.0, last.close)];
    let mut bar = Bar { high: last.open, low: last.open, close: last.open, ..*last };
    for pair in corners.windows(2) {
        let ((from, a), (to, b)) = (pair[0], pair[1]);
        if at <= from {
            break;
        }
        let price = if at >= to { b } else { snap(a + (b - a) * (at - from) / (to - from), tick) };
        let price = price.clamp(last.low, last.high);
        bar.high = bar.high.max(price);
        bar.low = bar.low.min(price);
        bar.close = price;
    }
    bar
}

/// Nearest multiple of `tick`, without binary dust beyond the tenth decimal.
pub(crate) fn snap(price: f64, tick: f64) -> f64 {
    ((price / tick).round() * tick * 1e10).round() / 1e10
}

/// Rounded to the eight decimals that the exchange prints.
pub(crate) fn round8(value: f64) -> f64 {
    (value * 1e8).round() / 1e8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stays_inside_grows_and_ends_at_the_final_candle(
            open in 1.0_f64..2.0, close in 1.0_f64..2.0, up in 0.0_f64..0.5, down in 0.0_f64..0.5,
            volume in 0.1_f64..1e5, seed in any::<u64>(),
        ) {
            let (open, close) = (snap(open, 0.001), snap(close, 0.001));
            let last = Bar {
                open, close, high: snap(open.max(close) + up, 0.001), low: snap(open.min(close) - down, 0.001),
                volume, quote_volume: volume * 1.5,
            };
            let mut before: Option<(Bar, u32)> = None;
            for step in 0..=100_u32 {
                let now = partial(&last, f64::from(step) / 100.0, seed, 0.001);
                if let Some((bar, trades)) = now {
                    prop_assert!(bar.low >= last.low && bar.high <= last.high);
                    prop_assert!(bar.low <= bar.close && bar.close <= bar.high && bar.open == last.open);
                    if let Some((old, count)) = before {
                        prop_assert!(bar.high >= old.high && bar.low <= old.low);
                        prop_assert!(bar.volume >= old.volume && trades >= count);
                    }
                } else {
                    prop_assert!(before.is_none());
                }
                before = now;
            }
            prop_assert_eq!(before, Some((last, last.trades())));
        }
    }
}
