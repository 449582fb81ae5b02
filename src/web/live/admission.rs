//! How many live clients there are, and whether one more is let in: the only place that counts them.

use crate::web::network::Client;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The places for live clients, shared by all workers.
#[derive(Debug)]
pub(crate) struct Admission {
    most: usize,
    most_each: usize,
    /// Counted and taken under one lock: of two that ask for the last place one gets it.
    taken: Mutex<Taken>,
    next_id: AtomicU64,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    each: HashMap<Client, usize>,
}

/// No place is free: for anyone, or for this client, which has so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    All(usize),
    Own(usize),
}

impl Admission {
    pub(crate) fn new(most: usize, most_each: usize) -> Self {
        Self { most, most_each, taken: Mutex::default(), next_id: AtomicU64::new(1) }
    }

    pub(crate) fn clients(&self) -> usize {
        self.taken.lock().all
    }

    /// A place for a client of this token or address.
    ///
    /// # Errors
    /// Which places are all taken.
    pub(crate) fn admit(self: &Arc<Self>, client: Client) -> Result<Place, Full> {
        let mut taken = self.taken.lock();
        let own = taken.each.get(&client).copied().unwrap_or(0);
        if taken.all >= self.most {
            return Err(Full::All(self.most));
        }
        if own >= self.most_each {
            return Err(Full::Own(self.most_each));
        }
        taken.all += 1;
        taken.each.insert(client, own + 1);
        metrics::gauge!("impulso_ws_clients").increment(1.0);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        Ok(Place { id, client, admission: Arc::clone(self) })
    }
}

/// One client's place; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    /// Tells clients apart in the log.
    pub(crate) id: u64,
    client: Client,
    admission: Arc<Admission>,
}

impl Drop for Place {
    // Not in the actor's `stopped`: that is not called after a panic, and the place would be lost for good.
    fn drop(&mut self) {
        let mut taken = self.admission.taken.lock();
        taken.all -= 1;
        if let Some(own) = taken.each.get_mut(&self.client) {
            *own -= 1;
            if *own == 0 {
                taken.each.remove(&self.client);
            }
        }
        metrics::gauge!("impulso_ws_clients").decrement(1.0);
    }
}
