//! Where arms are kept: each a folder of the state with a model, a profile or both. The one way to put one in force, by the
//! experiment as by `impulso model activate`, and to leave a challenger.

use super::models::{self, Opened};
use super::profiles::{read_profile, tuned, write_profile};
use crate::actors::ports::experiment::{ArmDepot, PutInForceError};
use crate::app::state::folder;
use crate::app::whole_file::{removed, write_whole};
use crate::domain::score::profile::Profile;
use crate::learning::arms::{ArmSpec, CHALLENGER_MODEL_ARM, CHALLENGER_RULE_ARM, PREVIOUS_ARM, TUNED_ARM};
use crate::learning::model::Model;
use crate::settings::{ArmSettings, Settings, read_text_within};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Says in the place of a model that the rule decides alone.
const RULE_ALONE: &str = "none";

/// A folder with a model, a profile or both.
struct Place(PathBuf);

/// What lies in a place. A model of `Some(None)` is the rule alone.
#[derive(Default)]
struct Found {
    profile: Option<Arc<Profile>>,
    model: Option<Opened>,
}

impl Place {
    fn in_force(settings: &Settings) -> Self {
        Self(folder(settings))
    }

    fn previous(settings: &Settings) -> Self {
        Self(folder(settings).join("previous"))
    }

    fn challenger(settings: &Settings) -> Self {
        Self(folder(settings).join("challenger"))
    }

    fn profile(&self) -> PathBuf {
        self.0.join("profile.toml")
    }

    fn model(&self) -> PathBuf {
        self.0.join("model.json")
    }

    fn read_profile(&self) -> anyhow::Result<Option<Arc<Profile>>> {
        let path = self.profile();
        path.exists().then(|| read_profile(&path)).transpose()
    }

    fn read_model(&self) -> anyhow::Result<Option<Opened>> {
        let path = self.model();
        match read_text_within(&path, models::MAX_BYTES) {
            Ok(text) if text.trim() == RULE_ALONE => Ok(Some(None)),
            _ => path.exists().then(|| models::open(&path.display().to_string())).transpose(),
        }
    }

    fn read(&self) -> anyhow::Result<Found> {
        Ok(Found { profile: self.read_profile()?, model: self.read_model()? })
    }

    fn write_model(&self, model: Option<Option<&Model>>) -> anyhow::Result<()> {
        let path = self.model();
        match model {
            Some(Some(model)) => models::write(model, &path),
            Some(None) => write_whole(&path, RULE_ALONE.as_bytes()),
            None => removed(&path),
        }
    }

    fn write_profile(&self, profile: Option<&Profile>) -> anyhow::Result<()> {
        match profile {
            Some(profile) => write_profile(profile, "Put in force by the experiment", &self.profile()),
            None => removed(&self.profile()),
        }
    }
}

/// The settings with the profile that was put in force, if there is one. One that cannot be used is told, and scoring goes on by
/// the settings.
pub(crate) fn with_profile_in_force(settings: &Settings) -> Settings {
    let mut own = settings.clone();
    match Place::in_force(settings).read_profile() {
        Ok(None) => {}
        Ok(Some(profile)) => own.analysis.profile = profile,
        Err(error) => {
            let error = format!("{error:#}");
            tracing::error!(error, "the promoted profile cannot be used: scoring goes on by the settings");
        }
    }
    own
}

/// The model in force: a file or `none` of the settings, else what was put in force, else the one in the program. One that
/// cannot be used is told, and the rule goes on alone.
pub(crate) fn model_in_force(settings: &Settings) -> Opened {
    let file = &settings.model.file;
    let put = if file == models::DEFAULT { Place::in_force(settings).read_model() } else { Ok(None) };
    match put.and_then(|put| put.map_or_else(|| models::open(file), Ok)) {
        Ok(Some(model)) => {
            let first = model.card.trained_on.first().map(|t| t.from.clone()).unwrap_or_default();
            let last = model.card.trained_on.last().map(|t| t.to.clone()).unwrap_or_default();
            tracing::info!(model = model.card.name, from = first, to = last, "model in force");
            Some(model)
        }
        Ok(None) => {
            tracing::info!("no model: levels and alerts by the rule");
            None
        }
        Err(error) => {
            let error = format!("{error:#}");
            tracing::error!(error, "the model cannot be used: scanning goes on with the rule");
            None
        }
    }
}

/// Puts a model (`default`, `none` or a file) in force from the next start.
pub(crate) fn activate(name: &str, settings: &Settings) -> anyhow::Result<Opened> {
    let model = models::open(name)?;
    let kept = (name != models::DEFAULT).then_some(model.as_deref());
    Place::in_force(settings).write_model(kept)?;
    Ok(model)
}

