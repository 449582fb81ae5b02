//! The running system: one actor for each pair, feeds, ranker, alerts and their supervisor.
//! IO comes in through `ports`; what the web layer may read stands in `view`.

pub mod alert;
pub mod backfill;
pub(crate) mod barrier;
pub mod clocks;
pub mod common;
pub mod cycle;
pub(crate) mod cycle_stats;
pub mod death_watch;
pub mod delivery;
pub mod directory;
pub mod drop_counters;
pub mod experiment;
pub mod failover;
pub mod feed;
pub mod history;
pub(crate) mod lags;
pub mod mailbox;
pub(crate) mod market_clock;
pub mod messages;
pub mod operator;
pub mod ports;
pub mod problems;
pub mod publication;
pub mod ranker;
pub(crate) mod read_only_node;
pub mod redis_publisher;
pub(crate) mod registry;
pub mod restart;
pub(crate) mod seldom;
pub mod supervisor;
pub mod symbol;
pub mod system;
pub mod tracker;
pub mod view;
pub(crate) mod warmups;
