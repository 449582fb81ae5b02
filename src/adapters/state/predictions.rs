//! Predictions that wait for their outcome.

use super::{at_most, owed, rows};
use crate::actors::ports::state::OpenPrediction;
use crate::domain::moment::MarketTime;
use crate::domain::prediction::{OutcomeRow, PredictionRow};
use crate::domain::symbol::Symbol;
use rusqlite::{Connection, Result, params};

pub(super) fn open(t: &Connection, predictions: &[PredictionRow]) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO open_predictions (key, symbol, opened_at, price, judged_4h) \
               VALUES (?1, ?2, ?3, ?4, 0)";
    let mut statement = t.prepare_cached(sql)?;
    for p in predictions {
        let new = statement.execute(params![p.key, p.symbol.as_str(), p.opened_at, p.price])?;
        if new > 0 {
            owed::add_prediction(t, p)?;
        }
    }
    owed::make_room(t)
}

pub(super) fn due(
    c: &Connection,
    short: MarketTime,
    long: MarketTime,
    limit: usize,
) -> Result<Vec<OpenPrediction>> {
    // Two parts with an index each: those that wait for their day only are most of all, and none of them is looked at.
    let wanted = [
        "open_predictions INDEXED BY open_predictions_time WHERE opened_at <= ?2",
        "open_predictions INDEXED BY open_predictions_4h WHERE NOT judged_4h AND opened_at > ?2 AND opened_at <= ?1",
    ];
    select(c, &wanted, (short, long), limit)
}

pub(super) fn opened(
    c: &Connection,
    after: MarketTime,
    until: MarketTime,
    limit: usize,
) -> Result<Vec<OpenPrediction>> {
    select(c, &["open_predictions WHERE opened_at > ?1 AND opened_at <= ?2"], (after, until), limit)
}

fn select(
    c: &Connection,
    wanted: &[&str],
    (one, two): (MarketTime, MarketTime),
    limit: usize,
) -> Result<Vec<OpenPrediction>> {
    let each = |from: &&str| format!("SELECT key, symbol, opened_at, price, judged_4h FROM {from}");
    let all = wanted.iter().map(each).collect::<Vec<_>>().join(" UNION ALL ");
    let sql = format!("{all} ORDER BY opened_at, key LIMIT ?3");
    rows(c, &sql, params![one, two, at_most(limit)], |r| {
        Ok(OpenPrediction {
            key: r.get(0)?,
            symbol: Symbol::new(&r.get::<_, String>(1)?),
            opened_at: r.get(2)?,
            price: r.get(3)?,
            judged_4h: r.get(4)?,
        })
    })
}

pub(super) fn judged(
    t: &Connection,
    after_4h: &[String],
    finally: &[String],
    outcomes: &[OutcomeRow],
) -> Result<()> {
    let each = |sql: &str, keys: &[String]| {
        let mut statement = t.prepare_cached(sql)?;
        keys.iter().try_for_each(|key| statement.execute([key]).map(|_| ()))
    };
    each("UPDATE open_predictions SET judged_4h = 1 WHERE key = ?1", after_4h)?;
    each("DELETE FROM open_predictions WHERE key = ?1", finally)?;
    outcomes.iter().try_for_each(|outcome| owed::add_outcome(t, outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::ports::state::OperationalState;
    use crate::adapters::state::StateDb;

    #[test]
    fn due_twice_then_gone() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        let one = |key: &str, opened_at| PredictionRow {
            symbol: Symbol::new("币安人生USDT"),
            opened_at: MarketTime::from_ms(opened_at),
            ..PredictionRow::sample(key)
        };
        db.open_predictions(&[one("b", 10), one("a", 10), one("c", 90)]).unwrap();
        db.open_predictions(&[one("a", 10)]).unwrap();
        let keys = |short, long| {
            let (short, long) = (MarketTime::from_ms(short), MarketTime::from_ms(long));
            db.due_predictions(short, long, 9).unwrap().into_iter().map(|p| p.key).collect::<Vec<_>>()
        };
        assert_eq!((keys(50, 0), keys(9, 0)), (vec!["a".to_owned(), "b".to_owned()], vec![]));
        let opened = db.predictions_opened(MarketTime::from_ms(10), MarketTime::from_ms(90), 9).unwrap();
        assert_eq!(opened.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(), ["c"]);
        db.judged_predictions(&["a".to_owned()], &[], &[]).unwrap();
        assert_eq!((keys(50, 0), keys(50, 10)), (vec!["b".to_owned()], vec!["a".to_owned(), "b".to_owned()]));
        db.judged_predictions(&[], &["a".to_owned(), "b".to_owned()], &[]).unwrap();
        drop(db);
        let db = StateDb::open(dir.path()).unwrap();
        let left = OpenPrediction {
            key: "c".into(),
            symbol: Symbol::new("币安人生USDT"),
            opened_at: MarketTime::from_ms(90),
            price: 9.3e-6,
            judged_4h: false,
        };
        let due = MarketTime::from_ms(99);
        assert_eq!(
            (db.open_prediction_count().unwrap(), db.due_predictions(due, due, 9).unwrap()),
            (1, vec![left])
        );
    }
}
