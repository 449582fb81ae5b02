//! What all pages share: head, navigation, the state of the feed, the problem box, the live region.

use crate::actors::failover::status::Role;
use crate::domain::moment::MarketTime;
use crate::domain::time::clock;
use crate::i18n::{Language, Texts, texts_for_scripts};
use crate::web::api::status::problems;
use crate::web::assets;
use crate::web::auth::operates;
use crate::web::base::rebased;
use crate::web::config::WebState;
use crate::web::pages::format::{DASH, iso, span};
use crate::web::problem::ApiError;
use crate::web::query;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

pub(crate) const LANG_COOKIE: &str = "impulso_lang";
const LINKS: [(&str, Section); 4] = [
    ("/", Section::Market),
    ("/alerts", Section::Alerts),
    ("/track", Section::Track),
    ("/status", Section::Status),
];

/// Which part of the site a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// `/` and the pairs.
    Market,
    Alerts,
    Track,
    Status,
}

/// One request for a page.
pub(crate) struct Visit<'a> {
    pub(crate) req: &'a HttpRequest,
    pub state: &'a WebState,
    /// Texts of its language.
    pub t: &'static Texts,
    /// The language was asked for in the address: it is kept.
    chosen: bool,
    /// The visitor may change mutes and the watchlist.
    pub operates: bool,
}

impl<'a> Visit<'a> {
    /// Reads the language: from the address, else the cookie, else Spanish.
    ///
    /// # Errors
    /// 400 for a language other than es and en.
    pub(crate) fn new(req: &'a HttpRequest, state: &'a WebState) -> Result<Self, ApiError> {
        let asked = req.query_string().split('&').find_map(|p| p.strip_prefix("lang="));
        let kept = || Language::from_code(req.cookie(LANG_COOKIE)?.value());
        let language = asked.map(query::language).transpose()?.or_else(kept).unwrap_or_default();
        Ok(Self { req, state, t: language.texts(), chosen: asked.is_some(), operates: operates(req, state) })
    }

    /// The answer with its cookies.
    pub(crate) fn answer(&self, mut builder: HttpResponseBuilder, page: Markup) -> HttpResponse {
        builder.content_type("text/html; charset=utf-8").insert_header(("Cache-Control", "no-store"));
        let config = &self.state.config;
        if self.chosen {
            let kept = Cookie::build(LANG_COOKIE, self.t.language.code()).path(config.cookie_path());
            let kept = kept.same_site(SameSite::Lax);
            builder.cookie(kept.max_age(Duration::days(365)).finish());
        }
        builder.body(rebased(page.into_string(), &config.base_path))
    }

    /// The same address in the other language.
    fn other_language(&self) -> (String, &'static str) {
        let other = self.t.language.other().code();
        let kept = self.req.query_string().split('&').filter(|p| !p.is_empty() && !p.starts_with("lang="));
        let parts: Vec<String> = kept.map(str::to_owned).chain([format!("lang={other}")]).collect();
        (format!("{}?{}", self.req.path(), parts.join("&")), other)
    }
}

/// The parameters of a page that has none of its own.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// Read by `Visit`.
    #[expect(dead_code, reason = "only its name is used here")]
    lang: Option<String>,
}

/// A page's own parts.
pub(crate) struct Page<'a> {
    /// In front of the name of the program; empty for none.
    pub title: &'a str,
    pub(crate) section: Section,
    /// Its module under `web/`.
    pub script: &'static str,
    /// Texts that its module needs, besides those that every module does.
    pub words: Vec<(&'static str, String)>,
    pub main: Markup,
}

pub(crate) fn render(visit: &Visit<'_>, page: &Page<'_>) -> Markup {
    let t = visit.t;
    let title = if page.title.is_empty() {
        format!("Impulso · {}", t.tagline())
    } else {
        format!("{} · Impulso", page.title)
    };
    html! {
        (DOCTYPE)
        html lang=(t.language.code()) data-base=[Some(&visit.state.config.base_path).filter(|base| !base.is_empty())] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="description" content=(t.tagline());
                title { (title) }
                link rel="icon" href=(assets::url("icon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(assets::url("page.css"));
                link rel="stylesheet" href=(assets::url("market.css"));
                link rel="stylesheet" href=(assets::url("sheets.css"));
                script src=(assets::url("theme.js")) {}
                script type="module" src=(assets::url(page.script)) {}
            }
            body data-words=(for_scripts(t, &page.words)) data-operates[visit.operates]
                data-cycle-ms=(visit.state.config.cycle_interval_ms) data-market-time=(market_time(visit))
                data-as-of=[as_of(visit)] {
                a.skip href="#main" { (t.skip()) }
                (header(visit, page.section))
                (problem(visit))
                (standby(visit))
                p.box.bad id="stale" hidden { (t.stale_data()) " " span id="stale-age" {} }
                main id="main" tabindex="-1" { (page.main) }
                (footer(visit))
                p.sr id="news" role="status" aria-live="polite" {}
            }
        }
    }
}

