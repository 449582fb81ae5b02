//! A state that fails on purpose: what SQLite does on a full disk, under another process's lock, when the machine dies
//! in the middle of a call, or on a slow disk. Wraps a real state; a plan says call by call what goes wrong.

use crate::actors::ports::alerts::{AlertRecord, Delivery, Outgoing, Settled};
use crate::actors::ports::experiment::{Calibration, Entry, ExperimentCommand};
use crate::actors::ports::state::{
    Mute, OpenPrediction, OperationalState, Owed, Reach, TokenInfo, Unwritten,
};
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::prediction::{OutcomeRow, PredictionRow};
use crate::domain::service_levels::CycleMinute;
use parking_lot::Mutex;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No room: a change fails and leaves nothing; what only reads is not affected.
    DiskFull,
    /// Another process holds the file for longer than the call waits: it fails and leaves nothing.
    Locked,
    /// The machine dies between the commit and the answer: the change is on the disk, the caller sees a failure.
    Torn,
    /// The answer takes so long.
    Slow(Duration),
}

/// The call that a plan decides about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The port's method.
    pub name: &'static str,
    pub writes: bool,
    /// Calls of any method before this one.
    pub number: u64,
}

/// What goes wrong with a call; `None` for nothing.
pub type Plan = Box<dyn FnMut(Call) -> Option<Fault> + Send>;

/// The same faults for the same seed and order of calls: each call fails or is slow with the chance `share` (0-1).
pub fn random_plan(seed: u64, share: f64) -> Plan {
    let mut random = Pcg64::seed_from_u64(seed);
    Box::new(move |_| {
        let fails = random.random_bool(share);
        let fault = [Fault::DiskFull, Fault::Locked, Fault::Torn, Fault::Slow(Duration::from_millis(20))];
        let chosen = fault[random.random_range(0..fault.len())];
        fails.then_some(chosen)
    })
}

/// See the module.
pub struct FaultyState {
    real: Arc<dyn OperationalState>,
    /// Lets time pass for a slow call: `std::thread::sleep`, or a simulation's clock.
    wait: Box<dyn Fn(Duration) + Send + Sync>,
    /// The number of the call with the plan, so that two threads never make the same call.
    plan: Mutex<(u64, Plan)>,
}

impl FaultyState {
    pub fn new(
        real: Arc<dyn OperationalState>,
        wait: impl Fn(Duration) + Send + Sync + 'static,
        plan: impl FnMut(Call) -> Option<Fault> + Send + 'static,
    ) -> Self {
        Self { real, wait: Box::new(wait), plan: Mutex::new((0, Box::new(plan))) }
    }

    fn call<T>(
        &self,
        name: &'static str,
        writes: bool,
        work: impl FnOnce(&dyn OperationalState) -> io::Result<T>,
    ) -> io::Result<T> {
        // The plan's lock is let go before the call: a slow one must not hold up the others.
        let fault = {
            let mut plan = self.plan.lock();
            let number = plan.0;
            plan.0 += 1;
            (plan.1)(Call { name, writes, number })
        };
        match fault {
            None => work(&*self.real),
            Some(Fault::DiskFull) if !writes => work(&*self.real),
            Some(Fault::DiskFull) => Err(io::Error::new(
                io::ErrorKind::StorageFull,
                format!("{name}: database or disk is full (a fault on purpose)"),
            )),
            Some(Fault::Locked) => Err(io::Error::new(
                io::ErrorKind::WouldBlock,
                format!("{name}: database is locked (a fault on purpose)"),
            )),
            Some(Fault::Torn) => {
                work(&*self.real)?;
                Err(io::Error::other(format!("{name}: disk I/O error after the commit (a fault on purpose)")))
            }
            Some(Fault::Slow(time)) => {
                (self.wait)(time);
                work(&*self.real)
            }
        }
    }

    fn reads<T>(
        &self,
        name: &'static str,
        work: impl FnOnce(&dyn OperationalState) -> io::Result<T>,
    ) -> io::Result<T> {
        self.call(name, false, work)
    }

    fn writes<T>(
        &self,
        name: &'static str,
        work: impl FnOnce(&dyn OperationalState) -> io::Result<T>,
    ) -> io::Result<T> {
        self.call(name, true, work)
    }
}

