//! Blocks: up to 1,440 candles of one pair and interval, packed without loss.
//!
//! A column of prices is, as a rule, whole multiples of a decimal step: then it is kept as differences of small whole
//! numbers, which compress well. Any other column is kept as its bits.

use crate::domain::candle::Candle;
use crate::domain::time::UtcMs;

/// Candles of a block, as a span of open times.
pub(super) const CANDLES: i64 = 1_440;
/// Compression: blocks are written once and kept for weeks.
const ZSTD_LEVEL: i32 = 9;
/// Largest block once unpacked, bytes.
const MAX_BYTES: usize = 1 << 20;
/// Finest decimal step that is tried, digits.
const MAX_DIGITS: u8 = 10;
/// Whole numbers up to here are exact as f64.
const EXACT: f64 = 9_007_199_254_740_992.0;

type Column = fn(&mut Candle) -> &mut f64;
const COLUMNS: [Column; 6] = [
    |c| &mut c.close,
    |c| &mut c.open,
    |c| &mut c.high,
    |c| &mut c.low,
    |c| &mut c.volume,
    |c| &mut c.quote_volume,
];

/// Packs candles (closed, oldest first, of an interval of `step_ms`).
pub(super) fn pack(candles: &[Candle], step_ms: i64) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(candles.len() * 20);
    put(&mut out, candles.len() as i64);
    let mut before = 0;
    for candle in candles {
        put(&mut out, candle.open_time / step_ms - before);
        before = candle.open_time / step_ms;
    }
    out.extend(candles.iter().map(|c| u8::from(c.filled)));
    for column in COLUMNS {
        let values: Vec<f64> = candles.iter().map(|c| *column(&mut { *c })).collect();
        column_out(&mut out, &values);
    }
    zstd::bulk::compress(&out, ZSTD_LEVEL)
}

fn column_out(out: &mut Vec<u8>, values: &[f64]) {
    match (0..=MAX_DIGITS).find_map(|digits| Some((digits, scaled(values, digits)?))) {
        Some((digits, whole)) => {
            out.push(digits);
            let mut before = 0;
            for value in whole {
                put(out, value - before);
                before = value;
            }
        }
        None => {
            out.push(u8::MAX);
            values.iter().for_each(|v| out.extend(v.to_bits().to_le_bytes()));
        }
    }
}

/// The values as whole multiples of 10^-digits, if every one comes back bit by bit.
fn scaled(values: &[f64], digits: u8) -> Option<Vec<i64>> {
    let scale = 10_f64.powi(i32::from(digits));
    let whole = |v: &f64| {
        let n = (v * scale).round();
        (n.abs() < EXACT && (n / scale).to_bits() == v.to_bits()).then_some(n as i64)
    };
    values.iter().map(whole).collect()
}

/// A signed number in as few bytes as it needs.
fn put(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<i64> {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()));
            }
            shift += 7;
        }
    }

    fn bits(&mut self) -> Option<f64> {
        let (first, rest) = self.bytes.split_first_chunk::<8>()?;
        self.bytes = rest;
        Some(f64::from_bits(u64::from_le_bytes(*first)))
    }

    fn column(&mut self, candles: &mut [Candle], column: Column) -> Option<()> {
        let digits = self.byte()?;
        if digits == u8::MAX {
            for candle in candles {
                *column(candle) = self.bits()?;
            }
            return Some(());
        }
        let (scale, mut value) = (10_f64.powi(i32::from(digits)), 0_i64);
        for candle in candles {
            value = value.checked_add(self.number()?)?;
            *column(candle) = value as f64 / scale;
        }
        Some(())
    }
}

/// Unpacks a block; `None` when it makes no sense.
pub(super) fn unpack(packed: &[u8], step_ms: i64) -> Option<Vec<Candle>> {
    let bytes = zstd::bulk::decompress(packed, MAX_BYTES).ok()?;
    let mut reader = Reader { bytes: &bytes };
    let count = usize::try_from(reader.number()?).ok().filter(|n| *n <= 2 * CANDLES as usize)?;
    let mut candles = Vec::with_capacity(count);
    let mut at: UtcMs = 0;
    for _ in 0..count {
        at = at.checked_add(reader.number()?)?;
        candles.push(Candle::flat(at.checked_mul(step_ms)?, 0.0));
    }
    for candle in &mut candles {
        candle.filled = reader.byte()? == 1;
    }
    for column in COLUMNS {
        reader.column(&mut candles, column)?;
    }
    Some(candles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candle(at: i64, v: [f64; 6], filled: bool) -> Candle {
        let [open, high, low, close, volume, quote_volume] = v;
        Candle { open_time: at * 60_000, open, high, low, close, volume, quote_volume, closed: true, filled }
    }

    #[test]
    fn decimal_prices_pack_well() {
        let candles: Vec<Candle> = (0..1_440)
            .map(|i| {
                let p = (64_000.0 + (i * 37 % 101) as f64 / 100.0 * 100.0).round() / 100.0;
                candle(i, [p, p, p, p, (i % 977) as f64 / 1_000.0, 0.0], i % 50 == 0)
            })
            .collect();
        let packed = pack(&candles, 60_000).unwrap();
        assert!(packed.len() < 1_440 * 12, "{}", packed.len());
        assert_eq!(unpack(&packed, 60_000).unwrap(), candles);
        assert!(unpack(&packed[..20], 60_000).is_none() && unpack(b"", 60_000).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_bit_comes_back(
            rows in prop::collection::vec((1_i64..100_000, prop::array::uniform6(any::<f64>()), any::<bool>()), 0..60)
        ) {
            let mut at = 0;
            let candles: Vec<Candle> = rows.into_iter().map(|(step, v, filled)| {
                at += step;
                candle(at, v.map(|x| if x.is_finite() { x } else { 9.3e-6 }), filled)
            }).collect();
            let back = unpack(&pack(&candles, 60_000).unwrap(), 60_000).unwrap();
            prop_assert_eq!(format!("{back:?}"), format!("{candles:?}"));
        }
    }
}