/// Leaves a model as a challenger in the shadow.
pub(super) fn challenge_with_model(settings: &Settings, model: &Model) -> anyhow::Result<()> {
    Place::challenger(settings).write_model(Some(Some(model)))
}

/// Where a profile is left as a challenger in the shadow.
pub(super) fn challenger_profile(settings: &Settings) -> PathBuf {
    Place::challenger(settings).profile()
}

/// Arms of the settings and of the state folder, for the running experiment.
pub(crate) struct ArmStore {
    settings: Settings,
    /// What could not be used and was told: an error is told once, and once more after it was gone. The port is `Sync`, hence the
    /// lock.
    told: Mutex<BTreeSet<String>>,
    /// The files of the arms as they were: it is looked every 10 s, and a model of megabytes would be read and compared each time.
    seen: Mutex<Vec<Option<Stamp>>>,
}

/// Tells a file from the one before: its number, as files are replaced as a whole, and when it or who may read it was changed.
type Stamp = (u64, i64, i64);

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.ino(), meta.ctime(), meta.ctime_nsec()))
}

impl ArmStore {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { settings: settings.clone(), told: Mutex::default(), seen: Mutex::default() }
    }

    /// The files that arms may be made of, whether they are there or not.
    fn files(&self) -> Vec<PathBuf> {
        let configured = self.settings.experiment.arms.values();
        let mut files: Vec<PathBuf> =
            configured.flat_map(|arm| [&arm.profile, &arm.model]).map(PathBuf::from).collect();
        for place in [Place::challenger(&self.settings), Place::previous(&self.settings)] {
            files.extend([place.profile(), place.model()]);
        }
        files
    }

    fn configured(&self, name: &str, arm: &ArmSettings, in_force: &ArmSpec) -> anyhow::Result<ArmSpec> {
        let profile = match arm.profile.as_str() {
            "" => None,
            file => Some(read_profile(Path::new(file))?),
        };
        let model = match arm.model.as_str() {
            "force" => in_force.model.clone(),
            other => models::open(other)?,
        };
        Ok(ArmSpec { name: name.to_owned(), profile, model })
    }

    /// A challenger's model and its profile are two arms: each has to hold on its own.
    fn challengers(&self) -> anyhow::Result<Vec<ArmSpec>> {
        let Found { profile, model } = Place::challenger(&self.settings).read()?;
        let arm = |name: &str, profile, model| ArmSpec { name: name.to_owned(), profile, model };
        let model = model.flatten().map(|model| arm(CHALLENGER_MODEL_ARM, None, Some(model)));
        let rule = profile.map(|profile| arm(CHALLENGER_RULE_ARM, Some(profile), None));
        Ok(model.into_iter().chain(rule).collect())
    }

    /// The tuned profile of the program; an arm of the settings with its name takes its place, and there is nothing to learn from it
    /// where it is in force.
    fn tuned(&self) -> anyhow::Result<Option<ArmSpec>> {
        let profile = tuned()?;
        let settings = &self.settings;
        let other = settings.experiment.arms.contains_key(TUNED_ARM) || settings.analysis.profile == profile;
        let arm = || ArmSpec { name: TUNED_ARM.to_owned(), profile: Some(profile), model: None };
        Ok((!other).then(arm))
    }

    fn previous(&self) -> anyhow::Result<Option<ArmSpec>> {
        let Found { profile, model } = Place::previous(&self.settings).read()?;
        let any = profile.is_some() || model.is_some();
        Ok(any.then(|| ArmSpec { name: PREVIOUS_ARM.to_owned(), profile, model: model.flatten() }))
    }

    fn told<T: Default>(&self, what: &str, found: anyhow::Result<T>) -> T {
        let mut told = self.told.lock();
        match found {
            Ok(found) => {
                told.remove(what);
                found
            }
            Err(error) => {
                if told.insert(what.to_owned()) {
                    let error = format!("{error:#}");
                    tracing::error!(arm = what, error, "an arm cannot be used and is left out");
                }
                T::default()
            }
        }
    }
}

impl ArmDepot for ArmStore {
    fn changed(&self) -> bool {
        let now = self.files().iter().map(|file| stamp(file)).collect();
        let mut seen = self.seen.lock();
        // What could not be read may be read now, without any change of its file: too many were open, or the disk was away.
        let changed = *seen != now || !self.told.lock().is_empty();
        *seen = now;
        changed
    }

