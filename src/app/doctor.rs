//! Can the exchange be used from here: each question with its answer and what to do.

use super::compose::{rest_factory, socket_settings};
use crate::actors::ports::{Clock, Frame, RestAnswer, StreamConnector};
use crate::adapters::binance::socket::BinanceSockets;
use crate::adapters::clock::SystemClock;
use crate::domain::universe::{UniverseRules, eligibility};
use crate::exchange::rest::model::ExchangeInfo;
use crate::exchange::stream::plan::{MINI_TICKERS, PlanRules, kline_stream, target};
use crate::settings::Settings;
use futures_util::StreamExt;
use std::time::{Duration, Instant};

/// Clock offset that is still well, ms.
const MAX_OFFSET_MS: i64 = 1_000;
/// Pairs below which the universe looks wrong.
const FEW_PAIRS: usize = 50;

/// One question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    pub ok: bool,
    pub detail: String,
    /// What to do if it is not well.
    pub advice: String,
}

impl Check {
    pub fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, ok: true, detail: detail.into(), advice: String::new() }
    }

    pub fn failed(name: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, ok: false, detail: detail.into(), advice: advice.into() }
    }
}

/// Asks everything, in this order: REST, clock, weight, universe, streams.
pub(crate) async fn examine(settings: Settings) -> Vec<Check> {
    let rest = rest_factory(&settings.exchange)();
    let clock = SystemClock::new();
    let mut checks = Vec::new();
    let asked = Instant::now();
    match rest.server_time().await {
        Ok(answer) => {
            let trip_ms = i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX);
            let detail = format!("{} answers in {trip_ms} ms", settings.exchange.rest_url);
            checks.push(Check::ok("rest", detail));
            checks.push(clock_check(answer.value - clock.utc_ms() + trip_ms / 2));
        }
        Err(failure) => {
            let advice = "check network and --rest-url; without a network try `impulso demo`";
            checks.push(Check::failed("rest", format!("{}: {failure}", settings.exchange.rest_url), advice));
        }
    }
    match rest.exchange_info().await {
        Ok(answer) => checks.extend(universe_checks(&settings, &answer)),
        Err(failure) => {
            let advice = "the list of pairs is needed to begin; see the line above";
            checks.push(Check::failed("universe", failure.to_string(), advice));
        }
    }
    checks.push(stream_check(&settings).await);
    checks
}

fn clock_check(offset_ms: i64) -> Check {
    let detail =
        format!("this machine is {} ms {}", offset_ms.abs(), if offset_ms > 0 { "behind" } else { "ahead" });
    if offset_ms.abs() <= MAX_OFFSET_MS {
        return Check::ok("clock", detail);
    }
    let advice =
        "synchronise the clock (timedatectl set-ntp true); scores use the exchange's time and stay right";
    Check::failed("clock", detail, advice)
}

fn universe_checks(settings: &Settings, answer: &RestAnswer<ExchangeInfo>) -> [Check; 2] {
    let limit = answer.value.limits.request_weight_1m;
    let weight = match (answer.used_weight_1m, limit) {
        (Some(used), Some(limit)) if used < limit / 2 => {
            Check::ok("weight", format!("{} of {limit} a minute left", limit - used))
        }
        (Some(used), Some(limit)) => {
            let advice = "another program uses the limit of this address: a start may take minutes";
            Check::failed("weight", format!("{used} of {limit} used in this minute"), advice)
        }
        _ => Check::failed("weight", "the exchange does not tell", "is this a Binance-compatible address?"),
    };
    let rules = UniverseRules {
        quote_asset: settings.exchange.quote_asset.clone(),
        max_min_notional: settings.exchange.max_min_notional,
        ..UniverseRules::default()
    };
    let pairs = answer.value.pairs.iter().filter(|pair| eligibility(pair, &rules).is_ok()).count();
    let detail = format!("{pairs} {} pairs of {} listed", rules.quote_asset, answer.value.pairs.len());
    let universe = if pairs >= FEW_PAIRS {
        Check::ok("universe", detail)
    } else {
        Check::failed(
            "universe",
            detail,
            "few pairs: check exchange.quote_asset and exchange.max_min_notional",
        )
    };
    [weight, universe]
}

async fn stream_check(settings: &Settings) -> Check {
    let url = &settings.exchange.stream_url;
    let streams = [MINI_TICKERS.to_owned(), kline_stream("BTCUSDT", settings.exchange.base())];
    let path = target(&streams, &PlanRules::default()).path_and_query;
    let advice = "check network and --stream-url (port 9443 may be closed: 443 works too)";
    let asked = Instant::now();
    let mut socket = match BinanceSockets::new(socket_settings(&settings.exchange)).connect(&path).await {
        Ok(socket) => socket,
        Err(error) => return Check::failed("streams", format!("{url}: {error}"), advice),
    };
    let first = async {
        while let Some(frame) = socket.frames.next().await {
            if matches!(frame, Ok(Frame::Text(_)) | Err(_)) {
                return Some(frame);
            }
        }
        None
    };
    match tokio::time::timeout(Duration::from_secs(10), first).await {
        Ok(Some(Ok(_))) => {
            Check::ok("streams", format!("{url} sent data after {} ms", asked.elapsed().as_millis()))
        }
        Ok(Some(Err(error))) => Check::failed("streams", format!("{url}: {error}"), advice),
        Ok(None) => Check::failed("streams", format!("{url} closed at once"), advice),
        Err(_) => Check::failed("streams", format!("{url} is open but sent nothing in 10 s"), advice),
    }
}
