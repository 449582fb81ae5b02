//! The local files, without a server.

use super::samples::{T0, alert, score, scores};
use crate::support::clickhouse::{Server, settings};
use impulso::actors::ports::history::{HistoryBatch, HistoryStore, Span};
use impulso::adapters::history::clickhouse::ClickHouseHistory;
use impulso::domain::moment::MarketTime;
use impulso::domain::report::Level;
use std::path::{Path, PathBuf};

fn files(dir: &Path, lane: &str) -> Vec<PathBuf> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> =
        names.filter(|p| p.file_name().unwrap().to_str().unwrap().starts_with(lane)).collect();
    found.sort();
    found
}

fn batch(n: i64) -> HistoryBatch {
    let rows = (0..100).map(|pair| score(&format!("P{pair}USDT"), T0 + n, Level::Media, None)).collect();
    HistoryBatch { alerts: vec![alert("A", T0 + n, "{}")], ..scores(rows) }
}

#[tokio::test]
async fn a_torn_tail_is_cut_off_and_what_stands_before_it_is_written() {
    let mut server = Server::start();
    server.kill();
    let store = server.open().await;
    for n in 0..4 {
        store.write(batch(n)).await.unwrap();
    }
    drop(store);
    // The first batch stands alone, as the server may have taken a part of it; the others share a file.
    let last = files(&server.spill_dir(), "bulk").pop().unwrap();
    let whole = std::fs::read(&last).unwrap();
    std::fs::write(&last, &whole[..whole.len() - 3]).unwrap();
    let store = server.open().await;
    assert_eq!(store.stats().await.unwrap().spilled_rows, 304);
    assert!(std::fs::metadata(&last).unwrap().len() < whole.len() as u64 - 3);
    store.write(batch(9)).await.unwrap();
    drop(store);
    server.restart();
    let store = server.open().await;
    assert_eq!(store.stats().await.unwrap().spilled_rows, 0);
    assert_eq!(store.alerts(Span::ALL).await.unwrap().len(), 5);
    let mut cuts: Vec<_> =
        store.scores(None, Span::ALL).await.unwrap().iter().map(|row| row.as_of - T0).collect();
    cuts.dedup();
    assert_eq!(cuts, [0, 1, 2, 9]);
}

#[tokio::test]
async fn what_waits_of_a_market_time_that_was_wrong_goes_too() {
    let mut server = Server::start();
    let store = server.open().await;
    store.write(batch(0)).await.unwrap();
    server.kill();
    store.write(batch(5)).await.unwrap();
    server.restart();
    let voided = store.void_ahead(Span { from: T0 + 1, to: MarketTime::MAX }).await.unwrap();
    assert_eq!(voided.scores, 100);
    store.write(batch(1)).await.unwrap();
    let mut cuts: Vec<_> =
        store.scores(None, Span::ALL).await.unwrap().iter().map(|row| row.as_of - T0).collect();
    cuts.dedup();
    assert_eq!(cuts, [0, 1]);
}

#[tokio::test]
async fn a_full_spill_gives_up_the_oldest_scores_and_nothing_precious() {
    let dir = tempfile::tempdir().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut small = settings(closed, dir.path());
    small.spill_max_bytes = 40_000;
    let store = ClickHouseHistory::open(small).await.unwrap();
    for n in 0..60 {
        store.write(batch(n)).await.unwrap();
    }
    let stats = store.stats().await.unwrap();
    assert!(stats.bytes <= 40_000, "{stats:?}");
    let scores = stats.spilled_rows - 60;
    assert!(scores > 0 && scores < 6000 && scores % 100 == 0, "{stats:?}");
    assert!(!files(dir.path(), "bulk").iter().any(|p| p.ends_with("bulk-000000000002.spill")));
}
