//! The running system: one actor for each pair, feeds, ranker, alerts, hub and their supervisor.
//! IO comes in through `ports`; what the web layer may read stands in `view`.

pub mod alert;
pub mod backfill;
pub mod barrier;
pub mod courier;
pub mod cycle;
pub mod death_watch;
pub mod desk;
pub mod directory;
pub mod fanout;
pub mod feed;
pub mod history;
pub mod hub;
pub mod lab;
pub mod lags;
pub mod mailbox;
pub mod market_clock;
pub mod messages;
pub mod meter;
pub mod mirror;
pub mod ports;
pub mod ranker;
pub mod restart;
pub mod supervisor;
pub mod symbol;
pub mod system;
pub mod tally;
pub mod tracker;
pub mod trouble;
pub mod view;
pub mod wiring;
