//! The features of the learned model: one table, used in training, in the backtest and live.

pub mod market;

use crate::domain::report::Analysis;
use crate::domain::time::DAY_MS;
use market::{Market, atr_pct};

/// What a feature is made of: a pair's analysis and the market at the same cut.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub a: &'a Analysis,
    pub m: &'a Market,
}

#[derive(Clone, Copy)]
pub struct Feature {
    /// Its name in model files and data sets.
    pub name: &'static str,
    /// Its value; NaN when missing.
    pub of: fn(&View<'_>) -> f64,
    /// Made of days of the pair's own hours: missing while they are.
    pub(crate) needs_days: bool,
    /// Says nothing of the pair itself, only of the whole market or the clock.
    pub market_wide: bool,
}

impl std::fmt::Debug for Feature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! features {
    ($($name:ident = |$v:ident| $value:expr;)+) => {
        /// Every feature that there is; a model names those that it uses.
        pub const FEATURES: &[Feature] = &[
            $(Feature {
                name: stringify!($name),
                of: |$v: &View<'_>| $value,
                needs_days: contains(stringify!($value), "days") && !contains(stringify!($value), "btc"),
                market_wide: is_market_wide(stringify!($name)),
            }),+
        ];
    };
}

/// Byte by byte, for constants.
const fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let mut from = 0;
    while from + part.len() <= text.len() {
        let mut at = 0;
        while at < part.len() && text[from + at] == part[at] {
            at += 1;
        }
        if at == part.len() {
            return true;
        }
        from += 1;
    }
    false
}

/// By the names of the table.
const fn is_market_wide(name: &str) -> bool {
    let of_btc = contains(name, "btc_") && !contains(name, "btc_correlation");
    of_btc
        || contains(name, "market_")
        || contains(name, "breadth")
        || contains(name, "hour_")
        || contains(name, "weekend")
}

/// A pivot farther away than this, or none, counts as so far, percent. Four times the target: beyond it no pivot is in the
/// way.
const FAR_PCT: f64 = 30.0;

