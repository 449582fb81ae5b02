//! Logs: text for people, JSON for machines, on standard error.

use crate::settings::{LogFormat, LogSettings};
use std::io::IsTerminal;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Sets up the process's log. A second call changes nothing.
pub(crate) fn init(settings: &LogSettings) {
    let filter: Targets =
        settings.level.parse().unwrap_or_else(|_| Targets::new().with_default(tracing::Level::INFO));
    // Libraries speak up only when something is wrong, unless they are named.
    let filter = if settings.level.contains('=') {
        filter
    } else {
        Targets::new()
            .with_default(tracing::Level::WARN)
            .with_target("impulso", settings.level.parse::<tracing::Level>().unwrap_or(tracing::Level::INFO))
    };
    let terminal = std::io::stderr().is_terminal();
    let json = match settings.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !terminal && std::env::var_os("INVOCATION_ID").is_some(),
    };
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    let set = if json {
        registry.with(layer.json().flatten_event(true)).try_init()
    } else {
        registry.with(layer.with_ansi(terminal).with_target(false)).try_init()
    };
    // Already set up, by a test for instance: nothing to do.
    drop(set);
}
