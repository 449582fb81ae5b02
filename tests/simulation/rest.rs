//! The exchange's REST routes.

use super::plan::Kind;
use super::world::World;
use crate::support::wire;
use futures_util::FutureExt;
use impulso::actors::ports::{MarketRest, RestAnswer, RestFailure, RestFuture};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::time::{Interval, MINUTE_MS};
use impulso::exchange::left_out::LeftOut;
use impulso::exchange::rest::error::RestError;
use impulso::exchange::rest::klines::decode_klines;
use impulso::exchange::rest::model::{ExchangeInfo, RateLimits, Ticker24h};
use impulso::exchange::rest::request::KlinesRequest;
use std::sync::Arc;
use std::time::Duration;

/// How long the client waits, as the settings' default.
const RESPONSE_TIMEOUT_MS: u64 = 20_000;

pub(crate) struct Rest(pub(crate) Arc<World>);

/// What was decoded, and what of it was left out.
type Value<T> = (T, LeftOut);

impl Rest {
    /// Answers after a while, or fails as the world will have it then.
    fn answer<T: 'static>(
        &self,
        what: &'static str,
        value: impl FnOnce(&World) -> Result<Value<T>, RestError> + 'static,
    ) -> RestFuture<T> {
        let world = Arc::clone(&self.0);
        async move {
            world.count(&format!("request {what}"));
            tokio::time::sleep(Duration::from_millis(world.between(20, 150).unsigned_abs())).await;
            if let Some(error) = failure(&world).await {
                return Err(RestFailure::from(error));
            }
            let (value, left_out) = value(&world)?;
            Ok(RestAnswer { value, left_out, used_weight_1m: None, wire_bytes: 1, body_bytes: 1 })
        }
        .boxed_local()
    }
}

async fn failure(world: &World) -> Option<RestError> {
    let at = world.true_ms();
    let hit = |kind| {
        let window = world.fault(kind)?;
        world.count(&format!("{kind:?}"));
        Some(window)
    };
    if let Some(window) = hit(Kind::Timeouts)
        && window.pick.wrapping_add(at.unsigned_abs()) % 3 > 0
    {
        tokio::time::sleep(Duration::from_millis(RESPONSE_TIMEOUT_MS)).await;
        return Some(RestError::Timeout { after_ms: RESPONSE_TIMEOUT_MS });
    }
    if hit(Kind::Banned).is_some() {
        return Some(RestError::Banned { retry_after_ms: world.between(120, 400) * 1_000 });
    }
    if hit(Kind::Limited).is_some() {
        return Some(RestError::RateLimited { retry_after_ms: world.between(1, 120) * 1_000 });
    }
    if hit(Kind::Firewall).is_some() {
        return Some(RestError::Firewall);
    }
    if hit(Kind::Restricted).is_some() {
        return Some(RestError::Restricted);
    }
    if hit(Kind::ServerErrors).is_some() {
        return Some(RestError::Server { status: 503, message: "Service Unavailable".to_owned() });
    }
    if hit(Kind::Html).is_some() {
        return Some(RestError::Malformed("expected value at line 1 column 1: <html>".to_owned()));
    }
    None
}

impl MarketRest for Rest {
    fn exchange_info(&self) -> RestFuture<ExchangeInfo> {
        self.answer("exchangeInfo", |world| {
            let now = world.exchange_now(false);
            let mut pairs: Vec<_> =
                world.market.listed(world.now()).map(|(name, trades)| wire::pair(name, trades)).collect();
            if let Some(window) = world.fault(Kind::ShortLists)
                && world.one_of(2)
            {
                world.count("ShortLists");
                // BTC stays: a list without it is another fault.
                pairs.truncate(1 + (window.pick % 2) as usize);
            }
            Ok((
                ExchangeInfo { server_time: Some(now), pairs, limits: RateLimits::default() },
                LeftOut::default(),
            ))
        })
    }

    fn klines(&self, request: KlinesRequest, said: MarketTime) -> RestFuture<Vec<Candle>> {
        self.answer("klines", move |world| {
            let behind = world.fault(Kind::RestBehind).map_or(0, |window| {
                world.count("RestBehind");
                60_000 * (1 + (window.pick % 5) as i64)
            });
            let rows = rows(world, &request, behind);
            let body = format!("[{}]", rows.join(","));
            // What is closed is decided where it is for the real exchange.
            let decoded = decode_klines(body.as_bytes(), request.interval, said)?;
            Ok((decoded.value, decoded.left_out))
        })
    }

    fn server_time(&self) -> RestFuture<MarketTime> {
        self.answer("time", |world| {
            let ahead = world.fault(Kind::TimeAhead).map_or(0, |w| {
                world.count("TimeAhead");
                60_000 + (w.pick % 7_200_000) as i64
            });
            Ok((world.exchange_now(false) + ahead, LeftOut::default()))
        })
    }

    fn mini_tickers(&self) -> RestFuture<Vec<Ticker24h>> {
        self.answer("ticker", |_| Ok((Vec::new(), LeftOut::default())))
    }

    fn set_weight_limit(&self, _: u32) {}
}

fn rows(world: &World, request: &KlinesRequest, behind_ms: i64) -> Vec<String> {
    let now = world.exchange_now(false);
    let (name, interval) = (request.symbol.as_str(), request.interval);
    let step = interval.ms();
    let limit = i64::from(request.limit.min(1_000));
    // The newest are missing; what is there is whole.
    let known = now - behind_ms;
    let newest = interval.floor(request.end_time.unwrap_or(known).min(known));
    let from = request.start_time.map_or(newest - (limit - 1) * step, |s| s.ceil(step));
    let times = (0..limit).map(|i| from + i * step).take_while(|t| *t <= newest);
    let candles = times.filter_map(|t| world.said(name, interval, t, now));
    // The same ones each time: asking again does not help.
    let spoil = world.fault(Kind::BadEntries).filter(|_| interval == Interval::M1);
    let row = |candle: Candle| {
        if spoil
            .is_some_and(|w| (w.pick ^ candle.open_time.index(MINUTE_MS).unsigned_abs()).is_multiple_of(20))
        {
            world.count("BadEntries");
            world.seen().spoiled.insert((name.to_owned(), candle.open_time));
            // Its high is below all its other prices.
            return wire::row(&Candle { high: candle.low / 2.0, ..candle }, step);
        }
        wire::row(&candle, step)
    };
    candles.map(row).collect()
}
