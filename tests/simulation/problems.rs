//! Whether the list of problems told each fault in time, and nothing else.

use super::market::RIPE_MS;
use super::plan::{Kind, Window};
use super::watch::{Told, Watch};
use super::world::World;
use std::collections::BTreeMap;

/// A problem is told, and is over, within so long, ms: two cycles.
const WITHIN_MS: i64 = 60_000;
/// What looks come to, and what a list of pairs takes to be read, ms.
const MORE_MS: i64 = 15_000;

/// Which problems a fault explains, and how much longer than itself they may last, ms.
pub(crate) const fn explains(kind: Kind) -> (&'static [&'static str], i64) {
    const STREAMS: &[&str] = &["stream", "silent_streams", "low_coverage"];
    // While nothing is heard, a wrong machine clock that was told is not known to be right again.
    const SILENCE: &[&str] = &["stream", "silent_streams", "low_coverage", "machine_clock"];
    // Who starts meanwhile has no ranking before REST answers.
    const REST: &[&str] = &["exchange", "low_coverage", "no_ranking"];
    const PAUSE: &[&str] = &["limited", "low_coverage", "exchange", "no_ranking"];
    const CLOCK: &[&str] =
        &["machine_clock", "no_ranking", "low_coverage", "stream", "silent_streams", "behind", "exchange"];
    const ALL: &[&str] = &[
        "behind",
        "channel",
        "exchange",
        "history",
        "ledger",
        "limited",
        "low_coverage",
        "machine_clock",
        "no_ranking",
        "outbox",
        "redis_publisher",
        "silent_streams",
        "state",
        "stream",
    ];
    match kind {
        Kind::CutOne | Kind::HalfFrames => (STREAMS, 0),
        Kind::Cut | Kind::Stall => (SILENCE, 0),
        Kind::OutOfOrder | Kind::LateCloses | Kind::BadCandles | Kind::NullTickers | Kind::Duplicates => {
            (&["low_coverage"], 0)
        }
        // The pause that was asked for.
        Kind::Limited => (PAUSE, 120_000),
        Kind::Banned => (PAUSE, 400_000),
        // Back-off grows to a minute.
        Kind::ServerErrors | Kind::Html | Kind::Timeouts => (REST, 75_000),
        Kind::ShortLists | Kind::RestBehind | Kind::TimeAhead => (&["low_coverage"], 600_000),
        // The worker tries a dead channel again after up to five minutes.
        Kind::ChannelDown | Kind::ChannelLimited | Kind::AnswerLost | Kind::ChannelUnusable => {
            (&["channel"], 330_000)
        }
        Kind::StateLocked | Kind::StateFull | Kind::StateTorn => {
            (&["state", "outbox", "ledger", "behind", "history"], 0)
        }
        // The store is tried again after up to a minute.
        Kind::HistoryLocked | Kind::HistoryFull | Kind::HistoryErrors => (&["history", "behind"], 75_000),
        Kind::RedisDown => (&["redis_publisher"], 15_000),
        Kind::MachineAhead | Kind::MachineBehind => (&["machine_clock"], 0),
        Kind::EventsAhead | Kind::ExchangeAhead => (CLOCK, 300_000),
        // A pair that has paused for more than an hour is not analysed before it has traded for one.
        Kind::Halt => (&["low_coverage"], 3_600_000 + 600_000),
        Kind::Listing => (&["low_coverage"], RIPE_MS + 600_000),
        // Until the pair leaves the universe.
        Kind::Delisting => (&["low_coverage"], i64::MAX / 4),
        Kind::Kill | Kind::Stop => {
            (&["exchange", "low_coverage", "stream", "silent_streams", "no_ranking"], 60_000)
        }
        // 403 stands for a pause of five minutes.
        Kind::Firewall => (PAUSE, 300_000),
        Kind::Restricted => (REST, 75_000),
        Kind::MachineDrifts => (&["machine_clock"], 0),
        // Whatever was told goes on being told until somebody wakes up.
        Kind::Sleep => (ALL, 300_000),
        Kind::BadEntries | Kind::SecondScanner => (&[], 0),
    }
}

/// Does REST say nothing that is of use while such a fault lasts.
pub(crate) const fn refuses(kind: Kind) -> bool {
    use Kind::{Banned, Firewall, Html, Limited, Restricted, ServerErrors, Timeouts};
    matches!(kind, Banned | Firewall | Html | Limited | Restricted | ServerErrors | Timeouts)
}

/// Problems of which one must be told while a fault lasts.
const fn must_tell(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Cut | Kind::Stall => &["stream", "silent_streams"],
        Kind::StateLocked | Kind::StateFull => &["state"],
        Kind::HistoryLocked | Kind::HistoryFull => &["history"],
        Kind::RedisDown => &["redis_publisher"],
        _ => &[],
    }
}

pub(crate) fn check(world: &World, watch: &Watch) {
    let reach = reaches(&world.windows);
    for told in &watch.told {
        world.count("checked problems");
        let explained = reach.iter().any(|(window, until)| {
            explains(window.kind).0.contains(&told.kind)
                && window.from <= told.from
                && told.from <= *until + WITHIN_MS + MORE_MS
        });
        if !explained {
            world.wrong(format!("problem {} from {} to {} for no fault", told.kind, told.from, told.to));
            continue;
        }
        let over = reach
            .iter()
            .filter(|(w, _)| explains(w.kind).0.contains(&told.kind) && w.from <= told.to)
            .map(|(_, until)| until.saturating_add(WITHIN_MS + MORE_MS))
            .max();
        if over.is_some_and(|over| told.to > over) {
            world.wrong(format!("problem {} from {} was still told at {}", told.kind, told.from, told.to));
        }
    }
    for window in &world.windows {
        untold(world, watch, window);
    }
}

/// Faults with the end of what they may explain: one that begins while another holds on holds that one up.
fn reaches(windows: &[Window]) -> Vec<(Window, i64)> {
    let mut reaches: Vec<(Window, i64)> = Vec::new();
    let mut held: BTreeMap<&'static str, i64> = BTreeMap::new();
    for window in windows {
        let (problems, more) = explains(window.kind);
        let mut until = window.to.saturating_add(more);
        for problem in problems {
            // Two that follow one another closely are one to who looks at problems.
            let end = held.entry(problem).or_default();
            if *end + WITHIN_MS + MORE_MS >= window.from {
                until = until.max(*end);
            }
            *end = (*end).max(until);
        }
        reaches.push((*window, until));
    }
    reaches
}

fn untold(world: &World, watch: &Watch, window: &Window) {
    let kinds = must_tell(window.kind);
    let until = window.from + WITHIN_MS + MORE_MS;
    if kinds.is_empty() || window.to < until {
        return;
    }
    // Somebody has to be there, and to have been there long enough.
    let alive = watch.lives.iter().any(|(from, to)| *from + 600_000 < window.from && until < *to)
        && !world.sleeps_within(window.from - 60_000, until);
    let told = |told: &&Told| kinds.contains(&told.kind) && told.from <= until && window.from <= told.to;
    if alive {
        world.count("checked faults");
        if !watch.told.iter().any(|t| told(&t)) {
            world.wrong(format!("{:?} from {} to {} was not told", window.kind, window.from, window.to));
        }
    }
}
