//! The command line.

use std::ops::RangeInclusive;
use std::path::PathBuf;

const USAGE: &str = "scripts/simulate [--seed N | --seeds A..B] [--days D] [--pairs N] [--twice] [--threads N] [--log FOLDER] [--plan] [--verbose]";

/// Days of the seed that outlives the retention of candles: see `KEPT_DAYS`.
const EXPIRING_DAYS: f64 = 3.0;

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) seeds: RangeInclusive<u64>,
    /// With faults; two hours without follow.
    pub(crate) days: f64,
    pub(crate) pairs: usize,
    /// Each seed a second time: its log must be the same.
    pub(crate) twice: bool,
    pub(crate) threads: usize,
    /// Where logs go.
    pub(crate) log: Option<PathBuf>,
    /// What would go wrong is told, and nothing is run.
    pub(crate) plan: bool,
    /// The first seed runs so long that candles expire.
    pub(crate) expiring: bool,
    /// The scanner's own log on the standard output, by RUST_LOG.
    pub(crate) verbose: bool,
}

#[derive(Debug)]
pub(crate) enum Asked {
    Run(Options),
    /// The runner of the tests wants their names.
    List,
    Nothing,
}

impl Options {
    pub(crate) fn read(args: impl Iterator<Item = String>) -> Result<Asked, String> {
        let mut options = Self {
            // What four minutes of two cores carry (docs/RELIABILITY.md).
            seeds: 1..=60,
            days: 1.0,
            pairs: 6,
            twice: false,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            log: None,
            plan: false,
            expiring: true,
            verbose: false,
        };
        let mut args = args.peekable();
        let mut listed = false;
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} wants a value\n{USAGE}"));
            match arg.as_str() {
                "--seed" => {
                    let seed = number(&value()?)?;
                    (options.seeds, options.expiring) = (seed..=seed, false);
                }
                "--seeds" => {
                    let text = value()?;
                    let (from, to) =
                        text.split_once("..").ok_or_else(|| format!("--seeds A..B, not {text}"))?;
                    (options.seeds, options.expiring) = (number(from)?..=number(to)?, false);
                }
                "--days" => (options.days, options.expiring) = (number(&value()?)?, false),
                "--pairs" => options.pairs = number::<usize>(&value()?)?.max(3),
                "--threads" => options.threads = number::<usize>(&value()?)?.max(1),
                "--log" => options.log = Some(value()?.into()),
                "--twice" => options.twice = true,
                "--plan" => options.plan = true,
                "--verbose" => options.verbose = true,
                // What a runner of tests says.
                "--list" => listed = true,
                "--ignored" => return Ok(Asked::Nothing),
                "--format" => drop(value()?),
                "--exact" | "--nocapture" | "seeds" => {}
                _ => return Err(format!("{arg} is not known\n{USAGE}")),
            }
        }
        Ok(if listed { Asked::List } else { Asked::Run(options) })
    }
}

impl Options {
    /// How many days a seed has.
    pub(crate) fn days_of(&self, seed: u64) -> f64 {
        if self.expiring && seed == *self.seeds.start() { EXPIRING_DAYS } else { self.days }
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no such number\n{USAGE}"))
}
