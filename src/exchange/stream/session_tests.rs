//! One connection through its life.

use super::*;
use crate::i18n::Text;
use std::time::Duration;

const fn ms(ms: i64) -> MonoTime {
    MonoTime::from_ms(ms)
}

const EVENT: &[u8] = br#"{"stream":"!miniTicker@arr","data":[]}"#;

fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("s{i:04}@kline_1m")).collect()
}

fn outputs(session: &mut Session) -> Vec<Output> {
    std::iter::from_fn(|| session.poll()).collect()
}

fn answer(session: &mut Session, id: u64, now_ms: i64) {
    session.text(format!(r#"{{"result":null,"id":{id}}}"#).as_bytes(), ms(now_ms)).unwrap();
}

#[test]
fn subscribes_in_few_messages_and_keeps_the_pace() {
    let mut session = Session::new(SessionRules::default(), names(1_010), false);
    assert!(outputs(&mut session).is_empty(), "nothing before the handshake");
    session.connected(ms(0));
    assert_eq!(outputs(&mut session).len(), 4);
    session.tick(ms(900));
    assert!(outputs(&mut session).is_empty());
    session.ping(ms(950));
    session.tick(ms(1_001));
    let rest = outputs(&mut session);
    assert_eq!(rest.len(), 2);
    assert!(
        matches!(&rest[1], Output::SendText(t) if t.contains("s1009@kline_1m") && t.contains("\"id\":6"))
    );
    assert_eq!(session.subscribe(names(1_100), ms(3_000)), 14, "1,024 streams at most");
    for id in 1..=7 {
        answer(&mut session, id, 3_000);
    }
    session.unsubscribe(vec!["s0000@kline_1m".into(), "never@had".into()], ms(5_000));
    let sent = outputs(&mut session);
    assert!(
        matches!(sent.last(), Some(Output::SendText(t)) if t.contains("UNSUBSCRIBE") && !t.contains("never"))
    );
    assert_eq!(session.streams().len(), 1_023);
}

#[test]
fn silence_is_a_failure_even_with_pings_and_answers() {
    let mut session = Session::new(SessionRules::default(), names(2), true);
    session.connected(ms(0));
    session.text(EVENT, ms(1_000)).unwrap();
    assert_eq!(outputs(&mut session), [Output::Ready]);
    assert!(session.is_ready());
    session.ping(ms(9_000));
    answer(&mut session, 99, 10_000);
    session.tick(ms(10_999));
    assert!(outputs(&mut session).is_empty());
    session.tick(ms(11_000));
    assert_eq!(outputs(&mut session), [Output::Fail(FailReason::Silent { silent_ms: 10_000 })]);
    session.tick(ms(12_000));
    session.closed(Text::verbatim("late"));
    assert!(outputs(&mut session).is_empty() && !session.is_ready());
}

#[test]
fn age_and_shutdown_ask_for_a_replacement_once() {
    let rules = SessionRules { max_age: Duration::from_secs(5), ..SessionRules::default() };
    let mut session = Session::new(rules, names(1), true);
    session.connected(ms(0));
    session.text(EVENT, ms(1)).unwrap();
    session.tick(ms(4_999));
    assert_eq!(outputs(&mut session), [Output::Ready]);
    session.tick(ms(5_000));
    session.text(br#"{"e":"serverShutdown","E":1}"#, ms(5_001)).unwrap();
    assert_eq!(outputs(&mut session), [Output::Replace(ReplaceReason::Age)]);
    let mut other = Session::new(SessionRules::default(), names(1), true);
    other.connected(ms(0));
    other.text(br#"{"e":"serverShutdown","E":1}"#, ms(1)).unwrap();
    assert!(outputs(&mut other).contains(&Output::Replace(ReplaceReason::ServerShutdown)));
    let default = SessionRules::default();
    assert_eq!(default.max_age - default.staggered(2).max_age, Duration::from_secs(600));
    assert_eq!(rules.staggered(3).max_age, Duration::from_secs(5), "never below a minute or the rule itself");
}

#[test]
fn a_missing_subscription_is_asked_for_again_then_fails() {
    let rules = SessionRules { idle_timeout: Duration::from_secs(1_000), ..SessionRules::default() };
    let mut session = Session::new(rules, names(2), true);
    session.connected(ms(0));
    session.tick(ms(300_000));
    let sent = outputs(&mut session);
    assert!(matches!(&sent[..], [Output::SendText(t)] if t.contains("LIST_SUBSCRIPTIONS")));
    session.text(br#"{"result":["s0000@kline_1m"],"id":1}"#, ms(300_100)).unwrap();
    session.tick(ms(300_200));
    let sent = outputs(&mut session);
    assert!(matches!(&sent[..], [Output::SendText(t)] if t.contains("SUBSCRIBE") && t.contains("s0001")));
    answer(&mut session, 2, 300_300);
    session.tick(ms(320_200));
    assert_eq!(outputs(&mut session).len(), 1);
    session.text(br#"{"result":["s0000@kline_1m"],"id":3}"#, ms(320_300)).unwrap();
    let failed = outputs(&mut session);
    assert!(
        matches!(&failed[..], [Output::Fail(FailReason::SubscriptionMissing { missing: 1, .. })]),
        "{failed:?}"
    );
}

#[test]
fn refusals_and_missing_answers_fail() {
    let mut refused = Session::new(SessionRules::default(), names(1), false);
    refused.connected(ms(0));
    refused.text(br#"{"code":2,"msg":"Invalid request","id":1}"#, ms(1)).unwrap();
    assert!(matches!(outputs(&mut refused)[..], [_, Output::Fail(FailReason::Refused { code: 2, .. })]));
    let mut mute = Session::new(SessionRules::default(), names(1), false);
    mute.connected(ms(0));
    mute.text(EVENT, ms(9_000)).unwrap();
    mute.tick(ms(10_000));
    assert!(matches!(outputs(&mut mute)[..], [_, Output::Ready, Output::Fail(FailReason::NoAnswer { .. })]));
}

#[test]
fn malformed_frames_are_survived_until_they_flood() {
    let mut session = Session::new(SessionRules::default(), names(1), true);
    session.connected(ms(0));
    for at in 0..50 {
        assert!(matches!(session.text(b"{broken", ms(at)), Err(DecodeError::Malformed(_))));
    }
    assert!(outputs(&mut session).is_empty());
    assert!(matches!(session.text(b"{broken", ms(60_000)), Err(DecodeError::Malformed(_))));
    assert!(outputs(&mut session).is_empty(), "a new minute");
    for at in 0..50 {
        assert!(matches!(session.text(b"{broken", ms(60_001 + at)), Err(DecodeError::Malformed(_))));
    }
    assert_eq!(outputs(&mut session), [Output::Fail(FailReason::Malformed { count: 51 })]);
    assert_eq!(session.counts(), (101, 101));
}

#[test]
fn nonsense_about_a_pair_does_not_cost_the_connection() {
    let mut session = Session::new(SessionRules::default(), names(1), true);
    session.connected(ms(0));
    session.text(EVENT, ms(0)).unwrap();
    outputs(&mut session);
    for at in 0..1_000 {
        let odd = br#"{"e":"kline","E":1,"s":"AUSDT","k":{"t":null}}"#;
        assert!(matches!(session.text(odd, ms(at)), Err(DecodeError::Invalid(_))));
        session.text(br#"{"stream":"!miniTicker@arr","data":[null]}"#, ms(at)).unwrap();
    }
    assert!(outputs(&mut session).is_empty());
    assert_eq!(session.counts(), (2_001, 0));
}

#[test]
fn taking_back_what_still_waits_sends_nothing() {
    let mut session = Session::new(SessionRules::default(), names(1), true);
    for _ in 0..10_000 {
        session.subscribe(vec!["new@kline_1m".into()], ms(0));
        session.unsubscribe(vec!["new@kline_1m".into()], ms(0));
    }
    session.unsubscribe(vec!["s0000@kline_1m".into()], ms(0));
    session.subscribe(vec!["s0000@kline_1m".into(), "other@kline_1m".into()], ms(0));
    session.connected(ms(1));
    let sent = outputs(&mut session);
    assert!(
        matches!(&sent[..], [Output::SendText(t)] if t.contains("other@kline_1m") && !t.contains("s0000")),
        "{sent:?}"
    );
}
