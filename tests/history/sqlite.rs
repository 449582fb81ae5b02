//! The history store in a SQLite file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use super::parity::{BASE, FOREVER, after, candle, minutes, row, score, span, whole_suite};
use impulso::actors::ports::history::{Compacted, HistoryBatch, HistoryError, HistoryStore, Retention, Span};
use impulso::adapters::history::sqlite::SqliteHistory;
use impulso::domain::moment::MarketTime;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{DAY_MS, Interval, MINUTE_MS};
use std::sync::Arc;

fn opened(dir: &tempfile::TempDir) -> SqliteHistory {
    SqliteHistory::open(&dir.path().join("deep/down/history.db")).unwrap()
}

fn scores(from: MarketTime, count: i64) -> HistoryBatch {
    let scores = (0..count).map(|n| score(&format!("P{n}USDT"), from, n)).collect();
    HistoryBatch { scores, ..HistoryBatch::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn does_what_every_store_does() {
    let dir = tempfile::tempdir().unwrap();
    whole_suite(Arc::new(opened(&dir))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_write_and_read_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut tasks = Vec::new();
    for process in 0..2_i64 {
        let store = Arc::new(opened(&dir));
        for part in 0..2_i64 {
            let store = Arc::clone(&store);
            tasks.push(tokio::spawn(async move {
                for n in 0..60 {
                    let at = BASE + n * 30_000;
                    let name = format!("W{process}{part}USDT");
                    let mut batch = HistoryBatch {
                        candles: minutes(&name, BASE + n * MINUTE_MS, 1 + n % 50),
                        ..scores(at + process * 2 + part, 20)
                    };
                    batch.candles.push(row("BOTHUSDT", Interval::M1, candle(at, n)));
                    store.write(batch).await.unwrap();
                    store.scores(Some(&Symbol::new("P3USDT")), Span::ALL).await.unwrap();
                    if n % 10 == 9 {
                        store.compact(FOREVER, BASE + 3 * DAY_MS).await.unwrap();
                        store.stats().await.unwrap();
                    }
                    if n == 30 {
                        store.vacuum().await.unwrap();
                    }
                }
            }));
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    let store = opened(&dir);
    assert_eq!(store.scores(None, Span::ALL).await.unwrap().len(), 4 * 60 * 20);
    let all = store.all_candles(Interval::M1, BASE).await.unwrap();
    assert_eq!(all.iter().map(|(_, c)| c.len()).collect::<Vec<_>>(), [60, 99, 99, 99, 99]);
    let stats = store.stats().await.unwrap();
    assert_eq!(stats.tables[0].rows, 60 + 4 * 99);
    assert!(stats.store.starts_with("sqlite:/"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_sudden_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = opened(&dir);
    for n in 0..20 {
        store.write(scores(BASE + n, 30)).await.unwrap();
    }
    // Asked for, but nobody waits for the answer: done all the same, or not at all.
    let mut unheard = Box::pin(store.write(scores(BASE + 20, 30)));
    let _pending = futures_util::poll!(&mut unheard);
    drop(unheard);
    let copy = dir.path().join("copy.db");
    for end in ["", "-wal"] {
        let name = |path: &std::path::Path| format!("{}{end}", path.display());
        std::fs::copy(name(store.path()), name(&copy)).unwrap();
    }
    let copied = SqliteHistory::open(&copy).unwrap();
    assert!(copied.scores(None, span(BASE, 20)).await.unwrap().len() == 600);
    drop(store);
    let again = opened(&dir);
    assert_eq!(again.scores(None, span(BASE, 20)).await.unwrap().len(), 600);
    let mut last = 0;
    for _ in 0..500 {
        last = again.scores(None, span(BASE + 20, 1)).await.unwrap().len();
        if last == 30 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(last, 30);
}

#[tokio::test]
async fn newer_and_damaged_files_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.db");
    drop(SqliteHistory::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let unusable = |path: &std::path::Path| match SqliteHistory::open(path) {
        Err(error @ HistoryError::Unusable(_)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let text = unusable(&path);
    assert!(text.contains("newer version") && text.contains("schema 99") && text.contains("history.db"));
    let damaged = dir.path().join("damaged.db");
    std::fs::write(&damaged, "this is no database, not at all, just some text".repeat(100)).unwrap();
    let text = unusable(&damaged);
    assert!(text.contains("damaged.db is damaged") && text.contains("history recover"), "{text}");
    let text = unusable(&damaged.join("below"));
    assert!(text.contains("below"), "{text}");
}

#[tokio::test]
async fn a_damaged_chunk_takes_nothing_else_along() {
    let dir = tempfile::tempdir().unwrap();
    let store = opened(&dir);
    let day = BASE + DAY_MS;
    let candles =
        [minutes("AUSDT", BASE, 200), minutes("AUSDT", day, 200), minutes("BUSDT", BASE, 40)].concat();
    store.write(HistoryBatch { candles, ..HistoryBatch::default() }).await.unwrap();
    let other = rusqlite::Connection::open(store.path()).unwrap();
    other
        .execute(
            "UPDATE candle_chunks SET data = x'0102030405060708' WHERE first = ?1 AND count = 200",
            [BASE],
        )
        .unwrap();
    let read =
        async |name: &str| store.candles(&Symbol::new(name), Interval::M1, Span::ALL).await.unwrap().len();
    assert_eq!((read("AUSDT").await, read("BUSDT").await), (200, 40));
    assert_eq!(store.all_candles(Interval::M1, BASE).await.unwrap().len(), 2);
    // What is written for that day is not refused for it, nor is the day's retention.
    let candles = minutes("AUSDT", BASE + 60 * MINUTE_MS, 50);
    store.write(HistoryBatch { candles, ..HistoryBatch::default() }).await.unwrap();
    assert_eq!(read("AUSDT").await, 250);
    store.compact(Retention { candles: after(0), ..FOREVER }, day).await.unwrap();
    assert_eq!((read("AUSDT").await, read("BUSDT").await), (200, 0));
}

/// The first bytes of some pages replaced by others.
fn spoil(path: &std::path::Path, pages: impl Iterator<Item = usize>) {
    let mut bytes = std::fs::read(path).unwrap();
    for page in pages {
        bytes[page * 4_096..page * 4_096 + 8].copy_from_slice(&[0x9C, 3, 0xD7, 0x41, 0, 0xFE, 0x60, 0x12]);
    }
    std::fs::write(path, bytes).unwrap();
}

async fn filled(path: &std::path::Path) {
    let store = SqliteHistory::open_mending(path).unwrap();
    for n in 0..50 {
        let candles = minutes(&format!("A{n}USDT"), BASE, 200);
        store.write(HistoryBatch { candles, ..scores(BASE + n * 30_000, 100) }).await.unwrap();
    }
    drop(store);
    folded(path).await;
}

/// Waits until nobody has the file and its log is folded in: what is spoilt then is all that there is.
async fn folded(path: &std::path::Path) {
    for _ in 0..500 {
        let connection = rusqlite::Connection::open(path).unwrap();
        let busy: i64 =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
        if busy == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("somebody still has the file");
}

fn pages(path: &std::path::Path) -> usize {
    std::fs::metadata(path).unwrap().len() as usize / 4_096
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_is_looked_for_and_a_new_file_begun_with_the_old_one_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.db");
    let aside = dir.path().join("history.db.corrupt-1");
    filled(&path).await;
    spoil(&path, (20..pages(&path)).step_by(20));
    // A command takes no file away.
    let command = SqliteHistory::open(&path).unwrap();
    assert!(
        matches!(command.check().await, Err(error @ HistoryError::Unusable(_)) if error.to_string().contains("history recover"))
    );
    drop(command);
    let store = SqliteHistory::open_mending(&path).unwrap();
    assert!(!aside.exists() && store.put_aside().is_empty());
    assert!(store.check().await.is_err());
    store.write(scores(BASE, 10)).await.unwrap();
    assert_eq!(store.put_aside(), [aside.display().to_string()]);
    store.check().await.unwrap();
    assert_eq!(store.scores(None, Span::ALL).await.unwrap().len(), 10, "readers follow");
    // An emptied file is no new one.
    drop(store);
    folded(&path).await;
    std::fs::write(&path, "").unwrap();
    let store = SqliteHistory::open_mending(&path).unwrap();
    assert!(dir.path().join("history.db.corrupt-2").exists());
    store.write(scores(BASE, 10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_meets_damage_goes_into_a_new_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.db");
    filled(&path).await;
    spoil(&path, 30..pages(&path));
    let store = SqliteHistory::open_mending(&path).unwrap();
    for n in 0..50 {
        let candles = minutes(&format!("A{n}USDT"), BASE, 40);
        store.write(HistoryBatch { candles, ..scores(BASE + n, 100) }).await.unwrap();
    }
    assert!(dir.path().join("history.db.corrupt-1").exists());
    assert!(!dir.path().join("history.db.corrupt-2").exists());
    assert!(!store.scores(None, Span::ALL).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_were_set_aside_are_written_by_the_next_run() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.db");
    let store = SqliteHistory::open(&path).unwrap();
    let batch = HistoryBatch { candles: minutes("AUSDT", BASE, 25_000), ..scores(BASE, 300) };
    store.set_aside(batch).await.unwrap();
    drop(store);
    let store = SqliteHistory::open(&path).unwrap();
    assert_eq!(store.stats().await.unwrap().spilled_rows, 25_300);
    // Newer rows stand above them.
    let newer = row("AUSDT", Interval::M1, candle(BASE, 9_999));
    store.write(HistoryBatch { candles: vec![newer.clone()], ..HistoryBatch::default() }).await.unwrap();
    let candles = store.candles(&Symbol::new("AUSDT"), Interval::M1, Span::ALL).await.unwrap();
    assert_eq!((candles.len(), candles[0]), (25_000, newer.candle));
    assert_eq!(store.scores(None, Span::ALL).await.unwrap().len(), 300);
    assert_eq!(store.stats().await.unwrap().spilled_rows, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_set_aside_of_a_market_time_that_was_wrong_goes_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.db");
    let store = SqliteHistory::open(&path).unwrap();
    store.set_aside(scores(BASE, 10)).await.unwrap();
    drop(store);
    let store = SqliteHistory::open(&path).unwrap();
    let voided = store.void_ahead(Span { from: BASE, to: MarketTime::MAX }).await.unwrap();
    assert_eq!(voided.scores, 10);
    store.write(HistoryBatch::default()).await.unwrap();
    assert_eq!(store.scores(None, Span::ALL).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_pairs_are_packed_and_expire_in_steps() {
    let dir = tempfile::tempdir().unwrap();
    let store = opened(&dir);
    for n in 0..25 {
        let one =
            |pair: i64| row(&format!("P{pair}USDT"), Interval::M1, candle(BASE + n * MINUTE_MS, pair + n));
        store
            .write(HistoryBatch { candles: (0..1_000).map(one).collect(), ..scores(BASE, 1) })
            .await
            .unwrap();
    }
    let before = store.all_candles(Interval::M1, BASE).await.unwrap();
    assert_eq!(store.compact(FOREVER, BASE + DAY_MS).await.unwrap(), Compacted::default());
    assert_eq!(store.all_candles(Interval::M1, BASE).await.unwrap(), before);
    let other = rusqlite::Connection::open(store.path()).unwrap();
    let rows: i64 = other.query_row("SELECT count(*) FROM candles", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
    let keep = Retention { candles: after(DAY_MS - 10 * MINUTE_MS), ..FOREVER };
    assert_eq!(store.compact(keep, BASE + DAY_MS).await.unwrap().candles, 10_000);
    let left = store.all_candles(Interval::M1, BASE).await.unwrap();
    assert!(left.len() == 1_000 && left.iter().zip(&before).all(|(a, b)| a.0 == b.0 && a.1 == b.1[10..]));
}

/// Speed and size; by hand: `cargo test --release --test history sqlite::fill -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn fill() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    super::fill::measure(&opened(&dir)).await;
}
