//! Binance's protocol without any IO: bytes, moments and random numbers are arguments.

pub mod archive;
pub mod backfill;
pub mod backoff;
mod number;
pub mod rest;
pub mod stream;
pub mod weight;