fn header(visit: &Visit<'_>, section: Section) -> Markup {
    let t = visit.t;
    let (url, code) = visit.other_language();
    html! {
        header.top {
            a.brand href="/" { "Impulso" }
            nav aria-label=(t.nav()) {
                @for (href, of) in LINKS {
                    a href=(href) aria-current=[(of == section).then_some("page")] {
                        @match of {
                            Section::Market => (t.market()),
                            Section::Alerts => (t.alerts()),
                            Section::Track => (t.track()),
                            Section::Status => (t.status()),
                        }
                    }
                }
            }
            div.tools {
                a.switch href=(url) hreflang=(code) lang=(code) { (t.other_lang()) }
                button.icon.needs-js id="theme" type="button" title=(t.theme()) aria-label=(t.theme()) { "◐" }
            }
        }
    }
}

/// The feed's state in one word.
pub(crate) fn feed(visit: &Visit<'_>) -> String {
    visit.state.handles.view.status().feed.in_words(visit.t)
}

fn market_time(visit: &Visit<'_>) -> MarketTime {
    visit.state.handles.view.status().market_time
}

/// The newest cut.
fn as_of(visit: &Visit<'_>) -> Option<MarketTime> {
    visit.state.handles.view.published().map(|p| p.snapshot.as_of)
}

/// Age of the newest cut.
pub(crate) fn age(visit: &Visit<'_>) -> String {
    as_of(visit).map_or_else(|| DASH.to_owned(), |as_of| span(market_time(visit) - as_of))
}

fn problem(visit: &Visit<'_>) -> Markup {
    let present = problems(visit.state, visit.t);
    html! {
        section.box.bad id="problem" tabindex="0" aria-label=(visit.t.problems()) hidden[present.is_empty()] {
            ul id="problems" { @for p in &present {
                li {
                    strong { (with_code(&p.what)) } " " (p.meaning) " " (with_code(&p.remedy)) " "
                    span.soft { (visit.t.since()) " " time datetime=(iso(p.since)) { (clock(p.since)) } " UTC" }
                }
            } }
        }
    }
}

/// Whose turn it is of two scanners.
pub(crate) fn role(role: Role, t: &Texts) -> String {
    match role {
        Role::Standby => t.role_standby(),
        Role::TakingOver => t.role_taking_over(),
        Role::Active => t.role_active(),
    }
}

/// On each page of a scanner that does not send.
fn standby(visit: &Visit<'_>) -> Markup {
    let own = visit.state.handles.view.status().failover.as_ref().map_or(Role::Active, |own| own.role);
    html! {
        @if own != Role::Active { p.box id="standby" { (role(own, visit.t)) } }
    }
}

/// What stands between backticks is something to type.
pub(crate) fn with_code(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}

fn footer(visit: &Visit<'_>) -> Markup {
    html! {
        footer {
            p {
                (visit.t.footer()) " · v" (env!("CARGO_PKG_VERSION")) " · " a href="/docs" { "API" } " · "
                a href="/openapi.json" { "OpenAPI" }
                @if visit.state.config.guards_reads() || (visit.state.handles.operator.is_some() && !visit.operates) { " · " a href="/login" { (visit.t.sign_in_again()) } }
            }
            @if let Some(url) = &visit.state.config.admin_url {
                p { (visit.t.admin()) " " a href=(url) { (url) } }
            }
        }
    }
}

/// The texts that the scripts need, as JSON: those of every page, and its own.
fn for_scripts(t: &Texts, own: &[(&'static str, String)]) -> String {
    let every = texts_for_scripts!(t;
        notify_on, notify_off, notify_blocked, connecting, live, lost, frozen, news_lost, news_back, failed,
        star, unstar, mute, unmute, up, since, unknown,
    );
    let all = every.iter().chain(own);
    let map: serde_json::Map<_, _> =
        all.map(|(name, text)| ((*name).to_owned(), text.as_str().into())).collect();
    serde_json::Value::Object(map).to_string()
}
