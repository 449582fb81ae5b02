//! The alert policy: which rises of the level in force are told, cooldown, escalation, digest and summary, all in market time.

mod memory;

pub use memory::PolicyMemory;

use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::alert::episode::Told;
use crate::domain::alert::message::{AlertCard, Message};
use crate::domain::duration::Millis;
use crate::domain::level_book::memory::LevelMemory;
use crate::domain::level_rules::LevelBasis;
use crate::domain::market_move::MarketMove;
use crate::domain::moment::MarketTime;
use crate::domain::named::named;
use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::{Level, Report};
use crate::domain::score::level::LevelThresholds;
use crate::domain::symbol::Symbol;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rule that held an alert back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SuppressedBy {
    /// The pair was not analyzable in the cycle before.
    Interrupted,
    /// Candles that the stream had missed were just fetched.
    Refilled,
    /// The jump follows a pause in trading.
    PauseJump,
    /// The pair, or all, are muted.
    Muted,
    NotWatched,
    QuietHours,
    /// Too soon after the pair's alert before.
    Cooldown,
    /// Fell below its level before what was gathered was sent.
    Faded,
}

named!(SuppressedBy, "reason": {
    Interrupted = "interrupted",
    Refilled = "refilled",
    PauseJump = "pause_jump",
    Muted = "muted",
    NotWatched = "not_watched",
    QuietHours = "quiet_hours",
    Cooldown = "cooldown",
    Faded = "faded",
});

/// What the user said about single pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlertLimits {
    /// Muted pairs with the end of it in market time (`None`: for good); `*` stands for all.
    pub muted: BTreeMap<String, Option<MarketTime>>,
    pub watched: BTreeSet<String>,
}

impl AlertLimits {
    fn mutes(&self, symbol: &Symbol, at: MarketTime) -> bool {
        let holds = |name: &str| self.muted.get(name).is_some_and(|until| until.is_none_or(|end| at < end));
        holds(symbol.as_str()) || holds("*")
    }
}

/// What one cycle led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PolicyOutput {
    /// To send, most urgent first.
    pub messages: Vec<Message>,
    /// Candidates held back, each once a reason.
    pub suppressed: Vec<(Symbol, SuppressedBy)>,
}

/// What is kept of one pair.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Memory {
    /// Its name in files of earlier versions.
    #[serde(rename = "episode")]
    told: Told,
    calibrated: bool,
    last_alert: Option<MarketTime>,
    /// Waits for the digest.
    #[serde(default)]
    gathered: Option<AlertCard>,
    /// Part of an earlier snapshot of this run.
    #[serde(skip)]
    known: bool,
    #[serde(skip)]
    analyzable: bool,
    #[serde(skip)]
    held_by: Option<SuppressedBy>,
    /// The newest cycle in which an alert was told here, or an episode with one ended.
    #[serde(skip)]
    changed_at: MarketTime,
}

/// Does an alert of `at` still cool. One of a moment far ahead does not: it comes from a clock that was wrong or from a place
/// that anyone may write to, and would silence its pair until then.
fn cools(at: MarketTime, as_of: MarketTime, cooldown_ms: i64) -> bool {
    (as_of - at).saturating_abs() < cooldown_ms
}

/// The policy with what it remembers of each pair. Holds at most the pairs of the newest snapshot and those in cooldown.
#[derive(Debug, Clone, Default)]
pub struct AlertPolicy {
    config: AlertPolicyConfig,
    limits: AlertLimits,
    pairs: BTreeMap<Symbol, Memory>,
    digest_slot: Option<i64>,
    /// The cut of the newest message about a market move.
    move_told: Option<MarketTime>,
    /// The newest cut.
    as_of: MarketTime,
    levels: Arc<LevelMemory>,
}

impl AlertPolicy {
    /// A policy that remembers nothing yet.
    pub fn new(config: AlertPolicyConfig) -> Self {
        Self { config, ..Self::default() }
    }

    /// Another profile is in force: its ladder.
    pub(crate) const fn set_rule(&mut self, rule: LevelThresholds) {
        self.config.levels.rule = rule;
    }

    /// Mutes and watchlist from now on.
    pub fn set_limits(&mut self, limits: AlertLimits) {
        self.limits = limits;
    }

