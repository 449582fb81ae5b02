//! The pages: readable without JavaScript, kept live by the modules under `web/`.

pub mod alerts;
pub mod choice;
pub mod curve;
pub mod experiments;
pub mod history;
pub mod judged;
pub mod layout;
pub mod market;
pub mod measured;
pub mod model;
pub mod number;
pub mod rows;
pub mod status;
pub mod symbol;
pub mod symbol_parts;
pub mod track;
mod why_chance;
