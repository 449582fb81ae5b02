//! Of two scanners one opens predictions and judges them. The other keeps those of its newest cycles, for a takeover in the middle
//! of one: what is open already is passed over by its key.

use super::Tracker;
use crate::actors::failover::duty::Turn;
use crate::actors::ports::failover::Role;
use crate::domain::moment::MarketTime;
use crate::domain::prediction::PredictionRow;
use actix::{Context, StreamHandler};
use std::collections::VecDeque;

/// Cycles that may pass from the death of the other scanner to the takeover, and as many again.
const CYCLES: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Unopened(VecDeque<(MarketTime, Vec<PredictionRow>)>);

impl Unopened {
    fn keep(&mut self, as_of: MarketTime, rows: Vec<PredictionRow>) {
        match self.0.back_mut() {
            Some((newest, kept)) if *newest == as_of => kept.extend(rows),
            _ => self.0.push_back((as_of, rows)),
        }
        if self.0.len() > CYCLES {
            self.0.pop_front();
        }
    }
}

impl Tracker {
    pub(super) fn open_or_wait(&mut self, as_of: MarketTime, rows: Vec<PredictionRow>) {
        if self.common.is_active() {
            self.open(rows);
        } else {
            self.unopened.keep(as_of, rows);
        }
    }
}

impl StreamHandler<Turn> for Tracker {
    fn handle(&mut self, turn: Turn, _: &mut Context<Self>) {
        if turn.role == Role::Active {
            let rows = std::mem::take(&mut self.unopened).0.into_iter().flat_map(|(_, rows)| rows);
            self.open(rows.collect());
        }
    }
}
