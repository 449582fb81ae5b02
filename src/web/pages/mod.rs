//! The pages: readable without JavaScript, kept live by the modules under `web/`.

pub mod choice;
pub mod layout;
pub mod market;
pub mod number;
pub mod rows;
