//! The schema of the state file, and how an older file gets it.

use crate::i18n::{Texts, io_in_words};
use rusqlite::{Connection, TransactionBehavior};
use std::io;

/// Name of the file in the state folder.
pub(crate) const FILE: &str = "state.db";
/// Changes of the schema in their order; the number of those applied is the file's `user_version`.
const MIGRATIONS: [&str; 10] = [
    "
    CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE alerts (
        id TEXT PRIMARY KEY, symbol TEXT NOT NULL, as_of INTEGER NOT NULL, created_at INTEGER NOT NULL,
        card TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX alerts_time ON alerts (as_of);
    CREATE INDEX alerts_symbol ON alerts (symbol, as_of);
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, channel TEXT NOT NULL,
        urgent INTEGER NOT NULL, has_alerts INTEGER NOT NULL, message TEXT NOT NULL, state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, maybe_repeated INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        reason TEXT, receipt TEXT, UNIQUE (key, channel)
    );
    CREATE INDEX outbox_due ON outbox (channel, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
    CREATE INDEX outbox_state ON outbox (channel, state, updated_at);
    CREATE INDEX outbox_changed ON outbox (updated_at, id);
    CREATE TABLE alert_deliveries (
        alert_id TEXT NOT NULL, outbox_id INTEGER NOT NULL, PRIMARY KEY (alert_id, outbox_id)
    ) WITHOUT ROWID;
    CREATE TABLE mutes (
        symbol TEXT PRIMARY KEY, until INTEGER, by TEXT NOT NULL, created_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE watchlist (symbol TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE tokens (
        name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, scope TEXT NOT NULL, created_at INTEGER NOT NULL,
        last_used_at INTEGER
    ) WITHOUT ROWID;
",
    "
    CREATE TABLE open_predictions (
        key TEXT PRIMARY KEY, symbol TEXT NOT NULL, opened_at INTEGER NOT NULL, price REAL NOT NULL,
        judged_4h INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX open_predictions_time ON open_predictions (opened_at);
",
    "
    CREATE TABLE measures (
        start INTEGER PRIMARY KEY, published INTEGER NOT NULL, coverage_sum REAL NOT NULL, coverage_min REAL NOT NULL,
        pairs_sum INTEGER NOT NULL, pairs_min INTEGER NOT NULL, latency_max REAL NOT NULL, latencies TEXT NOT NULL
    );
",
    "
    CREATE TABLE experiment_orders (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, wanted TEXT NOT NULL, by TEXT NOT NULL
    );
    CREATE TABLE experiment_book (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, what TEXT NOT NULL, arm TEXT NOT NULL,
        by TEXT NOT NULL, detail TEXT NOT NULL
    );
    CREATE TABLE calibrations (
        version INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, model TEXT NOT NULL, log_odds REAL NOT NULL,
        seen REAL NOT NULL, days REAL NOT NULL, drift INTEGER NOT NULL
    );
",
    // Versions from before the slope was learned have 1.
    "ALTER TABLE calibrations ADD COLUMN slope REAL NOT NULL DEFAULT 1;",
    // Alerts of before are given to the history once more: some were lost on the way to it, and the others replace themselves.
    "
    ALTER TABLE alerts ADD COLUMN in_history INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX alerts_owed ON alerts (created_at) WHERE NOT in_history;
    CREATE TABLE ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, row TEXT NOT NULL);
",
    // How well a row can be done without, see `owed`. Those of before have no key and stay.
    "
    ALTER TABLE ledger ADD COLUMN key TEXT NOT NULL DEFAULT '';
    ALTER TABLE ledger ADD COLUMN spare INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX ledger_key ON ledger (key);
    CREATE INDEX ledger_spare ON ledger (spare DESC, id) WHERE spare > 0;
",
    // What another scanner follows, row by row, while this one leads; see `changes`.
    "
    CREATE TABLE changes (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, gone INTEGER NOT NULL,
        v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12
    );
    CREATE TABLE followed_keys (key TEXT PRIMARY KEY) WITHOUT ROWID;
    INSERT INTO followed_keys VALUES
        ('alert_memory'), ('alert_decided'), ('mutes_rebased'), ('telegram_offset'), ('telegram_moves');
    CREATE TRIGGER kv_insert_logged AFTER INSERT ON kv
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged') AND NEW.key IN (SELECT key FROM followed_keys)
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1)
        VALUES ('kv', 0, NEW.key, NEW.value);
    END;
    CREATE TRIGGER kv_update_logged AFTER UPDATE ON kv
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged') AND NEW.key IN (SELECT key FROM followed_keys)
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1)
        VALUES ('kv', 0, NEW.key, NEW.value);
    END;
    CREATE TRIGGER alerts_insert_logged AFTER INSERT ON alerts
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1, v2, v3, v4)
        VALUES ('alerts', 0, NEW.id, NEW.symbol, NEW.as_of, NEW.created_at, NEW.card);
    END;
    CREATE TRIGGER outbox_insert_logged AFTER INSERT ON outbox
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12)
        VALUES ('outbox', 0, NEW.key, NEW.channel, NEW.urgent, NEW.has_alerts, NEW.message, NEW.state,
            NEW.attempts, NEW.maybe_repeated, NEW.next_attempt_at, NEW.created_at, NEW.updated_at, NEW.reason,
            NEW.receipt);
    END;
    CREATE TRIGGER outbox_update_logged AFTER UPDATE ON outbox
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12)
        VALUES ('outbox', 0, NEW.key, NEW.channel, NEW.urgent, NEW.has_alerts, NEW.message, NEW.state,
            NEW.attempts, NEW.maybe_repeated, NEW.next_attempt_at, NEW.created_at, NEW.updated_at, NEW.reason,
            NEW.receipt);
    END;
    CREATE TRIGGER mutes_insert_logged AFTER INSERT ON mutes
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1, v2, v3)
        VALUES ('mutes', 0, NEW.symbol, NEW.until, NEW.by, NEW.created_at);
    END;
    CREATE TRIGGER mutes_update_logged AFTER UPDATE ON mutes
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1, v2, v3)
        VALUES ('mutes', 0, NEW.symbol, NEW.until, NEW.by, NEW.created_at);
    END;
    CREATE TRIGGER mutes_delete_logged AFTER DELETE ON mutes
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0)
        VALUES ('mutes', 1, OLD.symbol);
    END;
    CREATE TRIGGER watchlist_insert_logged AFTER INSERT ON watchlist
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0)
        VALUES ('watchlist', 0, NEW.symbol);
    END;
    CREATE TRIGGER watchlist_delete_logged AFTER DELETE ON watchlist
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0)
        VALUES ('watchlist', 1, OLD.symbol);
    END;
    CREATE TRIGGER open_predictions_insert_logged AFTER INSERT ON open_predictions
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1, v2, v3, v4)
        VALUES ('open_predictions', 0, NEW.key, NEW.symbol, NEW.opened_at, NEW.price, NEW.judged_4h);
    END;
    CREATE TRIGGER open_predictions_update_logged AFTER UPDATE ON open_predictions
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1, v2, v3, v4)
        VALUES ('open_predictions', 0, NEW.key, NEW.symbol, NEW.opened_at, NEW.price, NEW.judged_4h);
    END;
    CREATE TRIGGER open_predictions_delete_logged AFTER DELETE ON open_predictions
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0)
        VALUES ('open_predictions', 1, OLD.key);
    END;
    CREATE TRIGGER ledger_insert_logged AFTER INSERT ON ledger
    WHEN EXISTS (SELECT 1 FROM kv WHERE key = 'changes_logged')
    BEGIN
        INSERT INTO changes (tbl, gone, v0, v1, v2, v3)
        VALUES ('ledger', 0, NEW.key, NEW.kind, NEW.row, NEW.spare);
    END;
