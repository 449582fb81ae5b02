//! Rows of every kind, with values that are hard to keep.

use impulso::actors::ports::history::{
    AlertRow, CandleRow, DeliveryRow, HistoryBatch, OutcomeRow, PredictionKind, PredictionRow, ScoreRow,
    UniverseRow,
};
use impulso::domain::candle::Candle;
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::report::{Components, Factors, Indicators, Level};
use impulso::domain::time::Interval;

/// A full hour, UTC.
pub(crate) const T0: MarketTime = MarketTime::from_ms(1_779_998_400_000);

pub(crate) fn candle(symbol: &str, interval: Interval, open_time: MarketTime, close: f64) -> CandleRow {
    let candle = Candle {
        open_time,
        open: close * 0.99,
        high: close * 1.02,
        low: close * 0.97,
        close,
        volume: 1234.5,
        quote_volume: 0.1 + 0.2,
        closed: true,
        filled: false,
    };
    CandleRow { symbol: symbol.into(), interval, candle }
}

pub(crate) fn score(
    symbol: &str,
    as_of: MarketTime,
    level: Level,
    level_in_force: Option<Level>,
) -> ScoreRow {
    // Values of 32 bits are kept exactly when they are such.
    let kept = |value: f32| f64::from(value);
    ScoreRow {
        symbol: symbol.into(),
        as_of,
        price: 9.3e-6,
        volume_24h: 123_456_789.123_456_78,
        total_score: 61.700_000_000_000_01,
        components: Components { rsi: 0.1, macd: 0.2, volume: 1.0 / 3.0, velocity: 15.0, breakout: 0.0 },
        probability_7_5: 12.34,
        calibrated_7_5: level_in_force.map(|_| 1.0 / 7.0),
        composite_score: 44.4,
        level,
        level_in_force,
        listed: true,
        pause_jump: level_in_force.is_some(),
        indicators: Indicators {
            rsi_14: kept(55.3),
            rsi_21: kept(51.1),
            macd: kept(-9.3e-6),
            macd_signal: kept(1e-30),
            macd_histogram: kept(0.5),
            volume_ratio: kept(321.5),
            velocity_1h: kept(-1.25),
            atr_14: kept(0.001),
            volatility_24h: kept(7.5),
        },
        factors: Factors {
            volatility: kept(0.3),
            momentum: kept(0.617),
            resistance: 1.0,
            btc_correlation: 0.5,
            liquidity: kept(0.9),
        },
    }
}

pub(crate) fn alert(symbol: &str, as_of: MarketTime, payload: &str) -> AlertRow {
    let id = format!("{symbol}-{as_of}-ALTA");
    AlertRow { id, symbol: symbol.into(), as_of, level: Level::Alta, payload: payload.to_owned() }
}

pub(crate) fn delivery(key: &str, channel: &str, later_ms: i64, state: &str) -> DeliveryRow {
    let created_at = MachineTime::from_ms(T0.ms());
    DeliveryRow {
        key: key.to_owned(),
        channel: channel.to_owned(),
        created_at,
        updated_at: created_at + later_ms,
        state: state.to_owned(),
        attempts: 3,
        reason: (state == "dead").then(|| "403: 'blocked'\n\"by\" the \\ user".to_owned()),
    }
}

pub(crate) fn prediction(
    symbol: &str,
    opened_at: MarketTime,
    kind: PredictionKind,
    price: f64,
) -> PredictionRow {
    PredictionRow {
        arm: String::new(),
        key: format!("{}-{symbol}-{opened_at}-FUERTE", kind.as_str()),
        kind,
        symbol: symbol.into(),
        opened_at,
        level: Level::Fuerte,
        ladder: if kind == PredictionKind::Alert { LevelBasis::Calibrated } else { LevelBasis::Rule },
        price,
        total_score: 80.5,
        probability_7_5: 33.25,
        calibrated_7_5: (kind == PredictionKind::Alert).then_some(0.1),
        profile: "short/3".to_owned(),
        model: String::new(),
        features: if kind == PredictionKind::Alert { vec![0.1, -2.5e-7, 3.0] } else { Vec::new() },
    }
}

pub(crate) fn outcome(of: &PredictionRow, resolved_at: MarketTime, hit: Option<bool>) -> OutcomeRow {
    OutcomeRow {
        key: of.key.clone(),
        symbol: of.symbol.clone(),
        opened_at: of.opened_at,
        resolved_at,
        hit_4h: hit,
        hit_24h: hit,
        minutes_to_hit: hit.map(|_| 77),
        greatest_rise_pct: 8.25,
        deepest_fall_pct: -0.5,
        void: hit.is_none().then(|| "delisted".to_owned()),
    }
}

pub(crate) fn day(day: MarketTime, symbol: &str, event: &str) -> UniverseRow {
    UniverseRow { day, symbol: symbol.into(), status: "TRADING".to_owned(), event: event.to_owned() }
}

pub(crate) fn scores(rows: Vec<ScoreRow>) -> HistoryBatch {
    HistoryBatch { scores: rows, ..HistoryBatch::default() }
}

pub(crate) fn candles(rows: Vec<CandleRow>) -> HistoryBatch {
    HistoryBatch { candles: rows, ..HistoryBatch::default() }
}
