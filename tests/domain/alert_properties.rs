//! What the alert policy promises over any walk of a pair's values.

use super::alerts::{Cell, Market, at, at_once, sent};
use impulso::domain::alert::{AlertPolicy, AlertPolicyConfig, Message};
use impulso::domain::report::Level;
use proptest::prelude::*;

/// Cycles of one pair: mostly analyzable, around the thresholds.
fn walk() -> impl Strategy<Value = Vec<(Option<f64>, f64)>> {
    prop::collection::vec((prop::option::weighted(0.95, 40.0..100.0), 0.0..15.0), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_two_alerts_inside_the_cooldown_but_one_escalation(
        scores in walk(), digest_s in prop::sample::select(vec![0_u64, 60, 120]),
    ) {
        let mut market = Market::new(AlertPolicyConfig { digest_every: std::time::Duration::from_secs(digest_s), ..AlertPolicyConfig::default() });
        let (mut last, mut early): (Option<i64>, u32) = (None, 0);
        for (score, breakout) in scores {
            // Below the hysteresis of ALTA an episode has ended for certain.
            if score.is_some_and(|v| v < 67.0) { early = 0; }
            let output = market.step(&[("AUSDT", Cell { score, breakout, ..Cell::default() })]);
            prop_assert!(output.messages.len() <= 1);
            if let Some((kind, escalated)) = sent(&output) {
                let as_of = market.cycle * 30_000;
                prop_assert!(kind >= Level::Alta);
                prop_assert!(kind == Level::Alta || score.is_some());
                if last.is_some_and(|at| as_of - at < 300_000) {
                    early += 1;
                    prop_assert!(escalated && early == 1);
                }
                last = Some(as_of);
            }
        }
    }

    /// A restart between any two cycles changes at most what the two cycles of confirmation do.
    #[test]
    fn a_restart_never_sends_twice(scores in walk(), cut in 0_usize..120) {
        let run = |restart: bool| {
            let mut market = Market::new(AlertPolicyConfig::default());
            let mut ids = Vec::new();
            for (i, (score, breakout)) in scores.iter().enumerate() {
                if restart && i == cut {
                    let text = serde_json::to_string(&market.policy.memory()).unwrap();
                    market.policy = AlertPolicy::new(AlertPolicyConfig::default());
                    market.policy.restore(serde_json::from_str(&text).unwrap());
                }
                let cell = Cell { score: *score, breakout: *breakout, ..Cell::default() };
                let output = market.step(&[("AUSDT", cell)]);
                ids.extend(output.messages.iter().flat_map(Message::alerts).map(|a| a.as_of));
            }
            ids
        };
        let again = run(true);
        let mut spaced = again.clone();
        spaced.dedup();
        prop_assert_eq!(&again, &spaced);
        prop_assert!(again.len() <= run(false).len() + 1);
    }

    /// Hysteresis: while the value stays within it, an alerted pair says nothing.
    #[test]
    fn wobbling_around_a_threshold_is_one_alert(wobble in prop::collection::vec(67.01_f64..77.0, 2..80)) {
        let mut market = Market::new(at_once());
        market.step(&[("AUSDT", at(70.5))]);
        let mut alerts = market.step(&[("AUSDT", at(70.5))]).messages.len();
        for value in wobble {
            let output = market.step(&[("AUSDT", at(value))]);
            alerts += output.messages.len();
        }
        prop_assert_eq!(alerts, 1);
    }
}
