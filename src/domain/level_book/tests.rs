//! Levels entered, held and left; episodes; gaps, limits and restarts. Scores of the rule: lines at 85, 70, 50, 30.

use super::LevelBook;
use super::memory::LevelMemory;
use crate::domain::level_rules::{LevelBasis, LevelRules};
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{RankingFilters, Row, Snapshot, rank};
use crate::domain::report::{Analysis, Components, Factors, Indicators, Level, NotReady, Readiness, Report};
use crate::domain::symbol::Symbol;
use std::sync::Arc;

/// One pair at one cut.
#[derive(Debug, Clone, Copy)]
struct Cell {
    score: Option<f64>,
    breakout: f64,
    chance: Option<f64>,
    volume: f64,
    awaits_hours: bool,
}

const fn at(score: f64) -> Cell {
    Cell { score: Some(score), breakout: 0.0, chance: None, volume: 5e6, awaits_hours: false }
}

const fn awaiting(score: f64) -> Cell {
    Cell { awaits_hours: true, ..at(score) }
}

const GONE: Cell = Cell { score: None, ..at(0.0) };

fn snapshot(at_s: i64, cells: &[(&str, Cell)]) -> Snapshot {
    let as_of = MarketTime::from_ms(at_s * 1_000);
    let report = |(name, cell): &(&str, Cell)| Report {
        symbol: Symbol::new(name),
        readiness: Readiness {
            reason: cell.score.is_none().then_some(NotReady::Gap),
            awaits_hours: cell.awaits_hours,
            ..Readiness::default()
        },
        analysis: cell.score.map(|score| {
            Arc::new(Analysis {
                timestamp: as_of,
                current_price: 1.0,
                volume_24h: cell.volume,
                total_score: score,
                components: Components { breakout: cell.breakout, ..Components::default() },
                indicators: Indicators::default(),
                probability_7_5: 40.0,
                factors: Factors::default(),
                composite_score: score,
                confidence_level: Level::Descartada,
                btc_analyzable: true,
                resistance: None,
                pause_jump: false,
                inputs: crate::domain::inputs::Inputs::default(),
            })
        }),
    };
    let mut snapshot = rank(1, as_of, cells.iter().map(report).collect(), &RankingFilters::default());
    for row in snapshot.discarded_rows.iter_mut().chain(&mut snapshot.outside_rows) {
        row.calibrated_7_5 = cells.iter().find(|c| c.0 == row.symbol.as_str()).and_then(|c| c.1.chance);
    }
    snapshot
}

/// A market of one pair; every step is so many seconds after the one before.
struct Market {
    book: LevelBook,
    now_s: i64,
    basis: LevelBasis,
}

impl Market {
    fn new() -> Self {
        Self { book: LevelBook::empty(LevelRules::default()), now_s: 1_000_000, basis: LevelBasis::Rule }
    }

    /// Level of the pair, and whether an episode of it opens now; `None` without a row.
    fn step(&mut self, after_s: i64, cell: Cell) -> Option<(Level, bool)> {
        self.now_s += after_s;
        let mut snapshot = snapshot(self.now_s, &[("AUSDT", cell)]);
        self.book.apply(&mut snapshot, self.basis);
        let told = |row: &Row| (row.level, row.episode == Some(snapshot.as_of));
        snapshot.row("AUSDT").map(told)
    }

    fn levels(&mut self, after_s: i64, scores: &[f64]) -> Vec<Level> {
        scores.iter().filter_map(|score| self.step(after_s, at(*score))).map(|(level, _)| level).collect()
    }
}

use Level::{Alta, Baja, Descartada, Fuerte, Media};

#[test]
fn a_level_is_entered_when_it_has_held_and_left_when_it_has_not() {
    // Cycles of 30 s: the one before counts too.
    let mut market = Market::new();
    assert_eq!(
        market.levels(30, &[20.0, 71.0, 69.0, 70.0, 70.0]),
        [Descartada, Descartada, Media, Media, Alta]
    );
    assert_eq!(market.levels(30, &[67.0, 66.9, 67.1, 66.9, 66.9]), [Alta, Alta, Alta, Alta, Media]);
    // Cycles of 10 s: all four of half a minute.
    let mut market = Market::new();
    let scores = [20.0, 90.0, 90.0, 90.0, 90.0, 90.0];
    assert_eq!(market.levels(10, &scores), [Descartada, Descartada, Descartada, Descartada, Fuerte, Fuerte]);
    assert_eq!(market.levels(10, &[60.0; 4]), [Fuerte, Fuerte, Fuerte, Media]);
    // Longer steps: each one alone.
    let mut market = Market::new();
    assert_eq!(
        market.levels(3_600, &[20.0, 90.0, 83.0, 81.9, 49.0]),
        [Descartada, Fuerte, Fuerte, Alta, Baja]
    );
}

