//! Binds the address, joins the routes, starts and stops the server.

use crate::i18n::failure;
use crate::web::config::{WebConfig, WebHandles, WebState};
use crate::web::connections::{Connection, Connections};
use crate::web::limit::Limiter;
use crate::web::live::relay::Relay;
use crate::web::network::{Client, Network};
use crate::web::outgoing::Outgoing;
use crate::web::{
    api, assets, asyncapi, auth, base, caller, csv, docs, etag, language, limit, live, login, openapi,
    outgoing, pages, problem, security,
};
use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::{Server, ServerHandle};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::App;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Data, ServiceConfig};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpSocket;

/// Connections beside those of live clients: pages, the API, health checks. With a descriptor each they stay far below what
/// a process may have open.
const MORE_CONNECTIONS: usize = 1_024;
/// How long open requests may take when the server stops, seconds: of the 9 in which all must have ended the actors need
/// most, as they have something to lose.
const STOP_SECONDS: u64 = 3;

/// Connections that wait to be taken: after an outage hundreds of pages come back in the same second.
const BACKLOG: u32 = 1_024;
/// How long a client may take to close its side, once all was written: who has the answer has no more to lose.
const DISCONNECT_WITHIN: Duration = Duration::from_secs(1);

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

/// What all workers share.
#[derive(Clone)]
struct Shared {
    state: Data<WebState>,
    limiter: Data<Limiter>,
    relay: Data<Relay>,
    outgoing: Data<Outgoing>,
}

fn app(
    shared: &Shared,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    // An ETag is made of the CSV where one is asked for, and of the body before it is packed. Who asks is found out before
    // anything is counted, so that a known token is not refused for what others of its address did; and whoever refuses,
    // the refusal has its words and headers. The innermost filter stands first.
    App::new()
        .app_data(shared.state.clone())
        .app_data(shared.limiter.clone())
        .app_data(shared.relay.clone())
        .app_data(shared.outgoing.clone())
        .wrap(from_fn(csv::offer))
        .wrap(from_fn(etag::validate))
        .wrap(from_fn(auth::guard))
        .wrap(from_fn(security::bodies_in_time))
        .wrap(from_fn(limit::hold))
        .wrap(from_fn(caller::identify))
        .wrap(from_fn(security::plain_bodies))
        .wrap(from_fn(language::localise))
        .wrap(from_fn(outgoing::hold))
        .wrap(security::cors(&shared.state.config.cors_origins))
        .wrap(security::headers())
        .wrap(from_fn(security::measure))
        .wrap(from_fn(base::take_away))
        .configure(routes)
}

/// As the system's own, but with a longer queue: hundreds of clients connect at once after a restart.
fn listener(bind: SocketAddr) -> io::Result<TcpListener> {
    let socket = if bind.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A port that was used a moment ago may be taken again: a restart takes seconds.
    socket.set_reuseaddr(true)?;
    socket.bind(bind)?;
    socket.listen(BACKLOG)?.into_std()
}

/// A place for a connection; behind a trusted proxy are many clients, whose number it bounds itself.
fn admitted(
    socket: TcpStream,
    connections: &Arc<Connections>,
    trusted: &[Network],
    patience: Duration,
) -> io::Result<(Connection, Protocol, Option<SocketAddr>)> {
    let peer = socket.peer_addr()?;
    let proxy = trusted.iter().any(|network| network.contains(peer.ip()));
    let place = connections.admit((!proxy).then(|| Client::at(peer.ip())));
    let place = place.ok_or(io::ErrorKind::ConnectionRefused)?;
    Ok((Connection::new(socket, place, patience), Protocol::Http1, Some(peer)))
}

/// Binds and starts the server inside the running actix system.
///
/// # Errors
/// When the address cannot be bound; an address in use is named together with `--port`.
pub fn start(config: WebConfig, handles: WebHandles) -> io::Result<WebServer> {
    let (bind, workers, patience) = (config.bind, config.workers.max(1), config.client_timeout);
    let all = config.max_clients + MORE_CONNECTIONS;
    let connections = Arc::new(Connections::new(config.max_connections_each, all));
    let metrics = handles.metrics.clone();
    let shared = Shared {
        limiter: Data::new(Limiter::new(config.rate)),
        relay: Data::new(Relay::default()),
        outgoing: Data::new(Outgoing::default()),
        state: Data::new(WebState::new(config, handles)),
    };
    let listener = listener(bind).map_err(|error| explain(bind, &error))?;
    let addr = listener.local_addr()?;
    let builder = Server::build()
        .workers(workers)
        // Of each worker: never reached, as `Connections` bounds those of all together.
        .max_concurrent_connections(all + MORE_CONNECTIONS)
        .shutdown_timeout(STOP_SECONDS)
        // The program's own stop has an order: a server that heard the signals itself would be gone before it.
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let running = builder
        .listen("impulso", listener, move || {
            let (connections, stopping) = (Arc::clone(&connections), stopping.clone());
            let trusted = shared.state.config.trusted_proxies.clone();
            let app = app(&shared).into_factory().map_err(|error| error.error_response());
            let http = HttpService::build()
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .client_disconnect_timeout(DISCONNECT_WITHIN)
                .local_addr(addr)
                .on_connect_ext(|connection: &Connection, data| {
                    data.insert(connection.handle());
                })
                .finish(map_config(app, |()| AppConfig::default()));
            fn_service(move |socket: TcpStream| {
                let admitted = admitted(socket, &connections, &trusted, patience);
                async move { admitted.map_err(DispatchError::Io) }
            })
            .and_then(http)
        })
        .map_err(|error| explain(bind, &error))?
        .run();
    let handle = running.handle();
    actix_rt::spawn(async move {
        let ended = tokio::select! {
            ended = running => ended,
            never = metrics.keep_folding() => never,
        };
        if let Err(error) = ended {
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
