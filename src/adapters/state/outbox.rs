//! The durable outbox and the alerts that it carries.

use super::{StateDb, put_value};
use crate::actors::alert::MEMORY_KEY;
use crate::actors::ports::alerts::{
    AlertDelivery, AlertRecord, Delivery, DeliveryState, Outbox, Outgoing, Settled,
};
use crate::domain::alert::message::Message;
use crate::domain::time::UtcMs;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::io;

const COLUMNS: &str = "id, key, channel, message, state, attempts, maybe_repeated, next_attempt_at, \
                       created_at, updated_at, reason, receipt";

fn state(name: &str) -> DeliveryState {
    DeliveryState::ALL.into_iter().find(|s| s.as_str() == name).unwrap_or(DeliveryState::Dead)
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let message: String = row.get(3)?;
    let message = serde_json::from_str(&message).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, Box::new(e))
    })?;
    Ok(Delivery {
        id: row.get(0)?,
        key: row.get(1)?,
        channel: row.get(2)?,
        message,
        state: state(&row.get::<_, String>(4)?),
        attempts: row.get(5)?,
        maybe_repeated: row.get(6)?,
        next_attempt_at: row.get(7)?,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        reason: row.get(10)?,
        receipt: row.get(11)?,
    })
}

fn json<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
}

fn insert_message(
    t: &Transaction<'_>,
    message: &Message,
    channels: &[String],
    now: UtcMs,
) -> rusqlite::Result<usize> {
    for alert in message.alerts() {
        let sql =
            "INSERT OR IGNORE INTO alerts (id, symbol, as_of, created_at, card) VALUES (?1, ?2, ?3, ?4, ?5)";
        t.prepare_cached(sql)?.execute(params![
            alert.id,
            alert.symbol.as_str(),
            alert.as_of,
            now,
            json(alert)?
        ])?;
    }
    let (key, text) = (message.key(), json(message)?);
    let mut new = 0;
    for channel in channels {
        let sql = "INSERT OR IGNORE INTO outbox (key, channel, urgent, has_alerts, message, state, \
                   next_attempt_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?6, ?6, ?6)";
        let written = t.prepare_cached(sql)?.execute(params![
            key,
            channel,
            message.urgent(),
            !message.alerts().is_empty(),
            text,
            now
        ])?;
        if written == 0 {
            continue;
        }
        new += 1;
        let id = t.last_insert_rowid();
        for alert in message.alerts() {
            let sql = "INSERT OR IGNORE INTO alert_deliveries (alert_id, outbox_id) VALUES (?1, ?2)";
            t.prepare_cached(sql)?.execute(params![alert.id, id])?;
        }
    }
    Ok(new)
}

fn take(t: &Transaction<'_>, channel: &str, now: UtcMs) -> rusqlite::Result<Option<Delivery>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE channel = ?1 AND next_attempt_at IS NOT NULL \
         AND next_attempt_at <= ?2 AND state IN ('pending', 'uncertain') \
         ORDER BY urgent DESC, next_attempt_at, id LIMIT 1"
    );
    let found = t.prepare_cached(&sql)?.query_row(params![channel, now], delivery).optional()?;
    let Some(mut due) = found else { return Ok(None) };
    due.maybe_repeated |= due.state == DeliveryState::Uncertain;
    due.state = DeliveryState::Sending;
    let sql = "UPDATE outbox SET state = 'sending', maybe_repeated = ?2, updated_at = ?3 WHERE id = ?1";
    t.prepare_cached(sql)?.execute(params![due.id, due.maybe_repeated, now])?;
    Ok(Some(due))
}

fn recover(c: &Connection, channel: &str, now: UtcMs, resend: bool) -> rusqlite::Result<usize> {
    let sql = "UPDATE outbox SET state = 'uncertain', attempts = attempts + 1, next_attempt_at = ?3, \
               updated_at = ?2, reason = 'the program ended in the middle of the delivery' \
               WHERE channel = ?1 AND state = 'sending'";
    c.execute(sql, params![channel, now, resend.then_some(now)])
}

fn deliveries_of(c: &Connection, alert: &str) -> rusqlite::Result<Vec<AlertDelivery>> {
    let sql = "SELECT o.channel, o.message, o.state, o.attempts, o.reason, o.updated_at FROM alert_deliveries d \
               JOIN outbox o ON o.id = d.outbox_id WHERE d.alert_id = ?1 ORDER BY o.channel, o.id";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map([alert], |r| {
        let message: String = r.get(1)?;
        let kind = serde_json::from_str::<Message>(&message).map_or("", |m| m.kind());
        Ok(AlertDelivery {
            channel: r.get(0)?,
            kind: kind.to_owned(),
            state: state(&r.get::<_, String>(2)?),
            attempts: r.get(3)?,
            reason: r.get(4)?,
            updated_at: r.get(5)?,
        })
    })?;
    rows.collect()
}

impl StateDb {
    pub(super) fn in_transaction<T>(
        &self,
        what: &str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> io::Result<T> {
        let run = || {
            let mut connection = self.lock();
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|e| self.failed(what, &e))
    }
}

impl Outbox for StateDb {
    fn enqueue(&self, outgoing: &Outgoing) -> io::Result<usize> {
        self.in_transaction("alerts cannot be written", |t| {
            let mut new = 0;
            for (message, channels) in &outgoing.messages {
                new += insert_message(t, message, channels, outgoing.now)?;
            }
            if let Some(memory) = &outgoing.policy_memory {
                put_value(t, MEMORY_KEY, memory)?;
            }
            Ok(new)
        })
    }

