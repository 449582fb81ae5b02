//! The command line. Each command has a file with its arguments, what it does and what it reports; `run` chooses among
//! them.

mod alerts;
mod backtest;
mod backup;
mod config;
mod doctor;
mod experiment;
mod file;
mod health;
mod history;
mod lang;
mod lookahead;
mod market;
mod model;
mod open;
mod output;
mod parser;
mod progress;
mod run;
mod scan;
mod settings;
mod token;
mod train;
mod tune;
mod values;

pub use run::{Cli, main};
