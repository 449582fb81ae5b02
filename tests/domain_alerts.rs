//! The alert policy never nags: cooldown, one escalation an episode, nothing for pairs that cannot be analysed.

use impulso::domain::alert::{AlertDecision, AlertPolicy, AlertPolicyConfig};
use impulso::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis};
use impulso::domain::candle::Candle;
use impulso::domain::ranking::{RankingFilters, Snapshot, rank};
use impulso::domain::report::{Analysis, Level, NotReady, Report};
use impulso::domain::score::level::Ladder;
use impulso::domain::score::profile::Profile;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::Interval;
use proptest::prelude::*;
use std::sync::Arc;

/// A real report, whose scores the tests then set.
fn sample() -> Report {
    let config =
        AnalysisConfig::new(Interval::M1, Interval::M15, Arc::new(Profile::default())).expect("fits");
    let mut a = SymbolAnalysis::new(Symbol::new("AUSDT"), Arc::new(config));
    let candle =
        |i: i64| Candle { volume: 1e4, quote_volume: 1e4, filled: false, ..Candle::flat(i * 60_000, 1.0) };
    let candles: Vec<Candle> = (0..1_600).map(candle).collect();
    a.load(&[], &candles, 1_600 * 60_000);
    a.report(1_600 * 60_000, 1_600 * 60_000, &BtcContext::unavailable())
}

fn snapshot(sample: &Report, cycle: u64, score: Option<f64>, breakout: f64) -> Snapshot {
    let mut report = sample.clone();
    let scored = |score: f64| {
        let mut a = Analysis::clone(sample.analysis.as_deref().expect("scores"));
        a.total_score = score;
        a.components.breakout = breakout;
        a.confidence_level = Ladder::RULE.level(score);
        Arc::new(a)
    };
    report.analysis = score.map(scored);
    report.readiness.reason = score.is_none().then_some(NotReady::Gap);
    rank(cycle, cycle as i64 * 30_000, vec![report], &RankingFilters::default())
}

fn sent(decisions: Vec<AlertDecision>) -> Option<(Level, bool)> {
    decisions.into_iter().find_map(|d| match d {
        AlertDecision::Send(alert) => Some((alert.kind, alert.escalated_from.is_some())),
        AlertDecision::Suppressed { .. } => None,
    })
}

#[test]
fn confirmation_breakout_escalation_and_gap() {
    let sample = sample();
    let run = |steps: &[(Option<f64>, f64)]| {
        let mut policy = AlertPolicy::new(AlertPolicyConfig::default());
        let step = |(i, &(score, breakout)): (usize, &(Option<f64>, f64))| {
            sent(policy.on_snapshot(&snapshot(&sample, i as u64 + 1, score, breakout)))
        };
        steps.iter().enumerate().map(step).collect::<Vec<_>>()
    };
    let (alta, fuerte) = (Some((Level::Alta, false)), Some((Level::Fuerte, false)));
    assert_eq!(run(&[(Some(72.0), 0.0), (Some(68.0), 0.0), (Some(68.0), 0.0)]), [None, alta, None]);
    assert_eq!(run(&[(Some(90.0), 10.0)]), [fuerte]);
    assert_eq!(run(&[(Some(90.0), 5.0), (Some(90.0), 5.0)]), [None, fuerte]);
    let up = Some((Level::Fuerte, true));
    assert_eq!(run(&[(Some(72.0), 0.0), (Some(72.0), 0.0), (Some(90.0), 12.0)]), [None, alta, up]);
    assert_eq!(run(&[(Some(90.0), 0.0), (None, 0.0), (Some(90.0), 12.0)]), [None, None, None]);
}

#[test]
fn ranking_counts_filters_and_levels() {
    let sample = sample();
    let listed = snapshot(&sample, 1, Some(72.0), 0.0);
    assert_eq!((listed.rows.len(), listed.discarded, listed.filtered), (1, 0, 0));
    assert_eq!(snapshot(&sample, 1, Some(10.0), 0.0).discarded, 1);
    assert_eq!(snapshot(&sample, 1, None, 0.0).coverage.reasons, [0, 1, 0, 0]);
    let strict = RankingFilters { min_price: 2.0, ..RankingFilters::default() };
    assert_eq!(rank(1, 0, vec![sample], &strict).filtered, 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_two_alerts_inside_the_cooldown_but_one_escalation(
        scores in prop::collection::vec((prop::option::weighted(0.95, 40.0..100.0), 0.0..15.0), 1..120),
    ) {
        let (sample, mut policy) = (sample(), AlertPolicy::new(AlertPolicyConfig::default()));
        let (mut last, mut early): (Option<i64>, u32) = (None, 0);
        for (i, (score, breakout)) in scores.into_iter().enumerate() {
            let s = snapshot(&sample, i as u64 + 1, score, breakout);
            // Below the hysteresis of ALTA an episode has ended for certain.
            if score.is_some_and(|v| v < 67.0) { early = 0; }
            if let Some((kind, escalated)) = sent(policy.on_snapshot(&s)) {
                prop_assert!(score.is_some() && kind >= Level::Alta);
                if last.is_some_and(|at| s.as_of - at < 300_000) {
                    early += 1;
                    prop_assert!(escalated && early == 1);
                }
                last = Some(s.as_of);
            }
        }
    }
}
