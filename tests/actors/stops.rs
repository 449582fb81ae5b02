//! A stop while the disk does not take what is to be written.

use super::faults::{history, start_with_history};
use crate::support::left_behind;
use impulso::actors::ports::history::{HistoryBatch, HistoryStore, Span};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::history::sqlite::SqliteHistory;
use impulso::adapters::state::{FolderLock, StateDb};
use impulso::domain::moment::MarketTime;
use impulso::domain::time::Interval;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[actix::test]
async fn a_stop_while_the_history_is_locked_loses_no_row() {
    tokio::time::pause();
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("history.db");
    let store = history(&folder);
    let other = rusqlite::Connection::open(&place).expect("the same file");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let run = start_with_history(|_| None, Some(store));
    let first = run.fixture.snapshot_when("a first ranking", 400, |_| true).await.as_of;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let published = run.fixture.view.published().expect("a snapshot");
    let cycles = (published.snapshot.as_of - first) / 30_000 + 1;
    assert!(run.fixture.system.stop().await);
    // The disk as the next start finds it. In this folder the threads of the ended life go on until the lock is free, and then
    // write what waits, which a process that ended would not.
    let next = tempfile::tempdir().expect("a folder");
    left_behind(folder.path(), next.path());
    other.execute_batch("COMMIT").expect("free again");
    let store = SqliteHistory::open(&next.path().join("history.db")).expect("a history");
    assert!(store.stats().await.expect("read").spilled_rows > 0);
    store.write(HistoryBatch::default()).await.expect("written");
    let scores = store.scores(None, Span::ALL).await.expect("read");
    let cuts: BTreeSet<MarketTime> = scores.iter().map(|score| score.as_of).collect();
    assert_eq!(cuts.len() as i64, cycles, "each cycle's scores");
    assert!(store.all_candles(Interval::M1, MarketTime::EPOCH).await.expect("read").len() >= 20);
}

/// All alerts and predictions that the state in a folder has.
fn kept(folder: &Path) -> BTreeSet<String> {
    let lock = FolderLock::take(folder).expect("nobody else's");
    let state = StateDb::open_held(folder, &lock).expect("a state");
    let alerts = state.alerts(None, MarketTime::MAX, 10_000).expect("read").into_iter().map(|a| a.alert.id);
    let open = state.due_predictions(MarketTime::MAX, MarketTime::MAX, 10_000).expect("read");
    alerts.chain(open.into_iter().map(|p| p.key)).collect()
}

#[actix::test]
async fn a_stop_while_the_state_is_locked_loses_no_alert_and_no_prediction() {
    tokio::time::pause();
    let mut untroubled = BTreeSet::new();
    for locked in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let run = start_with_history(|_| None, Some(history(&folder)));
        run.fixture.snapshot_when("a first ranking", 400, |_| true).await;
        let place = run.fixture.folder.path().join("state.db");
        let other = rusqlite::Connection::open(&place).expect("the same file");
        other.execute_batch(if locked { "BEGIN IMMEDIATE" } else { "BEGIN" }).expect("begun");
        tokio::time::sleep(Duration::from_secs(120)).await;
        let drops = Arc::clone(&run.fixture.system.common().drops);
        assert!(run.fixture.system.stop().await);
        other.execute_batch("COMMIT").expect("free again");
        assert_eq!(drops.all().get("lost_at_stop"), None);
        drop(run.real);
        let kept = kept(run.fixture.folder.path());
        if locked {
            assert_eq!(kept, untroubled);
        }
        assert!(kept.iter().any(|k| k.starts_with("alert-")) && kept.len() > 20, "{kept:?}");
        untroubled = kept;
    }
}
