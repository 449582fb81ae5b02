//! Fetches history: by REST under the weight budget, or from the exchange's bulk archive with checksums. What the
//! store has already is not asked for again, so a fetch that was cut short goes on where it stopped.

use crate::actors::ports::history::{CandleRow, HistoryBatch, HistoryStore, ImportedRow, Span};
use crate::actors::ports::{Clock, MarketRest, RestAnswer, RestFailure, RestFuture};
use crate::adapters::binance::bulk::Bulk;
use crate::adapters::clock::SystemClock;
use crate::app::compose::rest_factory;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::{DAY_MS, Interval};
use crate::domain::universe::eligibility;
use crate::exchange::archive::{Day, parse_table};
use crate::exchange::rest::error::Action;
use crate::exchange::rest::request::{KlinesRequest, MAX_KLINES, exchange_info, server_time};
use crate::exchange::weight::{Admission, INITIAL_LIMIT, WeightLedger};
use crate::i18n::{OrFail, text};
use crate::settings::Settings;
use std::rc::Rc;
use std::time::Duration;

/// Tries of one request: with waits that double from 1 s, half a minute of an outage is survived.
const TRIES: u32 = 6;

#[derive(Debug, Clone)]
pub struct Wanted {
    /// Pairs; empty for the whole universe.
    pub symbols: Vec<Symbol>,
    pub interval: Interval,
    /// Span of open times.
    pub span: Span,
    /// Address of the bulk archive; `None` for REST.
    pub archive: Option<String>,
}

/// What a fetch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fetched {
    pub candles: usize,
    /// Days that were there already.
    pub(crate) days_known: usize,
    /// Days without data at the source.
    pub(crate) days_absent: usize,
}

/// Fetches what the store lacks, a day of a pair at a time.
///
/// # Errors
/// A source or store that fails for good.
pub(crate) async fn fetch(
    settings: &Settings,
    store: &dyn HistoryStore,
    wanted: Wanted,
    mut progress: impl FnMut(usize, usize),
) -> anyhow::Result<Fetched> {
    let mut source = Source::new(settings, wanted.archive.as_deref());
    let symbols = match wanted.symbols.is_empty() {
        true => source.universe(settings).await?,
        false => wanted.symbols,
    };
    let now = SystemClock::new().machine_time().as_market();
    let (first, end) = (wanted.span.from.floor(DAY_MS), wanted.span.to.min(now));
    let days = usize::try_from((end - first + DAY_MS - 1).max(0) / DAY_MS).unwrap_or(0);
    let (mut done, total) = (Fetched::default(), days * symbols.len());
    for (at, symbol) in symbols.iter().enumerate() {
        for day in 0..days {
            let from = first + day as i64 * DAY_MS;
            let span = Span { from, to: (from + DAY_MS).min(wanted.interval.floor(end)) };
            one_day(&mut source, store, symbol, wanted.interval, span, &mut done).await?;
            progress(at * days + day + 1, total);
        }
    }
    Ok(done)
}

async fn one_day(
    source: &mut Source,
    store: &dyn HistoryStore,
    symbol: &Symbol,
    interval: Interval,
    span: Span,
    done: &mut Fetched,
) -> anyhow::Result<()> {
    let range =
        ImportedRow { symbol: symbol.clone(), interval, first: span.from, last: span.to - interval.ms() };
    let imported = vec![range];
    let whole = usize::try_from((span.to - span.from) / interval.ms()).unwrap_or(0);
    if store.candles(symbol, interval, span).await?.len() >= whole {
        done.days_known += 1;
        // They were asked for by name: they stay as long as fetched ones.
        store.write(HistoryBatch { imported, ..HistoryBatch::default() }).await?;
        return Ok(());
    }
    let candles = source.day(symbol, interval, span).await?;
    if candles.is_empty() {
        done.days_absent += 1;
        return Ok(());
    }
    done.candles += candles.len();
    let row = |candle| CandleRow { symbol: symbol.clone(), interval, candle };
    let candles = candles.into_iter().map(row).collect();
    store.write(HistoryBatch { candles, imported, ..HistoryBatch::default() }).await?;
    Ok(())
}

struct Source {
    rest: Rc<dyn MarketRest>,
    ledger: WeightLedger,
    bulk: Option<Bulk>,
}

