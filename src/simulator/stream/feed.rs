//! The feed: turns passing market time into events, and ordered faults into effects.

use crate::domain::moment::MarketTime;
use crate::simulator::faults::{Fault, FaultKind};
use crate::simulator::market::pair::Pair;
use crate::simulator::state::State;
use crate::simulator::stream::events;
use crate::simulator::stream::names::Topic;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Market time between two updates of a candle stream, ms: the exchange's pace of `@kline` streams.
const UPDATE_MS: i64 = 2_000;
/// Finished candles sent for one stream in one turn; older ones are skipped when the speed is greater, or a market at
/// 10,000 times would never catch up.
const MAX_CLOSES: i64 = 256;

/// Runs until the simulator stops.
pub async fn run(state: Arc<State>) {
    // The finest pace of a stream is 100 ms.
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    // A turn that took long is not made up for: the next one does all that has passed.
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut feed = Feed { before: state.market_now(), sent: HashMap::new() };
    while !state.stopping.load(Ordering::Acquire) {
        ticks.tick().await;
        faults(&state);
        feed.turn(&state, state.market_now());
    }
}

/// What was sent last, by stream.
#[derive(Debug)]
struct Feed {
    before: MarketTime,
    /// Slot and trade number of the last event.
    sent: HashMap<String, (i64, i64)>,
}

impl Feed {
    fn turn(&mut self, state: &State, now: MarketTime) {
        // Copied, so that connections may subscribe while events are made.
        let listened: Vec<(String, Topic, Option<Arc<Pair>>)> = {
            let registry = state.registry();
            self.sent
                .retain(|name, _| registry.streams.contains_key(name.split('\n').next().unwrap_or(name)));
            let pair = |s: &Option<_>| {
                s.as_ref().and_then(|s: &crate::domain::symbol::Symbol| state.market.pair(s.as_str()))
            };
            registry.streams.iter().map(|(n, l)| (n.clone(), l.topic, pair(&l.symbol))).collect()
        };
        for (name, topic, pair) in listened {
            match (topic, pair) {
                (Topic::AllMini, _) => self.all_mini(state, &name, now),
                (Topic::Kline(interval, span), Some(pair)) => {
                    self.kline(state, &name, &pair, (interval, span), now);
                }
                (other, Some(pair)) => self.other(state, &name, &pair, other, now),
                _ => {}
            }
        }
        self.before = now;
    }

    fn kline(
        &mut self,
        state: &State,
        name: &str,
        pair: &Pair,
        (interval, span): (&str, i64),
        now: MarketTime,
    ) {
        let market = &state.market;
        let open_now = now.floor(span);
        let mut open = self.before.floor(span).max(open_now - MAX_CLOSES * span);
        while open < open_now {
            if let Some(k) = market.candle(pair, open, span, now).filter(|k| k.trades > 0) {
                let at = state.shown(open + span);
                state.registry().publish(name, Some(&pair.symbol), &|micros| {
                    events::kline(pair, interval, &k, at, micros)
                });
            }
            open += span;
        }
        // Each pair at its own moment, as on the exchange: all at once would be a burst that never comes there.
        let phase = i64::from(u16::try_from(pair.key() % 2_000).unwrap_or(0));
        let slot = (now + phase).index(UPDATE_MS);
        if self.sent.get(name).is_some_and(|(s, _)| *s == slot) {
            return;
        }
        if let Some(k) = market.candle(pair, open_now, span, now).filter(|k| k.trades > 0) {
            let id = events::first_trade(open_now) + i64::from(k.trades);
            if self.sent.get(name).is_none_or(|(_, last)| *last != id) {
                self.sent.insert(name.to_owned(), (slot, id));
                let at = state.shown(now);
                state.registry().publish(name, Some(&pair.symbol), &|micros| {
                    events::kline(pair, interval, &k, at, micros)
                });
            }
        }
    }

    /// True, and remembered, when something traded since `key` was sent and its second is over.
    fn fresh(&mut self, key: &str, slot: i64, id: i64) -> bool {
        if self.sent.get(key).is_some_and(|(s, last)| *s == slot || *last == id) {
            return false;
        }
        self.sent.insert(key.to_owned(), (slot, id)).is_none_or(|(_, last)| last != id)
    }

