//! Training and proof over recorded candles.

pub(crate) mod arm_store;
pub mod backtest;
pub mod explain;
pub mod ledger;
pub mod lookahead;
pub mod models;
pub mod profiles;
pub(crate) mod recorded;
pub mod schedule;
pub mod train;
pub mod tune;

/// Threads of a replay: all cores.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}
