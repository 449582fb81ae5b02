//! What a scanner that waits for its turn does: it reads what the other one has written, and takes over from its end.

use super::Replicator;
use crate::actors::failover::duty::Turn;
use crate::actors::failover::status::Role;
use crate::actors::ports::failover::{Found, Place};
use std::io;

/// A place behind all changes of the same fencing number.
const BEHIND_ALL: &str = "18446744073709551615-0";
impl Replicator {
    /// Where it goes on reading. What was logged and is not in Redis by now is of no use: whoever sends goes by what is there.
    pub(super) fn place(&mut self) -> io::Result<Place> {
        if self.leads.is_some() || self.place.is_none() {
            self.setup.state.follow()?;
            self.refuse();
            self.forgotten = false;
            let mut place = Place { writer: String::new(), id: "0-0".to_owned() };
            if let Some(led) = self.leads.take() {
                // Behind all of its own: while nobody else has led, its own state is the newest.
                place = Place { writer: self.setup.store.writer(led), id: BEHIND_ALL.to_owned() };
                self.led.clone_from(&place.writer);
            }
            self.place = Some(place);
        }
        Ok(self.place.clone().unwrap_or_default())
    }

    pub(super) fn read(&mut self, found: Found) -> io::Result<bool> {
        let other = |place: &Place| !place.writer.is_empty() && place.writer != self.led;
        let followed = self.place.as_ref().is_some_and(other);
        let (mut all, mut unsure) = (false, false);
        match found {
            Found::Nothing => (all, unsure) = (true, followed),
            Found::Snapshot { changes, place } => {
                self.own = self.setup.state.adopt(&changes)?;
                tracing::info!(
                    rows = changes.len(),
                    own = self.own.len(),
                    "the state of the other machine is taken over"
                );
                self.place = Some(place);
            }
            Found::Changes { changes, place } => {
                all = changes.is_empty();
                if !all {
                    self.setup.state.apply(&changes)?;
                    self.place = Some(place);
                }
            }
        }
        self.behind(None);
        let Turn { role, fence, .. } = self.common.duty.turn();
        if all && role == Role::TakingOver {
            self.lead(fence, unsure)?;
            return Ok(true);
        }
        Ok(!all)
    }

    /// Everything that the other one has written is here, and it can write no more: the changes go on from this state. `unsure`:
    /// Redis has lost what the other one wrote last, so what waits may have been sent.
    pub(super) fn lead(&mut self, fence: u64, unsure: bool) -> io::Result<()> {
        let now = self.common.clocks.machine_time();
        let interrupted = self.setup.state.lead(&self.links.channels, unsure, now)?;
        tracing::info!(fence, interrupted, unsure, "all changes of the other machine are here");
        (self.leads, self.unsure, self.place) = (Some(fence), unsure, None);
        Ok(())
    }
}
