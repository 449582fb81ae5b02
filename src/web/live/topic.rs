//! The topics of the live socket: their names, when they are told anew, and what they are at a moment.

use crate::actors::view::Published;
use crate::domain::moment::MarketTime;
use crate::i18n::Language;
use crate::web::api::{ranking, status, symbols};
use crate::web::config::WebState;
use crate::web::live::change::{Object, TopicState};
use serde_json::Value;
use std::collections::BTreeMap;

/// Alerts of the topic's snapshot: what the page lists.
const ALERTS: usize = 100;
/// Between two looks at the alerts, ms: the outbox is on disk.
const ALERTS_MS: u64 = 1_000;
/// Between two messages of the topic status, ms. The page takes silence for a dead connection, so it must come
/// also when nothing changed.
const STATUS_MS: u64 = 2_000;

/// What a client can subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Topic {
    Ranking,
    Alerts,
    /// The state of the system, its problem in a language.
    Status(Language),
    Symbol(String),
}

impl Topic {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Ranking => "ranking".to_owned(),
            Self::Alerts => "alerts".to_owned(),
            Self::Status(_) => "status".to_owned(),
            Self::Symbol(symbol) => format!("symbol:{symbol}"),
        }
    }

    /// Is it renewed with each cycle, under the cycle's number.
    pub(crate) const fn follows_cycles(&self) -> bool {
        matches!(self, Self::Ranking | Self::Symbol(_))
    }

    /// Is it told only when it is not as before.
    pub(crate) const fn is_sent_when_changed(&self) -> bool {
        matches!(self, Self::Alerts)
    }

    /// A number that is another one when the topic is to be looked at again; `None` before the first cycle.
    pub(crate) fn moment(&self, newest: Option<&Published>, web: &WebState) -> Option<u64> {
        let every = |ms: u64| u64::try_from(web.handles.machine.mono_time().ms()).ok().map(|now| now / ms);
        match self {
            Self::Ranking | Self::Symbol(_) => newest.map(|published| published.seq),
            Self::Alerts => every(ALERTS_MS),
            Self::Status(_) => every(STATUS_MS),
        }
    }

    /// The topic now, as REST gives it.
    pub(crate) fn whole(&self, newest: Option<&Published>, web: &WebState) -> Option<Object> {
        match self {
            Self::Ranking => Some(object(&ranking::body(&newest?.snapshot, &ranking::Selection::default()))),
            Self::Symbol(symbol) => {
                let report = newest?.snapshot.reports.iter().find(|r| r.symbol.as_str() == symbol)?;
                Some(object(&symbols::detail(report, newest, web)))
            }
            Self::Status(language) => Some(object(&status::body(web, language.texts()))),
            Self::Alerts => {
                let read = web.handles.operator.as_ref()?.alerts(None, MarketTime::MAX, ALERTS);
                let alerts =
                    read.inspect_err(|error| tracing::warn!(%error, "alerts for the live clients")).ok()?;
                Some(object(&serde_json::json!({ "alerts": alerts })))
            }
        }
    }

    /// The same as fields and rows: the lists of pairs and of alerts become rows by name.
    pub(crate) fn state(&self, whole: &Object) -> TopicState {
        let (list, name): (_, fn(&Value) -> &Value) = match self {
            Self::Ranking => ("levels", |row| &row["symbol"]),
            Self::Alerts => ("alerts", |row| &row["alert"]["id"]),
            Self::Status(_) | Self::Symbol(_) => {
                return TopicState { fields: whole.clone(), rows: BTreeMap::new() };
            }
        };
        let mut fields = whole.clone();
        let lists = match fields.remove(list) {
            Some(Value::Object(levels)) => levels.into_iter().map(|(_, rows)| rows).collect(),
            other => other.into_iter().collect::<Vec<_>>(),
        };
        let rows = lists.iter().filter_map(Value::as_array).flatten();
        let named = |row: &Value| Some((name(row).as_str()?.to_owned(), row.as_object()?.clone()));
        TopicState { fields, rows: rows.filter_map(named).collect() }
    }
}

/// The fields of a body; none when it is no object, which bodies always are.
fn object(body: &impl serde::Serialize) -> Object {
    match serde_json::to_value(body) {
        Ok(Value::Object(object)) => object,
        other => {
            tracing::error!(?other, "a body of a live topic is no object");
            Object::new()
        }
    }
}