    /// Decides on every row at or above ALTA.
    pub fn on_snapshot(&mut self, snapshot: &Snapshot) -> PolicyOutput {
        let rows: BTreeMap<&Symbol, &Row> = snapshot.candidates().map(|row| (&row.symbol, row)).collect();
        let mut output = PolicyOutput::default();
        if snapshot.as_of < self.as_of {
            self.come_down(snapshot.as_of, &mut output);
        }
        self.as_of = snapshot.as_of;
        if snapshot.levels.is_of(snapshot.as_of) {
            self.levels = Arc::clone(&snapshot.levels);
        }
        let told_move = snapshot.market_move.filter(|event| self.was_told(event));
        let mut urgent = Vec::new();
        // Put back pair by pair: what is left over is of pairs that are gone, which must not pile up.
        let mut before = std::mem::take(&mut self.pairs);
        for report in snapshot.reports.iter() {
            let mut memory = before.remove(&report.symbol).unwrap_or_default();
            let alerted = memory.told.alerted;
            step(&mut memory, report, rows.get(&report.symbol).copied());
            if memory.told.alerted != alerted {
                memory.changed_at = snapshot.as_of;
            }
            let candidate = rows.get(&report.symbol).filter(|row| row.level >= Level::Alta);
            match candidate {
                Some(row) => match self.verdict(&memory, report, row, snapshot.as_of) {
                    Ok(card) => {
                        memory.held_by = None;
                        fall_back(&mut memory, row, &mut output);
                        urgent.extend(take(&mut memory, card, told_move));
                    }
                    Err(by) => hold(&mut memory, &report.symbol, by, &mut output),
                },
                None => fade(&mut memory, report, &mut output),
            }
            (memory.known, memory.analyzable) = (true, report.analysis.is_some());
            self.pairs.insert(report.symbol.clone(), memory);
        }
        self.keep_absent(before, snapshot.as_of);
        output.messages = self.messages(urgent, snapshot.as_of, snapshot.market_move);
        output
    }

    /// Market time was wrong and came down to `as_of`. What was told meanwhile cools as long as it would have; what was only
    /// gathered stands on candles that are void.
    fn come_down(&mut self, as_of: MarketTime, output: &mut PolicyOutput) {
        let by_ms = self.as_of - as_of;
        let moved = |at: MarketTime| if at > as_of { at - by_ms } else { at };
        self.move_told = self.move_told.map(moved);
        for (symbol, m) in &mut self.pairs {
            m.last_alert = m.last_alert.map(moved);
            m.told = Told::default();
            m.changed_at = moved(m.changed_at);
            if m.gathered.take().is_some() {
                output.suppressed.push((symbol.clone(), SuppressedBy::Faded));
            }
        }
    }

    /// The alert of a candidate, `None` when it was told already, or the rule that holds it back.
    fn verdict(
        &self,
        m: &Memory,
        report: &Report,
        row: &Row,
        as_of: MarketTime,
    ) -> Result<Option<AlertCard>, SuppressedBy> {
        let config = &self.config;
        let Some(from) = m.told.step_up(row, config.escalation_points) else { return Ok(None) };
        self.held_back(m, report, row, as_of)?;
        let cooling = m.last_alert.is_some_and(|at| cools(at, as_of, config.cooldown.ms()));
        if cooling && (from.is_none() || m.told.escalated) {
            return Err(SuppressedBy::Cooldown);
        }
        Ok(Some(AlertCard::new(row, from, as_of, &config.levels)))
    }

    /// Rules that do not look at the score.
    fn held_back(
        &self,
        m: &Memory,
        report: &Report,
        row: &Row,
        as_of: MarketTime,
    ) -> Result<(), SuppressedBy> {
        let quiet = self.config.quiet.is_some_and(|q| q.contains(self.config.local.minute_of_day(as_of)));
        let rules = [
            (m.known && !m.analyzable, SuppressedBy::Interrupted),
            (report.readiness.refilled, SuppressedBy::Refilled),
            (row.analysis.pause_jump, SuppressedBy::PauseJump),
            (self.limits.mutes(&report.symbol, as_of), SuppressedBy::Muted),
            (
                self.config.watchlist_only && !self.limits.watched.contains(report.symbol.as_str()),
                SuppressedBy::NotWatched,
            ),
            (quiet, SuppressedBy::QuietHours),
        ];
        rules.into_iter().find(|(holds, _)| *holds).map_or(Ok(()), |(_, by)| Err(by))
    }

    /// Pairs that left the universe keep their cooldown.
    fn keep_absent(&mut self, mut absent: BTreeMap<Symbol, Memory>, as_of: MarketTime) {
        absent.retain(|_, m| m.last_alert.is_some_and(|at| cools(at, as_of, self.config.cooldown.ms())));
        absent.values_mut().for_each(|m| {
            *m = Memory { last_alert: m.last_alert, ..Memory::default() };
        });
        self.pairs.append(&mut absent);
    }

    fn was_told(&self, event: &MarketMove) -> bool {
        self.move_told.is_some_and(|at| at >= event.since)
    }

