//! The market-wide snapshot of one cycle.

use crate::domain::allowed::{Allowed, Values::Range};
use crate::domain::level_book::memory::LevelMemory;
use crate::domain::level_rules::LevelBasis;
use crate::domain::market_move::MarketMove;
use crate::domain::moment::MarketTime;
use crate::domain::named::named;
use crate::domain::report::{Analysis, Level, NotReady, Report};
use crate::domain::symbol::Symbol;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An analyzable pair with its scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub symbol: Symbol,
    pub analysis: Arc<Analysis>,
    /// Learned, calibrated chance 0-100; `None` without a model.
    pub calibrated_7_5: Option<f64>,
    /// The level in force: DESCARTADA until `LevelBook` has looked at the row.
    pub level: Level,
    /// What it goes by: the calibrated chance where there is one, else the total score, 0-100.
    pub level_value: f64,
    /// When the open episode of this level began; `None` where the level was there at first sight or was fallen to.
    pub episode: Option<MarketTime>,
    /// Did the model have everything it was trained with, and did it give a chance; `None` without a model.
    #[serde(default)]
    pub model_inputs: Option<ModelInputs>,
    /// The model's features at the cut, in the order of the feature table: for the ledger and the explanation.
    #[serde(skip)]
    pub features: Option<Arc<[f32]>>,
    /// What the model said before the calibration followed the market, log odds.
    #[serde(skip)]
    pub log_odds: Option<f64>,
    /// Market time since the newest news of the pair, ms.
    pub data_age_ms: i64,
}

impl Row {
    /// What its level is made of.
    pub const fn basis(&self) -> LevelBasis {
        if self.calibrated_7_5.is_some() { LevelBasis::Calibrated } else { LevelBasis::Rule }
    }

    /// The number that its level goes by, 0-100.
    pub(crate) fn value(&self) -> f64 {
        self.calibrated_7_5.unwrap_or(self.analysis.total_score)
    }
}

/// Whether the days of hours behind a chance were known, and whether there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelInputs {
    /// Some of them are still missing.
    Partial,
    Full,
    /// What they give is no number: the pair has no chance and no level.
    Unusable,
}

named!(ModelInputs, "model inputs": { Partial = "partial", Full = "full", Unusable = "unusable" });

/// How much of the universe could be analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Pairs in the universe, halted ones included.
    pub universe: u32,
    /// Pairs with scores in this cycle.
    pub analyzable: u32,
    /// Pairs without, by reason in the order of `NotReady::ALL`.
    pub reasons: [u32; 4],
}

impl Coverage {
    /// Analyzable share, 0-1; 0 for an empty universe.
    pub(crate) fn ratio(&self) -> f64 {
        if self.universe == 0 { 0.0 } else { f64::from(self.analyzable) / f64::from(self.universe) }
    }
}

/// The result of one cycle: immutable, shared by everybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Number of the cycle since the start, from 1.
    pub cycle: u64,
    /// The cut: candles with an open time before it were used.
    pub as_of: MarketTime,
    /// Coverage of the universe.
    pub coverage: Coverage,
    /// From the cycle's tick to the published snapshot, ms of machine time.
    pub latency_ms: f64,
    /// Listed pairs: by level, then the level's value, then composite score, the greatest first; then symbol.
    pub rows: Vec<Row>,
    /// Pairs of level DESCARTADA within the price and volume limits, in the same order.
    pub discarded_rows: Vec<Row>,
    /// Analyzable pairs outside the limits, in the same order.
    #[serde(default)]
    pub outside_rows: Vec<Row>,
    /// One report for each pair of the universe, by symbol.
    pub reports: Arc<Vec<Report>>,
    /// Many FUERTE episodes within an hour, where the market is in the midst of them.
    #[serde(default)]
    pub market_move: Option<MarketMove>,
    /// What the levels of the next cycle go by: for whoever keeps it over a restart.
    #[serde(skip)]
    pub levels: Arc<LevelMemory>,
}

impl Snapshot {
    /// Every analyzable pair, outside the limits too.
    pub fn analyzable(&self) -> impl Iterator<Item = &Row> {
        self.candidates().chain(&self.outside_rows)
    }

