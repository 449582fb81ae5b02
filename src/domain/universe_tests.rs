//! The universe against its rules.

use super::*;
use crate::domain::time::DAY_MS;
use proptest::prelude::*;

const fn at(ms: i64) -> MarketTime {
    MarketTime::from_ms(ms)
}

fn pair(name: &str, status: &str) -> PairInfo {
    PairInfo {
        symbol: Symbol::new(name),
        status: PairStatus::from(status),
        base_asset: name.trim_end_matches("USDT").to_owned(),
        quote_asset: "USDT".to_owned(),
        min_notional: Some(5.0),
        spot_allowed: true,
    }
}

#[test]
fn each_rule_is_named() {
    let rules = UniverseRules::default();
    assert!(eligibility(&pair("AUSDT", "TRADING"), &rules).is_ok());
    let without = PairInfo { min_notional: None, ..pair("AUSDT", "TRADING") };
    assert!(eligibility(&without, &rules).is_ok());
    let at_limit = PairInfo { min_notional: Some(20.0), ..pair("AUSDT", "TRADING") };
    assert!(eligibility(&at_limit, &rules).is_ok());
    let dear = PairInfo { min_notional: Some(20.01), ..pair("AUSDT", "TRADING") };
    assert!(matches!(eligibility(&dear, &rules), Err(Ineligible::MinNotional { .. })));
    let quote = PairInfo { quote_asset: "BTC".into(), ..pair("ABTC", "TRADING") };
    assert_eq!(eligibility(&quote, &rules), Err(Ineligible::QuoteAsset("BTC".into())));
    let margin = PairInfo { spot_allowed: false, ..pair("AUSDT", "TRADING") };
    assert_eq!(eligibility(&margin, &rules), Err(Ineligible::NotSpot));
    let odd = eligibility(&pair("AUSDT", "PRE_LAUNCH"), &rules);
    assert_eq!(odd, Err(Ineligible::Status(PairStatus::Other("PRE_LAUNCH".into()))));
    assert_eq!(odd.unwrap_err().to_string(), "status PRE_LAUNCH");
}

#[test]
fn a_pair_halts_resumes_and_retires() {
    let mut universe = Universe::new(UniverseRules::default());
    let first = universe.update(&[pair("AUSDT", "TRADING"), pair("BUSDT", "TRADING")], at(0));
    assert_eq!(first.joined, [Symbol::new("AUSDT"), Symbol::new("BUSDT")]);
    let halted = universe.update(&[pair("AUSDT", "BREAK")], at(1_000));
    assert_eq!(halted.halted, [Symbol::new("AUSDT"), Symbol::new("BUSDT")]);
    assert_eq!(universe.halted_since("BUSDT"), Some(at(1_000)));
    let back = universe.update(&[pair("AUSDT", "TRADING")], at(2_000));
    assert_eq!(back.resumed, [Symbol::new("AUSDT")]);
    assert!(universe.update(&[pair("AUSDT", "TRADING")], at(999 + DAY_MS)).is_empty());
    let gone = universe.update(&[pair("AUSDT", "TRADING")], at(1_000 + DAY_MS));
    assert_eq!(gone.retired, [Symbol::new("BUSDT")]);
    assert!(universe.contains("AUSDT") && !universe.contains("BUSDT"));
    assert_eq!(universe.len(), 1);
}

fn market(names: impl Iterator<Item = usize>) -> Vec<PairInfo> {
    names.map(|i| pair(&format!("S{i:02}USDT"), "TRADING")).collect()
}

#[test]
fn a_list_cut_short_is_read_again_before_it_is_believed() {
    let mut universe = Universe::new(UniverseRules::default());
    universe.update(&market(0..30), at(0));
    let short = universe.update(&market(0..3), at(1_000));
    assert_eq!((short.halted.len(), short.doubted.len()), (0, 27));
    assert!(universe.update(&market(0..30), at(2_000)).is_empty(), "it was a slip");
    // The doubt is over with it: the next one begins anew. What is new joins meanwhile.
    let short = universe.update(&market((0..3).chain(40..41)), at(3_000));
    assert_eq!((short.halted.len(), short.doubted.len(), short.joined.len()), (0, 27, 1));
    let agreed = universe.update(&market((0..3).chain(40..41)), at(4_000));
    assert_eq!((agreed.halted.len(), agreed.doubted.len()), (27, 0));
    assert_eq!(universe.update(&market(0..30), at(5_000)).resumed.len(), 27);
}

#[test]
fn two_short_lists_are_believed_in_what_they_agree_on() {
    let mut universe = Universe::new(UniverseRules::default());
    universe.update(&market(0..30), at(0));
    universe.update(&market(0..15), at(1_000));
    let other = universe.update(&market(10..25), at(2_000));
    let names =
        |range: std::ops::Range<usize>| market(range).into_iter().map(|p| p.symbol).collect::<Vec<_>>();
    assert_eq!((other.halted, other.doubted), (names(25..30), names(0..10)));
}

#[test]
fn few_lost_pairs_are_believed_at_once() {
    for (all, lost) in [(4, 2), (30, 3), (500, 50)] {
        let mut universe = Universe::new(UniverseRules::default());
        universe.update(&market(0..all), at(0));
        let change = universe.update(&market(lost..all), at(1_000));
        assert_eq!((change.halted.len(), change.doubted.len()), (lost, 0), "{lost} of {all}");
    }
    // It does not matter why they are lost.
    let mut universe = Universe::new(UniverseRules::default());
    universe.update(&market(0..30), at(0));
    let on_break: Vec<PairInfo> = (0..30).map(|i| pair(&format!("S{i:02}USDT"), "BREAK")).collect();
    assert_eq!(universe.update(&on_break, at(1_000)).doubted.len(), 30);
    assert_eq!(universe.update(&on_break, at(2_000)).halted.len(), 30);
}

proptest! {
    /// Replaying the changes gives the same members as the universe holds.
    #[test]
    fn changes_tell_the_whole_story(steps in prop::collection::vec((prop::collection::vec(0u8..4, 6), 1i64..20), 1..30)) {
        let mut universe = Universe::new(UniverseRules::default());
        let mut read_only_node: BTreeMap<Symbol, bool> = BTreeMap::new();
        let mut now = 0;
        for (states, hours) in steps {
            now += hours * 3_600_000;
            let pairs: Vec<PairInfo> = states.iter().enumerate().filter(|(_, s)| **s > 0)
                .map(|(i, s)| pair(&format!("S{i}USDT"), if *s == 1 { "BREAK" } else { "TRADING" })).collect();
            let change = universe.update(&pairs, at(now));
            for s in change.retired { prop_assert_eq!(read_only_node.remove(&s), Some(false)); }
            for s in change.joined { prop_assert_eq!(read_only_node.insert(s, true), None); }
            for s in change.halted { prop_assert_eq!(read_only_node.insert(s, false), Some(true)); }
            for s in change.resumed { prop_assert_eq!(read_only_node.insert(s, true), Some(false)); }
            prop_assert!(universe.symbols().eq(read_only_node.keys()));
            for (s, trading) in &read_only_node { prop_assert_eq!(universe.halted_since(s.as_str()).is_none(), *trading); }
        }
    }
}
