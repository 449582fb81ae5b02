//! The alert policy never nags: confirmation, cooldown, escalation, digest, summary, and every rule that holds back.

use impulso::domain::alert::quiet::LocalOffset;
use impulso::domain::alert::{
    AlertLimits, AlertPolicy, AlertPolicyConfig, Message, PolicyMemory, PolicyOutput, SuppressedBy,
};
use impulso::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis};
use impulso::domain::candle::Candle;
use impulso::domain::level_book::LevelBook;
use impulso::domain::level_rules::{LevelBasis, LevelRules};
use impulso::domain::moment::MarketTime;
use impulso::domain::ranking::{RankingFilters, Snapshot, rank};
use impulso::domain::report::{Analysis, Level, NotReady, Report};
use impulso::domain::score::level::LevelThresholds;
use impulso::domain::score::profile::Profile;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::Interval;
use std::sync::Arc;

/// One pair in one cycle.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) score: Option<f64>,
    pub(super) breakout: f64,
    pub(super) refilled: bool,
    pub(super) pause_jump: bool,
    pub(super) calibrated: Option<f64>,
}

pub(super) fn at(score: f64) -> Cell {
    Cell { score: Some(score), ..Cell::default() }
}

/// A real report, whose scores the tests then set.
fn sample() -> Report {
    let config =
        AnalysisConfig::new(Interval::M1, Interval::M15, Arc::new(Profile::default())).expect("fits");
    let mut a = SymbolAnalysis::new(Symbol::new("AUSDT"), Arc::new(config));
    let candle = |i: i64| Candle {
        volume: 1e4,
        quote_volume: 1e4,
        filled: false,
        ..Candle::flat(MarketTime::from_index(i, 60_000), 1.0)
    };
    let candles: Vec<Candle> = (0..1_600).map(candle).collect();
    let end = MarketTime::from_index(1_600, 60_000);
    a.load(&[], &candles, end);
    a.report(end, end, &BtcContext::unavailable())
}

pub(super) struct Market {
    sample: Report,
    pub(super) policy: AlertPolicy,
    pub(super) levels: LevelBook,
    pub(super) cycle: i64,
    seen: bool,
}

impl Market {
    pub(super) fn new(config: AlertPolicyConfig) -> Self {
        let levels = LevelBook::empty(config.levels);
        Self { sample: sample(), policy: AlertPolicy::new(config), levels, cycle: 0, seen: false }
    }

    fn report(&self, name: &str, cell: Cell) -> Report {
        let scored = |score: f64| {
            let mut a = Analysis::clone(self.sample.analysis.as_deref().expect("scores"));
            a.total_score = score;
            a.components.breakout = cell.breakout;
            a.pause_jump = cell.pause_jump;
            a.confidence_level = LevelThresholds::RULE.level(score);
            Arc::new(a)
        };
        let mut report = self.sample.clone();
        report.symbol = Symbol::new(name);
        report.analysis = cell.score.map(scored);
        report.readiness.reason = cell.score.is_none().then_some(NotReady::Gap);
        report.readiness.refilled = cell.refilled;
        report
    }

    fn snapshot(&self, cells: &[(&str, Cell)]) -> Snapshot {
        let reports = cells.iter().map(|(name, cell)| self.report(name, *cell)).collect();
        let as_of = MarketTime::from_index(self.cycle, 30_000);
        let mut snapshot = rank(self.cycle as u64, as_of, reports, &RankingFilters::default());
        for row in &mut snapshot.discarded_rows {
            row.calibrated_7_5 =
                cells.iter().find(|(n, _)| *n == row.symbol.as_str()).and_then(|c| c.1.calibrated);
        }
        snapshot
    }