    /// What the levels go by.
    pub(crate) fn basis(&self) -> LevelBasis {
        // A pair whose chance is no number has none, and says nothing about the others.
        let by_model = |row: &Row| row.basis() == LevelBasis::Calibrated || row.model_inputs.is_some();
        let calibrated = self.analyzable().any(by_model);
        if calibrated { LevelBasis::Calibrated } else { LevelBasis::Rule }
    }

    /// Pairs of which the model's answer is no number.
    pub(crate) fn without_chance(&self) -> impl Iterator<Item = &Row> {
        self.analyzable().filter(|row| row.model_inputs == Some(ModelInputs::Unusable))
    }

    /// The row of an analyzable pair.
    pub(crate) fn row(&self, symbol: &str) -> Option<&Row> {
        self.analyzable().find(|row| row.symbol.as_str() == symbol)
    }

    /// Every pair that passes the price and volume limits: listed ones and those of level DESCARTADA.
    pub fn candidates(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().chain(&self.discarded_rows)
    }
}

/// Which pairs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct RankingFilters {
    /// Least quote volume of 24 h, USDT.
    pub min_volume_24h: f64,
    /// Lowest price, USDT.
    pub min_price: f64,
    /// Highest price, USDT.
    pub max_price: f64,
}

/// A limit that a pair misses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Missed {
    /// As in the settings.
    pub(crate) name: &'static str,
    pub(crate) limit: f64,
    pub(crate) value: f64,
}

impl Default for RankingFilters {
    fn default() -> Self {
        Self { min_volume_24h: 1e6, min_price: 0.01, max_price: 1_000.0 }
    }
}

impl RankingFilters {
    pub(crate) const ALLOWED: Allowed = &[
        ("min_volume_24h", Range(0.0, 1e15)),
        ("min_price", Range(0.0, 1e12)),
        ("max_price", Range(0.0, 1e12)),
    ];

    /// Is a pair with these scores within the limits, both ends included.
    pub(crate) fn pass(&self, analysis: &Analysis) -> bool {
        self.missed(analysis).is_none()
    }

    /// The first limit that a pair with these scores misses.
    pub(crate) fn missed(&self, analysis: &Analysis) -> Option<Missed> {
        let (volume, price) = (analysis.volume_24h, analysis.current_price);
        let limits = [
            ("min_volume_24h", self.min_volume_24h, volume, volume >= self.min_volume_24h),
            ("min_price", self.min_price, price, price >= self.min_price),
            ("max_price", self.max_price, price, price <= self.max_price),
        ];
        let missed = limits.into_iter().find(|(.., kept)| !kept);
        missed.map(|(name, limit, value, _)| Missed { name, limit, value })
    }
}

/// Makes the snapshot of a cycle: counts and filters. All rows within the limits are DESCARTADA until `LevelBook` has given
/// levels. `latency_ms` is left at 0 for the caller.
pub fn rank(cycle: u64, as_of: MarketTime, mut reports: Vec<Report>, filters: &RankingFilters) -> Snapshot {
    reports.sort_by(|a, b| a.symbol.cmp(&b.symbol));
    let mut coverage = Coverage { universe: reports.len() as u32, ..Coverage::default() };
    let (mut discarded_rows, mut outside_rows) = (Vec::with_capacity(reports.len()), Vec::new());
    for report in &reports {
        let Some(analysis) = &report.analysis else {
            let reason = report.readiness.reason.unwrap_or(NotReady::WarmingUp);
            coverage.reasons[reason as usize] += 1;
            continue;
        };
        coverage.analyzable += 1;
        let row = Row {
            symbol: report.symbol.clone(),
            analysis: Arc::clone(analysis),
            calibrated_7_5: None,
            level: Level::Descartada,
            level_value: analysis.total_score,
            episode: None,
            model_inputs: None,
            features: None,
            log_odds: None,
            data_age_ms: report.readiness.data_age_ms.unwrap_or(0),
        };
        if filters.pass(analysis) { &mut discarded_rows } else { &mut outside_rows }.push(row);
    }
    Snapshot {
        cycle,
        as_of,
        coverage,
        latency_ms: 0.0,
        rows: Vec::new(),
        discarded_rows,
        outside_rows,
        reports: Arc::new(reports),
        market_move: None,
        levels: Arc::default(),
    }
}
