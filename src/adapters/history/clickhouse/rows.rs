//! Rows as the tables hold them, to and from the records of the port. Times are Int64 milliseconds: exact over the
//! whole span of `UtcMs`, without a time zone and without rounding (DateTime64 ends in 2299 and clamps).

use crate::actors::ports::history::{AlertRow, CandleRow, DeliveryRow, HistoryError, ScoreRow, UniverseRow};
use crate::domain::candle::Candle;
use crate::domain::report::{Components, Factors, Indicators, Level};
use crate::domain::symbol::Symbol;
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

type Text = Cow<'static, str>;

/// A candle; of one key the row with the greatest version stands.
#[derive(Debug, Row, Serialize, Deserialize)]
pub(super) struct CandleDb {
    pub(super) symbol: Symbol,
    interval: Text,
    open_time: i64,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: f64,
    quote_volume: f64,
    closed: bool,
    filled: bool,
    version: u64,
}

impl CandleDb {
    pub(super) fn new(row: &CandleRow, version: u64) -> Self {
        let c = &row.candle;
        Self {
            symbol: row.symbol.clone(),
            interval: Text::Borrowed(row.interval.as_str()),
            open_time: c.open_time,
            open: c.open,
            high: c.high,
            low: c.low,
            close: c.close,
            volume: c.volume,
            quote_volume: c.quote_volume,
            closed: c.closed,
            filled: c.filled,
            version,
        }
    }

    pub(super) const fn candle(&self) -> Candle {
        Candle {
            open_time: self.open_time,
            open: self.open,
            high: self.high,
            low: self.low,
            close: self.close,
            volume: self.volume,
            quote_volume: self.quote_volume,
            closed: self.closed,
            filled: self.filled,
        }
    }
}

/// A score; of one key the row with the greatest version stands.
#[derive(Debug, Row, Serialize, Deserialize)]
pub(super) struct ScoreDb {
    symbol: Symbol,
    as_of: i64,
    price: f64,
    volume_24h: f64,
    total_score: f64,
    component_rsi: f64,
    component_macd: f64,
    component_volume: f64,
    component_velocity: f64,
    component_breakout: f64,
    probability_7_5: f64,
    calibrated_7_5: Option<f64>,
    composite_score: f64,
    level: Text,
    alert_level: Option<Text>,
    listed: bool,
    pause_jump: bool,
    rsi_14: f32,
    rsi_21: f32,
    macd: f32,
    macd_signal: f32,
    macd_histogram: f32,
    volume_ratio: f32,
    velocity_1h: f32,
    atr_14: f32,
    volatility_24h: f32,
    factor_volatility: f32,
    factor_momentum: f32,
    factor_resistance: f32,
    factor_btc_correlation: f32,
    factor_liquidity: f32,
    version: u64,
}

impl ScoreDb {
    #[expect(clippy::cast_possible_truncation, reason = "the port asks for 32 bits of these")]
    pub(super) fn new(row: &ScoreRow, version: u64) -> Self {
        let (c, i, f) = (&row.components, &row.indicators, &row.factors);
        Self {
            symbol: row.symbol.clone(),
            as_of: row.as_of,
            price: row.price,
            volume_24h: row.volume_24h,
            total_score: row.total_score,
            component_rsi: c.rsi,
            component_macd: c.macd,
            component_volume: c.volume,
            component_velocity: c.velocity,
            component_breakout: c.breakout,
            probability_7_5: row.probability_7_5,
            calibrated_7_5: row.calibrated_7_5,
            composite_score: row.composite_score,
            level: Text::Borrowed(row.level.as_str()),
            alert_level: row.alert_level.map(|level| Text::Borrowed(level.as_str())),
            listed: row.listed,
            pause_jump: row.pause_jump,
            rsi_14: i.rsi_14 as f32,
            rsi_21: i.rsi_21 as f32,
            macd: i.macd as f32,
            macd_signal: i.macd_signal as f32,
            macd_histogram: i.macd_histogram as f32,
            volume_ratio: i.volume_ratio as f32,
            velocity_1h: i.velocity_1h as f32,
            atr_14: i.atr_14 as f32,
            volatility_24h: i.volatility_24h as f32,
            factor_volatility: f.volatility as f32,
            factor_momentum: f.momentum as f32,
            factor_resistance: f.resistance as f32,
            factor_btc_correlation: f.btc_correlation as f32,
            factor_liquidity: f.liquidity as f32,
            version,
        }
    }

