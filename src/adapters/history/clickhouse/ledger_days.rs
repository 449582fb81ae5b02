//! Sums of the ledger by day, in place of rows that are folded.
//!
//! The server has no transactions: what counts is one row a day, which is there as a whole or not at all. It holds the sums and the
//! keys that were `left` out of them, as nobody had judged them yet. Where it is there, the day's other rows count no more, deleted
//! or not: a fold that was cut short between its row and the deletion is right at once, and the next one deletes what is left.

use super::link::{Failure, Link};
use super::read;
use super::rows::{Table, Versioned};
use crate::actors::ports::history::{HistoryError, JudgedRow, LedgerDay, LedgerRow, OutcomeRow, Span};
use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;
use crate::i18n::Text;
use crate::learning::evaluation::tally::Tally;
use serde::{Deserialize, Serialize};

/// A folded day as the table has it.
#[derive(Serialize, Deserialize)]
struct FoldedRow {
    day: MarketTime,
    /// As JSON.
    sums: String,
    left: Vec<String>,
}

impl Table for FoldedRow {
    const NAME: &'static str = "ledger_days";
    const COLUMNS: &'static [&'static str] = &["day", "sums", "left", "version"];
    /// How many predictions are summed up: of two rows of a day the one with more stands, whichever was written last.
    type Version = u64;
}

struct Folded {
    day: MarketTime,
    sums: Tally,
    left: Vec<String>,
}

impl Folded {
    fn read(row: FoldedRow) -> Result<Self, Failure> {
        let sums = serde_json::from_str(&row.sums).map_err(|e| unusable(row.day, &e))?;
        Ok(Self { day: row.day, sums, left: row.left })
    }

    async fn write(&self, link: &Link) -> Result<(), Failure> {
        let sums = serde_json::to_string(&self.sums).map_err(|e| unusable(self.day, &e))?;
        let row = FoldedRow { day: self.day, sums, left: self.left.clone() };
        let version = self.sums.opened();
        link.insert(&[Versioned { row: &row, version }], &format!("fold-{}-{version}", self.day)).await
    }

    fn left_out(&self, (p, _): &LedgerRow) -> bool {
        self.left.contains(&p.key)
    }
}

fn unusable(day: MarketTime, error: &serde_json::Error) -> Failure {
    let error = HistoryError::Unusable(Text::verbatim(format!("{day}: {error}")));
    Failure { error, gone: false, slow: false }
}

async fn kept(link: &Link, span: Span) -> Result<Vec<Folded>, Failure> {
    let rows: Vec<FoldedRow> = read::table(link, "day", "day", span).await?;
    rows.into_iter().map(Folded::read).collect()
}

fn of_day(day: MarketTime) -> Span {
    Span { from: day, to: day + DAY_MS }
}

fn summed<'a>(rows: impl IntoIterator<Item = &'a LedgerRow>) -> Tally {
    let mut tally = Tally::default();
    rows.into_iter().for_each(|row| tally.add(&JudgedRow::from(row)));
    tally
}

/// Rows of a day that its sums do not count, and what is kept of it. The rows are read first: those that a fold deletes in between
/// are in the sums that are read after them.
async fn day(link: &Link, day: MarketTime) -> Result<(Vec<LedgerRow>, Option<Folded>), Failure> {
    let mut rows = read::bare(link, of_day(day)).await?;
    let folded = kept(link, of_day(day)).await?.pop();
    if let Some(folded) = &folded {
        rows.retain(|row| folded.left_out(row));
    }
    Ok((rows, folded))
}

/// The sums of a day.
pub(super) async fn tally(link: &Link, at: MarketTime) -> Result<Tally, Failure> {
    let (rows, folded) = day(link, at).await?;
    let mut sums = summed(&rows);
    if let Some(folded) = folded {
        sums.merge(&folded.sums);
    }
    Ok(sums)
}

