//! The ClickHouse store against the real engine: rows, rules, compaction, outages.
#![expect(clippy::unwrap_used, reason = "test code")]

mod cluster;
mod compaction;
mod outage;
mod samples;
mod schema;
mod spill;

use crate::support::clickhouse::Server;
use impulso::actors::ports::history::{
    DeliveryRow, HistoryBatch, HistoryStore, PredictionKind, Span, TableStats,
};
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::report::Level;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{DAY_MS, Interval, MINUTE_MS};
use samples::{T0, alert, candle, day, delivery, outcome, prediction, score};

const ODD: &str = "币安人生USDT";

fn everything() -> HistoryBatch {
    let (open, judged) = (
        prediction("AUSDT", T0, PredictionKind::Sample, 1.5),
        prediction(ODD, T0, PredictionKind::Alert, 9.3e-6),
    );
    HistoryBatch {
        candles: vec![
            candle("BUSDT", Interval::M1, T0, 2.0),
            candle(ODD, Interval::M1, T0, 9.3e-6),
            candle("BUSDT", Interval::M1, T0 + MINUTE_MS, 2.1),
            candle("BUSDT", Interval::H1, T0, 2.1),
        ],
        scores: vec![
            score(ODD, T0, Level::Fuerte, Some(Level::Alta)),
            score("AUSDT", T0, Level::Descartada, None),
        ],
        alerts: vec![alert(ODD, T0, "{\"text\":\"it's \\\"new\\\"\\n\"}\n'`;--"), alert("AUSDT", T0, "")],
        deliveries: vec![delivery("k", "telegram", 0, "dead"), delivery("k", "console", 0, "sent")],
        outcomes: vec![outcome(&judged, T0 + DAY_MS, Some(false))],
        predictions: vec![judged, open],
        universe: vec![day(T0, ODD, "listed"), day(T0, "AUSDT", "")],
        imported: Vec::new(),
        ledger_days: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn does_what_every_store_does() {
    let server = Server::start();
    super::parity::whole_suite(std::sync::Arc::new(server.open().await)).await;
}

#[tokio::test]
async fn every_kind_of_row_comes_back_as_it_was_written() {
    let server = Server::start();
    let store = server.open().await;
    let all = everything();
    store.write(all.clone()).await.unwrap();
    store.write(HistoryBatch::default()).await.unwrap();

    let odd = Symbol::from(ODD);
    let read = store.candles(&odd, Interval::M1, Span::ALL).await.unwrap();
    assert_eq!(read, [all.candles[1].candle]);
    let pairs = store.all_candles(Interval::M1, T0).await.unwrap();
    let two = vec![all.candles[0].candle, all.candles[2].candle];
    assert_eq!(pairs, [("BUSDT".into(), two), (odd.clone(), vec![all.candles[1].candle])]);

    let [high, low] = [all.scores[0].clone(), all.scores[1].clone()];
    assert_eq!(store.scores(None, Span::ALL).await.unwrap(), [low, high.clone()]);
    assert_eq!(store.scores(Some(&odd), Span::ALL).await.unwrap(), [high]);
    assert_eq!(store.alerts(Span::ALL).await.unwrap(), [all.alerts[1].clone(), all.alerts[0].clone()]);
    let channels = [all.deliveries[1].clone(), all.deliveries[0].clone()];
    assert_eq!(store.deliveries(Span::ALL).await.unwrap(), channels);
    let [judged, open] = [all.predictions[0].clone(), all.predictions[1].clone()];
    let judged = (judged, Some(all.outcomes[0].clone()));
    assert_eq!(store.predictions(None, Span::ALL).await.unwrap(), [judged.clone(), (open.clone(), None)]);
    assert_eq!(store.predictions(Some(PredictionKind::Alert), Span::ALL).await.unwrap(), [judged]);
    assert_eq!(store.predictions(Some(PredictionKind::Episode), Span::ALL).await.unwrap(), []);
    assert_eq!(store.universe(Span::ALL).await.unwrap(), [all.universe[1].clone(), all.universe[0].clone()]);

    let stats = store.stats().await.unwrap();
    assert_eq!(stats.store, format!("clickhouse:http://127.0.0.1:{}/market", server.port));
    assert!(stats.bytes > 1000 && stats.spilled_rows == 0, "{stats:?}");
    let rows: Vec<_> = stats.tables.iter().map(|t| (t.table.as_str(), t.rows)).collect();
    let wanted = [("candles", 4), ("scores", 2), ("alerts", 2), ("deliveries", 2), ("predictions", 2)];
    assert_eq!(rows, [&wanted[..], &[("outcomes", 1), ("universe", 2), ("ledger_days", 0)]].concat());
    assert_eq!((stats.tables[0].from, stats.tables[0].to), (Some(T0), Some(T0 + MINUTE_MS)));
}

#[tokio::test]
async fn rows_with_the_same_key_replace_each_other_by_their_rule() {
    let server = Server::start();
    let store = server.open().await;
    let first = prediction("AUSDT", T0, PredictionKind::Episode, 1.0);
    let second = prediction("AUSDT", T0, PredictionKind::Episode, 2.0);
    let batch = |n: i64| HistoryBatch {
        candles: vec![candle("A", Interval::M1, T0, n as f64), candle("A", Interval::M1, T0, n as f64 + 0.5)],
        scores: vec![score("A", T0, Level::Baja, None), score("A", T0, Level::LISTED[n as usize], None)],
        alerts: vec![alert("A", T0, &n.to_string())],
        universe: vec![day(T0, "A", &n.to_string())],
        imported: Vec::new(),
        ledger_days: Vec::new(),
        deliveries: vec![delivery("k", "c", [5, 9, 7][n as usize], &n.to_string())],
        predictions: vec![if n == 0 { first.clone() } else { second.clone() }, second.clone()],
        outcomes: vec![outcome(
            &first,
            T0 + [5, 9, 7][n as usize],
            [None, Some(true), Some(false)][n as usize],
        )],
    };
    for n in 0..3 {
        store.write(batch(n)).await.unwrap();
    }
    let closes: Vec<_> =
        store.candles(&"A".into(), Interval::M1, Span::ALL).await.unwrap().iter().map(|c| c.close).collect();
    assert_eq!(closes, [2.5]);
    let levels: Vec<_> = store.scores(None, Span::ALL).await.unwrap().iter().map(|s| s.level).collect();
    assert_eq!(levels, [Level::Media]);
    assert_eq!(store.alerts(Span::ALL).await.unwrap()[0].payload, "2");
    assert_eq!(store.universe(Span::ALL).await.unwrap(), [day(T0, "A", "2")]);
    let states = |rows: Vec<DeliveryRow>| rows.into_iter().map(|d| d.state).collect::<Vec<_>>();
    assert_eq!(states(store.deliveries(Span::ALL).await.unwrap()), ["1"]);
    let judged = [(second.clone(), Some(outcome(&first, T0 + 9, Some(true))))];
    assert_eq!(store.predictions(None, Span::ALL).await.unwrap(), judged);
    // The same after the server has merged its parts, and after a new start with its own versions.
    store.vacuum().await.unwrap();
    assert_eq!(store.predictions(None, Span::ALL).await.unwrap(), judged);
    drop(store);
    let store = server.open().await;
    store.write(batch(0)).await.unwrap();
    assert_eq!(store.alerts(Span::ALL).await.unwrap()[0].payload, "0");
    assert_eq!(states(store.deliveries(Span::ALL).await.unwrap()), ["1"]);
    let again = vec![delivery("k", "c", 9, "same"), delivery("k", "c", 9, "moment")];
    store.write(HistoryBatch { deliveries: again, ..HistoryBatch::default() }).await.unwrap();
    assert_eq!(states(store.deliveries(Span::ALL).await.unwrap()), ["moment"]);
    let rows: Vec<u64> = store.stats().await.unwrap().tables.iter().map(|t| t.rows).collect();
    assert_eq!(rows, [1, 1, 1, 1, 1, 1, 1, 0]);
}

#[tokio::test]
async fn spans_take_their_first_moment_and_not_their_last() {
    let server = Server::start();
    let store = server.open().await;
    assert_eq!(
        store.stats().await.unwrap().tables[0],
        TableStats { table: "candles".into(), ..Default::default() }
    );
    let times = [T0 - 1, T0, T0 + 1, T0 + DAY_MS * 40];
    let mut batch = HistoryBatch::default();
    for time in times.into_iter().rev() {
        for symbol in ["BUSDT", "AUSDT"] {
            let opened = prediction(symbol, time, PredictionKind::Sample, 1.0);
            batch.candles.push(candle(symbol, Interval::M5, time, 1.0));
            batch.scores.push(score(symbol, time, Level::Baja, None));
            batch.alerts.push(alert(symbol, time, "{}"));
            batch.outcomes.push(outcome(&opened, time, None));
            batch.predictions.push(opened);
            batch.universe.push(day(time, symbol, ""));
            let created_at = MachineTime::from_ms(time.ms());
            let sent = DeliveryRow { created_at, ..delivery(&format!("{symbol}{time}"), "c", 1, "sent") };
            batch.deliveries.push(sent);
        }
    }
    store.write(batch).await.unwrap();
    let span = Span { from: T0, to: times[3] };
    let wanted: Vec<(MarketTime, Symbol)> =
        [T0, T0 + 1].into_iter().flat_map(|t| [(t, "AUSDT".into()), (t, "BUSDT".into())]).collect();
    let scores = store.scores(None, span).await.unwrap();
    assert_eq!(scores.into_iter().map(|r| (r.as_of, r.symbol)).collect::<Vec<_>>(), wanted);
    let alerts = store.alerts(span).await.unwrap();
    assert_eq!(alerts.into_iter().map(|r| (r.as_of, r.symbol)).collect::<Vec<_>>(), wanted);
    let opened = store.predictions(None, span).await.unwrap();
    assert!(opened.iter().all(|(p, o)| o.as_ref().is_some_and(|o| o.key == p.key)));
    assert_eq!(opened.into_iter().map(|(r, _)| (r.opened_at, r.symbol)).collect::<Vec<_>>(), wanted);
    let days = store.universe(span).await.unwrap();
    assert_eq!(days.into_iter().map(|r| (r.day, r.symbol)).collect::<Vec<_>>(), wanted);
    assert_eq!(store.deliveries(span).await.unwrap().len(), 4);
    let candles = store.candles(&"AUSDT".into(), Interval::M5, span).await.unwrap();
    assert_eq!(candles.iter().map(|c| c.open_time).collect::<Vec<_>>(), [T0, T0 + 1]);
    let warm = store.all_candles(Interval::M5, T0 + 1).await.unwrap();
    assert_eq!(
        warm.iter().map(|(s, c)| (s.as_str(), c.len())).collect::<Vec<_>>(),
        [("AUSDT", 2), ("BUSDT", 2)]
    );
}
