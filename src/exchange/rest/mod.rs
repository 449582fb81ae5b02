//! The REST routes: requests with their weight, decoded answers, errors with what to do.

pub mod error;
pub mod model;
pub mod request;
