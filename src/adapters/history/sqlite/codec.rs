//! Candles packed in columns: decimals as whole numbers, told from their neighbours, then compressed. Every value
//! comes back to the bit; what is no short decimal is kept as raw bits.

use super::fault::Fault;
use super::keys;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::i18n::{Text, text};

/// First byte of a chunk: another format can be told from this one.
const FORMAT: u8 = 1;
/// zstd: chunks are written once and read for months, so that a little more time pays; higher levels hardly pack
/// numbers better.
const LEVEL: i32 = 6;
/// Bytes before the body: the format, and the length of the body unpacked.
const HEAD: usize = 5;
/// Scale number of a column of raw bits: values that no number of decimals gives back exactly.
const RAW: u8 = 255;
/// Powers of ten by the number of decimals: the exchange gives eight at most, the rest is room for other sources.
const SCALES: [f64; 13] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];
/// Whole numbers up to here (2^53) are exact in a float.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Far above a day of any interval: a damaged length must not make us take all memory.
const LONGEST_BODY: usize = 1 << 26;
/// Bits of a row, part of the format of chunks: never to be changed.
const FILLED: u8 = 1;
const OPEN: u8 = 2;

/// What a row's flags say.
pub(super) const fn flags(candle: &Candle) -> u8 {
    (if candle.filled { FILLED } else { 0 }) | (if candle.closed { 0 } else { OPEN })
}

/// `closed` and `filled` of a row's flags.
pub(super) const fn said(flags: u8) -> (bool, bool) {
    (flags & OPEN == 0, flags & FILLED != 0)
}

/// Packs candles, oldest first.
pub(super) fn pack(candles: &[Candle], interval: Interval) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::with_capacity(candles.len() * 24);
    put(&mut body, candles.len() as i64);
    let mut expected = 0;
    for candle in candles {
        let open_time = candle.open_time.ms();
        put(&mut body, open_time.wrapping_sub(expected));
        expected = open_time.wrapping_add(interval.ms());
    }
    body.extend(candles.iter().map(flags));
    pack_prices(&mut body, candles);
    let volumes: Vec<f64> = candles.iter().map(|c| c.volume).collect();
    pack_column(&mut body, &volumes, |_, _| 0);
    let quotes: Vec<f64> = candles.iter().map(|c| c.quote_volume).collect();
    pack_column(&mut body, &quotes, |at, scale| guess(&candles[at], scale));
    let length = u32::try_from(body.len()).map_err(|_| Fault::Refused(text!(history_odd_row)))?;
    let packed =
        zstd::bulk::compress(&body, LEVEL).map_err(|e| Fault::Refused(Text::verbatim(e.to_string())))?;
    let mut data = Vec::with_capacity(HEAD + packed.len());
    data.push(FORMAT);
    data.extend_from_slice(&length.to_le_bytes());
    data.extend_from_slice(&packed);
    Ok(data)
}

/// The candles of a stored chunk. One that is damaged is told and counts as empty: neither what is new nor other pairs wait for
/// it.
pub(super) fn readable(data: &[u8], interval: Interval, pair: i64) -> Vec<Candle> {
    unpack(data, interval).unwrap_or_else(|fault| {
        metrics::counter!("impulso_history_chunks_damaged_total").increment(1);
        tracing::error!(
            symbol_number = keys::symbol_of(pair), %interval, error = fault.why().in_english(),
            "damaged candles of the history are left out"
        );
        Vec::new()
    })
}

/// Unpacks what `pack` made.
pub(super) fn unpack(data: &[u8], interval: Interval) -> Result<Vec<Candle>, Fault> {
    unpacked(data, interval).ok_or_else(|| Fault::Damaged(text!(history_odd_row)))
}

fn unpacked(data: &[u8], interval: Interval) -> Option<Vec<Candle>> {
    let (head, packed) = data.split_at_checked(HEAD)?;
    let length = u32::from_le_bytes(head[1..].try_into().ok()?) as usize;
    if head[0] != FORMAT || length > LONGEST_BODY {
        return None;
    }
    let body = zstd::bulk::decompress(packed, length).ok()?;
    let mut source = Source(&body);
    let count = usize::try_from(source.number()?).ok().filter(|n| *n <= body.len())?;
    let mut candles = Vec::with_capacity(count);
    let mut expected = 0_i64;
    for _ in 0..count {
        let open_time = source.number()?.wrapping_add(expected);
        expected = open_time.wrapping_add(interval.ms());
        candles.push(Candle::flat(MarketTime::from_ms(open_time), 0.0));
    }
    for candle in &mut candles {
        (candle.closed, candle.filled) = said(source.byte()?);
    }
    unpack_prices(&mut source, &mut candles)?;
    unpack_column(&mut source, &mut candles, |_, _| 0, |candle, volume| candle.volume = volume)?;
    unpack_column(&mut source, &mut candles, guess, |candle, quote| candle.quote_volume = quote)?;
    Some(candles)
}

/// The quote volume that volume and prices suggest, in units of `scale`.
fn guess(candle: &Candle, scale: f64) -> i64 {
    let mean = (candle.open + candle.high + candle.low + candle.close) / 4.0;
    whole((candle.volume * mean * scale).clamp(-EXACT, EXACT))
}

