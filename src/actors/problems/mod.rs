//! What is wrong just now, in one list: page, API, readiness, health check, log and metrics all tell it from here.

mod kinds;

use crate::domain::moment::MachineTime;
pub use kinds::{ProblemSource, SystemProblem};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A problem that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentProblem {
    #[serde(flatten)]
    pub problem: SystemProblem,
    /// Since when.
    pub since: MachineTime,
}

/// The problems that are there, by what has them.
/// Behind a lock, as every actor tells its own; problems are rare.
#[derive(Debug, Default)]
pub(crate) struct Problems(Mutex<BTreeMap<ProblemSource, PresentProblem>>);

impl Problems {
    /// Says how a source is at `now`: its problem, or none. The log hears of the beginning and of the end, however often
    /// the same is told.
    pub(crate) fn tell(&self, source: ProblemSource, problem: Option<SystemProblem>, now: MachineTime) {
        // Over the whole, so that two tellers cannot log one beginning twice.
        let mut all = self.0.lock();
        let before = all.remove(&source);
        let same_kind =
            before.as_ref().map(|b| b.problem.kind()) == problem.as_ref().map(SystemProblem::kind);
        let since = before.as_ref().filter(|_| same_kind).map_or(now, |b| b.since);
        if !same_kind {
            if let Some(PresentProblem { problem, since }) = &before {
                tracing::info!(problem = problem.kind(), after_ms = now - *since, "problem is over");
            }
            if let Some(problem) = &problem {
                tracing::error!(problem = problem.kind(), "{problem}");
            }
        }
        let kinds = [before.as_ref().map(|b| b.problem.kind()), problem.as_ref().map(SystemProblem::kind)];
        if let Some(problem) = problem {
            all.insert(source, PresentProblem { problem, since });
        }
        for kind in kinds.into_iter().flatten() {
            // Of several connections or channels one may be well again while others are not.
            let present = all.values().filter(|p| p.problem.kind() == kind).count();
            metrics::gauge!("impulso_problem", "kind" => kind).set(present as f64);
        }
    }

    /// All of them, causes first.
    pub(crate) fn all(&self) -> Vec<PresentProblem> {
        self.0.lock().values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Reason, Text};

    #[test]
    fn a_problem_keeps_its_beginning_and_causes_come_first() {
        let problems = Problems::default();
        let history = |error: &str| {
            let error = Reason::of("unavailable", &Text::verbatim(error));
            SystemProblem::History { error, given_up: 0 }
        };
        let at = MachineTime::from_ms;
        problems.tell(ProblemSource::History, Some(history("locked")), at(1_000));
        problems.tell(ProblemSource::Ranking, Some(SystemProblem::NoRanking), at(2_000));
        problems.tell(ProblemSource::History, Some(history("full")), at(3_000));
        let all = problems.all();
        assert_eq!(all[0], PresentProblem { problem: SystemProblem::NoRanking, since: at(2_000) });
        assert_eq!(all[1], PresentProblem { problem: history("full"), since: at(1_000) });
        problems.tell(ProblemSource::History, None, at(4_000));
        assert_eq!(problems.all().len(), 1);
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Vec<PresentProblem>>(&text).unwrap(), all, "to read-only nodes");
    }
}
