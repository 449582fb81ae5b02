//! An exchange inside the test process, for actor tests under virtual time: the ports of the actors, no socket.
//! Every candle is a function of pair and minute, so a window can be held against the truth at any moment.
#![expect(unreachable_pub, clippy::unwrap_used, reason = "a module of the test files, not of the library")]

use crate::support::wire::{self, control, kline, pair, row, text_frame};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use impulso::actors::ports::{
    Clock, ConnectError, Frame, MarketRest, Outgoing, RestAnswer, RestFailure, RestFuture, StreamConnector,
    StreamSocket,
};
use impulso::domain::candle::Candle;
use impulso::domain::moment::{MachineTime, MarketTime, MonoTime};
use impulso::domain::time::{Interval, MINUTE_MS};
use impulso::domain::universe::PairInfo;
use impulso::exchange::left_out::LeftOut;
use impulso::exchange::rest::error::RestError;
use impulso::exchange::rest::klines::decode_klines;
use impulso::exchange::rest::model::{ExchangeInfo, RateLimits, Ticker24h};
use impulso::exchange::rest::request::KlinesRequest;
use impulso::i18n::Text;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// Market time when the test begins: a full minute.
pub const START: MarketTime = MarketTime::from_ms(1_750_226_400_000);

/// Virtual time: the runtime's paused clock.
pub struct VirtualClock(tokio::time::Instant);

impl VirtualClock {
    pub fn start() -> Self {
        Self(tokio::time::Instant::now())
    }
}

impl Clock for VirtualClock {
    fn machine_time(&self) -> MachineTime {
        MachineTime::from_ms(START.ms() + self.mono_time().ms())
    }

    fn mono_time(&self) -> MonoTime {
        MonoTime::from_ms(i64::try_from(self.0.elapsed().as_millis()).expect("fits"))
    }

    fn sleepless_time(&self) -> MonoTime {
        self.mono_time()
    }
}

/// The final candle of a pair's minute.
pub fn minute(symbol: &str, open_time: MarketTime) -> Candle {
    let seed = symbol.bytes().fold(7_u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    let price_at = |at: MarketTime| {
        let t = at.index(MINUTE_MS) as f64;
        let phase = (seed % 1_000) as f64;
        10.0 + (t / 37.0 + phase).sin()
            + 0.4 * (t / 211.0 + phase * 3.0).sin()
            + 0.05 * (t * 1.7 + phase).sin()
    };
    let (open, close) = (price_at(open_time), price_at(open_time + MINUTE_MS));
    let volume = 5_000.0 + 2_000.0 * (open_time.index(MINUTE_MS) as f64 / 11.0).cos();
    wire::minute(open_time, (open, close), volume)
}

/// The pair's minute as of `now`: while it goes on, part of its volume and a close on the way.
pub fn minute_at(symbol: &str, open_time: MarketTime, now: MarketTime) -> Candle {
    let whole = minute(symbol, open_time);
    let part = (now - open_time) as f64 / MINUTE_MS as f64;
    if part >= 1.0 {
        return whole;
    }
    let close = whole.open + (whole.close - whole.open) * part;
    let volume = whole.volume * part;
    Candle { close, volume, quote_volume: volume * close, closed: false, ..whole }
}

/// The candle of any interval as of `now`.
pub fn candle(symbol: &str, interval: Interval, open_time: MarketTime, now: MarketTime) -> Candle {
    let end = (open_time + interval.ms()).min(now);
    let minutes = open_time.steps(MINUTE_MS, end.max(open_time + 1)).map(|t| minute_at(symbol, t, now));
    let mut whole = minutes
        .reduce(|a, b| Candle {
            high: a.high.max(b.high),
            low: a.low.min(b.low),
            close: b.close,
            volume: a.volume + b.volume,
            quote_volume: a.quote_volume + b.quote_volume,
            ..a
        })
        .unwrap();
    whole.closed = open_time + interval.ms() <= now;
    whole
}

/// The exchange: pairs, and switches for what goes wrong.
pub struct FakeExchange {
    pub pairs: Mutex<BTreeSet<String>>,
    pub halted: Mutex<BTreeSet<String>>,
    /// Sockets stay open but say nothing.
    pub stalled: AtomicBool,
    /// Every socket breaks at its next second.
    pub cut: AtomicBool,
    /// New connections fail.
    pub refuse: AtomicBool,
    /// How far its clock is ahead in stream events, and in everything else, ms.
    pub events_ahead_ms: AtomicI64,
    pub rest_ahead_ms: AtomicI64,
    /// Streams close a candle with half of its volume.
    pub half_closed: AtomicBool,
    /// Klines of REST end so long ago, ms.
    pub lag_ms: AtomicI64,
    /// Klines of REST are those of so long ago, the newest one unfinished, although `/time` is right, ms.
    pub stale_ms: AtomicI64,
    /// Pairs of which the streams say nothing.
    pub muted: Mutex<BTreeSet<String>>,
    /// Every REST request fails so, for as long as it is there.
    pub fault: Mutex<Option<RestError>>,
    /// Requests for klines of a pair fail so, each entry once.
    pub kline_faults: Mutex<Vec<(String, RestError)>>,
    /// Requests for hours of any pair fail so, for as long as it is there.
    pub hour_fault: Mutex<Option<RestError>>,
    /// So many readings of the list of pairs hold but three.
    pub short_lists: AtomicU64,
    /// Requests so far: for klines by pair, for hours of all pairs under "hours", for lists of pairs without one.
    pub asked: Mutex<std::collections::BTreeMap<String, u64>>,
    /// The next REST request is answered with 429 and this wait, ms.
    pub limit_ms: AtomicI64,
    /// Connections opened so far.
    pub connections: AtomicU64,
    /// REST requests so far.
    pub requests: AtomicU64,
    clock: Arc<dyn Clock>,
}

impl FakeExchange {
    pub fn new(pairs: impl IntoIterator<Item = String>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            pairs: Mutex::new(pairs.into_iter().collect()),
            halted: Mutex::default(),
            stalled: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            refuse: AtomicBool::new(false),
            events_ahead_ms: AtomicI64::new(0),
            rest_ahead_ms: AtomicI64::new(0),
            half_closed: AtomicBool::new(false),
            lag_ms: AtomicI64::new(0),
            stale_ms: AtomicI64::new(0),
            muted: Mutex::default(),
            fault: Mutex::default(),
            kline_faults: Mutex::default(),
            hour_fault: Mutex::default(),
            short_lists: AtomicU64::new(0),
            asked: Mutex::default(),
            limit_ms: AtomicI64::new(0),
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            clock,
        })
    }

    /// The true time.
    pub fn now(&self) -> MarketTime {
        self.clock.machine_time().as_market()
    }

    fn rest_now(&self) -> MarketTime {
        self.now() + self.rest_ahead_ms.load(Ordering::Relaxed)
    }

    pub fn asked_for(&self, symbol: &str) -> u64 {
        self.asked.lock().unwrap().get(symbol).copied().unwrap_or_default()
    }

    fn note(&self, symbol: &str) {
        *self.asked.lock().unwrap().entry(symbol.to_owned()).or_default() += 1;
    }

    fn listed(&self) -> Vec<PairInfo> {
        let halted = self.halted.lock().unwrap();
        let pairs = self.pairs.lock().unwrap();
        pairs.iter().map(|name| pair(name, !halted.contains(name))).collect()
    }
}