    pub(super) fn step(&mut self, cells: &[(&'static str, Cell)]) -> PolicyOutput {
        let basis = match cells.iter().any(|(_, cell)| cell.calibrated.is_some()) {
            true => LevelBasis::Calibrated,
            false => LevelBasis::Rule,
        };
        if !self.seen {
            // Every pair was seen low before: a level at first sight is no rise.
            let low = |(name, cell): &(&'static str, Cell)| {
                (
                    *name,
                    Cell { score: Some(1.0), calibrated: cell.calibrated.map(|_| 1.0), ..Cell::default() },
                )
            };
            let cells: Vec<(&str, Cell)> = cells.iter().map(low).collect();
            self.levels.apply(&mut self.snapshot(&cells), basis);
            self.seen = true;
        }
        self.cycle += 1;
        let mut snapshot = self.snapshot(cells);
        self.levels.apply(&mut snapshot, basis);
        self.policy.on_snapshot(&snapshot)
    }

    /// The same cells again and again; everything that was sent with its cycle.
    pub(super) fn hold(&mut self, cells: &[(&'static str, Cell)], cycles: usize) -> Vec<(i64, Message)> {
        let mut sent = Vec::new();
        for _ in 0..cycles {
            let output = self.step(cells);
            sent.extend(output.messages.into_iter().map(|m| (self.cycle, m)));
        }
        sent
    }
}

/// Without a digest every alert goes out in its own cycle.
pub(super) fn at_once() -> AlertPolicyConfig {
    AlertPolicyConfig { digest_every: std::time::Duration::ZERO, ..AlertPolicyConfig::default() }
}

pub(super) fn sent(output: &PolicyOutput) -> Option<(Level, bool)> {
    output.messages.iter().flat_map(Message::alerts).map(|a| (a.level, a.escalated_from.is_some())).next()
}

#[test]
fn confirmation_breakout_escalation_and_gap() {
    let run = |steps: &[(Option<f64>, f64)]| {
        let mut market = Market::new(at_once());
        let step = |&(score, breakout): &(Option<f64>, f64)| {
            sent(&market.step(&[("AUSDT", Cell { score, breakout, ..Cell::default() })]))
        };
        steps.iter().map(step).collect::<Vec<_>>()
    };
    let (alta, fuerte) = (Some((Level::Alta, false)), Some((Level::Fuerte, false)));
    assert_eq!(run(&[(Some(72.0), 0.0), (Some(72.0), 0.0), (Some(68.0), 0.0)]), [None, alta, None]);
    assert_eq!(run(&[(Some(90.0), 10.0)]), [fuerte]);
    assert_eq!(run(&[(Some(90.0), 5.0), (Some(90.0), 5.0)]), [None, fuerte]);
    let up = Some((Level::Fuerte, true));
    assert_eq!(run(&[(Some(72.0), 0.0), (Some(72.0), 0.0), (Some(90.0), 12.0)]), [None, alta, up]);
    assert_eq!(run(&[(Some(90.0), 0.0), (None, 0.0), (Some(90.0), 12.0)]), [None, None, None]);
}

#[test]
fn alta_is_gathered_and_fuerte_goes_at_once() {
    let mut market = Market::new(AlertPolicyConfig::default());
    let cells = [("AUSDT", at(72.0)), ("BUSDT", at(75.0)), ("CUSDT", at(90.0)), ("DUSDT", at(10.0))];
    let sent = market.hold(&cells, 12);
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(matches!(&sent[0], (2, Message::Alert { alert }) if alert.symbol.as_str() == "CUSDT"));
    let (cycle, Message::Digest { alerts, as_of }) = &sent[1] else { panic!("{sent:?}") };
    let names: Vec<&str> = alerts.iter().map(|a| a.symbol.as_str()).collect();
    assert_eq!((names, *as_of, *cycle), (vec!["BUSDT", "AUSDT"], MarketTime::from_ms(120_000), 4));
}

#[test]
fn a_gathered_pair_that_rises_or_fades_leaves_the_digest() {
    let mut market = Market::new(AlertPolicyConfig::default());
    market.hold(&[("AUSDT", at(72.0)), ("BUSDT", at(72.0))], 2);
    // Both cycles of half a minute below the hysteresis.
    market.step(&[("AUSDT", at(72.0)), ("BUSDT", at(50.0))]);
    let output = market.step(&[("AUSDT", Cell { breakout: 12.0, ..at(90.0) }), ("BUSDT", at(50.0))]);
    assert!(matches!(&output.messages[..], [Message::Alert { alert }] if alert.escalated_from.is_none()));
    assert_eq!(output.suppressed, [(Symbol::new("BUSDT"), SuppressedBy::Faded)]);
    assert!(market.hold(&[("AUSDT", at(90.0)), ("BUSDT", at(50.0))], 8).is_empty());
}

/// An alert of a market time that was an hour ahead.
#[test]
fn a_market_time_that_comes_down_repeats_nothing_and_the_cooldown_ends_as_it_would_have() {
    let cells = [("AUSDT", at(90.0))];
    let alerts_after = |fall: i64| {
        let mut market = Market::new(at_once());
        market.cycle = 10_000;
        assert_eq!(market.hold(&cells, 4).len(), 1);
        market.cycle -= fall;
        // Below ALTA and another rise, so that only the cooldown holds it back; the time comes out of the memory of a restart too.
        market.levels = LevelBook::empty(LevelRules::default());
        market.hold(&[("AUSDT", at(10.0))], 2);
        let memory = market.policy.memory();
        market.policy.restore(memory);
        let begun = market.cycle;
        let sent = market.hold(&cells, 300);
        sent.first().map(|(cycle, _)| cycle - begun)
    };
    let (as_usual, fallen) = (alerts_after(0), alerts_after(120));
    assert!(as_usual.is_some_and(|cycles| cycles > 4), "{as_usual:?}");
    let (as_usual, fallen) = (as_usual.unwrap_or_default(), fallen.unwrap_or_default());
    assert!((as_usual - fallen).abs() <= 1, "{as_usual} cycles, {fallen} after the fall");
}

#[test]
fn what_was_gathered_of_a_market_time_that_was_wrong_is_not_sent() {
    let mut market = Market::new(AlertPolicyConfig::default());
    market.cycle = 10_000;
    assert!(market.hold(&[("AUSDT", at(72.0))], 3).is_empty());
    market.cycle -= 120;
    // Still ALTA, and another slot of the digest: the level has to hold anew before it is sent.
    let output = market.step(&[("AUSDT", at(72.0))]);
    assert_eq!(output.messages, []);
    assert!(
        output.suppressed.contains(&(Symbol::new("AUSDT"), SuppressedBy::Faded)),
        "{:?}",
        output.suppressed
    );
    assert!(market.hold(&[("AUSDT", at(50.0))], 20).is_empty());
}

#[test]
fn four_at_once_become_one_summary() {
    let mut market = Market::new(AlertPolicyConfig::default());
    let names = ["AUSDT", "BUSDT", "CUSDT", "DUSDT"];
    let cells: Vec<(&str, Cell)> = names.iter().map(|n| (*n, at(90.0))).collect();
    let sent = market.hold(&cells, 3);
    assert!(matches!(&sent[..], [(2, Message::Summary { alerts, .. })] if alerts.len() == 4), "{sent:?}");
    let mut market = Market::new(AlertPolicyConfig::default());
    assert_eq!(market.hold(&cells[..3], 3).len(), 3);
}

#[test]
fn every_rule_holds_back_and_says_so_once() {
    let quiet =
        AlertPolicyConfig { quiet: "00:00-01:00".parse().ok(), local: LocalOffset::new(|_| 0), ..at_once() };
    let watch = AlertPolicyConfig { watchlist_only: true, ..at_once() };
    let plain = at(90.0);
    let cases = [
        (at_once(), Cell { refilled: true, ..plain }, SuppressedBy::Refilled),
        (at_once(), Cell { pause_jump: true, ..plain }, SuppressedBy::PauseJump),
        (quiet, plain, SuppressedBy::QuietHours),
        (watch, plain, SuppressedBy::NotWatched),
    ];
    for (config, cell, by) in cases {
        let mut market = Market::new(config);
        market.step(&[("AUSDT", cell)]);
        let outputs: Vec<PolicyOutput> = (0..3).map(|_| market.step(&[("AUSDT", cell)])).collect();
        assert!(outputs.iter().all(|o| o.messages.is_empty()), "{by:?}");
        let held: Vec<SuppressedBy> = outputs.iter().flat_map(|o| o.suppressed.iter().map(|s| s.1)).collect();
        assert_eq!(held, [by], "said once");
    }
}

#[test]
fn mutes_end_and_the_alert_then_comes() {
    let mut market = Market::new(at_once());
    let limits = |symbol: &str, until| AlertLimits {
        muted: [(symbol.to_owned(), until)].into(),
        ..AlertLimits::default()
    };
    market.policy.set_limits(limits("AUSDT", Some(MarketTime::from_ms(120_000))));
    let sent = market.hold(&[("AUSDT", at(90.0))], 6);
    assert_eq!(sent.iter().map(|(cycle, _)| *cycle).collect::<Vec<_>>(), [4]);
    let mut market = Market::new(at_once());
    market.policy.set_limits(limits("*", None));
    assert!(market.hold(&[("AUSDT", at(90.0))], 6).is_empty());
    market.policy.set_limits(AlertLimits::default());
    assert_eq!(market.hold(&[("AUSDT", at(90.0))], 6).len(), 1);
}

#[test]
fn the_calibrated_ladder_decides_where_there_is_a_model() {
    let mut market = Market::new(at_once());
    let sure = Cell { calibrated: Some(61.0), ..at(40.0) };
    let sent = market.hold(&[("AUSDT", sure)], 3);
    assert!(matches!(&sent[..], [(2, Message::Alert { alert })] if alert.level == Level::Fuerte));
    let unsure = Cell { calibrated: Some(20.0), ..at(99.0) };
    assert!(Market::new(at_once()).hold(&[("AUSDT", unsure)], 5).is_empty());
}

#[test]
fn a_restart_repeats_nothing_and_forgets_nothing() {
    let mut market = Market::new(AlertPolicyConfig::default());
    let cells = [("AUSDT", at(90.0)), ("BUSDT", at(72.0))];
    assert_eq!(market.hold(&cells, 3).len(), 1);
    let text = serde_json::to_string(&market.policy.memory()).expect("JSON");
    let memory: PolicyMemory = serde_json::from_str(&text).expect("JSON");
    assert!(memory.matters_like(&market.policy.memory()));
    market.policy = AlertPolicy::new(AlertPolicyConfig::default());
    market.policy.restore(memory);
    let sent = market.hold(&cells, 12);
    assert!(
        matches!(&sent[..], [(4, Message::Alert { alert })] if alert.symbol.as_str() == "BUSDT"),
        "{sent:?}"
    );
    // Two hours later nobody saw the level rise; the next rise is another episode.
    let memory = market.policy.memory();
    market.policy = AlertPolicy::new(AlertPolicyConfig::default());
    market.policy.restore(memory);
    market.cycle += 240;
    assert!(market.hold(&cells[..1], 3).is_empty());
    market.hold(&[("AUSDT", at(10.0))], 2);
    assert_eq!(market.hold(&cells[..1], 3).len(), 1);
}

#[test]
fn ranking_counts_filters_and_levels() {
    let market = Market::new(AlertPolicyConfig::default());
    let listed = market.snapshot(&[("AUSDT", at(72.0))]);
    assert_eq!((listed.discarded_rows.len(), listed.outside_rows.len()), (1, 0));
    assert_eq!(market.snapshot(&[("AUSDT", Cell::default())]).coverage.reasons, [0, 1, 0, 0]);
    let strict = RankingFilters { min_price: 2.0, ..RankingFilters::default() };
    assert_eq!(rank(1, MarketTime::EPOCH, vec![market.sample], &strict).outside_rows.len(), 1);
}

/// Two policies over the same market, one of which sends: the other tells what that one would have, from any cycle on.
#[test]
fn a_policy_that_follows_goes_on_where_the_other_ended() {
    let mut sends = Market::new(at_once());
    let mut follows = Market::new(at_once());
    let decided = sends.hold(&[("AUSDT", at(90.0))], 2);
    assert_eq!(decided.len(), 1);
    // It came a cycle late and has not found the pair worth an alert yet: it is told.
    follows.cycle = 1;
    assert!(follows.hold(&[("AUSDT", at(90.0))], 1).is_empty());
    let cut = |market: &Market| MarketTime::from_index(market.cycle, 30_000);
    follows.policy.follow(&sends.policy.memory(), cut(&follows));
    assert!(follows.hold(&[("AUSDT", at(90.0))], 5).is_empty(), "it was told");

    // What the other did not find worth an alert comes up anew; what it has not come to stays.
    let mut market = Market::new(at_once());
    assert_eq!(market.hold(&[("BUSDT", at(90.0))], 3).len(), 1);
    let (nothing, told) = (PolicyMemory::default(), market.policy.memory());
    market.policy.follow(&nothing, MarketTime::from_index(1, 30_000));
    assert!(market.hold(&[("BUSDT", at(90.0))], 1).is_empty(), "told in the second cycle");
    market.policy.follow(&nothing, cut(&market));
    assert_eq!(market.hold(&[("BUSDT", at(90.0))], 1).len(), 1, "the other had not told it");
    // The episode ends in a cycle that the other did not live to see: the next rise is news.
    let before = cut(&market);
    assert!(market.hold(&[("BUSDT", at(10.0))], 242).is_empty());
    market.policy.follow(&told, before);
    assert_eq!(market.hold(&[("BUSDT", at(90.0))], 3).len(), 1);
}