    fn newest(state: &State, pair: &Pair, now: MarketTime) -> Option<i64> {
        let open = state.market.base.floor(now);
        let (_, trades) = pair.state(state.market.base, open, now, state.market.seed)?;
        (trades > 0).then(|| events::first_trade(open) + i64::from(trades))
    }

    fn all_mini(&mut self, state: &State, name: &str, now: MarketTime) {
        if now.index(1_000) == self.before.index(1_000) {
            return;
        }
        let mut changed = Vec::new();
        for pair in state.market.pairs().into_iter().filter(|p| p.trades_at(now)) {
            let Some(id) = Self::newest(state, &pair, now) else { continue };
            if self.fresh(&format!("{name}\n{}", pair.symbol), now.index(1_000), id)
                && let Some(day) = state.market.day(&pair, now)
            {
                changed.push((pair, day));
            }
        }
        if !changed.is_empty() {
            let at = state.shown(now);
            state.registry().publish(name, None, &|micros| {
                let list: Vec<String> = changed.iter().map(|(p, d)| events::mini(p, d, at, micros)).collect();
                format!("[{}]", list.join(","))
            });
        }
    }

    fn other(&mut self, state: &State, name: &str, pair: &Pair, topic: Topic, now: MarketTime) {
        let market = &state.market;
        let open = market.base.floor(now);
        let Some(live) = market.candle(pair, open, market.base.ms(), now).filter(|k| k.trades > 0) else {
            return;
        };
        let pace =
            if matches!(topic, Topic::MiniTicker | Topic::Ticker | Topic::AvgPrice) { 1_000 } else { 100 };
        let id = events::first_trade(open) + i64::from(live.trades);
        if !self.fresh(name, now.index(pace), id) {
            return;
        }
        let at = state.shown(now);
        let day = market.day(pair, now).unwrap_or(live);
        let render = |micros: bool| match topic {
            Topic::MiniTicker => events::mini(pair, &day, at, micros),
            Topic::Ticker => events::ticker(pair, &day, at, micros),
            Topic::BookTicker => events::book(pair, live.bar.close, id),
            Topic::AvgPrice => events::average(pair, &live, at, micros),
            Topic::AggTrade => events::trade(pair, &live, at, true, micros),
            _ => events::trade(pair, &live, at, false, micros),
        };
        state.registry().publish(name, Some(&pair.symbol), &render);
    }
}

/// Effects of faults that begin or end now.
fn faults(state: &State) {
    let (begun, over) = {
        let mut faults = state.faults();
        if faults.is_empty() {
            return;
        }
        faults.turn(state.machine_ms())
    };
    for fault in begun {
        match fault.spec.fault {
            FaultKind::Cut => end(state, &fault),
            FaultKind::ServerShutdown => announce(state, &fault),
            _ => {}
        }
    }
    for fault in over.iter().filter(|f| f.spec.fault == FaultKind::ServerShutdown) {
        end(state, fault);
    }
}

fn hits(fault: &Fault, client: &crate::simulator::stream::registry::Client) -> bool {
    let target = fault.spec.target.as_str();
    let prefix = format!("{}@", target.to_lowercase());
    target == "all" || client.id == target || client.streams.iter().any(|s| s.starts_with(&prefix))
}

fn end(state: &State, fault: &Fault) {
    // A connection that came after the announcement is the replacement: it stays.
    for client in state.registry().clients.values().filter(|c| hits(fault, c) && c.opened_ms <= fault.from_ms)
    {
        client.kill.end();
    }
}

fn announce(state: &State, fault: &Fault) {
    let at = state.shown(state.market_now());
    for client in state.registry().clients.values().filter(|c| hits(fault, c)) {
        let data = format!("{{\"e\":\"serverShutdown\",\"E\":{}}}", events::stamp(at, client.micros));
        let text = super::registry::wrap(client.combined, "!serverShutdown", &data);
        if client.queue.try_send(super::registry::Frame { symbol: None, text }).is_err() {
            client.kill.end();
        }
    }
}
