//! Predictions and what became of them.

use super::fault::Fault;
use super::values::{real, spanned};
use crate::actors::ports::history::{LedgerPage, LedgerRow, OutcomeRow, PredictionKind, PredictionRow, Span};
use rusqlite::{Connection, Row, params};

/// Writes predictions; of the same key the later stands: one that was made of a market time that was wrong is void, and its moment
/// comes once more.
pub(super) fn write_predictions(connection: &Connection, rows: &[PredictionRow]) -> Result<(), Fault> {
    let sql = "INSERT INTO predictions (key, kind, symbol, opened_at, level, ladder, price, total_score, \
               probability, calibrated, profile, model, features, arm) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (key) DO UPDATE SET \
               kind = excluded.kind, symbol = excluded.symbol, opened_at = excluded.opened_at, level = excluded.level, \
               ladder = excluded.ladder, price = excluded.price, total_score = excluded.total_score, \
               probability = excluded.probability, calibrated = excluded.calibrated, profile = excluded.profile, \
               model = excluded.model, features = excluded.features, arm = excluded.arm";
    let mut statement = connection.prepare_cached(sql)?;
    for r in rows {
        let features: Vec<u8> = r.features.iter().flat_map(|f| f.to_le_bytes()).collect();
        statement.execute(params![
            r.key,
            r.kind,
            r.symbol,
            r.opened_at,
            r.level,
            r.ladder,
            r.price,
            r.total_score,
            r.probability_7_5,
            r.calibrated_7_5,
            r.profile,
            r.model,
            features,
            r.arm
        ])?;
    }
    Ok(())
}

/// Writes outcomes; the newer `resolved_at` stands, of two equal ones the later write.
pub(super) fn write_outcomes(connection: &Connection, rows: &[OutcomeRow]) -> Result<(), Fault> {
    let sql = "INSERT INTO outcomes (key, symbol, opened_at, resolved_at, hit_4h, hit_24h, minutes_to_hit, \
               greatest_rise, deepest_fall, void) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
               ON CONFLICT (key) DO UPDATE SET symbol = excluded.symbol, opened_at = excluded.opened_at, \
               resolved_at = excluded.resolved_at, hit_4h = excluded.hit_4h, hit_24h = excluded.hit_24h, \
               minutes_to_hit = excluded.minutes_to_hit, greatest_rise = excluded.greatest_rise, \
               deepest_fall = excluded.deepest_fall, void = excluded.void \
               WHERE excluded.resolved_at >= resolved_at";
    let mut statement = connection.prepare_cached(sql)?;
    for r in rows {
        statement.execute(params![
            r.key,
            r.symbol,
            r.opened_at,
            r.resolved_at,
            r.hit_4h,
            r.hit_24h,
            r.minutes_to_hit,
            r.greatest_rise_pct,
            r.deepest_fall_pct,
            r.void
        ])?;
    }
    Ok(())
}

const SELECT: &str = "
    SELECT p.key, p.kind, p.symbol, p.opened_at, p.level, p.ladder, p.price, p.total_score, p.probability,
        p.calibrated, p.profile, p.model, p.features, o.key, o.symbol, o.opened_at, o.resolved_at, o.hit_4h,
        o.hit_24h, o.minutes_to_hit, o.greatest_rise, o.deepest_fall, o.void, p.arm
    FROM predictions AS p LEFT JOIN outcomes AS o ON o.key = p.key
    WHERE p.opened_at >= ?1 AND p.opened_at < ?2 AND WANTED ORDER BY p.opened_at, p.key";

/// From an index backwards: what a page does not show is not read, however old the ledger is.
const PAGE: &str = "
    INDEXED BY INDEX LEFT JOIN outcomes AS o ON o.key = p.key
    WHERE p.arm = '' AND SCOPE AND p.opened_at <= ?1 AND (p.opened_at, p.key) < (?1, ?2)
        AND (?3 = '' OR instr(?3, p.kind) > 0) AND (?4 = '' OR p.symbol = ?4)
    ORDER BY p.opened_at DESC, p.key DESC LIMIT ?5";

/// Which index finds the rows of a page beside one another, and the condition under which it is used.
fn scope(asked: &LedgerPage) -> (&'static str, &'static str) {
    let samples = asked.kinds.is_empty() || asked.kinds.contains(&PredictionKind::Sample);
    match (&asked.symbol, samples) {
        (Some(_), _) => ("predictions_symbol", "p.symbol = ?4"),
        // One row in forty is no sample.
        (None, false) => ("predictions_rare", "p.kind <> 'sample'"),
        (None, true) => ("predictions_arm", "true"),
    }
}

