//! The pages: readable without JavaScript, kept live by the modules under `web/`.

pub mod alerts;
pub mod choice;
pub mod history;
pub mod layout;
pub mod market;
pub mod number;
pub mod rows;
pub mod status;
pub mod symbol;
pub mod symbol_parts;