    pub(super) fn record(self) -> Result<ScoreRow, HistoryError> {
        let (components, indicators, factors) = (self.components(), self.indicators(), self.factors());
        Ok(ScoreRow {
            as_of: self.as_of,
            price: self.price,
            volume_24h: self.volume_24h,
            total_score: self.total_score,
            components,
            probability_7_5: self.probability_7_5,
            calibrated_7_5: self.calibrated_7_5,
            composite_score: self.composite_score,
            level: level(&self.level)?,
            alert_level: self.alert_level.as_deref().map(level).transpose()?,
            listed: self.listed,
            pause_jump: self.pause_jump,
            indicators,
            factors,
            symbol: self.symbol,
        })
    }

    const fn components(&self) -> Components {
        Components {
            rsi: self.component_rsi,
            macd: self.component_macd,
            volume: self.component_volume,
            velocity: self.component_velocity,
            breakout: self.component_breakout,
        }
    }

    fn indicators(&self) -> Indicators {
        Indicators {
            rsi_14: self.rsi_14.into(),
            rsi_21: self.rsi_21.into(),
            macd: self.macd.into(),
            macd_signal: self.macd_signal.into(),
            macd_histogram: self.macd_histogram.into(),
            volume_ratio: self.volume_ratio.into(),
            velocity_1h: self.velocity_1h.into(),
            atr_14: self.atr_14.into(),
            volatility_24h: self.volatility_24h.into(),
        }
    }

    fn factors(&self) -> Factors {
        Factors {
            volatility: self.factor_volatility.into(),
            momentum: self.factor_momentum.into(),
            resistance: self.factor_resistance.into(),
            btc_correlation: self.factor_btc_correlation.into(),
            liquidity: self.factor_liquidity.into(),
        }
    }
}

/// The level of a stored name.
pub(super) fn level(name: &str) -> Result<Level, HistoryError> {
    let mut all = Level::LISTED.into_iter().chain([Level::Descartada]);
    all.find(|level| level.as_str() == name).ok_or_else(|| unknown("level", name))
}

/// A stored name that this version does not know.
pub(super) fn unknown(what: &str, name: &str) -> HistoryError {
    HistoryError::Unusable(format!("{what} '{name}' is not known to this version"))
}

/// An alert; of one id the row with the greatest version stands.
#[derive(Debug, Row, Serialize, Deserialize)]
pub(super) struct AlertDb {
    id: String,
    symbol: Symbol,
    as_of: i64,
    level: Text,
    payload: String,
    version: u64,
}

impl AlertDb {
    pub(super) fn new(row: &AlertRow, version: u64) -> Self {
        let row = row.clone();
        let level = Text::Borrowed(row.level.as_str());
        Self { id: row.id, symbol: row.symbol, as_of: row.as_of, level, payload: row.payload, version }
    }

    pub(super) fn record(self) -> Result<AlertRow, HistoryError> {
        let level = level(&self.level)?;
        Ok(AlertRow { id: self.id, symbol: self.symbol, as_of: self.as_of, level, payload: self.payload })
    }
}

/// A delivery; of one key and channel the row with the greatest version stands.
#[derive(Debug, Row, Serialize, Deserialize)]
pub(super) struct DeliveryDb {
    key: String,
    channel: String,
    created_at: i64,
    updated_at: i64,
    state: String,
    attempts: u32,
    reason: Option<String>,
    version: u128,
}

impl DeliveryDb {
    pub(super) fn new(row: &DeliveryRow, version: u128) -> Self {
        let row = row.clone();
        Self {
            key: row.key,
            channel: row.channel,
            created_at: row.created_at,
            updated_at: row.updated_at,
            state: row.state,
            attempts: row.attempts,
            reason: row.reason,
            version,
        }
    }

    pub(super) fn record(self) -> DeliveryRow {
        DeliveryRow {
            key: self.key,
            channel: self.channel,
            created_at: self.created_at,
            updated_at: self.updated_at,
            state: self.state,
            attempts: self.attempts,
            reason: self.reason,
        }
    }
}

/// One pair on one day; of one key the row with the greatest version stands.
#[derive(Debug, Row, Serialize, Deserialize)]
pub(super) struct UniverseDb {
    day: i64,
    symbol: Symbol,
    status: Text,
    event: Text,
    version: u64,
}

impl UniverseDb {
    pub(super) fn new(row: &UniverseRow, version: u64) -> Self {
        let UniverseRow { day, symbol, status, event } = row.clone();
        Self { day, symbol, status: status.into(), event: event.into(), version }
    }

    pub(super) fn record(self) -> UniverseRow {
        let (status, event) = (self.status.into_owned(), self.event.into_owned());
        UniverseRow { day: self.day, symbol: self.symbol, status, event }
    }
}
