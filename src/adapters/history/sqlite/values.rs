//! Values of columns: names and numbers as SQLite keeps them.

use super::fault::Fault;
use crate::actors::ports::history::{PredictionKind, Span};
use crate::domain::level_rules::LevelBasis;
use crate::domain::report::Level;
use crate::domain::symbol::Symbol;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row};

impl ToSql for Symbol {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Symbol {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self::new(value.as_str()?))
    }
}

macro_rules! by_name {
    ($($type:ty),+) => { $(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_str()?.parse().map_err(FromSqlError::other)
            }
        }
    )+ };
}

by_name!(Level, LevelBasis, PredictionKind);

/// A number; SQLite keeps NaN as NULL.
pub(super) fn real(row: &Row<'_>, column: usize) -> rusqlite::Result<f64> {
    Ok(row.get::<_, Option<f64>>(column)?.unwrap_or(f64::NAN))
}

/// The rows of a query over a span.
pub(super) fn spanned<T>(
    connection: &Connection,
    sql: &str,
    span: Span,
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([span.from, span.to], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
