//! The real server on a free port, asked over real HTTP.

use actix::{Actor, Context, Handler};
use impulso::actors::view::{LiveView, Published, Subscribe, SymbolQueries, Unsubscribe};
use impulso::domain::candle::Candle;
use impulso::domain::ranking::{Coverage, Snapshot};
use impulso::domain::report::Report;
use impulso::domain::time::Interval;
use impulso::metrics::Metrics;
use impulso::web::{WebConfig, WebHandles, encode_snapshot, start};
use std::sync::Arc;

struct Hub;
impl Actor for Hub {
    type Context = Context<Self>;
}
impl Handler<Subscribe> for Hub {
    type Result = ();
    fn handle(&mut self, _: Subscribe, _: &mut Self::Context) {}
}
impl Handler<Unsubscribe> for Hub {
    type Result = ();
    fn handle(&mut self, _: Unsubscribe, _: &mut Self::Context) {}
}

struct Nobody;
impl SymbolQueries for Nobody {
    fn report(&self, _: &str) -> futures_util::future::LocalBoxFuture<'static, Option<Report>> {
        Box::pin(async { None })
    }
    fn candles(
        &self,
        _: &str,
        _: Interval,
        _: usize,
    ) -> futures_util::future::LocalBoxFuture<'static, Option<Vec<Candle>>> {
        Box::pin(async { None })
    }
    fn knows(&self, symbol: &str) -> bool {
        symbol == "币安USDT"
    }
}

#[actix_rt::test]
async fn statuses_before_and_after_the_first_full_ranking() {
    let (hub, view) = (Hub.start(), Arc::new(LiveView::default()));
    let handles = WebHandles {
        view: Arc::clone(&view),
        queries: Arc::new(Nobody),
        subscribe: hub.clone().recipient(),
        unsubscribe: hub.recipient(),
        metrics: Metrics::install().unwrap(),
    };
    let bind = "127.0.0.1:0".parse().unwrap();
    let server = start(WebConfig { bind, workers: 1, ..WebConfig::default() }, handles).unwrap();
    let client = awc::Client::default();
    let ask = async |path: &str| {
        let mut answer = client.get(format!("http://{}{path}", server.addr())).send().await.unwrap();
        (answer.status().as_u16(), String::from_utf8_lossy(&answer.body().await.unwrap()).into_owned())
    };
    assert_eq!(ask("/healthz").await.0, 200);
    assert_eq!(ask("/readyz").await.0, 503);
    assert_eq!(ask("/api/v1/ranking").await.0, 503);
    assert_eq!(ask("/").await.0, 200);
    let coverage = Coverage { universe: 10, analyzable: 10, reasons: [0; 4] };
    let snapshot = Arc::new(Snapshot {
        cycle: 1,
        as_of: 60_000,
        coverage,
        latency_ms: 1.5,
        rows: vec![],
        discarded: 7,
        filtered: 3,
        reports: Arc::new(vec![]),
    });
    let message = encode_snapshot(&snapshot, 1);
    view.set_published(Arc::new(Published { seq: 1, snapshot, message }));
    let (status, body) = ask("/api/v1/ranking").await;
    assert!(status == 200 && body.contains("\"discarded\":7"), "{body}");
    assert_eq!(ask("/readyz").await.0, 200);
    let (status, body) = ask("/api/v1/ranking?limit=0").await;
    assert!(status == 400 && body.contains("allowed"), "{body}");
    assert_eq!(ask("/api/v1/ranking?colour=red").await.0, 400);
    assert_eq!(ask("/api/v1/symbols/NOPE").await.0, 404);
    assert_eq!(ask("/api/v1/symbols/%E5%B8%81%E5%AE%89USDT").await.0, 503);
    assert_eq!(ask("/api/v1/symbols/%E5%B8%81%E5%AE%89USDT/candles?interval=3m").await.0, 400);
    assert!(ask("/openapi.json").await.1.contains("RankingBody"));
    server.stop(false).await;
}
