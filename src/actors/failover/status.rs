//! What is told of two scanners.

use crate::domain::moment::MachineTime;
use crate::domain::named::named;
use serde::{Deserialize, Serialize};

/// What a scanner of a pair does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// It scans, follows the other's state and sends nothing.
    #[default]
    Standby,
    /// It holds the lease and reads the last of what the other has written.
    TakingOver,
    /// It sends.
    Active,
}

named!(Role, "role": {
    Standby = "standby",
    TakingOver = "taking_over",
    Active = "active",
});

/// A machine of the pair, as it was heard of last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = MachineBody))]
pub struct Machine {
    /// Its host's name.
    pub name: String,
    pub role: Role,
    /// Since it was heard of, ms.
    pub silent_ms: i64,
}

/// What the outside is told of the pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = FailoverBody))]
pub struct FailoverStatus {
    pub role: Role,
    /// Since when, ms UTC, machine clock.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub since: MachineTime,
    /// The newest fencing number; it grows with each takeover.
    pub fence: u64,
    /// The other machine, if it was heard of.
    pub other: Option<Machine>,
}
