//! What is wrong with a request, with the values that its words need.

use super::ApiError;
use crate::i18n::{Messages, Texts};
use actix_web::http::StatusCode;

/// A kind of problem: its status, its name for programs (`urn:impulso:problem:<name>`) and its title for people.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) status: StatusCode,
    pub(super) name: &'static str,
    pub(super) title: fn(&Messages) -> String,
}

const fn kind(status: StatusCode, name: &'static str, title: fn(&Messages) -> String) -> Kind {
    Kind { status, name, title }
}

const BAD_QUERY: Kind = kind(StatusCode::BAD_REQUEST, "bad-query", Messages::title_bad_query);
const BAD_BODY: Kind = kind(StatusCode::BAD_REQUEST, "bad-body", Messages::title_bad_body);
const UNKNOWN_SYMBOL: Kind = kind(StatusCode::NOT_FOUND, "unknown-symbol", Messages::title_unknown_symbol);
const UNKNOWN_ROUTE: Kind = kind(StatusCode::NOT_FOUND, "unknown-route", Messages::title_unknown_route);
const METHOD: Kind = kind(StatusCode::METHOD_NOT_ALLOWED, "method", Messages::title_method);
const UNAUTHORIZED: Kind = kind(StatusCode::UNAUTHORIZED, "unauthorized", Messages::title_unauthorized);
const FORBIDDEN: Kind = kind(StatusCode::FORBIDDEN, "forbidden", Messages::title_forbidden);
const NOT_FOUND: Kind = kind(StatusCode::NOT_FOUND, "not-found", Messages::title_not_found);
const NO_CHANCE: Kind = kind(StatusCode::NOT_FOUND, "no-chance", Messages::title_no_chance);
const FOREIGN_ORIGIN: Kind = kind(StatusCode::FORBIDDEN, "foreign-origin", Messages::title_foreign_origin);
const TOO_MANY_REQUESTS: Kind =
    kind(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", Messages::title_too_many_requests);
const READ_ONLY: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "read-only", Messages::title_read_only);
const STANDBY: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "standby", Messages::title_standby);
const NO_SCANNER: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "no-scanner", Messages::title_no_scanner);
const STATE: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "state", Messages::title_state);
const NO_SNAPSHOT: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "no-snapshot", Messages::title_no_snapshot);
const NOT_READY: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "not-ready", Messages::title_not_ready);
const NO_ANSWER: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "no-answer", Messages::title_no_answer);
const NO_HISTORY: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "no-history", Messages::title_no_history);
const HISTORY: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "history", Messages::title_history);
const NO_EXPERIMENT: Kind =
    kind(StatusCode::SERVICE_UNAVAILABLE, "no-experiment", Messages::title_no_experiment);
const NO_REPORT: Kind = kind(StatusCode::SERVICE_UNAVAILABLE, "no-report", Messages::title_no_report);
const CLIENTS_FULL: Kind =
    kind(StatusCode::SERVICE_UNAVAILABLE, "clients-full", Messages::title_clients_full);
const ANSWERS_UNREAD: Kind =
    kind(StatusCode::SERVICE_UNAVAILABLE, "answers-unread", Messages::title_answers_unread);
const FOREIGN_HOST: Kind =
    kind(StatusCode::MISDIRECTED_REQUEST, "foreign-host", Messages::title_foreign_host);
const LATE: Kind = kind(StatusCode::REQUEST_TIMEOUT, "late", Messages::title_late);
const TOO_LARGE: Kind = kind(StatusCode::PAYLOAD_TOO_LARGE, "too-large", Messages::title_too_large);
const MEDIA_TYPE: Kind = kind(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", Messages::title_media_type);
const BAD_REQUEST: Kind = kind(StatusCode::BAD_REQUEST, "bad-request", Messages::title_bad_request);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    QueryUnreadable { error: String },
    UnknownParameter { key: String },
    RepeatedParameter { key: String },
    UnknownValue { key: String, value: String },
    NotWhole { key: String, value: String, least: u64, most: u64 },
    NotUnderstood { key: String, value: String },
    IntervalNotServed { interval: String },
    TooManyRows { rows: usize, most: usize },
    NoHandshake { error: String },
    BodyUnreadable { error: String },
    EncodedBody { encoding: String },
    BodyLate,
    NoSpan { value: String },
    UnknownSymbol { name: String },
    NoChance { name: String },
    UnknownRoute { path: String },
    Method { method: String, allowed: &'static [&'static str] },
    TokenNeeded,
    ReadingNeedsToken,
    TokenUnknown,
    MayOnlyRead { name: String },
    ForeignOrigin { origin: String, host: String },
    ForeignHost { host: String },
    CodeUsed,
    NotMuted { symbol: String },
    NotWatched { symbol: String },
    UnknownChannel { name: String, all: String },
    UnknownArm { arm: String, all: String },
    NothingBefore,
    TooManyRequests { after_s: u64 },
    ReadOnly,
    ReadOnlyLevels,
    ReadOnlyModel,
    Standby,
    State,
    TokensUnreadable,
    NoSnapshot,
    NotReady { problems: Vec<String> },
    NoAnswer { symbol: String },
    NoHistory,
    History,
    NoExperiment,
    NoReport,
    ClientsFull { most: usize },
    OwnClientsFull { most: usize },
    AnswersUnread,
    // What the HTTP framework refuses by itself, in its own English words.
    Framework { status: StatusCode, error: String },
}

