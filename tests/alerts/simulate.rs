//! What `alerts simulate` says of stored scores is what the live policy did.

use impulso::actors::history::rows;
use impulso::actors::ports::history::{HistoryBatch, HistoryStore, Span};
use impulso::adapters::history::sqlite::SqliteHistory;
use impulso::app::history::simulate::simulate;
use impulso::domain::alert::{AlertPolicy, AlertPolicyConfig, Message};
use impulso::domain::level_book::LevelBook;
use impulso::domain::level_rules::{LevelBasis, LevelRules};
use impulso::domain::moment::MarketTime;
use impulso::domain::ranking::{RankingFilters, Snapshot, rank};
use impulso::domain::report::{Analysis, Components, Factors, Indicators, NotReady, Readiness, Report};
use impulso::domain::score::level::LevelThresholds;
use impulso::domain::symbol::Symbol;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::sync::Arc;

const START: MarketTime = MarketTime::from_ms(1_750_032_000_000);

fn report(name: &str, score: Option<f64>, breakout: f64) -> Report {
    let analysis = |score: f64| Analysis {
        timestamp: START,
        current_price: 1.25,
        volume_24h: 5e6,
        total_score: score,
        components: Components { breakout, ..Components::default() },
        indicators: Indicators::default(),
        probability_7_5: 40.0,
        factors: Factors::default(),
        composite_score: score,
        confidence_level: LevelThresholds::RULE.level(score),
        btc_analyzable: true,
        resistance: None,
        pause_jump: false,
        inputs: impulso::domain::inputs::Inputs::default(),
    };
    let readiness = Readiness {
        reason: score.is_none().then_some(NotReady::Gap),
        data_age_ms: Some(0),
        ready_candles: 1,
        needed_candles: 1,
        refilled: false,
        awaits_hours: false,
    };
    Report { symbol: Symbol::new(name), readiness, analysis: score.map(|s| Arc::new(analysis(s))) }
}

/// Six hours of thirty pairs that wander around the thresholds, with holes.
fn snapshots() -> Vec<Snapshot> {
    let mut random = Pcg64::seed_from_u64(3);
    let mut scores = vec![55.0_f64; 30];
    let mut levels = LevelBook::empty(LevelRules::default());
    let one = |cycle: i64| {
        let pair = |(n, score): (usize, &mut f64)| {
            *score = (*score + random.random_range(-6.0..6.0)).clamp(20.0, 99.0);
            let there = random.random_bool(0.99).then_some(*score);
            report(&format!("P{n:02}USDT"), there, random.random_range(0.0..15.0))
        };
        let reports: Vec<Report> = scores.iter_mut().enumerate().map(pair).collect();
        let mut snapshot = rank(cycle as u64, START + cycle * 30_000, reports, &RankingFilters::default());
        levels.apply(&mut snapshot, LevelBasis::Rule);
        snapshot
    };
    (0..720).map(one).collect()
}

#[actix_rt::test]
async fn a_replay_gives_the_alerts_that_were() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = SqliteHistory::open(&dir.path().join("history.db")).expect("a store");
    let mut policy = AlertPolicy::new(AlertPolicyConfig::default());
    let mut live: Vec<(MarketTime, String)> = Vec::new();
    for snapshot in snapshots() {
        let scores = rows::scores(&snapshot);
        store.write(HistoryBatch { scores, ..HistoryBatch::default() }).await.expect("written");
        let sent = policy.on_snapshot(&snapshot).messages;
        live.extend(sent.iter().flat_map(Message::alerts).map(|a| (snapshot.as_of, a.id.clone())));
    }
    let replay =
        simulate(&store, AlertPolicyConfig::default(), Span::ALL, |_, _| {}).await.expect("a replay");
    let replayed: Vec<(MarketTime, String)> =
        replay.alerts.iter().map(|(at, _, a)| (*at, a.id.clone())).collect();
    assert!(live.len() > 50 && replay.cycles == 720, "{} alerts", live.len());
    assert_eq!(replayed, live);
    assert!(replay.gap_ms.is_some_and(|(shortest, median)| shortest >= 30_000 && median >= 300_000));

    let strict = AlertPolicyConfig {
        levels: LevelRules { confirm: std::time::Duration::from_secs(600), ..LevelRules::default() },
        cooldown: std::time::Duration::from_secs(3_600),
        ..AlertPolicyConfig::default()
    };
    let fewer = simulate(&store, strict, Span::ALL, |_, _| {}).await.expect("a replay");
    assert!(fewer.alerts.len() * 3 < live.len() * 2, "{} of {}", fewer.alerts.len(), live.len());
    let hour = Span { from: START, to: START + 3_600_000 };
    let part = simulate(&store, AlertPolicyConfig::default(), hour, |_, _| {}).await.expect("a replay");
    assert_eq!(part.cycles, 120);
    let first = live.iter().filter(|(at, _)| *at < hour.to).count();
    assert_eq!(part.alerts.len(), first);
}
