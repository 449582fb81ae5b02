//! What the policy remembers beyond a run and beyond a machine: kept by one that sends, taken up by the one that goes on from it.

use super::{AlertPolicy, Memory};
use crate::domain::alert::episode::Told;
use crate::domain::level_book::memory::LevelMemory;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What must survive a restart: cooldowns, episodes with an alert, the gathered digest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyMemory {
    pairs: BTreeMap<Symbol, Memory>,
    digest_slot: Option<i64>,
    #[serde(default)]
    move_told: Option<MarketTime>,
    #[serde(default)]
    as_of: MarketTime,
    /// The levels that the alerts stand on: kept with them, so that neither is older than the other after a crash.
    #[serde(default)]
    levels: Arc<LevelMemory>,
}

impl AlertPolicy {
    /// Goes on from what an earlier run remembered.
    pub fn restore(&mut self, memory: PolicyMemory) {
        self.pairs = memory.pairs;
        (self.digest_slot, self.move_told) = (memory.digest_slot, memory.move_told);
        (self.as_of, self.levels) = (memory.as_of, memory.levels);
    }

    /// Alerts that another place remembers, by the market time of the newest of each pair: they count for the cooldown.
    pub(crate) fn note_alerts(&mut self, alerts: &[(Symbol, MarketTime)]) {
        for (symbol, as_of) in alerts {
            let memory = self.pairs.entry(symbol.clone()).or_default();
            memory.last_alert = Some(memory.last_alert.map_or(*as_of, |at| at.max(*as_of)));
        }
    }

    /// What must survive a restart now.
    pub fn memory(&self) -> PolicyMemory {
        let matters =
            |m: &Memory| m.last_alert.is_some() || m.told != Told::default() || m.gathered.is_some();
        let pairs = self.pairs.iter().filter(|(_, m)| matters(m));
        PolicyMemory {
            pairs: pairs.map(|(s, m)| (s.clone(), m.clone())).collect(),
            digest_slot: self.digest_slot,
            move_told: self.move_told,
            as_of: self.as_of,
            levels: Arc::clone(&self.levels),
        }
    }

    /// Takes over what the sending policy has told up to the cut `decided`. Levels and how long they have held come from the own
    /// cycles, which see the same market; what was told is the other's word, so that an alert that it did not find worth sending
    /// comes up here anew. What has changed here in a cycle that the other has not reached stays as it is.
    pub fn follow(&mut self, sending: &PolicyMemory, decided: MarketTime) {
        for (symbol, own) in self.pairs.iter_mut().filter(|(_, own)| own.changed_at <= decided) {
            own.take_over(sending.pairs.get(symbol).unwrap_or(&Memory::default()));
        }
        for (symbol, theirs) in &sending.pairs {
            self.pairs.entry(symbol.clone()).or_insert_with(|| theirs.clone());
        }
        self.move_told = self.move_told.max(sending.move_told);
        if self.digest_slot.is_none() {
            self.digest_slot = sending.digest_slot;
        }
    }
}

impl Memory {
    fn take_over(&mut self, theirs: &Self) {
        let told = |m: &Self| (m.last_alert, m.told.alerted.map(|alert| alert.level));
        if told(self) != told(theirs) && theirs.told.alerted.is_some() {
            // It was told: what waits here for the digest is no news.
            self.gathered = None;
        }
        self.last_alert = theirs.last_alert;
        self.told = theirs.told;
        if self.gathered.is_none() {
            self.gathered.clone_from(&theirs.gathered);
        }
    }
}

impl PolicyMemory {
    /// The levels in force of the newest cycle.
    pub const fn levels(&self) -> &Arc<LevelMemory> {
        &self.levels
    }

    /// Does it say the same as `other`, apart from when pairs were last seen.
    pub fn matters_like(&self, other: &Self) -> bool {
        let same = |(a, b): ((&Symbol, &Memory), (&Symbol, &Memory))| {
            let gathered = |m: &Memory| m.gathered.is_some();
            a.0 == b.0
                && (a.1.last_alert, a.1.told, gathered(a.1)) == (b.1.last_alert, b.1.told, gathered(b.1))
        };
        self.move_told == other.move_told
            && self.levels.matters_like(&other.levels)
            && self.pairs.len() == other.pairs.len()
            && self.pairs.iter().zip(&other.pairs).all(same)
    }
}
