//! History stores.

pub mod clickhouse;
