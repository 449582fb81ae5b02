//! Scores of full minutes, held against those of an analysis that was given the exchange's candles and nothing else.

use super::world::World;
use impulso::domain::analysis::{AnalysisConfig, BtcContext, SymbolAnalysis};
use impulso::domain::candle::Candle;
use impulso::domain::moment::MarketTime;
use impulso::domain::ranking::Snapshot;
use impulso::domain::report::Report;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{Interval, MINUTE_MS};
use std::sync::Arc;

/// Candles that a fresh scanner asks for.
const BARS: i64 = 1_000;
const MINUTES: i64 = 1_620;

pub(crate) struct Reference(Arc<AnalysisConfig>);

impl Reference {
    pub(crate) fn new() -> Self {
        let config = AnalysisConfig::new(Interval::M1, Interval::M15, super::life::profile());
        Self(Arc::new(config.expect("sound")))
    }

    /// Every analysed pair of a snapshot of a full minute has the scores of a fresh scanner, to the bit.
    pub(crate) fn check(&self, world: &World, snapshot: &Snapshot) {
        let as_of = snapshot.as_of;
        let oldest = as_of - (BARS + 1) * Interval::M15.ms();
        let spoiled = |name: &str| world.spoiled(name, oldest, as_of);
        if spoiled("BTCUSDT") {
            return;
        }
        let btc = self.fresh(world, "BTCUSDT", as_of).btc_context(as_of, as_of);
        for said in snapshot.reports.iter().filter(|r| r.analysis.is_some() && !spoiled(r.symbol.as_str())) {
            let truth = self.report(world, said.symbol.as_str(), as_of, &btc);
            // In the middle of a pause: the running scanner knows the close before it, a fresh one would not ask so far back.
            let oldest = Interval::M1.floor(as_of) - MINUTES * MINUTE_MS;
            if truth.analysis.is_none() && world.market.minute(said.symbol.as_str(), oldest).is_none() {
                world.count("fresh windows that begin in a pause");
                continue;
            }
            world.count("checked scores");
            if let Some(why) = differs(said, &truth) {
                world.wrong(format!("score of {} at {as_of}: {why}", said.symbol));
            }
        }
    }

    fn report(&self, world: &World, name: &str, as_of: MarketTime, btc: &BtcContext) -> Report {
        self.fresh(world, name, as_of).report(as_of, as_of, btc)
    }

    fn fresh(&self, world: &World, name: &str, as_of: MarketTime) -> SymbolAnalysis {
        let candles = |interval: Interval, count: i64| -> Vec<Candle> {
            let from = interval.floor(as_of) - count * interval.ms();
            let times = from.steps(interval.ms(), as_of);
            times.filter_map(|t| world.market.candle(name, interval, t, as_of)).collect()
        };
        let mut analysis = SymbolAnalysis::new(Symbol::new(name), Arc::clone(&self.0));
        analysis.load(&candles(Interval::M15, BARS), &candles(Interval::M1, MINUTES), as_of);
        analysis
    }
}

fn differs(said: &Report, truth: &Report) -> Option<String> {
    let (Some(said), Some(truth)) = (&said.analysis, &truth.analysis) else {
        return Some(format!("a fresh scanner has none: {:?}", truth.readiness));
    };
    let pairs = [
        ("price", said.current_price, truth.current_price),
        ("volume", said.volume_24h, truth.volume_24h),
        ("score", said.total_score, truth.total_score),
        ("probability", said.probability_7_5, truth.probability_7_5),
        ("composite", said.composite_score, truth.composite_score),
        ("atr", said.indicators.atr_14, truth.indicators.atr_14),
        ("velocity", said.indicators.velocity_1h, truth.indicators.velocity_1h),
    ];
    let apart = pairs.into_iter().find(|(_, said, truth)| said.to_bits() != truth.to_bits());
    apart.map(|(what, said, truth)| format!("{what} {said} instead of {truth}"))
}
