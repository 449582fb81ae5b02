//! The lease of two scanners and the changes of the state that one follows. Each step is a script, so that nothing comes between
//! its look and its write.

use super::{Keys, MAX_BUNDLE, PART, client, config, failed, pack, pack_parts, unpack, unpack_parts};
use crate::actors::failover::status::Machine;
use crate::actors::ports::alerts::Outgoing;
use crate::actors::ports::failover::{
    Change, FailoverStore, Found, LeaseAnswer, LeaseAsk, Place, Takes, Written,
};
use crate::actors::ports::redis::{PublishError, PublishFuture};
use crate::i18n::text;
use redis::aio::ConnectionManager;
use redis::{Client, FromRedisValue};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::OnceCell;

const ASK: &str = include_str!("ask.lua");
const GIVE_UP: &str = include_str!("give_up.lua");
const APPEND: &str = include_str!("append.lua");
const PUT_SNAPSHOT: &str = include_str!("put_snapshot.lua");
const READ: &str = include_str!("read.lua");
const TAKE_OFFERED: &str = include_str!("take_offered.lua");

/// A machine that was not heard of for so long is forgotten, ms: its silence is told for a day.
const FORGET_MACHINE_MS: i64 = 86_400_000;
/// Entries of changes that are read at once; each holds up to some hundred rows.
const ENTRIES: usize = 50;
/// Parts of a snapshot: a gigabyte, ten times the state of a scanner of all pairs with a month of messages.
const MOST_PARTS: usize = 64;
/// What so many parts can hold as they are written; the last row of each goes beyond its part.
const MOST_BYTES: usize = MOST_PARTS * PART + MAX_BUNDLE;
/// Most that waits to be taken over from the other: as many messages as the alert actor lets wait.
const MOST_OFFERED: isize = 1_000;

/// The lease and the changes in one Redis.
#[derive(Clone)]
pub struct RedisFailover {
    client: Client,
    manager: Arc<OnceCell<ConnectionManager>>,
    keys: Keys,
    /// Tells this process from every other, also from an earlier one of this machine.
    holder: String,
    machine: String,
    name: String,
    /// The lease was given up: an answer that is late must not take it again.
    over: Arc<AtomicBool>,
}

impl RedisFailover {
    /// `machine`: the same over restarts, and of this machine alone; `name`: for people.
    ///
    /// # Errors
    /// When the address makes no sense.
    pub fn new(url: &str, prefix: &str, machine: String, name: String) -> Result<Self, PublishError> {
        let keys = Keys { prefix: format!("{prefix}:failover"), ttl: std::time::Duration::ZERO };
        let holder = format!("{:032x}", rand::random::<u128>());
        let (manager, over) = (Arc::default(), Arc::default());
        Ok(Self { client: client(url)?, manager, keys, holder, machine, name, over })
    }

    async fn eval<T: FromRedisValue>(
        &self,
        script: &str,
        keys: &[&str],
        args: &[&[u8]],
    ) -> Result<T, PublishError> {
        let connect = || ConnectionManager::new_with_config(self.client.clone(), config());
        let mut manager = self.manager.get_or_try_init(connect).await.map_err(|e| failed(&e))?.clone();
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(keys.len());
        keys.iter().for_each(|key| {
            command.arg(self.keys.of(key));
        });
        command.arg(args);
        command.query_async(&mut manager).await.map_err(|e| failed(&e))
    }

    async fn ask(self, ask: LeaseAsk) -> Result<LeaseAnswer, PublishError> {
        if self.over.load(Ordering::Acquire) {
            return Err(PublishError(text!(redis_lease_given_up)));
        }
        let (seen, length) = (ask.seen.to_string(), ask.lease_ms.to_string());
        let told = format!("{} {}", ask.role, self.name);
        let forget = FORGET_MACHINE_MS.to_string();
        let takes = match ask.takes {
            Takes::No => "no",
            Takes::Free => "free",
            Takes::Own => "own",
        };
        let args = [&self.holder, &seen, takes, &length, &self.machine, &told, &forget].map(str::as_bytes);
        let (held, fence, ends_in_ms, other, silent_ms): (i64, String, i64, String, String) =
            self.eval(ASK, &["lease", "fence", "machines", "born", "waits"], &args).await?;
        let other = other.split_once(' ').and_then(|(role, name)| {
            let silent_ms = silent_ms.parse().ok()?;
            Some(Machine { name: name.to_owned(), role: role.parse().ok()?, silent_ms })
        });
        let ends_in_ms = Some(ends_in_ms).filter(|ms| *ms >= 0);
        Ok(LeaseAnswer { held: held == 1, ends_in_ms, fence: fence.parse().unwrap_or(0), other })
    }

