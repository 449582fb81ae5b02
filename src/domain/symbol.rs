//! The name of a trading pair: cheap to clone, any UTF-8, upper case as the exchange writes it.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// Longest name, characters: above the exchange's longest; a name is part of keys and file names.
const MAX_NAME: usize = 32;

/// A pair's name such as `BTCUSDT`. May hold non-ASCII letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct Symbol(Arc<str>);

impl Symbol {
    /// Wraps a name as it is.
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// May a pair be called so: letters of any script and digits, no more than the exchange's longest names twice over. It
    /// stands in addresses, messages, logs and keys.
    pub fn is_name(text: &str) -> bool {
        let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        !text.is_empty() && text.chars().count() <= MAX_NAME && text.chars().all(plain)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for Symbol {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Symbol {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Symbol {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pair_may_be_called() {
        for good in ["BTCUSDT", "1000SATSUSDT", "币安人生USDT", "ñUSDT", "BTC-PERP_1.X"] {
            assert!(Symbol::is_name(good), "{good}");
        }
        let long = "A".repeat(33);
        for bad in ["", "A B", "A\nB", "A\u{1b}[31m", "<b>", "A/B", "=cmd", "A\u{202e}B", &long] {
            assert!(!Symbol::is_name(bad), "{bad:?}");
        }
    }
}
