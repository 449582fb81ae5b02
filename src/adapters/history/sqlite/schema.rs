//! Tables, and how they came about.

use crate::actors::ports::history::HistoryError;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// How long a call waits for another process.
const BUSY: Duration = Duration::from_secs(20);

/// Changes of the schema in their order; the number of those applied is the file's `user_version`.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE symbols (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE candles (
        symbol INTEGER NOT NULL, minutes INTEGER NOT NULL, open_time INTEGER NOT NULL, open REAL NOT NULL,
        high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL,
        quote_volume REAL NOT NULL, filled INTEGER NOT NULL
    );
    CREATE UNIQUE INDEX candles_key ON candles (symbol, minutes, open_time);
    CREATE TABLE candle_blocks (
        symbol INTEGER NOT NULL, minutes INTEGER NOT NULL, block INTEGER NOT NULL, first INTEGER NOT NULL,
        last INTEGER NOT NULL, count INTEGER NOT NULL, packed BLOB NOT NULL
    );
    CREATE UNIQUE INDEX candle_blocks_key ON candle_blocks (symbol, minutes, block);
    CREATE TABLE scores (
        symbol INTEGER NOT NULL, as_of INTEGER NOT NULL, price REAL NOT NULL, volume_24h REAL NOT NULL,
        total REAL NOT NULL, rsi REAL NOT NULL, macd REAL NOT NULL, volume REAL NOT NULL,
        velocity REAL NOT NULL, breakout REAL NOT NULL, probability REAL NOT NULL, calibrated REAL,
        composite REAL NOT NULL, level INTEGER NOT NULL, alert_level INTEGER, flags INTEGER NOT NULL,
        detail BLOB NOT NULL
    );
    CREATE UNIQUE INDEX scores_key ON scores (symbol, as_of);
    CREATE INDEX scores_time ON scores (as_of);
    CREATE TABLE alerts (
        id TEXT PRIMARY KEY, symbol TEXT NOT NULL, as_of INTEGER NOT NULL, level INTEGER NOT NULL,
        payload TEXT NOT NULL
    );
    CREATE INDEX alerts_time ON alerts (as_of);
    CREATE TABLE deliveries (
        key TEXT NOT NULL, channel TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        state TEXT NOT NULL, attempts INTEGER NOT NULL, reason TEXT, PRIMARY KEY (key, channel)
    );
    CREATE INDEX deliveries_time ON deliveries (created_at);
    CREATE TABLE predictions (
        key TEXT PRIMARY KEY, kind TEXT NOT NULL, symbol TEXT NOT NULL, opened_at INTEGER NOT NULL,
        level INTEGER NOT NULL, ladder TEXT NOT NULL, price REAL NOT NULL, total REAL NOT NULL,
        probability REAL NOT NULL, calibrated REAL, profile TEXT NOT NULL, model TEXT NOT NULL,
        features BLOB NOT NULL
    );
    CREATE INDEX predictions_time ON predictions (opened_at);
    CREATE TABLE outcomes (
        key TEXT PRIMARY KEY, symbol TEXT NOT NULL, opened_at INTEGER NOT NULL, resolved_at INTEGER NOT NULL,
        hit_4h INTEGER, hit_24h INTEGER, minutes_to_hit INTEGER, rise REAL NOT NULL, fall REAL NOT NULL,
        void TEXT
    );
    CREATE INDEX outcomes_time ON outcomes (opened_at);
    CREATE TABLE universe (
        day INTEGER NOT NULL, symbol TEXT NOT NULL, status TEXT NOT NULL, event TEXT NOT NULL,
        PRIMARY KEY (day, symbol)
    );
"];

/// What a failure means for the caller.
pub(super) fn explain(error: &rusqlite::Error) -> HistoryError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => HistoryError::Unusable(format!(
            "the file is damaged ({error}); move it away, or restore it from a backup"
        )),
        _ => HistoryError::Unavailable(error.to_string()),
    }
}

/// A connection with the settings that every one has.
pub(super) fn connect(path: &Path) -> Result<Connection, HistoryError> {
    let open = || {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    };
    open().map_err(|e| match explain(&e) {
        HistoryError::Unusable(text) => HistoryError::Unusable(format!("{}: {text}", path.display())),
        HistoryError::Unavailable(text) => HistoryError::Unavailable(format!("{}: {text}", path.display())),
    })
}

/// Brings the schema up to date.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), HistoryError> {
    let mut apply = || -> rusqlite::Result<Option<i64>> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let known = MIGRATIONS.len() as i64;
        if version > known {
            return Ok(Some(version));
        }
        for migration in &MIGRATIONS[usize::try_from(version).unwrap_or(0)..] {
            transaction.execute_batch(migration)?;
        }
        transaction.pragma_update(None, "user_version", known)?;
        transaction.commit()?;
        Ok(None)
    };
    match apply().map_err(|e| explain(&e))? {
        None => Ok(()),
        Some(version) => Err(HistoryError::Unusable(format!(
            "{} was written by a newer version of impulso (schema {version}); update impulso or name another \
             file with --store sqlite:PATH",
            path.display()
        ))),
    }
}
