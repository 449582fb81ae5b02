//! A week of alerts with faults: what the policy finds reaches a receiver exactly once where the receiver can tell a
//! repetition, and at least once where it cannot. `cargo test --test alerts week -- --nocapture` prints the figures.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

use impulso::actors::delivery::rules::DeliveryRules;
use impulso::actors::ports::alerts::{Delivery, DeliveryError, Outgoing, Receipt};
use impulso::actors::ports::state::OperationalState;
use impulso::adapters::state::StateDb;
use impulso::domain::alert::{AlertPolicy, AlertPolicyConfig, Message, PolicyMemory, SuppressedBy};
use impulso::domain::level_book::LevelBook;
use impulso::domain::level_rules::{LevelBasis, LevelRules};
use impulso::domain::moment::MachineTime;
use impulso::domain::moment::MarketTime;
use impulso::domain::ranking::{RankingFilters, Snapshot, rank};
use impulso::domain::report::{Analysis, Components, Factors, Indicators, NotReady, Readiness, Report};
use impulso::domain::score::level::LevelThresholds;
use impulso::domain::symbol::Symbol;
use impulso::i18n::Reason;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

const PAIRS: usize = 40;
const CYCLE_MS: i64 = 30_000;
const CYCLES: i64 = 7 * 24 * 120;
/// Receivers that can tell a repetition, and one that cannot.
const CHANNELS: [(&str, bool); 2] = [("webhook", true), ("telegram:1", false)];

/// Scores that drift back to the middle, with pumps and with holes.
struct Market {
    random: Pcg64,
    scores: Vec<f64>,
    away: Vec<u32>,
}

impl Market {
    fn step(&mut self) -> Vec<Report> {
        let mut reports = Vec::with_capacity(PAIRS);
        for pair in 0..PAIRS {
            let drift = (42.0 - self.scores[pair]) * 0.02;
            let mut step = drift + self.random.random_range(-4.0..4.0);
            if self.random.random_bool(0.000_8) {
                step += self.random.random_range(25.0..55.0);
            }
            self.scores[pair] = (self.scores[pair] + step).clamp(0.0, 100.0);
            if self.random.random_bool(0.000_2) {
                self.away[pair] = self.random.random_range(1..20);
            }
            let back = self.away[pair] == 1;
            self.away[pair] = self.away[pair].saturating_sub(1);
            reports.push(self.report(pair, self.away[pair] > 0, back));
        }
        reports
    }

    fn report(&self, pair: usize, away: bool, refilled: bool) -> Report {
        let score = self.scores[pair];
        let analysis = Analysis {
            timestamp: MarketTime::EPOCH,
            current_price: 1.5,
            volume_24h: 5e6,
            total_score: score,
            components: Components {
                breakout: if score > 95.0 { 12.0 } else { 4.0 },
                ..Components::default()
            },
            indicators: Indicators::default(),
            probability_7_5: 40.0,
            factors: Factors::default(),
            composite_score: score,
            confidence_level: LevelThresholds::RULE.level(score),
            btc_analyzable: true,
            resistance: None,
            pause_jump: false,
            inputs: impulso::domain::inputs::Inputs::default(),
        };
        Report {
            symbol: Symbol::new(&format!("P{pair:02}USDT")),
            readiness: Readiness {
                reason: away.then_some(NotReady::Gap),
                data_age_ms: Some(0),
                ready_candles: 1,
                needed_candles: 1,
                refilled,
                awaits_hours: false,
            },
            analysis: (!away).then(|| Arc::new(analysis)),
        }
    }
}

/// What receivers saw, by channel and key.
#[derive(Default)]
struct Receivers {
    /// Each time a message came: was it marked as a possible repetition.
    seen: HashMap<(String, String), Vec<bool>>,
}

impl Receivers {
    /// One try: healthy, refused, throttled, or cut before or after the message was taken.
    fn take(
        &mut self,
        delivery: &Delivery,
        outage: bool,
        random: &mut Pcg64,
    ) -> Result<Receipt, DeliveryError> {
        let reason = || Reason::said("fault");
        let fate = random.random_range(0..100);
        if outage || fate < 6 {
            return Err(DeliveryError::Retry { reason: reason(), after_ms: None, throttled: false });
        }
        if fate < 14 {
            return Err(DeliveryError::Retry { reason: reason(), after_ms: Some(5_000), throttled: true });
        }
        if fate < 17 {
            return Err(DeliveryError::Uncertain { reason: reason() });
        }
        let key = (delivery.channel.clone(), delivery.key.clone());
        self.seen.entry(key).or_default().push(delivery.maybe_repeated);
        if fate < 20 {
            return Err(DeliveryError::Uncertain { reason: reason() });
        }
        Ok(Receipt::default())
    }
}

struct Week {
    dir: tempfile::TempDir,
    db: StateDb,
    policy: AlertPolicy,
    levels: LevelBook,
    rules: DeliveryRules,
    receivers: Receivers,
    random: Pcg64,
    crashes: u32,
    sent: Vec<(MarketTime, String, String)>,
    messages: Vec<String>,
    suppressed: BTreeMap<SuppressedBy, u64>,
}

impl Week {
    fn new(seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        Self {
            db,
            dir,
            policy: AlertPolicy::new(AlertPolicyConfig::default()),
            levels: LevelBook::empty(LevelRules::default()),
            rules: DeliveryRules::default(),
            receivers: Receivers::default(),
            random: Pcg64::seed_from_u64(seed),
            crashes: 0,
            sent: Vec::new(),
            messages: Vec::new(),
            suppressed: BTreeMap::new(),
        }
    }

