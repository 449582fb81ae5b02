//! The market clock against exchanges that stamp wrongly, fall silent, or both.

use super::*;
use proptest::prelude::*;

const fn moment(ms: i64) -> MarketTime {
    MarketTime::from_ms(ms)
}

/// The wall clock of these tests knows nothing of the market's time.
const WALL: MachineTime = MachineTime::from_ms(77);

const fn at(ms: i64) -> MonoTime {
    MonoTime::from_ms(ms)
}

fn clock() -> MarketClock {
    MarketClock::new(1.0)
}

#[test]
fn follows_events_and_never_falls() {
    let clock = clock();
    assert_eq!(clock.now(at(0)), moment(0));
    assert!(clock.observe(moment(1_000_000), at(0)));
    assert!(clock.observe(moment(999_000), at(10)));
    assert_eq!(clock.now(at(20)), moment(1_000_000));
}

#[test]
fn goes_on_with_the_machine_when_frozen() {
    let clock = clock();
    clock.observe(moment(1_000_000), at(0));
    assert_eq!(clock.feed_state(at(4_999)), FeedState::Live);
    assert_eq!(clock.now(at(4_999)), moment(1_000_000));
    assert_eq!(clock.feed_state(at(5_000)), FeedState::Frozen);
    assert_eq!(clock.now(at(6_000)), moment(1_006_000));
    assert!(clock.observe(moment(1_002_000), at(8_000)));
    assert_eq!(clock.feed_state(at(8_000)), FeedState::Live);
    assert!(clock.now(at(8_001)) >= moment(1_006_000));
}

/// Streams silent for 160 s, the exchange's time asked all along: market time is the exchange's, not twice the silence.
#[test]
fn a_silence_is_counted_once() {
    let clock = clock();
    clock.observe(moment(1_000_000), at(0));
    for second in 1..=160 {
        let mono = at(second * 1_000);
        if clock.ask_time(mono) {
            clock.confirm(moment(1_000_000 + second * 1_000 - 40), mono, WALL);
        }
        let ahead = clock.now(mono) - moment(1_000_000 + second * 1_000);
        assert!((-5_040..=0).contains(&ahead), "second {second}: {ahead} ms ahead of the exchange");
    }
    assert_eq!(clock.feed_state(at(160_000)), FeedState::Frozen);
    assert!(clock.observe(moment(1_160_100), at(160_100)));
    assert_eq!((clock.now(at(160_100)), clock.heard()), (moment(1_160_100), moment(1_160_100)));
}

#[test]
fn the_time_is_asked_only_when_it_is_needed_and_seldom() {
    let clock = clock();
    assert!(!clock.ask_time(at(9_000)), "the start reads it");
    clock.observe(moment(1_000_000), at(10_000));
    assert!(!clock.ask_time(at(14_999)));
    let asked = (15_000..75_000).step_by(100).filter(|ms| clock.ask_time(at(*ms))).count();
    assert_eq!(asked, 12);
}

#[test]
fn events_ahead_are_not_followed_without_the_exchanges_time() {
    let clock = clock();
    clock.observe(moment(1_000_000), at(0));
    for ms in (100..2_000).step_by(100) {
        assert!(!clock.observe(moment(1_280_000 + ms), at(ms)));
    }
    assert!(clock.ask_time(at(1_000)));
    assert_eq!(clock.confirm(moment(1_001_000), at(1_000), WALL), Confirmed::Agrees);
    assert!(clock.observe(moment(1_002_100), at(2_100)), "and the right ones count again at once");
    assert_eq!(clock.now(at(2_100)), moment(1_002_100));
}

/// Streams and /api/v3/time an hour ahead for 8 s.
#[test]
fn a_leap_is_believed_after_a_minute_without_another_word() {
    let hour = 3_600_000;
    let clock = clock();
    clock.observe(moment(1_000_000), at(0));
    for second in 1..=8 {
        let mono = at(second * 1_000);
        assert!(!clock.observe(moment(1_000_000 + second * 1_000 + hour), mono));
        let said = clock.confirm(moment(1_000_000 + second * 1_000 + hour), mono, WALL);
        assert!(matches!(said, Confirmed::Doubted(3_600_000)), "{said:?}");
    }
    assert!(clock.observe(moment(1_009_000), at(9_000)));
    assert_eq!(clock.now(at(9_000)), moment(1_009_000));
    for second in 10..=71 {
        let mono = at(second * 1_000);
        clock.observe(moment(1_000_000 + second * 1_000 + hour), mono);
        clock.confirm(moment(1_000_000 + second * 1_000 + hour), mono, WALL);
    }
    assert_eq!(clock.now(at(71_000)), moment(1_071_000 + hour), "the exchange stays with it");
}

