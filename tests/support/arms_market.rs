//! A made-up market for tests of arms: fast pairs hit, oversold ones do not, and only one profile knows it.

use impulso::domain::inputs::Inputs;
use impulso::domain::level_book::LevelBook;
use impulso::domain::level_rules::{LevelBasis, LevelRules};
use impulso::domain::moment::MarketTime;
use impulso::domain::ranking::{RankingFilters, Snapshot, rank};
use impulso::domain::report::{Analysis, Components, Factors, Indicators, Level, Readiness, Report};
use impulso::domain::score::apply::apply;
use impulso::domain::score::level::LevelThresholds;
use impulso::domain::score::profile::{Profile, Step};
use impulso::domain::symbol::Symbol;
use impulso::domain::time::HOUR_MS;
use impulso::learning::arms::ArmConfig;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::sync::Arc;

pub(crate) const HOURS_A_DAY: i64 = 24;
const PAIRS: usize = 20;

pub(crate) fn config() -> ArmConfig {
    let levels = LevelRules { calibrated: LevelThresholds::RULE, ..LevelRules::default() };
    ArmConfig { filters: RankingFilters::default(), levels, adapt: None }
}

/// Points for speed, none for being oversold.
pub(crate) fn sharp() -> Profile {
    let mut profile = Profile::default();
    profile.rsi.oversold_points = 0.0;
    profile.rsi.recovery_points = 0.0;
    profile.rsi.strength_points = 0.0;
    profile.macd.strong_points = 0.0;
    profile.macd.points = 0.0;
    profile.volume = vec![Step { from: 100.0, points: 5.0 }];
    profile.velocity = vec![Step { from: 3.0, points: 80.0 }];
    profile
}

pub(crate) struct Market {
    random: Pcg64,
    cycle: u64,
    levels: LevelBook,
}

impl Market {
    pub(crate) fn new() -> Self {
        Self { random: Pcg64::seed_from_u64(5), cycle: 0, levels: LevelBook::empty(config().levels) }
    }

    /// Fast pairs are odd ones in hours that a rule picks; they hit three times of four.
    fn fast(pair: usize, hour: i64) -> bool {
        pair % 2 == 1 && (hour + pair as i64) % 4 == 0
    }

    /// Strong by the base profile: even pairs.
    fn tempting(pair: usize, hour: i64) -> bool {
        pair.is_multiple_of(2) && (hour + pair as i64) % 4 == 1
    }

    pub(crate) fn tempts(symbol: &str, hour: i64) -> bool {
        let pair: usize = symbol[1..3].parse().expect("a number");
        Self::tempting(pair, hour) && (hour / 4 + pair as i64) % 4 != 0
    }

    pub(crate) fn hits(&self, symbol: &str, hour: i64) -> bool {
        let pair: usize = symbol[1..3].parse().expect("a number");
        Self::fast(pair, hour) && (hour / 4 + pair as i64) % 4 != 0
    }

    pub(crate) fn snapshot(&mut self, as_of: MarketTime) -> Snapshot {
        self.cycle += 1;
        let hour = as_of.index(HOUR_MS);
        let reports = (0..PAIRS).map(|pair| self.report(pair, hour, as_of)).collect();
        let mut snapshot = rank(self.cycle, as_of, reports, &RankingFilters::default());
        self.levels.apply(&mut snapshot, LevelBasis::Rule);
        snapshot
    }

    fn report(&mut self, pair: usize, hour: i64, as_of: MarketTime) -> Report {
        let fast = Self::fast(pair, hour);
        // The base profile sees strength, volume and MACD in slow pairs.
        let tempting = Self::tempting(pair, hour);
        let indicators = Indicators {
            rsi_14: if tempting { 25.0 } else { 50.0 },
            macd: if tempting { 2.0 } else { 0.0 },
            macd_signal: 1.0,
            macd_histogram: if tempting { 1.0 } else { -1.0 },
            volume_ratio: if tempting { 600.0 } else { 120.0 },
            velocity_1h: match (fast, tempting) {
                (true, _) => 4.0,
                (_, true) => 2.0,
                _ => self.random.random_range(-1.0..1.0),
            },
            atr_14: 1.0,
            volatility_24h: 9.0,
            ..Indicators::default()
        };
        let mut analysis = Analysis {
            timestamp: as_of,
            current_price: 10.0,
            volume_24h: 5e6,
            total_score: 0.0,
            components: Components::default(),
            indicators,
            probability_7_5: 0.0,
            factors: Factors::default(),
            composite_score: 0.0,
            confidence_level: Level::Descartada,
            btc_analyzable: true,
            resistance: None,
            pause_jump: false,
            inputs: Inputs { breakout_high: 10.0, ..Inputs::default() },
        };
        apply(&mut analysis, &Profile::default());
        let readiness = Readiness {
            reason: None,
            data_age_ms: Some(0),
            ready_candles: 1,
            needed_candles: 1,
            refilled: false,
            awaits_hours: false,
        };
        let symbol = Symbol::new(&format!("P{pair:02}USDT"));
        Report { symbol, readiness, analysis: Some(Arc::new(analysis)) }
    }
}
