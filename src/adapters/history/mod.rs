//! History stores: embedded SQLite, and ClickHouse.

pub mod clickhouse;
mod spill;
pub mod sqlite;