#[test]
fn after_a_sleep_of_the_machine_the_wall_clock_vouches_for_the_leap() {
    let clock = clock();
    clock.observe(moment(1_000_000), at(0));
    let slept = 9_000_000;
    assert!(!clock.observe(moment(slept), at(10)));
    assert_eq!(
        clock.confirm(moment(slept), at(20), MachineTime::from_ms(slept + 900)),
        Confirmed::Leapt(slept - 1_000_020)
    );
    assert!(clock.observe(moment(slept + 100), at(30)));
    assert_eq!(clock.now(at(30)), moment(slept + 100));
}

#[test]
fn a_false_leap_comes_down_in_seconds() {
    let clock = clock();
    // It was an hour ahead when the scanner started.
    clock.confirm(moment(4_600_000), at(0), WALL);
    clock.observe(moment(4_600_100), at(100));
    let mut fell = None;
    for ms in (200..30_000).step_by(200) {
        clock.observe(moment(1_000_000 + ms), at(ms));
        if clock.ask_time(at(ms)) {
            let said = clock.confirm(moment(1_000_000 + ms), at(ms), WALL);
            fell = matches!(said, Confirmed::Fell(_)).then_some(ms).or(fell);
        }
    }
    let fall = clock.fall().unwrap();
    assert_eq!((fell.is_some_and(|ms| ms <= 6_000), fall.number, fall.since), (true, 1, at(0)), "{fell:?}");
    assert!(fall.from >= moment(4_600_100) && fall.to <= moment(1_006_000), "{fall:?}");
    assert_eq!(clock.now(at(30_000)), moment(1_029_800));
}

#[test]
fn one_server_with_a_slow_clock_changes_nothing() {
    let clock = clock();
    for second in 0..20 {
        clock.observe(moment(1_000_000 + second * 1_000), at(second * 1_000));
        clock.confirm(moment(400_000), at(second * 1_000 + 500), WALL);
    }
    assert_eq!((clock.now(at(19_600)), clock.fall()), (moment(1_019_000), None));
}

/// A connection whose stamps gain 3 s a second, each within the tolerance of the one before.
#[test]
fn a_creep_is_followed_no_farther_than_the_exchanges_time_allows() {
    let clock = clock();
    clock.confirm(moment(1_000_000), at(0), WALL);
    for second in 1..=120 {
        let (mono, truly) = (at(second * 1_000), 1_000_000 + second * 1_000);
        clock.observe(moment(1_000_000 + second * 4_000), mono);
        if clock.ask_time(mono) {
            clock.confirm(moment(truly - 40), mono, WALL);
        }
        let ahead_ms = clock.now(mono) - truly;
        assert!(ahead_ms <= moment(CREEP_MS + 1_000), "second {second}: {ahead_ms} ms ahead of the exchange");
    }
    assert!(clock.fall().is_some(), "and it came down to what the exchange says");
}

/// Both clocks of the field are a little wrong, and REST is away for a day.
#[test]
fn a_day_without_the_exchanges_time_freezes_nothing() {
    let clock = clock();
    clock.confirm(moment(1_000_000), at(0), WALL);
    for second in 1..=86_400_i64 {
        let gained_ms = second / 5;
        assert!(
            clock.observe(moment(1_000_000 + second * 1_000 + gained_ms), at(second * 1_000)),
            "{second}"
        );
    }
}

#[test]
fn a_replay_runs_at_its_own_speed() {
    let clock = MarketClock::new(60.0);
    clock.observe(moment(1_000_000), at(0));
    assert!(clock.observe(moment(1_060_000), at(1_000)));
    assert!(clock.observe(moment(1_400_000), at(2_000)), "5 s of the machine are 300 s here");
    assert_eq!(clock.now(at(12_000)), moment(1_400_000 + 600_000));
}

proptest! {
    #[test]
    fn falls_only_where_it_says_so(steps in proptest::collection::vec((0_i64..3_000_000, 0_i64..20_000, any::<bool>()), 1..100)) {
        let clock = clock();
        let (mut mono, mut last, mut falls) = (0, moment(0), 0);
        for (time, gap, ask_rest) in steps {
            mono += gap;
            if ask_rest {
                clock.confirm(moment(time), at(mono), WALL);
            } else {
                clock.observe(moment(time), at(mono));
            }
            let now = clock.now(at(mono));
            let fell = clock.fall().map_or(0, |fall| fall.number);
            prop_assert!(now >= last || fell > falls, "{now} < {last}");
            (last, falls) = (now, fell);
        }
    }
}
