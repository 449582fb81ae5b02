//! From a frame to the pair's mailbox.

use super::{Arrived, Feed};
use crate::actors::messages::{CandleUpdate, Suspect};
use crate::actors::ports::{Frame, SocketError};
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
    pub(super) fn frame(&mut self, what: Option<&Result<Frame, SocketError>>, is_current: bool) {
        let mono_ms = self.links.common.clocks.mono_time();
        let link = if is_current { self.connections.current_mut() } else { self.connections.next_mut() };
        let Some(link) = link else { return };
        match what {
            Some(Ok(Frame::Text(text))) => match link.session.text(text, mono_ms) {
                Ok(event) => self.event(event),
                Err(error) => {
                    self.links.common.drops.add("malformed_frame");
                    tracing::debug!(connection = self.index + 1, %error, "frame not understood");
                }
            },
            Some(Ok(Frame::Ping(_))) => link.session.ping(mono_ms),
            Some(Ok(Frame::Pong(_))) => {}
            Some(Ok(Frame::Close(reason))) => link.session.closed(reason),
            Some(Err(error)) => link.session.closed(&error.to_string()),
            None => link.session.closed("the other side closed the connection"),
        }
    }

    fn event(&mut self, event: StreamEvent<'_>) {
        match event {
            StreamEvent::Kline(kline) => self.kline(&kline),
            StreamEvent::MiniTickers(tickers) => self.mini_tickers(&tickers),
            StreamEvent::ServerShutdown { .. } | StreamEvent::ControlAnswer { .. } => {}
            StreamEvent::Other(_) => metrics::counter!("impulso_other_events_total").increment(1),
        }
    }

    fn trusted(&self, event_time: i64) -> bool {
        let trusted = self.links.common.clocks.observe(event_time);
        if !trusted {
            self.links.common.drops.add("untrusted_event_time");
        }
        trusted
    }

    fn kline(&mut self, kline: &KlineEvent<'_>) {
        if kline.interval != self.config.base || !self.trusted(kline.event_time) {
            return;
        }
        metrics::counter!("impulso_klines_total").increment(1);
        self.liveness.kline(&kline.symbol);
        match self.routes.get(&*kline.symbol) {
            Some(pair) => {
                let news = CandleUpdate { candle: kline.candle, event_time: kline.event_time };
                pair.offer(news);
            }
            None => self.links.common.drops.add("unknown_symbol"),
        }
    }

    fn mini_tickers(&mut self, tickers: &[MiniTicker<'_>]) {
        let Some(newest) = tickers.iter().map(|t| t.event_time).max() else { return };
        if !self.trusted(newest) {
            return;
        }
        for ticker in tickers {
            self.liveness.mini_ticker(&ticker.symbol, ticker.close, ticker.quote_volume, ticker.event_time);
        }
    }

    /// Pairs that trade by the mini ticker but send no kline are asked about by REST; if there are many, the
    /// connection is replaced.
    pub(super) fn check_liveness(&mut self) {
        let report = self.liveness.check(self.links.common.clocks.now());
        for (symbol, _) in &report.silent {
            metrics::counter!("impulso_silent_pairs_total").increment(1);
            if let Some(pair) = self.routes.get(symbol) {
                pair.offer(Suspect);
            }
        }
        if !report.suspects.is_empty() && self.connections.want_replacement() {
            tracing::warn!(
                connection = self.index + 1,
                silent_pairs = report.silent.len(),
                "many pairs trade but send nothing here: opening a replacement"
            );
        }
    }
}