fn page_sql(asked: &LedgerPage) -> String {
    let columns = SELECT.split("LEFT JOIN").next().unwrap_or_default().replace("p.features", "x''");
    let (index, condition) = scope(asked);
    format!("{columns}{PAGE}").replace("SCOPE", condition).replace("BY INDEX", &format!("BY {index}"))
}

/// One page of the ledger, newest first, without features.
pub(super) fn page(connection: &Connection, asked: &LedgerPage) -> Result<Vec<LedgerRow>, Fault> {
    let kinds: Vec<&str> = asked.kinds.iter().map(|kind| kind.as_str()).collect();
    let symbol = asked.symbol.as_ref().map_or("", |symbol| symbol.as_str());
    let (at, key) = &asked.before;
    let mut statement = connection.prepare_cached(&page_sql(asked))?;
    let limit = i64::try_from(asked.limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![at, key, kinds.join(","), symbol, limit], |row| {
        Ok((prediction(row)?, outcome(row)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Predictions of the port, each with its outcome.
pub(super) fn predictions(
    connection: &Connection,
    kind: Option<PredictionKind>,
    span: Span,
) -> Result<Vec<LedgerRow>, Fault> {
    let of_kind = kind.map_or_else(String::new, |kind| format!(" AND p.kind = '{}'", kind.as_str()));
    select(connection, &format!("p.arm = ''{of_kind}"), span)
}

/// Those of the arms in the shadow.
pub(super) fn shadow(connection: &Connection, span: Span) -> Result<Vec<LedgerRow>, Fault> {
    select(connection, "p.arm > ''", span)
}

fn select(connection: &Connection, wanted: &str, span: Span) -> Result<Vec<LedgerRow>, Fault> {
    spanned(connection, &SELECT.replace("WANTED", wanted), span, |row| Ok((prediction(row)?, outcome(row)?)))
}

fn prediction(row: &Row<'_>) -> rusqlite::Result<PredictionRow> {
    let features: Vec<u8> = row.get(12)?;
    let number = |four: &[u8]| four.try_into().map_or(f32::NAN, f32::from_le_bytes);
    Ok(PredictionRow {
        key: row.get(0)?,
        arm: row.get(23)?,
        kind: row.get(1)?,
        symbol: row.get(2)?,
        opened_at: row.get(3)?,
        level: row.get(4)?,
        ladder: row.get(5)?,
        price: real(row, 6)?,
        total_score: real(row, 7)?,
        probability_7_5: real(row, 8)?,
        calibrated_7_5: row.get(9)?,
        profile: row.get(10)?,
        model: row.get(11)?,
        features: features.chunks_exact(4).map(number).collect(),
    })
}

fn outcome(row: &Row<'_>) -> rusqlite::Result<Option<OutcomeRow>> {
    let Some(key) = row.get(13)? else { return Ok(None) };
    Ok(Some(OutcomeRow {
        key,
        symbol: row.get(14)?,
        opened_at: row.get(15)?,
        resolved_at: row.get(16)?,
        hit_4h: row.get(17)?,
        hit_24h: row.get(18)?,
        minutes_to_hit: row.get(19)?,
        greatest_rise_pct: real(row, 20)?,
        deepest_fall_pct: real(row, 21)?,
        void: row.get(22)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;
    use crate::domain::moment::MarketTime;
    use crate::domain::symbol::Symbol;

    /// Sorting, or a walk over a whole table, would grow with the age of the ledger.
    #[test]
    fn every_page_is_read_off_an_index_in_its_order() {
        let dir = tempfile::tempdir().unwrap();
        let connection = schema::writing(&dir.path().join("history.db")).unwrap();
        let rare = vec![PredictionKind::Alert, PredictionKind::Episode];
        for (kinds, symbol, index) in [
            (vec![], None, "predictions_arm"),
            (vec![PredictionKind::Sample], None, "predictions_arm"),
            (rare.clone(), None, "predictions_rare"),
            (rare, Some(Symbol::new("AUSDT")), "predictions_symbol"),
            (vec![], Some(Symbol::new("AUSDT")), "predictions_symbol"),
        ] {
            let asked = LedgerPage { kinds, symbol, before: (MarketTime::MAX, String::new()), limit: 9 };
            page(&connection, &asked).unwrap();
            let sql = format!("EXPLAIN QUERY PLAN {}", page_sql(&asked));
            let mut statement = connection.prepare(&sql).unwrap();
            let plan = statement.query_map(params![1, "", "", "", 9], |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = plan.map(Result::unwrap).collect();
            // Predictions of one moment may be sorted by their key.
            assert!(plan[2..].iter().all(|step| step.contains("LAST TERM OF ORDER BY")), "{plan:?}");
            assert!(plan[0].starts_with(&format!("SEARCH p USING INDEX {index} (")), "{plan:?}");
            assert!(plan[1].starts_with("SEARCH o USING INDEX"), "{plan:?}");
        }
    }
}
