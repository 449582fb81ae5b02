//! Which pairs belong to the scan, and what joins, halts, resumes and retires as the exchange's list changes.

use crate::domain::allowed::{Allowed, Values::Like, Values::Range};
use crate::domain::duration::Millis;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::time::Duration;

/// Members that one list may lose without being asked again, at most this share (0-1). The exchange delists a few pairs of
/// hundreds at a time; what loses more is as a rule a list that was cut short.
const SUDDEN_SHARE: f64 = 0.1;
/// Fewer lost members are believed at once, whatever their share: of a handful of pairs each is a large share.
const SUDDEN_LEAST: usize = 3;

/// Trading status of a pair. Unknown names are kept as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairStatus {
    Trading,
    /// Closed for the day.
    EndOfDay,
    /// Halted by the exchange.
    Halt,
    /// Break, as a rule before a delisting.
    Break,
    /// Orders may only be cancelled.
    CancelOnly,
    /// A name this program does not know.
    Other(String),
}

impl From<&str> for PairStatus {
    fn from(name: &str) -> Self {
        match name {
            "TRADING" => Self::Trading,
            "END_OF_DAY" => Self::EndOfDay,
            "HALT" => Self::Halt,
            "BREAK" => Self::Break,
            "CANCEL_ONLY" => Self::CancelOnly,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for PairStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trading => "TRADING",
            Self::EndOfDay => "END_OF_DAY",
            Self::Halt => "HALT",
            Self::Break => "BREAK",
            Self::CancelOnly => "CANCEL_ONLY",
            Self::Other(name) => name,
        })
    }
}

/// What the exchange says about one pair.
#[derive(Debug, Clone, PartialEq)]
pub struct PairInfo {
    pub symbol: Symbol,
    pub status: PairStatus,
    pub base_asset: String,
    /// The asset prices are given in.
    pub quote_asset: String,
    /// Least value of an order, in the quote asset; `None` when no filter names it.
    pub min_notional: Option<f64>,
    pub spot_allowed: bool,
}

/// Which pairs are scanned.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default)]
pub struct UniverseRules {
    /// The quote asset, upper case.
    pub quote_asset: String,
    /// Greatest minimum notional, in the quote asset.
    pub(crate) max_min_notional: f64,
    /// How long a pair that left `TRADING` stays as halted, market time. Maintenance of the exchange halts pairs for hours and
    /// must not cost their history; a delisted one is gone after a day.
    #[serde(skip)]
    pub retire_after: Duration,
}

impl UniverseRules {
    pub(crate) const ALLOWED: Allowed =
        &[("quote_asset", Like(|t| !t.is_empty(), &["USDT"])), ("max_min_notional", Range(0.0, 1e9))];
}

impl Default for UniverseRules {
    fn default() -> Self {
        let retire_after = Duration::from_secs(86_400);
        Self { quote_asset: "USDT".to_owned(), max_min_notional: 20.0, retire_after }
    }
}

/// Why a pair is not scanned.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Ineligible {
    #[error("quoted in {0}")]
    QuoteAsset(String),
    /// Not open for trading.
    #[error("status {0}")]
    Status(PairStatus),
    #[error("spot trading not allowed")]
    NotSpot,
    /// Orders must be too large.
    #[error("minimum notional {min_notional} above {limit}")]
    MinNotional {
        /// The pair's minimum, quote asset.
        min_notional: f64,
        /// The rule's limit, quote asset.
        limit: f64,
    },
}

/// Checks one pair: quote asset, then status, spot flag and minimum notional. A pair without a notional
/// filter passes that test.
///
/// # Errors
/// The first rule that the pair breaks.
pub(crate) fn eligibility(pair: &PairInfo, rules: &UniverseRules) -> Result<(), Ineligible> {
    if pair.quote_asset != rules.quote_asset {
        return Err(Ineligible::QuoteAsset(pair.quote_asset.clone()));
    }
    if pair.status != PairStatus::Trading {
        return Err(Ineligible::Status(pair.status.clone()));
    }
    if !pair.spot_allowed {
        return Err(Ineligible::NotSpot);
    }
    match pair.min_notional {
        Some(min_notional) if min_notional > rules.max_min_notional => {
            Err(Ineligible::MinNotional { min_notional, limit: rules.max_min_notional })
        }
        _ => Ok(()),
    }
}

