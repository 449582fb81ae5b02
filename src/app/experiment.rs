//! The experiment's arms as files and settings, and what is in force as files of the state folder.

use super::compose::{alert_config, ranking_filters};
use super::learning::models;
use crate::actors::experiment::ExperimentSetup;
use crate::actors::ports::experiment::{ArmDepot, ExperimentCommand, ExperimentLog};
use crate::actors::ports::history::HistoryStore;
use crate::actors::ports::{Clock, StateStore};
use crate::adapters::clock::SystemClock;
use crate::adapters::state::StateDb;
use crate::domain::prediction::OpenerConfig;
use crate::domain::score::profile::Profile;
use crate::learning::arms::verdict::Rule;
use crate::learning::arms::{ArmConfig, ArmSpec, PREVIOUS_ARM};
use crate::learning::model::Model;
use crate::settings::{ArmSettings, Settings};
use anyhow::Context;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Where schedules leave what they have made.
pub(crate) const CHALLENGER: &str = "challenger";
const PREVIOUS: &str = "previous";
const PROFILE: &str = "profile.toml";
const MODEL: &str = "model.json";

/// The experiment of a running scanner; `None` where it is switched off or no history is kept.
pub(super) fn setup(
    settings: &Settings,
    model: Option<&Arc<Model>>,
    store: &Arc<dyn HistoryStore>,
    state: &Arc<StateDb>,
) -> Option<ExperimentSetup> {
    let own = &settings.experiment;
    let alert = alert_config(settings);
    own.enabled.then(|| ExperimentSetup {
        config: ArmConfig {
            filters: ranking_filters(settings),
            opener: OpenerConfig {
                hysteresis: alert.hysteresis,
                rule: alert.rule,
                calibrated: alert.calibrated,
            },
            adapt: settings.model.adapt_config(),
        },
        in_force: ArmSpec {
            name: String::new(),
            profile: Some(Arc::new(settings.analysis.profile.clone())),
            model: model.cloned(),
        },
        depot: Arc::new(Depot::new(settings)),
        book: Arc::clone(state) as _,
        state: Arc::clone(state) as _,
        store: Arc::clone(store),
        rule: Rule {
            min_days: own.min_days,
            min_resolved: own.min_resolved,
            min_fuerte: own.min_fuerte,
            tolerance: own.tolerance,
        },
        rollback_min_days: own.rollback_min_days,
        automatic: own.automatic,
    })
}

/// Arms from the settings and from the state folder.
struct Depot {
    folder: PathBuf,
    settings: Settings,
    told: Mutex<BTreeSet<String>>,
}

impl Depot {
    fn new(settings: &Settings) -> Self {
        let folder = super::state_folder(settings);
        Self { folder, settings: settings.clone(), told: Mutex::default() }
    }

    fn configured(&self, name: &str, arm: &ArmSettings, in_force: &ArmSpec) -> anyhow::Result<ArmSpec> {
        let profile = match arm.profile.as_str() {
            "" => None,
            file => Some(Arc::new(profile_of(Path::new(file))?)),
        };
        let model = match arm.model.as_str() {
            "force" => in_force.model.clone(),
            other => models::open(other)?,
        };
        Ok(ArmSpec { name: name.to_owned(), profile, model })
    }

    /// What lies in a folder of its own: a model, a profile or both.
    fn found(&self, folder: &str, name: &str) -> anyhow::Result<Option<ArmSpec>> {
        let folder = self.folder.join(folder);
        let (model, profile) = (folder.join(MODEL), folder.join(PROFILE));
        if !model.exists() && !profile.exists() {
            return Ok(None);
        }
        let model = if model.exists() { open_kept(&model)? } else { None };
        let profile = if profile.exists() { Some(Arc::new(profile_of(&profile)?)) } else { None };
        Ok(Some(ArmSpec { name: name.to_owned(), profile, model }))
    }

    /// A challenger's model and its profile are two arms: each has to hold on its own.
    fn challengers(&self) -> anyhow::Result<Vec<ArmSpec>> {
        let Some(both) = self.found(CHALLENGER, "challenger-model")? else { return Ok(Vec::new()) };
        let rule = both.profile.map(|p| ArmSpec {
            name: "challenger-rule".to_owned(),
            profile: Some(p),
            model: None,
        });
        let model = both.model.map(|m| ArmSpec { name: both.name, profile: None, model: Some(m) });
        Ok(model.into_iter().chain(rule).collect())
    }

    fn told<T: Default>(&self, what: &str, found: anyhow::Result<T>) -> T {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Ok(found) => {
                told.remove(what);
                found
            }
            Err(error) => {
                if told.insert(what.to_owned()) {
                    tracing::error!(
                        arm = what,
                        error = format!("{error:#}"),
                        "an arm cannot be used and is left out"
                    );
                }
                T::default()
            }
        }
    }
}

