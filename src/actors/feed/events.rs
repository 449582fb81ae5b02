//! From a frame to the pair's mailbox.

use super::{Arrived, Feed};
use crate::actors::mailbox;
use crate::actors::messages::{CandleUpdate, Suspect};
use crate::actors::ports::Frame;
use crate::exchange::stream::event::{KlineEvent, MiniTicker, StreamEvent};
use actix::{Context, StreamHandler};

impl StreamHandler<Arrived> for Feed {
    fn handle(&mut self, arrived: Arrived, ctx: &mut Context<Self>) {
        self.arrived(&arrived, ctx);
    }

    /// Each connection's stream ends with a word of its own; the feed lives on.
    fn finished(&mut self, _: &mut Context<Self>) {}
}

impl Feed {
    pub(super) fn frame(&mut self, what: &Result<Frame, String>, is_current: bool) {
        let mono_ms = self.wiring.machine.mono_ms();
        let Some(mut link) = (if is_current { self.current.take() } else { self.next.take() }) else {
            return;
        };
        match what {
            Ok(Frame::Text(text)) => match link.session.text(text, mono_ms) {
                Ok(event) => self.event(event, mono_ms),
                Err(error) => {
                    self.wiring.drops.add("malformed_frame");
                    tracing::debug!(connection = self.index + 1, %error, "frame not understood");
                }
            },
            Ok(Frame::Ping(_)) => link.session.ping(mono_ms),
            Ok(Frame::Pong(_)) => {}
            Ok(Frame::Close(reason)) | Err(reason) => link.session.closed(reason),
        }
        if is_current {
            self.current = Some(link);
        } else {
            self.next = Some(link);
        }
    }

    fn event(&mut self, event: StreamEvent<'_>, mono_ms: i64) {
        match event {
            StreamEvent::Kline(kline) => self.kline(&kline, mono_ms),
            StreamEvent::MiniTickers(tickers) => self.mini_tickers(&tickers, mono_ms),
            StreamEvent::ServerShutdown { .. } | StreamEvent::ControlAnswer { .. } => {}
            StreamEvent::Other(_) => metrics::counter!("impulso_other_events_total").increment(1),
        }
    }

    fn trusted(&self, event_time: i64, mono_ms: i64) -> bool {
        let trusted = self.wiring.clock.observe(event_time, mono_ms);
        if !trusted {
            self.wiring.drops.add("untrusted_event_time");
        }
        trusted
    }

    fn kline(&mut self, kline: &KlineEvent<'_>, mono_ms: i64) {
        if kline.interval != self.config.base || !self.trusted(kline.event_time, mono_ms) {
            return;
        }
        metrics::counter!("impulso_klines_total").increment(1);
        self.liveness.kline(&kline.symbol);
        match self.routes.get(&*kline.symbol) {
            Some(address) => {
                let news = CandleUpdate { candle: kline.candle, event_time: kline.event_time };
                mailbox::offer(address, news, "symbol", &self.wiring.drops);
            }
            None => self.wiring.drops.add("unknown_symbol"),
        }
    }

    fn mini_tickers(&mut self, tickers: &[MiniTicker<'_>], mono_ms: i64) {
        let Some(newest) = tickers.iter().map(|t| t.event_time).max() else { return };
        if !self.trusted(newest, mono_ms) {
            return;
        }
        for ticker in tickers {
            self.liveness.mini_ticker(&ticker.symbol, ticker.close, ticker.quote_volume, ticker.event_time);
        }
    }

    /// Pairs that trade by the mini ticker but send no kline are asked about by REST; if there are many, the
    /// connection is replaced.
    pub(super) fn check_liveness(&mut self) {
        let report = self.liveness.check(self.wiring.now());
        for (symbol, _) in &report.silent {
            metrics::counter!("impulso_silent_pairs_total").increment(1);
            if let Some(address) = self.routes.get(symbol) {
                mailbox::offer(address, Suspect, "symbol", &self.wiring.drops);
            }
        }
        if !report.suspects.is_empty() && self.current.is_some() && !self.wants_next {
            tracing::warn!(
                connection = self.index + 1,
                silent_pairs = report.silent.len(),
                "many pairs trade but send nothing here: opening a replacement"
            );
            self.wants_next = true;
        }
    }
}
