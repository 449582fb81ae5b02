//! The durable outbox: written before sending, once a key and channel, and what a crash leaves behind.

use impulso::actors::ports::alerts::{DeliveryState, Outgoing, Settled};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::state::StateDb;
use impulso::domain::alert::{AlertCard, Message, Notice};
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::moment::MachineTime;
use impulso::domain::moment::MarketTime;
use impulso::domain::report::{Components, Level};
use impulso::domain::symbol::Symbol;

fn card(symbol: &str, level: Level, as_of: i64) -> AlertCard {
    AlertCard {
        id: format!("{symbol}-{as_of}-{level}"),
        symbol: Symbol::new(symbol),
        level,
        ladder: LevelBasis::Rule,
        value: 91.5,
        lines: None,
        left_below: None,
        episode: None,
        escalated_from: None,
        as_of: MarketTime::from_ms(as_of),
        price: 9.3e-6,
        volume_24h: 3e6,
        total_score: 91.5,
        components: Components::default(),
        probability_7_5: 71.25,
        calibrated_7_5: None,
        composite_score: 83.4,
        velocity_1h: 4.2,
        volume_ratio: 610.0,
        rsi_14: 66.0,
        resistance: None,
        reason: "a \"quoted\" reason\nin two lines".to_owned(),
    }
}

fn alert(symbol: &str, level: Level, as_of: i64) -> Message {
    Message::Alert { alert: card(symbol, level, as_of) }
}

fn put(db: &StateDb, message: Message, channels: &[&str], now: i64) -> usize {
    let channels = channels.iter().map(|c| (*c).to_owned()).collect();
    db.enqueue(&Outgoing {
        messages: vec![(message, channels)],
        now: MachineTime::from_ms(now),
        ..Outgoing::default()
    })
    .expect("written")
}

fn settled(state: DeliveryState, next_attempt_at: Option<i64>) -> Settled {
    Settled {
        state,
        next_attempt_at: next_attempt_at.map(MachineTime::from_ms),
        reason: None,
        receipt: Some("77".into()),
        counts: true,
    }
}

fn open(dir: &tempfile::TempDir) -> StateDb {
    StateDb::open(dir.path()).expect("a state")
}

#[test]
fn one_delivery_a_key_and_channel_urgent_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(&dir);
    assert_eq!(put(&db, alert("AUSDT", Level::Alta, 1), &["a", "b"], 10), 2);
    assert_eq!(put(&db, alert("AUSDT", Level::Alta, 1), &["a", "b", "c"], 11), 1);
    assert_eq!(put(&db, alert("币安人生USDT", Level::Fuerte, 2), &["a"], 12), 1);
    assert!(db.take_due("a", MachineTime::from_ms(9)).expect("read").is_none(), "not before its time");
    let first = db.take_due("a", MachineTime::from_ms(12)).expect("read").expect("due");
    assert_eq!(
        (first.message.alerts()[0].symbol.as_str(), first.state),
        ("币安人生USDT", DeliveryState::Sending)
    );
    assert_eq!(first.message, alert("币安人生USDT", Level::Fuerte, 2));
    // A worker sends one at a time: one that asks again did not hear that it had it.
    let again = db.take_due("a", MachineTime::from_ms(12)).expect("read").expect("due");
    assert_eq!((again.id, again.maybe_repeated), (first.id, false));
    db.settle(first.id, &settled(DeliveryState::Sent, None), MachineTime::from_ms(13)).expect("written");
    let second = db.take_due("a", MachineTime::from_ms(13)).expect("read").expect("due");
    assert_eq!(second.message.alerts()[0].symbol.as_str(), "AUSDT");
    db.settle(second.id, &settled(DeliveryState::Pending, Some(50)), MachineTime::from_ms(13))
        .expect("written");
    assert!(db.take_due("a", MachineTime::from_ms(49)).expect("read").is_none());
    assert_eq!(db.take_due("a", MachineTime::from_ms(50)).expect("read").expect("due").attempts, 1);
    assert_eq!(db.counts("a").expect("read"), [0, 1, 1, 0, 0]);
    assert_eq!(
        (
            db.sent_since("a", MachineTime::from_ms(13)).expect("read"),
            db.sent_since("a", MachineTime::from_ms(14)).expect("read")
        ),
        (1, 0)
    );
}

