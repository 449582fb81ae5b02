//! Alerts, deliveries, the universe, whole batches and sizes.

use super::*;
use impulso::actors::ports::history::{AlertRow, DeliveryRow, UniverseRow};
use impulso::domain::moment::MachineTime;

const TABLES: [&str; 8] =
    ["candles", "scores", "alerts", "deliveries", "predictions", "outcomes", "universe", "ledger_days"];

pub(super) async fn an_empty_store_answers(store: &dyn HistoryStore) {
    store.write(HistoryBatch::default()).await.unwrap();
    let btc = Symbol::new("BTCUSDT");
    assert!(store.candles(&btc, Interval::M1, Span::ALL).await.unwrap().is_empty());
    assert!(store.all_candles(Interval::M1, Span::ALL.from).await.unwrap().is_empty());
    assert!(store.scores(None, Span::ALL).await.unwrap().is_empty());
    assert!(store.scores(Some(&btc), Span::ALL).await.unwrap().is_empty());
    assert!(store.alerts(Span::ALL).await.unwrap().is_empty());
    assert!(store.deliveries(Span::ALL).await.unwrap().is_empty());
    assert!(store.predictions(None, Span::ALL).await.unwrap().is_empty());
    assert!(store.universe(Span::ALL).await.unwrap().is_empty());
    assert_eq!(store.compact(Retention::default(), BASE).await.unwrap(), Default::default());
    store.vacuum().await.unwrap();
    let stats = store.stats().await.unwrap();
    assert_eq!(stats.tables.iter().map(|t| t.table.as_str()).collect::<Vec<_>>(), TABLES);
    assert!(stats.tables.iter().all(|t| t.rows == 0 && t.from.is_none() && t.to.is_none()));
}

pub(super) async fn alerts(store: &dyn HistoryStore, at: MarketTime) {
    let alert = |symbol: &str, as_of: MarketTime, level: Level, payload: &str| AlertRow {
        id: format!("{symbol}-{as_of}-{level}"),
        symbol: Symbol::new(symbol),
        as_of,
        level,
        payload: payload.to_owned(),
    };
    let strange = "{\"text\":\"it's \\\"so\\\"\",\n\t\"x\": \"\\\\ \u{1f680} 币\"}";
    let mut rows = vec![
        alert("AUSDT", at, Level::Fuerte, "{}"),
        alert(FAR, at, Level::Alta, strange),
        alert("AUSDT", at + 1, Level::Alta, ""),
        alert("BUSDT", at + 1, Level::Alta, "{}"),
    ];
    let mut shuffled = rows.clone();
    shuffled.reverse();
    put(store, HistoryBatch { alerts: shuffled, ..HistoryBatch::default() }).await;
    assert_eq!(store.alerts(span(at, 2)).await.unwrap(), rows);
    assert_eq!(store.alerts(span(at, 1)).await.unwrap(), rows[..2]);
    assert_eq!(store.alerts(span(at + 1, 1)).await.unwrap(), rows[2..]);
    rows[0].payload = "{\"new\":1}".to_owned();
    put(store, HistoryBatch { alerts: vec![rows[0].clone()], ..HistoryBatch::default() }).await;
    assert_eq!(store.alerts(Span::ALL).await.unwrap(), rows);
}

pub(super) async fn deliveries(store: &dyn HistoryStore, at: MarketTime) {
    let (market, at) = (at, MachineTime::from_ms(at.ms()));
    let delivery = |key: &str, channel: &str, updated_at: MachineTime, state: &str| DeliveryRow {
        key: key.to_owned(),
        channel: channel.to_owned(),
        created_at: at,
        updated_at,
        state: state.to_owned(),
        attempts: (updated_at - at) as u32,
        reason: None,
    };
    let failed = DeliveryRow {
        attempts: u32::MAX,
        reason: Some("550 \"mail'box\"\r\n\tfull; 币".to_owned()),
        created_at: at + 5,
        ..delivery("a", "mail", at + 9, "dead")
    };
    let newest = delivery("a", "chat", at + 3, "sent");
    // Whatever the order of writing, within a batch and across batches, the newest stands.
    for states in [
        vec![
            delivery("a", "chat", at + 1, "pending"),
            newest.clone(),
            delivery("a", "chat", at + 2, "sending"),
        ],
        vec![delivery("a", "chat", at, "pending"), failed.clone(), delivery("b", "chat", at + 1, "pending")],
    ] {
        put(store, HistoryBatch { deliveries: states, ..HistoryBatch::default() }).await;
    }
    let expected = vec![newest, delivery("b", "chat", at + 1, "pending"), failed.clone()];
    assert_eq!(store.deliveries(span(market, 6)).await.unwrap(), expected);
    assert_eq!(store.deliveries(span(market, 5)).await.unwrap(), expected[..2]);
    assert_eq!(store.deliveries(span(market + 5, 1)).await.unwrap(), [failed]);
}

