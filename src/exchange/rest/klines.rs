//! Decoding of `GET /api/v3/klines`, and what a candle must be like to be one.

use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::exchange::left_out::{Decoded, LeftOut};
use crate::exchange::number::Num;
use crate::exchange::rest::error::RestError;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use std::fmt;

/// Prices and volumes beyond this are no market's. The greatest volumes of a minute, of pairs priced at a millionth, are below
/// 1e13; a sum over a day of such values is still far from the end of an `f64`.
const MAX_VALUE: f64 = 1e18;
/// The quote volume is the sum of price times volume, so it lies between volume times low and volume times high. This factor
/// is for sources that give it roughly, in a live candle above all.
const TURNOVER_FACTOR: f64 = 2.0;
/// Quote volumes are rounded, which is much for the smallest trades, quote units.
const TURNOVER_ROUNDING: f64 = 1.0;
/// A candle may open so much after what the exchange called its time before it was asked, ms: in a replay at a thousand times the
/// speed an hour passes while an answer is under way.
const AHEAD_MS: i64 = 3_600_000;
/// The newest candle of an answer is final when the exchange was past its end by so much, ms: the server that answers may be a
/// little behind the one that told the time, and one event may be ahead by as much before it is doubted.
const FINAL_AFTER_MS: i64 = 5_000;
/// A candle that opens farther ahead than this, ms, does not end those before it: an answer is not under way for so long.
const ENDS_OTHERS_MS: i64 = 60_000;

/// One row of klines: open time, o, h, l, c, volume, close time, quote volume; the rest is passed over.
struct KlineRow {
    open_time: MarketTime,
    prices: [Num; 4],
    volume: Num,
    quote_volume: Num,
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = KlineRow;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a kline of at least 8 elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<KlineRow, A::Error> {
        fn take<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(seq: &mut A, at: usize) -> Result<T, A::Error> {
            seq.next_element()?.ok_or_else(|| A::Error::invalid_length(at, &RowVisitor))
        }
        let open_time = take(&mut seq, 0)?;
        let prices = [take(&mut seq, 1)?, take(&mut seq, 2)?, take(&mut seq, 3)?, take(&mut seq, 4)?];
        let volume = take(&mut seq, 5)?;
        // The close time follows from the open time.
        let _: IgnoredAny = take(&mut seq, 6)?;
        let row = KlineRow { open_time, prices, volume, quote_volume: take(&mut seq, 7)? };
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(row)
    }
}

impl<'de> Deserialize<'de> for KlineRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowVisitor)
    }
}

/// A row, or what is wrong with it and the open time it gives.
type Row = Result<KlineRow, (Option<MarketTime>, String)>;

/// The rows of an answer. A sound answer is read in one pass; only one that is not is taken apart row by row.
fn rows(body: &[u8]) -> Result<Vec<Row>, RestError> {
    let not_klines = |e| RestError::malformed("klines", e);
    match serde_json::from_slice::<Vec<KlineRow>>(body) {
        Ok(rows) => Ok(rows.into_iter().map(Ok).collect()),
        Err(error) if !error.is_data() => Err(not_klines(error)),
        Err(_) => {
            let entries: Vec<serde_json::Value> = serde_json::from_slice(body).map_err(not_klines)?;
            let row = |entry: serde_json::Value| {
                let open_time = entry.get(0).and_then(serde_json::Value::as_i64).map(MarketTime::from_ms);
                KlineRow::deserialize(entry).map_err(|e| (open_time, e.to_string()))
            };
            Ok(entries.into_iter().map(row).collect())
        }
    }
}

/// Reads `GET /api/v3/klines`: oldest first. A candle is closed when a newer one stands in the same answer, or when the
/// exchange was past its end before it was asked (`said`: what it called its time then). What the machine's clock makes of
/// the time since says nothing: in an outage it ends candles that go on.
///
/// A candle that makes no sense is left out. Its minute, if it is over, counts as one in which nothing traded: flat at the close
/// before it, without volume, `filled`. So a pair is not kept waiting for a candle that the exchange does not have, the value is
/// told from a real one everywhere, and a sound candle of that minute takes its place whenever it comes.
///
/// # Errors
/// `Malformed` when the body is not that answer, or holds rows but none that is a candle.
pub fn decode_klines(
    body: &[u8],
    interval: Interval,
    said: MarketTime,
) -> Result<Decoded<Vec<Candle>>, RestError> {
    let mut left_out = LeftOut::default();
    let mut slots: Vec<(MarketTime, Option<Candle>)> = Vec::new();
    for row in rows(body)? {
        let (open_time, candle) = match row {
            Ok(row) => (Some(row.open_time), sound(&row, interval, said).map_err(|e| e.to_string())),
            Err((open_time, why)) => (open_time, Err(why)),
        };
        match candle {
            Ok(candle) => slots.push((candle.open_time, Some(candle))),
            Err(why) => {
                left_out.add(open_time.map_or_else(|| "no open time".to_owned(), |t| t.to_string()), why);
                let over = |t: &MarketTime| {
                    *t > MarketTime::EPOCH && t.starts(interval.ms()) && *t + interval.ms() <= said
                };
                slots.extend(open_time.filter(over).map(|t| (t, None)));
            }
        }
    }
    let mut candles = in_order(slots, &mut left_out);
    close(&mut candles, interval, said);
    match left_out.named.first() {
        Some((entry, why)) if candles.is_empty() => {
            Err(RestError::malformed("klines", format_args!("no candle among the rows; {entry}: {why}")))
        }
        _ => Ok(Decoded { value: candles, left_out }),
    }
}

