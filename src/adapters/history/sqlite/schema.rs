//! Connections and tables. Rows of candles and scores are clustered by time (see `keys`), with an index by pair.

use super::fault::{Fault, patiently};
use super::keys::MOST_SYMBOLS;
use super::mending::Follower;
use crate::adapters::sqlite_file::plan_once;
use crate::domain::symbol::Symbol;
use crate::i18n::text;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// How long SQLite waits for another process before it answers: longer than any transaction of ours; `patiently` goes on from
/// there.
const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements kept: more than there are different ones.
const STATEMENTS: usize = 64;

/// Columns of both tables of scores behind the key. `total` and `composite` are NULL when they are what the usual
/// formula gives, to the bit; `probability` is a whole number when it is hundredths, to the bit.
const SCORE_COLUMNS: &str = "symbol INTEGER NOT NULL, price REAL, volume REAL, total REAL, rsi REAL, macd REAL, \
     volume_points REAL, velocity REAL, breakout REAL, probability, calibrated REAL, composite REAL, \
     marks INTEGER NOT NULL, packed BLOB NOT NULL";

/// Changes of the schema in their order; the number of those applied is the file's `user_version`.
const MIGRATIONS: [&str; 4] = [
    "
    CREATE TABLE symbols (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE candles (
        id INTEGER PRIMARY KEY, pair INTEGER NOT NULL, open REAL, high REAL, low REAL, close REAL, volume REAL,
        quote_volume REAL, flags INTEGER NOT NULL
    );
    CREATE INDEX candles_pair ON candles (pair);
    CREATE TABLE candle_chunks (
        id INTEGER PRIMARY KEY, pair INTEGER NOT NULL, slot INTEGER NOT NULL, first INTEGER NOT NULL,
        last INTEGER NOT NULL, count INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (pair, slot)
    );
    CREATE INDEX chunks_span ON candle_chunks (last, first, pair, count);
    CREATE TABLE scores (id INTEGER PRIMARY KEY, SCORE_COLUMNS);
    CREATE INDEX scores_symbol ON scores (symbol);
    CREATE TABLE scores_thin (id INTEGER PRIMARY KEY, SCORE_COLUMNS);
    CREATE INDEX scores_thin_symbol ON scores_thin (symbol);
    CREATE TABLE alerts (
        id TEXT PRIMARY KEY, symbol TEXT NOT NULL, as_of INTEGER NOT NULL, level TEXT NOT NULL,
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
        level TEXT NOT NULL, ladder TEXT NOT NULL, price REAL, total_score REAL, probability REAL,
        calibrated REAL, profile TEXT NOT NULL, model TEXT NOT NULL, features BLOB NOT NULL
    );
    CREATE INDEX predictions_time ON predictions (opened_at);
    CREATE TABLE outcomes (
        key TEXT PRIMARY KEY, symbol TEXT NOT NULL, opened_at INTEGER NOT NULL, resolved_at INTEGER NOT NULL,
        hit_4h INTEGER, hit_24h INTEGER, minutes_to_hit INTEGER, greatest_rise REAL, deepest_fall REAL, void TEXT
    );
    CREATE INDEX outcomes_time ON outcomes (opened_at);
    CREATE TABLE universe (
        day INTEGER NOT NULL, symbol TEXT NOT NULL, status TEXT NOT NULL, event TEXT NOT NULL,
        PRIMARY KEY (day, symbol)
    ) WITHOUT ROWID;
",
    "
    ALTER TABLE predictions ADD COLUMN arm TEXT NOT NULL DEFAULT '';
    DROP INDEX predictions_time;
    CREATE INDEX predictions_arm ON predictions (arm, opened_at);
",
    "
    CREATE TABLE imported (
        pair INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (pair, first)
    ) WITHOUT ROWID;
",
    // The triggers: see `ledger_days`.
    "
    CREATE INDEX predictions_rare ON predictions (opened_at, key) WHERE arm = '' AND kind <> 'sample';
    CREATE INDEX predictions_symbol ON predictions (symbol, opened_at, key) WHERE arm = '';
    CREATE TABLE ledger_days (day INTEGER PRIMARY KEY, folded INTEGER NOT NULL, sums BLOB NOT NULL);
    CREATE TRIGGER predictions_folded BEFORE INSERT ON predictions
    WHEN NEW.arm = '' AND EXISTS (SELECT 1 FROM ledger_days WHERE day = NEW.opened_at - NEW.opened_at % 86400000 AND folded)
    BEGIN SELECT RAISE(IGNORE); END;
    CREATE TRIGGER outcomes_folded BEFORE INSERT ON outcomes
    WHEN EXISTS (SELECT 1 FROM ledger_days WHERE day = NEW.opened_at - NEW.opened_at % 86400000 AND folded)
        AND NOT EXISTS (SELECT 1 FROM predictions WHERE key = NEW.key)
    BEGIN SELECT RAISE(IGNORE); END;
    CREATE TRIGGER predictions_inserted AFTER INSERT ON predictions WHEN NEW.arm = ''
    BEGIN DELETE FROM ledger_days WHERE day = NEW.opened_at - NEW.opened_at % 86400000 AND NOT folded; END;
    CREATE TRIGGER outcomes_inserted AFTER INSERT ON outcomes
    BEGIN DELETE FROM ledger_days WHERE day = NEW.opened_at - NEW.opened_at % 86400000 AND NOT folded; END;
    CREATE TRIGGER outcomes_updated AFTER UPDATE ON outcomes
    BEGIN DELETE FROM ledger_days WHERE day = NEW.opened_at - NEW.opened_at % 86400000 AND NOT folded; END;
",
];

/// Version of the tables that this program writes.
pub(crate) const SCHEMA: usize = MIGRATIONS.len();

/// Opens the file for writing and brings its tables to this version.
pub(super) fn writing(place: &Path) -> Result<Connection, Fault> {
    patiently(|| {
        let mut connection = Connection::open(place)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        plan_once(&connection)?;
        // WAL, so that readers go on while a batch is written. NORMAL, as candles can be had again (`write::batch` takes FULL
        // for what cannot). 64 MiB of cache, as the index by pair is touched all over by each batch. The log is folded in at
        // 16 MB instead of 4: a warm-up writes tens of MB in a row.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        migrate(&mut connection)?;
        Ok(connection)
    })
}

/// Opens the file for reading only.
pub(super) fn reading(place: &Path) -> Result<Connection, Fault> {
    patiently(|| {
        let connection = Connection::open(place)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        plan_once(&connection)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cache_size", -16_384)?;
        // Opening alone reads nothing: damage shows here.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    })
}

fn version(connection: &Connection) -> Result<usize, Fault> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        return Err(Fault::Refused(text!(history_newer, schema = version)));
    }
    Ok(version)
}

fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    if version(connection)? == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again within: another process may have brought the tables to this version meanwhile.
    let applied = version(&transaction)?;
    for migration in &MIGRATIONS[applied..] {
        transaction.execute_batch(&migration.replace("SCORE_COLUMNS", SCORE_COLUMNS))?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    Ok(transaction.commit()?)
}

/// The writing connection and the numbers of the symbols that it knows.
#[derive(Debug)]
pub(super) struct Writer {
    file: Follower,
    ids: Ids,
}

impl Writer {
    /// A writer that knows no symbol yet.
    pub(super) fn new(file: Follower) -> Self {
        Self { file, ids: Ids::default() }
    }

    /// The connection, to a new file where the former one was damaged.
    pub(super) fn connection(&mut self) -> Result<&mut Connection, Fault> {
        let (connection, moved) = self.file.mended()?;
        if moved {
            self.ids.0.clear();
        }
        Ok(connection)
    }

    /// Does `work` in one transaction; again from the start while another process has the file, and once more where damage was
    /// met and a new file begun.
    pub(super) fn change<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>, &mut Ids) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match self.change_once(&work) {
            Err(fault) if fault.is_damage() => {
                self.file.damaged(fault.why().in_english());
                self.change_once(&work)
            }
            other => other,
        }
    }

    fn change_once<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>, &mut Ids) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.connection()?;
        let (connection, _) = self.file.current()?;
        patiently(|| {
            // The write lock at once: a transaction that reads first cannot wait for another process's write, SQLite
            // refuses it.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction, &mut self.ids).and_then(|done| {
                transaction.commit()?;
                Ok(done)
            });
            if done.is_err() {
                // Numbers given in a transaction that was taken back would be given to another symbol.
                self.ids.0.clear();
            }
            done
        })
    }
}

