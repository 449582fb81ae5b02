//! The command line: arguments to settings, commands to `app`, errors to one clear sentence.

mod args;
mod args_learning;
mod args_more;
mod args_ops;
mod backtest;
mod doctor;
mod experiment;
mod lang;
mod learning;
mod moment;
mod ops;
mod progress;
mod run;
mod spanish;
mod stores;
mod tune;

pub use args::Cli;
pub use lang::{has_spanish, help_without_spanish};
pub use run::main;
