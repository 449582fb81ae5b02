//! Binance's protocol without any IO: bytes, moments and random numbers are arguments.

pub mod archive;
pub mod backfill;
pub mod backoff;
pub mod left_out;
mod number;
pub mod rest;
pub mod stream;
pub mod weight;
