//! Where a search looks: profiles near another one. Every profile that comes out is valid and readable (rounded).

use crate::domain::score::profile::{Profile, Step};
use crate::domain::target::TARGET_PCT;
use rand::RngExt;
use rand_pcg::Pcg64;

/// Groups of keys that move together, as `shift` lists them: thresholds of a step make sense only with one another.
const GROUPS: usize = 9;
/// Tries until a neighbour is valid: giving up after so many means a corner of the space.
const TRIES: usize = 50;

/// A valid profile near `profile`; `reach` from 0 (hardly) to 1 (far). The profile itself where none is found.
pub fn near(profile: &Profile, reach: f64, random: &mut Pcg64) -> Profile {
    for _ in 0..TRIES {
        let mut own = profile.clone();
        let most = 1 + (reach * (GROUPS - 1) as f64) as usize;
        for _ in 0..random.random_range(1..=most) {
            let group = random.random_range(0..GROUPS);
            shift(&mut own, group, reach, random);
        }
        within_hundred(&mut own);
        if own.validate().is_ok() && own != *profile {
            return own;
        }
    }
    profile.clone()
}

/// A step of at most `width` x `reach` to either side, rounded to `places`.
fn step(value: f64, width: f64, reach: f64, (low, high): (f64, f64), random: &mut Pcg64) -> f64 {
    let wide = width * reach.max(0.05);
    let moved = (value + random.random_range(-wide..=wide)).clamp(low, high);
    if width < 2.0 { (moved * 100.0).round() / 100.0 } else { (moved * 2.0).round() / 2.0 }
}

fn shift(p: &mut Profile, group: usize, reach: f64, random: &mut Pcg64) {
    let index = (0.0, 100.0);
    let points = (0.0, 50.0);
    match group {
        0 => {
            p.rsi.oversold_below = step(p.rsi.oversold_below, 20.0, reach, index, random);
            p.rsi.oversold_points = step(p.rsi.oversold_points, 25.0, reach, points, random);
        }
        1 => {
            p.rsi.recovery = p.rsi.recovery.map(|edge| step(edge, 20.0, reach, index, random));
            p.rsi.recovery_points = step(p.rsi.recovery_points, 25.0, reach, points, random);
        }
        2 => {
            p.rsi.strength = p.rsi.strength.map(|edge| step(edge, 25.0, reach, index, random));
            p.rsi.strength_points = step(p.rsi.strength_points, 30.0, reach, points, random);
        }
        3 => {
            let bps = p.macd.strong_histogram_bps;
            p.macd.strong_histogram_bps = step(bps, 60.0, reach, (0.0, 500.0), random);
            p.macd.strong_points = step(p.macd.strong_points, 25.0, reach, points, random);
            p.macd.points = step(p.macd.points, 15.0, reach, points, random);
        }
        4 => steps(&mut p.volume, 200.0, reach, random),
        5 => steps(&mut p.velocity, 3.0, reach, random),
        6 => {
            let b = &mut p.breakout;
            b.base_points = step(b.base_points, 15.0, reach, (-50.0, 50.0), random);
            b.points_per_atr = step(b.points_per_atr, 20.0, reach, (0.0, 100.0), random);
            b.max_points = step(b.max_points, 20.0, reach, points, random);
        }
        7 => {
            let l = &mut p.levels;
            for level in [&mut l.fuerte, &mut l.alta, &mut l.media, &mut l.baja] {
                *level = step(*level, 20.0, reach, index, random);
            }
        }
        _ => chances(p, reach, random),
    }
}

fn steps(steps: &mut [Step], width: f64, reach: f64, random: &mut Pcg64) {
    for s in steps.iter_mut() {
        s.from = step(s.from, width, reach, (0.0, 5_000.0), random);
        s.points = step(s.points, 20.0, reach, (0.0, 50.0), random);
    }
}

fn chances(p: &mut Profile, reach: f64, random: &mut Pcg64) {
    let r = &mut p.probability;
    let mut weights = [
        r.volatility_weight,
        r.momentum_weight,
        r.resistance_weight,
        r.btc_correlation_weight,
        r.liquidity_weight,
    ]
    .map(|weight| step(weight, 0.5, reach, (0.0, 1.0), random));
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return;
    }
    weights = weights.map(|weight| (100.0 * weight / sum).floor() / 100.0);
    // What rounding left goes to the first.
    weights[0] += 1.0 - weights.iter().sum::<f64>();
    weights[0] = (100.0 * weights[0]).round() / 100.0;
    [
        r.volatility_weight,
        r.momentum_weight,
        r.resistance_weight,
        r.btc_correlation_weight,
        r.liquidity_weight,
    ] = weights;
    r.quiet_volatility = step(r.quiet_volatility, 0.5, reach, (0.0, 1.0), random);
    r.full_volatility_pct = step(r.full_volatility_pct, 20.0, reach, (TARGET_PCT, 100.0), random);
    r.full_btc_change_pct = step(r.full_btc_change_pct, 3.0, reach, (0.5, 20.0), random);
}

/// Fewer points where all parts together could give more than 100.
fn within_hundred(p: &mut Profile) {
    let most = p.max_points();
    if most <= 100.0 {
        return;
    }
    let less = |points: &mut f64| *points = (*points * 100.0 / most * 2.0).floor() / 2.0;
    let r = &mut p.rsi;
    [&mut r.oversold_points, &mut r.recovery_points, &mut r.strength_points].into_iter().for_each(less);
    [&mut p.macd.strong_points, &mut p.macd.points, &mut p.breakout.max_points].into_iter().for_each(less);
    p.volume.iter_mut().chain(&mut p.velocity).for_each(|s| less(&mut s.points));
}

/// What differs between two profiles, as `key: from -> to`, in the order of the keys.
pub fn changes(from: &Profile, to: &Profile) -> Vec<String> {
    let tree = |p: &Profile| serde_json::to_value(p).unwrap_or_default();
    let mut found = Vec::new();
    differ("", &tree(from), &tree(to), &mut found);
    found
}

fn differ(path: &str, a: &serde_json::Value, b: &serde_json::Value, found: &mut Vec<String>) {
    use serde_json::Value::{Array, Object};
    match (a, b) {
        (Object(x), Object(y)) => {
            for (key, value) in x {
                let full = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                differ(&full, value, y.get(key).unwrap_or(&serde_json::Value::Null), found);
            }
        }
        (Array(x), Array(y)) if x.len() == y.len() => {
            for (at, (own, other)) in x.iter().zip(y).enumerate() {
                differ(&format!("{path}[{at}]"), own, other, found);
            }
        }
        _ if a != b => found.push(format!("{path}: {a} -> {b}")),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;

    proptest! {
        #[test]
        fn every_neighbour_is_valid(seed: u64, reach in 0.0_f64..=1.0) {
            let mut random = Pcg64::seed_from_u64(seed);
            let mut profile = Profile::default();
            for _ in 0..20 {
                profile = near(&profile, reach, &mut random);
                prop_assert_eq!(profile.validate(), Ok(()));
            }
        }
    }

    #[test]
    fn changes_name_the_keys() {
        let mut other = Profile::default();
        other.rsi.oversold_below = 25.0;
        other.volume[1].points = 7.0;
        let found = changes(&Profile::default(), &other);
        assert_eq!(found, ["rsi.oversold_below: 30.0 -> 25.0", "volume[1].points: 20.0 -> 7.0"]);
        assert!(changes(&other, &other).is_empty());
        let mut random = Pcg64::seed_from_u64(1);
        assert!(!changes(&other, &near(&other, 0.5, &mut random)).is_empty());
    }
}