    /// FUERTE at once, as a summary when there are many, or as one event with the pairs that have joined it; the digest when its
    /// time has come.
    fn messages(
        &mut self,
        mut urgent: Vec<AlertCard>,
        as_of: MarketTime,
        event: Option<MarketMove>,
    ) -> Vec<Message> {
        let recent = self.move_told.is_some_and(|at| as_of - at < self.config.move_update.ms());
        if !(recent && event.is_some_and(|event| self.was_told(&event))) {
            urgent.extend(self.gathered(|level| level >= Level::Fuerte));
        }
        self.tell(&mut urgent, as_of);
        let mut messages = match event.filter(|event| urgent.iter().any(|card| joins(card, event))) {
            Some(market_move) => {
                self.move_told = Some(as_of);
                vec![Message::MarketMove { as_of, market_move, came: None, alerts: urgent }]
            }
            None if urgent.len() >= self.config.summary_from.max(2) => {
                vec![Message::Summary { as_of, alerts: urgent }]
            }
            None => urgent.into_iter().map(|alert| Message::Alert { alert }).collect(),
        };
        let slot = as_of.index(self.config.digest_every.ms().max(1));
        if self.digest_slot != Some(slot) {
            let first = self.digest_slot.replace(slot).is_none();
            if !first || self.config.digest_every.is_zero() {
                messages.extend(self.digest(as_of));
            }
        }
        messages
    }

    fn digest(&mut self, as_of: MarketTime) -> Option<Message> {
        let mut alerts = self.gathered(|level| level < Level::Fuerte);
        self.tell(&mut alerts, as_of);
        match alerts.len() {
            0 => None,
            1 => alerts.pop().map(|alert| Message::Alert { alert }),
            _ => Some(Message::Digest { as_of, alerts }),
        }
    }

    /// Takes what waits, of some levels.
    fn gathered(&mut self, of: impl Fn(Level) -> bool) -> Vec<AlertCard> {
        self.pairs.values_mut().filter_map(|m| m.gathered.take_if(|card| of(card.level))).collect()
    }

    /// Notes what a message tells, and puts it into order.
    fn tell(&mut self, alerts: &mut [AlertCard], as_of: MarketTime) {
        // The best first: channels cut long messages at their end.
        alerts.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.symbol.cmp(&b.symbol)));
        for card in alerts {
            self.sent(card, as_of);
        }
    }

    fn sent(&mut self, card: &AlertCard, as_of: MarketTime) {
        if let Some(m) = self.pairs.get_mut(&card.symbol) {
            m.told.tell(card.level, card.value, card.episode, card.escalated_from.is_some());
            m.last_alert = Some(as_of);
            m.changed_at = as_of;
        }
    }
}

/// A stay ends below ALTA, and where the numbers become others.
fn step(m: &mut Memory, report: &Report, row: Option<&Row>) {
    let Some(row) = row else {
        if report.analysis.is_some() {
            m.told.end_stay();
        }
        return;
    };
    let calibrated = row.basis() == LevelBasis::Calibrated;
    if row.level < Level::Alta || std::mem::replace(&mut m.calibrated, calibrated) != calibrated {
        m.told.end_stay();
    }
}

/// Does the alert's episode belong to the event.
fn joins(card: &AlertCard, event: &MarketMove) -> bool {
    card.episode.is_some_and(|opened| event.holds(opened))
}

/// An ALTA alert is gathered, and so is a FUERTE one that joins an event which was told; any other FUERTE alert goes out now and
/// leaves the digest.
fn take(memory: &mut Memory, card: Option<AlertCard>, told: Option<MarketMove>) -> Option<AlertCard> {
    let card = card?;
    let waits = card.level < Level::Fuerte || told.is_some_and(|event| joins(&card, &event));
    memory.gathered = waits.then(|| card.clone());
    (!waits).then_some(card)
}

/// What waits as FUERTE is not told of a pair that is ALTA by now.
fn fall_back(memory: &mut Memory, row: &Row, output: &mut PolicyOutput) {
    if memory.gathered.take_if(|card| card.level > row.level).is_some() {
        output.suppressed.push((row.symbol.clone(), SuppressedBy::Faded));
    }
}

fn hold(memory: &mut Memory, symbol: &Symbol, by: SuppressedBy, output: &mut PolicyOutput) {
    // What came up since it was gathered counts for the digest too.
    memory.gathered = None;
    if memory.held_by != Some(by) {
        memory.held_by = Some(by);
        output.suppressed.push((symbol.clone(), by));
    }
}

/// Below ALTA, or not analyzable: nothing of it is sent any more.
fn fade(memory: &mut Memory, report: &Report, output: &mut PolicyOutput) {
    memory.held_by = None;
    if memory.gathered.take().is_some() {
        output.suppressed.push((report.symbol.clone(), SuppressedBy::Faded));
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::moment::MarketTime;

    #[test]
    fn an_alert_of_a_moment_far_ahead_does_not_cool() {
        let cools = |at, as_of| super::cools(MarketTime::from_ms(at), MarketTime::from_ms(as_of), 300);

        assert!(cools(1_000, 1_299) && !cools(1_000, 1_300));
        assert!(cools(1_299, 1_000), "the clock came down a little");
        assert!(!cools(4_102_444_800_000, 1_000) && !cools(i64::MAX, -1) && !cools(i64::MIN, 1));
    }
}
