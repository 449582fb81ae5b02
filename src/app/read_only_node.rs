//! `impulso web`: page, REST and WebSocket from Redis alone.

use super::compose::web_config;
use super::{STOP_WITHIN, signal};
use crate::actors::ports::Clock;
use crate::actors::read_only_node::ReadOnlyNode;
use crate::actors::view::LiveView;
use crate::adapters::clock::SystemClock;
use crate::adapters::redis::{RedisCandles, watch};
use crate::i18n::{OrFail, Text, failure, text};
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::settings::stores::masked;
use crate::web::{WebHandles, encode_snapshot};
use actix::Actor;
use std::process::ExitCode;
use std::sync::Arc;

/// Serves what scanners publish until a signal comes.
///
/// # Errors
/// No Redis in the settings, an address that makes no sense or is in use.
pub(crate) async fn web(settings: &Settings, say: &dyn Fn(&Text)) -> anyhow::Result<ExitCode> {
    let url = settings.redis.url.expose().to_owned();
    anyhow::ensure!(settings.redis.enabled(), failure!(which_redis));
    let metrics = Metrics::install().or_fail(|| text!(no_metrics))?;
    let view = Arc::new(LiveView::default());
    view.set_profile(Arc::clone(&settings.analysis.profile));
    let machine: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let encoder = Arc::new(encode_snapshot);
    let read_only_node =
        ReadOnlyNode::new(Arc::clone(&machine), Arc::clone(&view), encoder, masked(&url)).start();
    let keys = settings.redis.keys.clone();
    let intervals = (settings.exchange.base(), settings.analysis.tf);
    let queries = RedisCandles::new(&url, keys.clone(), Arc::clone(&view), intervals)?;
    let config = web_config(settings, None);
    let base_path = config.base_path.clone();
    let tokens = match config.guards_reads() {
        true => Some(Arc::new(super::state::open(settings)?) as _),
        false => None,
    };
    let handles = WebHandles {
        experiment: None,
        model: None,
        view,
        queries: Arc::new(queries),
        operator: None,
        entry: None,
        tokens,
        history: None,
        measures: None,
        explain: None,
        machine,
        metrics,
    };
    let server = crate::web::start(config, handles)?;
    say(&text!(page_at, url = format!("http://{}{base_path}/", server.addr())));
    let heard = read_only_node.recipient();
    // After the server: the page tells from the start that Redis is not there yet.
    let watching = actix_rt::spawn(async move {
        let tell = |news| heard.try_send(news).is_ok() || heard.connected();
        if let Err(error) = watch(&url, &keys, tell).await {
            tracing::error!(%error, "Redis cannot be used");
        }
    });
    signal().await?;
    tracing::info!("stopping in order");
    watching.abort();
    if tokio::time::timeout(STOP_WITHIN, server.stop(true)).await.is_err() {
        tracing::warn!("the web server did not end in time");
    }
    Ok(ExitCode::SUCCESS)
}
