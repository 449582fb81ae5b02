//! Rows of a market time that was wrong.

use super::link::{Failure, Link};
use crate::actors::ports::history::{MARKET_TIME_FELL, Span, Voided};

const SCORES: &str = "as_of >= {from:Int64} AND as_of < {to:Int64}";

/// What ends within is not over either; what was imported stays.
const CANDLES: &str = "open_time < {to:Int64}
    AND open_time + 60000 * transform(toString(`interval`), ['1m', '3m', '5m', '15m', '30m', '1h'],
        [1, 3, 5, 15, 30, 60], 0) >= {from:Int64}
    AND (symbol, `interval`, open_time) NOT IN (
        SELECT kept.symbol, kept.`interval`, kept.open_time FROM candles AS kept
        INNER JOIN imported AS ranges ON kept.symbol = ranges.symbol AND kept.`interval` = ranges.`interval`
        WHERE kept.open_time >= ranges.first AND kept.open_time <= ranges.last
            AND kept.open_time >= {from:Int64} - 3600000)";

const OUTCOMES: &str = "resolved_at >= {from:Int64} AND resolved_at < {to:Int64}";

/// See the port. Each statement may be run again.
pub(super) async fn void(link: &Link, span: Span) -> Result<Voided, Failure> {
    let of = |sql: String| link.query(&sql).param("from", span.from).param("to", span.to);
    let mut voided = Voided::default();
    let tables = [("scores", SCORES, &mut voided.scores), ("candles", CANDLES, &mut voided.candles)];
    for (table, ahead, gone) in tables {
        *gone = link.one(of(format!("SELECT count() FROM {table} FINAL WHERE {ahead}"))).await?;
        if *gone > 0 {
            link.run(of(format!("DELETE FROM {table} WHERE {ahead}"))).await?;
        }
    }
    voided.outcomes = link.one(of(format!("SELECT count() FROM outcomes FINAL WHERE {OUTCOMES}"))).await?;
    if voided.outcomes > 0 {
        // Waited for: a page that is read next must not show them.
        let sql = format!(
            "ALTER TABLE outcomes UPDATE hit_4h = NULL, hit_24h = NULL, minutes_to_hit = NULL,
                void = '{MARKET_TIME_FELL}' WHERE {OUTCOMES} SETTINGS mutations_sync = 1"
        );
        link.run(of(sql)).await?;
    }
    Ok(voided)
}