impl OperationalState for FaultyState {
    fn set_aside(&self, unwritten: &Unwritten) -> io::Result<()> {
        self.writes("set_aside", |real| real.set_aside(unwritten))
    }

    fn get(&self, key: &str) -> io::Result<Option<String>> {
        self.reads("get", |real| real.get(key))
    }

    fn check(&self, now: MachineTime) -> io::Result<()> {
        self.writes("check", |real| real.check(now))
    }

    fn put_aside(&self) -> Vec<String> {
        self.real.put_aside()
    }

    fn put(&self, key: &str, value: &str) -> io::Result<()> {
        self.writes("put", |real| real.put(key, value))
    }

    fn enqueue(&self, outgoing: &Outgoing) -> io::Result<usize> {
        self.writes("enqueue", |real| real.enqueue(outgoing))
    }

    fn take_due(&self, channel: &str, now: MachineTime) -> io::Result<Option<Delivery>> {
        self.writes("take_due", |real| real.take_due(channel, now))
    }

    fn settle(&self, id: i64, settled: &Settled, now: MachineTime) -> io::Result<()> {
        self.writes("settle", |real| real.settle(id, settled, now))
    }

    fn recover(&self, now: MachineTime, resend: &dyn Fn(&str) -> bool) -> io::Result<usize> {
        self.writes("recover", |real| real.recover(now, resend))
    }

    fn recover_one(&self, channel: &str, now: MachineTime, resend: bool) -> io::Result<usize> {
        self.writes("recover_one", |real| real.recover_one(channel, now, resend))
    }

    fn abandon_others(&self, channels: &[String], now: MachineTime) -> io::Result<usize> {
        self.writes("abandon_others", |real| real.abandon_others(channels, now))
    }

    fn sent_since(&self, channel: &str, since: MachineTime) -> io::Result<u32> {
        self.reads("sent_since", |real| real.sent_since(channel, since))
    }

    fn counts(&self, channel: &str) -> io::Result<[u64; 5]> {
        self.reads("counts", |real| real.counts(channel))
    }

    fn alerts(&self, symbol: Option<&str>, before: MarketTime, limit: usize) -> io::Result<Vec<AlertRecord>> {
        self.reads("alerts", |real| real.alerts(symbol, before, limit))
    }

    fn prune(&self, before: MachineTime) -> io::Result<usize> {
        self.writes("prune", |real| real.prune(before))
    }

    fn mutes(&self, now: MarketTime) -> io::Result<Vec<Mute>> {
        self.reads("mutes", |real| real.mutes(now))
    }

    fn mute(&self, mute: &Mute) -> io::Result<()> {
        self.writes("mute", |real| real.mute(mute))
    }

    fn rebase_mutes(&self, since: MachineTime, from: MarketTime, to: MarketTime) -> io::Result<()> {
        self.writes("rebase_mutes", |real| real.rebase_mutes(since, from, to))
    }

    fn unmute(&self, symbol: &str) -> io::Result<bool> {
        self.writes("unmute", |real| real.unmute(symbol))
    }

    fn watchlist(&self) -> io::Result<Vec<String>> {
        self.reads("watchlist", |real| real.watchlist())
    }

    fn watch(&self, symbol: &str, watched: bool) -> io::Result<bool> {
        self.writes("watch", |real| real.watch(symbol, watched))
    }

    fn find_token(&self, secret: &str, now: MachineTime) -> io::Result<Option<TokenInfo>> {
        self.reads("find_token", |real| real.find_token(secret, now))
    }

    fn tokens(&self) -> io::Result<Vec<TokenInfo>> {
        self.reads("tokens", |real| real.tokens())
    }

    fn first_start(&self, now: MachineTime) -> io::Result<MachineTime> {
        self.writes("first_start", |real| real.first_start(now))
    }

    fn add_cycles(&self, minutes: &[CycleMinute], oldest: MachineTime) -> io::Result<()> {
        self.writes("add_cycles", |real| real.add_cycles(minutes, oldest))
    }

    fn cycle_minutes(&self, from: MachineTime) -> io::Result<Vec<CycleMinute>> {
        self.reads("cycle_minutes", |real| real.cycle_minutes(from))
    }