    fn cycle(&mut self, snapshot: &Snapshot) {
        let output = self.policy.on_snapshot(snapshot);
        for (_, by) in output.suppressed {
            *self.suppressed.entry(by).or_default() += 1;
        }
        if output.messages.is_empty() {
            return;
        }
        for message in &output.messages {
            self.messages.push(message.key());
            let alerts =
                message.alerts().iter().map(|a| (snapshot.as_of, a.symbol.to_string(), a.id.clone()));
            self.sent.extend(alerts);
        }
        let channels: Vec<String> = CHANNELS.iter().map(|(name, _)| (*name).to_owned()).collect();
        let messages: Vec<(Message, Vec<String>)> =
            output.messages.into_iter().map(|m| (m, channels.clone())).collect();
        let memory = serde_json::to_string(&self.policy.memory()).unwrap();
        let outgoing = Outgoing {
            messages,
            policy_memory: Some(memory),
            now: MachineTime::from_ms(snapshot.as_of.ms()),
            ..Outgoing::default()
        };
        self.db.enqueue(&outgoing).unwrap();
    }

    /// What delivery_workers do in a cycle; now and then the program dies in the middle of a send.
    fn deliver(&mut self, now: i64, outage: bool) {
        for (channel, _) in CHANNELS {
            for _ in 0..20 {
                let Some(delivery) = self.db.take_due(channel, MachineTime::from_ms(now)).unwrap() else {
                    break;
                };
                let result = self.receivers.take(&delivery, outage, &mut self.random);
                if self.random.random_bool(0.01) {
                    self.crash(now);
                    continue;
                }
                let random = self.random.next_u64();
                let settled =
                    self.rules.settle(&delivery, &result, true, 0, MachineTime::from_ms(now), random);
                self.db.settle(delivery.id, &settled, MachineTime::from_ms(now)).unwrap();
            }
        }
    }

    /// Everything in memory is gone; the files are what they are.
    fn crash(&mut self, now: i64) {
        use impulso::actors::ports::state::OperationalState;
        self.crashes += 1;
        self.db = StateDb::open(self.dir.path()).unwrap();
        self.db.recover(MachineTime::from_ms(now), &|_| true).unwrap();
        self.policy = AlertPolicy::new(AlertPolicyConfig::default());
        if let Some(text) = self.db.get(impulso::actors::alert::MEMORY_KEY).unwrap() {
            let memory: PolicyMemory = serde_json::from_str(&text).unwrap();
            self.levels = LevelBook::new(LevelRules::default(), Arc::clone(memory.levels()));
            self.policy.restore(memory);
        }
    }
}

#[test]
fn a_week_with_faults_loses_nothing_and_doubles_nothing() {
    let mut week = Week::new(11);
    let mut market =
        Market { random: Pcg64::seed_from_u64(5), scores: vec![42.0; PAIRS], away: vec![0; PAIRS] };
    for cycle in 1..=CYCLES {
        let as_of = cycle * CYCLE_MS;
        let mut snapshot =
            rank(cycle as u64, MarketTime::from_ms(as_of), market.step(), &RankingFilters::default());
        week.levels.apply(&mut snapshot, LevelBasis::Rule);
        week.cycle(&snapshot);
        // Twice a week every receiver is away for an hour.
        let outage = [4_000..4_120, 12_000..12_120].iter().any(|span| span.contains(&cycle));
        week.deliver(as_of, outage);
    }
    for extra in 1..=120 {
        week.deliver((CYCLES + extra) * CYCLE_MS, false);
    }
    judge(&week);
}

fn judge(week: &Week) {
    let ids: HashSet<&String> = week.sent.iter().map(|(_, _, id)| id).collect();
    let keys: HashSet<&String> = week.messages.iter().collect();
    let (mut lost, mut doubled, mut repeated) = (0, 0, 0);
    for (channel, tells) in CHANNELS {
        for key in &keys {
            let came =
                week.receivers.seen.get(&(channel.to_owned(), (*key).clone())).cloned().unwrap_or_default();
            if came.is_empty() {
                let all = week.db.changed_since((MachineTime::from_ms(i64::MIN), 0), 100_000).unwrap();
                let state = all.into_iter().find(|d| d.channel == channel && d.key == **key);
                println!("lost: {state:?}");
            }
            lost += u32::from(came.is_empty());
            // One that can tell shows a key once, however often it comes; to one that cannot it must say so.
            doubled += u32::from(came.iter().skip(1).any(|marked| !marked));
            repeated += u32::from(!tells && came.len() > 1);
        }
    }
    println!(
        "{} alerts in {} messages over a week of {PAIRS} pairs; {} crashes; lost {lost}, doubled {doubled}; \
         repeated and marked as such, where the receiver cannot tell: {repeated}",
        ids.len(),
        keys.len(),
        week.crashes
    );
    week.suppressed.iter().for_each(|(by, n)| println!("held back by {}: {n}", by.as_str()));
    assert!(ids.len() > 200 && week.crashes > 5, "{} alerts, {} crashes", ids.len(), week.crashes);
    assert_eq!(
        (ids.len(), keys.len()),
        (week.sent.len(), week.messages.len()),
        "every alert is decided once"
    );
    assert_eq!((lost, doubled), (0, 0));
    // A pair's alerts keep their distance, but for one escalation an episode.
    let mut last: HashMap<&String, MarketTime> = HashMap::new();
    let close = week
        .sent
        .iter()
        .filter(|(at, symbol, _)| last.insert(symbol, *at).is_some_and(|before| *at - before < 300_000));
    assert!(close.count() * 3 < ids.len());
}
