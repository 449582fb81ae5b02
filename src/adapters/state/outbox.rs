//! The durable outbox and the alerts that it carries.

use super::{at_most, rows};
use crate::actors::ports::alerts::{AlertDelivery, AlertRecord, Delivery, DeliveryState, Settled};
use crate::domain::alert::message::Message;
use crate::domain::moment::{MachineTime, MarketTime};
use crate::i18n::{Reason, text};
use rusqlite::{Connection, OptionalExtension, Result, Row, ToSql, params};

const COLUMNS: &str = "id, key, channel, message, state, attempts, maybe_repeated, next_attempt_at, \
                       created_at, updated_at, reason, receipt";

fn state(name: &str) -> DeliveryState {
    name.parse().unwrap_or(DeliveryState::Dead)
}

fn reason(written: Option<String>) -> Option<Reason> {
    written.map(Reason::read)
}

fn delivery(row: &Row<'_>) -> Result<Delivery> {
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
        reason: reason(row.get(10)?),
        receipt: row.get(11)?,
    })
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
}

pub(super) fn insert(
    t: &Connection,
    (message, channels): &(Message, Vec<String>),
    maybe_repeated: bool,
    now: MachineTime,
) -> Result<usize> {
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
                   next_attempt_at, created_at, updated_at, maybe_repeated) \
                   VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?6, ?6, ?6, ?7)";
        let written = t.prepare_cached(sql)?.execute(params![
            key,
            channel,
            message.urgent(),
            !message.alerts().is_empty(),
            text,
            now,
            maybe_repeated
        ])?;
        if written == 0 {
            continue;
        }
        new += 1;
        link(t, message, t.last_insert_rowid())?;
    }
    Ok(new)
}

/// What a worker without anything in hand may take. Also what is being sent: it took that without hearing of it, as the answer of the
/// disk was lost.
const WAITS: &str =
    "channel = ?1 AND next_attempt_at IS NOT NULL AND state IN ('pending', 'uncertain', 'sending')";

/// Notes which alerts a delivery carries.
fn link(t: &Connection, message: &Message, id: i64) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO alert_deliveries (alert_id, outbox_id) VALUES (?1, ?2)";
    let mut statement = t.prepare_cached(sql)?;
    message.alerts().iter().try_for_each(|alert| statement.execute(params![alert.id, id]).map(|_| ()))
}

/// The same for a delivery that came from another machine.
pub(super) fn link_alerts(t: &Connection, key: &impl ToSql, channel: &impl ToSql) -> Result<()> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE key = ?1 AND channel = ?2");
    let found = t.prepare_cached(&sql)?.query_row(params![key, channel], delivery).optional()?;
    found.map_or(Ok(()), |delivery| link(t, &delivery.message, delivery.id))
}

/// When the next delivery is due.
pub(super) fn next_due(c: &Connection, channel: &str) -> Result<Option<MachineTime>> {
    let sql = format!("SELECT next_attempt_at FROM outbox WHERE {WAITS} ORDER BY next_attempt_at LIMIT 1");
    c.prepare_cached(&sql)?.query_row([channel], |row| row.get(0)).optional()
}

pub(super) fn take(t: &Connection, channel: &str, now: MachineTime) -> Result<Option<Delivery>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE {WAITS} AND next_attempt_at <= ?2 \
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

pub(super) fn recover(c: &Connection, channel: &str, now: MachineTime, resend: bool) -> Result<usize> {
    let sql = "UPDATE outbox SET state = 'uncertain', attempts = attempts + 1, next_attempt_at = ?3, \
               updated_at = ?2, reason = ?4 \
               WHERE channel = ?1 AND state = 'sending'";
    let reason = Reason::of("interrupted", &text!(delivery_interrupted)).written();
    c.execute(sql, params![channel, now, resend.then_some(now), reason])
}

