//! The lease and the changes of two scanners in a real redis-server.

use crate::support::places::free_port;
use crate::support::redis::Redis;
use impulso::actors::failover::status::Role;
use impulso::actors::ports::alerts::Outgoing;
use impulso::actors::ports::failover::{
    Change, FailoverStore, Field, Found, LeaseAnswer, LeaseAsk, Place, Takes, Written,
};
use impulso::adapters::redis::RedisFailover;
use std::time::Duration;

const LEASE_MS: i64 = 600;

fn machine(redis: &Redis, name: &str) -> RedisFailover {
    RedisFailover::new(&redis.url(), "test", format!("id-{name}"), format!("host {name}"))
        .expect("an address")
}

async fn ask(store: &RedisFailover, seen: u64, takes: Takes, role: Role) -> LeaseAnswer {
    store.ask(LeaseAsk { seen, takes, lease_ms: LEASE_MS, role }).await.expect("an answer")
}

/// Takes it once Redis lets it.
async fn taken(store: &RedisFailover, seen: u64) -> LeaseAnswer {
    loop {
        let answer = ask(store, seen, Takes::Free, Role::Standby).await;
        if answer.held {
            return answer;
        }
        let wait_ms = answer.ends_in_ms.expect("somebody has it, or Redis is new");
        assert!(wait_ms <= LEASE_MS, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(u64::try_from(wait_ms + 5).expect("positive"))).await;
    }
}

fn rows(names: &[&str]) -> Vec<Change> {
    let row = |name: &&str| Change {
        table: "watchlist".into(),
        gone: false,
        fields: vec![
            Field::Text((*name).to_owned()),
            Field::Real(0.1 + 0.2),
            Field::Integer(i64::MAX),
            Field::Null,
        ],
    };
    names.iter().map(row).collect()
}

fn start() -> Place {
    Place { writer: String::new(), id: "0-0".to_owned() }
}

#[tokio::test]
async fn the_number_grows_with_each_holder_and_survives_a_redis_that_forgets() {
    let redis = Redis::start(free_port());
    let (a, b) = (machine(&redis, "a"), machine(&redis, "b"));
    let new = ask(&a, 0, Takes::Free, Role::Standby).await;
    assert!(!new.held && new.ends_in_ms.is_some(), "a new Redis does not know of a holder that may be there");
    assert_eq!((taken(&a, 0).await.fence, ask(&b, 0, Takes::Free, Role::Standby).await.held), (1, false));
    let told = ask(&b, 1, Takes::Free, Role::Standby).await.other.expect("the other");
    assert_eq!((told.name.as_str(), told.role), ("host a", Role::Standby));
    assert!(ask(&a, 1, Takes::Own, Role::Active).await.held, "renewed");
    assert_eq!(ask(&b, 1, Takes::No, Role::Standby).await.other.expect("the other").role, Role::Active);
    assert_eq!(taken(&b, 1).await.fence, 2, "after it ended");
    assert_eq!(a.append(1, rows(&["x"])).await, Ok(Written::Fenced));
    b.give_up().await.expect("given up");
    assert!(
        b.ask(LeaseAsk { seen: 2, takes: Takes::Own, lease_ms: LEASE_MS, role: Role::Active }).await.is_err()
    );
    assert_eq!(ask(&a, 2, Takes::Free, Role::Standby).await.fence, 3, "at once after it was given up");

    redis.ask(&["FLUSHALL"]);
    assert_eq!(a.append(3, rows(&["x"])).await, Ok(Written::Fenced), "Redis does not know it any more");
    let c = machine(&redis, "c");
    assert!(!ask(&c, 3, Takes::Free, Role::Standby).await.held, "the holder has its time");
    assert_eq!(ask(&a, 3, Takes::Own, Role::Active).await.fence, 4, "greater than what it has seen");
    redis.ask(&["SET", "test:failover:fence", "2 someone"]);
    assert!(!ask(&a, 4, Takes::Own, Role::Active).await.held, "an old memory of Redis");
    assert_eq!(a.append(4, rows(&["x"])).await, Ok(Written::Fenced));
    assert_eq!(taken(&a, 4).await.fence, 5);
}