fn known(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

/// Logarithm that bears 0; NaN stays NaN.
fn log(value: f64) -> f64 {
    if value.is_nan() { value } else { value.max(1e-3).ln() }
}

fn change(now: f64, then: Option<f64>) -> f64 {
    100.0 * (now / known(then) - 1.0)
}

/// The price below the highest high of days, percent: of today's too, which hours that are closed do not hold yet.
fn below(v: &View<'_>, high: Option<f64>) -> f64 {
    100.0 * (high.map_or(f64::NAN, |high| high.max(v.a.inputs.high_24h)) / v.a.current_price - 1.0)
}

/// The price above the lowest low of days, percent.
fn above(v: &View<'_>, low: Option<f64>) -> f64 {
    100.0 * (v.a.current_price / low.map_or(f64::NAN, |low| low.min(v.a.inputs.low_24h)) - 1.0)
}

/// The price between both, 0-1.
fn between(v: &View<'_>, low: Option<f64>, high: Option<f64>) -> f64 {
    let today = &v.a.inputs;
    let ends = low.zip(high).map(|(low, high)| (low.min(today.low_24h), high.max(today.high_24h)));
    ends.map_or(f64::NAN, |(low, high)| place(v.a.current_price, low, high))
}

/// Volatility that BTC's moves do not explain, percent a day.
fn idiosyncratic(rv: Option<f64>, correlation: Option<f64>) -> f64 {
    known(rv) * (1.0 - known(correlation).powi(2)).max(0.0).sqrt()
}

/// The pair's 24 h log change less what BTC's would have made it, percent. A slope outside 0 to 3 is noise.
fn residual(v: &View<'_>, beta: Option<f64>) -> f64 {
    let log_change = |a: &Analysis| 100.0 * (a.inputs.change_24h / 100.0).ln_1p();
    log_change(v.a) - known(beta).clamp(0.0, 3.0) * btc(v, log_change)
}

fn btc(v: &View<'_>, of: impl Fn(&Analysis) -> f64) -> f64 {
    v.m.btc.as_deref().map_or(f64::NAN, of)
}

/// Angle of the moment within the day.
fn day_angle(v: &View<'_>) -> f64 {
    std::f64::consts::TAU * v.m.as_of.past(DAY_MS) as f64 / DAY_MS as f64
}

/// Saturday or Sunday, UTC. Day 0 was a Thursday.
fn weekend(v: &View<'_>) -> f64 {
    let day = (v.m.as_of.index(DAY_MS) + 4).rem_euclid(7);
    f64::from(u8::from(day == 0 || day == 6))
}

fn place(price: f64, low: f64, high: f64) -> f64 {
    if low.is_nan() || high.is_nan() {
        return f64::NAN;
    }
    if high > low { (price - low) / (high - low) } else { 0.5 }
}

features! {
    rsi_14 = |v| v.a.indicators.rsi_14;
    rsi_21 = |v| v.a.indicators.rsi_21;
    macd_pct = |v| 100.0 * v.a.indicators.macd / v.a.current_price;
    macd_histogram_pct = |v| 100.0 * v.a.indicators.macd_histogram / v.a.current_price;
    log_volume_ratio = |v| v.a.indicators.volume_ratio.ln_1p();
    change_5m = |v| v.a.inputs.change_5m;
    change_15m = |v| v.a.inputs.change_15m;
    change_1h = |v| v.a.indicators.velocity_1h;
    change_4h = |v| v.a.inputs.change_4h;
    change_12h = |v| v.a.inputs.change_12h;
    change_24h = |v| v.a.inputs.change_24h;
    breakout_atr = |v| v.a.inputs.breakout_atr;
    atr_pct = |v| atr_pct(v.a);
    range_24h = |v| v.a.indicators.volatility_24h;
    place_24h = |v| place(v.a.current_price, v.a.inputs.low_24h, v.a.inputs.high_24h);
    below_high_24h = |v| 100.0 * (v.a.inputs.high_24h / v.a.current_price - 1.0);
    range_1h = |v| v.a.inputs.range_1h;
    resistance_pct = |v| v.a.resistance.map_or(FAR_PCT, |r| (100.0 * (r / v.a.current_price - 1.0)).min(FAR_PCT));
    log_volume_24h = |v| v.a.volume_24h.max(1.0).ln();
    btc_correlation = |v| v.a.inputs.btc_correlation;
    total_score = |v| v.a.total_score;
    rule_probability = |v| v.a.probability_7_5;
    volatility_96 = |v| v.a.inputs.volatility_96;
    volatility_16 = |v| v.a.inputs.volatility_16;
    upside_96 = |v| v.a.inputs.upside_96;
    log_volume_ratio_4h = |v| v.a.inputs.volume_ratio_4h.ln_1p();
    btc_change_1h = |v| btc(v, |b| b.indicators.velocity_1h);
    btc_change_4h = |v| btc(v, |b| b.inputs.change_4h);
    btc_change_24h = |v| btc(v, |b| b.inputs.change_24h);
    btc_range_24h = |v| btc(v, |b| b.indicators.volatility_24h);
    btc_volatility_96 = |v| btc(v, |b| b.inputs.volatility_96);
    btc_volatility_7d = |v| btc(v, |b| known(b.inputs.days.volatility_7d));
    btc_change_7d = |v| btc(v, |b| change(b.current_price, b.inputs.days.close_7d));
    market_change_4h = |v| v.m.change_4h.median();
    market_change_24h = |v| v.m.change_24h.median();
    market_range_24h = |v| v.m.range_24h.median();
    market_atr_pct = |v| v.m.atr_pct.median();
    market_range_7d = |v| v.m.range_7d.median();
    market_range_24h_p90 = |v| v.m.range_24h.quantile(0.9);
    market_dispersion_24h = |v| v.m.change_24h.quantile(0.9) - v.m.change_24h.quantile(0.1);
    breadth_24h = |v| v.m.breadth_24h;
    breadth_4h = |v| v.m.breadth_4h;
    market_hits_1d = |v| v.m.hits_1d;
    market_hits_3d = |v| v.m.hits_3d;
    market_hits_7d = |v| v.m.hits_7d;
    market_hits_14d = |v| v.m.hits_14d;
    rank_range_24h = |v| v.m.range_24h.rank(v.a.indicators.volatility_24h);
    rank_change_24h = |v| v.m.change_24h.rank(v.a.inputs.change_24h);
    rank_change_4h = |v| v.m.change_4h.rank(v.a.inputs.change_4h);
    rank_atr = |v| v.m.atr_pct.rank(atr_pct(v.a));
    rank_volume = |v| v.m.volume_24h.rank(v.a.volume_24h);
    rank_volume_ratio = |v| v.m.volume_ratio.rank(v.a.indicators.volume_ratio);
    rank_range_7d = |v| v.a.inputs.days.range_7d.map_or(f64::NAN, |r| v.m.range_7d.rank(r));
    relative_range = |v| log(v.a.indicators.volatility_24h) - log(v.m.range_24h.median());
    relative_atr = |v| log(atr_pct(v.a)) - log(v.m.atr_pct.median());
    relative_change_24h = |v| v.a.inputs.change_24h - v.m.change_24h.median();
    hits_2d = |v| known(v.a.inputs.days.hits_2d);
    hits_7d = |v| known(v.a.inputs.days.hits_7d);
    hits_14d = |v| known(v.a.inputs.days.hits_14d);
    rise_2d = |v| known(v.a.inputs.days.rise_2d);
    rise_7d = |v| known(v.a.inputs.days.rise_7d);
    rise_14d = |v| known(v.a.inputs.days.rise_14d);
    range_3d = |v| known(v.a.inputs.days.range_3d);
    range_7d = |v| known(v.a.inputs.days.range_7d);
    change_3d = |v| change(v.a.current_price, v.a.inputs.days.close_3d);
    change_7d = |v| change(v.a.current_price, v.a.inputs.days.close_7d);
    place_7d = |v| place(v.a.current_price, known(v.a.inputs.days.low_7d), known(v.a.inputs.days.high_7d));
    below_high_7d = |v| change(known(v.a.inputs.days.high_7d), Some(v.a.current_price));
    range_against_7d = |v| log(v.a.indicators.volatility_24h) - log(known(v.a.inputs.days.range_7d));
    volume_against_7d = |v| v.a.volume_24h.max(1.0).ln() - known(v.a.inputs.days.volume_7d).max(1.0).ln();
    volatility_1d = |v| known(v.a.inputs.days.volatility_1d);
    volatility_7d = |v| known(v.a.inputs.days.volatility_7d);
    jump_7d = |v| known(v.a.inputs.days.jump_7d);
    log_atr_pct = |v| log(atr_pct(v.a));
    log_range_24h = |v| log(v.a.indicators.volatility_24h);
    log_range_1h = |v| log(v.a.inputs.range_1h);
    log_volatility_96 = |v| log(v.a.inputs.volatility_96);
    log_volatility_16 = |v| log(v.a.inputs.volatility_16);
    log_range_7d = |v| log(known(v.a.inputs.days.range_7d));
    log_rise_7d = |v| log(known(v.a.inputs.days.rise_7d));
    log_rise_14d = |v| log(known(v.a.inputs.days.rise_14d));
    log_volatility_7d = |v| log(known(v.a.inputs.days.volatility_7d));
    log_jump_7d = |v| log(known(v.a.inputs.days.jump_7d));
    log_market_range_24h = |v| log(v.m.range_24h.median());
    log_market_range_7d = |v| log(v.m.range_7d.median());
    log_btc_volatility_96 = |v| log(btc(v, |b| b.inputs.volatility_96));
    log_rv_1h = |v| log(known(v.a.inputs.bars.rv_1h));
    log_rv_4h = |v| log(known(v.a.inputs.bars.rv_4h));
    log_rv_12h = |v| log(known(v.a.inputs.bars.rv_12h));
    log_rv_1d = |v| log(known(v.a.inputs.bars.rv_1d));
    log_rv_3d = |v| log(known(v.a.inputs.bars.rv_3d));
    log_rv_7d = |v| log(known(v.a.inputs.days.rv_7d));
    log_rv_14d = |v| log(known(v.a.inputs.days.rv_14d));
    log_rv_30d = |v| log(known(v.a.inputs.days.rv_30d));
    log_pk_4h = |v| log(known(v.a.inputs.bars.pk_4h));
    log_pk_1d = |v| log(known(v.a.inputs.bars.pk_1d));
    log_pk_7d = |v| log(known(v.a.inputs.days.pk_7d));
    n_up1_1d = |v| v.a.inputs.bars.moves_up_1d.map_or(f64::NAN, f64::from);
    n_dn1_1d = |v| v.a.inputs.bars.moves_down_1d.map_or(f64::NAN, f64::from);
    beta_7d = |v| known(v.a.inputs.days.beta_7d);
    log_idio_7d = |v| log(idiosyncratic(v.a.inputs.days.rv_7d, v.a.inputs.days.correlation_7d));
    resid_24h = |v| residual(v, v.a.inputs.days.beta_7d);
    change_14d = |v| change(v.a.current_price, v.a.inputs.days.close_14d);
    change_30d = |v| change(v.a.current_price, v.a.inputs.days.close_30d);
    below_high_3d = |v| below(v, v.a.inputs.bars.high_3d);
    below_high_14d = |v| below(v, v.a.inputs.days.high_14d);
    below_high_30d = |v| below(v, v.a.inputs.days.high_30d);
    above_low_24h = |v| above(v, Some(v.a.inputs.low_24h));
    above_low_3d = |v| above(v, v.a.inputs.bars.low_3d);
    above_low_7d = |v| above(v, v.a.inputs.days.low_7d);
    above_low_14d = |v| above(v, v.a.inputs.days.low_14d);
    above_low_30d = |v| above(v, v.a.inputs.days.low_30d);
    place_3d = |v| between(v, v.a.inputs.bars.low_3d, v.a.inputs.bars.high_3d);
    place_14d = |v| between(v, v.a.inputs.days.low_14d, v.a.inputs.days.high_14d);
    place_30d = |v| between(v, v.a.inputs.days.low_30d, v.a.inputs.days.high_30d);
    hits_1d = |v| known(v.a.inputs.days.hits_1d);
    hits_30d = |v| known(v.a.inputs.days.hits_30d);
    lrise_7d = |v| known(v.a.inputs.days.log_rise_7d);
    lrise_14d = |v| known(v.a.inputs.days.log_rise_14d);
    lrise_30d = |v| known(v.a.inputs.days.log_rise_30d);
    open_rise = |v| known(v.a.inputs.bars.open_rise);
    open_hits = |v| known(v.a.inputs.bars.open_hits);
    log_volume_ratio_1h = |v| v.a.inputs.volume_ratio_1h.ln_1p();
    volume_4h_against_7d = |v| (6.0 * v.a.inputs.quote_volume_4h).max(1.0).ln() - known(v.a.inputs.days.volume_7d).max(1.0).ln();
    volume_against_30d = |v| v.a.volume_24h.max(1.0).ln() - known(v.a.inputs.days.volume_30d).max(1.0).ln();
    volume_up_1d = |v| known(v.a.inputs.bars.volume_up_1d);
    log_market_rv_1d = |v| log(v.m.rv_1d.median());
    log_market_rv_7d = |v| log(v.m.rv_7d.median());
    log_market_rv_30d = |v| log(v.m.rv_30d.median());
    market_hits_2d = |v| v.m.hits_2d;
    market_hits_30d = |v| v.m.hits_30d;
    log_btc_rv_1d = |v| log(btc(v, |b| known(b.inputs.bars.rv_1d)));
    log_btc_rv_7d = |v| log(btc(v, |b| known(b.inputs.days.rv_7d)));
    hour_sin = |v| day_angle(v).sin();
    hour_cos = |v| day_angle(v).cos();
    weekend = |v| weekend(v);
}

/// Groups of features, as they are shown to people.
pub(crate) const GROUPS: [&str; 7] =
    ["movement", "record", "trend", "breakout", "volume", "momentum", "market"];

pub fn group(name: &str) -> &'static str {
    let holds = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if is_market_wide(name) || holds(&["rank_", "relative_", "btc_", "beta"]) {
        "market"
    } else if holds(&["hits_", "rise_", "open_"]) {
        "record"
    } else if holds(&["volume"]) {
        "volume"
    } else if holds(&[
        "atr_pct",
        "range_",
        "volatility",
        "jump",
        "rv_",
        "pk_",
        "idio",
        "n_up",
        "n_dn",
        "sigma",
        "first_passage",
    ]) {
        "movement"
    } else if holds(&["place_", "below_high", "above_low", "breakout", "resistance"]) {
        "breakout"
    } else if holds(&["rsi", "macd", "total_score", "rule_probability"]) {
        "momentum"
    } else {
        "trend"
    }
}

pub fn index_of(name: &str) -> Option<usize> {
    FEATURES.iter().position(|f| f.name == name)
}

/// Values of all features, in the table's order, single precision: what a model is trained on it also gets live.
pub(crate) fn vector(view: &View<'_>) -> Vec<f32> {
    FEATURES.iter().map(|f| (f.of)(view) as f32).collect()
}
