//! History stores: embedded SQLite, and ClickHouse.

pub mod clickhouse;
pub mod sqlite;
