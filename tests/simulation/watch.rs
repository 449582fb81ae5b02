//! What is seen of the running scanner from outside, second by second.

use super::decided::Decided;
use super::world::World;
use impulso::actors::view::LiveView;
use impulso::domain::moment::MarketTime;
use impulso::domain::ranking::{Coverage, Snapshot};
use impulso::domain::time::HOUR_MS;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Scores are looked at so often, ms: a full minute, and not the same one of each quarter.
const SAMPLED_MS: i64 = 23 * 60_000;

/// A cycle that was published.
pub(crate) struct Cycle {
    pub(crate) as_of: MarketTime,
    /// Number of the life, from 1.
    pub(crate) life: usize,
    pub(crate) at: i64,
    pub(crate) coverage: Coverage,
    /// No problem was told.
    pub(crate) sound: bool,
}

/// A problem from its beginning to its end, ms of true time.
pub(crate) struct Told {
    pub(crate) kind: &'static str,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

#[derive(Default)]
pub(crate) struct Watch {
    pub(crate) cycles: Vec<Cycle>,
    /// Beginnings of the keys of hourly samples that the ledger must have.
    pub(crate) samples: BTreeSet<String>,
    pub(crate) told: Vec<Told>,
    pub(crate) decided: Decided,
    /// Beginning and end of each life.
    pub(crate) lives: Vec<(i64, i64)>,
    /// Snapshots of full minutes whose scores are looked at, with the true time.
    pub(crate) sampled: Vec<(i64, Arc<Snapshot>)>,
    seq: u64,
    newest: Option<MarketTime>,
    /// Those that are there, each with its beginning.
    problems: BTreeMap<&'static str, i64>,
}

impl Watch {
    /// A life begins.
    pub(crate) fn born(&mut self, at: i64, memory: Option<&str>) {
        self.decided.born(super::life::alerts(), memory);
        self.lives.push((at, at));
        (self.seq, self.newest) = (0, None);
    }

    /// It has ended.
    pub(crate) fn died(&mut self, at: i64) {
        if let Some(life) = self.lives.last_mut() {
            life.1 = at;
        }
        let ended = std::mem::take(&mut self.problems);
        self.told.extend(ended.into_iter().map(|(kind, from)| Told { kind, from, to: at }));
    }

    pub(crate) fn look(&mut self, world: &World, view: &LiveView) {
        self.tell_problems(world, view);
        let Some(published) = view.published().filter(|p| p.seq != self.seq) else { return };
        if published.seq != self.seq + 1 {
            world.wrong(format!("cycle {} follows {}", published.seq, self.seq));
        }
        self.seq = published.seq;
        let Snapshot { as_of, coverage, .. } = *published.snapshot;
        let digest = digest(&published.snapshot);
        let why = coverage.reasons;
        world.say(&format!(
            "cycle {as_of} {}/{} {why:?} {digest:016x}",
            coverage.analyzable, coverage.universe
        ));
        self.note_samples(&published.snapshot);
        self.decided.take(&published.snapshot);
        if as_of.starts(SAMPLED_MS) {
            self.sampled.push((world.true_ms(), Arc::clone(&published.snapshot)));
        }
        let sound = self.problems.is_empty();
        self.cycles.push(Cycle { as_of, life: self.lives.len(), at: world.true_ms(), coverage, sound });
    }

    fn note_samples(&mut self, snapshot: &Snapshot) {
        let as_of = snapshot.as_of;
        let before = self.newest.replace(as_of);
        let due =
            before.map_or(as_of.starts(HOUR_MS), |before| before.index(HOUR_MS) != as_of.index(HOUR_MS));
        if due {
            let keys = snapshot.candidates().map(|row| format!("sample-{}-{as_of}-", row.symbol));
            self.samples.extend(keys);
        }
    }

    fn tell_problems(&mut self, world: &World, view: &LiveView) {
        let (at, status) = (world.true_ms(), view.status());
        let now: BTreeSet<_> = status.problems.iter().map(|p| p.problem.kind()).collect();
        for kind in &now {
            self.problems.entry(kind).or_insert_with(|| {
                world.say(&format!("problem {kind}"));
                world.count(&format!("told {kind}"));
                at
            });
        }
        let over: Vec<_> = self.problems.extract_if(.., |kind, _| !now.contains(kind)).collect();
        for (kind, from) in over {
            world.say(&format!("over {kind}"));
            self.told.push(Told { kind, from, to: at });
        }
    }
}

/// FNV-1a over what was scored, to the bit.
fn digest(snapshot: &Snapshot) -> u64 {
    let mut hash = Fnv::default();
    for report in snapshot.reports.iter() {
        hash.add(report.symbol.as_str().as_bytes());
        let Some(a) = &report.analysis else { continue };
        for value in [a.current_price, a.volume_24h, a.total_score, a.probability_7_5, a.composite_score] {
            hash.add(&value.to_bits().to_le_bytes());
        }
    }
    for row in snapshot.candidates() {
        hash.add(&row.calibrated_7_5.unwrap_or(-1.0).to_bits().to_le_bytes());
    }
    hash.0
}

/// FNV-1a, 64 bits.
pub(crate) struct Fnv(pub(crate) u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