    fn open_predictions(&self, predictions: &[PredictionRow]) -> io::Result<()> {
        self.writes("open_predictions", |real| real.open_predictions(predictions))
    }

    fn due_predictions(
        &self,
        short: MarketTime,
        long: MarketTime,
        limit: usize,
    ) -> io::Result<Vec<OpenPrediction>> {
        self.reads("due_predictions", |real| real.due_predictions(short, long, limit))
    }

    fn predictions_opened(
        &self,
        after: MarketTime,
        until: MarketTime,
        limit: usize,
    ) -> io::Result<Vec<OpenPrediction>> {
        self.reads("predictions_opened", |real| real.predictions_opened(after, until, limit))
    }

    fn judged_predictions(
        &self,
        after_4h: &[String],
        finally: &[String],
        outcomes: &[OutcomeRow],
    ) -> io::Result<()> {
        self.writes("judged_predictions", |real| real.judged_predictions(after_4h, finally, outcomes))
    }

    fn open_prediction_count(&self) -> io::Result<u64> {
        self.reads("open_prediction_count", |real| real.open_prediction_count())
    }

    fn owed_to_history(&self, limit: usize) -> io::Result<Owed> {
        self.reads("owed_to_history", |real| real.owed_to_history(limit))
    }

    fn given_to_history(&self, reach: &Reach) -> io::Result<()> {
        self.writes("given_to_history", |real| real.given_to_history(reach))
    }

    fn add_calibration(&self, calibration: &Calibration, oldest: MarketTime) -> io::Result<()> {
        self.writes("add_calibration", |real| real.add_calibration(calibration, oldest))
    }

    fn calibrations(&self, limit: usize) -> io::Result<Vec<Calibration>> {
        self.reads("calibrations", |real| real.calibrations(limit))
    }

    fn order(&self, command: &ExperimentCommand, by: &str, at: MachineTime) -> io::Result<()> {
        self.writes("order", |real| real.order(command, by, at))
    }

    fn next_order(&self) -> io::Result<Option<(ExperimentCommand, String)>> {
        self.writes("next_order", |real| real.next_order())
    }

    fn note(&self, entry: &Entry) -> io::Result<()> {
        self.writes("note", |real| real.note(entry))
    }

    fn entries(&self, limit: usize) -> io::Result<Vec<Entry>> {
        self.reads("entries", |real| real.entries(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::state::StateDb;

    #[test]
    fn each_fault_leaves_what_it_says() {
        let dir = tempfile::tempdir().unwrap();
        let real: Arc<dyn OperationalState> = Arc::new(StateDb::open(dir.path()).unwrap());
        let waited = Arc::new(Mutex::new(Duration::ZERO));
        let clock = Arc::clone(&waited);
        let slow = Fault::Slow(Duration::from_secs(3_600));
        let faults = [Fault::DiskFull, Fault::Locked, Fault::Torn, slow];
        let state = FaultyState::new(
            Arc::clone(&real),
            move |time| *clock.lock() += time,
            move |call| (call.writes).then(|| faults[call.number as usize % faults.len()]),
        );
        let put = |value: &str| (state.put("key", value).is_ok(), real.get("key").unwrap());
        assert_eq!(put("full"), (false, None));
        assert_eq!(put("locked"), (false, None));
        assert_eq!(put("torn"), (false, Some("torn".to_owned())));
        assert_eq!(put("slow"), (true, Some("slow".to_owned())));
        assert_eq!(*waited.lock(), Duration::from_secs(3_600));
        let full = FaultyState::new(real, |_| {}, |_| Some(Fault::DiskFull));
        assert_eq!(full.get("key").unwrap().as_deref(), Some("slow"));
    }

    #[test]
    fn a_seed_gives_the_same_faults() {
        let call = |number| Call { name: "put", writes: true, number };
        let drawn = |seed| {
            let mut plan = random_plan(seed, 0.5);
            (0..200).map(|n| plan(call(n))).collect::<Vec<_>>()
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        let faults = drawn(1).iter().filter(|f| f.is_some()).count();
        assert!((60..140).contains(&faults), "{faults}");
    }
}
