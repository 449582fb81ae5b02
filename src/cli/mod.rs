//! The command line: arguments to settings, commands to `app`, errors to one clear sentence.

mod args;
mod args_learning;
mod args_more;
mod backtest;
mod doctor;
mod learning;
mod moment;
mod progress;
mod run;
mod stores;

pub use args::Cli;
pub use run::main;
