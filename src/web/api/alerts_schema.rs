//! Schemas of an alert with its deliveries: the types themselves belong to layers that know no schemas.

use utoipa::ToSchema;

/// An alert with its deliveries.
#[derive(ToSchema)]
#[schema(as = AlertRecord)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct AlertSchema {
    /// The alert.
    alert: CardSchema,
    /// One for each channel.
    deliveries: Vec<DeliverySchema>,
}

/// One alert. Prices in USDT, changes and ratios in percent, points 0-100.
#[derive(ToSchema)]
#[schema(as = AlertCard)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct CardSchema {
    /// `SYMBOL-as_of-LEVEL`.
    id: String,
    /// The pair.
    symbol: String,
    /// FUERTE or ALTA.
    level: String,
    /// rule or calibrated: what decided.
    ladder: String,
    /// Its value, 0-100.
    value: f64,
    /// What it escalates from.
    escalated_from: Option<EscalationSchema>,
    /// The cut of the cycle, ms UTC.
    as_of: i64,
    /// Price at the cut.
    price: f64,
    /// USDT.
    volume_24h: f64,
    /// Momentum score.
    total_score: f64,
    /// Its five parts.
    components: crate::web::api::dto::ComponentScores,
    /// Rule probability of +7.5 % in 24 h.
    probability_7_5: f64,
    /// Calibrated chance; null without a model.
    calibrated_7_5: Option<f64>,
    /// 0.6 score + 0.4 probability.
    composite_score: f64,
    /// Change against 60 minutes before.
    velocity_1h: f64,
    /// Volume of the last bar's length against the mean before.
    volume_ratio: f64,
    /// RSI(14).
    rsi_14: f64,
    /// Nearest pivot high above the price.
    resistance: Option<f64>,
    /// Why it was sent, in words.
    reason: String,
}

/// What an alert escalates from.
#[derive(ToSchema)]
#[schema(as = Escalation)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct EscalationSchema {
    /// FUERTE or ALTA.
    level: String,
    /// Its value, 0-100.
    value: f64,
}

/// How an alert went out over one channel.
#[derive(ToSchema)]
#[schema(as = AlertDelivery)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct DeliverySchema {
    /// The channel.
    channel: String,
    /// alert, digest or summary.
    kind: String,
    /// pending, sending, sent, uncertain or dead.
    state: String,
    /// Tries so far.
    attempts: u32,
    /// Newest failure.
    reason: Option<String>,
    /// ms UTC, machine clock.
    updated_at: i64,
}
