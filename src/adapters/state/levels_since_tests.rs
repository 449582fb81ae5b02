//! Since when levels are counted: from where it comes, and that it outlives the state file.

use super::{FILE, StateDb};
use crate::actors::ports::state::{OperationalState, levels_since};
use crate::domain::moment::MarketTime;

#[test]
fn levels_of_a_state_from_before_count_from_the_next_day_on() {
    let dir = tempfile::tempdir().unwrap();
    let since = |store: &StateDb| levels_since(store).unwrap();
    let store = StateDb::open(dir.path()).unwrap();
    assert_eq!(since(&store), MarketTime::MIN, "all that a new one will have is of now");
    let opened_at = 1_750_000_030_000_i64;
    let open = "INSERT INTO open_predictions VALUES ('episode-AUSDT-1-ALTA', 'AUSDT', ?1, 1.0, 0)";
    store.connection.lock().execute(open, [opened_at]).unwrap();
    store.connection.lock().execute_batch("DROP INDEX open_predictions_4h; PRAGMA user_version = 8").unwrap();
    drop(store);
    let day = MarketTime::from_index(opened_at / 86_400_000 + 1, 86_400_000);
    assert_eq!(since(&StateDb::open(dir.path()).unwrap()), day);
    // The ledger is in the history: it is still the same when the state is lost.
    std::fs::write(dir.path().join(FILE), [0xA5; 9_000]).unwrap();
    let anew = StateDb::open(dir.path()).unwrap();
    assert!(dir.path().join("state.db.corrupt-1").exists());
    assert_eq!(since(&anew), day, "a damaged state takes it along");
    let later = (day + 86_400_000).ms().to_string();
    anew.put("levels_since", &later).unwrap();
    drop(anew);
    let again = StateDb::open(dir.path()).unwrap();
    assert_eq!(again.get("levels_since").unwrap(), Some(later), "the state's own is the newer one");
}

#[test]
fn what_stands_beside_the_state_and_makes_no_sense_counts_as_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for text in ["yesterday".to_owned(), "9".repeat(1_000)] {
        std::fs::write(dir.path().join("state.db-levels-since"), text).unwrap();
        let store = StateDb::open(dir.path()).unwrap();
        assert_eq!(store.get("levels_since").unwrap(), None);
        store.put("levels_since", "86400000").unwrap();
        drop(store);
        drop(StateDb::open(dir.path()).unwrap());
        std::fs::remove_file(dir.path().join(FILE)).unwrap();
        let anew = StateDb::open(dir.path()).unwrap();
        assert_eq!(anew.get("levels_since").unwrap().as_deref(), Some("86400000"));
        drop(anew);
        std::fs::remove_file(dir.path().join(FILE)).unwrap();
    }
}
