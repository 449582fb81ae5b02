//! The history stores: one suite for SQLite and ClickHouse, and what each does alone.
mod support;

mod history {
    mod clickhouse;
    mod fill;
    mod parity;
    mod sqlite;
    mod version_0_1;
}