    async fn read(self, place: Place) -> Result<Found, PublishError> {
        let Place { writer, id } = place;
        let entries = ENTRIES.to_string();
        // One more than are read, which shows.
        let parts = (MOST_PARTS + 1).to_string();
        let args = [writer.as_bytes(), id.as_bytes(), entries.as_bytes(), parts.as_bytes()];
        let found: Vec<Vec<u8>> = self.eval(READ, &["changes", "snapshot"], &args).await?;
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let mut parts = found.iter();
        match parts.next().map(text).as_deref() {
            Some("snapshot") => {
                let [writer, id, data @ ..] = parts.as_slice() else { return Err(odd()) };
                if data.is_empty() || data.len() > MOST_PARTS {
                    return Err(odd());
                }
                let changes = unpack_parts(data, MOST_BYTES)?;
                Ok(Found::Snapshot { changes, place: Place { writer: text(writer), id: text(id) } })
            }
            Some("changes") => {
                let (mut changes, mut last) = (Vec::new(), id);
                for entry in parts.as_slice().chunks_exact(2) {
                    changes.append(&mut unpack::<Vec<Change>>(&entry[1])?);
                    last = text(&entry[0]);
                }
                Ok(Found::Changes { changes, place: Place { writer, id: last } })
            }
            _ => Ok(Found::Nothing),
        }
    }
}

fn odd() -> PublishError {
    PublishError(text!(redis_odd))
}

fn written(answer: &str) -> Result<Written, PublishError> {
    match answer {
        "done" => Ok(Written::Done),
        "fenced" => Ok(Written::Fenced),
        "forgotten" => Ok(Written::Forgotten),
        _ => Err(odd()),
    }
}

impl FailoverStore for RedisFailover {
    fn ask(&self, ask: LeaseAsk) -> PublishFuture<LeaseAnswer> {
        Box::pin(self.clone().ask(ask))
    }

    fn give_up(&self) -> PublishFuture<()> {
        let me = self.clone();
        Box::pin(async move {
            me.over.store(true, Ordering::Release);
            let args = [me.holder.as_bytes(), me.machine.as_bytes()];
            let () = me.eval(GIVE_UP, &["lease", "machines"], &args).await?;
            Ok(())
        })
    }

    /// As the fence's key has it.
    fn writer(&self, fence: u64) -> String {
        format!("{fence} {}", self.holder)
    }

    fn append(&self, fence: u64, changes: Vec<Change>) -> PublishFuture<Written> {
        let me = self.clone();
        Box::pin(async move {
            let (own, packed) = (me.writer(fence), pack(&changes)?);
            let args = [own.as_bytes(), &packed];
            let answer: String = me.eval(APPEND, &["fence", "changes", "snapshot"], &args).await?;
            written(&answer)
        })
    }

    fn put_snapshot(&self, fence: u64, changes: Vec<Change>, first: bool) -> PublishFuture<Written> {
        let me = self.clone();
        Box::pin(async move {
            let (own, parts) = (me.writer(fence), pack_parts(&changes)?);
            if parts.len() > MOST_PARTS {
                return Err(PublishError(text!(redis_state_too_large)));
            }
            let first: &[u8] = if first { b"1" } else { b"0" };
            let args: Vec<&[u8]> =
                [own.as_bytes(), first].into_iter().chain(parts.iter().map(Vec::as_slice)).collect();
            let answer: String = me.eval(PUT_SNAPSHOT, &["fence", "changes", "snapshot"], &args).await?;
            written(&answer)
        })
    }

    fn read(&self, place: Place) -> PublishFuture<Found> {
        Box::pin(self.clone().read(place))
    }

    fn offer(&self, messages: Vec<Outgoing>) -> PublishFuture<()> {
        let me = self.clone();
        Box::pin(async move {
            let mut p = redis::pipe();
            for message in &messages {
                p.rpush(me.keys.of("offered"), pack(message)?).ignore();
            }
            p.ltrim(me.keys.of("offered"), -MOST_OFFERED, -1).ignore();
            let connect = || ConnectionManager::new_with_config(me.client.clone(), config());
            let manager = me.manager.get_or_try_init(connect).await.map_err(|e| failed(&e))?;
            let () = p.query_async(&mut manager.clone()).await.map_err(|e| failed(&e))?;
            Ok(())
        })
    }

    fn take_offered(&self, fence: u64) -> PublishFuture<Vec<Outgoing>> {
        let me = self.clone();
        Box::pin(async move {
            let own = me.writer(fence);
            let all: Vec<Vec<u8>> = me.eval(TAKE_OFFERED, &["fence", "offered"], &[own.as_bytes()]).await?;
            // They are gone from Redis: one that is not understood takes no other with it.
            let understood = |packed: &Vec<u8>| {
                unpack(packed).inspect_err(|error| {
                    tracing::warn!(%error, "a message that the other machine handed over is left out; it waits there until its turn");
                })
            };
            Ok(all.iter().filter_map(|packed| understood(packed).ok()).collect())
        })
    }
}
