//! The scanner's side: writes the cache and publishes.

use super::{CANDLES_TTL_S, KEPT, Keys, client, config, failed, line, pack};
use crate::actors::ports::history::CandleRow;
use crate::actors::ports::redis::{Bundle, PublishError, PublishFuture, SnapshotCache};
use crate::actors::view::Encoder;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::Interval;
use crate::i18n::Text;
use redis::aio::ConnectionManager;
use redis::{Client, Pipeline, pipe};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Notes of alerts that are read at a start: several times as many pairs as there are.
const MOST_NOTED: usize = 20_000;

/// Writes to one Redis; connects when it is first used, and again when it was away.
#[derive(Clone)]
pub(crate) struct RedisCache {
    client: Client,
    manager: Arc<OnceCell<ConnectionManager>>,
    keys: Keys,
    encoder: Encoder,
}

impl RedisCache {
    /// `url`: `redis://[user:password@]host[:port][/db]`; `encoder` makes the message of `PREFIX:ranking`.
    ///
    /// # Errors
    /// When the address makes no sense.
    pub(crate) fn new(url: &str, keys: Keys, encoder: Encoder) -> Result<Self, PublishError> {
        let client = client(url)?;
        Ok(Self { client, manager: Arc::new(OnceCell::new()), keys, encoder })
    }

    async fn run(self, pipeline: Pipeline) -> Result<(), PublishError> {
        let connect = || ConnectionManager::new_with_config(self.client.clone(), config());
        let manager = self.manager.get_or_try_init(connect).await.map_err(|e| failed(&e))?;
        let () = pipeline.query_async(&mut manager.clone()).await.map_err(|e| failed(&e))?;
        Ok(())
    }
}

impl SnapshotCache for RedisCache {
    fn publish(&self, bundle: Arc<Bundle>) -> PublishFuture<()> {
        let me = self.clone();
        Box::pin(async move {
            let packed = pack(&*bundle)?;
            let message = (me.encoder)(&bundle.snapshot, bundle.seq);
            let mut p = pipe();
            p.set_ex(me.keys.of("ranking"), &message[..], me.keys.ttl.as_secs()).ignore();
            p.set_ex(me.keys.of("bundle"), &packed, me.keys.ttl.as_secs()).ignore();
            for report in bundle.snapshot.reports.iter() {
                let key = me.keys.of(&format!("symbol:{}", report.symbol));
                let json =
                    serde_json::to_string(report).map_err(|e| PublishError(Text::verbatim(e.to_string())))?;
                p.set_ex(key, json, me.keys.ttl.as_secs()).ignore();
            }
            // Behind the keys, in the same pipeline: who hears of a snapshot finds its reports.
            p.publish(me.keys.of("snapshots"), packed).ignore();
            me.run(p).await
        })
    }

    fn append(&self, rows: Vec<CandleRow>) -> PublishFuture<()> {
        let me = self.clone();
        let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in &rows {
            let key = me.keys.candles(row.interval.as_str(), row.symbol.as_str());
            lists.entry(key).or_default().push(line(&row.candle));
        }
        let mut p = pipe();
        for (key, lines) in lists {
            p.rpush(&key, lines)
                .ignore()
                .ltrim(&key, -KEPT, -1)
                .ignore()
                .expire(&key, CANDLES_TTL_S)
                .ignore();
        }
        Box::pin(me.run(p))
    }

    fn replace(&self, symbol: &Symbol, interval: Interval, candles: Vec<Candle>) -> PublishFuture<()> {
        let key = self.keys.candles(interval.as_str(), symbol.as_str());
        let lines: Vec<String> = candles.iter().filter(|c| c.closed).map(line).collect();
        let mut p = pipe();
        // Atomic: between DEL and RPUSH a node would read an empty chart.
        p.atomic().del(&key).ignore();
        if !lines.is_empty() {
            p.rpush(&key, lines).ignore().expire(&key, CANDLES_TTL_S).ignore();
        }
        Box::pin(self.clone().run(p))
    }

    fn note_alerts(&self, alerts: Vec<(Symbol, MarketTime)>, ttl_ms: u64) -> PublishFuture<()> {
        let mut p = pipe();
        for (symbol, as_of) in alerts {
            let key = self.keys.of(&format!("cooldown:{symbol}"));
            // NX: the first node to note an alert counts; PX is only the clean-up, the policy goes by the value.
            p.cmd("SET").arg(key).arg(as_of.ms()).arg("NX").arg("PX").arg(ttl_ms).ignore();
        }
        Box::pin(self.clone().run(p))
    }

    fn noted_alerts(&self) -> PublishFuture<Vec<(Symbol, MarketTime)>> {
        let me = self.clone();
        Box::pin(async move {
            let connect = || ConnectionManager::new_with_config(me.client.clone(), config());
            let mut manager = me.manager.get_or_try_init(connect).await.map_err(|e| failed(&e))?.clone();
            let start = me.keys.of("cooldown:");
            let (mut cursor, mut noted) = (0_u64, Vec::new());
            loop {
                let (next, keys): (u64, Vec<String>) = redis::cmd("SCAN")
                    .arg(cursor)
                    .arg("MATCH")
                    .arg(format!("{start}*"))
                    .arg("COUNT")
                    .arg(1_000)
                    .query_async(&mut manager)
                    .await
                    .map_err(|e| failed(&e))?;
                for key in keys {
                    let value: Option<i64> = redis::cmd("GET")
                        .arg(&key)
                        .query_async(&mut manager)
                        .await
                        .map_err(|e| failed(&e))?;
                    let name = key.strip_prefix(&start);
                    noted.extend(
                        name.zip(value).map(|(name, as_of)| (Symbol::new(name), MarketTime::from_ms(as_of))),
                    );
                }
                cursor = next;
                if cursor == 0 || noted.len() > MOST_NOTED {
                    return Ok(noted);
                }
            }
        })
    }
}
