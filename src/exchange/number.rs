//! Numbers as the exchange writes them: decimal text, at times a bare number.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::fmt;

/// A finite number from text (`"0.0012"`) or from a JSON number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Num(pub(crate) f64);

struct NumVisitor;

impl Visitor<'_> for NumVisitor {
    type Value = Num;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a finite decimal number, as text or bare")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Num, E> {
        // Rust also reads "inf" and "nan": the exchange never means them.
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Num(value)),
            _ => Err(E::custom(format_args!("'{}' is not a finite number", clip(text, 40)))),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Num, E> {
        Ok(Num(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Num, E> {
        Ok(Num(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Num, E> {
        Ok(Num(value as f64))
    }
}

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumVisitor)
    }
}

/// At most `limit` characters of a text that came from outside, for messages.
pub(crate) fn clip(text: &str, limit: usize) -> &str {
    match text.char_indices().nth(limit) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