impl Cause {
    /// The error with the values that are allowed instead, as a request has them.
    pub(crate) fn allowed(self, values: &[impl AsRef<str>]) -> ApiError {
        ApiError { cause: self, allowed: Some(values.iter().map(|v| v.as_ref().to_owned()).collect()) }
    }

    /// The kind, and what is wrong in words.
    pub(super) fn in_words(&self, t: &Texts) -> (Kind, String) {
        match self {
            Self::QueryUnreadable { error } => (BAD_QUERY, t.problem_query_unreadable(error)),
            Self::UnknownParameter { key } => (BAD_QUERY, t.problem_unknown_parameter(key)),
            Self::RepeatedParameter { key } => (BAD_QUERY, t.problem_repeated_parameter(key)),
            Self::UnknownValue { key, value } => (BAD_QUERY, t.problem_unknown_value(key, value)),
            Self::NotWhole { key, value, least, most } => {
                (BAD_QUERY, t.problem_not_whole(key, value, *least, *most))
            }
            Self::NotUnderstood { key, value } => (BAD_QUERY, t.problem_not_understood(key, value)),
            Self::IntervalNotServed { interval } => (BAD_QUERY, t.problem_interval_not_served(interval)),
            Self::TooManyRows { rows, most } => (BAD_QUERY, t.problem_too_many_rows(*rows, *most)),
            Self::NoHandshake { error } => (BAD_QUERY, t.problem_no_handshake(error)),
            Self::BodyUnreadable { error } => (BAD_BODY, t.problem_body_unreadable(error)),
            Self::EncodedBody { encoding } => (MEDIA_TYPE, t.problem_encoded_body(encoding)),
            Self::BodyLate => (LATE, t.problem_body_late()),
            Self::NoSpan { value } => (BAD_BODY, t.problem_no_span(value)),
            Self::UnknownSymbol { name } => (UNKNOWN_SYMBOL, t.problem_unknown_symbol(name)),
            Self::NoChance { name } => (NO_CHANCE, t.problem_no_chance(name)),
            Self::UnknownRoute { path } => (UNKNOWN_ROUTE, t.problem_unknown_route(path)),
            Self::Method { method, allowed } => {
                (METHOD, t.problem_method(method, allowed.join(&format!(" {} ", t.or()))))
            }
            Self::TokenNeeded => (UNAUTHORIZED, t.problem_token_needed()),
            Self::ReadingNeedsToken => (UNAUTHORIZED, t.problem_reading_needs_token()),
            Self::TokenUnknown => (UNAUTHORIZED, t.problem_token_unknown()),
            Self::MayOnlyRead { name } => (FORBIDDEN, t.problem_may_only_read(name)),
            Self::ForeignOrigin { origin, host } => (FOREIGN_ORIGIN, t.problem_foreign_origin(origin, host)),
            Self::ForeignHost { host } => (FOREIGN_HOST, t.problem_foreign_host(host)),
            Self::CodeUsed => (UNAUTHORIZED, t.problem_code_used()),
            Self::NotMuted { symbol } => (NOT_FOUND, t.problem_not_muted(symbol)),
            Self::NotWatched { symbol } => (NOT_FOUND, t.problem_not_watched(symbol)),
            Self::UnknownChannel { name, all } => (NOT_FOUND, t.problem_unknown_channel(name, all)),
            Self::UnknownArm { arm, all } => (NOT_FOUND, t.problem_unknown_arm(arm, all)),
            Self::NothingBefore => (NOT_FOUND, t.problem_nothing_before()),
            Self::TooManyRequests { after_s } => (TOO_MANY_REQUESTS, t.problem_too_many_requests(*after_s)),
            Self::ReadOnly => (READ_ONLY, t.problem_read_only()),
            Self::ReadOnlyLevels => (READ_ONLY, t.problem_read_only_levels()),
            Self::Standby => (STANDBY, t.problem_standby()),
            Self::ReadOnlyModel => (NO_SCANNER, t.problem_read_only_model()),
            Self::State => (STATE, t.problem_state()),
            Self::TokensUnreadable => (STATE, t.problem_tokens_unreadable()),
            Self::NoSnapshot => (NO_SNAPSHOT, t.problem_no_snapshot()),
            // While pairs warm up for the first time nothing is wrong, and there is no ranking yet all the same.
            Self::NotReady { problems } if problems.is_empty() => (NOT_READY, t.problem_not_ready()),
            Self::NotReady { problems } => (NOT_READY, problems.join("; ")),
            Self::NoAnswer { symbol } => (NO_ANSWER, t.problem_no_answer(symbol)),
            Self::NoHistory => (NO_HISTORY, t.problem_no_history()),
            Self::History => (HISTORY, t.problem_history()),
            Self::NoExperiment => (NO_EXPERIMENT, t.problem_no_experiment()),
            Self::NoReport => (NO_REPORT, t.problem_no_report()),
            Self::ClientsFull { most } => (CLIENTS_FULL, t.problem_clients_full(*most)),
            Self::OwnClientsFull { most } => (CLIENTS_FULL, t.problem_own_clients_full(*most)),
            Self::AnswersUnread => (ANSWERS_UNREAD, t.problem_answers_unread()),
            Self::Framework { status, error } => {
                let kind = match *status {
                    StatusCode::PAYLOAD_TOO_LARGE => TOO_LARGE,
                    StatusCode::UNSUPPORTED_MEDIA_TYPE => MEDIA_TYPE,
                    _ => BAD_REQUEST,
                };
                (Kind { status: *status, ..kind }, error.clone())
            }
        }
    }
}
