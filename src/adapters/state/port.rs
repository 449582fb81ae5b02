//! The port, over the tables: each change is one transaction.

use super::looks::Looks;
use super::schema::{CHECKED_KEY, VALUE};
use super::{
    MAX_VALUE_BYTES, StateDb, aside, experiment, lists, outbox, owed, predictions, put, service_levels,
    tokens,
};
use crate::actors::alert::MEMORY_KEY;
use crate::actors::ports::alerts::{AlertRecord, Delivery, Outgoing, Settled};
use crate::actors::ports::experiment::{Calibration, Entry, ExperimentCommand};
use crate::actors::ports::failover::DECIDED_KEY;
use crate::actors::ports::state::{
    Mute, OpenPrediction, OperationalState, Owed, Reach, TokenInfo, Unwritten,
};
use crate::domain::moment::{MachineTime, MarketTime};
use crate::domain::prediction::{OutcomeRow, PredictionRow};
use crate::domain::service_levels::CycleMinute;
use rusqlite::OptionalExtension;
use std::io;

impl StateDb {
    /// Deliveries that changed after the `updated_at` and id of a cursor, oldest first.
    pub fn changed_since(&self, cursor: (MachineTime, i64), limit: usize) -> io::Result<Vec<Delivery>> {
        self.read(|c| outbox::changed_since(c, cursor, limit))
    }
}

impl StateDb {
    fn put_value(&self, key: &str, value: &str) -> io::Result<()> {
        self.write(|t| {
            let before = t.total_changes();
            put(t, key, value)?;
            Looks::pass_over(&self.looks, before, t.total_changes());
            Ok(())
        })
    }
}

impl OperationalState for StateDb {
    fn check(&self, now: MachineTime) -> io::Result<()> {
        self.is_there()?;
        self.put_value(CHECKED_KEY, &now.to_string())
    }

    fn put_aside(&self) -> Vec<String> {
        self.asides.there()
    }

    fn set_aside(&self, unwritten: &Unwritten) -> io::Result<()> {
        aside::keep(&self.path, unwritten)
    }

    fn get(&self, key: &str) -> io::Result<Option<String>> {
        self.read(|c| c.prepare_cached(VALUE)?.query_row([key], |row| row.get(0)).optional())
    }

