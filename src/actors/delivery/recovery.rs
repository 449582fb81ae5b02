//! The outbox of an earlier run, before anything is sent.

use crate::actors::ports::alerts::ChannelSpec;
use crate::actors::ports::state::OperationalState;
use crate::domain::moment::MachineTime;

/// What an earlier run was sending may have arrived; what waits for channels that are gone is given up.
pub(crate) fn recover_outbox(state: &dyn OperationalState, channels: &[ChannelSpec], now: MachineTime) {
    let resend = |name: &str| channels.iter().any(|c| c.name == name && c.may_repeat());
    let names: Vec<String> = channels.iter().map(|c| c.name.clone()).collect();
    let recovered = state.recover(now, &resend).and_then(|n| Ok((n, state.abandon_others(&names, now)?)));
    match recovered {
        Ok((uncertain, abandoned)) if uncertain + abandoned > 0 => {
            tracing::warn!(uncertain, abandoned, "deliveries of an earlier run were under way");
        }
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "the outbox of an earlier run cannot be read"),
    }
}