    fn take_due(&self, channel: &str, now: UtcMs) -> io::Result<Option<Delivery>> {
        // Looks first without a write lock: most looks find nothing.
        let sql = "SELECT 1 FROM outbox WHERE channel = ?1 AND next_attempt_at IS NOT NULL \
                   AND next_attempt_at <= ?2 AND state IN ('pending', 'uncertain') LIMIT 1";
        let any = self
            .lock()
            .prepare_cached(sql)
            .and_then(|mut s| s.exists(params![channel, now]))
            .map_err(|e| self.failed("the outbox cannot be read", &e))?;
        if !any {
            return Ok(None);
        }
        self.in_transaction("the outbox cannot be used", |t| take(t, channel, now))
    }

    fn settle(&self, id: i64, settled: &Settled, now: UtcMs) -> io::Result<()> {
        self.in_transaction("a delivery cannot be put down", |t| {
            let sql = "UPDATE outbox SET state = ?2, next_attempt_at = ?3, reason = ?4, receipt = ?5, \
                       attempts = attempts + ?6, updated_at = ?7 WHERE id = ?1";
            t.prepare_cached(sql)?.execute(params![
                id,
                settled.state.as_str(),
                settled.next_attempt_at,
                settled.reason,
                settled.receipt,
                i64::from(settled.counts),
                now
            ])?;
            Ok(())
        })
    }

    fn recover(&self, now: UtcMs, resend: &dyn Fn(&str) -> bool) -> io::Result<usize> {
        self.in_transaction("the outbox cannot be recovered", |t| {
            let sql = "SELECT DISTINCT channel FROM outbox WHERE state = 'sending'";
            let channels: Vec<String> =
                t.prepare(sql)?.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
            channels.iter().map(|channel| recover(t, channel, now, resend(channel))).sum()
        })
    }

    fn recover_one(&self, channel: &str, now: UtcMs, resend: bool) -> io::Result<usize> {
        self.in_transaction("the outbox cannot be recovered", |t| recover(t, channel, now, resend))
    }

    fn abandon_others(&self, channels: &[String], now: UtcMs) -> io::Result<usize> {
        self.in_transaction("the outbox cannot be written", |t| {
            let known = json(&channels)?;
            let sql = "UPDATE outbox SET state = 'dead', next_attempt_at = NULL, updated_at = ?2, \
                       reason = 'the channel is not configured any more' \
                       WHERE state IN ('pending', 'sending', 'uncertain') AND next_attempt_at IS NOT NULL \
                       AND channel NOT IN (SELECT value FROM json_each(?1))";
            t.execute(sql, params![known, now])
        })
    }

    fn sent_since(&self, channel: &str, since: UtcMs) -> io::Result<u32> {
        let sql = "SELECT count(*) FROM outbox WHERE channel = ?1 AND has_alerts AND updated_at >= ?2 \
                   AND state IN ('sent', 'uncertain')";
        self.lock()
            .prepare_cached(sql)
            .and_then(|mut s| s.query_row(params![channel, since], |r| r.get(0)))
            .map_err(|e| self.failed("the outbox cannot be read", &e))
    }

    fn counts(&self, channel: &str) -> io::Result<[u64; 5]> {
        let read = || {
            let connection = self.lock();
            let sql = "SELECT state, count(*) FROM outbox WHERE channel = ?1 GROUP BY state";
            let mut statement = connection.prepare_cached(sql)?;
            let mut counts = [0; 5];
            let mut rows = statement.query([channel])?;
            while let Some(row) = rows.next()? {
                let name: String = row.get(0)?;
                counts[state(&name) as usize] += row.get::<_, i64>(1)?.unsigned_abs();
            }
            Ok(counts)
        };
        read().map_err(|e| self.failed("the outbox cannot be read", &e))
    }

    fn alerts(&self, symbol: Option<&str>, before: UtcMs, limit: usize) -> io::Result<Vec<AlertRecord>> {
        let read = || {
            let connection = self.lock();
            let sql = "SELECT id, card FROM alerts WHERE as_of < ?1 AND (?2 IS NULL OR symbol = ?2) \
                       ORDER BY as_of DESC, id LIMIT ?3";
            let mut statement = connection.prepare_cached(sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![before, symbol, limit], |r| {
                Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?))
            })?;
            let mut records = Vec::new();
            for row in rows {
                let (id, card) = row?;
                let Ok(alert) = serde_json::from_str(&card) else { continue };
                records.push(AlertRecord { alert, deliveries: deliveries_of(&connection, &id)? });
            }
            Ok(records)
        };
        read().map_err(|e| self.failed("alerts cannot be read", &e))
    }

    fn changed_since(&self, cursor: (UtcMs, i64), limit: usize) -> io::Result<Vec<Delivery>> {
        let read = || {
            let connection = self.lock();
            let sql = format!(
                "SELECT {COLUMNS} FROM outbox WHERE (updated_at, id) > (?1, ?2) ORDER BY updated_at, id LIMIT ?3"
            );
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = connection.prepare_cached(&sql)?;
            statement
                .query_map(params![cursor.0, cursor.1, limit], delivery)?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.failed("the outbox cannot be read", &e))
    }

    fn prune(&self, before: UtcMs) -> io::Result<usize> {
        self.in_transaction("the outbox cannot be pruned", |t| {
            let gone = t.execute(
                "DELETE FROM outbox WHERE updated_at < ?1 AND next_attempt_at IS NULL AND state <> 'sending'",
                [before],
            )?;
            t.execute("DELETE FROM alerts WHERE created_at < ?1", [before])?;
            t.execute(
                "DELETE FROM alert_deliveries WHERE outbox_id NOT IN (SELECT id FROM outbox) \
                 OR alert_id NOT IN (SELECT id FROM alerts)",
                [],
            )?;
            Ok(gone)
        })
    }
}
