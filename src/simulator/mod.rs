//! A Binance-compatible exchange: REST and streams on one port, over a recorded or a made-up market.

pub mod admin;
pub mod config;
pub mod faults;
pub mod limits;
pub mod market;
pub mod rest;
pub mod state;
pub mod stream;

pub use config::{MarketSource, SimulatorConfig, SimulatorError, Timings};
pub(crate) use faults::{BadFault, FaultSpec};

use crate::domain::moment::MarketTime;
use crate::domain::time::MINUTE_MS;
use crate::i18n::text;
use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, middleware, web};
use market::universe::Draw;
use market::{Market, recorded, universe};
use state::State;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

#[derive(Debug)]
pub struct Simulator {
    addr: SocketAddr,
    state: web::Data<State>,
    server: ServerHandle,
}

impl Simulator {
    /// Loads the market and serves it. Must be called inside a running actix system.
    ///
    /// # Errors
    /// Data that is absent or unreadable, a start outside it, senseless settings, an address in use.
    pub async fn start(config: SimulatorConfig) -> Result<Self, SimulatorError> {
        Self::start_with(config, |_, _| {}).await
    }

    /// Like `start`; `progress` is told (files loaded, files in all).
    pub async fn start_with(
        config: SimulatorConfig,
        mut progress: impl FnMut(usize, usize) + Send + 'static,
    ) -> Result<Self, SimulatorError> {
        if !(config.speed > 0.0 && config.speed <= 10_000.0) {
            return Err(SimulatorError::Invalid(text!(simulator_speed)));
        }
        let (listen, speed, timings, faults) =
            (config.listen, config.speed, config.timings, config.faults.clone());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most 4e9 x 1e4, saturating"
        )]
        let limit = (f64::from(config.weight_limit) * speed.max(1.0)) as u32;
        // A recorded market takes seconds to read; progress is shown meanwhile.
        let market = tokio::task::spawn_blocking(move || build(&config, &mut progress))
            .await
            .map_err(|e| SimulatorError::Invalid(text!(simulator_not_loaded, why = e.to_string())))??;
        let state = web::Data::new(State::new(market, speed, limit, timings));
        for spec in faults {
            if state.faults().add(spec, 0).is_none() {
                return Err(SimulatorError::Invalid(text!(simulator_faults)));
            }
        }
        let bind = |source| SimulatorError::Bind { addr: listen, source };
        let data = state.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .wrap(middleware::Compress::default())
                .configure(admin::routes)
                .route("/api/v3/{route:.*}", web::route().to(rest::handle))
                .route("/ws", web::get().to(stream::connection::connect))
                .route("/ws/{names:.*}", web::get().to(stream::connection::connect))
                .route("/stream", web::get().to(stream::connection::connect))
        })
        .workers(2)
        .disable_signals()
        // Connections are ended by `stop` before; a REST answer takes no second.
        .shutdown_timeout(1)
        .bind(listen)
        .map_err(bind)?;
        let addr = server.addrs().first().copied().unwrap_or(listen);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        // After the address is bound: who cannot listen leaves nothing running.
        actix_web::rt::spawn(stream::feed::run(state.clone().into_inner()));
        Ok(Self { addr, state, server: handle })
    }

    /// Address of REST and streams.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn market_now(&self) -> MarketTime {
        self.state.market_now()
    }

    /// Ends all connections and the server.
    pub async fn stop(self) {
        // First the feed, then the connections, then the server, which would wait for connections that are open.
        self.state.stopping.store(true, Ordering::Release);
        for client in self.state.registry().clients.values() {
            client.kill.end();
        }
        self.server.stop(true).await;
    }
}

fn build(
    config: &SimulatorConfig,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<Market, SimulatorError> {
    match &config.market {
        MarketSource::Synthetic { symbols, seed } => {
            if !(1..=5_000).contains(symbols) || config.listings > 1_000 {
                return Err(SimulatorError::Invalid(text!(simulator_symbols)));
            }
            let missing = || SimulatorError::Invalid(text!(simulator_start));
            let start = config.start.ok_or_else(missing)?;
            let lag_min = config.moves_as_from.map_or(0, |from| (start - from).div_euclid(MINUTE_MS));
            Ok(universe::synthetic(
                *symbols,
                Draw { seed: *seed, lag_min },
                config.base,
                start,
                config.speed,
                config.script,
                config.listings,
            ))
        }
        MarketSource::Recorded { folders_or_zips } => {
            let loaded = recorded::load(folders_or_zips, config.base, progress)?;
            let start = config.start.unwrap_or_else(|| loaded.default_start());
            if start < loaded.from || start >= loaded.to {
                return Err(SimulatorError::StartOutside {
                    start: readable(start),
                    from: readable(loaded.from),
                    to: readable(loaded.to),
                    from_ms: loaded.from.ms(),
                    to_ms: loaded.to.ms(),
                });
            }
            universe::script_listings(&loaded.pairs, start, config.listings);
            Ok(Market::new(config.base, start, false, config.seed, loaded.pairs))
        }
    }
}

fn readable(at: MarketTime) -> String {
    let format = &time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::from_unix_timestamp(at.ms() / 1_000)
        .ok()
        .and_then(|t| t.format(format).ok())
        .unwrap_or_else(|| format!("{at} ms"))
}
