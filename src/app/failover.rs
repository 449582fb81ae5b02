//! One of two scanners: what it is made of.

use crate::actors::failover::FailoverSetup;
use crate::actors::ports::failover::ReplicatedState;
use crate::actors::ports::state::OperationalState;
use crate::adapters::redis::RedisFailover;
use crate::adapters::state::StateDb;
use crate::domain::duration::Millis;
use crate::domain::time::DAY_MS;
use crate::settings::Settings;
use crate::settings::stores::masked;
use std::sync::Arc;

/// Key of what tells this machine from the other, over restarts.
const MACHINE_KEY: &str = "failover_machine";

/// `None` for a scanner that is alone.
pub(super) fn setup(settings: &Settings, state: &Arc<StateDb>) -> anyhow::Result<Option<FailoverSetup>> {
    let redis = &settings.redis;
    // Also for one that was one of two before: what it changes is of no use to anybody.
    state.follow()?;
    if !redis.standby {
        return Ok(None);
    }
    let machine = state.get(MACHINE_KEY)?.unwrap_or_else(|| {
        let machine = format!("{:016x}", rand::random::<u64>());
        if let Err(error) = state.put(MACHINE_KEY, &machine) {
            tracing::warn!(%error, "the other machine will see this one as another after a restart");
        }
        machine
    });
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
    let (url, cycle) = (redis.url.expose(), settings.cycle.interval);
    Ok(Some(FailoverSetup {
        store: Arc::new(RedisFailover::new(url, &redis.keys.prefix, machine, name)?),
        state: Arc::clone(state) as _,
        cycle: cycle.div_f64(settings.exchange.market_speed),
        outbox_ms: settings.alert.delivery.expire_after.ms().max(DAY_MS),
        redis_url: masked(url),
    }))
}
