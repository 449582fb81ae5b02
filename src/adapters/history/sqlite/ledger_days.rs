//! Sums of the ledger by day. Those of a day on which nothing is open any more are kept beside its rows, so that a year is read
//! in a moment; those of a folded day are kept in place of its rows, for ever. What changes a day's rows takes the former away
//! (by triggers, so whoever writes); a folded day takes no more rows.

use super::fault::Fault;
use super::thinning::Step;
use super::values::{real, spanned};
use crate::actors::ports::history::{Compacted, JudgedRow, LedgerDay, Span};
use crate::domain::moment::MarketTime;
use crate::domain::prediction::outcome::Outcome;
use crate::domain::time::DAY_MS;
use crate::i18n::Text;
use crate::learning::evaluation::tally::Tally;
use rusqlite::{Connection, OptionalExtension, Row, params};

const ROWS: &str =
    "SELECT p.kind, p.level, p.probability, p.calibrated, o.key IS NOT NULL, o.hit_4h, o.hit_24h,
        o.minutes_to_hit, o.greatest_rise, o.deepest_fall, o.void IS NOT NULL, p.opened_at
    FROM predictions AS p LEFT JOIN outcomes AS o ON o.key = p.key
    WHERE p.arm = '' AND p.opened_at >= ?1 AND p.opened_at < ?2";
const FINAL: &str = "(o.void IS NOT NULL OR o.hit_24h IS NOT NULL)";
/// The compression that reads fastest for its size here: the names in the JSON are most of it.
const ZSTD_LEVEL: i32 = 3;

fn span(day: MarketTime) -> Span {
    Span { from: day, to: day + DAY_MS }
}

fn judged(row: &Row<'_>) -> rusqlite::Result<JudgedRow> {
    let outcome = Outcome {
        hit_4h: row.get(5)?,
        hit_24h: row.get(6)?,
        minutes_to_hit: row.get(7)?,
        greatest_rise_pct: real(row, 8)?,
        deepest_fall_pct: real(row, 9)?,
        missing: None,
    };
    Ok(JudgedRow {
        kind: row.get(0)?,
        level: row.get(1)?,
        probability_7_5: real(row, 2)?,
        calibrated_7_5: row.get(3)?,
        outcome: row.get::<_, bool>(4)?.then_some(outcome),
        void: row.get(10)?,
        opened_at: row.get(11)?,
    })
}

fn summed(connection: &Connection, sql: &str, day: MarketTime) -> Result<Tally, Fault> {
    let mut tally = Tally::default();
    spanned(connection, sql, span(day), |row| judged(row).map(|row| tally.add(&row)))?;
    Ok(tally)
}

fn packed(sums: &Tally) -> Result<Vec<u8>, Fault> {
    let json = serde_json::to_vec(sums).map_err(|e| Fault::Refused(Text::verbatim(e.to_string())))?;
    zstd::encode_all(&json[..], ZSTD_LEVEL).map_err(|e| Fault::Refused(Text::verbatim(e.to_string())))
}

fn unpacked(day: MarketTime, sums: &[u8]) -> Result<Tally, Fault> {
    let json = zstd::decode_all(sums).map_err(|e| Fault::Damaged(Text::verbatim(format!("{day}: {e}"))))?;
    serde_json::from_slice(&json).map_err(|e| Fault::Damaged(Text::verbatim(format!("{day}: {e}"))))
}

