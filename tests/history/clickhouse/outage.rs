//! The server goes away and comes back.

use super::everything;
use super::samples::{T0, alert, score, scores};
use crate::support::clickhouse::Server;
use impulso::actors::ports::history::{HistoryBatch, HistoryError, HistoryStore, Span};
use impulso::adapters::history::clickhouse::ClickHouseHistory;
use impulso::domain::report::Level;
use secrecy::SecretString;

fn cut(n: i64) -> HistoryBatch {
    let time = T0 + n * 1000;
    let rows = (0..20).map(|pair| score(&format!("P{pair}USDT"), time, Level::Media, None)).collect();
    HistoryBatch { alerts: vec![alert("P0USDT", time, "{}")], ..scores(rows) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_while_it_is_written_to_loses_nothing_and_doubles_nothing() {
    let mut server = Server::start();
    let store = server.open().await;
    let writer = store.clone();
    let cuts = 60;
    let (begun, mut tenth) = tokio::sync::watch::channel(0);
    let writing = tokio::spawn(async move {
        for n in 0..cuts {
            begun.send_replace(n);
            writer.write(cut(n)).await.unwrap();
        }
    });
    tenth.wait_for(|n| *n >= 10).await.unwrap();
    server.kill();
    writing.await.unwrap();
    let down = store.stats().await.unwrap();
    assert!(down.spilled_rows > 40 * 21 && down.spilled_rows <= 50 * 21, "{down:?}");
    assert!(down.bytes > 0 && down.tables.is_empty(), "{down:?}");
    assert!(matches!(store.alerts(Span::ALL).await, Err(HistoryError::Unavailable(_))));

    server.restart();
    store.write(cut(cuts)).await.unwrap();
    let back = store.stats().await.unwrap();
    assert_eq!(back.spilled_rows, 0);
    let rows = store.scores(None, Span::ALL).await.unwrap();
    assert_eq!(rows.len() as i64, (cuts + 1) * 20);
    assert_eq!(store.alerts(Span::ALL).await.unwrap().len() as i64, cuts + 1);
    let counted: u64 = server.ask("SELECT sum(media) FROM scores_hourly").await;
    assert_eq!(counted as i64, (cuts + 1) * 20);
    assert_eq!(std::fs::read_dir(server.spill_dir()).unwrap().count(), 1, "only the lock is left");
}

#[tokio::test]
async fn batches_wait_through_a_restart_of_the_scanner_and_the_tables_are_made_later() {
    let mut server = Server::start();
    server.kill();
    let store = server.open().await;
    assert!(matches!(store.ping().await, Err(HistoryError::Unavailable(_))));
    let all = everything();
    store.write(all.clone()).await.unwrap();
    drop(store);
    let store = server.open().await;
    assert_eq!(store.stats().await.unwrap().spilled_rows as usize, all.len());
    // A command beside it leaves the waiting batches alone and says that it cannot write.
    let beside = server.open().await;
    assert!(matches!(beside.write(cut(0)).await, Err(HistoryError::Unavailable(_))));
    drop((beside, store));
    server.restart();
    let store = server.open().await;
    let stats = store.stats().await.unwrap();
    assert_eq!(stats.spilled_rows, 0);
    assert_eq!(stats.tables.iter().map(|t| t.rows).sum::<u64>() as usize, all.len());
    // A database that somebody removed is made anew.
    server.run("DROP DATABASE market").await;
    store.write(cut(1)).await.unwrap();
    store.write(cut(2)).await.unwrap();
    assert_eq!(store.alerts(Span::ALL).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_wrong_password_is_said_without_it() {
    let server = Server::start();
    let mut settings = server.settings();
    settings.password = Some(SecretString::from("hunter-two-wrong"));
    settings.url = format!("http://scanner:hunter-two-wrong@127.0.0.1:{}", server.port);
    assert!(!format!("{settings:?}").contains("hunter"));
    let error = ClickHouseHistory::open(settings).await.unwrap_err();
    assert!(matches!(error, HistoryError::Unusable(_)), "{error}");
    assert!(error.to_string().contains("Authentication failed"), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
}
