//! Aggregates that the server keeps by itself: scores and candles by hour, and days made of the hours. Their states
//! bear the same row twice: cuts are counted by their time, volumes are kept by the minute.

/// Statements that make them and fill them from the rows that are there.
pub(super) const VIEWS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS scores_hourly_state (
        symbol LowCardinality(String), hour Int64 CODEC(DoubleDelta, ZSTD(1)), level LowCardinality(String),
        max_score SimpleAggregateFunction(max, Float64), mean_score AggregateFunction(avg, Float64),
        cuts AggregateFunction(uniqExact, Int64)
    ) ENGINE = AggregatingMergeTree
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(hour, 'UTC')) ORDER BY (symbol, hour, level)
    SETTINGS non_replicated_deduplication_window = 1000",
    "DROP VIEW IF EXISTS scores_hourly_feed",
    "TRUNCATE TABLE scores_hourly_state",
    "CREATE MATERIALIZED VIEW scores_hourly_feed TO scores_hourly_state AS
    SELECT s.symbol AS symbol, s.as_of - positiveModulo(s.as_of, 3600000) AS hour, s.level AS level,
        max(s.total_score) AS max_score, avgState(s.total_score) AS mean_score,
        uniqExactState(s.as_of) AS cuts
    FROM scores AS s GROUP BY symbol, hour, level",
    "INSERT INTO scores_hourly_state (symbol, hour, level, max_score, mean_score, cuts)
    SELECT s.symbol AS symbol, s.as_of - positiveModulo(s.as_of, 3600000) AS hour, s.level AS level,
        max(s.total_score) AS max_score, avgState(s.total_score) AS mean_score,
        uniqExactState(s.as_of) AS cuts
    FROM scores AS s FINAL GROUP BY symbol, hour, level",
    "CREATE OR REPLACE VIEW scores_hourly AS
    SELECT t.symbol AS symbol, t.hour AS hour, max(t.max_score) AS max_score,
        avgMerge(t.mean_score) AS mean_score, uniqExactMergeIf(t.cuts, t.level = 'FUERTE') AS fuerte,
        uniqExactMergeIf(t.cuts, t.level = 'ALTA') AS alta,
        uniqExactMergeIf(t.cuts, t.level = 'MEDIA') AS media,
        uniqExactMergeIf(t.cuts, t.level = 'BAJA') AS baja,
        uniqExactMergeIf(t.cuts, t.level = 'DESCARTADA') AS descartada
    FROM scores_hourly_state AS t GROUP BY symbol, hour",
    "CREATE OR REPLACE VIEW scores_daily AS
    SELECT t.symbol AS symbol, t.hour - positiveModulo(t.hour, 86400000) AS day,
        max(t.max_score) AS max_score, avgMerge(t.mean_score) AS mean_score,
        uniqExactMergeIf(t.cuts, t.level = 'FUERTE') AS fuerte,
        uniqExactMergeIf(t.cuts, t.level = 'ALTA') AS alta,
        uniqExactMergeIf(t.cuts, t.level = 'MEDIA') AS media,
        uniqExactMergeIf(t.cuts, t.level = 'BAJA') AS baja,
        uniqExactMergeIf(t.cuts, t.level = 'DESCARTADA') AS descartada
    FROM scores_hourly_state AS t GROUP BY symbol, day",
    "CREATE TABLE IF NOT EXISTS candles_hourly_state (
        symbol LowCardinality(String), `interval` LowCardinality(String),
        hour Int64 CODEC(DoubleDelta, ZSTD(1)), open AggregateFunction(argMin, Float64, Int64),
        high SimpleAggregateFunction(max, Float64), low SimpleAggregateFunction(min, Float64),
        close AggregateFunction(argMax, Float64, Int64),
        volumes AggregateFunction(maxMap, Map(UInt8, Float64)),
        quote_volumes AggregateFunction(maxMap, Map(UInt8, Float64))
    ) ENGINE = AggregatingMergeTree
    PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(hour, 'UTC')) ORDER BY (symbol, `interval`, hour)
    SETTINGS non_replicated_deduplication_window = 1000",
    "DROP VIEW IF EXISTS candles_hourly_feed",
    "TRUNCATE TABLE candles_hourly_state",
    "CREATE MATERIALIZED VIEW candles_hourly_feed TO candles_hourly_state AS
    SELECT c.symbol AS symbol, c.`interval` AS `interval`,
        c.open_time - positiveModulo(c.open_time, 3600000) AS hour,
        argMinState(c.open, c.open_time) AS open, max(c.high) AS high, min(c.low) AS low,
        argMaxState(c.close, c.open_time) AS close,
        maxMapState(map(toUInt8(intDiv(positiveModulo(c.open_time, 3600000), 60000)), c.volume)) AS volumes,
        maxMapState(map(toUInt8(intDiv(positiveModulo(c.open_time, 3600000), 60000)), c.quote_volume))
            AS quote_volumes
    FROM candles AS c GROUP BY symbol, `interval`, hour",
    "INSERT INTO candles_hourly_state (symbol, `interval`, hour, open, high, low, close, volumes, quote_volumes)
    SELECT c.symbol AS symbol, c.`interval` AS `interval`,
        c.open_time - positiveModulo(c.open_time, 3600000) AS hour,
        argMinState(c.open, c.open_time) AS open, max(c.high) AS high, min(c.low) AS low,
        argMaxState(c.close, c.open_time) AS close,
        maxMapState(map(toUInt8(intDiv(positiveModulo(c.open_time, 3600000), 60000)), c.volume)) AS volumes,
        maxMapState(map(toUInt8(intDiv(positiveModulo(c.open_time, 3600000), 60000)), c.quote_volume))
            AS quote_volumes
    FROM candles AS c FINAL GROUP BY symbol, `interval`, hour",
    "CREATE OR REPLACE VIEW candles_hourly AS
    SELECT t.symbol AS symbol, t.`interval` AS `interval`, t.hour AS hour, argMinMerge(t.open) AS open,
        max(t.high) AS high, min(t.low) AS low, argMaxMerge(t.close) AS close,
        arraySum(mapValues(maxMapMerge(t.volumes))) AS volume,
        arraySum(mapValues(maxMapMerge(t.quote_volumes))) AS quote_volume,
        length(mapKeys(maxMapMerge(t.volumes))) AS candles
    FROM candles_hourly_state AS t GROUP BY symbol, `interval`, hour",
];
