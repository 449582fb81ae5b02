//! Each decoder of what comes from outside, with examples and what is made of them by chance. `scripts/fuzz` goes on from here
//! with coverage for as long as one likes; what it finds is kept as an example.
#![expect(clippy::unwrap_used, reason = "a test file")]

use impulso::fuzz::{DECODERS, Decoder};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Inputs made from the examples of a decoder; unpacking and settings take longer than the others.
const INPUTS: [(&str, usize); 3] = [("settings", 300), ("packed_table", 1_500), ("", 10_000)];
/// What the whole program may take at most, KiB: an input is 64 KiB at most.
const MOST_KIB: u64 = 400 * 1_024;
/// What decoders stumble over, in place of a number or between two bytes.
const ODD: [&[u8]; 16] = [
    b"null",
    b"-1",
    b"0",
    b"1e308",
    b"-1e400",
    b"NaN",
    b"9223372036854775808",
    b"-9223372036854775808",
    b"\"\"",
    b"{}",
    b"[[[[",
    b"\xff\xfe",
    b"\r\n",
    b"\0",
    "\u{202e}Ñ".as_bytes(),
    b"&limit=0&",
];

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name)
}

fn examples(name: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(corpus(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// One of the examples, changed in one to eight places.
fn changed(examples: &[Vec<u8>], dice: &mut StdRng) -> Vec<u8> {
    let mut input = examples[dice.random_range(0..examples.len())].clone();
    for _ in 0..dice.random_range(1..=8) {
        let at = dice.random_range(0..=input.len());
        let end = dice.random_range(at..=input.len().min(at + 64));
        match dice.random_range(0..6) {
            0 if at < input.len() => input[at] ^= 1 << dice.random_range(0..8),
            1 => drop(input.drain(at..end)),
            2 => drop(input.splice(at..end, ODD[dice.random_range(0..ODD.len())].iter().copied())),
            3 => {
                let again = input[at..end].repeat(dice.random_range(1..40));
                drop(input.splice(at..at, again));
            }
            4 => {
                let other = &examples[dice.random_range(0..examples.len())];
                let from = dice.random_range(0..=other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => {
                let digits = input.iter().enumerate().filter(|(_, b)| b.is_ascii_digit()).map(|(at, _)| at);
                let digits: Vec<usize> = digits.collect();
                if let Some(at) = digits.get(dice.random_range(0..digits.len().max(1))) {
                    input[*at] = b'0' + dice.random_range(0..10);
                }
            }
        }
    }
    input.truncate(64 << 10);
    input
}

fn accepts(name: &str, decode: Decoder, input: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| decode(input))).unwrap_or_else(|_| {
        let file = std::env::temp_dir().join(format!("impulso-fuzz-{name}"));
        std::fs::write(&file, input).unwrap();
        panic!("{name} does not survive {}: {:?}", file.display(), String::from_utf8_lossy(input));
    })
}

#[test]
fn no_decoder_panics_or_takes_much_memory() {
    for (name, decode) in DECODERS {
        let examples = examples(name);
        let accepted = examples.iter().filter(|example| accepts(name, decode, example)).count();
        assert!(accepted > 0 && accepted < examples.len(), "{name}: {accepted} of {}", examples.len());
        let inputs = INPUTS.iter().find(|(of, _)| of.is_empty() || *of == name).map_or(0, |(_, n)| *n);
        let mut dice = StdRng::seed_from_u64(26);
        let accepted = (0..inputs).filter(|_| accepts(name, decode, &changed(&examples, &mut dice))).count();
        println!("{name}: {inputs} inputs, {accepted} accepted");
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak_kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak_kib < MOST_KIB, "{peak_kib} KiB at most");
}
