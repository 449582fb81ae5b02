//! What the history store is owed: alerts that it does not have, deliveries that changed, rows of the ledger.

use super::schema::VALUE;
use super::{at_most, outbox, put, rows};
use crate::actors::ports::state::{Owed, Reach};
use crate::domain::moment::MachineTime;
use crate::domain::prediction::{OutcomeRow, PredictionKind, PredictionRow};
use rusqlite::{Connection, OptionalExtension, Result, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Key of the place in the outbox up to which the store has all deliveries.
const CURSOR: &str = "history_cursor";
const PREDICTION: &str = "prediction";
const OUTCOME: &str = "outcome";

/// Key of the count of predictions given up since the history last took something.
const GIVEN_UP: &str = "history_given_up";
/// Rows of the ledger that may wait, some 300 MB: three weeks of 500 pairs, or five days with four arms beside.
const MOST_WAITING: i64 = 500_000;
/// Predictions given up at once, so that the rows are not counted for each new one.
const GIVEN_UP_AT_ONCE: i64 = 5_000;

fn add<T: Serialize>(t: &Connection, kind: &str, row: &T, key: &str, spare: u8) -> Result<()> {
    let json =
        serde_json::to_string(row).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    let sql = "INSERT INTO ledger (kind, row, key, spare) VALUES (?1, ?2, ?3, ?4)";
    t.prepare_cached(sql)?.execute(params![kind, json, key, spare]).map(|_| ())
}

/// Hourly samples of arms in the shadow can be done without best, then those of what is in force; alerts and episodes, which tell
/// what users were told, never.
fn spare(row: &PredictionRow) -> u8 {
    match row.kind {
        PredictionKind::Sample if row.arm.is_empty() => 1,
        PredictionKind::Sample => 2,
        PredictionKind::Episode | PredictionKind::Alert => 0,
    }
}

pub(super) fn add_prediction(t: &Connection, row: &PredictionRow) -> Result<()> {
    add(t, PREDICTION, row, &row.key, spare(row))
}

pub(super) fn add_outcome(t: &Connection, row: &OutcomeRow) -> Result<()> {
    add(t, OUTCOME, row, &row.key, 0)
}

/// Gives up the oldest samples where too many rows wait for a history that has been away for long, with what was found out about
/// them; nothing of them is judged any more. An outcome whose prediction the history has stays.
pub(super) fn make_room(t: &Connection) -> Result<()> {
    // Numbers are never given twice: without a look at every row, at most so many are there.
    let numbers = "SELECT ifnull(max(id) - min(id) + 1, 0) FROM ledger";
    for count in [numbers, "SELECT count(*) FROM ledger"] {
        if t.prepare_cached(count)?.query_row([], |row| row.get::<_, i64>(0))? <= MOST_WAITING {
            return Ok(());
        }
    }
    let oldest = "SELECT key FROM ledger WHERE spare > 0 ORDER BY spare DESC, id LIMIT ?1";
    let keys = rows(t, oldest, [GIVEN_UP_AT_ONCE], |row| row.get::<_, String>(0))?;
    for sql in ["DELETE FROM open_predictions WHERE key = ?1", "DELETE FROM ledger WHERE key = ?1"] {
        let mut statement = t.prepare_cached(sql)?;
        keys.iter().try_for_each(|key| statement.execute([key]).map(|_| ()))?;
    }
    put(t, GIVEN_UP, &(given_up(t)? + keys.len() as u64).to_string())
}

fn given_up(c: &Connection) -> Result<u64> {
    let kept: Option<String> = c.prepare_cached(VALUE)?.query_row([GIVEN_UP], |row| row.get(0)).optional()?;
    Ok(kept.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// A row as it was kept. One that cannot be understood is told and left out; the others do not wait for it.
fn understood<T: DeserializeOwned>(kind: &str, json: &str) -> Option<T> {
    serde_json::from_str(json)
        .inspect_err(|error| tracing::error!(kind, %error, "a row that the history is owed cannot be read"))
        .ok()
}

fn cursor(c: &Connection) -> Result<(MachineTime, i64)> {
    let kept: Option<String> = c.prepare_cached(VALUE)?.query_row([CURSOR], |row| row.get(0)).optional()?;
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
    owed.given_up = given_up(c)?;
    owed.deliveries = outbox::changed_since(c, cursor(c)?, limit)?;
    owed.reach.delivery = owed.deliveries.last().map(|last| (last.updated_at, last.id));
    Ok(owed)
}

pub(super) fn given(t: &Connection, reach: &Reach) -> Result<()> {
    t.execute("DELETE FROM kv WHERE key = ?1", [GIVEN_UP])?;
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
    use crate::domain::moment::MarketTime;
    use crate::domain::symbol::Symbol;

    fn outcome(key: &str) -> OutcomeRow {
        OutcomeRow {
            key: key.into(),
            symbol: Symbol::new("AUSDT"),
            opened_at: MarketTime::from_ms(10),
            resolved_at: MarketTime::from_ms(20),
            hit_4h: Some(true),
            hit_24h: None,
            minutes_to_hit: Some(3),
            greatest_rise_pct: 8.0,
            deepest_fall_pct: -1.0,
            void: None,
        }
    }

    #[test]
    fn the_oldest_samples_of_the_shadow_are_given_up_first_and_alerts_never() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        let of = |key: &str, kind, arm: &str| PredictionRow {
            kind,
            arm: arm.into(),
            ..PredictionRow::sample(key)
        };
        let oldest = [
            of("alert", PredictionKind::Alert, ""),
            of("own", PredictionKind::Sample, ""),
            of("arm/1", PredictionKind::Sample, "arm"),
            of("arm/2", PredictionKind::Sample, "arm"),
            of("arm/episode", PredictionKind::Episode, "arm"),
        ];
        db.open_predictions(&oldest).unwrap();
        db.judged_predictions(&[], &["alert".to_owned()], &[outcome("alert"), outcome("arm/1")]).unwrap();
        // A history that was away for weeks, up to the bound.
        let fill = |kind: &str, rows: i64| {
            let sql = format!(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
                INSERT INTO ledger (kind, row, key, spare) SELECT 'outcome', 'x', '{kind}' || i, 0 FROM n"
            );
            db.write(|t| t.execute_batch(&sql)).unwrap();
        };
        fill("late", MOST_WAITING - 7);
        let there = |key: &str| {
            let sql = "SELECT count(*) FROM ledger WHERE key = ?1";
            db.read(|c| c.query_row(sql, [key], |row| row.get::<_, i64>(0))).unwrap()
        };
        let all = || oldest.each_ref().map(|p| there(&p.key));
        db.open_predictions(&[]).unwrap();
        assert_eq!(all(), [2, 1, 2, 1, 1], "as many as may wait");
        fill("later", 1);
        // No more are given up than there are.
        db.open_predictions(&[]).unwrap();
        assert_eq!((all(), db.owed_to_history(1).unwrap().given_up), ([2, 0, 0, 0, 1], 3));
        let open = db.due_predictions(MarketTime::MAX, MarketTime::MAX, 9).unwrap();
        assert_eq!(open.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(), ["arm/episode"]);
        db.given_to_history(&Reach { ledger: Some(i64::MAX), ..Reach::default() }).unwrap();
        assert_eq!(db.owed_to_history(1).unwrap().given_up, 0);

        let many = |arm: &str| {
            let one = |n| of(&format!("{arm}/{n}"), PredictionKind::Sample, arm);
            (0..GIVEN_UP_AT_ONCE).map(one).collect::<Vec<_>>()
        };
        db.open_predictions(&many("")).unwrap();
        db.open_predictions(&many("arm")).unwrap();
        fill("last", MOST_WAITING);
        db.open_predictions(&[]).unwrap();
        assert_eq!((there("/0"), there("arm/0"), there("arm/4999")), (1, 0, 0), "the shadow first");
    }

    fn keys(owed: &Owed) -> (Vec<&str>, Vec<&str>) {
        let predictions = owed.predictions.iter().map(|p| p.key.as_str()).collect();
        (predictions, owed.outcomes.iter().map(|o| o.key.as_str()).collect())
    }

    #[test]
    fn rows_are_owed_over_a_restart_until_they_are_given() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        db.open_predictions(&[PredictionRow::sample("a"), PredictionRow::sample("b")]).unwrap();
        db.open_predictions(&[PredictionRow::sample("b"), PredictionRow::sample("c")]).unwrap();
        db.judged_predictions(&["a".to_owned()], &[], &[outcome("a")]).unwrap();
        let now = MachineTime::from_ms(5);
        let message = Message::Notice { at: now, notice: Notice::ChannelBack { channel: "x".into() } };
        let outgoing = Outgoing { messages: vec![(message, vec!["y".into()])], now, ..Outgoing::default() };
        db.enqueue(&outgoing).unwrap();
        drop(db);
        let db = StateDb::open(dir.path()).unwrap();
        let owed = db.owed_to_history(9).unwrap();
        assert_eq!(keys(&owed), (vec!["a", "b", "c"], vec!["a"]));
        assert_eq!(owed.deliveries.len(), 1);
        let features: Vec<u32> = owed.predictions[0].features.iter().map(|f| f.to_bits()).collect();
        assert_eq!(features, [0.1_f32, f32::NAN, f32::MAX].map(f32::to_bits), "also those that are missing");
        // What came meanwhile is owed on.
        db.open_predictions(&[PredictionRow::sample("d")]).unwrap();
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
        db.write(|t| t.execute("UPDATE ledger SET row = 'x'", [])).unwrap();
        db.open_predictions(&[PredictionRow::sample("e")]).unwrap();
        let owed = db.owed_to_history(9).unwrap();
        assert_eq!(keys(&owed), (vec!["e"], vec![]));
        db.given_to_history(&owed.reach).unwrap();
        assert_eq!(db.owed_to_history(9).unwrap().reach, Reach::default());
        assert_eq!(db.open_prediction_count().unwrap(), 5);
    }
}