#[test]
fn a_breakout_needs_no_second_cycle_for_fuerte() {
    let mut market = Market::new();
    market.step(30, at(20.0));
    assert_eq!(market.step(30, Cell { breakout: 10.0, ..at(85.0) }), Some((Fuerte, true)));
    let mut market = Market::new();
    market.step(30, at(20.0));
    assert_eq!(market.step(30, Cell { breakout: 9.9, ..at(85.0) }), Some((Descartada, false)));
    let mut market = Market::new();
    market.step(30, at(20.0));
    assert_eq!(
        market.step(30, Cell { breakout: 15.0, ..at(84.9) }),
        Some((Descartada, false)),
        "FUERTE alone"
    );
}

#[test]
fn an_episode_opens_with_a_rise_and_ends_two_hours_below() {
    let mut market = Market::new();
    assert_eq!(market.step(600, at(90.0)), Some((Fuerte, false)), "the first sight is no rise");
    assert_eq!(market.step(600, at(75.0)), Some((Alta, false)), "a fall opens none");
    assert_eq!(market.step(600, at(90.0)), Some((Fuerte, true)));
    assert_eq!(market.step(600, at(60.0)), Some((Media, false)));
    assert_eq!(market.step(600, at(90.0)), Some((Fuerte, false)), "the same episode");
    assert_eq!(market.step(600, at(60.0)), Some((Media, false)));
    for _ in 0..11 {
        assert_eq!(market.step(600, at(60.0)), Some((Media, false)));
    }
    assert_eq!(market.step(600, at(71.0)), Some((Alta, true)));
    assert_eq!(market.step(600, at(90.0)), Some((Fuerte, true)), "two hours below FUERTE: another one");
}

#[test]
fn a_gap_keeps_the_level_for_two_minutes_and_a_return_within_two_hours_is_no_rise() {
    let mut market = Market::new();
    market.levels(30, &[20.0, 90.0, 90.0]);
    assert_eq!(market.step(30, GONE), None);
    assert_eq!(market.step(60, at(90.0)), Some((Fuerte, false)));
    for _ in 0..5 {
        market.step(30, GONE);
    }
    assert_eq!(market.step(30, at(60.0)), Some((Media, false)), "nothing is held any more");
    for _ in 0..300 {
        market.step(30, GONE);
    }
    assert_eq!(market.step(30, at(90.0)), Some((Fuerte, true)), "nobody knows what it was");
}

#[test]
fn a_cycle_without_the_pair_confirms_nothing() {
    let mut market = Market::new();
    market.step(30, at(20.0));
    market.step(60, GONE);
    assert_eq!(market.step(30, at(90.0)), Some((Descartada, false)), "half a minute ago nobody could say");
    assert_eq!(market.step(30, at(90.0)), Some((Fuerte, true)));
}

#[test]
fn who_follows_takes_the_others_levels_but_not_over_what_came_later_here() {
    let mut sending = Market::new();
    sending.levels(30, &[20.0, 90.0, 90.0]);
    let mut own = Market::new();
    own.levels(30, &[20.0, 20.0, 20.0]);
    own.book.follow(&sending.book.memory);
    assert_eq!(own.step(30, at(83.0)), Some((Fuerte, false)), "held as there");

    let mut ahead = Market::new();
    ahead.levels(30, &[20.0, 90.0, 90.0, 60.0, 60.0]);
    assert_eq!(ahead.step(30, at(60.0)), Some((Media, false)));
    ahead.book.follow(&sending.book.memory);
    assert_eq!(ahead.step(30, at(83.0)), Some((Media, false)), "the other has not seen the fall yet");
    sending.levels(30, &[90.0; 3]);
    ahead.book.follow(&sending.book.memory);
    assert_eq!(ahead.step(30, at(83.0)), Some((Fuerte, false)), "it has seen the same cycles, and held");
}

#[test]
fn outside_the_limits_a_level_runs_on_in_silence() {
    let mut market = Market::new();
    let outside = |score| Cell { volume: 5e5, ..at(score) };
    market.step(30, outside(20.0));
    market.step(30, outside(90.0));
    assert_eq!(market.step(30, outside(90.0)), Some((Fuerte, false)));
    assert_eq!(market.step(30, at(90.0)), Some((Fuerte, true)), "within the limits: a rise");
    assert_eq!(market.step(30, outside(90.0)), Some((Fuerte, false)));
    assert_eq!(market.step(30, at(90.0)), Some((Fuerte, false)), "the episode goes on");
}

