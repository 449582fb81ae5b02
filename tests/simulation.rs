//! The whole scanner over simulated days, one thread, one seed: see docs/RELIABILITY.md. `scripts/simulate` calls it.
#![expect(clippy::print_stderr, reason = "a program for the command line")]
mod support;

mod simulation {
    pub(crate) mod channels;
    pub(crate) mod checks;
    pub(crate) mod decided;
    pub(crate) mod deliveries;
    pub(crate) mod disk;
    pub(crate) mod life;
    pub(crate) mod market;
    pub(crate) mod options;
    pub(crate) mod plan;
    pub(crate) mod problems;
    pub(crate) mod rest;
    pub(crate) mod run;
    pub(crate) mod scores;
    pub(crate) mod streams;
    pub(crate) mod watch;
    pub(crate) mod world;
}

use simulation::options::{Asked, Options};
use simulation::plan::Window;
use simulation::run::{Outcome, Setup, run};
use simulation::world::World;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What is wrong with one seed is told up to so many lines.
const TOLD: usize = 12;

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(Asked::Run(options)) => options,
        Ok(Asked::List) => {
            println!("seeds: test");
            return ExitCode::SUCCESS;
        }
        Ok(Asked::Nothing) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    if options.verbose {
        tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    }
    if options.plan {
        options.seeds.clone().for_each(|seed| plan(&options, seed));
        return ExitCode::SUCCESS;
    }
    let began = Instant::now();
    let (failed, counts) = all(&options);
    let seeds = options.seeds.end() - options.seeds.start() + 1;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{seeds} seeds of {} days, {} pairs: {failed} failed, {seconds:.1} s",
        options.days, options.pairs
    );
    for (what, count) in counts {
        println!("{count:>12} {what}");
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What goes wrong with a seed.
fn plan(options: &Options, seed: u64) {
    for Window { kind, from, to, .. } in World::new(seed, options.days_of(seed), options.pairs).windows.iter()
    {
        println!("seed {seed} {kind:?} {}..{} s", from / 1_000, to / 1_000);
    }
}

/// Runs every seed, several at a time; how many failed, and the sums of what was counted.
fn all(options: &Options) -> (u64, BTreeMap<String, u64>) {
    let next = AtomicU64::new(*options.seeds.start());
    let sums: Mutex<(u64, BTreeMap<String, u64>)> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !options.seeds.contains(&seed) {
                        return;
                    }
                    let outcome = one(options, seed);
                    let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
                    sums.0 += u64::from(!outcome.wrong.is_empty());
                    for (what, count) in &outcome.counts {
                        *sums.1.entry(what.clone()).or_default() += count;
                    }
                }
            });
        }
    });
    sums.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn one(options: &Options, seed: u64) -> Outcome {
    let setup = Setup { seed, days: options.days_of(seed), pairs: options.pairs };
    let began = Instant::now();
    let mut outcome = run(setup);
    if options.twice {
        let again = run(setup);
        if again.log != outcome.log {
            let lines = outcome.log.lines().zip(again.log.lines());
            let first = lines.enumerate().find(|(_, (a, b))| a != b);
            outcome.wrong.push(format!("the same seed gave another run: {first:?}"));
        }
    }
    if let Some(folder) = &options.log {
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(folder.join(format!("{seed}.log")), &outcome.log).expect("written");
    }
    let verdict = if outcome.wrong.is_empty() { "ok" } else { "FAILED" };
    println!("seed {seed} {verdict} {:016x} {:.1} s", outcome.digest, began.elapsed().as_secs_f64());
    for wrong in outcome.wrong.iter().take(TOLD) {
        println!("  seed {seed}: {wrong}");
    }
    if outcome.wrong.len() > TOLD {
        println!("  seed {seed}: and {} more", outcome.wrong.len() - TOLD);
    }
    outcome
}
