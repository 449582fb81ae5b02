//! The exchange's side: recorded payloads, and the simulated exchange on the wire.
mod support;

mod exchange {
    mod payloads;
    mod simulator {
        mod clients;
        mod pump;
        mod recorded;
        mod rest;
        mod wire;
        mod zip;
    }
}