pub(super) async fn universe(store: &dyn HistoryStore, at: MarketTime) {
    let day = |days: i64, symbol: &str, status: &str, event: &str| UniverseRow {
        day: at + days * DAY_MS,
        symbol: Symbol::new(symbol),
        status: status.to_owned(),
        event: event.to_owned(),
    };
    let rows = vec![
        day(0, "AUSDT", "TRADING", "listed"),
        day(0, FAR, "BREAK", "halted"),
        day(1, "AUSDT", "TRADING", ""),
    ];
    let former = vec![day(0, "AUSDT", "BREAK", "halted"), day(1, "AUSDT", "HALT", "delisted")];
    put(store, HistoryBatch { universe: former, ..HistoryBatch::default() }).await;
    put(store, HistoryBatch { universe: rows.clone(), ..HistoryBatch::default() }).await;
    assert_eq!(store.universe(span(at, 2 * DAY_MS)).await.unwrap(), rows);
    assert_eq!(store.universe(span(at, DAY_MS)).await.unwrap(), rows[..2]);
    assert_eq!(store.universe(span(at + 1, DAY_MS)).await.unwrap(), rows[2..]);
}

pub(super) async fn one_batch_of_everything_twice(store: &dyn HistoryStore, at: MarketTime) {
    let batch = HistoryBatch {
        candles: minutes("ALLUSDT", at, 3),
        scores: vec![score("ALLUSDT", at, 1)],
        alerts: vec![AlertRow {
            id: "all".to_owned(),
            symbol: Symbol::new("ALLUSDT"),
            as_of: at,
            level: Level::Alta,
            payload: "{}".to_owned(),
        }],
        ..HistoryBatch::default()
    };
    let before = store.stats().await.unwrap();
    put(store, batch.clone()).await;
    put(store, batch).await;
    let after = store.stats().await.unwrap();
    let grown = |n: usize| after.tables[n].rows - before.tables[n].rows;
    assert_eq!((0..7).map(grown).collect::<Vec<_>>(), [3, 1, 1, 0, 0, 0, 0]);
}

pub(super) async fn stats_count_everything(store: &dyn HistoryStore) {
    let stats = store.stats().await.unwrap();
    assert!(stats.bytes > 0 && stats.spilled_rows == 0);
    let mut candles = Vec::new();
    for interval in Interval::ALL {
        let all = store.all_candles(interval, Span::ALL.from).await.unwrap();
        candles.extend(all.into_iter().flat_map(|(_, candles)| candles).map(|c| c.open_time));
    }
    let scores = store.scores(None, Span::ALL).await.unwrap();
    let mut judged = store.predictions(None, Span::ALL).await.unwrap();
    judged.extend(store.shadow_predictions(Span::ALL).await.unwrap());
    let outcomes = judged.iter().filter_map(|(_, outcome)| outcome.as_ref());
    let times: Vec<Vec<MarketTime>> = vec![
        candles,
        scores.iter().map(|r| r.as_of).collect(),
        store.alerts(Span::ALL).await.unwrap().iter().map(|r| r.as_of).collect(),
        store.deliveries(Span::ALL).await.unwrap().iter().map(|r| r.created_at.as_market()).collect(),
        judged.iter().map(|(p, _)| p.opened_at).collect(),
        outcomes.map(|o| o.opened_at).collect(),
        store.universe(Span::ALL).await.unwrap().iter().map(|r| r.day).collect(),
    ];
    for (table, times) in stats.tables.iter().zip(times) {
        assert!(table.rows > 0, "{} is empty", table.table);
        let expected = (times.len() as u64, times.iter().min().copied(), times.iter().max().copied());
        assert_eq!((table.rows, table.from, table.to), expected, "{}", table.table);
    }
}
