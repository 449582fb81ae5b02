//! `/alerts`: what was sent and how it went out, mutes, channels.

use crate::actors::ports::alerts::AlertRecord;
use crate::actors::ports::history::{LedgerRow, PredictionKind, Span};
use crate::actors::view::ChannelStatus;
use crate::domain::duration::Millis;
use crate::domain::level_rules::LevelBasis;
use crate::domain::market_move::LEAST;
use crate::domain::moment::MarketTime;
use crate::i18n::{Texts, texts_for_scripts};
use crate::web::api::predictions::PredictionBody;
use crate::web::config::WebState;
use crate::web::pages::format::{date, decimal, span, symbol_url};
use crate::web::pages::history;
use crate::web::pages::ladders::Ladders;
use crate::web::pages::layout::{Page, Section, Visit, render, with_code};
use crate::web::problem::ApiError;
use crate::web::query;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::IntoParams;

/// Alerts of one page: more would be scrolled past.
const LIMIT: usize = 50;

/// Which alerts are shown.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct AlertsParams {
    /// Read by `Visit`.
    lang: Option<String>,
    /// Only those before it, ms since 1970 UTC.
    #[serde(deserialize_with = "query::moment")]
    before: Option<i64>,
}

/// `GET /alerts`.
///
/// # Errors
/// 400 for a parameter that is not known or makes no sense.
pub(crate) async fn page(req: HttpRequest, state: Data<WebState>) -> Result<HttpResponse, ApiError> {
    let visit = Visit::new(&req, &state)?;
    let before = query::read::<AlertsParams>(req.query_string())?.before;
    let before = before.map_or(MarketTime::MAX, MarketTime::from_ms);
    let t = visit.t;
    let main = html! {
        h1 { (t.alerts()) }
        @if state.handles.operator.is_none() { p.box { (t.read_only()) } }
        @else if !visit.operates { p.box.soft { (with_code(&t.not_operator())) } }
        (notify(t))
        (history(&visit, before).await)
        (policy(&state, t))
        @if state.handles.operator.is_some() { section id="mutes" data-live { (mutes(&visit)) } }
        section id="channels" data-live { (channels(&state.handles.view.channels(), &visit)) }
    };
    let page = Page {
        title: &t.alerts(),
        section: Section::Alerts,
        script: "alerts.js",
        words: texts_for_scripts!(t; test_sent),
        main,
    };
    let markup = render(&visit, &page);
    Ok(visit.answer(HttpResponse::Ok(), markup))
}

/// The opt-in for notifications and sound; it stays in this browser.
fn notify(t: &Texts) -> Markup {
    html! {
        p.needs-js.box {
            button type="button" id="notify" aria-pressed="false" aria-describedby="notify-state" { (t.notify()) }
            " " span.soft id="notify-state" { (t.notify_off()) }
        }
    }
}

/// When alerts are sent, as the settings say.
fn policy(state: &WebState, t: &Texts) -> Markup {
    let Some(p) = &state.config.policy else { return html! {} };
    let published = state.handles.view.published();
    let basis = published.map_or(LevelBasis::Rule, |published| published.snapshot.basis());
    let (lines, name) = match basis {
        LevelBasis::Rule => (state.profile().levels, t.policy_levels()),
        LevelBasis::Calibrated => (state.config.calibrated, t.policy_levels_chance()),
    };
    let levels = format!("FUERTE ≥ {}, ALTA ≥ {}", decimal(lines.fuerte, 0, t), decimal(lines.alta, 0, t));
    let facts = [
        (name, levels),
        (t.policy_confirm(), span(p.levels.confirm.ms())),
        (t.policy_breakout(), decimal(p.levels.breakout_points, 0, t)),
        (t.policy_hysteresis(), decimal(p.levels.hysteresis, 1, t)),
        (t.policy_cooldown(), span(p.cooldown.ms())),
        (t.policy_escalation(), decimal(p.escalation_points, 0, t)),
        (t.policy_digest(), span(p.digest_every.ms())),
        (t.policy_summary(), p.summary_from.to_string()),
        (t.policy_move(), t.policy_move_is(LEAST, span(p.move_update.ms()))),
        (t.policy_quiet(), p.quiet.map_or_else(|| t.policy_no_quiet_hours(), |hours| hours.to_string())),
        (
            t.policy_watchlist(),
            if p.watchlist_only { t.policy_watchlist_only_yes() } else { t.policy_watchlist_only_no() },
        ),
    ];
    html! {
        section.facts.wide id="policy" { h2 { (t.policy()) }
            dl { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } }
        }
    }
}