    fn arms(&self, in_force: &ArmSpec) -> Vec<ArmSpec> {
        let arms = self.settings.experiment.arms.iter();
        let configured =
            arms.filter_map(|(name, arm)| self.told(name, self.configured(name, arm, in_force).map(Some)));
        let mut arms: Vec<ArmSpec> = configured.collect();
        arms.extend(self.told(TUNED_ARM, self.tuned()));
        arms.extend(self.told("challenger", self.challengers()));
        arms.extend(self.told(PREVIOUS_ARM, self.previous()));
        arms
    }

    fn put_in_force(&self, next: &ArmSpec, before: &ArmSpec) -> Result<(), PutInForceError> {
        let file = &self.settings.model.file;
        if file != models::DEFAULT {
            return Err(PutInForceError::Settings { file: file.clone() });
        }
        // What may come back is written first: a crash in between leaves what is in force as it was.
        let write = || {
            let previous = Place::previous(&self.settings);
            let profile_only = before.profile.is_some() && before.model.is_none();
            previous.write_model((!profile_only).then_some(before.model.as_deref()))?;
            previous.write_profile(before.profile.as_deref())?;
            let in_force = Place::in_force(&self.settings);
            in_force.write_model(Some(next.model.as_deref()))?;
            in_force.write_profile(next.profile.as_deref())
        };
        write().map_err(|error: anyhow::Error| PutInForceError::Files(format!("{error:#}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Sources;

    /// Names and profiles of the arms by a settings file, and whether they have a model.
    fn arms(text: &str, dir: &Path) -> Vec<(String, Option<Arc<Profile>>, bool)> {
        let text = format!("{text}\n[state]\ndir = {:?}\n", dir.display().to_string());
        let sources = Sources { file: Some((dir.join("own.toml"), text)), ..Sources::default() };
        let settings = Settings::load(&sources).expect("settings");
        let in_force = ArmSpec { name: String::new(), profile: None, model: None };
        let found = ArmStore::new(&settings).arms(&in_force);
        found.into_iter().map(|arm| (arm.name, arm.profile, arm.model.is_some())).collect()
    }

    #[test]
    fn the_tuned_rule_is_an_arm_unless_it_is_in_force_or_its_name_is_taken() {
        let dir = tempfile::tempdir().expect("a folder");
        let tuned = tuned().expect("in the program");
        assert_eq!(arms("", dir.path()), [("tuned".to_owned(), Some(Arc::clone(&tuned)), false)]);
        let own = "[experiment.arms.tuned]\nmodel = \"none\"\n";
        assert_eq!(arms(own, dir.path()), [("tuned".to_owned(), None, false)], "the settings' own");
        let in_force = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/tuned.toml"));
        assert_eq!(arms(&in_force.expect("there"), dir.path()), [], "there is nothing to compare");
    }

    #[test]
    fn arms_are_read_when_one_of_their_files_is_another() {
        let dir = tempfile::tempdir().expect("a folder");
        let own = dir.path().join("own.json");
        let text = format!(
            "[experiment.arms.own]\nmodel = {:?}\n[state]\ndir = {:?}\n",
            own.display().to_string(),
            dir.path().display().to_string()
        );
        let sources = Sources { file: Some((dir.path().join("own.toml"), text)), ..Sources::default() };
        let settings = Settings::load(&sources).expect("settings");
        let store = ArmStore::new(&settings);
        let looks = || [store.changed(), store.changed()];
        assert_eq!(looks(), [true, false], "at first nothing is known");
        challenge_with_model(&settings, &Model::default()).expect("written");
        assert_eq!(looks(), [true, false], "a challenger");
        challenge_with_model(&settings, &Model::default()).expect("written");
        assert_eq!(looks(), [true, false], "the same once more: it may be another");
        std::fs::write(&own, "{}").expect("written");
        assert_eq!(looks(), [true, false], "a model of the settings");
        std::fs::remove_file(&own).expect("removed");
        assert_eq!(looks(), [true, false], "gone");
        std::fs::write(&own, "no model").expect("written");
        let in_force = ArmSpec { name: String::new(), profile: None, model: None };
        store.arms(&in_force);
        assert_eq!(looks(), [true, true], "one that cannot be used is tried again");
        Place::challenger(&settings).write_model(None).expect("removed");
        let shipped = models::open(models::DEFAULT).expect("in the program").expect("a model");
        models::write(&shipped, &own).expect("written");
        store.arms(&in_force);
        assert_eq!(looks(), [true, false], "and no more once it can");
    }
}
