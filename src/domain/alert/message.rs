//! What is sent: alerts alone, gathered or summed up, and notices about the scanner itself.

use crate::domain::alert::remedy::Remedy;
use crate::domain::level_rules::{LevelBasis, LevelRules};
use crate::domain::market_move::MarketMove;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::ranking::Row;
use crate::domain::report::{Components, Level};
use crate::domain::score::level::LevelThresholds;
use crate::domain::symbol::Symbol;
use serde::{Deserialize, Serialize};

/// The alert that an escalation goes beyond.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Escalation {
    pub level: Level,
    /// Its ladder value, 0-100.
    pub value: f64,
}

/// One alert with all that a reader needs. Prices in the quote asset, changes and ratios in percent, points 0-100.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AlertCard {
    /// `SYMBOL-as_of-LEVEL`: the same alert always has the same id.
    pub id: String,
    pub symbol: Symbol,
    pub level: Level,
    /// The ladder that decided.
    pub ladder: LevelBasis,
    /// Its value, 0-100.
    pub value: f64,
    /// When the level was risen to, ms UTC.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub episode: Option<MarketTime>,
    /// What it escalates from, if it does.
    pub escalated_from: Option<Escalation>,
    /// The cut of the cycle, ms UTC.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub as_of: MarketTime,
    /// Price at the cut.
    pub price: f64,
    /// Quote volume of the last 24 h, USDT.
    pub volume_24h: f64,
    /// Momentum score, 0-100.
    pub total_score: f64,
    pub components: Components,
    /// Rule probability of +7.5 % in 24 h, 0-100.
    pub probability_7_5: f64,
    /// Calibrated chance, 0-100, with a model.
    pub calibrated_7_5: Option<f64>,
    /// 0.6 score + 0.4 probability.
    pub composite_score: f64,
    /// Change against 60 minutes before, percent.
    pub velocity_1h: f64,
    /// Volume of the last bar's length against the mean before, percent.
    pub volume_ratio: f64,
    /// RSI(14), 0-100.
    pub rsi_14: f64,
    /// Nearest pivot high above the price.
    pub resistance: Option<f64>,
    /// Why it is sent, in words, for logs and the API.
    pub reason: String,
    /// The thresholds that it was held against; null in alerts of earlier versions.
    #[serde(default)]
    pub lines: Option<Box<LevelThresholds>>,
    /// The level is left below this.
    #[serde(default)]
    pub left_below: Option<f64>,
}

impl AlertCard {
    /// The card of a row at its cut.
    pub fn new(row: &Row, from: Option<Escalation>, as_of: MarketTime, rules: &LevelRules) -> Self {
        let a = &row.analysis;
        let ladder = row.basis();
        let (level, value) = (row.level, row.level_value);
        let lines = *rules.thresholds(ladder);
        let held = Held { lines, left_below: lines.threshold(level) - rules.hysteresis };
        Self {
            id: format!("{}-{as_of}-{level}", row.symbol),
            symbol: row.symbol.clone(),
            level,
            ladder,
            value,
            lines: Some(Box::new(held.lines)),
            left_below: Some(held.left_below),
            episode: row.episode,
            escalated_from: from,
            as_of,
            price: a.current_price,
            volume_24h: a.volume_24h,
            total_score: a.total_score,
            components: a.components,
            probability_7_5: a.probability_7_5,
            calibrated_7_5: row.calibrated_7_5,
            composite_score: a.composite_score,
            velocity_1h: a.indicators.velocity_1h,
            volume_ratio: a.indicators.volume_ratio,
            rsi_14: a.indicators.rsi_14,
            resistance: a.resistance,
            reason: reason(row, from, &held),
        }
    }
}

/// What a level is held against.
struct Held {
    lines: LevelThresholds,
    left_below: f64,
}

/// The number that decided, the line it is held against, and what changed.
fn reason(row: &Row, from: Option<Escalation>, held: &Held) -> String {
    let level = row.level;
    let what = match row.basis() {
        LevelBasis::Calibrated => "calibrated chance",
        LevelBasis::Rule => "score",
    };
    let number = |value: f64| format!("{:.1}", held.lines.rounded(value, 1));
    let (value, line) = (number(row.level_value), held.lines.threshold(level));
    let why = if row.level_value >= line {
        format!("{what} {value}, line {line}")
    } else {
        // Held back until now, and fallen meanwhile: the number alone would contradict the level.
        format!("{what} {value}, entered at line {line} and left below {}", held.left_below)
    };
    let rise = from.map_or_else(String::new, |was| format!("; was {} {}", was.level, number(was.value)));
    format!("{level}: {why}{rise}; breakout {:.1}", row.analysis.components.breakout)
}

