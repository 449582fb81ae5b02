//! The level in force of each pair, made here once a cycle (SCORING's "Level in force"): entered when it is confirmed, left
//! below the hysteresis, and the episodes that rises open.

pub mod memory;

use self::memory::{Episode, Held, LevelMemory};
use crate::domain::level_rules::{LevelBasis, LevelRules};
use crate::domain::market_move::MarketMove;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::Level;
use crate::domain::score::level::LevelThresholds;
use crate::domain::symbol::Symbol;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A pair that cannot be analysed keeps its level so long, ms of market time: longer than a reconnect takes.
const STANDS_MS: i64 = 120_000;
/// A level that was seen so long ago says nothing about a rise since, ms of market time.
const FORGET_MS: i64 = 7_200_000;

/// Levels and episodes of all pairs. Holds the pairs of the newest snapshot.
#[derive(Debug, Clone, Default)]
pub struct LevelBook {
    rules: LevelRules,
    memory: Arc<LevelMemory>,
}

impl LevelBook {
    /// A book that goes on from what is known.
    pub const fn new(rules: LevelRules, memory: Arc<LevelMemory>) -> Self {
        Self { rules, memory }
    }

    /// A book that has seen nothing.
    pub fn empty(rules: LevelRules) -> Self {
        Self::new(rules, Arc::default())
    }

    /// Another profile is in force: its thresholds. The levels stand.
    pub const fn set_rule(&mut self, rule: LevelThresholds) {
        self.rules.rule = rule;
    }

    /// Takes over the levels of the scanner that sends: its rises are those that are told. What has changed here in a cycle that the
    /// other has not reached stays as it is.
    pub(crate) fn follow(&mut self, sending: &LevelMemory) {
        let memory = Arc::make_mut(&mut self.memory);
        if memory.basis != sending.basis {
            return;
        }
        for (symbol, theirs) in &sending.pairs {
            let own = memory.pairs.entry(symbol.clone()).or_default();
            if own.changed_at <= sending.as_of {
                own.take_over(theirs);
            }
        }
    }

    /// Gives every row its level and orders the rows by it. `basis`: what is in force.
    pub fn apply(&mut self, snapshot: &mut Snapshot, basis: LevelBasis) {
        let as_of = snapshot.as_of;
        let memory = Arc::make_mut(&mut self.memory);
        // Market time that came down was wrong, and levels of other numbers or of hours ago say nothing: first sight anew.
        let known = memory.basis == Some(basis) && (0..=FORGET_MS).contains(&(as_of - memory.as_of));
        let mut before = std::mem::take(&mut memory.pairs);
        if !known {
            before.clear();
        }
        (memory.as_of, memory.basis) = (as_of, Some(basis));
        let reports = snapshot.reports.iter().filter(|report| report.readiness.awaits_hours);
        let awaiting: BTreeSet<&Symbol> = reports.map(|report| &report.symbol).collect();
        let step = Step { rules: &self.rules, basis, thresholds: self.rules.thresholds(basis), as_of };
        let within = snapshot.rows.drain(..).chain(snapshot.discarded_rows.drain(..)).map(|row| (row, true));
        let outside = snapshot.outside_rows.drain(..).map(|row| (row, false));
        let (mut rows, mut discarded, mut out) = (Vec::new(), Vec::new(), Vec::new());
        for (mut row, within) in within.chain(outside) {
            let held = memory.pairs.entry(row.symbol.clone()).or_default();
            let was = before.remove(&row.symbol);
            let fresh = was.is_none();
            *held = was.unwrap_or_default();
            let kept = held.kept();
            if awaiting.contains(&row.symbol) {
                step.wait(held, &mut row, within);
            } else {
                step.take(held, &mut row, within, fresh);
            }
            if held.kept() != kept {
                held.changed_at = as_of;
            }
            match (within, row.level) {
                (false, _) => out.push(row),
                (true, Level::Descartada) => discarded.push(row),
                (true, _) => rows.push(row),
            }
        }
        for report in snapshot.reports.iter().filter(|report| report.analysis.is_none()) {
            if let Some(mut held) = before.remove(&report.symbol) {
                step.miss(&mut held);
                memory.pairs.insert(report.symbol.clone(), held);
            }
        }
        for list in [&mut rows, &mut discarded, &mut out] {
            list.sort_by(order);
        }
        (snapshot.rows, snapshot.discarded_rows, snapshot.outside_rows) = (rows, discarded, out);
        snapshot.market_move = MarketMove::at(as_of, self.memory.fuerte_opened());
        snapshot.levels = Arc::clone(&self.memory);
    }
}

/// By name among equals, so that rows do not change places from cycle to cycle. `total_cmp`, as a sort needs a whole order
/// also over NaN.
fn order(a: &Row, b: &Row) -> std::cmp::Ordering {
    b.level
        .cmp(&a.level)
        .then_with(|| b.level_value.total_cmp(&a.level_value))
        .then_with(|| b.analysis.composite_score.total_cmp(&a.analysis.composite_score))
        .then_with(|| a.symbol.cmp(&b.symbol))
}

