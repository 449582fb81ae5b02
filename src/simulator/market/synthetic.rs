//! A made-up pair: every minute is a pure function of the seed and the time, so any moment can be asked.

use crate::domain::moment::MarketTime;
use crate::domain::time::MINUTE_MS;
use crate::simulator::market::bar::Bar;
use crate::simulator::market::noise::{BLOCK, edges, gauss, mix, unit};
use crate::simulator::market::path::{round8, snap};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// Blocks of 1,024 minutes kept for each pair: the running one and the 24 h before it. Oldest out when full.
const CACHED_BLOCKS: usize = 3;
/// Length of a slot that may hold one pump or crash, minutes: two chances a day, about what a mid-size pair shows.
const EVENT_SLOT: i64 = 720;

/// What makes one pair differ from another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits {
    pub seed: u64,
    /// Seed of the market factor, the same for all pairs of a market.
    pub(crate) market_seed: u64,
    /// The noise is read this many minutes earlier: two markets of one seed can so show the same moves at any two moments.
    pub(crate) lag_min: i64,
    /// Share of the market factor in the pair's moves.
    pub(crate) beta: f64,
    /// Deviation of its own moves over about 17 h, as a logarithm.
    pub scale: f64,
    /// Price around which it moves.
    pub price: f64,
    pub tick: f64,
    pub lot: f64,
    /// Typical quote volume a minute.
    pub(crate) minute_quote: f64,
    /// Share of minutes in which something trades, 0-1.
    pub(crate) activity: f64,
}

/// One made-up pair with its small cache of minutes.
#[derive(Debug)]
pub struct Synthetic {
    traits: Traits,
    /// Held while a block is made, as `day` is: whoever comes meanwhile wants the same.
    cache: Mutex<VecDeque<(i64, Arc<Vec<Bar>>)>>,
}

impl Synthetic {
    /// A pair with these traits.
    pub(crate) const fn new(traits: Traits) -> Self {
        Self { traits, cache: Mutex::new(VecDeque::new()) }
    }

    /// The block of minutes that holds `open` and the index of that minute inside.
    pub(crate) fn locate(&self, open: MarketTime) -> (i64, usize) {
        let minute = open.index(MINUTE_MS) - self.traits.lag_min;
        let size = BLOCK.cast_signed() as i64;
        let inside = usize::try_from(minute.rem_euclid(size)).unwrap_or_default();
        (minute.div_euclid(size), inside)
    }

    /// Minutes of a block. Computed when not cached; `keep` stores them.
    pub(crate) fn block(&self, index: i64, keep: bool) -> Arc<Vec<Bar>> {
        let mut cache = self.cache.lock();
        if let Some((_, bars)) = cache.iter().find(|(i, _)| *i == index) {
            return Arc::clone(bars);
        }
        let bars = Arc::new(generate(&self.traits, index));
        if keep {
            if cache.len() >= CACHED_BLOCKS
                && let Some(oldest) = cache.iter().enumerate().min_by_key(|(_, (i, _))| *i).map(|(at, _)| at)
            {
                cache.remove(oldest);
            }
            cache.push_back((index, Arc::clone(&bars)));
        }
        bars
    }
}

/// Logarithmic price offset and volume factor of a pump or crash at `minute`. Pure; each fades inside its slot.
fn event(seed: u64, minute: i64, chance: f64, size: f64) -> (f64, f64) {
    let slot = minute.div_euclid(EVENT_SLOT);
    let draw = mix(seed ^ 0xE7E7, slot.cast_unsigned());
    if unit(draw) >= chance {
        return (0.0, 1.0);
    }
    let begin = 340.0 * unit(mix(draw, 1));
    let rise = 12.0 + 40.0 * unit(mix(draw, 2));
    let sign = if unit(mix(draw, 3)) < 0.65 { 1.0 } else { -1.0 };
    let height = sign * size * (0.4 + unit(mix(draw, 4)));
    #[expect(clippy::cast_precision_loss, reason = "below 720")]
    let x = minute.rem_euclid(EVENT_SLOT) as f64 - begin;
    if x <= 0.0 || x >= rise + 310.0 {
        (0.0, 1.0)
    } else if x < rise {
        let share = x / rise;
        (height * share * share * (3.0 - 2.0 * share), 1.0 + 12.0 * share)
    } else {
        let left = 1.0 - (x - rise) / 310.0;
        (height * left, 1.0 + 6.0 * left * left)
    }
}

