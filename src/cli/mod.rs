//! The command line: arguments to settings, commands to `app`, errors to one clear sentence.

mod args;
mod doctor;
mod moment;
mod progress;
mod run;

pub use args::Cli;
pub use run::main;
