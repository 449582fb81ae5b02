//! Redis that is away or forgets, and a machine that stands still.

use super::{CYCLE, Pair, SOON, column, counted, decided, settled};
use crate::support::places::free_port;
use crate::support::redis::Redis;
use crate::support::{Program, pause, program, wait_until};
use std::process::Command;
use std::time::{Duration, Instant};

/// Longest time in which the lease ends by itself.
const LEASE: Duration = CYCLE.saturating_mul(2);

#[test]
fn heavy_two_machines_a_machine_that_stood_still_sends_nothing_any_more() {
    let redis = Redis::start(free_port());
    let pair = Pair::new(&redis, |_| Duration::ZERO);
    let [active, standby] = settled([pair.machine("a"), pair.machine("b")]);
    let fence = active.fence().expect("a number");
    wait_until("alerts", SOON, || (pair.heard().len() > 3).then_some(()));
    active.program.send("STOP");
    wait_until("the other takes over", SOON, || standby.is("active"));
    assert_eq!(standby.fence(), Some(fence + 1));
    let before = pair.heard().len();
    wait_until("it sends", SOON, || (pair.heard().len() > before).then_some(()));
    active.program.send("CONT");
    let woken = Instant::now();
    wait_until("it knows that it lost the lease", SOON, || active.is("standby"));
    wait_until("further alerts", SOON, || (pair.heard().len() > before + 4).then_some(()));
    let heard = pair.heard();
    let late = heard.iter().filter(|r| r.at > woken && r.from.ends_with(active.name));
    assert_eq!(late.count(), 0, "{heard:?}");
    assert_eq!(counted(&heard).1, Vec::<&str>::new());
    assert!(active.program.output().contains("the lease is lost"));
}

#[test]
fn heavy_two_machines_without_redis_nobody_sends_and_nothing_is_lost() {
    let redis = Redis::start(free_port());
    let pair = Pair::new(&redis, |_| Duration::ZERO);
    let [active, standby] = settled([pair.machine("a"), pair.machine("b")]);
    let fence = active.fence().expect("a number");
    wait_until("alerts", SOON, || (pair.heard().len() > 3).then_some(()));
    let port = redis.kill();
    let told = |machine: &super::Machine| machine.problems().filter(|p| p.contains(&"no_lease".to_owned()));
    for machine in [&active, &standby] {
        wait_until("the problem is told", SOON, || told(machine));
        assert!(machine.is("standby").is_some() && machine.is_ready().is_some());
    }
    let silent = pair.heard().len();
    pause(u64::try_from((3 * CYCLE).as_millis()).expect("short"));
    assert_eq!(pair.heard().len(), silent, "who cannot know may not send");
    // It comes back empty: the one that sent before takes the lease again, with a greater number, as the other gives it the time.
    let _redis = Redis::start(port);
    wait_until("it sends again", SOON, || active.is("active"));
    assert!(active.fence() > Some(fence), "Redis has forgotten the number, the machine has not");
    wait_until("alerts", SOON, || (pair.heard().len() > silent).then_some(()));
    wait_until("the other follows", SOON, || {
        (told(&standby).is_none()).then_some(()).and(standby.is("standby"))
    });
    let waits = "SELECT key FROM outbox WHERE channel = 'webhook' AND next_attempt_at IS NOT NULL";
    wait_until("nothing waits", SOON, || column(&pair.state(active.name), waits).is_empty().then_some(()));
    let heard = pair.heard();
    let (counts, unmarked) = counted(&heard);
    assert_eq!(unmarked, Vec::<&str>::new());
    let lost: Vec<_> = decided(&pair.state(active.name))
        .into_iter()
        .filter(|id| !counts.contains_key(id.as_str()))
        .collect();
    assert_eq!(lost, Vec::<String>::new());
}

/// A stop in order hands over at once, and what the user has set goes with it.
#[test]
fn heavy_two_machines_a_stop_hands_over_at_once() {
    let redis = Redis::start(free_port());
    let pair = Pair::new(&redis, |_| Duration::ZERO);
    let [mut active, standby] = settled([pair.machine("a"), pair.machine("b")]);
    let mute = |machine: &super::Machine, symbol: &str| {
        let state = pair.state(machine.name).display().to_string();
        let made = Command::new(program())
            .args(["token", "create", symbol, "--scope", "operate", "--state-dir", &state])
            .output()
            .expect("the program runs");
        let token = String::from_utf8_lossy(&made.stdout).trim().to_owned();
        let (status, body) = crate::support::request_as(
            &token,
            "POST",
            &format!("{}/api/v1/mutes", machine.page),
            &format!("{{\"symbol\":\"{symbol}\"}}"),
        );
        (status, body)
    };
    assert_eq!(mute(&active, "BTCUSDT").0, 200);
    let refused = mute(&standby, "ETHUSDT");
    assert!(refused.0 == 503 && refused.1.contains("urn:impulso:problem:standby"), "{refused:?}");
    let copied = "SELECT symbol FROM mutes";
    wait_until("the mute is copied", SOON, || {
        column(&pair.state(standby.name), copied).contains("BTCUSDT").then_some(())
    });
    let began = Instant::now();
    assert_eq!(active.program.signal("TERM", Duration::from_secs(12)).code(), Some(0));
    wait_until("the other takes over", SOON, || standby.is("active"));
    let after = began.elapsed();
    assert!(after < LEASE, "{after:?}: not before the lease ends by itself");
    wait_until("the missing one is told", SOON, || {
        standby.problems().filter(|p| p.contains(&"no_standby".to_owned()))
    });
}

#[test]
fn a_standby_says_what_it_lacks() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = dir.path().display().to_string();
    let run = |more: &[&str]| {
        let own = ["scan", "--standby", "--state-dir", &state, "--port", "0"];
        let out =
            Command::new(program()).args(own).args(more).env("LC_ALL", "C.UTF-8").output().expect("it runs");
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (code, told) = run(&[]);
    assert!(code == Some(2) && told.contains("redis.standby") && told.contains("--redis"), "{told}");

    // A Redis that is not there: it scans, says why it does not send, and waits.
    let redis = format!("redis://127.0.0.1:{}", free_port());
    let mut exchange = Program::start(&["exchange", "--synthetic", "10", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let mut scan = Program::scan(&url, &state, &["--standby", "--redis", &redis, "--cycle-interval", "1"]);
    scan.wait_for_url("page:", SOON);
    let told = scan.wait_for_line("problem=\"no_lease\"", SOON);
    assert!(told.contains("sends no alerts") && told.contains(&redis), "{told}");
    let (code, told) = run(&["--redis", &redis]);
    assert!(code == Some(1) && told.contains("--state-dir") && told.contains("scanner"), "{told}");
}
