//! What the alert policy decides on the snapshots that were published, without actors, outbox and disk in between.

use impulso::domain::alert::{AlertPolicy, AlertPolicyConfig};
use impulso::domain::ranking::Snapshot;
use std::collections::BTreeSet;

#[derive(Default)]
pub(crate) struct Decided {
    policy: AlertPolicy,
    /// Alerts by their ids.
    pub(crate) ids: BTreeSet<String>,
}

impl Decided {
    /// A scanner starts that finds `memory` of an earlier one.
    pub(crate) fn born(&mut self, config: AlertPolicyConfig, memory: Option<&str>) {
        self.policy = AlertPolicy::new(config);
        if let Some(memory) = memory {
            self.policy.restore(serde_json::from_str(memory).expect("a memory"));
        }
    }

    pub(crate) fn take(&mut self, snapshot: &Snapshot) {
        let output = self.policy.on_snapshot(snapshot);
        let alerts = output.messages.iter().flat_map(|message| message.alerts());
        self.ids.extend(alerts.map(|alert| alert.id.clone()));
    }
}
