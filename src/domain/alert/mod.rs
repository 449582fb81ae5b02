//! Which rows of a snapshot are worth an alert.

pub mod episode;
pub mod policy;

pub use policy::{Alert, AlertDecision, AlertPolicy, AlertPolicyConfig, Escalation, SuppressedBy};
