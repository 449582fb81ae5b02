//! From a frame to the pair's mailbox.

use super::{Arrived, Feed};
use crate::actors::market_clock::TOLERANCE_MS;
use crate::actors::messages::{CandleUpdate, Suspect};
use crate::actors::ports::{Frame, SocketError};
use crate::domain::moment::MarketTime;
use crate::exchange::left_out::LeftOut;
use crate::exchange::stream::event::{DecodeError, KlineEvent, MiniTicker, StreamEvent};
use crate::i18n::text;
use actix::{Context, StreamHandler};

/// Farthest from the other tickers of its frame, ms: as far as market time itself trusts an event.
const APART_MS: i64 = TOLERANCE_MS;

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
                    // The text begins with the pair, where there is one.
                    let text = error.to_string();
                    let about = match &error {
                        DecodeError::Invalid(why) => why.split(':').next().unwrap_or_default(),
                        DecodeError::Malformed(_) => "",
                    };
                    if self.said.is_due(about, mono_ms) {
                        tracing::warn!(connection = self.index + 1, error = text, "an event is left out");
                    }
                }
            },
            Some(Ok(Frame::Ping(_))) => link.session.ping(mono_ms),
            Some(Ok(Frame::Pong(_))) => {}
            Some(Ok(Frame::Close(reason))) => link.session.closed(reason.clone()),
            Some(Err(error)) => link.session.closed(error.text()),
            None => link.session.closed(text!(closed_by_other_side)),
        }
    }

    fn event(&mut self, event: StreamEvent<'_>) {
        match event {
            StreamEvent::Kline(kline) => self.kline(&kline),
            StreamEvent::MiniTickers(tickers, mut left_out) => {
                self.mini_tickers(tickers, &mut left_out);
                self.said.left_out(&self.links.common, "ticker_entry", "mini tickers", &left_out);
            }
            StreamEvent::ServerShutdown { .. } | StreamEvent::ControlAnswer { .. } => {}
            StreamEvent::Other(_) => metrics::counter!("impulso_other_events_total").increment(1),
        }
    }

    fn trusted(&self, event_time: MarketTime) -> bool {
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

    fn mini_tickers(&mut self, mut tickers: Vec<MiniTicker<'_>>, left_out: &mut LeftOut) {
        without_strays(&mut tickers, left_out);
        let Some(newest) = tickers.iter().map(|t| t.event_time).max() else { return };
        if !self.trusted(newest) {
            return;
        }
        for ticker in &tickers {
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

/// All tickers of a frame are of the same second. One whose time is far from the others' would have all of them doubted.
fn without_strays(tickers: &mut Vec<MiniTicker<'_>>, left_out: &mut LeftOut) {
    let mut times: Vec<MarketTime> = tickers.iter().map(|t| t.event_time).collect();
    times.sort_unstable();
    let Some(middle) = times.get(times.len().saturating_sub(1) / 2).copied() else { return };
    tickers.retain(|ticker| {
        let stays = (ticker.event_time - middle).saturating_abs() <= APART_MS;
        if !stays {
            left_out.add(&ticker.symbol, "the event time is far from that of the other pairs");
        }
        stays
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_impossible_time_does_not_have_the_others_doubted() {
        let ticker = |symbol: &'static str, event_time| MiniTicker {
            symbol: symbol.into(),
            event_time,
            close: 1.0,
            volume: 1.0,
            quote_volume: 1.0,
        };
        let now = 1_700_000_000_000;
        for odd in [1, i64::MAX, now + 5_001] {
            let mut tickers = vec![
                ticker("ODDUSDT", MarketTime::from_ms(odd)),
                ticker("AUSDT", MarketTime::from_ms(now)),
                ticker("BUSDT", MarketTime::from_ms(now - 1_000)),
            ];
            let mut left_out = LeftOut::default();
            without_strays(&mut tickers, &mut left_out);
            assert_eq!((tickers.len(), left_out.named[0].0.as_str()), (2, "ODDUSDT"), "{odd}");
        }
        let mut none = Vec::new();
        without_strays(&mut none, &mut LeftOut::default());
        // When all are ahead, the market clock is the judge.
        let mut ahead = vec![ticker("AUSDT", MarketTime::from_ms(now + 900_000))];
        without_strays(&mut ahead, &mut LeftOut::default());
        assert_eq!(ahead.len(), 1);
    }
}
