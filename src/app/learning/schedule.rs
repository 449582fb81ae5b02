//! Learning on a schedule: now and then a model is trained on the ledger and the rule is tuned on the stored candles. What comes
//! out is a challenger in the shadow; only the experiment's rule puts it in force.

use super::arm_store::{challenge_with_model, challenger_profile, with_profile_in_force};
use super::tune;
use super::{models, train};
use crate::actors::common::Common;
use crate::actors::ports::experiment::{ExperimentReport, Run, RunResult, Runs};
use crate::actors::ports::state::OperationalState;
use crate::app::config::level_rules;
use crate::domain::moment::MachineTime;
use crate::domain::time::{DAY_MS, HOUR_MS};
use crate::i18n::failure;
use crate::learning::arms::verdict::{Compared, Standing};
use crate::learning::arms::{CHALLENGER_MODEL_ARM, CHALLENGER_RULE_ARM, profile_label};
use crate::learning::evaluation::daily::Precision;
use crate::learning::evaluation::record::day;
use crate::learning::training::correction::{JUDGED_DAYS, Terms, correct};
use crate::learning::training::folds::days_of;
use crate::learning::tuning::TuneConfig;
use crate::settings::Settings;
use anyhow::bail;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How often it is looked whether something is due, machine time: what runs every some days is in no hurry.
const LOOK: Duration = Duration::from_secs(60);
/// After a failure it is tried again so much later, ms: what failed for too few days of data has one more by then.
const AGAIN_MS: i64 = DAY_MS;
/// Samples that a model is corrected by: 82 MB of features while it lasts, and hundreds for each of 400 days.
const MOST_SAMPLES: usize = 150_000;
/// Key of the last runs in the state.
pub const RUNS_KEY: &str = "learning_runs";

/// What is done on a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// Train a model on the ledger.
    Retrain,
    /// Tune the rule on the stored candles.
    Retune,
}