/// Folded days.
pub(super) async fn folded(link: &Link, span: Span) -> Result<Vec<LedgerDay>, Failure> {
    let days = kept(link, span).await?;
    Ok(days.into_iter().map(|Folded { day, sums, .. }| LedgerDay { day, sums }).collect())
}

const OF_DAY: &str = "empty(arm) AND opened_at >= {from:Int64} AND opened_at < {to:Int64}";

async fn count(link: &Link, at: MarketTime, left: &[String]) -> Result<u64, Failure> {
    let sql = format!(
        "SELECT count() FROM predictions FINAL WHERE {OF_DAY} AND NOT has({{left:Array(String)}}, key)"
    );
    let query = link.query(&sql).param("from", at).param("to", at + DAY_MS);
    link.one(query.param("left", left)).await
}

/// Takes folded days of another store, where nothing is known of a day here: of what is known it would count a part twice.
pub(super) async fn adopt(link: &Link, days: &[LedgerDay]) -> Result<(), Failure> {
    for LedgerDay { day, sums } in days {
        if kept(link, of_day(*day)).await?.is_empty() && count(link, *day, &[]).await? == 0 {
            Folded { day: *day, sums: sums.clone(), left: Vec::new() }.write(link).await?;
        }
    }
    Ok(())
}

/// Folds the judged rows of whole days before `to`; gives how many went.
pub(super) async fn fold(link: &Link, to: MarketTime) -> Result<u64, Failure> {
    let to = to.floor(DAY_MS);
    let sql = "SELECT DISTINCT opened_at - positiveModulo(opened_at, 86400000) AS day FROM predictions
        WHERE empty(arm) AND opened_at < {to:Int64} ORDER BY day";
    let mut gone = 0;
    for day in link.rows(link.query(sql).param("to", to)).await? {
        gone += fold_day(link, MarketTime::from_ms(day)).await?;
    }
    Ok(gone)
}

async fn fold_day(link: &Link, at: MarketTime) -> Result<u64, Failure> {
    let (rows, before) = day(link, at).await?;
    let (judged, open): (Vec<_>, Vec<_>) =
        rows.iter().partition(|(_, outcome)| outcome.as_ref().is_some_and(OutcomeRow::is_final));
    let left: Vec<String> = open.iter().map(|(p, _)| p.key.clone()).collect();
    if !judged.is_empty() {
        let mut sums = summed(judged);
        if let Some(before) = &before {
            sums.merge(&before.sums);
        }
        Folded { day: at, sums, left: left.clone() }.write(link).await?;
    } else if before.is_none() {
        return Ok(0);
    }
    delete(link, at, &left).await
}

/// Outcomes first: which they are is read from the predictions.
async fn delete(link: &Link, at: MarketTime, left: &[String]) -> Result<u64, Failure> {
    let gone = count(link, at, left).await?;
    if gone > 0 {
        let doomed = format!("FROM predictions WHERE {OF_DAY} AND NOT has({{left:Array(String)}}, key)");
        let outcomes = format!(
            "DELETE FROM outcomes WHERE opened_at >= {{from:Int64}} AND opened_at < {{to:Int64}} AND key IN (SELECT key {doomed})"
        );
        for sql in [outcomes, format!("DELETE {doomed}")] {
            let query = link.query(&sql).param("from", at).param("to", at + DAY_MS);
            link.run(query.param("left", left)).await?;
        }
    }
    Ok(gone)
}

/// How many predictions folding would take away.
pub(super) async fn doomed(link: &Link, to: MarketTime) -> Result<u64, Failure> {
    let sql = "SELECT count() FROM predictions FINAL WHERE empty(arm) AND opened_at < {to:Int64} AND key IN (
        SELECT key FROM outcomes FINAL WHERE opened_at < {to:Int64} AND (isNotNull(void) OR isNotNull(hit_24h)))";
    link.one(link.query(sql).param("to", to.floor(DAY_MS))).await
}
