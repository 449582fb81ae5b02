//! HTTP and WebSocket clients against local servers.
mod adapters {
    mod http;
    mod socket;
}
