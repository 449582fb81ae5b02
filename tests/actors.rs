//! The actor system under virtual time.
mod support;

mod actors {
    mod behind;
    mod clock;
    mod experiment;
    mod fake_exchange;
    mod fall;
    mod faults;
    mod notices;
    mod odd_model;
    mod odd_rest;
    mod pair;
    mod stops;
    mod system;
}
