//! Writing a batch: candles in transactions of bounded size, all else in one.

use super::candles;
use super::fault::Fault;
use super::schema::Writer;
use super::{imported, ledger_days, predictions, records, scores};
use crate::actors::ports::history::{CandleRow, HistoryBatch};

/// Candles written in one transaction, unless they are of one pair. Short enough that writes of other processes come in
/// between.
const CANDLES: usize = 20_000;

/// Writes a batch. Rows that must never be lost are flushed to the disk; candles and scores may lose the newest
/// seconds when the machine (not the program) fails.
pub(super) fn batch(writer: &mut Writer, batch: &HistoryBatch) -> Result<(), Fault> {
    // Also where there is nothing to write: damage that was found is mended.
    writer.connection()?;
    if !batch.imported.is_empty() {
        // Before their candles, which must not count as recorded in between.
        writer.change(|tx, ids| imported::write(tx, ids, &batch.imported))?;
    }
    for part in parts(&batch.candles) {
        writer.change(|tx, ids| candles::write(tx, ids, &part))?;
    }
    if batch.scores.is_empty() && batch.precious() == 0 {
        return Ok(());
    }
    // Outside the transaction: within one SQLite does not take the change.
    let level = if batch.precious() > 0 { "FULL" } else { "NORMAL" };
    writer.connection()?.pragma_update(None, "synchronous", level)?;
    let written = writer.change(|tx, ids| {
        scores::write(tx, ids, &batch.scores)?;
        records::write_alerts(tx, &batch.alerts)?;
        records::write_deliveries(tx, &batch.deliveries)?;
        ledger_days::adopt(tx, &batch.ledger_days)?;
        predictions::write_predictions(tx, &batch.predictions)?;
        predictions::write_outcomes(tx, &batch.outcomes)?;
        records::write_universe(tx, &batch.universe)
    });
    writer.connection()?.pragma_update(None, "synchronous", "NORMAL")?;
    written
}

/// The candles in parts, each pair's in one, in the order in which they came.
fn parts(rows: &[CandleRow]) -> Vec<Vec<&CandleRow>> {
    let mut rows: Vec<&CandleRow> = rows.iter().collect();
    // A pair in one part: its chunk is unpacked and packed once. The sort is stable, so that of one candle the later
    // row stays the later.
    rows.sort_by(|a, b| a.symbol.cmp(&b.symbol));
    let mut parts: Vec<Vec<&CandleRow>> = Vec::new();
    for pair in rows.chunk_by(|a, b| a.symbol == b.symbol) {
        match parts.last_mut() {
            Some(part) if part.len() + pair.len() <= CANDLES => part.extend(pair),
            _ => parts.push(pair.to_vec()),
        }
    }
    parts
}
