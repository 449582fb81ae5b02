//! The track record out of the history, day by day.

use crate::actors::ports::history::{HistoryError, HistoryStore};
use crate::domain::moment::MarketTime;
use crate::domain::time::DAY_MS;
use crate::learning::evaluation::record::Record;
use crate::learning::evaluation::tally::Tally;
use std::collections::BTreeMap;

/// Days whose sums are kept: as many as can be asked for.
const MOST_DAYS: usize = 366;

/// The record of the day of `now` and of so many days before it, from the day of `since` on at most: whole ones, as of older ones there
/// are no other sums. Days that are over and judged are read once, and kept in `known`.
pub(crate) async fn read(
    store: &dyn HistoryStore,
    days: i64,
    now: MarketTime,
    since: MarketTime,
    known: &mut BTreeMap<i64, Tally>,
) -> Result<Record, HistoryError> {
    let mut record = Record::default();
    let today = now.index(DAY_MS);
    for day in (today - days).max(since.index(DAY_MS))..=today {
        if let Some(sums) = known.get(&day) {
            record.add(day, sums);
            continue;
        }
        let sums = store.tally(MarketTime::from_index(day, DAY_MS)).await?;
        record.add(day, &sums);
        // Of those that are over some predictions may still be judged.
        if day < today - 1 && sums.is_final() {
            known.insert(day, sums);
        }
    }
    while known.len() > MOST_DAYS {
        known.pop_first();
    }
    Ok(record)
}