#[test]
fn a_restart_goes_on_and_after_hours_begins_anew() {
    let restarted = |after_s: i64, score: f64| {
        let mut market = Market::new();
        market.levels(30, &[20.0, 72.0, 72.0]);
        let kept = serde_json::to_string(&*market.book.memory).expect("JSON");
        let memory: LevelMemory = serde_json::from_str(&kept).expect("JSON");
        assert!(memory.matters_like(&market.book.memory));
        market.book = LevelBook::new(LevelRules::default(), Arc::new(memory));
        market.step(after_s, at(score))
    };
    assert_eq!(restarted(3_600, 68.0), Some((Alta, false)), "held");
    assert_eq!(restarted(3_600, 90.0), Some((Fuerte, true)), "it has risen meanwhile");
    assert_eq!(restarted(7_230, 90.0), Some((Fuerte, false)), "too long ago");
    assert_eq!(restarted(-60, 90.0), Some((Fuerte, false)), "market time came down");
}

#[test]
fn other_numbers_begin_anew_and_a_pair_without_its_chance_has_no_level() {
    let mut market = Market::new();
    market.levels(30, &[20.0, 20.0]);
    market.basis = LevelBasis::Calibrated;
    let sure = Cell { chance: Some(61.0), ..at(20.0) };
    assert_eq!(market.step(30, sure), Some((Fuerte, false)), "from the rule to the model is no rise");
    assert_eq!(market.step(30, Cell { chance: Some(20.0), ..at(99.0) }), Some((Fuerte, false)));
    assert_eq!(market.step(30, Cell { chance: Some(20.0), ..at(99.0) }), Some((Baja, false)));
    assert_eq!(market.step(30, at(99.0)), Some((Descartada, false)), "never the rule's");
}

#[test]
fn rows_stand_by_level_then_value_then_composite_then_name() {
    let mut book = LevelBook::empty(LevelRules::default());
    let chance = |score, chance| Cell { chance: Some(chance), ..at(score) };
    let cells = [
        ("AUSDT", chance(99.0, 20.0)),
        ("BUSDT", chance(1.0, 61.0)),
        ("CUSDT", chance(2.0, 61.0)),
        ("DUSDT", chance(50.0, 70.0)),
        ("EUSDT", chance(50.0, 3.0)),
        ("FUSDT", Cell { volume: 1.0, ..chance(50.0, 99.0) }),
        ("GUSDT", chance(2.0, 61.0)),
    ];
    let mut snapshot = snapshot(60, &cells);
    book.apply(&mut snapshot, LevelBasis::Calibrated);
    let names = |rows: &[Row]| rows.iter().map(|row| row.symbol.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&snapshot.rows), ["DUSDT", "CUSDT", "GUSDT", "BUSDT", "AUSDT"]);
    assert_eq!(names(&snapshot.discarded_rows), ["EUSDT"]);
    assert_eq!(names(&snapshot.outside_rows), ["FUSDT"]);
}

#[test]
fn no_episode_opens_before_the_days_are_known() {
    let mut market = Market::new();
    assert_eq!(market.step(30, awaiting(20.0)), Some((Descartada, false)));
    assert_eq!(market.step(30, awaiting(90.0)), Some((Fuerte, false)), "shown as it is, and no rise");
    assert_eq!(market.step(30, awaiting(60.0)), Some((Media, false)));
    assert_eq!(market.step(30, at(90.0)), Some((Fuerte, false)), "the first sight with all that counts");
    market.levels(30, &[20.0, 20.0]);
    assert_eq!(market.levels(30, &[90.0, 90.0]), [Descartada, Fuerte]);
    assert!(market.step(30, at(90.0)).is_some_and(|(level, _)| level == Fuerte));
    // A level that was known before stands until they are.
    assert_eq!(market.step(30, awaiting(20.0)), Some((Fuerte, false)));
    assert_eq!(market.step(300, awaiting(20.0)), Some((Fuerte, false)));
    assert_eq!(market.levels(30, &[20.0, 20.0]), [Fuerte, Descartada]);
}

#[test]
fn who_comes_within_the_limits_while_days_are_awaited_rises_when_they_are_known() {
    let mut market = Market::new();
    let outside = Cell { volume: 9e5, ..awaiting(90.0) };
    assert_eq!(market.step(30, outside), Some((Fuerte, false)));
    assert_eq!(market.step(30, awaiting(90.0)), Some((Fuerte, false)));
    assert_eq!(market.step(30, at(90.0)), Some((Fuerte, true)));
}

#[test]
fn a_restart_while_days_are_awaited_makes_no_rise_of_it() {
    let mut market = Market::new();
    market.step(30, awaiting(20.0));
    let json = serde_json::to_string(&market.book.memory).unwrap();
    let memory: LevelMemory = serde_json::from_str(&json).unwrap();
    market.book = LevelBook::new(LevelRules::default(), Arc::new(memory));
    market.step(30, awaiting(20.0));
    assert_eq!(market.step(30, at(90.0)), Some((Fuerte, false)));
}
