//! Packed candles come back to the bit; damaged chunks are told.

use super::*;
use proptest::prelude::*;

fn bits(candles: &[Candle]) -> Vec<(MarketTime, [u64; 6], bool, bool)> {
    let row = |c: &Candle| {
        let values = [c.open, c.high, c.low, c.close, c.volume, c.quote_volume].map(f64::to_bits);
        (c.open_time, values, c.closed, c.filled)
    };
    candles.iter().map(row).collect()
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        (0_i64..10_000_000, 0_i32..9).prop_map(|(n, d)| n as f64 / 10_f64.powi(d)),
        Just(9.3e-6),
        Just(-0.0),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
        Just(EXACT),
    ]
}

fn short() -> impl Strategy<Value = f64> {
    (0_i64..100_000_000).prop_map(|n| n as f64 / 100_000.0)
}

fn candles(value: impl Strategy<Value = f64>) -> impl Strategy<Value = Vec<Candle>> {
    let row = (any::<i32>(), proptest::collection::vec(value, 6), any::<bool>(), any::<bool>());
    proptest::collection::vec(row, 0..40).prop_map(|rows| {
        let candle = |(time, v, closed, filled): (i32, Vec<f64>, bool, bool)| Candle {
            open_time: MarketTime::from_ms(i64::from(time) * 60_000),
            open: v[0],
            high: v[1],
            low: v[2],
            close: v[3],
            volume: v[4],
            quote_volume: v[5],
            closed,
            filled,
        };
        rows.into_iter().map(candle).collect()
    })
}

proptest! {
    #[test]
    fn any_candles_come_back_to_the_bit(candles in candles(value())) {
        let packed = pack(&candles, Interval::M5).unwrap();
        prop_assert_eq!(bits(&unpack(&packed, Interval::M5).unwrap()), bits(&candles));
    }

    #[test]
    fn decimals_come_back_to_the_bit(candles in candles(short())) {
        let packed = pack(&candles, Interval::M1).unwrap();
        prop_assert_eq!(bits(&unpack(&packed, Interval::M1).unwrap()), bits(&candles));
    }

    #[test]
    fn damaged_chunks_are_told(candles in candles(value()), at in any::<usize>(), with in any::<u8>()) {
        let mut packed = pack(&candles, Interval::M1).unwrap();
        let at = at % packed.len();
        packed[at] ^= with;
        let _no_panic = unpack(&packed, Interval::M1);
        prop_assert!(matches!(unpack(&packed[..at], Interval::M1), Err(Fault::Damaged(_))));
    }
}

#[test]
fn a_quiet_day_takes_no_room() {
    let day: Vec<Candle> =
        (0..1_440).map(|n| Candle::flat(MarketTime::from_ms(n * 60_000), 0.000_009_3)).collect();
    let packed = pack(&day, Interval::M1).unwrap();
    assert!(packed.len() < 100, "{} bytes", packed.len());
}
