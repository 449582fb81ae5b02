//! The measures of the status page: what is aimed at, what there is now, over a day and over thirty.

use crate::actors::lags::BOUNDS_MS;
use crate::actors::ports::history::HistoryStats;
use crate::domain::time::MINUTE_MS;
use crate::i18n::Texts;
use crate::web::api::service_levels::{self, NowBody, ServiceLevelsBody, SpanBody, TARGETS};
use crate::web::cached::KEPT_MS;
use crate::web::config::WebState;
use crate::web::pages::format::{DASH, date, decimal, percent};
use maud::{Markup, html};
use std::sync::Arc;

/// A value and whether it meets its aim; `None` where there is none.
type Cell = Option<(String, bool)>;

/// The table of the measures.
pub(crate) async fn table(state: &WebState, t: &Texts) -> Markup {
    if state.handles.measures.is_none() {
        return html! { h2 { (t.measures()) } p.box.soft { (t.measures_elsewhere()) } };
    }
    let Ok(body) = service_levels::read(state).await else {
        return html! { h2 { (t.measures()) } p.box.bad { (t.unreadable()) } };
    };
    let head = [t.measure(), t.target(), t.measure_now(), t.last_24h(), t.last_30d()];
    html! {
        div.sheet { table.measures {
            caption { (t.measures()) }
            thead { tr { @for name in &head { th scope="col" { (name) } } } }
            tbody { @for (name, target, cells) in rows(&body, &service_levels::now(state), t) { tr {
                th scope="row" data-name=(t.measure()) { (name) }
                td data-name=(t.target()) { (target) }
                @for (cell, head) in cells.iter().zip(&head[2..]) { td data-name=(head) { (value(cell.as_ref(), t)) } }
            } } }
        } }
        p.soft { (t.measures_since()) " " time { (date(body.first_start, t)) } " UTC. " (t.measures_note()) }
    }
}

fn value(cell: Option<&(String, bool)>, t: &Texts) -> Markup {
    html! {
        @match cell {
            None => (DASH),
            Some((text, met)) => {
                span.pill data-delivery=(if *met { "sent" } else { "dead" })
                    title=(if *met { t.met() } else { t.not_met() }) { (if *met { "✓ " } else { "✗ " }) (text) }
            }
        }
    }
}

/// A shorter span since the first start says nothing of availability: it is the start itself, ms.
const LEAST_MS: i64 = 3 * MINUTE_MS;

fn rows(body: &ServiceLevelsBody, now: &NowBody, t: &Texts) -> [(String, String, [Cell; 3]); 5] {
    let [live, day, month] = [0, 1, 2].map(|i| body.spans.get(i));
    let share = |v: f64, least: f64| (percent(100.0 * v, 2, t), v >= least);
    let coverage = |s: Option<&SpanBody>| s?.levels.coverage.map(|c| share(c, TARGETS.coverage));
    let available = |s: Option<&SpanBody>| {
        let s = s.filter(|s| s.levels.to - s.levels.from >= LEAST_MS)?;
        let (text, met) = share(s.levels.availability?, TARGETS.availability);
        Some((format!("{text} ({}/{})", s.levels.published, s.levels.due), met))
    };
    let ms = |v: f64| decimal(v, 1, t);
    let latency = |s: Option<&SpanBody>| {
        let (half, most) = s.and_then(|s| s.levels.latency_p50_ms.zip(s.levels.latency_p99_ms))?;
        Some((format!("{} / {} ms", ms(half), ms(most)), most <= TARGETS.latency_ms))
    };
    let pairs =
        |s: Option<&SpanBody>| s?.levels.pairs.map(|p| (decimal(p, 0, t), p >= f64::from(TARGETS.pairs)));
    let precise = |s: Option<&SpanBody>| {
        let share = s?.fuerte.as_ref()?;
        let p = share.precision?;
        let of = format!("{} ({}/{})", percent(100.0 * p, 1, t), share.hits, share.judged);
        Some((of, p >= TARGETS.fuerte_precision))
    };
    [
        (
            t.coverage(),
            format!("≥ {}", percent(100.0 * TARGETS.coverage, 0, t)),
            [now.coverage.map(|c| share(c, TARGETS.coverage)), coverage(day), coverage(month)],
        ),
        (
            t.latency_measure(),
            "≤ 30 s".to_owned(),
            [
                now.latency_ms.map(|v| (format!("{} ms", ms(v)), v <= TARGETS.latency_ms)),
                latency(day),
                latency(month),
            ],
        ),
        (
            t.precision_measure(),
            format!("≥ {}", percent(100.0 * TARGETS.fuerte_precision, 0, t)),
            [None, precise(day), precise(month)],
        ),
        (
            t.availability(),
            format!("≥ {}", percent(100.0 * TARGETS.availability, 1, t)),
            [available(live), available(day), available(month)],
        ),
        (
            t.pairs_measure(),
            format!("≥ {}", TARGETS.pairs),
            [now.pairs.map(|p| (p.to_string(), p >= TARGETS.pairs)), pairs(day), pairs(month)],
        ),
    ]
}

/// How late closed candles arrive.
pub(crate) fn lags(counts: &[u64], t: &Texts) -> Markup {
    let total: u64 = counts.iter().sum();
    let label = |at: usize| {
        BOUNDS_MS
            .get(at)
            .map_or_else(|| format!("> {} ms", BOUNDS_MS[BOUNDS_MS.len() - 1]), |b| format!("≤ {b} ms"))
    };
    html! {
        h2 { (t.lags()) }
        @if total == 0 { p.soft { (t.no_lags()) } }
        @else {
            p.soft { (t.lags_text()) " " (t.lag_candles(total)) }
            dl.bars { @for (at, count) in counts.iter().enumerate() { div {
                dt { (label(at)) }
                dd { meter min="0" max=(total) value=(count) aria-label=(label(at)) {} " " (count) }
            } } }
        }
    }
}

/// Sizes of the history store; counted anew every five minutes, for that takes a while.
pub(crate) async fn sizes(state: &WebState, t: &Texts) -> Markup {
    let Some(store) = &state.handles.history else { return html! {} };
    let mono = state.handles.machine.mono_time();
    let stats: Option<Arc<HistoryStats>> = match state.cached.get(0, mono, 10 * KEPT_MS) {
        Some(kept) => Some(kept),
        None => store.stats().await.ok().map(|stats| state.cached.put(0, mono, stats)),
    };
    html! {
        @match stats {
            None => p.bad.box { (t.history_silent()) },
            Some(stats) => {
                p { strong { (decimal(stats.bytes as f64 / 1e6, 1, t)) " MB" } " " span.soft { (stats.store) } }
                dl.pairs { @for table in &stats.tables { div { dt { (table.table) } dd { (decimal(table.rows as f64, 0, t)) } } } }
                @if stats.spilled_rows > 0 { p.bad.box { (t.spilled(stats.spilled_rows)) } }
            }
        }
    }
}
