//! One life of the scanner: from its start on what lies in a folder to its death or its stop, in one thread on virtual time.

use super::channels::channels;
use super::disk::{self, Cache, History};
use super::plan::{DAY_MS, Kind};
use super::rest::Rest;
use super::streams::Streams;
use super::watch::Watch;
use super::world::{SimulatedClock, World};
use crate::support::left_behind;
use impulso::actors::alert::MEMORY_KEY;
use impulso::actors::ports::MarketRest;
use impulso::actors::ports::history::HistoryStore;
use impulso::actors::ports::state::OperationalState;
use impulso::actors::system::config::Placement;
use impulso::adapters::history::sqlite::{SqliteHistory, Workers};
use impulso::adapters::state::{FolderLock, StateDb};
use impulso::app::scanner::{Surroundings, scanner};
use impulso::domain::alert::AlertPolicyConfig;
use impulso::domain::score::level::LevelThresholds;
use impulso::domain::score::profile::Profile;
use impulso::settings::{Settings, Sources};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How a life ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End<'a> {
    Stopped,
    /// What is on the disk at that moment goes into this folder.
    Killed(&'a Path),
}

/// Levels so low that nearly every pair reaches them: alerts come by themselves.
const LEVELS: LevelThresholds = LevelThresholds { fuerte: 40.0, alta: 25.0, media: 12.0, baja: 5.0 };

const CHANCES: LevelThresholds = LevelThresholds { fuerte: 40.0, alta: 20.0, media: 10.0, baja: 5.0 };

const SETTINGS: &str = r#"
[exchange]
rest_url = "http://simulated"
stream_url = "ws://simulated"
[alert]
confirm_cycles = 1
"#;

/// Candles are kept so long in a run that lasts longer, days: the least that there is.
const KEPT_DAYS: i64 = 2;

/// When alerts are sent, as the settings have it.
pub(crate) fn alerts() -> AlertPolicyConfig {
    let mut config = AlertPolicyConfig::default();
    config.levels.confirm = Duration::ZERO;
    (config.levels.rule, config.levels.calibrated) = (LEVELS, CHANCES);
    config
}

/// What scores go by.
pub(crate) fn profile() -> Arc<Profile> {
    let mut profile = Profile::default();
    profile.levels = LEVELS;
    Arc::new(profile)
}

fn settings(world: &World, folder: &Path) -> Settings {
    // One run in two goes by the learned ladder.
    let model = if world.seed.is_multiple_of(2) { "none" } else { "default" };
    let place = folder.display();
    let levels = |section: &str, of: LevelThresholds| {
        let LevelThresholds { fuerte, alta, media, baja } = of;
        format!("[{section}]\nfuerte = {fuerte:?}\nalta = {alta:?}\nmedia = {media:?}\nbaja = {baja:?}\n")
    };
    let [rule, chances] = [levels("analysis.profile.levels", LEVELS), levels("model.levels", CHANCES)];
    // A shorter run would only lose the bars that its next life begins with.
    let kept = if world.length_ms > (KEPT_DAYS + 1) * DAY_MS { KEPT_DAYS } else { 30 };
    let history = format!("[history]\ncandles_days = {kept}\n");
    let text = format!(
        "{SETTINGS}{history}{rule}{chances}[model]\nfile = \"{model}\"\n[state]\ndir = \"{place}\"\n"
    );
    let sources = Sources { file: Some((folder.join("settings.toml"), text)), ..Sources::default() };
    Settings::load(&sources).expect("sound settings")
}

/// A runtime of its own: when it is dropped, everything that ran in it is gone, as with a process.
pub(crate) fn in_one_thread<T>(work: impl Future<Output = T>) -> T {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().expect("a runtime")
    };
    actix::System::with_tokio_rt(runtime).block_on(work)
}

/// Lives from `from` to `until`, ms of true time.
pub(crate) fn live(
    world: &Arc<World>,
    watch: &mut Watch,
    folder: &Path,
    (from, until): (i64, i64),
    end: End<'_>,
) {
    in_one_thread(async {
        world.begin_life(from);
        world.say("life begins");
        let lock = FolderLock::take(folder).expect("nobody else's");
        let around = around(world, folder, &lock);
        let memory = StateDb::open(folder).expect("a state").get(MEMORY_KEY).expect("read");
        let actors = scanner(&settings(world, folder), around).await.expect("it starts");
        let view = actors.view();
        watch.born(from, memory.as_deref());
        while world.true_ms() < until {
            let next = 1_000 - world.true_ms() % 1_000;
            tokio::time::sleep(Duration::from_millis(next.min(until - world.true_ms()).unsigned_abs())).await;
            watch.look(world, &view);
            if let Some(sleep) = world.struck(Kind::Sleep, world.true_ms() - 1_000) {
                world.count("Sleep");
                world.say("sleeps");
                tokio::time::advance(Duration::from_millis((sleep.to - world.true_ms()).unsigned_abs()))
                    .await;
            }
            if world.struck(Kind::SecondScanner, world.true_ms() - 1_000).is_some() {
                second(world, folder).await;
            }
        }
        watch.died(until);
        match end {
            End::Killed(to) => {
                world.count("Kill");
                world.say("killed");
                left_behind(folder, to);
                disk::tear(world, to);
            }
            End::Stopped => {
                world.count("Stop");
                world.say("stopped");
                let drops = Arc::clone(&actors.common().drops);
                if !actors.stop().await {
                    world.wrong("the scanner did not stop in time".to_owned());
                }
                if let Some(lost) = drops.all().get("lost_at_stop") {
                    world.wrong(format!("{lost} rows or messages lost at a stop"));
                }
            }
        }
    });
}

/// What the scanner stands on: the simulated exchange, real files that fail at times.
fn around(world: &Arc<World>, folder: &Path, lock: &FolderLock) -> Surroundings {
    let state = Arc::new(StateDb::open_held(folder, lock).expect("a state"));
    let store = SqliteHistory::open_mending_with(&folder.join("history.db"), Workers::Caller);
    let store: Arc<dyn HistoryStore> = Arc::new(store.expect("a history"));
    let rest = Arc::clone(world);
    Surroundings {
        clock: Arc::new(SimulatedClock(Arc::clone(world))),
        random: world.jitter(),
        rest: Arc::new(move || Rc::new(Rest(Arc::clone(&rest))) as Rc<dyn MarketRest>),
        streams: Arc::new(Streams(Arc::clone(world))),
        state: Arc::new(disk::state(world, state as Arc<dyn OperationalState>)),
        history: Some(Arc::new(History { world: Arc::clone(world), real: store })),
        redis: Some(Arc::new(Cache(Arc::clone(world)))),
        failover: None,
        channels: channels(world),
        placement: Placement::here(1).looking_every(Duration::from_secs(5)),
    }
}

/// Somebody starts a second scanner on the same files: it must not begin.
async fn second(world: &Arc<World>, folder: &Path) {
    world.count("SecondScanner");
    if let Ok(lock) = FolderLock::take(folder) {
        world.wrong("a second scanner was let in".to_owned());
        let around = around(world, folder, &lock);
        let actors = scanner(&settings(world, folder), around).await.expect("it starts");
        tokio::time::sleep(Duration::from_secs(30)).await;
        actors.stop().await;
    }
}
