//! The experiment of the settings, and what is asked of it from outside the running scanner.

use super::config::level_rules;
use super::learning::arm_store::ArmStore;
use crate::actors::experiment::ExperimentSetup;
use crate::actors::ports::Clock;
use crate::actors::ports::experiment::{Entry, ExperimentCommand};
use crate::actors::ports::history::HistoryStore;
use crate::actors::ports::state::OperationalState;
use crate::adapters::clock::SystemClock;
use crate::learning::arms::{ArmConfig, ArmSpec};
use crate::learning::model::Model;
use crate::settings::Settings;
use std::sync::Arc;

/// The experiment of a running scanner; `None` where it is switched off or no history is kept.
pub(super) fn setup(
    settings: &Settings,
    model: Option<&Arc<Model>>,
    store: &Arc<dyn HistoryStore>,
    state: &Arc<dyn OperationalState>,
) -> Option<ExperimentSetup> {
    let own = &settings.experiment;
    own.enabled.then(|| ExperimentSetup {
        config: ArmConfig {
            filters: settings.ranking,
            levels: level_rules(settings),
            adapt: settings.model.adapt_config(),
        },
        in_force: ArmSpec {
            name: String::new(),
            profile: Some(Arc::clone(&settings.analysis.profile)),
            model: model.cloned(),
        },
        depot: Arc::new(ArmStore::new(settings)),
        state: Arc::clone(state),
        store: Arc::clone(store),
        rule: own.rule,
        rollback_min_days: own.rollback_min_days,
        automatic: own.automatic,
    })
}

/// Leaves an order for the scanner that uses the state folder.
pub fn order(settings: &Settings, order: &ExperimentCommand) -> anyhow::Result<()> {
    let state = super::state::open(settings)?;
    Ok(state.order(order, "command line", SystemClock::new().machine_time())?)
}

/// The newest report as JSON, and the newest lines of the log.
pub(crate) fn read(settings: &Settings, lines: usize) -> anyhow::Result<(Option<String>, Vec<Entry>)> {
    let state = super::state::open(settings)?;
    Ok((state.report()?, state.entries(lines)?))
}
