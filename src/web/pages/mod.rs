//! The pages: readable without JavaScript, kept live by the modules under `web/`.

pub mod alerts;
mod cases;
pub mod curve;
pub mod experiments;
pub mod filters;
pub mod format;
pub mod history;
mod ladders;
pub(crate) mod layout;
pub mod market;
pub mod model;
pub(crate) mod not_listed;
pub mod precision;
pub mod predictions;
pub mod service_levels;
pub mod status;
pub mod symbol;
pub(crate) mod symbol_parts;
pub mod table;
pub mod track;
mod why_chance;
