//! Impulso: a real-time momentum scanner for all USDT pairs on Binance spot.
//!
//! Layers, imports go down only (`tests/architecture.rs` holds it):
//! `i18n`, `domain` < `exchange`, `learning` < `actors` < `adapters`, `simulator`, `metrics` < `web` < `settings` <
//! `telemetry` < `app` < `cli`.
//!
//! Three walks show the rooms; `docs/ARCHITECTURE.md` says why they are as they are.
//!
//! # A candle, from the socket to alert and page
//! 1. [`BinanceSockets`](adapters::binance::socket::BinanceSockets) holds a connection and hands its frames to a
//!    [`Feed`](actors::feed::Feed).
//! 2. The [`Session`](exchange::stream::session::Session) judges the connection,
//!    [`decode_frame`](exchange::stream::frame::decode_frame) reads the text, and
//!    [`Clocks::observe`](actors::clocks::Clocks::observe) whether its moment can be trusted.
//! 3. The pair's [`SymbolActor`](actors::symbol::SymbolActor) puts it into its
//!    [`SymbolAnalysis`](domain::analysis::SymbolAnalysis): window, indicators, score.
//! 4. The [`Ranker`](actors::ranker::Ranker) asks every pair when a cut is [`due`](actors::cycle::CycleClock::due),
//!    [`rank`](domain::ranking::rank) orders the reports, the [`Scorer`](learning::scorer::Scorer) adds the model's chance.
//! 5. [`Publication::publish`](actors::publication::Publication::publish) gives the snapshot out, once.
//! 6. To the alert: [`AlertActor`](actors::alert::AlertActor) asks its
//!    [`AlertPolicy`](domain::alert::policy::AlertPolicy) and writes to the outbox
//!    ([`enqueue`](actors::ports::state::OperationalState::enqueue)); a
//!    [`DeliveryWorker`](actors::delivery::DeliveryWorker) takes it from there to its channel ([`adapters::notify`]).
//! 7. To the page: a [`Session`](web::live::session::Session) sends what is new, as the
//!    [`Relay`](web::live::relay::Relay) packed it for all; `web/live.js` puts it together, `web/market.js` draws it.
//! 8. What became of it: the [`Tracker`](actors::tracker::Tracker) holds the prediction against the candles of the next
//!    24 hours, and the [`Scorer`](learning::scorer::Scorer) learns from it.
//!
//! # A request
//! 1. [`web::server`] has the table of routes and the filters around them: counting, headers, language,
//!    [`limit`](web::limit), [`guard`](web::auth::guard), [`etag`](web::etag), [`csv`](web::csv).
//! 2. A handler in [`web::api`] or [`web::pages`] reads its parameters by [`Params`](web::query::Params), and what may be
//!    changed by whom from [`operator`](web::auth::operator).
//! 3. It answers from the [`LiveView`](actors::view::LiveView), from a pair through the
//!    [`Directory`](actors::directory::Directory), or from the [`HistoryStore`](actors::ports::history::HistoryStore).
//! 4. What is wrong is a [`Cause`](web::problem::Cause) and gets its words where it is shown ([`i18n`]).
//!
//! # A restart
//! 1. [`app::scan`] reads settings and state and puts everything together (`app::compose`).
//! 2. Stored candles come back as [`WarmStart`](actors::history::warm_start::WarmStart); the rest is asked for by the
//!    [`Backfill`](actors::backfill::Backfill) within the [`WeightLedger`](exchange::weight::WeightLedger).
//! 3. The outbox is [`recovered`](actors::ports::state::OperationalState::recover): what was being sent may have arrived.
//! 4. The [`Roster`](actors::system) declares the actors and the [`Supervisor`](actors::supervisor::Supervisor)
//!    starts them; one that dies tells by its [`DeathWatch`](actors::death_watch::DeathWatch) and is started anew by the
//!    [`Registry`](actors::registry::Registry), which stops them all in the order of
//!    [`StopStage`](actors::registry::StopStage) at the end.
#![allow(
    rustdoc::private_intra_doc_links,
    reason = "the walks lead through all rooms; the links are checked all the same"
)]

pub mod actors;
pub mod adapters;
#[cfg(feature = "schema")]
pub mod app;
#[cfg(feature = "schema")]
pub mod cli;
pub mod domain;
pub mod exchange;
#[cfg(feature = "schema")]
#[doc(hidden)]
pub mod fuzz;
pub mod i18n;
pub mod learning;
pub mod metrics;
pub mod settings;
pub mod simulator;
pub mod telemetry;
#[cfg(feature = "schema")]
pub mod web;
