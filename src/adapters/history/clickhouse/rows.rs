//! The port's rows as the tables hold them. The driver writes and reads a struct inside a row as if its fields stood in
//! the row, so that the rows go in and come out as they are, without a second description of them. Times are Int64
//! milliseconds: exact over the whole span of `MarketTime`, without a time zone and without rounding (DateTime64 ends in 2299
//! and clamps).

use crate::actors::ports::history::{
    AlertRow, CandleRow, DeliveryRow, ImportedRow, OutcomeRow, PredictionRow, ScoreRow, UniverseRow,
};
use clickhouse::Row;
// What the derive of `Row` expands to. It cannot be used here: it takes one column a field.
use clickhouse::_priv::RowKind;
use serde::{Deserialize, Serialize};

/// A row of the port with its table.
pub(super) trait Table: Serialize + Send + Sync + 'static {
    const NAME: &'static str;
    /// In the order of the fields, those of a struct inside in its place; last comes the version, which the port does
    /// not know: of rows with one key the one with the greatest stands.
    const COLUMNS: &'static [&'static str];
    type Version: Serialize + Send + Sync + 'static;
}

/// A row to be written.
#[derive(Serialize)]
pub(super) struct Versioned<'a, T: Table> {
    pub(super) row: &'a T,
    pub(super) version: T::Version,
}

impl<T: Table> Row for Versioned<'_, T> {
    const NAME: &'static str = T::NAME;
    const COLUMN_NAMES: &'static [&'static str] = T::COLUMNS;
    const COLUMN_COUNT: usize = T::COLUMNS.len();
    const KIND: RowKind = RowKind::Struct;
    type Value<'a> = Versioned<'a, T>;
}

/// A row that was read.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Stored<T>(pub(super) T);

impl<T: Table> Row for Stored<T> {
    const NAME: &'static str = T::NAME;
    const COLUMN_NAMES: &'static [&'static str] = without_version(T::COLUMNS);
    const COLUMN_COUNT: usize = T::COLUMNS.len() - 1;
    const KIND: RowKind = RowKind::Struct;
    type Value<'a> = Self;
}

const fn without_version(columns: &'static [&'static str]) -> &'static [&'static str] {
    match columns {
        [own @ .., _] => own,
        [] => columns,
    }
}

impl Table for CandleRow {
    const NAME: &'static str = "candles";
    const COLUMNS: &'static [&'static str] = &[
        "symbol",
        "interval",
        "open_time",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "quote_volume",
        "closed",
        "filled",
        "version",
    ];
    type Version = u64;
}

impl Table for ScoreRow {
    const NAME: &'static str = "scores";
    const COLUMNS: &'static [&'static str] = &[
        "symbol",
        "as_of",
        "price",
        "volume_24h",
        "total_score",
        "component_rsi",
        "component_macd",
        "component_volume",
        "component_velocity",
        "component_breakout",
        "probability_7_5",
        "calibrated_7_5",
        "composite_score",
        "level",
        "alert_level",
        "listed",
        "pause_jump",
        "rsi_14",
        "rsi_21",
        "macd",
        "macd_signal",
        "macd_histogram",
        "volume_ratio",
        "velocity_1h",
        "atr_14",
        "volatility_24h",
        "factor_volatility",
        "factor_momentum",
        "factor_resistance",
        "factor_btc_correlation",
        "factor_liquidity",
        "version",
    ];
    type Version = u64;
}

impl Table for AlertRow {
    const NAME: &'static str = "alerts";
    const COLUMNS: &'static [&'static str] = &["id", "symbol", "as_of", "level", "payload", "version"];
    type Version = u64;
}

impl Table for DeliveryRow {
    const NAME: &'static str = "deliveries";
    const COLUMNS: &'static [&'static str] =
        &["key", "channel", "created_at", "updated_at", "state", "attempts", "reason", "version"];
    type Version = u128;
}

impl Table for PredictionRow {
    const NAME: &'static str = "predictions";
    const COLUMNS: &'static [&'static str] = &[
        "key",
        "arm",
        "kind",
        "symbol",
        "opened_at",
        "level",
        "ladder",
        "price",
        "total_score",
        "probability_7_5",
        "calibrated_7_5",
        "profile",
        "model",
        "features",
        "version",
    ];
    type Version = u64;
}

impl Table for OutcomeRow {
    const NAME: &'static str = "outcomes";
    const COLUMNS: &'static [&'static str] = &[
        "key",
        "symbol",
        "opened_at",
        "resolved_at",
        "hit_4h",
        "hit_24h",
        "minutes_to_hit",
        "greatest_rise_pct",
        "deepest_fall_pct",
        "void",
        "version",
    ];
    type Version = u128;
}

impl Table for ImportedRow {
    const NAME: &'static str = "imported";
    const COLUMNS: &'static [&'static str] = &["symbol", "interval", "first", "last", "version"];
    type Version = u64;
}

impl Table for UniverseRow {
    const NAME: &'static str = "universe";
    const COLUMNS: &'static [&'static str] = &["day", "symbol", "status", "event", "version"];
    type Version = u64;
}

/// A prediction with its outcome beside it, whose key is empty where there is none.
#[derive(Deserialize)]
pub(super) struct Judged {
    pub(super) prediction: PredictionRow,
    pub(super) outcome: OutcomeRow,
}

impl Row for Judged {
    const NAME: &'static str = "judged";
    const COLUMN_NAMES: &'static [&'static str] = &[
        "key",
        "arm",
        "kind",
        "symbol",
        "opened_at",
        "level",
        "ladder",
        "price",
        "total_score",
        "probability_7_5",
        "calibrated_7_5",
        "profile",
        "model",
        "features",
        "outcome_key",
        "outcome_symbol",
        "outcome_opened_at",
        "outcome_resolved_at",
        "outcome_hit_4h",
        "outcome_hit_24h",
        "outcome_minutes_to_hit",
        "outcome_greatest_rise_pct",
        "outcome_deepest_fall_pct",
        "outcome_void",
    ];
    const COLUMN_COUNT: usize = Self::COLUMN_NAMES.len();
    const KIND: RowKind = RowKind::Struct;
    type Value<'a> = Self;
}
