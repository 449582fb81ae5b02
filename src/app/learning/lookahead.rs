//! `impulso backtest lookahead-check`: what is said at a moment must not change with what comes after it.

use super::models;
use super::recorded::Recorded;
use crate::domain::candle::Candle;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::{Snapshot, rank};
use crate::domain::time::{DAY_MS, HOUR_MS, Interval};
use crate::i18n::{OrFail, Text, failure, text};
use crate::learning::replay::pair::PairReplay;
use crate::learning::replay::{Candles, Moment, Steps};
use crate::learning::scorer::Scorer;
use crate::settings::Settings;
use anyhow::bail;
use std::path::Path;
use std::sync::Arc;

/// Differences that are shown: the first few name the cause, the rest repeat it.
const SHOWN: usize = 20;

/// Makes another future of candles of an interval.
type Change<'a> = &'a dyn Fn(Candles, Interval) -> Candles;

/// What the check found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checked {
    pub moments: usize,
    pub pairs: usize,
    pub reports: usize,
    /// What differed.
    pub(crate) differences: Vec<Text>,
}

/// Says the reports, chances and levels at `moments` moments three times: with all candles, with the future cut off, and
/// with a future that did not happen.
pub(crate) fn check(
    folder: &Path,
    moments: usize,
    settings: &Settings,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<Checked> {
    let recorded = Recorded::open(Some(folder), settings)?;
    let (first, last) = recorded.span;
    let (from, to) = (first + 27 * HOUR_MS, last);
    if to <= from {
        bail!(failure!(lookahead_too_short, place = folder.display().to_string()));
    }
    let mut checked = Checked { pairs: recorded.len(), ..Checked::default() };
    for number in 0..moments {
        // Off the full hours, too.
        let spread = (to - from) / moments as i64 * number as i64 + (number as i64 * 7 % 60) * 60_000;
        let at = recorded.base.floor(from + spread.min(to - from));
        let said = |change: Change<'_>| say(&recorded, settings, at, change);
        let over = move |c: &Candle, interval: Interval| c.open_time + interval.ms() <= at;
        let truth = said(&|candles, _| candles)?;
        let cut = said(&|candles, of| Box::new(candles.take_while(move |c| over(c, of))))?;
        let false_future = said(&|candles, of| {
            Box::new(candles.map(move |c| if over(&c, of) { c } else { falsified(&c) }))
        })?;
        compare(&truth, &cut, &text!(lookahead_cut), &mut checked);
        compare(&truth, &false_future, &text!(lookahead_false), &mut checked);
        checked.moments += 1;
        progress(number + 1, moments);
    }
    Ok(checked)
}

fn falsified(c: &Candle) -> Candle {
    Candle {
        open: 3.0 * c.open,
        high: 3.0 * c.high,
        low: 3.0 * c.low,
        close: 3.0 * c.close,
        volume: 9.0 * c.volume,
        ..*c
    }
}

fn say(
    recorded: &Recorded,
    settings: &Settings,
    at: MarketTime,
    change: Change<'_>,
) -> anyhow::Result<Snapshot> {
    let analysis = recorded.analysis(settings)?;
    let pair = |symbol, candles, hours| {
        let (candles, hours) = (change(candles, recorded.base), change(hours, Interval::H1));
        PairReplay::new(symbol, Arc::clone(&analysis), candles).with_hours(hours)
    };
    let mut heard: Option<Moment> = None;
    // One step alone: the grid of a day, moved to the moment.
    let steps = Steps { from: at, to: at + 1, step_ms: DAY_MS };
    recorded.replay_as(
        pair,
        steps,
        super::threads(),
        |moment| {
            if moment.as_of == at {
                heard = Some(moment);
            }
            Ok(())
        },
        |_, _, _| {},
    )?;
    let moment = heard.or_fail(|| text!(lookahead_not_reached, moment = at.ms()))?;
    let filters = settings.ranking;
    let mut snapshot = rank(1, at, moment.reports, &filters);
    if let Some(model) = models::open(&settings.model.file)? {
        Scorer::new(model, None).score(&mut snapshot, &filters);
    }
    Ok(snapshot)
}

/// `change`: what the other future was.
fn compare(truth: &Snapshot, other: &Snapshot, change: &Text, checked: &mut Checked) {
    checked.reports += truth.reports.len();
    let moment = truth.as_of.ms();
    let mut tell = |text: Text| {
        if checked.differences.len() < SHOWN {
            checked.differences.push(text);
        }
    };
    let (pairs, others) = (truth.reports.len(), other.reports.len());
    if pairs != others {
        let change = change.clone();
        tell(Text::new(move |t| t.lookahead_pairs(moment, pairs, others, change.in_words(t))));
    }
    for (a, b) in truth.reports.iter().zip(other.reports.iter()).filter(|(a, b)| a != b) {
        let (pair, other, change) = (a.symbol.to_string(), b.symbol.to_string(), change.clone());
        tell(Text::new(move |t| t.lookahead_report(moment, &pair, change.in_words(t), &other)));
    }
    for (a, b) in truth.candidates().zip(other.candidates()) {
        if a.calibrated_7_5.map(f64::to_bits) != b.calibrated_7_5.map(f64::to_bits) {
            let (pair, change) = (a.symbol.to_string(), change.clone());
            tell(Text::new(move |t| t.lookahead_chance(moment, &pair, change.in_words(t))));
        }
    }
}
