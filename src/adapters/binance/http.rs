//! REST through awc: pacing, time limits, bounded and measured bodies.

use crate::actors::ports::{Clock, MarketRest, RestAnswer, RestFailure, RestFuture};
use crate::adapters::clock::SystemClock;
use crate::adapters::net::connections;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::exchange::left_out::{Decoded, LeftOut};
use crate::exchange::rest::error::RestError;
use crate::exchange::rest::klines::decode_klines;
use crate::exchange::rest::model::{
    ExchangeInfo, Ticker24h, decode_exchange_info, decode_mini_tickers, decode_server_time,
};
use crate::exchange::rest::request::{KlinesRequest, Request, exchange_info, mini_tickers, server_time};
use crate::i18n::{no_connection, text};
use awc::error::{ConnectError, SendRequestError};
use awc::http::header;
use awc::{Client, ClientResponse};
use bytes::Bytes;
use flate2::read::GzDecoder;
use futures_util::{Stream, StreamExt};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use parking_lot::RwLock;
use std::io::Read;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As many as `exchange.rest_concurrency` may ask for: a request that waits for a connection would use up its own time.
const CONNECTIONS: usize = 64;

/// How the REST client behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// Base address, such as `https://data-api.binance.vision`.
    pub base_url: String,
    /// Limit for name resolution, TCP and TLS.
    pub connect_timeout: Duration,
    /// Limit for the whole answer, the waiting for the pace not included.
    pub response_timeout: Duration,
    /// Largest body after decompression, bytes; each route has a limit of its own below it.
    pub max_body_bytes: usize,
    /// Weight a minute before exchangeInfo has told it.
    pub weight_limit_1m: u32,
}

impl HttpSettings {
    /// Defaults for a base address; a slash at its end is dropped.
    pub fn new(base_url: &str) -> Self {
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            connect_timeout: Duration::from_secs(5),
            response_timeout: Duration::from_secs(15),
            max_body_bytes: usize::MAX,
            weight_limit_1m: crate::exchange::weight::INITIAL_LIMIT,
        }
    }
}

/// Paces requests by weight: a whole minute's limit may go in a burst, then it flows back evenly. Shared
/// by all clients of the process. The ledger decides; this second bound holds whatever goes wrong there.
/// Read at every request, written when the exchange changes its limit.
#[derive(Debug, Clone)]
pub struct Pace(Arc<RwLock<(u32, Arc<DefaultDirectRateLimiter>)>>);

impl Pace {
    /// A pace of `limit_1m` weight a minute.
    pub fn new(limit_1m: u32) -> Self {
        Self(Arc::new(RwLock::new((limit_1m, limiter(limit_1m)))))
    }

    /// Replaces the limit; nothing happens when it is the same, so that no fresh burst arises.
    pub(crate) fn set_limit(&self, limit_1m: u32) {
        let mut slot = self.0.write();
        if slot.0 != limit_1m {
            *slot = (limit_1m, limiter(limit_1m));
        }
    }

    async fn wait(&self, weight: u32) {
        let (limit, limiter) = {
            let slot = self.0.read();
            (slot.0, Arc::clone(&slot.1))
        };
        // A request heavier than the whole limit waits for the whole of it.
        let Some(weight) = NonZeroU32::new(weight.min(limit)) else { return };
        // Within the limit by the line above: waiting always ends.
        let _ = limiter.until_n_ready(weight).await;
    }
}

fn limiter(limit_1m: u32) -> Arc<DefaultDirectRateLimiter> {
    let limit = NonZeroU32::new(limit_1m).unwrap_or(NonZeroU32::MIN);
    Arc::new(RateLimiter::direct(Quota::per_minute(limit)))
}

/// The REST client of one thread.
#[derive(Clone)]
pub struct BinanceHttp {
    client: Client,
    settings: Arc<HttpSettings>,
    pace: Pace,
}

