//! What the history store is owed: alerts that it does not have, deliveries that changed, rows of the ledger.

use super::{at_most, outbox, put, rows};
use crate::actors::ports::state::{Owed, Reach};
use crate::domain::moment::MachineTime;
use crate::domain::prediction::{OutcomeRow, PredictionRow};
use rusqlite::{Connection, OptionalExtension, Result, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Key of the place in the outbox up to which the store has all deliveries.
const CURSOR: &str = "history_cursor";
const PREDICTION: &str = "prediction";
const OUTCOME: &str = "outcome";

fn add<T: Serialize>(t: &Connection, kind: &str, row: &T) -> Result<()> {
    let json =
        serde_json::to_string(row).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    t.prepare_cached("INSERT INTO ledger (kind, row) VALUES (?1, ?2)")?.execute([kind, &json]).map(|_| ())
}

pub(super) fn add_prediction(t: &Connection, row: &PredictionRow) -> Result<()> {
    add(t, PREDICTION, row)
}

pub(super) fn add_outcome(t: &Connection, row: &OutcomeRow) -> Result<()> {
    add(t, OUTCOME, row)
}

/// A row as it was kept. One that cannot be understood is told and left out; the others do not wait for it.
fn understood<T: DeserializeOwned>(kind: &str, json: &str) -> Option<T> {
    serde_json::from_str(json)
        .inspect_err(|error| tracing::error!(kind, %error, "a row that the history is owed cannot be read"))
        .ok()
}

fn cursor(c: &Connection) -> Result<(MachineTime, i64)> {
    let kept: Option<String> =
        c.query_row("SELECT value FROM kv WHERE key = ?1", [CURSOR], |row| row.get(0)).optional()?;
    let kept = kept.and_then(|text| serde_json::from_str(&text).ok());
    Ok(kept.unwrap_or((MachineTime::from_ms(i64::MIN), 0)))
}

pub(super) fn read(c: &Connection, limit: usize) -> Result<Owed> {
    let mut owed = Owed::default();
    let sql = "SELECT id, card FROM alerts WHERE NOT in_history ORDER BY created_at LIMIT ?1";
    let alerts = rows(c, sql, [at_most(limit)], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?)))?;
    for (id, card) in alerts {
        owed.alerts.extend(understood("alert", &card));
        owed.reach.alerts.push(id);
    }
    let sql = "SELECT id, kind, row FROM ledger ORDER BY id LIMIT ?1";
    let ledger = rows(c, sql, [at_most(limit)], |r| {
        Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?, r.get::<_, String>(2)?))
    })?;
    for (id, kind, row) in ledger {
        match kind.as_str() {
            PREDICTION => owed.predictions.extend(understood::<PredictionRow>(&kind, &row)),
            _ => owed.outcomes.extend(understood::<OutcomeRow>(&kind, &row)),
        }
        owed.reach.ledger = Some(id);
    }
    owed.deliveries = outbox::changed_since(c, cursor(c)?, limit)?;
    owed.reach.delivery = owed.deliveries.last().map(|last| (last.updated_at, last.id));
    Ok(owed)
}

