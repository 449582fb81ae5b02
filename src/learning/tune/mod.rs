//! A search for a better rule that has to prove itself on days it has not seen.
//!
//! What is looked for is what users measure: FUERTE that is right. A handful of lucky episodes must not win, so precision is
//! drawn towards the base rate; the levels must mean something, so a ladder out of order costs; and the rule probability, which
//! no level shows, is led by how well it ranks the pairs of a day.

pub mod points;
pub mod space;
pub(crate) mod tally;

use super::backtest::blocks::difference_interval_90;
use super::folds::{Fold, folds};
use crate::domain::report::Level;
use crate::domain::score::profile::Profile;
use crate::domain::time::DAY_MS;
use points::Points;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde::Serialize;
use std::sync::Mutex;
use tally::{Sums, Tally};

/// Episodes that draw a precision towards the base rate.
const PRIOR: f64 = 30.0;
/// Judged FUERTE episodes out of sample below which nothing is claimed.
const MIN_OUT: u32 = 30;
/// The rule probability may rank so much worse, area under the ROC curve.
const LESS_AUC: f64 = 0.01;
/// The best profiles that are refined, and in how many rounds.
const REFINED: usize = 8;
const ROUNDS: usize = 4;

/// How a search goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TuneConfig {
    /// Profiles tried at random; half as many again refine the best.
    pub candidates: usize,
    /// Blocks of days; all but the first are judged by what came before.
    pub folds: usize,
    /// FUERTE episodes a day, at least.
    pub min_per_day: f64,
    /// Points below its threshold at which a level is left.
    pub hysteresis: f64,
    /// The same seed finds the same.
    pub seed: u64,
    pub threads: usize,
}

/// One profile's figures on some days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    pub fuerte: u32,
    pub fuerte_hits: u32,
    /// Share of hits, 0-1.
    pub fuerte_precision: Option<f64>,
    /// FUERTE episodes a day.
    pub(crate) fuerte_per_day: f64,
    /// Share of hits among ALTA episodes, 0-1.
    pub(crate) alta_precision: Option<f64>,
    /// Share of hits among MEDIA episodes, 0-1.
    pub(crate) media_precision: Option<f64>,
    /// Share of hits among BAJA episodes, 0-1.
    pub(crate) baja_precision: Option<f64>,
    /// Share of hits among all points, 0-1.
    pub base_rate: f64,
    /// Area under the ROC curve of the rule probability within days.
    pub(crate) auc_within_days: f64,
}

impl Figures {
    fn of(s: &Sums) -> Self {
        let (fuerte, fuerte_hits) = s.calls(Level::Fuerte);
        Self {
            fuerte,
            fuerte_hits,
            fuerte_precision: s.precision(Level::Fuerte),
            fuerte_per_day: s.per_day(Level::Fuerte),
            alta_precision: s.precision(Level::Alta),
            media_precision: s.precision(Level::Media),
            baja_precision: s.precision(Level::Baja),
            base_rate: s.base_rate(),
            auc_within_days: s.auc(),
        }
    }
}

/// One fold: what won on the days before, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoldReport {
    /// First judged moment, ms UTC.
    pub from: i64,
    /// End of the judged moments, ms UTC.
    pub to: i64,
    /// The winner on the days it was chosen by.
    pub in_sample: Figures,
    /// The winner on the days after.
    pub out_of_sample: Figures,
    /// The profile in force on those days.
    pub in_force: Figures,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tuned {
    /// The profile that wins over all days.
    pub profile: Profile,
    /// Its figures on the days it was chosen by: flattering.
    pub(crate) in_sample: Figures,
    /// Winners of the folds on days they had not seen, together.
    pub out_of_sample: Figures,
    /// The profile in force on the same days.
    pub in_force: Figures,
    /// 90 % interval, by whole days, of the difference of the FUERTE precisions out of sample.
    pub difference_90: Option<[f64; 2]>,
    pub folds: Vec<FoldReport>,
    /// Does it hold out of sample.
    pub holds: bool,
    /// Why not; empty when it does.
    pub why: String,
    /// Profiles that were tried.
    pub tried: usize,
    /// What differs from the profile in force.
    pub changes: Vec<String>,
}