/// Whether the day is folded, and its sums.
fn kept(connection: &Connection, day: MarketTime) -> Result<Option<(bool, Tally)>, Fault> {
    let sql = "SELECT folded, sums FROM ledger_days WHERE day = ?1";
    let found: Option<(bool, Vec<u8>)> =
        connection.prepare_cached(sql)?.query_row([day], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    found.map(|(folded, sums)| Ok((folded, unpacked(day, &sums)?))).transpose()
}

fn keep(connection: &Connection, day: MarketTime, folded: bool, sums: &Tally) -> Result<(), Fault> {
    let sql = "INSERT OR REPLACE INTO ledger_days (day, folded, sums) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![day, folded, packed(sums)?])?;
    Ok(())
}

/// The sums of a day. The connection must be in a transaction.
pub(super) fn tally(connection: &Connection, day: MarketTime) -> Result<Tally, Fault> {
    Ok(match kept(connection, day)? {
        Some((false, sums)) => sums,
        // Its rows that are there were open when the others were folded.
        Some((true, mut sums)) => {
            sums.merge(&summed(connection, ROWS, day)?);
            sums
        }
        None => summed(connection, ROWS, day)?,
    })
}

/// Keeps the sums of the next day before `to`, from `cursor` on, on which everything is judged.
pub(super) fn sum_up(connection: &Connection, to: MarketTime, cursor: i64) -> Result<Step, Fault> {
    let oldest = "SELECT min(opened_at) FROM predictions WHERE arm = '' AND opened_at >= ?1";
    let known = "SELECT 1 FROM ledger_days WHERE day = ?1";
    let mut from = MarketTime::from_ms(cursor);
    loop {
        let found: Option<MarketTime> =
            connection.prepare_cached(oldest)?.query_row([from], |row| row.get(0))?;
        let Some(day) = found.map(|at| at.floor(DAY_MS)).filter(|day| *day + DAY_MS <= to) else {
            return Ok((Compacted::default(), None));
        };
        from = day + DAY_MS;
        if connection.prepare_cached(known)?.exists([day])? {
            continue;
        }
        let sums = summed(connection, ROWS, day)?;
        if sums.is_final() {
            keep(connection, day, false, &sums)?;
        }
        return Ok((Compacted::default(), Some(from.ms())));
    }
}

/// Folds the judged rows of the next day before `to`, from `cursor` on: all in the one transaction of the step, so that no row
/// is ever counted twice or not at all.
pub(super) fn fold(connection: &Connection, to: MarketTime, cursor: i64) -> Result<Step, Fault> {
    let next = format!(
        "SELECT p.opened_at FROM predictions AS p JOIN outcomes AS o ON o.key = p.key
        WHERE p.arm = '' AND p.opened_at >= ?1 AND p.opened_at < ?2 AND {FINAL} ORDER BY p.opened_at LIMIT 1"
    );
    let found: Option<MarketTime> = connection
        .prepare_cached(&next)?
        .query_row(params![cursor, to.floor(DAY_MS)], |row| row.get(0))
        .optional()?;
    let Some(day) = found.map(|at| at.floor(DAY_MS)) else { return Ok((Compacted::default(), None)) };
    let mut sums = summed(connection, &format!("{ROWS} AND {FINAL}"), day)?;
    if let Some((true, before)) = kept(connection, day)? {
        sums.merge(&before);
    }
    keep(connection, day, true, &sums)?;
    let predictions = format!(
        "DELETE FROM predictions WHERE arm = '' AND opened_at >= ?1 AND opened_at < ?2
            AND EXISTS (SELECT 1 FROM outcomes AS o WHERE o.key = predictions.key AND {FINAL})"
    );
    let gone = connection.prepare_cached(&predictions)?.execute([day, day + DAY_MS])?;
    let outcomes = "DELETE FROM outcomes WHERE opened_at >= ?1 AND opened_at < ?2
        AND NOT EXISTS (SELECT 1 FROM predictions AS p WHERE p.key = outcomes.key)";
    connection.prepare_cached(outcomes)?.execute([day, day + DAY_MS])?;
    Ok((Compacted { predictions: gone as u64, ..Compacted::default() }, Some((day + DAY_MS).ms())))
}

/// How many predictions folding would take away.
pub(super) fn doomed(connection: &Connection, to: MarketTime) -> Result<u64, Fault> {
    let sql = format!(
        "SELECT count(*) FROM predictions AS p JOIN outcomes AS o ON o.key = p.key
        WHERE p.arm = '' AND p.opened_at < ?1 AND {FINAL}"
    );
    let found: i64 = connection.prepare_cached(&sql)?.query_row([to.floor(DAY_MS)], |row| row.get(0))?;
    Ok(found.unsigned_abs())
}

/// Folded days, oldest first.
pub(super) fn folded(connection: &Connection, span: Span) -> Result<Vec<LedgerDay>, Fault> {
    let sql = "SELECT day, sums FROM ledger_days WHERE folded AND day >= ?1 AND day < ?2 ORDER BY day";
    let found = spanned(connection, sql, span, |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    found.into_iter().map(|(day, sums)| Ok(LedgerDay { day, sums: unpacked(day, &sums)? })).collect()
}

/// Takes folded days of another store, where nothing is known of a day here: of what is known it would count a part twice.
pub(super) fn adopt(connection: &Connection, days: &[LedgerDay]) -> Result<(), Fault> {
    let sql = "INSERT INTO ledger_days (day, folded, sums) SELECT ?1, 1, ?2 WHERE NOT EXISTS
        (SELECT 1 FROM predictions WHERE arm = '' AND opened_at >= ?1 AND opened_at < ?3) ON CONFLICT (day) DO NOTHING";
    for LedgerDay { day, sums } in days {
        connection.prepare_cached(sql)?.execute(params![day, packed(sums)?, *day + DAY_MS])?;
    }
    Ok(())
}
