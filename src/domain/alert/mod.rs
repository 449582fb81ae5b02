//! Which rows of a snapshot are worth an alert, and what is said about them.

pub mod config;
mod episode;
pub mod message;
pub mod policy;
pub mod quiet;
pub mod remedy;

pub use config::AlertPolicyConfig;
pub use message::{AlertCard, Escalation, Message, Notice};
pub use policy::{AlertLimits, AlertPolicy, PolicyMemory, PolicyOutput, SuppressedBy};
