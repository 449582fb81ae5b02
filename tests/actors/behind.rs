//! Readers of the cycles that are behind.

use super::system::{Fixture, config, start_placed};
use impulso::actors::ports::state::OperationalState;
use impulso::actors::problems::SystemProblem;
use impulso::actors::system::config::Placement;
use impulso::adapters::state::StateDb;
use impulso::adapters::state::faulty::{Call, Fault, FaultyState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[expect(clippy::disallowed_methods, reason = "a disk that hangs blocks its thread")]
fn hang(time: Duration) {
    std::thread::sleep(time);
}

/// On threads and in real time: a state that answers a reader after half a minute holds up nobody else, and is told.
#[actix::test]
async fn a_reader_for_which_cycles_wait_on_the_disk_is_told_until_it_has_caught_up() {
    let hangs = Arc::new(AtomicBool::new(false));
    let once = Arc::clone(&hangs);
    let plan = move |call: Call| {
        let now = call.name == "watchlist" && once.swap(false, Ordering::Relaxed);
        now.then_some(Fault::Slow(Duration::from_secs(30)))
    };
    let folder = tempfile::tempdir().expect("a folder");
    let real: Arc<dyn OperationalState> = Arc::new(StateDb::open(folder.path()).expect("a state"));
    let state = Arc::new(FaultyState::new(real, hang, plan));
    let fixture = start_placed(3, config(1_000), folder, state, Vec::new(), None, Placement::threads(1));
    fixture.full(60).await;
    hangs.store(true, Ordering::Relaxed);
    let behind = |fixture: &Fixture| {
        let problems = fixture.view.status().problems.clone();
        problems
            .into_iter()
            .any(|p| matches!(&p.problem, SystemProblem::Behind { reader, .. } if reader == "alert"))
    };
    let within = async |seconds: u64, told: bool| {
        for _ in 0..seconds * 10 {
            if behind(&fixture) == told {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("told: {}", !told);
    };
    within(45, true).await;
    assert!(fixture.view.ready(), "rankings come on");
    within(30, false).await;
    assert!(fixture.system.stop().await);
}
