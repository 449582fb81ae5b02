//! What of the ranking the market view shows: order, filters and columns, read from the address.
//! `web/filters.js` does the same in the browser.

use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::Level;
use crate::web::api::query;
use crate::web::pages::format::encode;
use crate::web::problem::{ApiError, Cause};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Rows of each level, unless all are asked for.
pub(crate) const TOP: usize = 10;
/// Levels shown, unless others are asked for.
pub(crate) const SHOWN: [Level; 3] = [Level::Fuerte, Level::Alta, Level::Media];
/// Columns that can be sorted by, in their order.
pub(crate) const COLUMNS: [&str; 11] = [
    "symbol",
    "level",
    "price",
    "change",
    "score",
    "rule",
    "calibrated",
    "composite",
    "volume",
    "data",
    "time",
];
const KEYS: [&str; 10] = ["lang", "sort", "dir", "level", "vol", "min", "max", "q", "view", "watch"];

/// The choice of one visit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filters {
    /// Sorted by this column.
    pub sort: &'static str,
    pub ascending: bool,
    /// Only these levels; empty means the usual ones.
    pub levels: Vec<Level>,
    /// Least 24 h volume, USDT millions.
    pub(crate) min_volume: Option<f64>,
    pub min_price: Option<f64>,
    pub max_price: Option<f64>,
    /// Part of the name, upper case.
    pub text: String,
    /// Every listed pair, not the top of each level.
    pub all: bool,
    pub watched: bool,
    /// The parameters as they came, without the language.
    pub raw: BTreeMap<String, String>,
}

/// Is a column's first click "smallest first"?
pub(crate) fn rises(column: &str) -> bool {
    column == "symbol" || column == "data"
}

fn one_of(
    map: &BTreeMap<String, String>,
    key: &'static str,
    allowed: &[&'static str],
) -> Result<Option<&'static str>, ApiError> {
    let Some(value) = map.get(key) else { return Ok(None) };
    let bad = || Cause::UnknownValue { key, value: value.clone() }.allowed(allowed);
    allowed.iter().find(|a| *a == value).copied().map(Some).ok_or_else(bad)
}

fn number(map: &BTreeMap<String, String>, key: &'static str) -> Result<Option<f64>, ApiError> {
    let Some(text) = map.get(key).filter(|t| !t.is_empty()) else { return Ok(None) };
    let value = text.parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0);
    let bad = || Cause::NotPositive { key, value: text.clone() }.allowed(&["0.5"]);
    value.map(Some).ok_or_else(bad)
}

fn levels(map: &BTreeMap<String, String>) -> Result<Vec<Level>, ApiError> {
    let names = Level::LISTED.map(Level::as_str);
    let Some(text) = map.get("level").filter(|t| !t.is_empty()) else { return Ok(Vec::new()) };
    let find = |name: &str| {
        let bad = || Cause::LevelNotListed { name: name.to_owned() }.allowed(&names);
        Level::LISTED.into_iter().find(|l| l.as_str() == name).ok_or_else(bad)
    };
    text.split(',').map(find).collect()
}