impl ArmDepot for Depot {
    fn arms(&self, in_force: &ArmSpec) -> Vec<ArmSpec> {
        let configured = self
            .settings
            .experiment
            .arms
            .iter()
            .filter_map(|(name, arm)| self.told(name, self.configured(name, arm, in_force).map(Some)));
        let mut arms: Vec<ArmSpec> = configured.collect();
        arms.extend(self.told("challenger", self.challengers()));
        arms.extend(self.told(PREVIOUS_ARM, self.found(PREVIOUS, PREVIOUS_ARM)));
        arms
    }

    fn put_in_force(&self, next: &ArmSpec, before: &ArmSpec) -> Result<(), String> {
        let file = &self.settings.model.file;
        if file != "default" {
            return Err(format!(
                "model.file is \"{file}\" in the settings and would win at the next start; set it to \"default\""
            ));
        }
        let keep = || {
            let previous = self.folder.join(PREVIOUS);
            std::fs::create_dir_all(&previous)?;
            let profile_only = before.profile.is_some() && before.model.is_none();
            keep_model(
                &previous.join(MODEL),
                if profile_only { None } else { Some(before.model.as_deref()) },
            )?;
            keep_profile(&previous.join(PROFILE), before.profile.as_deref())?;
            keep_model(&self.folder.join(MODEL), Some(next.model.as_deref()))?;
            keep_profile(&self.folder.join(PROFILE), next.profile.as_deref())
        };
        keep().map_err(|error: anyhow::Error| format!("{error:#}"))
    }
}

/// `Some(None)`: the rule alone; `None`: no file.
fn keep_model(path: &Path, model: Option<Option<&Model>>) -> anyhow::Result<()> {
    match model {
        Some(Some(model)) => super::learning::train::write(model, path),
        Some(None) => {
            std::fs::write(path, "none").with_context(|| format!("{} cannot be written", path.display()))
        }
        None => removed(path),
    }
}

fn keep_profile(path: &Path, profile: Option<&Profile>) -> anyhow::Result<()> {
    match profile {
        Some(profile) => write_profile(profile, "Put in force by the experiment", path),
        None => removed(path),
    }
}

fn removed(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("{} cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}

fn open_kept(path: &Path) -> anyhow::Result<Option<Arc<Model>>> {
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim() == "none" => Ok(None),
        _ => models::open(&path.display().to_string()),
    }
}

/// The profile of a settings file, over the one in the program.
///
/// # Errors
/// A file that is not there, no TOML, or wrong values.
pub fn profile_of(path: &Path) -> anyhow::Result<Profile> {
    Ok(Settings::only(path)?.analysis.profile)
}

/// Writes a settings file with a profile, whole or not at all. `about`: lines of comment at its top.
///
/// # Errors
/// A place that cannot be written.
pub(crate) fn write_profile(profile: &Profile, about: &str, out: &Path) -> anyhow::Result<()> {
    let place = || format!("{} cannot be written", out.display());
    let body = toml::to_string(&serde_json::json!({ "analysis": { "profile": profile } }))?;
    let about: String = about.lines().map(|line| format!("# {line}\n")).collect();
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder).with_context(place)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(place)?;
    std::io::Write::write_all(&mut file, format!("{about}{body}").as_bytes()).with_context(place)?;
    file.persist(out).with_context(place)?;
    Ok(())
}

/// The settings with the profile that was put in force, if there is one.
pub(crate) fn with_profile_in_force(settings: &Settings) -> Settings {
    let path = super::state_folder(settings).join(PROFILE);
    let mut own = settings.clone();
    if !path.exists() {
        return own;
    }
    match profile_of(&path) {
        Ok(profile) => {
            tracing::info!(file = %path.display(), "profile in force: the one that the experiment promoted");
            own.analysis.profile = profile;
        }
        Err(error) => {
            let error = format!("{error:#}");
            tracing::error!(error, "the promoted profile cannot be used: scoring goes on by the settings");
        }
    }
    own
}

/// Leaves an order for the scanner that uses the state folder.
pub fn order(settings: &Settings, order: &ExperimentCommand) -> anyhow::Result<()> {
    let state = StateDb::open(&super::state_folder(settings))?;
    Ok(state.order(order, "command line", SystemClock::new().utc_ms())?)
}

/// The newest report and the newest lines of the book, as JSON.
///
/// # Errors
/// A state folder that cannot be used, or one without an experiment.
pub(crate) fn read(
    settings: &Settings,
    lines: usize,
) -> anyhow::Result<(Option<String>, Vec<crate::actors::ports::experiment::Entry>)> {
    let state = StateDb::open(&super::state_folder(settings))?;
    let report = state.get(crate::actors::ports::experiment::REPORT_KEY)?;
    Ok((report, state.entries(lines)?))
}