#[cfg(test)]
impl AlertCard {
    /// An alert of ALTA for tests.
    pub(crate) fn sample(symbol: &str, as_of: i64) -> Self {
        Self {
            id: format!("{symbol}-{as_of}-ALTA"),
            symbol: Symbol::new(symbol),
            level: Level::Alta,
            ladder: LevelBasis::Rule,
            value: 71.25,
            lines: Some(Box::new(LevelThresholds::RULE)),
            left_below: Some(67.0),
            episode: None,
            escalated_from: None,
            as_of: MarketTime::from_ms(as_of),
            price: 0.1 + 0.2,
            volume_24h: 1e9,
            total_score: 71.25,
            components: Components::default(),
            probability_7_5: 30.0,
            calibrated_7_5: None,
            composite_score: 50.0,
            velocity_1h: 1.0,
            volume_ratio: 200.0,
            rsi_14: 60.0,
            resistance: None,
            reason: "'quoted' \u{5e01}".into(),
        }
    }
}

/// Judged episodes of earlier market moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CameOfMoves {
    pub judged: u32,
    /// Reached +7.5 % within 24 h.
    pub hits: u32,
    /// By the own track record; else by the model's periods that it had not seen.
    pub own: bool,
}

/// News about the scanner itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Notice {
    /// Nothing gets through to a channel any more.
    ChannelDead {
        channel: String,
        reason: String,
        /// What somebody has to do; `None` where it may pass by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remedy: Option<Remedy>,
    },
    /// The market has left what the model was trained on, or has come back.
    Drift {
        /// It began; else it is over.
        began: bool,
        /// Added to the log odds of low chances.
        shift_log_odds: f64,
    },
    /// A channel works again.
    ChannelBack { channel: String },
    /// The channel's daily cap is reached: no more alerts today.
    DailyCap {
        channel: String,
        /// Alert messages a day.
        cap: u32,
    },
    /// A delivery failed for good.
    Undelivered {
        channel: String,
        /// Key of the message.
        key: String,
        reason: String,
    },
}

/// One message to every channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// One alert, at once.
    Alert { alert: AlertCard },
    /// ALTA alerts gathered over some minutes.
    Digest {
        /// The cut it was closed at, ms UTC.
        as_of: MarketTime,
        /// By value, greatest first.
        alerts: Vec<AlertCard>,
    },
    /// Many alerts of one cycle in one message.
    Summary {
        /// The cut, ms UTC.
        as_of: MarketTime,
        /// By value, greatest first.
        alerts: Vec<AlertCard>,
    },
    /// Many pairs rose to FUERTE within an hour: one event. Said when it is one, and again while more pairs join.
    MarketMove {
        /// The cut, ms UTC.
        as_of: MarketTime,
        market_move: MarketMove,
        /// What came of the episodes of such events that are judged; `None` where too few are.
        came: Option<CameOfMoves>,
        /// Pairs that no message has told yet, by value, greatest first.
        alerts: Vec<AlertCard>,
    },
    /// News about the scanner itself.
    Notice {
        /// ms UTC, machine clock.
        at: MachineTime,
        notice: Notice,
    },
    /// Asked for by the user to see that a channel works.
    Test {
        /// ms UTC, machine clock.
        at: MachineTime,
    },
}

impl Message {
    /// The same message always has the same key: deliveries are de-duplicated by it.
    pub fn key(&self) -> String {
        match self {
            Self::Alert { alert } => alert.id.clone(),
            Self::Digest { as_of, .. } => format!("digest-{as_of}"),
            Self::Summary { as_of, alerts } => {
                format!("summary-{as_of}-{}", alerts.first().map_or("", |a| a.symbol.as_str()))
            }
            Self::MarketMove { as_of, .. } => format!("move-{as_of}"),
            Self::Notice { at, notice } => match notice {
                Notice::ChannelDead { channel, .. } => format!("dead-{channel}-{at}"),
                Notice::ChannelBack { channel } => format!("back-{channel}-{at}"),
                Notice::Drift { began, .. } => format!("drift-{began}-{at}"),
                Notice::DailyCap { channel, .. } => format!("cap-{channel}-{at}"),
                Notice::Undelivered { channel, key, .. } => format!("undelivered-{channel}-{key}"),
            },
            Self::Test { at } => format!("test-{at}"),
        }
    }

    /// Name of the kind, as in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Alert { .. } => "alert",
            Self::Digest { .. } => "digest",
            Self::Summary { .. } => "summary",
            Self::MarketMove { .. } => "market_move",
            Self::Notice { .. } => "notice",
            Self::Test { .. } => "test",
        }
    }

    /// The alerts in it.
    pub fn alerts(&self) -> &[AlertCard] {
        match self {
            Self::Alert { alert } => std::slice::from_ref(alert),
            Self::Digest { alerts, .. } | Self::Summary { alerts, .. } | Self::MarketMove { alerts, .. } => {
                alerts
            }
            Self::Notice { .. } | Self::Test { .. } => &[],
        }
    }

    /// FUERTE goes before everything else that waits.
    pub(crate) fn urgent(&self) -> bool {
        self.alerts().iter().any(|a| a.level == Level::Fuerte)
    }
}
