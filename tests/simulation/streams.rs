//! The exchange's streams.

use super::plan::Kind;
use super::world::World;
use crate::support::wire::{control, kline, text_frame};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use impulso::actors::ports::{ConnectError, Frame, Outgoing, SocketError, StreamConnector, StreamSocket};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::time::{Interval, MINUTE_MS};
use impulso::i18n::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

/// Between two events of a pair's live candle, s.
const EVERY_S: i64 = 10;
/// Frames under way to the scanner at most.
const FRAMES: usize = 10_000;

pub(crate) struct Streams(pub(crate) Arc<World>);

impl StreamConnector for Streams {
    fn connect(&self, path: &str) -> LocalBoxFuture<'static, Result<StreamSocket, ConnectError>> {
        let world = Arc::clone(&self.0);
        let names = path.split_once("streams=").map_or("", |(_, n)| n).split('&').next().unwrap_or_default();
        let names: BTreeSet<String> = names.split('/').filter(|n| !n.is_empty()).map(str::to_owned).collect();
        async move {
            world.count("connection");
            tokio::time::sleep(Duration::from_millis(world.between(30, 300).unsigned_abs())).await;
            if let Some(window) = world.fault(Kind::Cut) {
                world.count("Cut");
                return Err(match window.pick % 3 {
                    0 => ConnectError::Transport(Text::verbatim("connection refused")),
                    1 => ConnectError::Refused { status: 503, retry_after_ms: None },
                    _ => ConnectError::Timeout { after_ms: 10_000 },
                });
            }
            let (out, frames) = mpsc::channel(FRAMES);
            let (sender, commands) = mpsc::channel(32);
            let began = world.true_ms();
            let pairs = pairs_of(&names);
            let connection =
                Connection { world, names, pairs, out, late: BTreeMap::new(), sent: 0, began, looked: began };
            tokio::task::spawn_local(connection.serve(commands));
            let frames = futures_util::stream::unfold(frames, |mut frames| async move {
                let frame = frames.recv().await?;
                Some((frame, frames))
            });
            Ok(StreamSocket { frames: frames.boxed_local(), sender })
        }
        .boxed_local()
    }
}

struct Connection {
    world: Arc<World>,
    names: BTreeSet<String>,
    /// The pairs among them.
    pairs: Vec<String>,
    out: mpsc::Sender<Result<Frame, SocketError>>,
    /// Texts that are sent later, by when and in which order they were made.
    late: BTreeMap<(i64, u64), String>,
    sent: u64,
    began: i64,
    /// When it was last looked at.
    looked: i64,
}

/// A connection that nobody reads for so long is closed by the exchange, ms.
const UNREAD_MS: i64 = 20_000;

fn pairs_of(names: &BTreeSet<String>) -> Vec<String> {
    names.iter().filter_map(|name| name.strip_suffix("@kline_1m")).map(str::to_uppercase).collect()
}

/// The other side is gone.
struct Gone;

