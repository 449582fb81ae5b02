//! A read-only node's side: every bundle as it comes, and candles on request.

use super::{ANSWER_WITHIN, Keys, candle, client, config, failed, unpack};
use crate::actors::ports::redis::{Bundle, PublishError};
use crate::actors::read_only_node::NodeUpdate;
use crate::actors::view::{LiveView, SymbolQueries};
use crate::domain::analysis::grouped;
use crate::domain::candle::Candle;
use crate::domain::report::Report;
use crate::domain::time::Interval;
use crate::i18n::{Reason, text};
use futures_util::future::LocalBoxFuture;
use redis::aio::ConnectionManager;
use redis::{Client, PushInfo, PushKind, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Between attempts to reach Redis: a restart of it takes about a second.
const AGAIN: Duration = Duration::from_secs(1);

/// Hears bundles until the receiver of `tell` is gone. Never gives up.
///
/// # Errors
/// When the address makes no sense.
pub(crate) async fn watch(
    url: &str,
    keys: &Keys,
    tell: impl Fn(NodeUpdate) -> bool,
) -> Result<(), PublishError> {
    let client = resp3(url)?;
    loop {
        // Subscribed first and read then: what is published in between is heard twice instead of never.
        let lost = match subscribe(&client, keys).await {
            Ok((manager, pushes)) => match newest(&manager, keys).await {
                Ok(bundle) => {
                    if !tell(NodeUpdate::Back) || bundle.is_some_and(|b| !tell(b)) {
                        return Ok(());
                    }
                    hear(manager, pushes, &tell).await
                }
                Err(error) => Some(error.reason()),
            },
            Err(error) => Some(error.reason()),
        };
        let Some(why) = lost else { return Ok(()) };
        if !tell(NodeUpdate::Lost(why)) {
            return Ok(());
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Pushes need RESP3.
fn resp3(url: &str) -> Result<Client, PublishError> {
    let joiner = if url.contains('?') { '&' } else { '?' };
    client(&format!("{url}{joiner}protocol=resp3"))
}

fn lost() -> Reason {
    PublishError(text!(redis_lost)).reason()
}

type Pushes = UnboundedReceiver<PushInfo>;

async fn subscribe(client: &Client, keys: &Keys) -> Result<(ConnectionManager, Pushes), PublishError> {
    let (sender, pushes) = unbounded_channel();
    let config = config().set_push_sender(sender);
    let mut manager =
        ConnectionManager::new_with_config(client.clone(), config).await.map_err(|e| failed(&e))?;
    manager.subscribe(keys.of("snapshots")).await.map_err(|e| failed(&e))?;
    Ok((manager, pushes))
}

/// The bundle that was published last, if it is still there.
async fn newest(manager: &ConnectionManager, keys: &Keys) -> Result<Option<NodeUpdate>, PublishError> {
    let mut manager = manager.clone();
    let packed: Option<Vec<u8>> =
        redis::cmd("GET").arg(keys.of("bundle")).query_async(&mut manager).await.map_err(|e| failed(&e))?;
    Ok(match packed.map(|p| unpack::<Bundle>(&p)) {
        Some(Ok(bundle)) => Some(NodeUpdate::Bundle(Box::new(bundle))),
        Some(Err(error)) => {
            tracing::warn!(%error, "the newest snapshot in Redis cannot be parsed: is the scanner of the same version?");
            None
        }
        None => None,
    })
}

/// Hears until the connection is lost (why) or nobody listens (`None`). A quiet connection is asked whether it lives.
async fn hear(
    manager: ConnectionManager,
    mut pushes: Pushes,
    tell: &impl Fn(NodeUpdate) -> bool,
) -> Option<Reason> {
    loop {
        // A connection that a firewall has forgotten says nothing, as a market without cycles does: the ping tells
        // them apart.
        let push = match tokio::time::timeout(ANSWER_WITHIN, pushes.recv()).await {
            Ok(Some(push)) => push,
            Ok(None) => return Some(lost()),
            Err(_) => {
                let ping = redis::cmd("PING").query_async::<String>(&mut manager.clone()).await;
                match ping {
                    Ok(_) => continue,
                    Err(error) => return Some(failed(&error).reason()),
                }
            }
        };
        match push.kind {
            PushKind::Disconnection => return Some(lost()),
            PushKind::Message => {}
            _ => continue,
        }
        let Some(Value::BulkString(packed)) = push.data.get(1) else { continue };
        match unpack::<Bundle>(packed) {
            Ok(bundle) => {
                if !tell(NodeUpdate::Bundle(Box::new(bundle))) {
                    return None;
                }
            }
            Err(error) => {
                metrics::counter!("impulso_redis_malformed_total").increment(1);
                tracing::warn!(%error, "a snapshot from Redis cannot be parsed: is the scanner of the same version?");
            }
        }
    }
}

/// Answers questions about single pairs from the cache.
pub(crate) struct RedisCandles {
    client: Client,
    keys: Keys,
    view: Arc<LiveView>,
    /// Base interval and length of a bar of the scanner.
    intervals: (Interval, Interval),
}

impl RedisCandles {
    /// `view` holds the newest bundle.
    ///
    /// # Errors
    /// When the address makes no sense.
    pub(crate) fn new(
        url: &str,
        keys: Keys,
        view: Arc<LiveView>,
        intervals: (Interval, Interval),
    ) -> Result<Self, PublishError> {
        let client = client(url)?;
        Ok(Self { client, keys, view, intervals })
    }
}

async fn range(client: Client, key: String) -> Option<Vec<Candle>> {
    let mut connection = client.get_multiplexed_async_connection().await.ok()?;
    let lines: Vec<String> =
        redis::cmd("LRANGE").arg(key).arg(0).arg(-1).query_async(&mut connection).await.ok()?;
    let mut candles: Vec<Candle> = lines.iter().filter_map(|text| candle(text)).collect();
    // A list that was put in place and added to at once may hold a candle twice, out of order.
    candles.sort_by_key(|c| c.open_time);
    candles.dedup_by_key(|c| c.open_time);
    Some(candles)
}

impl SymbolQueries for RedisCandles {
    fn report(&self, symbol: &str) -> LocalBoxFuture<'static, Option<Report>> {
        let found = self.view.reports().iter().find(|r| r.symbol.as_str() == symbol).cloned();
        Box::pin(async move { found })
    }

    fn candles(
        &self,
        symbol: &str,
        interval: Interval,
        limit: usize,
    ) -> LocalBoxFuture<'static, Option<Vec<Candle>>> {
        let (base, tf) = self.intervals;
        let source = if interval.ms() % tf.ms() == 0 { tf } else { base };
        let key = self.keys.candles(source.as_str(), symbol);
        let client = self.client.clone();
        Box::pin(async move {
            let read = tokio::time::timeout(ANSWER_WITHIN, range(client, key)).await.ok()??;
            let mut candles = grouped(&read, interval);
            Some(candles.split_off(candles.len().saturating_sub(limit)))
        })
    }

    fn knows(&self, symbol: &str) -> bool {
        self.view.reports().iter().any(|r| r.symbol.as_str() == symbol)
    }
}
