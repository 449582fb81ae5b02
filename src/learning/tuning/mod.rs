//! A search for a better rule that has to prove itself on days it has not seen.
//!
//! What is looked for is what users measure: FUERTE that is right. A handful of lucky episodes must not win, so precision is
//! drawn towards the base rate; the levels must mean something, so a ladder out of order costs; and the rule probability, which
//! no level shows, is led by how well it ranks the pairs of a day.

pub(crate) mod judge;
pub(crate) mod play;
pub mod points;
pub mod space;

use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::score::profile::Profile;
use crate::domain::time::DAY_MS;
use crate::i18n::{Language, Texts};
use crate::learning::evaluation::daily::{DailyRecord, Sums, paired_episodes};
use crate::learning::evaluation::day_blocks::difference_interval_90;
use crate::learning::evaluation::hits::Hits;
use crate::learning::parallel;
use crate::learning::training::folds::{Fold, days_of, folds};
use judge::{Refusal, refusal, worth};
use play::play;
use points::Points;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde::{Serialize, Serializer};

/// The best profiles that are refined. More cost as much again each and were not tried.
const REFINED: usize = 8;
/// Each round looks nearer around the best; nearer than the fourth, the judging days cannot tell profiles apart.
const ROUNDS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TuneConfig {
    /// Profiles tried at random; half as many again refine the best.
    pub candidates: usize,
    /// Blocks of days; all but the first are judged by what came before. Of several periods each is judged by the others instead.
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
    pub(crate) fuerte_per_day: f64,
    pub(crate) alta_precision: Option<f64>,
    pub(crate) media_precision: Option<f64>,
    pub(crate) baja_precision: Option<f64>,
    /// Share of hits among all points, 0-1.
    pub base_rate: f64,
    /// Area under the ROC curve of the rule probability within days.
    pub(crate) auc_within_days: f64,
}

impl Figures {
    fn of(s: &Sums) -> Self {
        let Hits { judged, hits } = s.day.episodes(Level::Fuerte);
        Self {
            fuerte: judged,
            fuerte_hits: hits,
            fuerte_precision: s.precision(Level::Fuerte),
            fuerte_per_day: s.per_day(Level::Fuerte),
            alta_precision: s.precision(Level::Alta),
            media_precision: s.precision(Level::Media),
            baja_precision: s.precision(Level::Baja),
            base_rate: s.base_rate(),
            auc_within_days: s.auc_within_days(),
        }
    }
}

/// One fold: what won on the days before, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoldReport {
    /// First judged moment, ms UTC.
    pub from: MarketTime,
    /// End of the judged moments, ms UTC.
    pub to: MarketTime,
    /// The winner on the days it was chosen by.
    pub in_sample: Figures,
    /// The winner on the days after.
    pub out_of_sample: Figures,
    /// The profile in force on those days.
    pub in_force: Figures,
}

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
    #[serde(serialize_with = "in_words")]
    pub why: Option<Refusal>,
    pub tried: usize,
    /// What differs from the profile in force.
    pub changes: Vec<String>,
}

fn in_words<S: Serializer>(why: &Option<Refusal>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&why.as_ref().map_or_else(String::new, ToString::to_string))
}

/// The days do not suffice for the folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.in_words(Language::En.texts()))]
pub struct TooFewDays {
    pub judged: usize,
    pub folds: usize,
}

impl TooFewDays {
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        t.points_too_few(self.judged, self.folds)
    }
}

struct Candidate {
    profile: Profile,
    record: DailyRecord,
}

