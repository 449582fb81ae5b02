//! IO: one library a folder, behind the traits of `actors::ports`.

pub mod backup;
pub mod binance;
pub mod chart;
pub mod clock;
pub mod history;
pub mod net;
pub mod notify;
pub(crate) mod open_files;
pub mod redis;
pub(crate) mod scanner_lock;
mod sqlite_file;
mod sqlite_moments;
pub mod state;
