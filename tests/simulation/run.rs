//! A run of one seed: lives and deaths, then the checks.

use super::checks::CYCLE_MS;
use super::life::{End, in_one_thread, live};
use super::plan::{Kind, QUIET_START_MS, Window};
use super::scores::Reference;
use super::watch::{Fnv, Watch};
use super::world::World;
use super::{checks, deliveries, problems};
use impulso::actors::ports::history::{HistoryStore, Span};
use impulso::adapters::history::sqlite::{SqliteHistory, Workers};
use impulso::adapters::state::StateDb;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a run is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) seed: u64,
    pub(crate) days: f64,
    pub(crate) pairs: usize,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) log: String,
    pub(crate) digest: u64,
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) wrong: Vec<String>,
}

/// Runs it to its end.
pub(crate) fn run(setup: Setup) -> Outcome {
    // In memory where there is such a place: every commit waits for the disk otherwise.
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let place = tempfile::tempdir_in(place).expect("a folder");
    let world = World::new(setup.seed, setup.days, setup.pairs);
    for window in &world.windows {
        let Window { kind, from, to, pick } = *window;
        world.say(&format!("fault {kind:?} {from}..{to} {pick:016x}"));
    }
    let mut watch = Watch::default();
    let folder = lives(&world, &mut watch, place.path());
    check(&world, &watch, &folder);
    let seen = std::mem::take(&mut *world.seen());
    let mut digest = Fnv::default();
    digest.add(seen.log.as_bytes());
    Outcome { log: seen.log, digest: digest.0, counts: seen.counts, wrong: seen.wrong }
}

/// From the beginning to the end, over all deaths; gives the folder of the last life.
fn lives(world: &Arc<World>, watch: &mut Watch, place: &Path) -> PathBuf {
    let mut folder = place.join("1");
    let mut from = 0;
    for (at, window) in world.windows.iter().filter(|w| matches!(w.kind, Kind::Kill | Kind::Stop)).enumerate()
    {
        if window.kind == Kind::Kill {
            let next = place.join(format!("{}", at + 2));
            live(world, watch, &folder, (from, window.from), End::Killed(&next));
            std::fs::remove_dir_all(&folder).expect("removed");
            folder = next;
        } else {
            live(world, watch, &folder, (from, window.from), End::Stopped);
        }
        from = window.to;
    }
    live(world, watch, &folder, (from, world.length_ms), End::Stopped);
    folder
}

fn check(world: &Arc<World>, watch: &Watch, folder: &Path) {
    in_one_thread(async {
        world.begin_life(world.length_ms);
        let store =
            SqliteHistory::open_mending_with(&folder.join("history.db"), Workers::Caller).expect("a history");
        let state = StateDb::open(folder).expect("a state");
        checks::candles(world, &store).await;
        checks::cycles(world, watch);
        problems::check(world, watch);
        let reference = Reference::new();
        watch
            .sampled
            .iter()
            .filter(|(at, _)| settled(world, *at))
            .for_each(|(_, s)| reference.check(world, s));
        checks::predictions(world, watch, &store).await;
        let ledger = store.predictions(None, Span::ALL).await.expect("read");
        let recorded =
            store.alerts(Span::ALL).await.expect("read").into_iter().map(|alert| alert.id).collect();
        deliveries::check(world, &state, &ledger, [&watch.decided.ids, &recorded]);
    });
}

/// Nothing has gone wrong for a while before a moment, and nobody was started, so that candles are in.
fn settled(world: &World, at: i64) -> bool {
    let troubles = |w: &Window| {
        let reach = match w.kind {
            // Longer than the window of a pair: what was not traded is not in the bars of the exchange.
            Kind::Halt | Kind::Listing | Kind::Delisting => return false,
            Kind::Banned => 900_000,
            _ => 600_000,
        };
        (w.from - CYCLE_MS..w.to + reach).contains(&at)
    };
    at > QUIET_START_MS && !world.windows.iter().any(troubles)
}