/// Searches. `progress`: profiles tried, of how many about.
pub fn tune(
    points: &Points,
    in_force: &Profile,
    config: &TuneConfig,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Tuned, TooFewDays> {
    let made = splits(points, config.folds)?;
    let mut search = Search::new(points, in_force, config);
    let of_all = config.candidates + (made.len() + 1) * search.refinements();
    search.at_random(&mut |done| progress(done, of_all));
    let mut reports = Vec::new();
    let mut calls: Vec<[f64; 4]> = Vec::new();
    let mut judged = Vec::new();
    for fold in &made {
        let winner = search.best(&|day| trains(fold, day), &mut |done| progress(done, of_all));
        let tests = |day: i64| fold.tests(MarketTime::from_index(day, DAY_MS));
        let (own, in_force) = (&search.found[winner].record, &search.found[0].record);
        let (after, now) = (own.sum(tests), in_force.sum(tests));
        reports.push(FoldReport {
            from: fold.from,
            to: fold.to,
            in_sample: Figures::of(&own.sum(|day| trains(fold, day))),
            out_of_sample: Figures::of(&after),
            in_force: Figures::of(&now),
        });
        calls.extend(paired_episodes(own, in_force, Level::Fuerte, tests));
        judged.push((*fold, after, now));
    }
    let winner = search.best(&|_| true, &mut |done| progress(done, of_all));
    let difference_90 = difference_interval_90(&calls);
    let why = refusal(&judged, difference_90);
    let (mut out, mut base) = (Sums::default(), Sums::default());
    for (_, after, now) in &judged {
        out.add(after);
        base.add(now);
    }
    let found = &search.found[winner];
    Ok(Tuned {
        in_sample: Figures::of(&found.record.sum(|_| true)),
        changes: space::changes(in_force, &found.profile),
        profile: found.profile.clone(),
        out_of_sample: Figures::of(&out),
        in_force: Figures::of(&base),
        difference_90,
        folds: reports,
        holds: why.is_none(),
        why,
        tried: search.found.len(),
    })
}

/// Fewest days that a search may choose by: of fewer, one wild day decides.
const LEAST_DAYS: usize = 5;

/// What is judged by a choice of which days. Each period by all others, where there are several and the others leave days to choose by;
/// else blocks of days by what came before them.
fn splits(points: &Points, count: usize) -> Result<Vec<Fold>, TooFewDays> {
    let days = days_of(points.moments().into_iter());
    let choices = |fold: &Fold| days.iter().filter(|day| trains(fold, **day)).count();
    let periods: Vec<Fold> = points.periods.iter().copied().map(Fold::left_out).collect();
    if periods.len() > 1 && periods.iter().all(|fold| choices(fold) >= LEAST_DAYS) {
        return Ok(periods);
    }
    let made = folds(&points.moments(), count, true);
    let first = made.first().map_or(MarketTime::MIN, |fold| fold.from);
    let before = days.range(..first.index(DAY_MS)).count();
    if made.len() + 1 < count || before < LEAST_DAYS {
        return Err(TooFewDays { judged: points.judged(), folds: count });
    }
    Ok(made)
}

/// May the day be learned from: the outcomes of all its points lie outside the block and its embargo.
fn trains(fold: &Fold, day: i64) -> bool {
    let [first, last] = [MarketTime::from_index(day, DAY_MS), MarketTime::from_index(day + 1, DAY_MS) - 1];
    fold.trains(first) && fold.trains(last)
}

struct Search<'a> {
    points: &'a Points,
    config: &'a TuneConfig,
    /// What is in force, then all that was tried.
    found: Vec<Candidate>,
    random: Pcg64,
}

impl<'a> Search<'a> {
    fn new(points: &'a Points, in_force: &Profile, config: &'a TuneConfig) -> Self {
        let record = play(points, in_force, config.hysteresis);
        let found = vec![Candidate { profile: in_force.clone(), record }];
        Self { points, config, found, random: Pcg64::seed_from_u64(config.seed) }
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
        let worth = |at: usize| worth(&self.found[at].record.alike(keep), self.config.min_per_day);
        let mut all: Vec<(f64, usize)> = (0..self.found.len()).map(|at| (worth(at), at)).collect();
        // Among equals the one found first, so that the same seed gives the same rule.
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.truncate(REFINED);
        all.into_iter().map(|(_, at)| at).collect()
    }

    fn try_all(&mut self, profiles: &[Profile], progress: &mut dyn FnMut(usize)) {
        let (points, hysteresis) = (self.points, self.config.hysteresis);
        for part in profiles.chunks(4 * self.config.threads.max(1)) {
            self.found.extend(parallel::map(part, self.config.threads, |profile: &Profile| Candidate {
                profile: profile.clone(),
                record: play(points, profile, hysteresis),
            }));
            progress(self.found.len());
        }
    }
}
