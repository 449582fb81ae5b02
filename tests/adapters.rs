//! HTTP and WebSocket clients against local servers, Redis against a real one.
mod support;

mod adapters {
    mod failover;
    mod http;
    mod socket;
    mod state;
}