/// The last runs as they were kept.
pub fn kept(state: &dyn OperationalState) -> Runs {
    let text = state.get(RUNS_KEY).ok().flatten();
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

const fn of(runs: &mut Runs, job: Job) -> &mut Option<Run> {
    match job {
        Job::Retrain => &mut runs.retrain,
        Job::Retune => &mut runs.retune,
    }
}

/// Is a job due that runs every `every_days` (0: never).
pub(crate) fn due(last: &Run, every_days: u32, now: MachineTime) -> bool {
    let wait = if last.result == RunResult::Failed { AGAIN_MS } else { i64::from(every_days) * DAY_MS };
    every_days > 0 && now - last.at >= wait
}

/// The running schedule; ends with the scanner.
pub(crate) struct Schedule {
    _while_held: Sender<()>,
}

impl Schedule {
    /// Of two scanners the one that sends learns.
    pub(crate) fn start(settings: &Settings, state: Arc<dyn OperationalState>, common: &Common) -> Self {
        // Nothing is ever sent: that the scanner drops its end is the word to stop, and it wakes the thread at once.
        let (held, gone) = channel();
        let (settings, common) = (settings.clone(), common.clone());
        let run = move || {
            loop {
                if common.is_active() {
                    look(&settings, &*state, common.clocks.machine_time());
                }
                if gone.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
        };
        // A thread of its own: training takes minutes of a core, and actors share theirs with others.
        if let Err(error) = std::thread::Builder::new().name("learning".to_owned()).spawn(run) {
            tracing::error!(%error, "no thread for learning on a schedule");
        }
        Self { _while_held: held }
    }
}

/// Runs what is due, one after the other.
pub fn look(settings: &Settings, state: &dyn OperationalState, now: MachineTime) {
    let own = &settings.experiment;
    for (job, every) in [(Job::Retrain, own.retrain_every_days), (Job::Retune, own.retune_every_days)] {
        let mut runs = kept(state);
        let last = of(&mut runs, job).get_or_insert_with(|| Run {
            at: now,
            result: RunResult::Waiting,
            detail: String::new(),
        });
        if due(last, every, now) {
            tracing::info!(?job, "learning on schedule begins");
            *last = ended(job, carry_out(job, settings, state, now), now);
        }
        // After each job: a restart in the second one must not do the first again.
        keep(state, &runs);
    }
}

fn ended(job: Job, done: anyhow::Result<(RunResult, String)>, at: MachineTime) -> Run {
    let (result, detail) = done.unwrap_or_else(|error| (RunResult::Failed, format!("{error:#}")));
    metrics::counter!("impulso_learning_runs_total", "result" => result.as_str()).increment(1);
    if result == RunResult::Failed {
        tracing::warn!(?job, detail, "learning on schedule failed; it is tried again in a day");
    } else {
        tracing::info!(?job, result = result.as_str(), detail, "learning on schedule ended");
    }
    Run { at, result, detail }
}

fn keep(state: &dyn OperationalState, runs: &Runs) {
    let text = serde_json::to_string(runs).map_err(std::io::Error::from);
    if let Err(error) = text.and_then(|text| state.put(RUNS_KEY, &text)) {
        tracing::warn!(%error, "the time of the last training cannot be written");
    }
}

fn carry_out(
    job: Job,
    settings: &Settings,
    state: &dyn OperationalState,
    now: MachineTime,
) -> anyhow::Result<(RunResult, String)> {
    let arm = match job {
        Job::Retrain => CHALLENGER_MODEL_ARM,
        Job::Retune => CHALLENGER_RULE_ARM,
    };
    // Another one in its place would begin its days in the shadow anew, and none would ever have enough of them.
    if let Some(days) = undecided(settings, state, arm) {
        let least = settings.experiment.rule.min_days;
        let why =
            format!("{arm} is still being judged: {days} days in the shadow (experiment.min_days {least})");
        return Ok((RunResult::Refused, why));
    }
    match job {
        Job::Retrain => retrain(settings, now),
        Job::Retune => retune(&with_profile_in_force(settings)),
    }
}

/// Days that a challenger has been judged on, where that is too little to decide on it.
fn undecided(settings: &Settings, state: &dyn OperationalState, arm: &str) -> Option<u32> {
    let report: ExperimentReport = serde_json::from_str(&state.report().ok().flatten()?).ok()?;
    let compared = report.arms.into_iter().find(|own| own.name == arm)?.against?.compared;
    let open = matches!(compared.standing, Standing::NeedsDays | Standing::NeedsSamples);
    (settings.experiment.enabled && open).then_some(compared.days)
}

/// The shipped model, corrected by what came of the own samples: a model of the own ledger alone forgets all other years.
fn retrain(settings: &Settings, now: MachineTime) -> anyhow::Result<(RunResult, String)> {
    let Some(shipped) = models::open(models::DEFAULT)? else { bail!(failure!(model_default)) };
    let (data, pairs) = super::ledger::samples(settings, (None, None), MOST_SAMPLES, &mut |_, _| {})?;
    let days = days_of(data.as_of.iter().copied()).len();
    let (least, judged) = (settings.experiment.training_min_days as usize, JUDGED_DAYS as usize);
    let Some(own) = train::period(&data, pairs).filter(|_| days >= least + judged) else {
        let why = format!(
            "{days} days of judged samples; {} are needed ({judged} that a model is judged on, \
             experiment.training_min_days before them)",
            least + judged
        );
        return Ok((RunResult::Refused, why));
    };
    let rules = level_rules(settings);
    let terms = Terms {
        prior_days: train::days(&shipped.card.trained_on)?,
        rule: settings.experiment.rule,
        levels: rules.calibrated,
        hysteresis: rules.hysteresis,
    };
    let mut corrected = correct(&shipped, own, &data, &terms)?;
    let figures = figures(&corrected.compared);
    if !corrected.is_better() {
        let shipped = &shipped.card.name;
        let why = match corrected.compared.standing {
            Standing::NeedsDays | Standing::NeedsSamples => {
                "too little to judge by (experiment.min_days, min_resolved)".to_owned()
            }
            Standing::FuerteWorse => format!("FUERTE is right less often than by {shipped}"),
            _ => format!("not better for certain than {shipped}"),
        };
        return Ok((RunResult::Refused, format!("{why}, by {days} days: {figures}")));
    }
    corrected.model.card.name = format!("ledger-{}", day(now));
    challenge_with_model(settings, &corrected.model)?;
    Ok((RunResult::Made, format!("model {} from {days} days: {figures}", corrected.model.card.name)))
}

/// How a correction did on the days that it was judged on.
fn figures(c: &Compared) -> String {
    let of = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.5}"));
    let [low, high] = c.brier_difference_90.map_or([None; 2], |ends| ends.map(Some)).map(of);
    let fuerte = |p: &Precision| format!("{} of {}", p.hits, p.judged);
    format!(
        "squared error {} against {} (difference {low} to {high}, 90 %), FUERTE right {} against {}, on {} samples of {} days",
        of(c.brier),
        of(c.base_brier),
        fuerte(&c.fuerte),
        fuerte(&c.base_fuerte),
        c.resolved,
        c.days
    )
}

fn retune(settings: &Settings) -> anyhow::Result<(RunResult, String)> {
    let config =
        TuneConfig { candidates: 400, folds: 5, min_per_day: 1.0, hysteresis: 0.0, seed: 11, threads: 1 };
    let wanted = tune::Wanted { folders: Vec::new(), from: None, to: None, step_ms: HOUR_MS, config };
    let (points, base) = tune::points(&wanted, settings, &mut |_, _, _| {})?;
    let (days, least) = (days_of(points.moments().into_iter()).len(), settings.experiment.training_min_days);
    if days < least as usize {
        let why = format!("{days} days of {base} candles; {least} are needed (experiment.training_min_days)");
        return Ok((RunResult::Refused, why));
    }
    let tuned = tune::search(&points, &wanted, settings, &mut |_, _, _| {})?;
    if let Some(why) = tuned.why {
        return Ok((RunResult::Refused, why.to_string()));
    }
    tune::write(&tuned, &challenger_profile(settings))?;
    Ok((RunResult::Made, format!("profile {}", profile_label(&tuned.profile))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> MachineTime {
        MachineTime::from_ms(ms)
    }

    #[test]
    fn due_by_days_sooner_after_a_failure_never_without() {
        let run = |result| Run { at: at(0), result, detail: String::new() };
        let (made, failed) = (run(RunResult::Made), run(RunResult::Failed));
        assert!(!due(&made, 7, at(7 * DAY_MS - 1)) && due(&made, 7, at(7 * DAY_MS)));
        assert!(due(&failed, 7, at(DAY_MS)) && !due(&failed, 0, at(90 * DAY_MS)));
        assert!(!due(&run(RunResult::Waiting), 7, at(DAY_MS)));
    }
}
