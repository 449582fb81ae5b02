//! The actor system under virtual time.
mod support;

mod actors {
    mod fake_exchange;
    mod lab;
    mod system;
}