",
    // Before, levels were of two ladders and without memory, and only listed pairs were sampled. Whole days: the ledger's sums are of
    // such. A scanner that ran within the last day has open predictions; of an older one its alerts tell. One that follows another
    // on an empty state has a history that may be shared.
    "
    INSERT OR IGNORE INTO followed_keys VALUES ('levels_since');
    INSERT OR IGNORE INTO kv
        SELECT 'levels_since', (max(at) / 86400000 + 1) * 86400000
        FROM (SELECT max(opened_at) AS at FROM open_predictions UNION ALL SELECT max(as_of) FROM alerts)
        HAVING max(at) IS NOT NULL;
",
    // The tracker looks for those that are due every few seconds; most of 500 pairs' 12,000 wait for the end of their day.
    "
    CREATE INDEX open_predictions_4h ON open_predictions (opened_at) WHERE NOT judged_4h;
",
];

/// The value of a key.
pub(super) const VALUE: &str = "SELECT value FROM kv WHERE key = ?1";
/// Key of the moment at which the scanner last saw that it can write.
pub(super) const CHECKED_KEY: &str = "checked_at";

/// Version of the tables that this program writes.
pub(crate) const SCHEMA: usize = MIGRATIONS.len();

#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error(transparent)]
    Folder(#[from] io::Error),
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    #[error("{FILE} has the schema {0}")]
    Newer(i64),
}

impl Unusable {
    pub(super) fn in_words(&self, t: &Texts) -> String {
        match self {
            Self::Folder(error) => io_in_words(error, t),
            Self::Database(error) => error.to_string(),
            Self::Newer(schema) => t.schema_newer(FILE, *schema),
        }
    }
}

pub(super) fn migrate(connection: &mut Connection) -> Result<(), Unusable> {
    // The version is read within: of two processes that open an old file the second finds it done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let schema: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let left = usize::try_from(schema).ok().and_then(|schema| MIGRATIONS.get(schema..));
    for migration in left.ok_or(Unusable::Newer(schema))? {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    Ok(transaction.commit()?)
}
