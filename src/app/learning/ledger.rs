//! The ledger as a data set: hourly samples with the features that were seen live, and what came.

use crate::actors::ports::history::{HistoryStore, PredictionKind, Span};
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::domain::time::DAY_MS;
use crate::learning::dataset::{Came, Dataset, Thinned};
use crate::learning::features::FEATURES;
use crate::settings::Settings;
use std::collections::HashMap;

/// Read at once, ms of market time: a year of 500 pairs would not fit in memory.
const PART_MS: i64 = 7 * DAY_MS;
/// Predictions may be older than the oldest candle by so much, ms. Hours are kept so long, and minutes for less.
const OLDER_MS: i64 = 400 * DAY_MS;

/// Samples with an outcome and all of today's features, in the order of time, and the number of their pairs. Of more than
/// `most` an even choice is left: the points of a day move together, so days say more than points.
pub(crate) fn samples(
    settings: &Settings,
    (from, to): (Option<MarketTime>, Option<MarketTime>),
    most: usize,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<(Dataset, usize)> {
    let (runtime, store) = super::recorded::store::open(settings)?;
    runtime.block_on(async {
        let pairs = store.candle_pairs(settings.exchange.base()).await?;
        let first = pairs.iter().map(|(_, first, _)| *first - OLDER_MS).min();
        let last = pairs.iter().map(|(_, _, last)| *last + DAY_MS).max();
        let Some((first, last)) = first.zip(last) else { return Ok((Dataset::default(), 0)) };
        read(&*store, Span { from: from.unwrap_or(first), to: to.unwrap_or(last) }, most, progress).await
    })
}

async fn read(
    store: &dyn HistoryStore,
    span: Span,
    most: usize,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<(Dataset, usize)> {
    let (mut made, mut numbers) = (Thinned::new(most), HashMap::<Symbol, u32>::new());
    let parts = usize::try_from((span.to - span.from).div_euclid(PART_MS) + 1).unwrap_or(1);
    for part in 0..parts {
        let start = span.from + part as i64 * PART_MS;
        let own = Span { from: start, to: (start + PART_MS).min(span.to) };
        for (p, outcome) in store.predictions(Some(PredictionKind::Sample), own).await? {
            let came = outcome.filter(|o| o.void.is_none()).and_then(|o| Came::of(&o.outcome()));
            let (Some(came), true) = (came, p.features.len() == FEATURES.len()) else { continue };
            let next = numbers.len() as u32;
            let pair = *numbers.entry(p.symbol).or_insert(next);
            made.push(&p.features, p.opened_at, pair, came);
        }
        progress(part + 1, parts);
    }
    Ok((made.finish(), numbers.len()))
}
