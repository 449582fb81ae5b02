//! What is known of each pair's level: what the next cycle and a restart go on from.

use crate::domain::level_rules::LevelBasis;
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Place of FUERTE among the episodes of BAJA to FUERTE.
const FUERTE: usize = 3;

/// A stay at or above a level that began with a rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Episode {
    pub(super) opened_at: MarketTime,
    /// Since when the pair is below the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) below_since: Option<MarketTime>,
}

/// What is known of one pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// `None` where it could not be analysed for too long.
    pub(super) level: Option<Level>,
    pub(super) within_limits: bool,
    /// Since when it cannot be analysed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) missing_since: Option<MarketTime>,
    /// Open episodes of BAJA to FUERTE.
    #[serde(default)]
    pub(super) episodes: [Option<Episode>; 4],
    /// The level was made while the model's looks over days were awaited: what comes after it is a first sight.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) provisional: bool,
    /// The newest cut at which what is kept of it became another.
    #[serde(skip)]
    pub(super) changed_at: MarketTime,
    /// The newest cut at which the value was below the line of BAJA to FUERTE. Not kept: it matters for seconds.
    #[serde(skip)]
    pub(super) below_line: [Option<MarketTime>; 4],
    /// The newest cut at which the level in force was not to be left.
    #[serde(skip)]
    pub(super) upheld: Option<MarketTime>,
}

impl Held {
    /// All but what matters for seconds.
    pub(super) const fn take_over(&mut self, theirs: &Self) {
        self.level = theirs.level;
        self.within_limits = theirs.within_limits;
        self.missing_since = theirs.missing_since;
        self.episodes = theirs.episodes;
        self.provisional = theirs.provisional;
    }

    pub(super) const fn kept(&self) -> (Option<Level>, bool, Option<MarketTime>, [Option<Episode>; 4], bool) {
        (self.level, self.within_limits, self.missing_since, self.episodes, self.provisional)
    }
}

/// What a restart goes on from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelMemory {
    pub(super) as_of: MarketTime,
    /// `None` before the first cycle.
    pub(super) basis: Option<LevelBasis>,
    pub(super) pairs: BTreeMap<Symbol, Held>,
}

impl LevelMemory {
    /// When the FUERTE episodes began that are known: all of the last two hours, and older ones that go on.
    pub(super) fn fuerte_opened(&self) -> Vec<MarketTime> {
        self.pairs
            .values()
            .filter_map(|held| held.episodes[FUERTE])
            .map(|episode| episode.opened_at)
            .collect()
    }

    /// Is it of the cut at `as_of`: a cycle that was read back from a file has none.
    pub(crate) fn is_of(&self, as_of: MarketTime) -> bool {
        self.basis.is_some() && self.as_of == as_of
    }

    /// Would a restart go on alike, whatever the time of the newest cut.
    pub(crate) fn matters_like(&self, other: &Self) -> bool {
        let alike = |((a, x), (b, y)): ((&Symbol, &Held), (&Symbol, &Held))| a == b && x.kept() == y.kept();
        self.basis == other.basis
            && self.pairs.len() == other.pairs.len()
            && self.pairs.iter().zip(&other.pairs).all(alike)
    }
}