impl Source {
    fn new(settings: &Settings, archive: Option<&str>) -> Self {
        Self {
            rest: rest_factory(&settings.exchange)(),
            ledger: WeightLedger::new(INITIAL_LIMIT, settings.exchange.weight_share),
            bulk: archive.map(Bulk::new),
        }
    }

    async fn universe(&mut self, settings: &Settings) -> anyhow::Result<Vec<Symbol>> {
        let rules = settings.exchange.universe.clone();
        let answer = self.asked(exchange_info().weight, |rest| rest.exchange_info()).await;
        let info = answer.or_fail(|| text!(pairs_unreadable))?.value;
        if let Some(limit) = info.limits.request_weight_1m {
            self.ledger.set_limit(limit);
            self.rest.set_weight_limit(limit);
        }
        let eligible = info.pairs.iter().filter(|pair| eligibility(pair, &rules).is_ok());
        Ok(eligible.map(|pair| pair.symbol.clone()).collect())
    }

    async fn day(&mut self, symbol: &Symbol, interval: Interval, span: Span) -> anyhow::Result<Vec<Candle>> {
        // Only where to look: nothing becomes final by the machine's clock.
        let now = SystemClock::new().machine_time().as_market();
        // The archive publishes a day some hours after its end; the newest one comes by REST.
        let over = span.from + DAY_MS <= now - DAY_MS;
        if let Some(bulk) = self.bulk.as_ref().filter(|_| over) {
            let text = bulk.fetch(symbol.as_str(), interval, &day_of(span.from)?).await?;
            let candles = text.map(|t| parse_table(&t)).transpose()?.unwrap_or_default();
            return Ok(within(candles, span));
        }
        let said = self.asked(server_time().weight, |rest| rest.server_time()).await;
        let said = said.or_fail(|| text!(candles_unfetched))?.value;
        let mut candles: Vec<Candle> = Vec::new();
        let mut from = span.from;
        while from < span.to {
            let last = (from + interval.ms() * (i64::from(MAX_KLINES) - 1)).min(span.to - interval.ms());
            let request = KlinesRequest::range(symbol.clone(), interval, from, last);
            let answer = self.asked(KlinesRequest::WEIGHT, |rest| rest.klines(request.clone(), said)).await;
            let answer = answer.or_fail(|| text!(candles_unfetched))?;
            for (open_time, error) in &answer.left_out.named {
                tracing::warn!(%symbol, open_time, error, "a candle that makes no sense is left out");
            }
            candles.extend(answer.value.into_iter().filter(|c| c.closed));
            from = last + interval.ms();
        }
        Ok(within(candles, span))
    }

    /// One request of `weight`, admitted by the budget, tried again where that helps.
    async fn asked<T>(
        &mut self,
        weight: u32,
        request: impl Fn(&dyn MarketRest) -> RestFuture<T>,
    ) -> Result<RestAnswer<T>, RestFailure> {
        let clock = SystemClock::new();
        let mut tries = 0;
        loop {
            let ticket = match self.ledger.admit(clock.machine_time(), weight) {
                Admission::Go(ticket) => ticket,
                Admission::Wait(ms) => {
                    pause(ms).await;
                    continue;
                }
            };
            let failure = match request(&*self.rest).await {
                Ok(answer) => {
                    self.ledger.settle(ticket, answer.used_weight_1m, clock.machine_time());
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            self.ledger.settle(ticket, failure.used_weight_1m, clock.machine_time());
            tries += 1;
            match failure.error.what_to_do() {
                Action::RetryAfter(ms) => {
                    tracing::warn!(wait_ms = ms, "the exchange asks for a pause");
                    self.ledger.embargo(clock.machine_time() + ms, failure.error.is_ban());
                }
                Action::Retry if tries < TRIES => pause(500 << tries).await,
                _ => return Err(failure),
            }
        }
    }
}

async fn pause(ms: i64) {
    // At least 1 ms: a budget that says 0 at the edge of a minute would be asked in a circle.
    tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(1))).await;
}

fn within(candles: Vec<Candle>, span: Span) -> Vec<Candle> {
    candles.into_iter().filter(|c| c.open_time >= span.from && c.open_time < span.to).collect()
}

fn day_of(moment: MarketTime) -> anyhow::Result<Day> {
    let date = time::OffsetDateTime::from_unix_timestamp(moment.ms().div_euclid(1_000))?.date();
    Ok(Day(u16::try_from(date.year())?, u8::from(date.month()), date.day()))
}
