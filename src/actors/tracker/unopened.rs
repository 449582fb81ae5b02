//! Predictions of the newest cycles of a scanner that waits for its turn.

use crate::domain::moment::MarketTime;
use crate::domain::prediction::PredictionRow;
use std::collections::VecDeque;

/// A takeover comes within two cycles of the other scanner's death; as many again in reserve.
const CYCLES: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Unopened(VecDeque<(MarketTime, Vec<PredictionRow>)>);

impl Unopened {
    pub(super) fn keep(&mut self, as_of: MarketTime, rows: Vec<PredictionRow>) {
        match self.0.back_mut() {
            Some((newest, kept)) if *newest == as_of => kept.extend(rows),
            _ => self.0.push_back((as_of, rows)),
        }
        if self.0.len() > CYCLES {
            self.0.pop_front();
        }
    }

    pub(super) fn release(self) -> Vec<PredictionRow> {
        self.0.into_iter().flat_map(|(_, rows)| rows).collect()
    }
}
