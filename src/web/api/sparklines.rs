//! `GET /api/v1/sparklines`: the last hours of every pair with scores, small enough to be loaded every few minutes.

use crate::domain::candle::Candle;
use crate::web::cached::KEPT_MS;
use crate::web::config::WebState;
use crate::web::query::{NoParams, Params};
use actix_web::web::{Data, Json};
use futures_util::future::join_all;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// Bars of a line: as many as its width can show.
pub(crate) const POINTS: usize = 24;
/// Pairs asked at once: their mailboxes have room for the market meanwhile.
const AT_ONCE: usize = 64;
/// A point is one letter: 36 heights are more than so small a line shows.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// `GET /api/v1/sparklines`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub(crate) struct SparklinesBody {
    /// Between two points, ms.
    pub step_ms: i64,
    /// Closes of each pair with scores, oldest first, one digit of base 36 each: 0 is the lowest, z the highest.
    pub lines: BTreeMap<String, String>,
}

/// A line of closes between its own lowest and highest; `None` for fewer than two.
fn line(candles: &[Candle]) -> Option<String> {
    if candles.len() < 2 {
        return None;
    }
    let closes = candles.iter().map(|c| c.close);
    let (low, high) = closes.clone().fold((f64::MAX, f64::MIN), |(l, h), c| (l.min(c), h.max(c)));
    let digit = |close: f64| {
        let share = if high > low { (close - low) / (high - low) } else { 0.5 };
        char::from(DIGITS[((share * 35.0).round() as usize).min(35)])
    };
    Some(closes.map(digit).collect())
}

/// Height of each point, 0-35.
pub(crate) fn heights(line: &str) -> Vec<u8> {
    line.bytes().filter_map(|b| DIGITS.iter().position(|d| *d == b)).map(|at| at as u8).collect()
}

/// The lines, made anew when the kept ones are too old.
pub(crate) async fn read(state: &WebState) -> Arc<SparklinesBody> {
    let mono = state.handles.machine.mono_time();
    if let Some(kept) = state.cached.get(0, mono, 4 * KEPT_MS) {
        return kept;
    }
    let bar = state.config.bar_interval;
    let mut body = SparklinesBody { step_ms: bar.ms(), lines: BTreeMap::new() };
    let Some(published) = state.handles.view.published() else { return Arc::new(body) };
    // Not the listed ones alone: a pair that enters the ranking has its line at once.
    for part in published.snapshot.reports.chunks(AT_ONCE) {
        let asked = part.iter().filter(|report| report.analysis.is_some()).map(|row| async {
            let candles = state.handles.queries.candles(row.symbol.as_str(), bar, POINTS).await?;
            Some((row.symbol.to_string(), line(&candles)?))
        });
        body.lines.extend(join_all(asked).await.into_iter().flatten());
    }
    state.cached.put(0, mono, body)
}

/// The last hours of every pair with scores.
#[utoipa::path(get, path = "/api/v1/sparklines", responses((status = 200, body = SparklinesBody)))]
pub(crate) async fn sparklines(_: Params<NoParams>, state: Data<WebState>) -> Json<SparklinesBody> {
    Json(read(&state).await.as_ref().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::MarketTime;

    #[test]
    fn lines_keep_order_and_ends() {
        let candles: Vec<Candle> =
            [1.0, 3.0, 2.0].iter().map(|c| Candle::flat(MarketTime::EPOCH, *c)).collect();
        let text = line(&candles).expect("three");
        assert_eq!((text.as_str(), heights(&text)), ("0zi", vec![0, 35, 18]));
        assert_eq!(
            line(&[Candle::flat(MarketTime::EPOCH, 5.0), Candle::flat(MarketTime::from_ms(1), 5.0)])
                .as_deref(),
            Some("ii")
        );
        assert_eq!(line(&candles[..1]), None);
    }
}
