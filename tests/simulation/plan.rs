//! What goes wrong in a run, and when: drawn from the seed before it begins, so that it is a function of true time.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Ends of a run without faults, ms: pairs warm up, and at the end everything has to come right.
pub(crate) const QUIET_START_MS: i64 = 10 * 60_000;
pub(crate) const QUIET_END_MS: i64 = 2 * 3_600_000;
pub(crate) const DAY_MS: i64 = 86_400_000;

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// All connections break, and new ones are refused.
    Cut,
    /// One connection breaks.
    CutOne,
    /// Connections are open and say nothing.
    Stall,
    /// Frames that end in the middle.
    HalfFrames,
    /// Candles come late and not in their order.
    OutOfOrder,
    /// Each frame comes twice.
    Duplicates,
    /// The close of a minute comes seconds late, behind the next minute's beginning, or not at all.
    LateCloses,
    /// Entries of the ticker without figures.
    NullTickers,
    /// Candles that no market has.
    BadCandles,
    /// 429 with a wait.
    Limited,
    /// 418.
    Banned,
    /// 5xx.
    ServerErrors,
    /// A page of a proxy's.
    Html,
    /// No answer in time.
    Timeouts,
    /// The list of pairs holds but a few.
    ShortLists,
    /// Impossible entries in answers.
    BadEntries,
    /// REST is minutes behind the streams.
    RestBehind,
    /// The channel cannot be reached.
    ChannelDown,
    /// The channel asks for a pause.
    ChannelLimited,
    /// The channel takes the message, and the answer is lost.
    AnswerLost,
    /// The channel wants somebody to mend something.
    ChannelUnusable,
    /// Another process has the state file.
    StateLocked,
    /// There is no room for the state.
    StateFull,
    /// Changes of the state are on the disk although they seemed to fail.
    StateTorn,
    /// Another process has the history.
    HistoryLocked,
    /// There is no room for the history.
    HistoryFull,
    /// Rows are on the disk although writing them seemed to fail, and reading fails.
    HistoryErrors,
    /// Redis cannot be reached.
    RedisDown,
    /// The machine's wall clock is put forward.
    MachineAhead,
    /// It is put back.
    MachineBehind,
    /// Streams stamp their events too late by minutes.
    EventsAhead,
    /// All that the exchange says is an hour or more ahead.
    ExchangeAhead,
    /// `/time` alone is ahead.
    TimeAhead,
    /// A second scanner is started on the same files.
    SecondScanner,
    /// Pairs do not trade.
    Halt,
    /// A pair joins.
    Listing,
    /// A pair goes.
    Delisting,
    /// The process dies, and is started again.
    Kill,
    /// It is stopped in order, and started again.
    Stop,
    /// 403.
    Firewall,
    /// 451.
    Restricted,
    /// The machine's wall clock runs too fast or too slow.
    MachineDrifts,
    /// The machine sleeps: nothing runs, and its steady clock stands still.
    Sleep,
}

/// Each kind with its shortest and longest duration, s, and how often it is drawn.
const KINDS: [(Kind, i64, i64, u32); 39] = [
    (Kind::Cut, 5, 400, 6),
    (Kind::CutOne, 0, 0, 6),
    (Kind::Stall, 8, 400, 6),
    (Kind::HalfFrames, 10, 120, 3),
    (Kind::OutOfOrder, 30, 600, 4),
    (Kind::Duplicates, 30, 600, 3),
    (Kind::LateCloses, 60, 900, 5),
    (Kind::NullTickers, 10, 300, 3),
    (Kind::BadCandles, 10, 300, 3),
    (Kind::Limited, 0, 60, 3),
    (Kind::Banned, 0, 60, 2),
    (Kind::ServerErrors, 10, 600, 3),
    (Kind::Html, 10, 300, 2),
    (Kind::Timeouts, 10, 300, 2),
    (Kind::ShortLists, 600, 1_300, 2),
    (Kind::BadEntries, 60, 900, 3),
    (Kind::RestBehind, 60, 900, 3),
    (Kind::ChannelDown, 10, 900, 4),
    (Kind::ChannelLimited, 10, 300, 3),
    (Kind::AnswerLost, 10, 300, 4),
    (Kind::ChannelUnusable, 10, 900, 2),
    (Kind::StateLocked, 3, 300, 3),
    (Kind::StateFull, 10, 600, 3),
    (Kind::StateTorn, 10, 300, 3),
    (Kind::HistoryLocked, 5, 400, 3),
    (Kind::HistoryFull, 10, 900, 3),
    (Kind::HistoryErrors, 10, 300, 2),
    (Kind::RedisDown, 10, 600, 2),
    (Kind::MachineAhead, 30, 3_600, 2),
    (Kind::MachineBehind, 30, 3_600, 2),
    (Kind::EventsAhead, 2, 30, 3),
    (Kind::ExchangeAhead, 4, 300, 2),
    (Kind::TimeAhead, 10, 300, 2),
    (Kind::SecondScanner, 0, 0, 2),
    (Kind::Halt, 3_600, 10_800, 3),
    (Kind::Listing, 0, 0, 1),
    (Kind::Delisting, 0, 0, 1),
    (Kind::Kill, 2, 1_800, 4),
    (Kind::Stop, 2, 1_800, 3),
];