/// One cycle.
struct Step<'a> {
    rules: &'a LevelRules,
    basis: LevelBasis,
    thresholds: &'a LevelThresholds,
    as_of: MarketTime,
}

impl Step<'_> {
    /// Was it at a cut within the span that confirms.
    fn recent(&self, at: Option<MarketTime>) -> bool {
        at.is_some_and(|at| self.as_of - at <= self.rules.confirm.as_millis() as i64)
    }

    fn take(&self, held: &mut Held, row: &mut Row, within: bool, fresh: bool) {
        let value = row.value();
        if row.basis() != self.basis {
            // Without its chance a pair has no level: never one of other numbers.
            self.miss(held);
            return;
        }
        let away = held.missing_since.take().map(|since| self.as_of - since);
        let waited = std::mem::take(&mut held.provisional);
        if waited {
            held.level = None;
        }
        let level = match held.level {
            Some(was) => self.next(held, was, value, row.analysis.components.breakout),
            None => self.thresholds.level(value),
        };
        let was = held.level.unwrap_or(Level::Descartada);
        // First sight is no rise; after a long absence it is, since nobody can say that the level was there before.
        let seen = held.level.is_some() || (!fresh && away.is_some_and(|ms| ms > FORGET_MS));
        let entered_limits = (seen || waited) && within && !held.within_limits;
        let rose = within && level > Level::Descartada && ((seen && level > was) || entered_limits);
        for (below, line) in held.below_line.iter_mut().zip(Level::LISTED.into_iter().rev()) {
            if value < self.thresholds.threshold(line) {
                *below = Some(self.as_of);
            }
        }
        if held.level != Some(level) || value >= self.thresholds.threshold(level) - self.rules.hysteresis {
            held.upheld = Some(self.as_of);
        }
        (held.level, held.within_limits) = (Some(level), within);
        self.follow(held, level, rose);
        self.show(held, row);
    }

    fn show(&self, held: &Held, row: &mut Row) {
        let level = held.level.unwrap_or(Level::Descartada);
        (row.level, row.level_value) = (level, row.value());
        row.episode = slot(level).and_then(|at| held.episodes[at]).map(|episode| episode.opened_at);
    }

    const fn nothing_is_confirmed(&self, held: &mut Held) {
        held.below_line = [Some(self.as_of); 4];
        held.upheld = Some(self.as_of);
    }

    /// What the chance looks at is not all there yet. A level that is known stands; where there is none the pair is shown at the one that
    /// its value has now, and nothing is confirmed or opened by it.
    fn wait(&self, held: &mut Held, row: &mut Row, within: bool) {
        if row.basis() != self.basis {
            self.miss(held);
            return;
        }
        if held.level.is_none() {
            // Coming within the limits meanwhile counts once the days are known.
            (held.provisional, held.within_limits) = (true, within);
        }
        if held.provisional {
            held.level = Some(self.thresholds.level(row.value()));
        }
        held.missing_since = None;
        self.nothing_is_confirmed(held);
        self.show(held, row);
    }

    /// The level after `was`: the highest that is confirmed above it, or where it has fallen to.
    fn next(&self, held: &Held, was: Level, value: f64, breakout: f64) -> Level {
        let alone = self.thresholds.held(was, value, self.rules.hysteresis);
        if alone < was {
            return if self.recent(held.upheld) { was } else { alone };
        }
        let confirmed = |level: &Level| {
            let at_once = *level == Level::Fuerte && breakout >= self.rules.breakout_points;
            at_once || !self.recent(slot(*level).and_then(|at| held.below_line[at]))
        };
        let above = Level::LISTED.into_iter().filter(|level| (was..=alone).contains(level) && *level > was);
        above.into_iter().find(confirmed).unwrap_or(was)
    }

    /// The episodes of a pair that is at `level` now.
    fn follow(&self, held: &mut Held, level: Level, rose: bool) {
        for (slot, of) in held.episodes.iter_mut().zip(Level::LISTED.into_iter().rev()) {
            if let Some(episode) = slot {
                let below = if level < of { Some(episode.below_since.unwrap_or(self.as_of)) } else { None };
                episode.below_since = below;
                if below
                    .is_some_and(|since| self.as_of - since >= self.rules.episode_timeout.as_millis() as i64)
                {
                    *slot = None;
                }
            }
        }
        if let Some(at) = slot(level).filter(|_| rose) {
            held.episodes[at].get_or_insert(Episode { opened_at: self.as_of, below_since: None });
        }
    }

    /// The pair could not be analysed: nothing is confirmed, and after a while there is no level.
    fn miss(&self, held: &mut Held) {
        let since = *held.missing_since.get_or_insert(self.as_of);
        self.nothing_is_confirmed(held);
        if self.as_of - since >= STANDS_MS {
            held.level = None;
            self.follow(held, Level::Descartada, false);
        }
    }
}

/// The place of a level in lists of BAJA to FUERTE.
const fn slot(level: Level) -> Option<usize> {
    (level as usize).checked_sub(1)
}

#[cfg(test)]
mod tests;