    fn put(&self, key: &str, value: &str) -> io::Result<()> {
        if value.len() > MAX_VALUE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("state '{key}' is too large")));
        }
        self.put_value(key, value)
    }

    fn enqueue(&self, outgoing: &Outgoing) -> io::Result<usize> {
        self.write(|t| {
            let mut new = 0;
            for message in &outgoing.messages {
                new += outbox::insert(t, message, outgoing.maybe_repeated, outgoing.now)?;
            }
            if let Some(decided) = outgoing.decided {
                put(t, DECIDED_KEY, &decided.to_string())?;
            }
            if let Some(memory) = &outgoing.policy_memory {
                put(t, MEMORY_KEY, memory)?;
            }
            Ok(new)
        })
    }

    fn take_due(&self, channel: &str, now: MachineTime) -> io::Result<Option<Delivery>> {
        // Without a write lock: most looks find nothing.
        let next = self.read(|c| {
            let mut looks = Looks::still_true(&self.looks, c)?;
            if let Some(next) = looks.next_due.get(channel) {
                return Ok(*next);
            }
            let next = outbox::next_due(c, channel)?;
            looks.next_due.insert(channel.to_owned(), next);
            Ok(next)
        })?;
        if next.is_none_or(|next| next > now) {
            return Ok(None);
        }
        self.write(|t| outbox::take(t, channel, now))
    }

    fn settle(&self, id: i64, settled: &Settled, now: MachineTime) -> io::Result<()> {
        self.write(|t| outbox::settle(t, id, settled, now))
    }

    fn recover(&self, now: MachineTime, resend: &dyn Fn(&str) -> bool) -> io::Result<usize> {
        self.write(|t| {
            let channels = outbox::interrupted(t)?;
            channels.iter().map(|channel| outbox::recover(t, channel, now, resend(channel))).sum()
        })
    }

    fn recover_one(&self, channel: &str, now: MachineTime, resend: bool) -> io::Result<usize> {
        self.write(|t| outbox::recover(t, channel, now, resend))
    }

    fn abandon_others(&self, channels: &[String], now: MachineTime) -> io::Result<usize> {
        self.write(|t| outbox::abandon_others(t, channels, now))
    }

    fn sent_since(&self, channel: &str, since: MachineTime) -> io::Result<u32> {
        self.read(|c| outbox::sent_since(c, channel, since))
    }

    fn counts(&self, channel: &str) -> io::Result<[u64; 5]> {
        self.read(|c| {
            let mut looks = Looks::still_true(&self.looks, c)?;
            if let Some(counts) = looks.counts.get(channel) {
                return Ok(*counts);
            }
            let counts = outbox::counts(c, channel)?;
            looks.counts.insert(channel.to_owned(), counts);
            Ok(counts)
        })
    }

    fn alerts(&self, symbol: Option<&str>, before: MarketTime, limit: usize) -> io::Result<Vec<AlertRecord>> {
        self.read(|c| outbox::alerts(c, symbol, before, limit))
    }

    fn prune(&self, before: MachineTime) -> io::Result<usize> {
        self.write(|t| outbox::prune(t, before))
    }

    fn mutes(&self, now: MarketTime) -> io::Result<Vec<Mute>> {
        self.read(|c| lists::mutes(c, now))
    }

    fn mute(&self, mute: &Mute) -> io::Result<()> {
        self.write(|t| lists::mute(t, mute))
    }

    fn rebase_mutes(&self, since: MachineTime, from: MarketTime, to: MarketTime) -> io::Result<()> {
        self.write(|t| lists::rebase_mutes(t, since, from, to))
    }

    fn unmute(&self, symbol: &str) -> io::Result<bool> {
        self.write(|t| t.execute("DELETE FROM mutes WHERE symbol = ?1", [symbol]).map(|n| n > 0))
    }

    fn watchlist(&self) -> io::Result<Vec<String>> {
        self.read(lists::watchlist)
    }

    fn watch(&self, symbol: &str, watched: bool) -> io::Result<bool> {
        self.write(|t| lists::watch(t, symbol, watched))
    }

    fn find_token(&self, secret: &str, now: MachineTime) -> io::Result<Option<TokenInfo>> {
        self.read(|c| tokens::find(c, secret, now))
    }

    fn tokens(&self) -> io::Result<Vec<TokenInfo>> {
        Self::tokens(self)
    }

    fn first_start(&self, now: MachineTime) -> io::Result<MachineTime> {
        self.write(|t| service_levels::first_start(t, now))
    }

    fn add_cycles(&self, minutes: &[CycleMinute], oldest: MachineTime) -> io::Result<()> {
        self.write(|t| {
            minutes.iter().try_for_each(|minute| service_levels::add(t, minute))?;
            t.execute("DELETE FROM measures WHERE start < ?1", [oldest]).map(|_| ())
        })
    }

    fn cycle_minutes(&self, from: MachineTime) -> io::Result<Vec<CycleMinute>> {
        self.read(|c| service_levels::since(c, from))
    }

    fn open_predictions(&self, predictions: &[PredictionRow]) -> io::Result<()> {
        self.write(|t| predictions::open(t, predictions))
    }

    fn due_predictions(
        &self,
        short: MarketTime,
        long: MarketTime,
        limit: usize,
    ) -> io::Result<Vec<OpenPrediction>> {
        self.read(|c| predictions::due(c, short, long, limit))
    }

    fn predictions_opened(
        &self,
        after: MarketTime,
        until: MarketTime,
        limit: usize,
    ) -> io::Result<Vec<OpenPrediction>> {
        self.read(|c| predictions::opened(c, after, until, limit))
    }

    fn judged_predictions(
        &self,
        after_4h: &[String],
        finally: &[String],
        outcomes: &[OutcomeRow],
    ) -> io::Result<()> {
        self.write(|t| predictions::judged(t, after_4h, finally, outcomes))
    }

    fn open_prediction_count(&self) -> io::Result<u64> {
        self.read(|c| c.query_row("SELECT count(*) FROM open_predictions", [], |r| r.get::<_, i64>(0)))
            .map(i64::unsigned_abs)
    }

    fn owed_to_history(&self, limit: usize) -> io::Result<Owed> {
        self.read(|c| {
            let mut looks = Looks::still_true(&self.looks, c)?;
            if let Some(given_up) = looks.nothing_owed {
                return Ok(Owed { given_up, ..Owed::default() });
            }
            let owed = owed::read(c, limit)?;
            looks.nothing_owed = (owed.reach == Reach::default()).then_some(owed.given_up);
            Ok(owed)
        })
    }

    fn given_to_history(&self, reach: &Reach) -> io::Result<()> {
        self.write(|t| owed::given(t, reach))
    }

    fn add_calibration(&self, calibration: &Calibration, oldest: MarketTime) -> io::Result<()> {
        self.write(|t| experiment::add_calibration(t, calibration, oldest))
    }

    fn calibrations(&self, limit: usize) -> io::Result<Vec<Calibration>> {
        self.read(|c| experiment::calibrations(c, limit))
    }

    fn order(&self, command: &ExperimentCommand, by: &str, at: MachineTime) -> io::Result<()> {
        let text = serde_json::to_string(command)?;
        self.write(|t| experiment::order(t, &text, by, at))
    }

    fn next_order(&self) -> io::Result<Option<(ExperimentCommand, String)>> {
        // Without a write lock: most looks find nothing.
        let none = self.read(|c| {
            let mut looks = Looks::still_true(&self.looks, c)?;
            looks.no_order = looks.no_order || !experiment::any_order(c)?;
            Ok(looks.no_order)
        })?;
        if none {
            return Ok(None);
        }
        let found = self.write(|t| experiment::next_order(t))?;
        found.map(|(text, by)| Ok((serde_json::from_str(&text)?, by))).transpose()
    }

    fn note(&self, entry: &Entry) -> io::Result<()> {
        self.write(|t| experiment::note(t, entry))
    }

    fn entries(&self, limit: usize) -> io::Result<Vec<Entry>> {
        self.read(|c| experiment::entries(c, limit))
    }
}
