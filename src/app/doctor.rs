//! Can the exchange be used from here: each question with its answer and what to do.

use super::compose::{rest_factory, socket_settings};
use super::describe::describe;
use crate::actors::ports::{Clock, Frame, MarketRest, RestAnswer, RestFailure, StreamConnector};
use crate::adapters::binance::socket::BinanceSockets;
use crate::adapters::clock::SystemClock;
use crate::domain::universe::eligibility;
use crate::exchange::rest::model::ExchangeInfo;
use crate::exchange::stream::plan::{MINI_TICKERS, kline_stream, target};
use crate::i18n::{Text, text};
use crate::settings::Settings;
use futures_util::StreamExt;
use std::error::Error;
use std::time::{Duration, Instant};

/// Clock offset that is still well, ms: cycles count in market time, so a second spoils only what is dated by the
/// machine.
const MAX_OFFSET_MS: i64 = 1_000;
/// Pairs below which the universe looks wrong: the exchange has had over 300 since 2021.
const FEW_PAIRS: usize = 50;

/// Longest wait for the first event: the list of all mini tickers comes every second, also in a quiet market.
const FIRST_WITHIN: Duration = Duration::from_secs(10);

/// One question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    /// What was looked at.
    pub(crate) name: Text,
    pub(crate) found: Text,
    /// What to do if it is not well.
    pub(crate) advice: Option<Text>,
}

impl Check {
    pub(crate) const fn ok(name: Text, found: Text) -> Self {
        Self { name, found, advice: None }
    }

    pub(crate) const fn failed(name: Text, found: Text, advice: Text) -> Self {
        Self { name, found, advice: Some(advice) }
    }
}

/// An error with the address that it is about.
fn at(url: &str, error: impl Error + Send + Sync + 'static) -> Text {
    let url = url.to_owned();
    Text::new(move |t| format!("{url}: {}", describe(&error, t)))
}

/// Asks everything, in this order: REST, clock, weight, universe, streams.
pub(crate) async fn examine(settings: Settings) -> Vec<Check> {
    let rest = rest_factory(&settings.exchange)();
    let clock = SystemClock::new();
    let url = &settings.exchange.rest_url;
    let mut checks = Vec::new();
    match clock_offset(&*rest, &clock).await {
        Ok((offset_ms, trip_ms)) => {
            let found = text!(doctor_answers, url = url.clone(), ms = trip_ms);
            checks.push(Check::ok(text!(doctor_rest), found));
            // Once more, over the connection that is there now: half of what connecting took is no error of the clock.
            let again = clock_offset(&*rest, &clock).await;
            checks.push(clock_check(again.map_or(offset_ms, |(offset_ms, _)| offset_ms)));
        }
        Err(failure) => {
            checks.push(Check::failed(text!(doctor_rest), at(url, failure), text!(doctor_check_network)));
        }
    }
    match rest.exchange_info().await {
        Ok(answer) => checks.extend(universe_checks(&settings, &answer)),
        Err(failure) => {
            let found = Text::new(move |t| describe(&failure, t));
            checks.push(Check::failed(text!(doctor_universe), found, text!(doctor_pairs_needed)));
        }
    }
    checks.push(stream_check(&settings).await);
    checks
}

/// By how much the exchange's clock is ahead of the machine's, ms, and how long the answer took, ms.
async fn clock_offset(rest: &dyn MarketRest, clock: &SystemClock) -> Result<(i64, i64), RestFailure> {
    let asked = Instant::now();
    let answer = rest.server_time().await?;
    let trip_ms = i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX);
    Ok((answer.value - clock.machine_time().as_market() + trip_ms / 2, trip_ms))
}

fn clock_check(offset_ms: i64) -> Check {
    let ms = offset_ms.abs();
    let found = if offset_ms > 0 { text!(doctor_behind, ms = ms) } else { text!(doctor_ahead, ms = ms) };
    if ms <= MAX_OFFSET_MS {
        return Check::ok(text!(doctor_clock), found);
    }
    Check::failed(text!(doctor_clock), found, text!(doctor_synchronise))
}

fn universe_checks(settings: &Settings, answer: &RestAnswer<ExchangeInfo>) -> [Check; 2] {
    let limit = answer.value.limits.request_weight_1m;
    let name = text!(doctor_weight);
    let weight = match (answer.used_weight_1m, limit) {
        (Some(used), Some(limit)) if used < limit / 2 => {
            Check::ok(name, text!(doctor_weight_left, left = limit - used, limit = limit))
        }
        (Some(used), Some(limit)) => {
            let found = text!(doctor_weight_used, used = used, limit = limit);
            Check::failed(name, found, text!(doctor_weight_shared))
        }
        _ => Check::failed(name, text!(doctor_weight_unknown), text!(doctor_binance)),
    };
    let rules = settings.exchange.universe.clone();
    let (all, name) = (answer.value.pairs.len(), text!(doctor_universe));
    let pairs = answer.value.pairs.iter().filter(|pair| eligibility(pair, &rules).is_ok()).count();
    let found = text!(doctor_pairs, pairs = pairs, asset = rules.quote_asset, all = all);
    let universe = if pairs >= FEW_PAIRS {
        Check::ok(name, found)
    } else {
        Check::failed(name, found, text!(doctor_few_pairs))
    };
    [weight, universe]
}

async fn stream_check(settings: &Settings) -> Check {
    let url = settings.exchange.stream_url.clone();
    let streams = [MINI_TICKERS.to_owned(), kline_stream("BTCUSDT", settings.exchange.base())];
    let path = target(&streams).path_and_query;
    let failed = |found| Check::failed(text!(doctor_streams), found, text!(doctor_check_streams));
    let asked = Instant::now();
    let mut socket = match BinanceSockets::new(socket_settings(&settings.exchange)).connect(&path).await {
        Ok(socket) => socket,
        Err(error) => return failed(at(&url, error)),
    };
    let first = async {
        while let Some(frame) = socket.frames.next().await {
            if matches!(frame, Ok(Frame::Text(_)) | Err(_)) {
                return Some(frame);
            }
        }
        None
    };
    match tokio::time::timeout(FIRST_WITHIN, first).await {
        Ok(Some(Ok(_))) => {
            let ms = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
            Check::ok(text!(doctor_streams), text!(doctor_sent_data, url = url, ms = ms))
        }
        Ok(Some(Err(error))) => failed(at(&url, error)),
        Ok(None) => failed(text!(doctor_closed, url = url)),
        Err(_) => failed(text!(doctor_silent, url = url)),
    }
}
