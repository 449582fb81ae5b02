//! A site with something on every page, the same each time.
#![expect(clippy::unwrap_used, reason = "test code")]

use crate::web::fixture::{Site, row};
use impulso::actors::ports::experiment::Entry;
use impulso::actors::ports::history::{
    HistoryBatch, HistoryStore, OutcomeRow, PredictionKind, PredictionRow,
};
use impulso::actors::ports::state::OperationalState;
use impulso::actors::ports::state::Scope;
use impulso::actors::view::ChannelStatus;
use impulso::domain::level_rules::LevelBasis;
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::ranking::ModelInputs;
use impulso::domain::report::Level;
use impulso::domain::symbol::Symbol;
use impulso::domain::time::{HOUR_MS, MINUTE_MS};
use impulso::web::WebConfig;

/// The moment of the alerts; the first snapshot's cut is 30 s later.
pub(crate) const CUT: MarketTime = MarketTime::from_ms(1_750_000_000_000);

/// Pairs of every level, alerts, mutes, favourites, a channel, judged predictions, a model and an experiment.
pub(crate) async fn site() -> Site {
    let site = Site::with_model(WebConfig::default());
    let mut rows = vec![row("AUSDT", 90.0, 2e6), row("=BUSDT", 72.0, 3e7), row("BUSDT", 72.0, 3e7)];
    rows.extend([row("CUSDT", 55.0, 5e6), row("币安USDT", 35.0, 9e6)]);
    rows[0].calibrated_7_5 = Some(42.5);
    (rows[0].level, rows[0].level_value) = (Level::Media, 42.5);
    rows[0].model_inputs = Some(ModelInputs::Full);
    site.publish(1, rows);
    for (symbol, minute) in [("AUSDT", 0), ("BUSDT", 5), ("AUSDT", 90)] {
        site.alert(symbol, (CUT - minute * MINUTE_MS).ms());
    }
    site.view.set_channel(ChannelStatus {
        name: "console".to_owned(),
        pending: 3,
        ..ChannelStatus::default()
    });
    predictions(&site).await;
    site.state.put("experiment_report", include_str!("../../support/experiment_report.json")).unwrap();
    for (what, arm) in [
        ("started", "challenger-model"),
        ("promoted", "one"),
        ("rolled_back", ""),
        ("refused", "two"),
        ("failed", "rule"),
    ] {
        let (what, arm) = (what.to_owned(), arm.to_owned());
        let by = if arm == "two" { "token:laptop" } else { "rule" }.to_owned();
        site.state
            .note(&Entry {
                id: 0,
                at: MachineTime::from_ms(CUT.ms()),
                what,
                arm,
                by,
                detail: "base, impulso-2".to_owned(),
            })
            .unwrap();
    }
    let secret = site.state.create_token("laptop", Scope::Operate, MachineTime::from_ms(1)).unwrap();
    let bearer = format!("Bearer {}", secret.secret);
    let operate = [("Authorization", bearer.as_str())];
    let muted = site.ask("POST", "/api/v1/mutes", &operate, r#"{"symbol":"CUSDT"}"#).await;
    assert_eq!(muted.status, 200, "{}", muted.text);
    assert_eq!(site.ask("PUT", "/api/v1/watchlist/AUSDT", &operate, "").await.status, 204);
    site
}

/// Predictions of four levels and two kinds: hits, misses, one void, one open.
async fn predictions(site: &Site) {
    let now = CUT + 30_000;
    let of = |n: i64, kind: PredictionKind, level: Level| {
        let (symbol, opened_at) = (Symbol::new("AUSDT"), now - 26 * HOUR_MS - n * 7 * MINUTE_MS);
        PredictionRow {
            arm: String::new(),
            key: format!("{}-{symbol}-{opened_at}-{level}", kind.as_str()),
            kind,
            symbol,
            opened_at,
            level,
            ladder: LevelBasis::Rule,
            price: 0.5,
            total_score: 88.0,
            probability_7_5: 10.0 + (n % 50) as f64,
            calibrated_7_5: (n % 2 == 0).then_some(12.5),
            profile: "base".to_owned(),
            model: "impulso-1".to_owned(),
            features: Vec::new(),
        }
    };
    let predictions: Vec<PredictionRow> = (0..24)
        .map(|n| {
            let kind = [PredictionKind::Episode, PredictionKind::Alert][n as usize % 2];
            of(n, kind, Level::LISTED[n as usize / 2 % 4])
        })
        .collect();
    let outcomes = predictions[1..].iter().zip(0..).map(|(p, n)| OutcomeRow {
        key: p.key.clone(),
        symbol: p.symbol.clone(),
        opened_at: p.opened_at,
        resolved_at: p.opened_at + 25 * HOUR_MS,
        hit_4h: (n != 3).then_some(n % 6 == 0),
        hit_24h: (n != 3).then_some(n % 3 == 0),
        minutes_to_hit: (n % 3 == 0 && n != 3).then_some(300),
        greatest_rise_pct: if n % 3 == 0 { 8.0 } else { 2.5 },
        deepest_fall_pct: -3.25,
        void: (n == 3).then(|| "gap".to_owned()),
    });
    let outcomes = outcomes.collect();
    let batch = HistoryBatch { predictions, outcomes, ..HistoryBatch::default() };
    site.store.as_ref().unwrap().write(batch).await.unwrap();
}