impl Filters {
    /// Reads the address.
    ///
    /// # Errors
    /// 400 that names the wrong parameter and what is allowed.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let mut map = query::parse(text, &KEYS)?;
        let sort = one_of(&map, "sort", &COLUMNS)?.unwrap_or("level");
        let dir = one_of(&map, "dir", &["asc", "desc"])?;
        let choice = Self {
            sort,
            ascending: dir.map_or_else(|| rises(sort), |d| d == "asc"),
            levels: levels(&map)?,
            min_volume: number(&map, "vol")?,
            min_price: number(&map, "min")?,
            max_price: number(&map, "max")?,
            text: map.get("q").map_or_else(String::new, |q| q.trim().to_uppercase()),
            all: one_of(&map, "view", &["top", "all"])? == Some("all"),
            watched: one_of(&map, "watch", &["1"])?.is_some(),
            raw: BTreeMap::new(),
        };
        map.remove("lang");
        Ok(Self { raw: map, ..choice })
    }

    /// The address with some parameters changed; an empty value leaves one out.
    pub(crate) fn url(&self, changes: &[(&str, &str)]) -> String {
        let mut map = self.raw.clone();
        for (key, value) in changes {
            if value.is_empty() {
                map.remove(*key);
            } else {
                map.insert((*key).to_owned(), (*value).to_owned());
            }
        }
        let parts: Vec<String> = map.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
        if parts.is_empty() { "/".to_owned() } else { format!("/?{}", parts.join("&")) }
    }

    /// The rows to show, in order.
    pub(crate) fn rows<'a>(&self, snapshot: &'a Snapshot, watchlist: &[String]) -> Vec<&'a Row> {
        let every = self.all || !self.text.is_empty() || self.watched;
        let mut counts = [0_usize; 5];
        let mut rows: Vec<&Row> = snapshot
            .rows
            .iter()
            .filter(|r| self.passes(r, watchlist, every))
            .filter(|r| {
                let count = &mut counts[r.analysis.confidence_level as usize];
                *count += 1;
                every || *count <= TOP
            })
            .collect();
        rows.sort_by(|a, b| {
            let order = compare(a, b, self.sort);
            let order = if self.ascending { order } else { order.reverse() };
            order
                .then_with(|| b.analysis.composite_score.total_cmp(&a.analysis.composite_score))
                .then_with(|| a.symbol.cmp(&b.symbol))
        });
        rows
    }

    fn passes(&self, row: &Row, watchlist: &[String], every: bool) -> bool {
        let a = &row.analysis;
        let level = if self.levels.is_empty() {
            every || SHOWN.contains(&a.confidence_level)
        } else {
            self.levels.contains(&a.confidence_level)
        };
        level
            && self.min_volume.is_none_or(|v| a.volume_24h >= v * 1e6)
            && self.min_price.is_none_or(|v| a.current_price >= v)
            && self.max_price.is_none_or(|v| a.current_price <= v)
            && row.symbol.as_str().contains(&self.text)
            && (!self.watched || watchlist.iter().any(|w| w == row.symbol.as_str()))
    }
}

fn compare(a: &Row, b: &Row, column: &str) -> Ordering {
    if column == "symbol" {
        return a.symbol.cmp(&b.symbol);
    }
    value(a, column).total_cmp(&value(b, column))
}

fn value(row: &Row, column: &str) -> f64 {
    let a = &row.analysis;
    match column {
        "price" => a.current_price,
        "change" => a.indicators.velocity_1h,
        "score" => a.total_score,
        "rule" => a.probability_7_5,
        "calibrated" => row.calibrated_7_5.unwrap_or(-1.0),
        "composite" => a.composite_score,
        "volume" => a.volume_24h,
        "data" => row.data_age_ms as f64,
        "time" => a.timestamp as f64,
        _ => f64::from(a.confidence_level as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn reads_and_writes_the_address() {
        let c = Filters::parse("sort=price&dir=asc&level=ALTA,BAJA&vol=2.5&q=btc&lang=en").expect("right");
        assert_eq!((c.sort, c.ascending, c.text.as_str(), c.min_volume), ("price", true, "BTC", Some(2.5)));
        assert_eq!(c.levels, [Level::Alta, Level::Baja]);
        assert_eq!(c.url(&[("q", ""), ("sort", "score")]), "/?dir=asc&level=ALTA%2CBAJA&sort=score&vol=2.5");
        assert_eq!(Filters::parse("").expect("empty").url(&[]), "/");
        for bad in ["sort=x", "dir=up", "level=DESCARTADA", "vol=-1", "min=NaN", "view=x", "a=1"] {
            let refused = Filters::parse(bad).expect_err(bad);
            let key = bad.split('=').next().expect("a key");
            let problem = refused.problem(Language::En.texts());
            assert!(problem.status == 400 && problem.detail.contains(key), "{bad}: {refused}");
        }
        assert!(Filters::parse("sort=symbol").expect("right").ascending);
    }
}
