//! Tests of what another scanner follows.

use super::*;
use crate::actors::alert::MEMORY_KEY;
use crate::actors::ports::alerts::{DeliveryState, Settled};
use crate::actors::ports::state::levels_since;
use crate::actors::ports::state::{Mute, OperationalState};
use crate::adapters::state::FolderLock;
use crate::domain::alert::message::AlertCard;
use crate::domain::prediction::{OutcomeRow, PredictionRow};
use crate::domain::symbol::Symbol;
use proptest::prelude::*;
use tempfile::TempDir;

const CHANNELS: [&str; 2] = ["webhook", "console"];

fn channels() -> Vec<String> {
    CHANNELS.map(str::to_owned).to_vec()
}

fn at(ms: i64) -> MachineTime {
    MachineTime::from_ms(ms)
}

fn prediction(key: &str, price: f64) -> PredictionRow {
    PredictionRow { price, ..PredictionRow::sample(key) }
}

fn outcome(key: &str, at: i64) -> OutcomeRow {
    OutcomeRow {
        key: key.into(),
        symbol: Symbol::new("AUSDT"),
        opened_at: MarketTime::from_ms(10),
        resolved_at: MarketTime::from_ms(at),
        hit_4h: Some(true),
        hit_24h: None,
        minutes_to_hit: Some(3),
        greatest_rise_pct: 8.0,
        deepest_fall_pct: -1.0,
        void: None,
    }
}

struct Db {
    db: StateDb,
    _dir: TempDir,
}

impl Db {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(dir.path()).unwrap();
        Self { db: StateDb::open_held(dir.path(), &lock).unwrap(), _dir: dir }
    }

    fn leading() -> Self {
        let own = Self::new();
        own.db.lead(&channels(), false, at(0)).unwrap();
        own
    }

    fn alert(&self, symbol: &str, as_of: i64) -> i64 {
        let message = Message::Alert { alert: AlertCard::sample(symbol, as_of) };
        let outgoing = Outgoing {
            messages: vec![(message, channels())],
            policy_memory: Some(format!("\"{as_of}\"")),
            decided: Some(MarketTime::from_ms(as_of)),
            now: at(as_of),
            ..Outgoing::default()
        };
        self.db.enqueue(&outgoing).unwrap();
        self.db.changed_since((MachineTime::MIN, 0), 999).unwrap().last().unwrap().id
    }

    /// All that is followed, by what tells rows apart on every machine.
    fn rows(&self) -> Vec<Change> {
        let mut rows = self.db.read(|c| snapshot(c, MachineTime::MIN)).unwrap();
        rows.append(&mut self.db.read(|c| all(c, "ledger", "1", MachineTime::MIN)).unwrap());
        rows.sort_by_key(|change| format!("{change:?}"));
        // The history is given a row once, however often the state has it.
        rows.dedup();
        rows
    }

    fn links(&self) -> Vec<(String, String)> {
        let sql = "SELECT d.alert_id, o.channel FROM alert_deliveries d JOIN outbox o ON o.id = d.outbox_id ORDER BY 1, 2";
        self.db.read(|c| rows(c, sql, [], |r| Ok((r.get(0)?, r.get(1)?)))).unwrap()
    }

    /// Takes over what the other one has logged, some rows at a time.
    fn take_from(&self, leader: &Self, at_once: usize) {
        loop {
            let (changes, until) = leader.db.changes(at_once).unwrap();
            if changes.is_empty() {
                return;
            }
            // As they come over the wire.
            let text = serde_json::to_string(&changes).unwrap();
            self.db.apply(&serde_json::from_str::<Vec<Change>>(&text).unwrap()).unwrap();
            leader.db.forget_changes(until).unwrap();
        }
    }
}

fn sent(state: DeliveryState) -> Settled {
    let next_attempt_at = (state == DeliveryState::Pending).then_some(at(5));
    Settled {
        state,
        next_attempt_at,
        reason: Some(crate::i18n::Reason::said("why")),
        receipt: None,
        counts: true,
    }
}

