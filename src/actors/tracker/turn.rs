//! Of two scanners one opens predictions and judges them. The other keeps those of its newest cycles, for a takeover in the middle
//! of one: what is open already is passed over by its key.

use super::Tracker;
use crate::actors::failover::duty::Turn;
use crate::actors::failover::status::Role;
use crate::domain::moment::MarketTime;
use crate::domain::prediction::PredictionRow;
use actix::{Context, StreamHandler};

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
            let rows = std::mem::take(&mut self.unopened).release();
            self.open(rows);
        }
    }
}