pub(super) fn given(t: &Connection, reach: &Reach) -> Result<()> {
    let mut alert = t.prepare_cached("UPDATE alerts SET in_history = 1 WHERE id = ?1")?;
    reach.alerts.iter().try_for_each(|id| alert.execute([id]).map(|_| ()))?;
    if let Some(last) = reach.ledger {
        t.execute("DELETE FROM ledger WHERE id <= ?1", params![last])?;
    }
    match reach.delivery.map(|reached| serde_json::to_string(&reached)) {
        Some(Ok(text)) => put(t, CURSOR, &text),
        Some(Err(error)) => Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::ports::alerts::DeliveryState;
    use crate::actors::ports::alerts::{Outgoing, Settled};
    use crate::actors::ports::state::OperationalState;
    use crate::adapters::state::StateDb;
    use crate::domain::alert::message::{Message, Notice};
    use crate::domain::level_rules::LevelBasis;
    use crate::domain::prediction::PredictionKind;
    use crate::domain::report::Level;
    use crate::domain::symbol::Symbol;

    fn prediction(key: &str) -> PredictionRow {
        PredictionRow {
            key: key.into(),
            arm: String::new(),
            kind: PredictionKind::Sample,
            symbol: Symbol::new("AUSDT"),
            opened_at: 10,
            level: Level::Alta,
            ladder: LevelBasis::Rule,
            price: 9.3e-6,
            total_score: 50.0,
            probability_7_5: 12.34,
            calibrated_7_5: None,
            profile: "base".into(),
            model: String::new(),
            features: vec![0.1, f32::NAN, f32::MAX],
        }
    }

    fn outcome(key: &str) -> OutcomeRow {
        OutcomeRow {
            key: key.into(),
            symbol: Symbol::new("AUSDT"),
            opened_at: 10,
            resolved_at: 20,
            hit_4h: Some(true),
            hit_24h: None,
            minutes_to_hit: Some(3),
            greatest_rise_pct: 8.0,
            deepest_fall_pct: -1.0,
            void: None,
        }
    }

    fn keys(owed: &Owed) -> (Vec<&str>, Vec<&str>) {
        let predictions = owed.predictions.iter().map(|p| p.key.as_str()).collect();
        (predictions, owed.outcomes.iter().map(|o| o.key.as_str()).collect())
    }

    #[test]
    fn rows_are_owed_over_a_restart_until_they_are_given() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        db.open_predictions(&[prediction("a"), prediction("b")]).unwrap();
        db.open_predictions(&[prediction("b"), prediction("c")]).unwrap();
        db.judged_predictions(&["a".to_owned()], &[], &[outcome("a")]).unwrap();
        let now = MachineTime::from_ms(5);
        let message = Message::Notice { at: now, notice: Notice::ChannelBack { channel: "x".into() } };
        let outgoing = Outgoing { messages: vec![(message, vec!["y".into()])], policy_memory: None, now };
        db.enqueue(&outgoing).unwrap();
        drop(db);
        let db = StateDb::open(dir.path()).unwrap();
        let owed = db.owed_to_history(9).unwrap();
        assert_eq!(keys(&owed), (vec!["a", "b", "c"], vec!["a"]));
        assert_eq!(owed.deliveries.len(), 1);
        let features: Vec<u32> = owed.predictions[0].features.iter().map(|f| f.to_bits()).collect();
        assert_eq!(features, [0.1_f32, f32::NAN, f32::MAX].map(f32::to_bits), "also those that are missing");
        // What came meanwhile is owed on.
        db.open_predictions(&[prediction("d")]).unwrap();
        db.given_to_history(&owed.reach).unwrap();
        assert_eq!(keys(&db.owed_to_history(9).unwrap()), (vec!["d"], vec![]));
        assert_eq!(db.owed_to_history(9).unwrap().deliveries, []);
        let settled = Settled {
            state: DeliveryState::Sent,
            next_attempt_at: None,
            reason: None,
            receipt: None,
            counts: true,
        };
        db.settle(owed.deliveries[0].id, &settled, MachineTime::from_ms(6)).unwrap();
        assert_eq!(db.owed_to_history(9).unwrap().deliveries[0].state, DeliveryState::Sent);
        // A row that cannot be understood holds up none.
        db.write("test", |t| t.execute("UPDATE ledger SET row = 'x'", [])).unwrap();
        db.open_predictions(&[prediction("e")]).unwrap();
        let owed = db.owed_to_history(9).unwrap();
        assert_eq!(keys(&owed), (vec!["e"], vec![]));
        db.given_to_history(&owed.reach).unwrap();
        assert_eq!(db.owed_to_history(9).unwrap().reach, Reach::default());
        assert_eq!(db.open_prediction_count().unwrap(), 5);
    }
}
