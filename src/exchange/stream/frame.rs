//! Decoding of frames, raw and combined, in one typed pass that borrows from the frame.

use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::exchange::left_out::{LeftOut, name_of};
use crate::exchange::number::{Num, clip};
use crate::exchange::rest::klines::{check_candle, check_figures};
use crate::exchange::stream::event::{ControlResult, DecodeError, KlineEvent, MiniTicker, StreamEvent};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The fields of an event object and of a control answer that this program reads.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow, default, rename = "stream")]
    stream: Cow<'a, str>,
    #[serde(borrow, default, rename = "data")]
    data: Option<Payload<'a>>,
    #[serde(borrow, default, rename = "e")]
    event: Cow<'a, str>,
    #[serde(default, rename = "E")]
    event_time: Option<MarketTime>,
    #[serde(borrow, default, rename = "s")]
    symbol: Cow<'a, str>,
    #[serde(borrow, default, rename = "k")]
    kline: Option<KlineWire<'a>>,
    #[serde(default, rename = "id", deserialize_with = "present")]
    id: Option<serde_json::Value>,
    #[serde(default, rename = "result", deserialize_with = "present")]
    result: Option<serde_json::Value>,
    #[serde(default)]
    code: Option<i64>,
    #[serde(default)]
    msg: Option<String>,
    #[serde(default)]
    error: Option<ErrorWire>,
}

#[derive(Deserialize)]
struct ErrorWire {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    msg: String,
}

#[derive(Deserialize)]
struct KlineWire<'a> {
    #[serde(rename = "t")]
    open_time: MarketTime,
    #[serde(borrow, rename = "i")]
    interval: Cow<'a, str>,
    #[serde(rename = "o")]
    open: Num,
    #[serde(rename = "h")]
    high: Num,
    #[serde(rename = "l")]
    low: Num,
    #[serde(rename = "c")]
    close: Num,
    #[serde(rename = "v")]
    volume: Num,
    #[serde(rename = "q")]
    quote_volume: Num,
    #[serde(rename = "x")]
    closed: bool,
}

#[derive(Deserialize)]
struct MiniWire<'a> {
    #[serde(borrow, default, rename = "e")]
    event: Cow<'a, str>,
    #[serde(default, rename = "E")]
    event_time: Option<MarketTime>,
    #[serde(borrow, default, rename = "s")]
    symbol: Cow<'a, str>,
    #[serde(default, rename = "c")]
    close: Option<Num>,
    #[serde(default, rename = "v")]
    volume: Option<Num>,
    #[serde(default, rename = "q")]
    quote_volume: Option<Num>,
}

/// `"result": null` is an answer, a missing `result` is none.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(deserializer).map(Some)
}

enum Payload<'a> {
    Object(Box<Object<'a>>),
    Minis(Vec<MiniTicker<'a>>, LeftOut),
    /// Neither object nor array.
    Scalar,
}

struct PayloadVisitor;

impl<'de> Visitor<'de> for PayloadVisitor {
    type Value = Payload<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event or a list of events")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Box::deserialize(MapAccessDeserializer::new(map)).map(Payload::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let (mut minis, mut left_out) = (Vec::with_capacity(64), LeftOut::default());
        while let Some(wire) = seq.next_element::<MiniWire<'de>>()? {
            take_mini(wire, &mut minis, &mut left_out);
        }
        Ok(Payload::Minis(minis, left_out))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Payload::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Payload::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Payload::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Payload::Scalar)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Payload<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PayloadVisitor)
    }
}

/// Events of another kind are passed over, mini tickers that make no sense left out.
fn take_mini<'a>(wire: MiniWire<'a>, minis: &mut Vec<MiniTicker<'a>>, left_out: &mut LeftOut) {
    if !wire.event.is_empty() && wire.event != "24hrMiniTicker" {
        return;
    }
    let figures =
        (wire.event_time.filter(|t| *t > MarketTime::EPOCH), wire.close, wire.volume, wire.quote_volume);
    let (Some(event_time), Some(close), Some(volume), Some(quote_volume)) = figures else {
        let name = if wire.symbol.is_empty() { "unnamed entry" } else { &*wire.symbol };
        return left_out.add(name, "a field is missing");
    };
    let (close, volume, quote_volume) = (close.0, volume.0, quote_volume.0);
    if wire.event.is_empty() || wire.symbol.is_empty() {
        return left_out.add(&wire.symbol, "no event or no pair is named");
    }
    match check_figures([close, volume, quote_volume]) {
        Ok(()) => minis.push(MiniTicker { symbol: wire.symbol, event_time, close, volume, quote_volume }),
        Err(error) => left_out.add(&wire.symbol, error),
    }
}

/// Decodes one frame, raw (`/ws`) or combined (`/stream`).
///
/// # Errors
/// `Malformed` when it is not JSON, `Invalid` when an event makes no sense.
pub fn decode_frame(frame: &[u8]) -> Result<StreamEvent<'_>, DecodeError> {
    let payload: Payload<'_> = match serde_json::from_slice(frame) {
        Ok(payload) => payload,
        Err(error) if error.is_data() => return entry_by_entry(frame, &error),
        Err(error) => return Err(DecodeError::Malformed(error.to_string())),
    };
    match payload {
        Payload::Object(mut outer) => match outer.data.take() {
            Some(inner) => event(inner, outer.stream),
            None => event(Payload::Object(outer), Cow::Borrowed("")),
        },
        other => event(other, Cow::Borrowed("")),
    }
}

