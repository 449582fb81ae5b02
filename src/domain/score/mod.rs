//! From indicator values to points, probability and level.

pub mod apply;
pub mod components;
pub mod level;
pub(crate) mod lift;
pub mod probability;
pub mod profile;
