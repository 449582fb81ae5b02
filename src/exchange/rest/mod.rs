//! The REST routes: requests with their weight, decoded answers, errors with what to do.

pub mod error;
pub mod klines;
pub mod model;
pub mod request;
