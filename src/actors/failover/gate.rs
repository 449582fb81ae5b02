//! What a sender passes before it sends.

use crate::actors::failover::replicator::{Copied, Replicator};
use crate::actors::mailbox::Place;
use std::sync::Arc;

/// Nothing, where there is no other scanner.
#[derive(Clone)]
pub(crate) struct CopyGate(pub(crate) Option<Arc<Place<Replicator>>>);

impl CopyGate {
    /// Is everything that was written where the other scanner will find it.
    pub(crate) async fn passed(&self) -> bool {
        let Some(place) = &self.0 else { return true };
        let Some(replicator) = place.addr() else { return false };
        replicator.send(Copied).await.unwrap_or(false)
    }
}