/// The same of those that are drawn by themselves: which of the others a seed has does not hang on them.
const MORE_KINDS: [(Kind, i64, i64, u32); 4] = [
    (Kind::Firewall, 0, 60, 2),
    (Kind::Restricted, 10, 600, 3),
    (Kind::MachineDrifts, 600, 7_200, 2),
    (Kind::Sleep, 30, 1_200, 2),
];

/// A fault with its time, ms since the run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) kind: Kind,
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// Decides what the kind leaves open.
    pub(crate) pick: u64,
}

impl Window {
    pub(crate) fn holds(&self, at: i64) -> bool {
        (self.from..self.to.max(self.from + 1)).contains(&at)
    }
}

/// All faults of a run of `length_ms`, oldest first.
pub(crate) fn draw(seed: u64, length_ms: i64) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    // Some come together, most alone.
    add(&mut windows, &KINDS, seed ^ 0x51_4e_a7, length_ms, 1);
    add(&mut windows, &MORE_KINDS, seed ^ 0x0b_ad_1d, length_ms, 6);
    windows.sort_by_key(|w| (w.from, w.to));
    windows
}

/// Adds faults of some kinds, `seldom` times as far apart.
fn add(windows: &mut Vec<Window>, kinds: &[(Kind, i64, i64, u32)], seed: u64, length_ms: i64, seldom: i64) {
    let mut random = Pcg64::seed_from_u64(seed);
    let end = length_ms - QUIET_END_MS;
    let mut at = QUIET_START_MS;
    loop {
        at += seldom
            * if random.random_bool(0.25) {
                random.random_range(500..60_000)
            } else {
                random.random_range(120_000..3_600_000)
            };
        let (kind, shortest, longest, _) =
            *kinds.choose_weighted(&mut random, |kind| kind.3).expect("weights are positive");
        let lasts_ms = random.random_range(shortest * 1_000..=longest * 1_000);
        let (from, to) = match kind {
            // Trade stops and begins at full hours: of a bar that begins without trade the exchange's record and the minutes
            // that make it up tell different opens.
            Kind::Halt | Kind::Listing | Kind::Delisting => (hour(at), hour(at + lasts_ms)),
            // It is noticed at full seconds.
            Kind::Sleep => (at - at % 1_000, at - at % 1_000 + lasts_ms),
            _ => (at, at + lasts_ms),
        };
        if to >= end {
            return;
        }
        let may = (!dies(kind) && !waits(kind)) || may_die(windows, from, to);
        if may && may_sleep(windows, kind, from, to) {
            windows.push(Window { kind, from, to, pick: random.random() });
        }
    }
}

/// Who has slept needs the exchange's word on the time: it goes on when REST answers.
fn may_sleep(windows: &[Window], kind: Kind, from: i64, to: i64) -> bool {
    let apart = |w: &Window| from > w.to + 600_000 || to + 600_000 < w.from;
    windows.iter().all(|w| match (kind, w.kind) {
        (Kind::Sleep, other) | (other, Kind::Sleep) => !tells_no_time(other) || apart(w),
        _ => true,
    })
}

const fn tells_no_time(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Limited
            | Kind::Banned
            | Kind::Firewall
            | Kind::Restricted
            | Kind::ServerErrors
            | Kind::Html
            | Kind::Timeouts
            | Kind::TimeAhead
            | Kind::ExchangeAhead
            | Kind::EventsAhead
    )
}

fn hour(at: i64) -> i64 {
    at - at % 3_600_000
}

/// Nothing runs meanwhile.
fn dies(kind: Kind) -> bool {
    matches!(kind, Kind::Kill | Kind::Stop | Kind::Sleep)
}

/// Faults under which something waits in memory alone.
fn waits(kind: Kind) -> bool {
    matches!(kind, Kind::StateLocked | Kind::StateFull | Kind::StateTorn)
}

/// Not while dead, nor just after a start; and not while the state takes nothing: what waits in memory then is lost with it, as is
/// promised.
fn may_die(windows: &[Window], from: i64, to: i64) -> bool {
    windows.iter().all(|w| {
        let after = if dies(w.kind) || waits(w.kind) { 90_000 } else { return true };
        from > w.to + after || to + after < w.from
    })
}