#[tokio::test]
async fn a_reader_has_all_changes_in_order_whenever_it_comes() {
    let redis = Redis::start(free_port());
    let (a, b) = (machine(&redis, "a"), machine(&redis, "b"));
    assert_eq!(b.read(start()).await, Ok(Found::Nothing));
    taken(&a, 0).await;
    assert_eq!(a.append(1, rows(&["x"])).await, Ok(Written::Forgotten), "a snapshot goes first");
    assert_eq!(a.put_snapshot(1, rows(&["first"]), true).await, Ok(Written::Done));
    for name in ["1", "2", "3"] {
        assert_eq!(a.append(1, rows(&[name, "and"])).await, Ok(Written::Done));
    }
    let Ok(Found::Snapshot { changes, place }) = b.read(start()).await else { panic!("a snapshot") };
    assert_eq!((changes, place.writer.as_str()), (rows(&["first"]), a.writer(1).as_str()));
    let Ok(Found::Changes { changes, place }) = b.read(place).await else { panic!("changes") };
    assert_eq!(changes, rows(&["1", "and", "2", "and", "3", "and"]));
    assert_eq!(b.read(place.clone()).await, Ok(Found::Changes { changes: vec![], place: place.clone() }));

    // A snapshot in between: who has all needs it not, who has less gets it.
    assert_eq!(a.put_snapshot(1, rows(&["second"]), false).await, Ok(Written::Done));
    assert_eq!(a.append(1, rows(&["4"])).await, Ok(Written::Done));
    assert!(redis.ask(&["XLEN", "test:failover:changes"]).parse::<u32>().expect("a number") <= 2);
    let Ok(Found::Changes { changes, place: newest }) = b.read(place).await else { panic!("changes") };
    assert_eq!(changes, rows(&["4"]));
    let behind = Place { writer: a.writer(1), id: "0-0".to_owned() };
    assert!(
        matches!(b.read(behind).await, Ok(Found::Snapshot { changes, .. }) if changes == rows(&["second"]))
    );

    // Another one leads: its own changes stand on its own snapshot.
    a.give_up().await.expect("given up");
    assert!(ask(&b, 1, Takes::Free, Role::Standby).await.held);
    assert_eq!(b.put_snapshot(2, rows(&["third"]), true).await, Ok(Written::Done));
    assert!(
        matches!(a.read(newest.clone()).await, Ok(Found::Snapshot { changes, .. }) if changes == rows(&["third"]))
    );
    assert_eq!(redis.ask(&["XLEN", "test:failover:changes"]), "0");
    redis.ask(&["DEL", "test:failover:snapshot"]);
    assert_eq!(a.read(newest).await, Ok(Found::Nothing));
    assert_eq!(b.append(2, rows(&["x"])).await, Ok(Written::Forgotten));
}

#[tokio::test]
async fn a_state_of_many_megabytes_is_read_as_a_whole() {
    let redis = Redis::start(free_port());
    let (a, b) = (machine(&redis, "a"), machine(&redis, "b"));
    taken(&a, 0).await;
    let texts: Vec<String> = (0..90).map(|n| format!("{n}{}", "x".repeat(1 << 20))).collect();
    let large = rows(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(a.put_snapshot(1, large.clone(), true).await, Ok(Written::Done));
    let Ok(Found::Snapshot { changes, .. }) = b.read(start()).await else { panic!("a snapshot") };
    assert!(changes == large, "{} of {} rows", changes.len(), large.len());
    assert_eq!(a.put_snapshot(1, rows(&["small"]), true).await, Ok(Written::Done));
    assert!(
        matches!(b.read(start()).await, Ok(Found::Snapshot { changes, .. }) if changes == rows(&["small"]))
    );
    let key = "test:failover:snapshot";
    // As a former version writes it, which is still running when the other machine is upgraded.
    let former = "redis.call('HSET', KEYS[1], 'data', redis.call('HGET', KEYS[1], 'data1')) redis.call('HDEL', KEYS[1], 'data1')";
    redis.ask(&["EVAL", former, "1", key]);
    assert!(
        matches!(b.read(start()).await, Ok(Found::Snapshot { changes, .. }) if changes == rows(&["small"]))
    );
    let many =
        "for n = 1, 70 do redis.call('HSET', KEYS[1], 'data' .. n, redis.call('HGET', KEYS[1], 'data')) end";
    redis.ask(&["EVAL", many, "1", key]);
    assert!(b.read(start()).await.is_err(), "more parts than anybody writes");
    assert_eq!(a.put_snapshot(1, Vec::new(), true).await, Ok(Written::Done));
    assert!(matches!(b.read(start()).await, Ok(Found::Snapshot { changes, .. }) if changes.is_empty()));
}

#[tokio::test]
async fn what_is_handed_over_is_taken_once_by_the_holder_and_bounded() {
    let redis = Redis::start(free_port());
    let (a, b) = (machine(&redis, "a"), machine(&redis, "b"));
    taken(&a, 0).await;
    let message = |n: i64| Outgoing {
        now: impulso::domain::moment::MachineTime::from_ms(n),
        maybe_repeated: n == 0,
        ..Outgoing::default()
    };
    b.offer((0..1_200).map(message).collect()).await.expect("handed over");
    assert_eq!(b.take_offered(1).await.expect("an answer").len(), 0, "not the holder");
    redis.ask(&["LSET", "test:failover:offered", "7", "rubbish"]);
    let all = a.take_offered(1).await.expect("an answer");
    assert_eq!((all.len(), all[0].now.ms()), (999, 200), "the oldest go, and what nobody understands alone");
    assert!(a.take_offered(1).await.expect("an answer").is_empty());
}

#[tokio::test]
async fn a_redis_that_is_away_is_an_error_and_no_lease() {
    let redis = Redis::start(free_port());
    let a = machine(&redis, "a");
    taken(&a, 0).await;
    let port = redis.kill();
    let asked = LeaseAsk { seen: 1, takes: Takes::Own, lease_ms: LEASE_MS, role: Role::Active };
    assert!(a.ask(asked.clone()).await.is_err());
    assert!(a.append(1, rows(&["x"])).await.is_err());
    let _redis = Redis::start(port);
    let again = async {
        loop {
            // The connection is made anew with the first question that finds it gone.
            match a.ask(asked.clone()).await {
                Ok(answer) => return answer,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    let answer = tokio::time::timeout(Duration::from_secs(20), again).await.expect("an answer");
    assert_eq!((answer.held, answer.fence), (true, 2));
}