/// What became of alerts, by the key of their predictions.
async fn outcomes(visit: &Visit<'_>, records: &[AlertRecord]) -> BTreeMap<String, PredictionBody> {
    let moments = || records.iter().map(|r| r.alert.as_of);
    let (Some(store), Some(from), Some(to)) =
        (visit.state.handles.history.as_ref(), moments().min(), moments().max())
    else {
        return BTreeMap::new();
    };
    let read = store.predictions(Some(PredictionKind::Alert), Span { from, to: to + 1 }).await;
    // Their levels stand in the alerts themselves.
    let shown = |row: LedgerRow| (row.0.key.clone(), PredictionBody::new(row, MarketTime::MIN));
    read.unwrap_or_default().into_iter().map(shown).collect()
}

async fn history(visit: &Visit<'_>, before: MarketTime) -> Markup {
    let t = visit.t;
    let Some(operator) = visit.state.handles.operator.as_ref() else { return html! {} };
    let records = operator.alerts(None, before, LIMIT).ok();
    let outcomes = outcomes(visit, records.as_deref().unwrap_or_default()).await;
    let oldest = records.as_ref().filter(|r| r.len() == LIMIT).and_then(|r| r.last()).map(|r| r.alert.as_of);
    html! {
        section id="history" data-live {
            (history::table(records.as_deref(), &outcomes, &t.history(), &Ladders::in_force(visit.state), t))
            p.pages {
                @if before != MarketTime::MAX { a href="/alerts" { (t.newest()) } " " }
                @if let Some(oldest) = oldest { a href=(format!("/alerts?before={oldest}")) { (t.older()) } }
            }
        }
    }
}

fn mutes(visit: &Visit<'_>) -> Markup {
    let t = visit.t;
    let read = visit.state.handles.operator.as_ref().map(|operator| operator.mutes());
    let Some(Ok(mutes)) = read else { return html! { p.box.bad { (t.unreadable()) } } };
    let muted = |symbol: &str| mutes.iter().any(|m| m.symbol == symbol);
    html! {
        @if mutes.is_empty() { h2 { (t.mutes()) } p.box.soft { (t.no_mutes()) } }
        @else { div.sheet { table {
            caption { (t.mutes()) }
            thead { tr {
                th scope="col" { (t.symbol()) } th scope="col" { (t.until()) } th scope="col" { (t.muted_by()) }
                @if visit.operates { th scope="col" { span.sr { (t.unmute()) } } }
            } }
            tbody { @for m in &mutes { tr {
                th scope="row" data-name=(t.symbol()) {
                    @if m.symbol == "*" { (t.everything()) } @else { a href=(symbol_url(&m.symbol)) { (m.symbol) } }
                }
                td data-name=(t.until()) { (m.until.map_or_else(|| t.for_good(), |u| date(u.ms(), t))) }
                td data-name=(t.muted_by()) { (m.by) }
                @if visit.operates { td {
                    button.needs-js type="button" data-unmute=(m.symbol) { (t.unmute()) }
                } }
            } } }
        } } }
        @if visit.operates && !muted("*") {
            p { button.needs-js type="button" id="mute-all" { (t.mute_all()) } }
        }
    }
}

/// Channels with their health; with buttons for who may send a test.
pub(crate) fn channels(channels: &[ChannelStatus], visit: &Visit<'_>) -> Markup {
    let t = visit.t;
    if channels.is_empty() {
        return html! { h2 { (t.channels()) } p.box.soft { (t.no_channels()) } };
    }
    html! {
        div.sheet { table {
            caption { (t.channels()) }
            thead { tr {
                th scope="col" { (t.channel()) } th scope="col" { (t.status()) }
                th.num scope="col" { (t.delivered()) } th.num scope="col" { (t.waiting()) }
                th.num scope="col" { (t.maybe()) } th.num scope="col" { (t.given_up()) }
                th scope="col" { (t.last_sent()) } th scope="col" { (t.last_error()) }
                @if visit.operates { th scope="col" { span.sr { (t.test()) } } }
            } }
            tbody { @for c in channels { (channel(c, visit.operates, t)) } }
        } }
    }
}

fn channel(c: &ChannelStatus, operates: bool, t: &Texts) -> Markup {
    let dead = c.dead_channel;
    html! {
        tr {
            th scope="row" data-name=(t.channel()) { (c.name) }
            td data-name=(t.status()) {
                span.pill data-delivery=(if dead { "dead" } else { "sent" }) { (if dead { t.channel_dead() } else { t.channel_ok() }) }
            }
            td.num data-name=(t.delivered()) { (c.sent) }
            td.num data-name=(t.waiting()) { (c.pending) }
            td.num data-name=(t.maybe()) { (c.uncertain) }
            td.num data-name=(t.given_up()) { (c.dead) }
            td data-name=(t.last_sent()) { (c.last_sent_at.map_or_else(|| t.never(), |at| date(at.ms(), t))) }
            td data-name=(t.last_error()) { (c.last_error.as_ref().map_or("–", |reason| reason.in_words(t))) }
            @if operates { td { button.needs-js type="button" data-test=(c.name) { (t.test()) } } }
        }
    }
}
