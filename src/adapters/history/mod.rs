//! History stores: embedded SQLite, and ClickHouse.

pub mod sqlite;