/// Numbers of symbols; they are never given twice.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<Symbol, i64>);

impl Ids {
    /// The symbol's number, made where it is new.
    pub(super) fn number(&mut self, connection: &Connection, symbol: &Symbol) -> Result<i64, Fault> {
        if let Some(id) = self.0.get(symbol) {
            return Ok(*id);
        }
        let id = match find(connection, symbol)? {
            Some(id) => id,
            None => {
                connection
                    .prepare_cached("INSERT INTO symbols (name) VALUES (?1)")?
                    .execute([symbol.as_str()])?;
                connection.last_insert_rowid()
            }
        };
        if id > MOST_SYMBOLS {
            return Err(Fault::Refused(text!(history_too_many_pairs, most = MOST_SYMBOLS)));
        }
        self.0.insert(symbol.clone(), id);
        Ok(id)
    }
}

/// The symbol's number, if it has one.
pub(super) fn find(connection: &Connection, symbol: &Symbol) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM symbols WHERE name = ?1")?
        .query_row([symbol.as_str()], |row| row.get(0))
        .optional()
}

/// All symbols by their number.
pub(super) fn symbols(connection: &Connection) -> rusqlite::Result<HashMap<i64, Symbol>> {
    let mut statement = connection.prepare_cached("SELECT id, name FROM symbols")?;
    let rows = statement.query_map([], |row| {
        let name: String = row.get(1)?;
        Ok((row.get(0)?, Symbol::new(&name)))
    })?;
    rows.collect()
}