fn step(leader: &Db, kind: u8, n: i64) {
    let db = &leader.db;
    let symbol = format!("S{}USDT", n % 3);
    match kind {
        0 => drop(leader.alert(&symbol, n)),
        1 => drop(db.take_due("webhook", at(n)).unwrap()),
        2 => db.settle(1 + n % 7, &sent(DeliveryState::Sent), at(n)).unwrap(),
        3 => db.settle(1 + n % 7, &sent(DeliveryState::Pending), at(n)).unwrap(),
        4 => {
            let until = (n % 2 == 0).then(|| MarketTime::from_ms(n));
            db.mute(&Mute { symbol, until, by: "api".into(), created_at: at(n) }).unwrap();
        }
        5 => drop(db.unmute(&symbol).unwrap()),
        6 => drop(db.watch(&symbol, n % 2 == 0).unwrap()),
        7 => db.open_predictions(&[prediction(&format!("p{}", n % 5), 1.0 / (n as f64 + 3.0))]).unwrap(),
        8 => db
            .judged_predictions(&[format!("p{}", n % 5)], &[], &[outcome(&format!("p{}", n % 5), n)])
            .unwrap(),
        9 => db.judged_predictions(&[], &[format!("p{}", n % 5)], &[]).unwrap(),
        _ => db.put(MEMORY_KEY, &n.to_string()).unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whoever_takes_all_changes_has_the_same_rows(
        steps in prop::collection::vec((0_u8..11, 0_i64..40), 1..60),
        joins_at in 0_usize..60,
        at_once in 1_usize..9,
    ) {
        let (leader, early, late) = (Db::leading(), Db::new(), Db::new());
        let mut joined = false;
        for (n, (kind, value)) in steps.iter().enumerate() {
            if n == joins_at {
                early.take_from(&leader, at_once);
                late.db.adopt(&leader.db.snapshot(MachineTime::MIN).unwrap()).unwrap();
                joined = true;
            }
            step(&leader, *kind, *value);
        }
        let (changes, until) = leader.db.changes(usize::MAX).unwrap();
        if joined {
            late.db.apply(&changes).unwrap();
            // Once more, as after a reader that was interrupted.
            late.db.apply(&changes).unwrap();
        }
        early.db.apply(&changes).unwrap();
        leader.db.forget_changes(until).unwrap();
        prop_assert_eq!(early.rows(), leader.rows());
        prop_assert_eq!(early.links(), leader.links());
        if joined {
            // A snapshot leaves out what the history of the one that sends is owed from before.
            let rows = |db: &Db| db.rows().into_iter().filter(|c| c.table != "ledger").collect::<Vec<_>>();
            prop_assert_eq!(rows(&late), rows(&leader));
        }
        prop_assert!(early.db.changes(9).unwrap().0.is_empty(), "who follows logs nothing");
    }
}

#[test]
fn whoever_follows_counts_levels_from_the_same_day() {
    let (leader, other) = (Db::leading(), Db::new());
    leader.db.put("levels_since", "86400000").unwrap();
    other.db.adopt(&leader.db.snapshot(MachineTime::MIN).unwrap()).unwrap();
    assert_eq!(levels_since(&other.db).unwrap(), MarketTime::from_ms(86_400_000));
}

#[test]
fn what_was_under_way_is_tried_again_with_a_mark_and_what_waits_is_sent_once() {
    let (leader, other) = (Db::leading(), Db::new());
    for n in [1, 2] {
        leader.alert("AUSDT", n);
    }
    let under_way = leader.db.take_due("webhook", at(9)).unwrap().unwrap();
    other.take_from(&leader, 3);
    assert_eq!(other.db.decided().unwrap(), MarketTime::from_ms(2));
    assert_eq!(other.db.lead(&channels(), false, at(10)).unwrap(), 1);
    let taken = |db: &StateDb| {
        let due = std::iter::from_fn(|| db.take_due("webhook", at(11)).unwrap());
        due.map(|d| {
            // Its worker sends one at a time, and would get the same one again.
            db.settle(d.id, &sent(DeliveryState::Sent), at(11)).unwrap();
            (d.key, d.maybe_repeated)
        })
        .collect::<Vec<_>>()
    };
    let (first, second) = ("AUSDT-1-ALTA".to_owned(), "AUSDT-2-ALTA".to_owned());
    assert_eq!(under_way.key, first);
    assert_eq!(taken(&other.db), [(second.clone(), false), (first, true)]);

    // A Redis that forgot the last changes: whatever waits may have been sent.
    let unsure = Db::new();
    unsure.alert("AUSDT", 2);
    unsure.db.lead(&["webhook".to_owned()], true, at(10)).unwrap();
    assert_eq!(taken(&unsure.db), [(second, true)]);
    assert_eq!(
        unsure.db.counts("console").unwrap(),
        [0, 0, 0, 0, 1],
        "a channel that is not configured here"
    );
}

#[test]
fn a_snapshot_says_what_waits_here_alone_and_takes_back_what_the_user_did() {
    let (leader, own) = (Db::leading(), Db::new());
    leader.alert("AUSDT", 1);
    leader.db.watch("AUSDT", true).unwrap();
    own.alert("AUSDT", 1);
    let alone = own.alert("BUSDT", 2);
    own.alert("CUSDT", 3);
    own.db.settle(alone, &sent(DeliveryState::Sent), at(4)).unwrap();
    let mute = Mute { symbol: "*".into(), until: None, by: "api".into(), created_at: at(1) };
    own.db.mute(&mute).unwrap();
    own.db.open_predictions(&[prediction("own", 1.0)]).unwrap();
    let offered = own.db.adopt(&leader.db.snapshot(at(0)).unwrap()).unwrap();
    let keys: Vec<_> = offered.iter().map(|o| (o.messages[0].0.key(), o.messages[0].1.clone())).collect();
    let of = |symbol: &str, channel: &str| (symbol.to_owned(), vec![channel.to_owned()]);
    let wanted =
        [of("BUSDT-2-ALTA", "webhook"), of("CUSDT-3-ALTA", "webhook"), of("CUSDT-3-ALTA", "console")];
    assert_eq!(keys, wanted, "all but what was sent to the console");
    assert!(own.db.mutes(MarketTime::EPOCH).unwrap().is_empty() && own.db.watchlist().unwrap() == ["AUSDT"]);
    assert_eq!(own.db.open_prediction_count().unwrap(), 1, "what is open is judged, whoever opened it");

    // The one that sends takes each once.
    let new = |offered: &[Outgoing]| offered.iter().map(|o| leader.db.enqueue(o).unwrap()).sum::<usize>();
    assert_eq!((new(&offered), new(&offered)), (3, 0));
    own.take_from(&leader, 100);
    assert!(own.db.adopt(&leader.db.snapshot(at(0)).unwrap()).unwrap().is_empty());
}

#[test]
fn a_snapshot_holds_what_may_still_be_sent_and_nothing_old() {
    let leader = Db::leading();
    for n in [1, 2, 3] {
        let id = leader.alert("AUSDT", n);
        let state = if n == 2 { DeliveryState::Pending } else { DeliveryState::Sent };
        for id in [id, id - 1] {
            leader.db.settle(id, &sent(state), at(n)).unwrap();
        }
    }
    let keys = |since| {
        let all = leader.db.snapshot(at(since)).unwrap();
        let mut keys: Vec<String> = all
            .into_iter()
            .filter(|c| c.table == "outbox" && c.fields[1] == Field::Text("webhook".into()))
            .map(|c| format!("{:?}", c.fields[0]))
            .collect();
        keys.sort();
        keys.len()
    };
    assert_eq!((keys(0), keys(3), keys(4)), (3, 2, 1));
}

#[test]
fn a_scanner_that_is_alone_logs_nothing_also_after_it_was_one_of_two() {
    let own = Db::new();
    own.alert("AUSDT", 1);
    assert_eq!(own.db.newest_change().unwrap(), 0);
    own.db.lead(&channels(), false, at(2)).unwrap();
    own.alert("AUSDT", 2);
    assert!(own.db.newest_change().unwrap() > 0);
    own.db.follow().unwrap();
    own.alert("AUSDT", 3);
    assert_eq!(own.db.newest_change().unwrap(), 0);
    own.db.see_fence(7).unwrap();
    assert_eq!(own.db.seen_fence().unwrap(), 7);
}

#[test]
fn what_a_newer_program_follows_besides_is_passed_over() {
    let own = Db::new();
    let odd = |table: &str, fields| Change { table: table.into(), gone: false, fields };
    let good = Field::Text("AUSDT".into());
    own.db
        .apply(&[
            odd("moods", vec![]),
            odd("watchlist", vec![good.clone(), Field::Null]),
            odd("watchlist", vec![good]),
        ])
        .unwrap();
    assert_eq!(own.db.watchlist().unwrap(), ["AUSDT"]);
}