#[test]
fn a_crash_in_the_middle_of_a_send_leaves_it_uncertain() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(&dir);
    put(&db, alert("AUSDT", Level::Fuerte, 1), &["telegram:1", "webhook"], 10);
    for channel in ["telegram:1", "webhook"] {
        db.take_due(channel, MachineTime::from_ms(10)).expect("read").expect("due");
    }
    drop(db);
    let db = open(&dir);
    assert_eq!(db.recover(MachineTime::from_ms(20), &|channel| channel == "webhook").expect("written"), 2);
    assert!(
        db.take_due("telegram:1", MachineTime::from_ms(99)).expect("read").is_none(),
        "held back where it would be seen twice"
    );
    let again = db.take_due("webhook", MachineTime::from_ms(20)).expect("read").expect("due");
    assert!(again.maybe_repeated && again.attempts == 1);
    let record = &db.alerts(None, MarketTime::MAX, 10).expect("read")[0];
    let states: Vec<(&str, DeliveryState)> =
        record.deliveries.iter().map(|d| (d.channel.as_str(), d.state)).collect();
    assert_eq!(states, [("telegram:1", DeliveryState::Uncertain), ("webhook", DeliveryState::Sending)]);
    assert!(record.deliveries[0].reason.as_ref().is_some_and(|r| r.in_english().contains("in the middle")));
}

#[test]
fn memory_and_messages_are_one_transaction() {
    use impulso::actors::ports::state::OperationalState;
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(&dir);
    let memory = Some(r#"{"pairs":{}}"#.to_owned());
    let messages = vec![(alert("AUSDT", Level::Alta, 1), vec!["a".to_owned()])];
    db.enqueue(&Outgoing {
        messages,
        policy_memory: memory.clone(),
        now: MachineTime::from_ms(1),
        ..Outgoing::default()
    })
    .expect("written");
    assert_eq!(db.get(impulso::actors::alert::MEMORY_KEY).expect("read"), memory);
}

#[test]
fn channels_that_are_gone_and_old_alerts_are_let_go() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(&dir);
    put(&db, alert("AUSDT", Level::Alta, 1), &["gone", "here"], 10);
    assert_eq!(db.abandon_others(&["here".to_owned()], MachineTime::from_ms(20)).expect("written"), 1);
    let changed = db.changed_since((MachineTime::from_ms(10), i64::MAX), 10).expect("read");
    assert_eq!((changed.len(), changed[0].state), (1, DeliveryState::Dead));
    let waiting = db.take_due("here", MachineTime::from_ms(20)).expect("read").expect("due");
    db.settle(waiting.id, &settled(DeliveryState::Sent, None), MachineTime::from_ms(21)).expect("written");
    assert_eq!(db.prune(MachineTime::from_ms(21)).expect("written"), 1);
    assert_eq!(db.alerts(None, MarketTime::MAX, 10).expect("read").len(), 0, "older than the limit");
    assert_eq!(put(&db, alert("BUSDT", Level::Alta, 1), &["here"], 30), 1);
    assert_eq!(db.alerts(Some("BUSDT"), MarketTime::MAX, 10).expect("read").len(), 1);
}

#[test]
fn notices_of_one_day_are_written_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(&dir);
    let cap = |at| Message::Notice { at, notice: Notice::DailyCap { channel: "a".into(), cap: 5 } };
    assert_eq!(
        put(&db, cap(MachineTime::from_ms(86_400_000)), &["a"], 1)
            + put(&db, cap(MachineTime::from_ms(86_400_000)), &["a"], 2),
        1
    );
    assert_eq!(put(&db, cap(MachineTime::from_ms(172_800_000)), &["a"], 3), 1);
}

#[test]
fn a_full_disk_is_an_error_and_nothing_is_half_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(&dir);
    put(&db, alert("AUSDT", Level::Alta, 1), &["a"], 10);
    db.limit_pages(12).expect("set");
    let many: Vec<AlertCard> = (0..500).map(|i| card(&format!("S{i}USDT"), Level::Alta, 2)).collect();
    let message = Message::Digest { as_of: MarketTime::from_ms(2), alerts: many };
    let outgoing = Outgoing {
        messages: vec![(message, vec!["a".into()])],
        now: MachineTime::from_ms(20),
        ..Outgoing::default()
    };
    let error = db.enqueue(&outgoing).expect_err("no room").to_string();
    assert!(error.contains("full") && error.contains("state.db"), "{error}");
    assert_eq!(db.alerts(None, MarketTime::MAX, 1_000).expect("still readable").len(), 1);
    db.limit_pages(100_000).expect("set");
    assert_eq!(db.enqueue(&outgoing).expect("room again"), 1);
}