/// A frame with a field of the wrong type: of a list the other entries, of an event the pair's name. Slower than the typed
/// pass, which stops at the first such field.
fn entry_by_entry(frame: &[u8], error: &serde_json::Error) -> Result<StreamEvent<'static>, DecodeError> {
    let mut value: serde_json::Value =
        serde_json::from_slice(frame).map_err(|e| DecodeError::Malformed(e.to_string()))?;
    let inner = value.get_mut("data").map(serde_json::Value::take).unwrap_or(value);
    let serde_json::Value::Array(entries) = inner else {
        return Err(DecodeError::Invalid(format!("{}: {error}", name_of(&inner, "s"))));
    };
    let (mut minis, mut left_out) = (Vec::with_capacity(entries.len()), LeftOut::default());
    for entry in &entries {
        let mut whole = Vec::new();
        match MiniWire::deserialize(entry) {
            Ok(wire) => take_mini(wire, &mut whole, &mut left_out),
            Err(error) => left_out.add(name_of(entry, "s"), error),
        }
        let owned = |mini: MiniTicker<'_>| MiniTicker { symbol: mini.symbol.into_owned().into(), ..mini };
        minis.extend(whole.into_iter().map(owned));
    }
    Ok(StreamEvent::MiniTickers(minis, left_out))
}

fn event<'a>(payload: Payload<'a>, stream: Cow<'a, str>) -> Result<StreamEvent<'a>, DecodeError> {
    let object = match payload {
        Payload::Object(object) => object,
        Payload::Minis(minis, left_out)
            if !minis.is_empty() || left_out.count > 0 || stream == "!miniTicker@arr" =>
        {
            return Ok(StreamEvent::MiniTickers(minis, left_out));
        }
        Payload::Minis(..) => return Ok(StreamEvent::Other(stream)),
        Payload::Scalar => return Err(DecodeError::Invalid("neither an event nor a list".to_owned())),
    };
    match (object.event.as_ref(), object.kline) {
        ("kline", Some(kline)) => kline_event(object.symbol, object.event_time, &kline),
        ("kline", None) => Err(DecodeError::Invalid("a kline event without a kline".to_owned())),
        ("serverShutdown", _) => {
            Ok(StreamEvent::ServerShutdown { event_time: object.event_time.unwrap_or_default() })
        }
        ("", _) if object.id.is_some() || object.code.is_some() || object.error.is_some() => {
            Ok(StreamEvent::ControlAnswer {
                id: object.id.as_ref().and_then(serde_json::Value::as_u64),
                result: control_result(object.result, object.code, object.msg, object.error),
            })
        }
        ("", _) if stream.is_empty() => {
            Err(DecodeError::Invalid("neither an event nor an answer".to_owned()))
        }
        ("", _) => Ok(StreamEvent::Other(stream)),
        _ => Ok(StreamEvent::Other(object.event)),
    }
}

fn control_result(
    result: Option<serde_json::Value>,
    code: Option<i64>,
    msg: Option<String>,
    error: Option<ErrorWire>,
) -> ControlResult {
    if let Some(error) = error {
        return ControlResult::Refused { code: error.code, message: clip(&error.msg, 200).to_owned() };
    }
    match (code, result) {
        (Some(code), _) => {
            ControlResult::Refused { code, message: clip(&msg.unwrap_or_default(), 200).to_owned() }
        }
        (None, Some(serde_json::Value::Array(names))) => ControlResult::List(
            names.iter().filter_map(serde_json::Value::as_str).map(str::to_owned).collect(),
        ),
        (None, _) => ControlResult::Done,
    }
}

fn kline_event<'a>(
    symbol: Cow<'a, str>,
    event_time: Option<MarketTime>,
    wire: &KlineWire<'a>,
) -> Result<StreamEvent<'a>, DecodeError> {
    let Ok(interval) = wire.interval.parse::<Interval>() else {
        return Ok(StreamEvent::Other(Cow::Owned(format!("kline_{}", clip(&wire.interval, 10)))));
    };
    let Some(event_time) = event_time.filter(|t| *t > MarketTime::EPOCH && !symbol.is_empty()) else {
        return Err(DecodeError::Invalid("a kline without symbol or event time".to_owned()));
    };
    let candle = Candle {
        open_time: wire.open_time,
        open: wire.open.0,
        high: wire.high.0,
        low: wire.low.0,
        close: wire.close.0,
        volume: wire.volume.0,
        quote_volume: wire.quote_volume.0,
        closed: wire.closed,
        filled: false,
    };
    check_candle(&candle, interval)
        .map_err(|e| DecodeError::Invalid(format!("{} kline: {e}", clip(&symbol, 40))))?;
    Ok(StreamEvent::Kline(KlineEvent { symbol, event_time, interval, candle }))
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
