//! The exchange's time, its list of pairs with the limits, and the 24 h volumes that order the warm-ups.

use super::{Backfill, UniverseRead};
use crate::actors::ports::{RestAnswer, RestFailure};
use crate::domain::moment::MarketTime;
use crate::exchange::backfill::JobId;
use crate::exchange::backfill::failing::Asked;
use crate::exchange::rest::model::{ExchangeInfo, Ticker24h};
use crate::exchange::rest::request::{exchange_info, mini_tickers, server_time};
use crate::exchange::weight::{Admission, Ticket};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};

type Answers = (
    Result<RestAnswer<MarketTime>, RestFailure>,
    Option<Result<RestAnswer<ExchangeInfo>, RestFailure>>,
    Option<Volumes>,
);
type Volumes = Result<RestAnswer<Vec<Ticker24h>>, RestFailure>;

impl Backfill {
    /// Time first (without it no candle can be told closed), then the list, then volumes on the first reading.
    pub(super) fn read_universe(&mut self, id: JobId, ctx: &mut Context<Self>) {
        let first = self.links.directory.all().is_empty();
        let tickers = if first { mini_tickers().weight } else { 0 };
        let weight = server_time().weight + exchange_info().weight + tickers;
        let ticket = match self.ledger.admit(self.machine_now(), weight) {
            Admission::Go(ticket) if !self.reading_universe => ticket,
            Admission::Go(ticket) => {
                self.ledger.settle(ticket, Some(0), self.machine_now());
                self.planner.done(id, self.common.clocks.mono_time());
                return;
            }
            Admission::Wait(ms) => {
                let wait = crate::exchange::rest::error::Action::RetryAfter(ms);
                self.planner.failed(id, self.common.clocks.mono_time(), wait, self.random());
                return;
            }
        };
        self.reading_universe = true;
        let rest = std::rc::Rc::clone(&self.rest);
        let asked = async move {
            let time = rest.server_time().await;
            if time.is_err() {
                return (time, None, None);
            }
            let info = rest.exchange_info().await;
            let volumes = if first && info.is_ok() { Some(rest.mini_tickers().await) } else { None };
            (time, Some(info), volumes)
        };
        ctx.spawn(
            asked
                .into_actor(self)
                .map(move |answers, queue, ctx| queue.universe_read(id, ticket, answers, ctx)),
        );
    }

    fn universe_read(&mut self, id: JobId, ticket: Ticket, answers: Answers, ctx: &mut Context<Self>) {
        self.reading_universe = false;
        let (time, info, volumes) = answers;
        let used =
            [volumes.as_ref().and_then(used_weight), info.as_ref().and_then(used_weight), used_weight(&time)];
        self.ledger.settle(ticket, used.into_iter().flatten().max(), self.machine_now());
        let failure = match (time, info) {
            (Ok(time), Some(Ok(info))) => {
                self.common.clocks.confirm(time.value);
                self.take_volumes(volumes);
                self.said.left_out(&self.common, "exchange_info_entry", "exchangeInfo", &info.left_out);
                self.take_info(info.value);
                self.planner.done(id, self.common.clocks.mono_time());
                self.failing.succeeded(Asked::Universe);
                None
            }
            (Err(failure), _) | (_, Some(Err(failure))) => Some(failure),
            (Ok(_), None) => None,
        };
        if let Some(failure) = failure {
            let action = self.note_failure(&failure);
            self.fails(Asked::Universe, &failure);
            self.planner.failed(id, self.common.clocks.mono_time(), action, self.random());
        }
        self.report();
        self.pump(ctx);
    }

    fn take_info(&mut self, info: ExchangeInfo) {
        if let Some(limit) = info.limits.request_weight_1m {
            self.ledger.set_limit(limit);
            self.rest.set_weight_limit(limit);
        }
        self.links.universe.send(UniverseRead { pairs: info.pairs });
    }

    fn take_volumes(&mut self, volumes: Option<Volumes>) {
        match volumes {
            Some(Ok(answer)) => {
                self.said.left_out(&self.common, "ticker_entry", "ticker/24hr", &answer.left_out);
                for ticker in &answer.value {
                    self.planner.set_volume(&ticker.symbol, ticker.quote_volume);
                }
            }
            Some(Err(failure)) => {
                // Only the order of the warm-ups depends on it.
                tracing::info!(error = %failure, "24 h volumes not read: warm-ups go by name");
            }
            None => {}
        }
    }

    /// Asks the exchange for its time while the streams do not tell it.
    pub(super) fn check_time(&mut self, ctx: &mut Context<Self>) {
        if self.checking_time || !self.common.clocks.ask_time() {
            return;
        }
        let Admission::Go(ticket) = self.ledger.admit(self.machine_now(), server_time().weight) else {
            return;
        };
        self.checking_time = true;
        let asked = self.rest.server_time();
        ctx.spawn(asked.into_actor(self).map(move |answer, queue, _| {
            queue.checking_time = false;
            queue.ledger.settle(ticket, used_weight(&answer), queue.machine_now());
            match answer {
                Ok(answer) => queue.common.clocks.confirm(answer.value),
                Err(failure) => {
                    queue.note_failure(&failure);
                }
            }
        }));
    }
}

fn used_weight<T>(answer: &Result<RestAnswer<T>, RestFailure>) -> Option<u32> {
    match answer {
        Ok(answer) => answer.used_weight_1m,
        Err(failure) => failure.used_weight_1m,
    }
}