struct Candidate {
    profile: Profile,
    tally: Tally,
}

/// Searches. `progress`: profiles tried, of how many about.
///
/// # Errors
/// Too few days for the folds, in words.
pub fn tune(
    points: &Points,
    in_force: &Profile,
    config: &TuneConfig,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Tuned, String> {
    let made = folds(&points.moments(), config.folds, true);
    let first = made.first().map(|fold| fold.from.div_euclid(DAY_MS));
    let before = first.map_or(0, |first| {
        let days: std::collections::BTreeSet<i64> =
            points.moments().iter().map(|at| at.div_euclid(DAY_MS)).filter(|day| *day < first).collect();
        days.len()
    });
    if made.len() + 1 < config.folds || before < 5 {
        return Err(format!(
            "{} judged points are too few for {} blocks of at least 5 days; record more days or take fewer --folds",
            points.judged(),
            config.folds
        ));
    }
    let mut search = Search::new(points, in_force, config);
    let of_all = config.candidates + (made.len() + 1) * search.refinements();
    search.at_random(&mut |done| progress(done, of_all));
    let mut reports = Vec::new();
    let mut calls: Vec<[f64; 4]> = Vec::new();
    let (mut out, mut base) = (Vec::new(), Vec::new());
    for fold in &made {
        let winner = search.best(&|day| trains(fold, day), &mut |done| progress(done, of_all));
        let tests = |day: i64| fold.tests(day * DAY_MS);
        let own = Tally::clone(&search.found[winner].tally);
        let (after, now) = (own.sums(tests), search.in_force.sums(tests));
        reports.push(FoldReport {
            from: fold.from,
            to: fold.to,
            in_sample: Figures::of(&own.sums(|day| trains(fold, day))),
            out_of_sample: Figures::of(&after),
            in_force: Figures::of(&now),
        });
        for day in search.in_force.days().filter(|day| tests(*day)) {
            let (a, b) = (own.fuerte(day), search.in_force.fuerte(day));
            if a.1 + b.1 > 0.0 {
                calls.push([a.0, a.1, b.0, b.1]);
            }
        }
        out.push(after);
        base.push(now);
    }
    let winner = search.best(&|_| true, &mut |done| progress(done, of_all));
    let (out, base) = (Sums::all(&out), Sums::all(&base));
    let difference_90 = difference_interval_90(&calls);
    let why = why_not(&out, &base, difference_90);
    let found = &search.found[winner];
    Ok(Tuned {
        in_sample: Figures::of(&found.tally.sums(|_| true)),
        changes: space::changes(in_force, &found.profile),
        profile: found.profile.clone(),
        out_of_sample: Figures::of(&out),
        in_force: Figures::of(&base),
        difference_90,
        folds: reports,
        holds: why.is_empty(),
        why,
        tried: search.found.len(),
    })
}

/// May the day be learned from: all outcomes of its points were known an embargo before the block begins.
fn trains(fold: &Fold, day: i64) -> bool {
    fold.trains((day + 1) * DAY_MS - 1)
}

fn why_not(out: &Sums, base: &Sums, difference: Option<[f64; 2]>) -> String {
    if out.calls(Level::Fuerte).0 < MIN_OUT {
        let judged = out.calls(Level::Fuerte).0;
        return format!("only {judged} FUERTE episodes were judged out of sample; {MIN_OUT} are needed");
    }
    match difference {
        Some([low, _]) if low > 0.0 => {}
        Some([low, high]) => {
            return format!(
                "out of sample FUERTE is not better for certain: the difference lies between {:+.1} and {:+.1} points",
                100.0 * low,
                100.0 * high
            );
        }
        None => return "the profile in force had too few FUERTE episodes to compare with".to_owned(),
    }
    if out.auc() < base.auc() - LESS_AUC {
        return format!(
            "out of sample the probability ranks the pairs of a day worse: ROC area {:.3} against {:.3}",
            out.auc(),
            base.auc()
        );
    }
    let known: Vec<f64> = Level::LISTED.into_iter().filter_map(|level| out.precision(level)).collect();
    if known.windows(2).all(|pair| pair[0] > pair[1]) {
        String::new()
    } else {
        "out of sample a higher level is not right more often than a lower one".to_owned()
    }
}

struct Search<'a> {
    points: &'a Points,
    config: &'a TuneConfig,
    in_force: Tally,
    found: Vec<Candidate>,
    random: Pcg64,
}