/// The REST port of a fake exchange.
pub struct FakeRest(pub Arc<FakeExchange>);

fn answer<T: 'static>(exchange: &Arc<FakeExchange>, value: T) -> RestFuture<T> {
    exchange.requests.fetch_add(1, Ordering::Relaxed);
    let retry_after_ms = exchange.limit_ms.swap(0, Ordering::Relaxed);
    let fault = exchange.fault.lock().unwrap().clone();
    async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        if retry_after_ms > 0 {
            return Err(RestFailure::from(RestError::RateLimited { retry_after_ms }));
        }
        if let Some(error) = fault {
            return Err(RestFailure::from(error));
        }
        let left_out = LeftOut::default();
        Ok::<_, RestFailure>(RestAnswer {
            value,
            left_out,
            used_weight_1m: None,
            wire_bytes: 1,
            body_bytes: 1,
        })
    }
    .boxed_local()
}

impl MarketRest for FakeRest {
    fn exchange_info(&self) -> RestFuture<ExchangeInfo> {
        self.0.note("");
        let mut pairs = self.0.listed();
        let less = |left: u64| left.checked_sub(1);
        if self.0.short_lists.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
            pairs.truncate(3);
        }
        let info =
            ExchangeInfo { server_time: Some(self.0.rest_now()), pairs, limits: RateLimits::default() };
        answer(&self.0, info)
    }

    fn klines(&self, request: KlinesRequest, said: MarketTime) -> RestFuture<Vec<Candle>> {
        let now = self.0.rest_now() - self.0.stale_ms.load(Ordering::Relaxed);
        let step = request.interval.ms();
        let limit = i64::from(request.limit.min(1_000));
        self.0.note(request.symbol.as_str());
        if request.interval == Interval::H1 {
            self.0.note("hours");
            if let Some(error) = self.0.hour_fault.lock().unwrap().clone() {
                return async move { Err(RestFailure::from(error)) }.boxed_local();
            }
        }
        let mut faults = self.0.kline_faults.lock().unwrap();
        if let Some(at) = faults.iter().position(|(symbol, _)| symbol == request.symbol.as_str()) {
            let (_, error) = faults.remove(at);
            return async move { Err(RestFailure::from(error)) }.boxed_local();
        }
        drop(faults);
        let last = request.end_time.unwrap_or(now).min(now - self.0.lag_ms.load(Ordering::Relaxed));
        let newest = request.interval.floor(last);
        let oldest = request.start_time.map(|s| s.ceil(step));
        let from = oldest.unwrap_or(newest - (limit - 1) * step);
        let name = request.symbol.as_str().to_owned();
        let times = (0..limit).map(|i| from + i * step).take_while(|t| *t <= newest);
        let rows: Vec<String> = times.map(|t| row(&candle(&name, request.interval, t, now), step)).collect();
        // What is closed is decided where it is for the real exchange.
        let body = format!("[{}]", rows.join(","));
        answer(&self.0, decode_klines(body.as_bytes(), request.interval, said).expect("a right answer").value)
    }

    fn server_time(&self) -> RestFuture<MarketTime> {
        answer(&self.0, self.0.rest_now())
    }

    fn mini_tickers(&self) -> RestFuture<Vec<Ticker24h>> {
        answer(&self.0, Vec::new())
    }

    fn set_weight_limit(&self, _: u32) {}
}

