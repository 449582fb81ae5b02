//! Tables, views and their changes. There are no transactions over DDL: every statement may be run again, and a
//! version counts once its last statement has run.

use super::cluster::Cluster;
use super::link::{Failure, Link};
use crate::actors::ports::history::HistoryError;
use crate::i18n::text;

/// Statements of one version, in order.
type Migration = &'static [&'static str];

/// Changes of the schema in their order; the greatest number in `schema_migrations` is the number applied.
const MIGRATIONS: [Migration; 5] = [TABLES, super::views::VIEWS, ARMS, IMPORTED, LEDGER_DAYS];

const LEDGER: &str = "
    CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, applied_at DateTime DEFAULT now())
    ENGINE = MergeTree ORDER BY version";

/// Rows with the same sorting key replace each other by the greatest `version`. Rows that must never be lost are
/// on the server's disk when an insert returns. The aliases of a date type are for people who look in by hand.
const TABLES: Migration = &[
    "CREATE TABLE IF NOT EXISTS candles (
        symbol LowCardinality(String), `interval` LowCardinality(String),
        open_time Int64 CODEC(DoubleDelta, ZSTD(1)),
        open Float64 CODEC(Gorilla, ZSTD(1)), high Float64 CODEC(Gorilla, ZSTD(1)),
        low Float64 CODEC(Gorilla, ZSTD(1)), close Float64 CODEC(Gorilla, ZSTD(1)),
        volume Float64 CODEC(ZSTD(1)), quote_volume Float64 CODEC(ZSTD(1)),
        closed Bool CODEC(ZSTD(1)), filled Bool CODEC(ZSTD(1)),
        version UInt64 CODEC(DoubleDelta, ZSTD(1)),
        open_at DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(open_time, 'UTC')
    ) ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(open_time, 'UTC'))
    ORDER BY (symbol, `interval`, open_time)
    SETTINGS non_replicated_deduplication_window = 1000",
    "CREATE TABLE IF NOT EXISTS scores (
        symbol LowCardinality(String), as_of Int64 CODEC(DoubleDelta, ZSTD(1)),
        price Float64 CODEC(Gorilla, ZSTD(1)), volume_24h Float64 CODEC(ZSTD(1)),
        total_score Float64 CODEC(ZSTD(1)), component_rsi Float64 CODEC(ZSTD(1)),
        component_macd Float64 CODEC(ZSTD(1)), component_volume Float64 CODEC(ZSTD(1)),
        component_velocity Float64 CODEC(ZSTD(1)), component_breakout Float64 CODEC(ZSTD(1)),
        probability_7_5 Float64 CODEC(ZSTD(1)), calibrated_7_5 Nullable(Float64) CODEC(ZSTD(1)),
        composite_score Float64 CODEC(ZSTD(1)), level LowCardinality(String),
        alert_level LowCardinality(Nullable(String)), listed Bool CODEC(ZSTD(1)),
        pause_jump Bool CODEC(ZSTD(1)), rsi_14 Float32 CODEC(ZSTD(1)), rsi_21 Float32 CODEC(ZSTD(1)),
        macd Float32 CODEC(ZSTD(1)), macd_signal Float32 CODEC(ZSTD(1)),
        macd_histogram Float32 CODEC(ZSTD(1)), volume_ratio Float32 CODEC(ZSTD(1)),
        velocity_1h Float32 CODEC(ZSTD(1)), atr_14 Float32 CODEC(Gorilla, ZSTD(1)),
        volatility_24h Float32 CODEC(Gorilla, ZSTD(1)), factor_volatility Float32 CODEC(Gorilla, ZSTD(1)),
        factor_momentum Float32 CODEC(ZSTD(1)), factor_resistance Float32 CODEC(ZSTD(1)),
        factor_btc_correlation Float32 CODEC(ZSTD(1)), factor_liquidity Float32 CODEC(ZSTD(1)),
        version UInt64 CODEC(DoubleDelta, ZSTD(1)),
        cut_at DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(as_of, 'UTC')
    ) ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(as_of, 'UTC'))
    ORDER BY (symbol, as_of)
    SETTINGS non_replicated_deduplication_window = 1000",
    "CREATE TABLE IF NOT EXISTS scores_doomed (
        symbol LowCardinality(String), as_of Int64 CODEC(DoubleDelta, ZSTD(1))
    ) ENGINE = MergeTree ORDER BY (as_of, symbol)",
    "CREATE TABLE IF NOT EXISTS alerts (
        id String, symbol LowCardinality(String), as_of Int64, level LowCardinality(String),
        payload String CODEC(ZSTD(3)), version UInt64,
        cut_at DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(as_of, 'UTC')
    ) ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(as_of, 'UTC')) ORDER BY id
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1",
    // Not cut by month: the time is not a part of what tells deliveries apart, and there are few.
    "CREATE TABLE IF NOT EXISTS deliveries (
        key String, channel LowCardinality(String), created_at Int64, updated_at Int64,
        state LowCardinality(String), attempts UInt32, reason Nullable(String) CODEC(ZSTD(1)), version UInt128
    ) ENGINE = ReplacingMergeTree(version) ORDER BY (key, channel)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1",
    "CREATE TABLE IF NOT EXISTS predictions (
        key String CODEC(ZSTD(1)), kind LowCardinality(String), symbol LowCardinality(String),
        opened_at Int64 CODEC(ZSTD(1)), level LowCardinality(String), ladder LowCardinality(String),
        price Float64 CODEC(ZSTD(1)), total_score Float64 CODEC(ZSTD(1)),
        probability_7_5 Float64 CODEC(ZSTD(1)), calibrated_7_5 Nullable(Float64) CODEC(ZSTD(1)),
        profile LowCardinality(String), model LowCardinality(String),
        features Array(Float32) CODEC(ZSTD(1)), version UInt64 CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(opened_at, 'UTC')) ORDER BY key
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1",
    "CREATE TABLE IF NOT EXISTS outcomes (
        key String CODEC(ZSTD(1)), symbol LowCardinality(String), opened_at Int64 CODEC(ZSTD(1)),
        resolved_at Int64 CODEC(ZSTD(1)), hit_4h Nullable(Bool), hit_24h Nullable(Bool),
        minutes_to_hit Nullable(UInt32), greatest_rise_pct Float64 CODEC(ZSTD(1)),
        deepest_fall_pct Float64 CODEC(ZSTD(1)), void Nullable(String) CODEC(ZSTD(1)),
        version UInt128 CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(opened_at, 'UTC')) ORDER BY key
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1",
    "CREATE TABLE IF NOT EXISTS universe (
        day Int64 CODEC(DoubleDelta, ZSTD(1)), symbol LowCardinality(String),
        status LowCardinality(String), event LowCardinality(String), version UInt64 CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(day, 'UTC')) ORDER BY (day, symbol)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1",
];

