//! Binds the address, joins the routes, starts and stops the server.

use crate::i18n::failure;
use crate::web::config::{WebConfig, WebHandles, WebState};
use crate::web::limit::Limiter;
use crate::web::live::relay::Relay;
use crate::web::live::socket::PeerSocket;
use crate::web::{
    api, assets, asyncapi, auth, csv, docs, etag, language, limit, live, login, openapi, pages, problem,
    security,
};
use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer};
use std::io;
use std::net::SocketAddr;

/// Most connections a worker takes at once; the rest wait in the backlog. A hundred live clients with a
/// browser's six connections each are well below it.
const MAX_CONNECTIONS: usize = 1024;
/// How long open requests may take when the server stops, seconds: of the 9 in which all must have ended the actors need
/// most, as they have something to lose.
const STOP_SECONDS: u64 = 3;

pub struct WebServer {
    addr: SocketAddr,
    handle: ServerHandle,
}

impl WebServer {
    /// Where it listens, the real port included.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops it: no new connection; with `graceful` open requests may end (at most 3 s).
    pub async fn stop(&self, graceful: bool) {
        self.handle.stop(graceful).await;
    }
}

/// A route that only reads: GET and HEAD, everything else is a 405 that says so.
macro_rules! read {
    ($path:literal, $handler:expr) => {
        web::resource($path).get($handler).head($handler).default_service(web::route().to(problem::no_method))
    };
}

fn routes(cfg: &mut ServiceConfig) {
    let socket = web::resource("/ws").get(live::session::open);
    cfg.service(read!("/", pages::market::page))
        .service(read!("/s/{symbol}", pages::symbol::page))
        .service(read!("/alerts", pages::alerts::page))
        .service(read!("/track", pages::track::page))
        .service(read!("/experiments", pages::experiments::page))
        .service(read!("/status", pages::status::page))
        .service(socket.default_service(web::route().to(problem::no_method)))
        .service(read!("/healthz", api::status::healthz))
        .service(read!("/readyz", api::status::readyz))
        .service(read!("/metrics", api::status::metrics))
        .service(read!("/openapi.json", openapi::document))
        .service(read!("/asyncapi.json", asyncapi::asyncapi))
        .service(read!("/docs", docs::page))
        .service(read!("/docs/{name}", docs::file))
        .service(read!("/favicon.ico", assets::favicon))
        .service(read!("/assets/{name}", assets::asset))
        .service(read!("/api/v1/ranking", api::ranking::ranking))
        .service(read!("/api/v1/status", api::status::status))
        .service(read!("/api/v1/symbols", api::symbols::symbols))
        .service(read!("/api/v1/symbols/{symbol}", api::symbols::symbol))
        .service(read!("/api/v1/symbols/{symbol}/candles", api::candles::candles))
        .service(read!("/api/v1/symbols/{symbol}/explanation", api::explain::explanation))
        .service(read!("/api/v1/symbols/{symbol}/indicators", api::chart::indicators))
        .service(read!("/api/v1/symbols/{symbol}/scores", api::chart::scores))
        .service(login::resource())
        .configure(operations)
        .default_service(web::to(problem::no_route));
}

/// Alerts, and what an operator changes.
fn operations(cfg: &mut ServiceConfig) {
    use api::alerts;
    let other = || web::route().to(problem::no_change);
    let mutes = web::resource("/api/v1/mutes").get(alerts::mutes).head(alerts::mutes).post(alerts::mute);
    let mute = web::resource("/api/v1/mutes/{symbol}").delete(alerts::unmute);
    let watch = web::resource("/api/v1/watchlist/{symbol}").put(alerts::watch).delete(alerts::unwatch);
    let test = web::resource("/api/v1/channels/{name}/test").post(alerts::test);
    let promote = web::resource("/api/v1/experiments/{arm}/promote").post(api::experiments::promote);
    let rollback = web::resource("/api/v1/experiments/rollback").post(api::experiments::rollback);
    cfg.service(read!("/api/v1/alerts", alerts::alerts))
        .service(read!("/api/v1/sparklines", api::sparklines::sparklines))
        .service(read!("/api/v1/measures", api::service_levels::measures))
        .service(read!("/api/v1/performance", api::performance::performance))
        .service(read!("/api/v1/predictions", api::predictions::predictions))
        .service(read!("/api/v1/model", api::model::model))
        .service(read!("/api/v1/experiments", api::experiments::experiments))
        .service(rollback.default_service(other()))
        .service(promote.default_service(other()))
        .service(read!("/api/v1/channels", alerts::channels))
        .service(read!("/api/v1/watchlist", alerts::watchlist))
        .service(mutes.default_service(other()))
        .service(mute.default_service(other()))
        .service(watch.default_service(other()))
        .service(test.default_service(other()));
}

/// Binds and starts the server inside the running actix system.
///
/// # Errors
/// When the address cannot be bound; an address in use is named together with `--port`.
pub fn start(config: WebConfig, handles: WebHandles) -> io::Result<WebServer> {
    let (bind, workers) = (config.bind, config.workers.max(1));
    let relay = Data::new(Relay::default());
    let limiter = Data::new(Limiter::new(config.rate));
    let state = Data::new(WebState::new(config, handles));
    let server = HttpServer::new(move || {
        // An ETag is made of the CSV where one is asked for, and of the body before it is compressed; guesses of
        // tokens are limited; and whoever refuses, the refusal has its words and headers.
        // The innermost filter stands first.
        App::new()
            .app_data(state.clone())
            .app_data(limiter.clone())
            .app_data(relay.clone())
            .wrap(from_fn(csv::offer))
            .wrap(from_fn(etag::validate))
            .wrap(from_fn(auth::guard))
            .wrap(from_fn(limit::hold))
            .wrap(from_fn(security::plain_bodies))
            .wrap(from_fn(language::localise))
            .wrap(Compress::default())
            .wrap(security::cors(&state.config.cors_origins))
            .wrap(security::headers())
            .wrap(from_fn(security::measure))
            .configure(routes)
    })
    .on_connect(PeerSocket::remember)
    .workers(workers)
    .max_connections(MAX_CONNECTIONS)
    .shutdown_timeout(STOP_SECONDS)
    // The program's own stop has an order: a server that heard the signals itself would be gone before it.
    .disable_signals()
    .bind(bind)
    .map_err(|error| explain(bind, &error))?;
    let addr = server.addrs().first().copied().unwrap_or(bind);
    let running = server.run();
    let handle = running.handle();
    actix_rt::spawn(async move {
        if let Err(error) = running.await {
            tracing::error!(%error, "the web server ended");
        }
    });
    Ok(WebServer { addr, handle })
}

fn explain(bind: SocketAddr, error: &io::Error) -> io::Error {
    let address = bind.to_string();
    let failure = match error.kind() {
        io::ErrorKind::AddrInUse => failure!(address_in_use, address = address),
        _ => failure!(cannot_listen, address = address, why = error.to_string()),
    };
    io::Error::new(error.kind(), failure)
}