fn pack_prices(body: &mut Vec<u8>, candles: &[Candle]) {
    let all = candles.iter().flat_map(|c| [c.open, c.high, c.low, c.close]);
    let Some((decimals, scale)) = decimals_of(all) else {
        body.push(RAW);
        for price in [|c: &Candle| c.open, |c: &Candle| c.high, |c: &Candle| c.low, |c: &Candle| c.close] {
            put_raw(body, &candles.iter().map(price).collect::<Vec<_>>());
        }
        return;
    };
    body.push(decimals);
    let number = |value: f64| whole(value * scale);
    let mut former = 0;
    for candle in candles {
        put(body, number(candle.open) - former);
        former = number(candle.close);
    }
    candles.iter().for_each(|c| put(body, number(c.close) - number(c.open)));
    candles.iter().for_each(|c| put(body, number(c.high) - number(c.open.max(c.close))));
    candles.iter().for_each(|c| put(body, number(c.open.min(c.close)) - number(c.low)));
}

fn unpack_prices(source: &mut Source<'_>, candles: &mut [Candle]) -> Option<()> {
    let decimals = source.byte()?;
    if decimals == RAW {
        source.raw(candles, |c, v| c.open = v)?;
        source.raw(candles, |c, v| c.high = v)?;
        source.raw(candles, |c, v| c.low = v)?;
        return source.raw(candles, |c, v| c.close = v);
    }
    let scale = scale_of(decimals)?;
    let count = candles.len();
    let mut column = || (0..count).map(|_| source.number()).collect::<Option<Vec<i64>>>();
    let (steps, bodies, tops, feet) = (column()?, column()?, column()?, column()?);
    let mut former = 0_i64;
    for (at, candle) in candles.iter_mut().enumerate() {
        let open = former.wrapping_add(steps[at]);
        let close = open.wrapping_add(bodies[at]);
        candle.open = open as f64 / scale;
        candle.close = close as f64 / scale;
        candle.high = open.max(close).wrapping_add(tops[at]) as f64 / scale;
        candle.low = open.min(close).wrapping_sub(feet[at]) as f64 / scale;
        former = close;
    }
    Some(())
}

fn pack_column(body: &mut Vec<u8>, values: &[f64], guess: impl Fn(usize, f64) -> i64) {
    match decimals_of(values.iter().copied()) {
        Some((decimals, scale)) => {
            body.push(decimals);
            let told = values.iter().enumerate().map(|(at, v)| whole(v * scale) - guess(at, scale));
            told.for_each(|number| put(body, number));
        }
        None => {
            body.push(RAW);
            put_raw(body, values);
        }
    }
}

fn unpack_column(
    source: &mut Source<'_>,
    candles: &mut [Candle],
    guess: impl Fn(&Candle, f64) -> i64,
    set: impl Fn(&mut Candle, f64),
) -> Option<()> {
    let decimals = source.byte()?;
    if decimals == RAW {
        return source.raw(candles, set);
    }
    let scale = scale_of(decimals)?;
    for candle in candles {
        let number = source.number()?.wrapping_add(guess(candle, scale));
        set(candle, number as f64 / scale);
    }
    Some(())
}

/// The nearest whole number; the values are known to be below 2^53.
fn whole(value: f64) -> i64 {
    value.round() as i64
}

fn scale_of(decimals: u8) -> Option<f64> {
    SCALES.get(usize::from(decimals)).copied()
}

/// The fewest decimals that give every value back to the bit, with their scale.
fn decimals_of(mut values: impl Iterator<Item = f64> + Clone) -> Option<(u8, f64)> {
    let fits = |value: f64, scale: f64| {
        let number = (value * scale).round();
        number.abs() < EXACT && (number as i64 as f64 / scale).to_bits() == value.to_bits()
    };
    let mut decimals = 0;
    for value in values.clone() {
        while !fits(value, scale_of(decimals)?) {
            decimals += 1;
        }
    }
    let scale = scale_of(decimals)?;
    values.all(|value| fits(value, scale)).then_some((decimals, scale))
}

/// A signed number in as few bytes as it needs.
fn put(body: &mut Vec<u8>, number: i64) {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    while rest >= 0x80 {
        body.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    body.push(rest as u8);
}

/// Bits that differ from the value before, all first bytes first.
fn put_raw(body: &mut Vec<u8>, values: &[f64]) {
    let mut former = 0;
    let bits: Vec<u64> =
        values.iter().map(|v| std::mem::replace(&mut former, v.to_bits()) ^ v.to_bits()).collect();
    for byte in 0..8 {
        body.extend(bits.iter().map(|b| (b >> (8 * byte)) as u8));
    }
}

struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<i64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some((number >> 1) as i64 ^ -((number & 1) as i64));
            }
        }
        None
    }

    fn raw(&mut self, candles: &mut [Candle], set: impl Fn(&mut Candle, f64)) -> Option<()> {
        let count = candles.len();
        let (bytes, rest) = self.0.split_at_checked(count.checked_mul(8)?)?;
        self.0 = rest;
        let mut former = 0;
        for (at, candle) in candles.iter_mut().enumerate() {
            former ^=
                (0..8).fold(0_u64, |bits, byte| bits | u64::from(bytes[byte * count + at]) << (8 * byte));
            set(candle, f64::from_bits(former));
        }
        Some(())
    }
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