/// Ranges of imported candles, which the retention leaves.
const IMPORTED: Migration = &["CREATE TABLE IF NOT EXISTS imported (
        symbol LowCardinality(String), `interval` LowCardinality(String), first Int64, last Int64, version UInt64
    ) ENGINE = ReplacingMergeTree(version) ORDER BY (symbol, `interval`, first, last)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1"];

/// Sums of the ledger's folded days, see `ledger_days`.
const LEDGER_DAYS: Migration = &["CREATE TABLE IF NOT EXISTS ledger_days (
        day Int64, sums String CODEC(ZSTD(3)), left Array(String), version UInt64
    ) ENGINE = ReplacingMergeTree(version) ORDER BY day
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1"];

/// Predictions of arms that score in the shadow stand beside the others.
const ARMS: Migration =
    &["ALTER TABLE predictions ADD COLUMN IF NOT EXISTS arm LowCardinality(String) DEFAULT ''"];

/// The statements that make all tables on a cluster of this name, in order.
pub fn cluster_tables(name: &str) -> Vec<String> {
    let all = std::iter::once(&LEDGER).chain(MIGRATIONS.into_iter().flatten());
    Cluster::named(name).map_or_else(Vec::new, |own| all.flat_map(|sql| own.statements(sql)).collect())
}

/// Makes the database and brings its tables to this version.
pub(super) async fn migrate(link: &Link) -> Result<(), Failure> {
    link.check_version().await?;
    link.make_database().await?;
    link.change(LEDGER).await?;
    let applied: u32 = link.one(link.query("SELECT max(version) FROM schema_migrations")).await?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if applied > known {
        let text = text!(schema_newer, place = link.place.clone(), schema = applied);
        return Err(Failure { error: HistoryError::Unusable(text), gone: false, slow: false });
    }
    for (migration, version) in MIGRATIONS.iter().zip(1_u32..).skip(applied as usize) {
        for statement in *migration {
            link.change(statement).await?;
        }
        // Behind all its statements: a crash between them runs them again, which each of them bears.
        let done = link.query("INSERT INTO schema_migrations (version) SELECT {version:UInt32}");
        link.run(done.param("version", version)).await?;
        tracing::info!(store = %link.place, version, "history tables brought to a new version");
    }
    Ok(())
}

/// The greatest version of any row that the newest write wins by.
pub(super) async fn greatest_version(link: &Link) -> Result<u64, Failure> {
    let sql = "
        SELECT max(version) FROM (
            SELECT max(version) AS version FROM candles UNION ALL SELECT max(version) AS version FROM scores
            UNION ALL SELECT max(version) AS version FROM alerts
            UNION ALL SELECT max(version) AS version FROM universe
        )";
    link.one(link.query(sql)).await
}