impl Connection {
    async fn serve(mut self, mut commands: mpsc::Receiver<Outgoing>) {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                // In this order: which of two that are ready comes first must not be a matter of chance.
                biased;
                command = commands.recv() => match command {
                    Some(Outgoing::Text(text)) => {
                        let answer = control(&mut self.names, &text);
                        self.pairs = pairs_of(&self.names);
                        if self.send(answer).is_err() { return; }
                    }
                    _ => return,
                },
                _ = second.tick() => if self.second().is_err() { return; },
            }
        }
    }

    fn send(&self, text: String) -> Result<(), Gone> {
        self.out.try_send(Ok(text_frame(text))).map_err(|_| Gone)
    }

    /// What the connection has to say in this second; an error where it ends.
    fn second(&mut self) -> Result<(), Gone> {
        let world = Arc::clone(&self.world);
        let at = world.true_ms();
        if at - std::mem::replace(&mut self.looked, at) > UNREAD_MS {
            let _ = self.out.try_send(Err(SocketError::Broken(Text::verbatim("connection reset by peer"))));
            return Err(Gone);
        }
        if world.fault(Kind::Cut).is_some() {
            world.count("Cut");
            return Err(Gone);
        }
        // One that breaks is one that was there: the window has no length.
        if let Some(window) = world.struck(Kind::CutOne, at - 1_000)
            && self.began < window.from
            && (window.pick % 2 == 0) == self.names.iter().any(|n| n == "btcusdt@kline_1m")
        {
            world.count("CutOne");
            let _ = self.out.try_send(Err(SocketError::Broken(Text::verbatim("connection reset by peer"))));
            return Err(Gone);
        }
        if world.fault(Kind::Stall).is_some() {
            world.count("Stall");
            return Ok(());
        }
        let due = self.late.split_off(&(at + 1, 0));
        for text in std::mem::replace(&mut self.late, due).into_values() {
            self.send(text)?;
        }
        self.tickers()?;
        self.candles(world.exchange_now(true))
    }

    fn tickers(&self) -> Result<(), Gone> {
        let now = self.world.exchange_now(true);
        if !self.names.contains("!miniTicker@arr") || now.index(1_000) % 2 == 1 {
            return Ok(());
        }
        let bad = match self.world.fault(Kind::NullTickers) {
            Some(_) => {
                self.world.count("NullTickers");
                format!(r#"{{"e":"24hrMiniTicker","E":{now},"s":"P001USDT","c":null,"v":null,"q":null}},"#)
            }
            None => String::new(),
        };
        self.send(format!(
            r#"{{"stream":"!miniTicker@arr","data":[{bad}{{"e":"24hrMiniTicker","E":{now},"s":"BTCUSDT","c":"10","o":"10","h":"10","l":"10","v":"100","q":"1000"}}]}}"#
        ))
    }

    fn candles(&mut self, now: MarketTime) -> Result<(), Gone> {
        let (second, live) = (now.index(1_000) % 60, Interval::M1.floor(now));
        let pairs = std::mem::take(&mut self.pairs);
        let sent = self.candles_of(&pairs, second, live, now);
        self.pairs = pairs;
        sent
    }

    fn candles_of(
        &mut self,
        pairs: &[String],
        second: i64,
        live: MarketTime,
        now: MarketTime,
    ) -> Result<(), Gone> {
        for (at, name) in pairs.iter().enumerate() {
            if second == 0 {
                if let Some(ended) = self.world.said(name, Interval::M1, live - MINUTE_MS, now) {
                    self.closed(name, &ended, now)?;
                }
            } else if (second + at as i64) % EVERY_S == 0
                && let Some(candle) = self.world.said(name, Interval::M1, live, now)
            {
                self.candle(name, &candle, now, 0)?;
            }
        }
        Ok(())
    }

    fn closed(&mut self, name: &str, candle: &Candle, now: MarketTime) -> Result<(), Gone> {
        let mut late_ms = 0;
        if self.world.fault(Kind::LateCloses).is_some() {
            self.world.count("LateCloses");
            late_ms = self.world.between(0, 30) * 1_000;
            if late_ms > 20_000 {
                return Ok(());
            }
        }
        self.candle(name, candle, now, late_ms)
    }

    /// Sends a candle, at once or so much later.
    fn candle(&mut self, name: &str, candle: &Candle, now: MarketTime, mut late_ms: i64) -> Result<(), Gone> {
        let world = Arc::clone(&self.world);
        let text = kline(name, candle, now);
        if world.fault(Kind::HalfFrames).is_some() && world.one_of(3) {
            world.count("HalfFrames");
            self.send(text[..text.len() / 2].to_owned())?;
        }
        if world.fault(Kind::BadCandles).is_some() && world.one_of(3) {
            world.count("BadCandles");
            self.send(kline(name, &Candle { high: candle.low / 2.0, ..*candle }, now))?;
        }
        if world.fault(Kind::OutOfOrder).is_some() {
            world.count("OutOfOrder");
            late_ms += world.between(0, 4) * 1_000;
        }
        if world.fault(Kind::Duplicates).is_some() {
            world.count("Duplicates");
            self.send(text.clone())?;
        }
        if late_ms == 0 {
            return self.send(text);
        }
        self.sent += 1;
        self.late.insert((world.true_ms() + late_ms, self.sent), text);
        Ok(())
    }
}