impl std::fmt::Debug for BinanceHttp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BinanceHttp").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl BinanceHttp {
    /// A client; call it on the thread that uses it, after `adapters::net::install`.
    pub fn new(settings: &Arc<HttpSettings>, pace: Pace) -> Self {
        let connector = connections(settings.connect_timeout).limit(CONNECTIONS);
        let client = Client::builder()
            .connector(connector)
            .timeout(settings.response_timeout)
            .disable_redirects()
            .add_default_header((header::USER_AGENT, concat!("impulso/", env!("CARGO_PKG_VERSION"))))
            .finish();
        Self { client, settings: Arc::clone(settings), pace }
    }

    fn get<T: 'static>(
        &self,
        route: &'static str,
        request: Request,
        decode: impl FnOnce(&[u8]) -> Result<Decoded<T>, RestError> + 'static,
    ) -> RestFuture<T> {
        let this = self.clone();
        Box::pin(async move {
            // Before the clock of the time limit: waiting for the pace is no fault of the exchange.
            this.pace.wait(request.weight).await;
            let started = Instant::now();
            let limit = this.settings.response_timeout;
            // awc's own limit ends with the head of the answer; a body that trickles in is bounded here.
            let fetched = tokio::time::timeout(limit, this.fetch(&request)).await;
            metrics::histogram!("impulso_rest_seconds", "route" => route)
                .record(started.elapsed().as_secs_f64());
            let result = fetched.unwrap_or_else(|_| Err(timed_out(limit).into())).and_then(|raw| {
                metrics::counter!("impulso_rest_wire_bytes_total").increment(raw.wire_bytes);
                metrics::counter!("impulso_rest_body_bytes_total").increment(raw.value.len() as u64);
                let failure = |error| RestFailure { error, used_weight_1m: raw.used_weight_1m };
                let Decoded { value, left_out } = decode(&raw.value).map_err(failure)?;
                Ok(RestAnswer {
                    value,
                    left_out,
                    used_weight_1m: raw.used_weight_1m,
                    wire_bytes: raw.wire_bytes,
                    body_bytes: raw.body_bytes,
                })
            });
            let outcome = result.as_ref().map_or_else(|failure| failure.error.kind(), |_| "ok");
            metrics::counter!("impulso_rest_requests_total", "route" => route, "outcome" => outcome)
                .increment(1);
            result
        })
    }

    async fn fetch(&self, asked: &Request) -> Result<RestAnswer<Vec<u8>>, RestFailure> {
        let url = format!("{}{}", self.settings.base_url, asked.path_and_query);
        // Decompressed here and not by awc: only so are both sizes known.
        let request = self.client.get(url).insert_header((header::ACCEPT_ENCODING, "gzip")).no_decompress();
        let answer = request.send().await.map_err(|e| send_error(&e, &self.settings))?;
        let text = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let used_weight_1m = text("x-mbx-used-weight-1m").and_then(|v| v.trim().parse().ok());
        let retry_after = text("retry-after");
        let gzip = text("content-encoding").is_some_and(|v| v.trim().eq_ignore_ascii_case("gzip"));
        let status = answer.status();
        let failure = |error| RestFailure { error, used_weight_1m };
        let leads_to = text("location").filter(|_| status.is_redirection());
        let mut body = self.read(answer, gzip, asked.max_body_bytes).await;
        if let Some(address) = leads_to {
            // More to the point than its page: it shows a portal, or how the address is spelt rightly.
            body = Ok((format!("redirect to {address}").into_bytes(), 0));
        }
        if !status.is_success() || body.as_ref().is_ok_and(|(body, _)| RestError::is_told_by(body)) {
            // The status counts even when the body cannot be read.
            let body = body.map(|(body, _)| body).unwrap_or_default();
            let now = SystemClock::new().machine_time();
            let error = RestError::from_answer(status.as_u16(), retry_after.as_deref(), &body, now);
            return Err(failure(error));
        }
        let (value, wire_bytes) = body.map_err(failure)?;
        let left_out = LeftOut::default();
        Ok(RestAnswer { body_bytes: value.len() as u64, value, left_out, used_weight_1m, wire_bytes })
    }

    async fn read<S>(
        &self,
        mut answer: ClientResponse<S>,
        gzip: bool,
        most: usize,
    ) -> Result<(Vec<u8>, u64), RestError>
    where
        S: Stream<Item = Result<Bytes, awc::error::PayloadError>> + Unpin,
    {
        let limit_bytes = self.settings.max_body_bytes.min(most);
        let mut wire = Vec::new();
        while let Some(chunk) = answer.next().await {
            let chunk =
                chunk.map_err(|e| RestError::Transport(text!(body_broke_off, why = e.to_string())))?;
            if wire.len() + chunk.len() > limit_bytes {
                return Err(RestError::TooLarge { limit_bytes });
            }
            wire.extend_from_slice(&chunk);
        }
        let wire_bytes = wire.len() as u64;
        Ok((if gzip { inflate(&wire, limit_bytes)? } else { wire }, wire_bytes))
    }
}

fn inflate(wire: &[u8], limit_bytes: usize) -> Result<Vec<u8>, RestError> {
    // Klines shrink to about a sixth.
    let mut body = Vec::with_capacity(wire.len().saturating_mul(6).min(limit_bytes));
    GzDecoder::new(wire)
        // One more than allowed tells a body that is too large from one that just fits.
        .take(limit_bytes as u64 + 1)
        .read_to_end(&mut body)
        .map_err(|e| RestError::Malformed(format!("gzip body: {e}")))?;
    if body.len() > limit_bytes { Err(RestError::TooLarge { limit_bytes }) } else { Ok(body) }
}

fn timed_out(limit: Duration) -> RestError {
    RestError::Timeout { after_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX) }
}

fn send_error(error: &SendRequestError, settings: &HttpSettings) -> RestError {
    match error {
        SendRequestError::Timeout => timed_out(settings.response_timeout),
        SendRequestError::Connect(ConnectError::Timeout) => timed_out(settings.connect_timeout),
        SendRequestError::Url(reason) => {
            let (url, why) = (settings.base_url.clone(), reason.to_string());
            RestError::Transport(text!(rest_address_unusable, url = url, why = why))
        }
        other => RestError::Transport(no_connection(os_error(other), other).of(&settings.base_url)),
    }
}

/// What the system said, where it was the system.
pub(crate) fn os_error(error: &SendRequestError) -> Option<i32> {
    match error {
        SendRequestError::Connect(ConnectError::Io(error)) | SendRequestError::Send(error) => {
            error.raw_os_error()
        }
        _ => None,
    }
}

impl MarketRest for BinanceHttp {
    fn exchange_info(&self) -> RestFuture<ExchangeInfo> {
        self.get("exchange_info", exchange_info(), decode_exchange_info)
    }

    fn klines(&self, request: KlinesRequest, said: MarketTime) -> RestFuture<Vec<Candle>> {
        let interval = request.interval;
        self.get("klines", request.request(), move |body| decode_klines(body, interval, said))
    }

    fn server_time(&self) -> RestFuture<MarketTime> {
        self.get("time", server_time(), decode_server_time)
    }

    fn mini_tickers(&self) -> RestFuture<Vec<Ticker24h>> {
        self.get("ticker_24hr", mini_tickers(), decode_mini_tickers)
    }

    fn set_weight_limit(&self, limit_1m: u32) {
        self.pace.set_limit(limit_1m);
    }
}
