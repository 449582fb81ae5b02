//! The running system: one actor for each pair, feeds, ranker, alerts, hub and their supervisor.
//! IO comes in through `ports`; what the web layer may read stands in `view`.

pub mod ports;
pub mod view;