fn close(candles: &mut [Candle], interval: Interval, said: MarketTime) {
    let in_time = |c: &&Candle| c.open_time <= said + ENDS_OTHERS_MS;
    let newest = candles.iter().rfind(in_time).map_or(MarketTime::MIN, |c| c.open_time);
    for candle in candles {
        let over = candle.open_time + interval.ms() <= said - FINAL_AFTER_MS;
        candle.closed = candle.open_time < newest || over;
    }
}

fn sound(row: &KlineRow, interval: Interval, said: MarketTime) -> Result<Candle, CandleError> {
    let [open, high, low, close] = row.prices.map(|p| p.0);
    let candle = Candle {
        open_time: row.open_time,
        open,
        high,
        low,
        close,
        volume: row.volume.0,
        quote_volume: row.quote_volume.0,
        closed: false,
        filled: false,
    };
    check_candle(&candle, interval)?;
    // It would be the newest candle for as long as that, and everything real older than it.
    if candle.open_time > said + AHEAD_MS { Err(CandleError::Ahead) } else { Ok(candle) }
}

/// Candles by open time, each once: of two with the same the later one holds. `None` is a minute whose candle was left out.
fn in_order(mut slots: Vec<(MarketTime, Option<Candle>)>, left_out: &mut LeftOut) -> Vec<Candle> {
    slots.sort_by_key(|(open_time, _)| *open_time);
    // Before the first sound candle there is no close: its open is the nearest price.
    let Some(mut price) = slots.iter().find_map(|(_, candle)| candle.map(|c| c.open)) else {
        return Vec::new();
    };
    let mut candles: Vec<Candle> = Vec::with_capacity(slots.len());
    for (open_time, candle) in slots {
        let twin = candles.pop_if(|last| last.open_time == open_time);
        match (candle, twin) {
            (Some(candle), twin) => {
                if twin.is_some_and(|twin| !twin.filled) {
                    left_out.add(open_time, "stands twice");
                }
                price = candle.close;
                candles.push(candle);
            }
            (None, Some(twin)) => candles.push(twin),
            (None, None) => candles.push(Candle::flat(open_time, price)),
        }
    }
    candles
}

/// Why a candle of the exchange cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CandleError {
    #[error("prices must be positive, low the least and high the greatest")]
    Prices,
    #[error("prices and volumes must not be negative")]
    Negative,
    #[error("a price or volume is beyond any market")]
    TooGreat,
    #[error("the quote volume does not fit volume and prices")]
    Turnover,
    #[error("the open time is not on the interval's grid")]
    OpenTime,
    #[error("the open time lies in the future")]
    Ahead,
}

/// A price and two volumes, of a candle or of a ticker.
pub(crate) fn check_figures([price, volume, quote_volume]: [f64; 3]) -> Result<(), CandleError> {
    if price < 0.0 || volume < 0.0 || quote_volume < 0.0 {
        return Err(CandleError::Negative);
    }
    if [price, volume, quote_volume].iter().any(|value| *value > MAX_VALUE) {
        return Err(CandleError::TooGreat);
    }
    Ok(())
}

pub(crate) fn check_candle(candle: &Candle, interval: Interval) -> Result<(), CandleError> {
    let body = candle.open.min(candle.close)..=candle.open.max(candle.close);
    if candle.low <= 0.0 || candle.low > *body.start() || candle.high < *body.end() {
        return Err(CandleError::Prices);
    }
    // The high is the greatest price by now.
    check_figures([candle.high, candle.volume, candle.quote_volume])?;
    let least = candle.volume * candle.low / TURNOVER_FACTOR - TURNOVER_ROUNDING;
    let most = candle.volume * candle.high * TURNOVER_FACTOR + TURNOVER_ROUNDING;
    if candle.quote_volume < least || candle.quote_volume > most {
        return Err(CandleError::Turnover);
    }
    if candle.open_time <= MarketTime::EPOCH || !candle.open_time.starts(interval.ms()) {
        return Err(CandleError::OpenTime);
    }
    Ok(())
}

#[cfg(test)]
#[path = "klines_tests.rs"]
mod tests;
