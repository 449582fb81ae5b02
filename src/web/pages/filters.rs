//! What of the ranking the market view shows: order, filters and columns, read from the address.
//! `web/filters.js` does the same in the browser.

use crate::domain::ranking::{Row, Snapshot};
use crate::domain::report::Level;
use crate::web::api::ranking::levels;
use crate::web::problem::ApiError;
use crate::web::query;
use serde::de::{self, Deserialize, Deserializer};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use utoipa::IntoParams;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// Rows of each level, unless all are asked for. All levels of ten rows fit on a screen or two.
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
/// The parameters of the market view.
#[derive(Debug, Default, serde::Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct FilterParams {
    /// Read by `Visit`.
    lang: Option<String>,
    #[param(schema_with = sorts)]
    sort: Option<String>,
    #[param(schema_with = directions)]
    dir: Option<String>,
    #[serde(deserialize_with = "query::list")]
    #[param(schema_with = levels)]
    level: Option<Vec<Level>>,
    #[serde(deserialize_with = "amount")]
    vol: Option<f64>,
    #[serde(deserialize_with = "amount")]
    min: Option<f64>,
    #[serde(deserialize_with = "amount")]
    max: Option<f64>,
    q: String,
    #[param(schema_with = views)]
    view: Option<String>,
    #[param(schema_with = on)]
    watch: Option<String>,
}

fn one_of(names: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.iter().copied())).into()
}

fn sorts() -> RefOr<Schema> {
    one_of(&COLUMNS)
}

fn directions() -> RefOr<Schema> {
    one_of(&["asc", "desc"])
}

fn views() -> RefOr<Schema> {
    one_of(&["top", "all"])
}

fn on() -> RefOr<Schema> {
    one_of(&["1"])
}

/// A number of 0 or more; nothing in an empty field of the form.
fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let value = text.parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0);
    if value.is_some() || text.is_empty() { Ok(value) } else { Err(de::Error::custom("0.5")) }
}

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

impl Filters {
    /// Reads the address.
    ///
    /// # Errors
    /// 400 that names the wrong parameter and what is allowed.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let asked: FilterParams = query::read(text)?;
        let sort = COLUMNS.into_iter().find(|c| asked.sort.as_deref() == Some(c)).unwrap_or("level");
        let mut raw = query::map(text);
        raw.remove("lang");
        Ok(Self {
            sort,
            ascending: asked.dir.map_or_else(|| rises(sort), |dir| dir == "asc"),
            levels: asked.level.unwrap_or_default(),
            min_volume: asked.vol,
            min_price: asked.min,
            max_price: asked.max,
            text: asked.q.trim().to_uppercase(),
            all: asked.view.as_deref() == Some("all"),
            watched: asked.watch.is_some(),
            raw,
        })
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
        if map.is_empty() { "/".to_owned() } else { format!("/?{}", query::pairs(&map)) }
    }

    /// The rows to show, in order.
    pub(crate) fn rows<'a>(&self, snapshot: &'a Snapshot, watchlist: &[String]) -> Vec<&'a Row> {
        let every = self.all || !self.text.is_empty() || self.watched;
        let mut counts = [0_usize; 5];
        let mut rows: Vec<&Row> = snapshot
            .candidates()
            .filter(|r| self.passes(r, watchlist, every))
            .filter(|r| {
                let count = &mut counts[r.level as usize];
                *count += 1;
                every || *count <= TOP
            })
            .collect();
        // After the counts, which go by the ranking's own order.
        rows.sort_by(|a, b| {
            let order = compare(a, b, self.sort);
            let order = if self.ascending { order } else { order.reverse() };
            order
                .then_with(|| b.level_value.total_cmp(&a.level_value))
                .then_with(|| b.analysis.composite_score.total_cmp(&a.analysis.composite_score))
                .then_with(|| a.symbol.cmp(&b.symbol))
        });
        rows
    }

    fn passes(&self, row: &Row, watchlist: &[String], every: bool) -> bool {
        let a = &row.analysis;
        let level = if self.levels.is_empty() {
            every && row.level > Level::Descartada || self.watched || SHOWN.contains(&row.level)
        } else {
            self.levels.contains(&row.level)
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
        "time" => a.timestamp.ms() as f64,
        _ => f64::from(row.level as u8),
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
        for bad in ["sort=x", "dir=up", "level=MUCHA", "vol=-1", "min=NaN", "view=x", "a=1"] {
            let refused = Filters::parse(bad).expect_err(bad);
            let key = bad.split('=').next().expect("a key");
            let problem = refused.problem(Language::En.texts());
            assert!(problem.status == 400 && problem.detail.contains(key), "{bad}: {refused}");
        }
        assert!(Filters::parse("sort=symbol").expect("right").ascending);
    }
}
