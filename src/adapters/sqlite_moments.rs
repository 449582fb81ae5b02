//! Moments as SQLite keeps them: ms, of whatever clock.

use crate::domain::moment::Moment;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

impl<C> ToSql for Moment<C> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.ms().into())
    }
}

impl<C> FromSql for Moment<C> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self::from_ms)
    }
}
