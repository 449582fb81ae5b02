//! What the owner of the model tells the web server in these tests.

use impulso::actors::ports::experiment::{Calibration, Run, RunResult};
use impulso::domain::moment::{MachineTime, MarketTime};
use impulso::domain::ranking::ModelInputs;
use impulso::learning::evaluation::cases::Cases;
use impulso::learning::evaluation::daily::Precision;
use impulso::learning::evaluation::hits::Hits;
use impulso::learning::model::{Figures, LeftOut, TrainedOn};
use impulso::learning::scorer::{Contribution, Explanation};
use impulso::learning::why::{InPoints, PointsOf};
use impulso::web::model_in_force::{ExplanationBody, ModelBody, ModelInForceBody, ModelTeller};
use std::sync::Arc;

/// The rule alone.
pub(super) fn told() -> ModelTeller {
    Arc::new(|| Ok(ModelBody { model: None, calibrations: Vec::new(), retrain: None, retune: None }))
}

/// A model that was adapted once, and runs that went well and not.
pub(super) fn in_force() -> ModelBody {
    let trained = TrainedOn {
        from: "2022-11-01T00:00:00Z".to_owned(),
        to: "2024-11-01T00:00:00Z".to_owned(),
        pairs: 350,
        points: 4_000_000,
        base_rate: 0.061,
    };
    let run = |result| Run {
        at: MachineTime::from_ms(1_749_900_000_000),
        result,
        detail: "Brier 0.0812 against 0.0834".to_owned(),
    };
    ModelBody {
        model: Some(ModelInForceBody {
            name: "impulso-1".to_owned(),
            target: "hit_24h".to_owned(),
            features: 42,
            trees: 300,
            trained_on: vec![trained],
            shift_log_odds: -0.31,
            slope: 0.93,
            out_of_time: vec![Figures {
                split: "walk_forward".to_owned(),
                kind: "blend".to_owned(),
                points: 376_875,
                base_rate: 0.185,
                auc: 0.693,
                brier: 0.139,
                ece: 0.011,
                fuerte_points: 1_745,
                fuerte_precision: Some(0.627),
            }],
            left_out: vec![LeftOut {
                span: Some(["2024-01-18T00:00:00Z".to_owned(), "2024-04-30T00:00:00Z".to_owned()]),
                points: 240_497,
                base_rate: 0.205,
                auc: Some(0.713),
                ece: Some(0.007),
                fuerte: Precision {
                    judged: 148,
                    hits: 111,
                    precision: Some(0.75),
                    interval_90: Some([0.63, 0.83]),
                },
                moves: Hits { judged: 31, hits: 24 },
            }],
            moves: Hits { judged: 31, hits: 24 },
            cases: vec![Cases { from: 40.0, to: 45.0, judged: 1_200, hits: 507 }],
            shift_seen: 420.0,
            resolved_days: 12.0,
            drift: true,
        }),
        calibrations: vec![Calibration {
            version: 3,
            at: MarketTime::from_ms(1_749_990_000_000),
            model: "impulso-1".to_owned(),
            log_odds: -0.31,
            slope: 0.93,
            seen: 420.0,
            days: 12.0,
            drift: true,
        }],
        retrain: Some(run(RunResult::Made)),
        retune: Some(run(RunResult::Refused)),
    }
}

/// Contributions of two groups that add up to the chance.
pub(super) fn explained() -> ExplanationBody {
    let part = |feature: &str, group, value, log_odds| Contribution {
        feature: feature.to_owned(),
        group,
        value,
        log_odds,
    };
    let contributions = vec![
        part("velocity_1h", "movement", Some(4.2), 1.5),
        part("volume_ratio", "volume", Some(610.0), 0.7),
        part("rsi_14", "momentum", None, -0.2),
    ];
    let (start, shift) = (-2.0, -0.3);
    let explanation = Explanation { start, contributions, shift, log_odds: -0.3 };
    ExplanationBody {
        symbol: "AUSDT".into(),
        as_of: 1_750_000_030_000,
        model: "impulso-1".to_owned(),
        trained_from: Some("2022-11-01T00:00:00Z".to_owned()),
        trained_to: Some("2024-11-01T00:00:00Z".to_owned()),
        calibrated_7_5: 42.5,
        model_inputs: ModelInputs::Partial,
        points: InPoints {
            base: 18.24,
            largest: [
                ("movement", 16.91),
                ("volume", 9.04),
                ("adaptation", -3.35),
                ("momentum", -1.06),
                ("trend", 0.0),
            ]
            .map(|(group, points)| PointsOf { group, points })
            .to_vec(),
            rest: 2.72,
        },
        explanation,
    }
}
