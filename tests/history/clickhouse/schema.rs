//! Versions of the tables, and how many parts the server has to keep.

use super::everything;
use super::samples::{T0, score, scores};
use crate::support::clickhouse::Server;
use impulso::actors::ports::history::{HistoryError, HistoryStore, Retention, Span};
use impulso::adapters::history::clickhouse::ClickHouseHistory;
use impulso::domain::report::Level;
use std::time::Instant;

#[tokio::test]
async fn an_older_schema_is_brought_up_and_a_newer_one_refused() {
    let server = Server::start();
    let store = server.open().await;
    store.write(everything()).await.unwrap();
    drop(store);
    for view in
        ["scores_hourly_feed", "candles_hourly_feed", "scores_hourly", "scores_daily", "candles_hourly"]
    {
        server.run(&format!("DROP VIEW {view}")).await;
    }
    server.run("DROP TABLE scores_hourly_state").await;
    server.run("DROP TABLE candles_hourly_state").await;
    server.run("DELETE FROM schema_migrations WHERE version > 1").await;
    let store = server.open().await;
    let days: (u64, u64, f64) =
        server.ask("SELECT sum(fuerte), sum(descartada), max(max_score) FROM scores_daily").await;
    assert_eq!(days, (1, 1, 61.700_000_000_000_01));
    assert_eq!(server.ask::<u64>("SELECT sum(candles) FROM candles_hourly").await, 4);
    store.write(scores(vec![score("A", T0 + 1, Level::Fuerte, None)])).await.unwrap();
    assert_eq!(server.ask::<u64>("SELECT sum(fuerte) FROM scores_hourly").await, 2);
    drop(store);

    server.run("INSERT INTO schema_migrations (version) SELECT 99").await;
    let error = ClickHouseHistory::open(server.settings()).await.unwrap_err();
    assert!(
        matches!(&error, HistoryError::Unusable(_)) && error.to_string().contains("newer version"),
        "{error}"
    );
}

#[tokio::test]
async fn a_hundred_batches_leave_few_parts() {
    let server = Server::start();
    let store = server.open().await;
    for n in 0..100 {
        let rows = (0..50).map(|pair| score(&format!("P{pair}USDT"), T0 + n * 1000, Level::Baja, None));
        store.write(scores(rows.collect())).await.unwrap();
    }
    let parts = "SELECT count() FROM system.parts WHERE active AND database = 'market' AND table = 'scores'";
    let open: u64 = server.ask(parts).await;
    assert!(open <= 30, "{open} parts");
    store.vacuum().await.unwrap();
    assert_eq!(server.ask::<u64>(parts).await, 1);
    assert_eq!(store.scores(None, Span::ALL).await.unwrap().len(), 5000);
}

#[tokio::test]
async fn the_server_expires_rows_by_itself_only_where_that_is_wanted() {
    let server = Server::start();
    let mut settings = server.settings();
    settings.ttl = true;
    let limits =
        "SELECT count() FROM system.tables WHERE database = 'market' AND create_table_query LIKE '% TTL %'";
    let store = ClickHouseHistory::open(settings).await.unwrap();
    for _ in 0..2 {
        store.compact(Retention::default(), T0).await.unwrap();
        assert_eq!(server.ask::<u64>(limits).await, 4);
    }
    drop(store);
    server.open().await.compact(Retention::default(), T0).await.unwrap();
    assert_eq!(server.ask::<u64>(limits).await, 0);
}

/// `cargo test --test history -- --ignored --nocapture rows_a_second`
#[tokio::test]
#[ignore = "a measurement"]
async fn rows_a_second() {
    let mut server = Server::start();
    let store = server.open().await;
    let (batches, pairs) = (60, 500);
    let made = |from: i64| {
        (from..from + batches).map(move |n| {
            let rows =
                (0..pairs).map(|pair| score(&format!("P{pair}USDT"), T0 + n * 1000, Level::Baja, None));
            scores(rows.collect())
        })
    };
    let rate = |begun: Instant| (batches * pairs) as f64 / begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    for batch in made(0) {
        store.write(batch).await.unwrap();
    }
    println!("to the server: {:.0} rows/s", rate(begun));
    let begun = Instant::now();
    let rows = store.scores(None, Span::ALL).await.unwrap().len();
    println!("read: {rows} rows in {:.0} ms", begun.elapsed().as_secs_f64() * 1000.0);
    server.kill();
    let begun = Instant::now();
    for batch in made(batches) {
        store.write(batch).await.unwrap();
    }
    println!("to the spill: {:.0} rows/s, {} bytes", rate(begun), store.stats().await.unwrap().bytes);
    server.restart();
    let begun = Instant::now();
    store.write(made(2 * batches).next().unwrap()).await.unwrap();
    println!("out of the spill: {:.0} rows/s", rate(begun));
}
