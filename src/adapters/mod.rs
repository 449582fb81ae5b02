//! IO: one library a folder, behind the traits of `actors::ports`.

pub mod binance;
pub mod clock;
pub mod notify;
pub mod state_file;
pub mod tls;