impl<'a> Search<'a> {
    fn new(points: &'a Points, in_force: &Profile, config: &'a TuneConfig) -> Self {
        let tally = Tally::of(points, in_force, config.hysteresis);
        let first = Candidate { profile: in_force.clone(), tally: tally.clone() };
        let random = Pcg64::seed_from_u64(config.seed);
        Self { points, config, in_force: tally, found: vec![first], random }
    }

    const fn refinements(&self) -> usize {
        self.config.candidates / 2
    }

    fn at_random(&mut self, progress: &mut dyn FnMut(usize)) {
        let own = self.found[0].profile.clone();
        let profiles: Vec<Profile> = (0..self.config.candidates)
            .map(|_| {
                let reach = self.random.random_range(0.1..1.0);
                space::near(&own, reach, &mut self.random)
            })
            .collect();
        self.try_all(&profiles, progress);
    }

    /// The best on the days of `keep`, refined on those alone; by number.
    fn best(&mut self, keep: &dyn Fn(i64) -> bool, progress: &mut dyn FnMut(usize)) -> usize {
        for round in 0..ROUNDS {
            let leaders = self.leaders(keep);
            let reach = 0.4 / (round + 1) as f64;
            let children: Vec<Profile> = (0..self.refinements() / ROUNDS)
                .map(|n| {
                    let parent = self.found[leaders[n % leaders.len()]].profile.clone();
                    space::near(&parent, reach, &mut self.random)
                })
                .collect();
            self.try_all(&children, progress);
        }
        self.leaders(keep)[0]
    }

    /// The best so far on the days of `keep`, best first.
    fn leaders(&self, keep: &dyn Fn(i64) -> bool) -> Vec<usize> {
        let worth = |at: usize| objective(&self.found[at].tally.sums(keep), self.config);
        let mut all: Vec<(f64, usize)> = (0..self.found.len()).map(|at| (worth(at), at)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.truncate(REFINED);
        all.into_iter().map(|(_, at)| at).collect()
    }

    fn try_all(&mut self, profiles: &[Profile], progress: &mut dyn FnMut(usize)) {
        let (points, hysteresis) = (self.points, self.config.hysteresis);
        for part in profiles.chunks(4 * self.config.threads.max(1)) {
            let mut tallies: Vec<Option<Tally>> = vec![None; part.len()];
            let queue = Mutex::new(part.iter().zip(tallies.iter_mut()));
            std::thread::scope(|scope| {
                for _ in 0..self.config.threads.max(1) {
                    scope.spawn(|| {
                        loop {
                            let next = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
                            let Some((profile, tally)) = next else { break };
                            *tally = Some(Tally::of(points, profile, hysteresis));
                        }
                    });
                }
            });
            let made = part
                .iter()
                .zip(tallies)
                .filter_map(|(profile, tally)| Some(Candidate { profile: profile.clone(), tally: tally? }));
            self.found.extend(made);
            progress(self.found.len());
        }
    }
}

/// What a search maximises on the days that it may see.
fn objective(s: &Sums, config: &TuneConfig) -> f64 {
    let drawn = |level| s.drawn(level, PRIOR);
    let known: Vec<f64> = Level::LISTED
        .into_iter()
        .filter(|level| s.calls(*level).0 >= 20)
        .filter_map(|level| s.precision(level))
        .collect();
    let out_of_order = known.windows(2).filter(|pair| pair[0] <= pair[1]).count() as f64;
    let missing = (1.0 - s.per_day(Level::Fuerte) / config.min_per_day.max(1e-9)).max(0.0);
    drawn(Level::Fuerte) + 0.2 * drawn(Level::Alta) + s.auc() - 0.05 * out_of_order - 0.5 * missing
}