/// What an update of the exchange's list changed; each list by symbol.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UniverseChange {
    pub joined: Vec<Symbol>,
    /// Members that are not eligible any more, or vanished from the list.
    pub halted: Vec<Symbol>,
    /// Halted members that are eligible again.
    pub(crate) resumed: Vec<Symbol>,
    /// Halted for 24 h: members no more.
    pub(crate) retired: Vec<Symbol>,
    /// Members that would be halted if so many at once were to be believed: the list is to be read again.
    pub doubted: Vec<Symbol>,
}

impl UniverseChange {
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        let lists = [&self.joined, &self.halted, &self.resumed, &self.retired, &self.doubted];
        lists.iter().all(|list| list.is_empty())
    }
}

/// The pairs that are scanned, halted ones included.
#[derive(Debug, Clone, Default)]
pub struct Universe {
    rules: UniverseRules,
    /// Value: since when the member is halted, `None` while it trades.
    members: BTreeMap<Symbol, Option<MarketTime>>,
    /// Members that the list before had lost with many others.
    doubted: BTreeSet<Symbol>,
}

impl Universe {
    /// An empty universe under `rules`.
    pub fn new(rules: UniverseRules) -> Self {
        Self { rules, members: BTreeMap::new(), doubted: BTreeSet::new() }
    }

    /// Takes the exchange's whole list as of `now` (market time) and says what changed.
    ///
    /// A member that is no longer eligible for whatever reason, or no longer listed, is halted; 24 h later
    /// it retires. An eligible pair joins or resumes at once. When a list loses many members at once, each of them is
    /// halted by the second list in a row without it.
    pub fn update(&mut self, pairs: &[PairInfo], now: MarketTime) -> UniverseChange {
        let listed: HashMap<&str, &PairInfo> = pairs.iter().map(|p| (p.symbol.as_str(), p)).collect();
        let mut change = UniverseChange::default();
        let rules = &self.rules;
        let is_eligible = |symbol: &Symbol| {
            listed.get(symbol.as_str()).is_some_and(|pair| eligibility(pair, rules).is_ok())
        };
        let trading = || self.members.iter().filter(|(_, halted)| halted.is_none()).map(|(symbol, _)| symbol);
        let lost = trading().filter(|symbol| !is_eligible(symbol)).count();
        let sudden = lost >= SUDDEN_LEAST && lost as f64 > trading().count() as f64 * SUDDEN_SHARE;
        for (symbol, halted_since) in &mut self.members {
            let eligible = is_eligible(symbol);
            match (*halted_since, eligible) {
                (None, false) if sudden && !self.doubted.contains(symbol) => {
                    change.doubted.push(symbol.clone());
                }
                (None, false) => {
                    *halted_since = Some(now);
                    change.halted.push(symbol.clone());
                }
                (Some(_), true) => {
                    *halted_since = None;
                    change.resumed.push(symbol.clone());
                }
                (Some(since), false) if now - since >= self.rules.retire_after.ms() => {
                    change.retired.push(symbol.clone());
                }
                _ => {}
            }
        }
        self.doubted = change.doubted.iter().cloned().collect();
        for symbol in &change.retired {
            self.members.remove(symbol);
        }
        for pair in pairs {
            if !self.members.contains_key(&pair.symbol) && eligibility(pair, &self.rules).is_ok() {
                self.members.insert(pair.symbol.clone(), None);
                change.joined.push(pair.symbol.clone());
            }
        }
        // Pairs that join are spread over the connections in this order: it must not be the exchange's of the day.
        change.joined.sort();
        change
    }

    /// Every member by symbol, halted ones included.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.members.keys()
    }

    pub(crate) fn any_halted(&self) -> bool {
        self.members.values().any(Option::is_some)
    }

    /// Members, halted ones included.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Is the pair a member, halted or not.
    pub fn contains(&self, symbol: &str) -> bool {
        self.members.contains_key(symbol)
    }

    /// Since when the member is halted (market time); `None` for one that trades and for a stranger.
    pub(crate) fn halted_since(&self, symbol: &str) -> Option<MarketTime> {
        self.members.get(symbol).copied().flatten()
    }
}

#[cfg(test)]
#[path = "universe_tests.rs"]
mod tests;
