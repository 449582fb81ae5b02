//! Errors in the words of the catalogue. Errors of libraries keep their own words: they are quoted as data.

use crate::actors::ports::history::HistoryError;
use crate::actors::ports::{ConnectError, RestFailure, SocketError};
use crate::adapters::state::TokenError;
use crate::exchange::rest::error::RestError;
use crate::i18n::{Failure, Texts, io_in_words};
use crate::learning::model::ModelError;
use crate::learning::tuning::TooFewDays;
use crate::settings::SettingsError;
use crate::simulator::{BadFault, SimulatorError};
use std::error::Error;
use std::io;
use std::net::AddrParseError;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};

/// What went wrong, and why, cause by cause.
pub(crate) fn described(error: &anyhow::Error, t: &Texts) -> String {
    let mut causes: Vec<String> = error.chain().map(|cause| describe(cause, t)).collect();
    // Some errors only hand on what the next one says.
    causes.dedup();
    causes.join(": ")
}

/// One cause alone.
pub(crate) fn describe(error: &(dyn Error + 'static), t: &Texts) -> String {
    let known = [
        error.downcast_ref().map(|e: &Failure| e.in_words(t)),
        error.downcast_ref().map(|e: &SettingsError| e.in_words(t)),
        error.downcast_ref().map(|e: &RestFailure| e.error.in_words(t)),
        error.downcast_ref().map(|e: &RestError| e.in_words(t)),
        error.downcast_ref().map(|e: &ConnectError| e.in_words(t)),
        error.downcast_ref().map(|e: &SocketError| e.in_words(t)),
        error.downcast_ref().map(|e: &SimulatorError| e.in_words(t)),
        error.downcast_ref().map(|e: &BadFault| e.0.in_words(t)),
        error.downcast_ref().map(|e: &HistoryError| e.in_words(t)),
        error.downcast_ref().map(|e: &TokenError| token(e, t)),
        error.downcast_ref().map(|e: &ModelError| e.in_words(t)),
        error.downcast_ref().map(|e: &TooFewDays| e.in_words(t)),
        error.downcast_ref().map(|e: &ParseIntError| no_whole_number(e, t)),
        error.downcast_ref().map(|_: &ParseFloatError| t.no_number()),
        error.downcast_ref().map(|_: &AddrParseError| t.no_socket_address()),
        error.downcast_ref().map(|e: &io::Error| io_in_words(e, t)),
    ];
    known.into_iter().flatten().next().unwrap_or_else(|| error.to_string())
}

fn token(error: &TokenError, t: &Texts) -> String {
    match error {
        TokenError::Taken(failure) => failure.in_words(t),
        TokenError::State(error) => io_in_words(error, t),
    }
}

fn no_whole_number(error: &ParseIntError, t: &Texts) -> String {
    match error.kind() {
        IntErrorKind::Empty => t.no_number_at_all(),
        IntErrorKind::PosOverflow => t.number_too_large(),
        IntErrorKind::NegOverflow => t.number_too_small(),
        _ => t.no_whole_number(),
    }
}
