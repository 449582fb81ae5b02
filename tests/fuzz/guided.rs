//! One decoder under libFuzzer: the one that `IMPULSO_FUZZ` names.
#![no_main]

use impulso::fuzz::{DECODERS, Decoder};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static DECODER: LazyLock<Decoder> = LazyLock::new(|| {
    let name = std::env::var("IMPULSO_FUZZ").expect("IMPULSO_FUZZ names a decoder");
    let found = DECODERS.iter().find(|(own, _)| *own == name);
    found.map(|(_, decode)| *decode).expect("IMPULSO_FUZZ names a decoder")
});

fuzz_target!(|bytes: &[u8]| {
    DECODER(bytes);
});
