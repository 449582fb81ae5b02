//! "With these settings, what would the alerts have been": the policy over stored scores.

use crate::actors::history::rows;
use crate::actors::ports::history::{HistoryStore, ScoreRow, Span};
use crate::domain::alert::config::AlertPolicyConfig;
use crate::domain::alert::message::{AlertCard, Message};
use crate::domain::alert::policy::{AlertPolicy, SuppressedBy};
use crate::domain::level_book::LevelBook;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::HOUR_MS;
use std::collections::{BTreeMap, BTreeSet};

/// Scores read at once, ms of market time: a day of 500 pairs would not fit in memory.
const WINDOW_MS: i64 = HOUR_MS;

/// What a replay gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Simulated {
    /// Cycles in the store.
    pub cycles: u64,
    /// First and last cut, ms UTC.
    pub span: Option<(MarketTime, MarketTime)>,
    /// Alerts in their order, each with the moment it was sent and the kind of its message.
    pub alerts: Vec<(MarketTime, &'static str, AlertCard)>,
    /// Messages a channel would have got.
    pub messages: usize,
    /// Candidates held back, by rule.
    pub suppressed: BTreeMap<SuppressedBy, u64>,
    /// Time between alerts of the same pair, ms: shortest and median.
    pub gap_ms: Option<(i64, i64)>,
}

/// Replays the scores of a span through a policy.
pub async fn simulate(
    store: &dyn HistoryStore,
    config: AlertPolicyConfig,
    span: Span,
    mut progress: impl FnMut(usize, usize),
) -> anyhow::Result<Simulated> {
    let stats = store.stats().await?;
    let table = stats.tables.iter().find(|t| t.table == "scores");
    let Some((first, last)) = table.and_then(|t| t.from.zip(t.to)) else { return Ok(Simulated::default()) };
    let (from, to) = (span.from.max(first), span.to.min(last + 1));
    let mut replay = Replay {
        levels: LevelBook::empty(config.levels),
        policy: AlertPolicy::new(config),
        universe: BTreeSet::new(),
        out: Simulated::default(),
    };
    let windows = usize::try_from((to - from + WINDOW_MS - 1).max(0) / WINDOW_MS).unwrap_or(0);
    for window in 0..windows {
        let start = from + window as i64 * WINDOW_MS;
        let rows = store.scores(None, Span { from: start, to: (start + WINDOW_MS).min(to) }).await?;
        for cut in rows.chunk_by(|a, b| a.as_of == b.as_of) {
            replay.step(cut);
        }
        progress(window + 1, windows);
    }
    replay.out.gap_ms = gaps(&replay.out.alerts);
    Ok(replay.out)
}

struct Replay {
    levels: LevelBook,
    policy: AlertPolicy,
    universe: BTreeSet<Symbol>,
    out: Simulated,
}

impl Replay {
    fn step(&mut self, cut: &[ScoreRow]) {
        let as_of = cut[0].as_of;
        self.universe.extend(cut.iter().map(|row| row.symbol.clone()));
        let universe: Vec<Symbol> = self.universe.iter().cloned().collect();
        self.out.cycles += 1;
        self.out.span = Some((self.out.span.map_or(as_of, |s| s.0), as_of));
        let mut snapshot = rows::snapshot(self.out.cycles, as_of, cut, &universe);
        // Made anew: the rules to be tried may be others than those in force then.
        let basis = snapshot.basis();
        self.levels.apply(&mut snapshot, basis);
        let output = self.policy.on_snapshot(&snapshot);
        for (_, by) in output.suppressed {
            *self.out.suppressed.entry(by).or_default() += 1;
        }
        self.out.messages += output.messages.len();
        for message in &output.messages {
            let sent = message.alerts().iter().cloned().map(|a| (as_of, Message::kind(message), a));
            self.out.alerts.extend(sent);
        }
    }
}

fn gaps(alerts: &[(MarketTime, &'static str, AlertCard)]) -> Option<(i64, i64)> {
    let mut last: BTreeMap<&Symbol, MarketTime> = BTreeMap::new();
    let mut gaps: Vec<i64> = alerts
        .iter()
        .filter_map(|(at, _, card)| last.insert(&card.symbol, *at).map(|before| *at - before))
        .collect();
    gaps.sort_unstable();
    Some((*gaps.first()?, gaps[gaps.len() / 2]))
}