fn generate(traits: &Traits, index: i64) -> Vec<Bar> {
    let market = edges(traits.market_seed, index, 0.022);
    let own = edges(traits.seed, index, traits.scale);
    let first = index * BLOCK.cast_signed() as i64;
    let level = |i: usize| -> (f64, f64) {
        let minute = first + i.cast_signed() as i64;
        let (shared, loud) = event(traits.market_seed, minute, 0.06, 0.025);
        let (alone, louder) = event(traits.seed, minute, 0.09, 0.07 * (traits.scale / 0.03).min(1.5));
        let log = traits.beta * (market[i] + shared) + own[i] + alone;
        (snap(traits.price * log.exp(), traits.tick).max(traits.tick), loud * louder)
    };
    let mut open = level(0).0;
    (0..BLOCK)
        .map(|i| {
            let minute = first + i.cast_signed() as i64;
            let (close, loudness) = level(i + 1);
            let draw = mix(traits.seed ^ 0xC0DE, minute.cast_unsigned());
            // The last minute of a block always trades, so that the next block knows its open.
            if unit(mix(draw, 1)) >= traits.activity && i + 1 < BLOCK {
                return Bar::flat(open);
            }
            let bar = minute_bar(traits, minute, open, close, loudness, draw);
            open = close;
            bar
        })
        .collect()
}

fn minute_bar(traits: &Traits, minute: i64, open: f64, close: f64, loudness: f64, draw: u64) -> Bar {
    let wick = |salt: u64| traits.scale * 0.012 * unit(mix(draw, salt));
    let high = snap(open.max(close) * (1.0 + wick(2)), traits.tick).max(open.max(close));
    let low = snap(open.min(close) * (1.0 - wick(3)), traits.tick).clamp(traits.tick, open.min(close));
    #[expect(clippy::cast_precision_loss, reason = "minutes of a day")]
    let hour = (minute + traits.lag_min).rem_euclid(1_440) as f64 / 60.0;
    // Most is traded while Europe and America are awake, least around 05:00 UTC.
    let season = 1.0 + 0.45 * ((hour - 15.0) / 24.0 * std::f64::consts::TAU).cos();
    let move_size = ((close / open).ln().abs() / (traits.scale * 0.03)).min(6.0);
    let spread = (0.6 * gauss(mix(draw, 4))).exp();
    let quote =
        traits.minute_quote / traits.activity.max(0.05) * season * spread * loudness * (0.5 + move_size);
    let typical = (open + high + low + close) / 4.0;
    let volume = snap(quote / typical, traits.lot).max(traits.lot);
    Bar { open, high, low, close, volume, quote_volume: round8(volume * typical) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(seed: u64) -> Traits {
        Traits {
            seed,
            market_seed: 9,
            lag_min: 0,
            beta: 1.0,
            scale: 0.03,
            price: 2.5,
            tick: 0.0001,
            lot: 0.1,
            minute_quote: 4_000.0,
            activity: 0.4,
        }
    }

    #[test]
    fn same_seed_same_minutes_whatever_was_asked_before() {
        let (a, b) = (Synthetic::new(traits(1)), Synthetic::new(traits(1)));
        let _ = b.block(5, true);
        assert_eq!(a.block(7, true), b.block(7, false));
        assert_ne!(a.block(7, true), Synthetic::new(traits(2)).block(7, true));
    }

    #[test]
    fn a_lag_moves_the_whole_line() {
        let (now, late) = (Synthetic::new(traits(4)), Synthetic::new(Traits { lag_min: 5_000, ..traits(4) }));
        let close = |pair: &Synthetic, open: MarketTime| {
            let (block, inside) = pair.locate(open);
            pair.block(block, true)[inside].close
        };
        for minute in (0..3_000).step_by(37) {
            let (then, later) = (minute * MINUTE_MS, (minute + 5_000) * MINUTE_MS);
            assert!(
                (close(&now, MarketTime::from_ms(then)) - close(&late, MarketTime::from_ms(later))).abs()
                    < 1e-12
            );
        }
    }

    #[test]
    fn candles_are_sound_and_the_line_goes_on_across_blocks() {
        let pair = Synthetic::new(traits(3));
        let mut last: Option<f64> = None;
        let mut idle = 0;
        for index in 100..110 {
            for bar in pair.block(index, true).iter() {
                assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close), "{bar:?}");
                assert!(bar.low > 0.0 && bar.volume >= 0.0);
                if let Some(close) = last {
                    assert!((bar.open - close).abs() < 1e-12, "opens at the close before it");
                }
                idle += usize::from(bar.trades() == 0);
                last = Some(bar.close);
            }
        }
        assert!((4_000..8_000).contains(&idle), "idle minutes {idle} of 10240");
        assert!(pair.cache.lock().len() <= CACHED_BLOCKS);
    }
}