fn deliveries_of(c: &Connection, alert: &str) -> Result<Vec<AlertDelivery>> {
    let sql = "SELECT o.channel, o.message, o.state, o.attempts, o.reason, o.updated_at FROM alert_deliveries d \
               JOIN outbox o ON o.id = d.outbox_id WHERE d.alert_id = ?1 ORDER BY o.channel, o.id";
    rows(c, sql, [alert], |r| {
        let message: String = r.get(1)?;
        let kind = serde_json::from_str::<Message>(&message).map_or("", |m| m.kind());
        Ok(AlertDelivery {
            channel: r.get(0)?,
            kind: kind.to_owned(),
            state: state(&r.get::<_, String>(2)?),
            attempts: r.get(3)?,
            reason: reason(r.get(4)?),
            updated_at: r.get(5)?,
        })
    })
}

pub(super) fn settle(t: &Connection, id: i64, settled: &Settled, now: MachineTime) -> Result<()> {
    let sql = "UPDATE outbox SET state = ?2, next_attempt_at = ?3, reason = ?4, receipt = ?5, \
               attempts = attempts + ?6, updated_at = ?7 WHERE id = ?1";
    t.prepare_cached(sql)?.execute(params![
        id,
        settled.state.as_str(),
        settled.next_attempt_at,
        settled.reason.as_ref().map(Reason::written),
        settled.receipt,
        i64::from(settled.counts),
        now
    ])?;
    Ok(())
}

/// Channels with a delivery that was being sent when the program ended.
pub(super) fn interrupted(c: &Connection) -> Result<Vec<String>> {
    rows(c, "SELECT DISTINCT channel FROM outbox WHERE state = 'sending'", [], |r| r.get(0))
}

pub(super) fn abandon_others(t: &Connection, channels: &[String], now: MachineTime) -> Result<usize> {
    let sql = "UPDATE outbox SET state = 'dead', next_attempt_at = NULL, updated_at = ?2, \
               reason = ?3 \
               WHERE state IN ('pending', 'sending', 'uncertain') AND next_attempt_at IS NOT NULL \
               AND channel NOT IN (SELECT value FROM json_each(?1))";
    let reason = Reason::of("no_channel", &text!(delivery_no_channel)).written();
    t.execute(sql, params![json(&channels)?, now, reason])
}

pub(super) fn sent_since(c: &Connection, channel: &str, since: MachineTime) -> Result<u32> {
    let sql = "SELECT count(*) FROM outbox WHERE channel = ?1 AND has_alerts AND updated_at >= ?2 \
               AND state IN ('sent', 'uncertain')";
    c.prepare_cached(sql)?.query_row(params![channel, since], |r| r.get(0))
}

pub(super) fn counts(c: &Connection, channel: &str) -> Result<[u64; 5]> {
    let sql = "SELECT state, count(*) FROM outbox WHERE channel = ?1 GROUP BY state";
    let mut counts = [0; 5];
    for (name, count) in rows(c, sql, [channel], |r| Ok((r.get::<_, String>(0)?, r.get::<_, i64>(1)?)))? {
        counts[state(&name) as usize] += count.unsigned_abs();
    }
    Ok(counts)
}

pub(super) fn alerts(
    c: &Connection,
    symbol: Option<&str>,
    before: MarketTime,
    limit: usize,
) -> Result<Vec<AlertRecord>> {
    let sql = "SELECT id, card FROM alerts WHERE as_of < ?1 AND (?2 IS NULL OR symbol = ?2) \
               ORDER BY as_of DESC, id LIMIT ?3";
    let found = rows(c, sql, params![before, symbol, at_most(limit)], |r| {
        Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?))
    })?;
    let mut records = Vec::new();
    for (id, card) in found {
        let Ok(alert) = serde_json::from_str(&card) else { continue };
        records.push(AlertRecord { alert, deliveries: deliveries_of(c, &id)? });
    }
    Ok(records)
}

pub(super) fn changed_since(
    c: &Connection,
    cursor: (MachineTime, i64),
    limit: usize,
) -> Result<Vec<Delivery>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE (updated_at, id) > (?1, ?2) ORDER BY updated_at, id LIMIT ?3"
    );
    rows(c, &sql, params![cursor.0, cursor.1, at_most(limit)], delivery)
}

pub(super) fn prune(t: &Connection, before: MachineTime) -> Result<usize> {
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
}