/// The stream port of a fake exchange.
pub struct FakeStreams(pub Arc<FakeExchange>);

impl StreamConnector for FakeStreams {
    fn connect(&self, path: &str) -> LocalBoxFuture<'static, Result<StreamSocket, ConnectError>> {
        let exchange = Arc::clone(&self.0);
        let names = path.split_once("streams=").map_or("", |(_, n)| n).split('&').next().unwrap_or_default();
        let names: BTreeSet<String> = names.split('/').filter(|n| !n.is_empty()).map(str::to_owned).collect();
        async move {
            if exchange.refuse.load(Ordering::Relaxed) {
                return Err(ConnectError::Transport(Text::verbatim("refused by the test")));
            }
            exchange.connections.fetch_add(1, Ordering::Relaxed);
            let (frames_out, frames) = mpsc::channel(100_000);
            let (sender, commands) = mpsc::channel(32);
            tokio::task::spawn_local(serve(exchange, names, frames_out, commands));
            let frames = futures_util::stream::unfold(frames, |mut rx| async move {
                let frame = rx.recv().await?;
                Some((frame, rx))
            });
            Ok(StreamSocket { frames: frames.boxed_local(), sender })
        }
        .boxed_local()
    }
}

type FrameSender = mpsc::Sender<Result<Frame, impulso::actors::ports::SocketError>>;

async fn serve(
    exchange: Arc<FakeExchange>,
    mut names: BTreeSet<String>,
    out: FrameSender,
    mut commands: mpsc::Receiver<Outgoing>,
) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(Outgoing::Text(text)) => {
                    if out.send(Ok(text_frame(control(&mut names, &text)))).await.is_err() { return; }
                }
                _ => return,
            },
            _ = second.tick() => {
                if exchange.cut.load(Ordering::Relaxed) { return; }
                if !exchange.stalled.load(Ordering::Relaxed) && send_second(&exchange, &names, &out).is_err() {
                    return;
                }
            }
        }
    }
}

fn send_second(exchange: &FakeExchange, names: &BTreeSet<String>, out: &FrameSender) -> Result<(), ()> {
    let now = exchange.now() + exchange.events_ahead_ms.load(Ordering::Relaxed);
    let ticker = r#"{"stream":"!miniTicker@arr","data":[]}"#;
    if names.contains("!miniTicker@arr") {
        out.try_send(Ok(text_frame(ticker.to_owned()))).map_err(|_| ())?;
    }
    let mut halted = exchange.halted.lock().unwrap().clone();
    halted.extend(exchange.muted.lock().unwrap().iter().cloned());
    let second = now.index(1_000) % 60;
    for (at, name) in names.iter().filter(|n| n.ends_with("@kline_1m")).enumerate() {
        let symbol = name.trim_end_matches("@kline_1m").to_uppercase();
        if halted.contains(&symbol) {
            continue;
        }
        let live = Interval::M1.floor(now);
        if second == 0 {
            let mut ended = minute(&symbol, live - MINUTE_MS);
            if exchange.half_closed.load(Ordering::Relaxed) {
                ended =
                    Candle { volume: ended.volume / 2.0, quote_volume: ended.quote_volume / 2.0, ..ended };
            }
            out.try_send(Ok(text_frame(kline(&symbol, &ended, now)))).map_err(|_| ())?;
        } else if (second + at as i64) % 10 == 0 {
            out.try_send(Ok(text_frame(kline(&symbol, &minute_at(&symbol, live, now), now))))
                .map_err(|_| ())?;
        }
    }
    Ok(())
}
