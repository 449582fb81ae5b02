//! What the command line says in Spanish: one table, English to Spanish, in three parts. `{}` stands for what changes
//! from one time to the next. `tests/e2e/languages.rs` names what is missing.

mod clap_words;
mod experiment;
mod help;
mod messages;
mod reports;

pub(super) type Entry = (&'static str, &'static str);

/// Words of the argument parser, replaced wherever they stand in its text; longer ones first.
pub(super) const CLAP_WORDS: &[Entry] = clap_words::TABLE;
/// Help texts, as they stand on commands and flags.
pub(super) const HELP: &[&[Entry]] = &[help::TABLE, experiment::HELP];
pub(super) const MESSAGES: &[&[Entry]] = &[messages::TABLE, experiment::MESSAGES, reports::TABLE];
