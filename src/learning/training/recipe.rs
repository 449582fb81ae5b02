//! What the parts of a model are made of, and how. They are made differently on purpose: where they agree, they are right more
//! often than each alone.

use crate::learning::features::{FEATURES, index_of};
use crate::learning::model::forecast::DERIVED;

/// How a part is fitted, and on what.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    /// Name of the part in the card.
    pub name: &'static str,
    pub fit: Fit,
    /// Does it use a value of the row, by its name.
    pub uses: fn(&str) -> bool,
}

/// How a part is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// A line: logistic regression.
    Line,
    Trees,
    /// Trees that learn how nearly the target was reached, too.
    SoftTrees,
}

/// The parts that are joined.
pub(super) const RECIPES: [Recipe; 3] = [
    Recipe { name: "trees", fit: Fit::Trees, uses: |name| !is_of_the_market(name) && !is_by_formula(name) },
    Recipe { name: "line", fit: Fit::Line, uses: |name| LINE.contains(&name) },
    Recipe { name: "soft", fit: Fit::SoftTrees, uses: |name| !is_of_the_market(name) },
];

/// Looks back by the formulas of volatility, and what is derived of them: one part goes without, so that the parts differ.
fn is_by_formula(name: &str) -> bool {
    let first = index_of("log_rv_1h");
    index_of(name).is_none_or(|at| Some(at) >= first)
}

/// What the line reads: sizes as logarithms, each thing once or twice, not in six spans that say the same.
const LINE: [&str; 35] = [
    "log_sigma",
    "first_passage",
    "n_up1_1d",
    "log_pk_1d",
    "log_pk_4h",
    "log_rv_1d",
    "log_rv_7d",
    "log_rv_30d",
    "log_atr_pct",
    "log_idio_7d",
    "log_range_1h",
    "lrise_14d",
    "lrise_30d",
    "hits_14d",
    "below_high_3d",
    "below_high_30d",
    "change_1h",
    "change_4h",
    "change_24h",
    "change_7d",
    "volume_against_7d",
    "volume_4h_against_7d",
    "volume_up_1d",
    "log_volume_24h",
    "open_rise",
    "resid_24h",
    "log_market_rv_1d",
    "log_market_rv_7d",
    "market_hits_7d",
    "market_change_24h",
    "log_btc_rv_1d",
    "log_btc_rv_7d",
    "breadth_24h",
    "hour_sin",
    "hour_cos",
];

/// Says nothing of the pair itself.
fn is_of_the_market(name: &str) -> bool {
    index_of(name).is_some_and(|at| FEATURES[at].market_wide)
}

/// Is it a size of movements. More movement never makes +7.5 % less likely, all else equal: trees that may not learn otherwise
/// hold better out of time.
pub(super) fn is_size(name: &str) -> bool {
    let stems = [
        "atr_pct",
        "relative_atr",
        "rank_atr",
        "range_",
        "volatility",
        "jump_7d",
        "rise_",
        "hits_",
        "rv_",
        "pk_",
        "idio_",
        "n_up1",
    ];
    let other = name.contains("against") || name.contains("market") || name.contains("btc");
    !other && stems.iter().any(|stem| name.contains(stem))
        || name == "relative_range"
        || DERIVED.contains(&name)
}
