//! Many pairs replayed side by side, joined by moment: each step once, with every pair's report. The result does not depend
//! on the number of threads.

pub mod pair;

use crate::domain::analysis::BtcContext;
use crate::domain::analysis::btc::BTC;
use crate::domain::moment::MarketTime;
use crate::domain::report::Report;
use crate::domain::time::{DAY_MS, HOUR_MS};
use crate::learning::parallel;
pub use pair::Candles;
use pair::{Judged, PairReplay, Said};

/// One pair of a replay.
pub(crate) type Pair = PairReplay<Candles>;

/// Most steps between two joins: bounds what waits in memory. A day of 15-minute steps.
const STEPS_AT_ONCE: usize = 96;
/// Candles before the first step that can matter: 31 days and an hour of hours, and the day in which they begin, ms.
pub(crate) const WARM_UP_MS: i64 = 33 * DAY_MS;
/// Candles before the first step where none is named: what looks back over two weeks is known by then, and most of what there is
/// to learn from is still to come, ms.
pub(crate) const FIRST_STEP_MS: i64 = 17 * DAY_MS;

/// One step with all pairs.
#[derive(Debug)]
pub struct Moment {
    pub as_of: MarketTime,
    pub reports: Vec<Report>,
    /// What became of the moment 24 h before: number of the pair, and its outcome, at whole horizons only.
    pub judged: Vec<(usize, Judged)>,
    /// Numbers of the reports' pairs, in the reports' order.
    pub pairs: Vec<usize>,
}

/// The steps of a replay: from `from` to before `to`, and 24 h more for the outcomes. With a step of an hour or less they fall
/// on its multiples, with a longer one they begin at `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    pub from: MarketTime,
    /// End of the moments.
    pub to: MarketTime,
    /// Distance, ms; divides 24 h.
    pub step_ms: i64,
}

impl Steps {
    /// Number of moments with reports.
    pub fn count(&self) -> usize {
        let first = self.first();
        usize::try_from((self.to - first + self.step_ms - 1) / self.step_ms).unwrap_or(0)
    }

    fn first(&self) -> MarketTime {
        let grid = if self.step_ms <= HOUR_MS { self.step_ms } else { 1 };
        self.from.ceil(grid)
    }

    /// All moments, those for outcomes alone included: moment, scored.
    fn all(&self) -> Vec<(MarketTime, bool)> {
        let (first, count) = (self.first(), self.count());
        let more = (DAY_MS / self.step_ms) as usize;
        (0..count + more).map(|i| (first + i as i64 * self.step_ms, i < count)).collect()
    }
}

/// Replays `pairs`; `moment` gets each step in order, `progress` the number of steps done and all.
pub fn replay<E>(
    mut pairs: Vec<Pair>,
    steps: Steps,
    threads: usize,
    mut moment: impl FnMut(Moment) -> Result<(), E>,
    mut progress: impl FnMut(usize, usize, u64),
) -> Result<(), E> {
    // The order of pairs is the order of samples, and sums of floats depend on it: the same data gives the same model
    // to the bit.
    pairs.sort_by(|a, b| a.symbol().cmp(b.symbol()));
    let all = steps.all();
    let btc = pairs.iter().position(|p| p.symbol().as_str() == BTC);
    let warm_from = steps.first() - WARM_UP_MS;
    parallel::map(&mut pairs, threads, |pair| pair.skip_before(warm_from));
    let mut done = 0;
    for chunk in all.chunks(STEPS_AT_ONCE) {
        let (mut contexts, mut said_by_btc) = (Vec::with_capacity(chunk.len()), Vec::new());
        if let Some(at) = btc {
            for (as_of, scored) in chunk {
                contexts.push(pairs[at].btc_context(*as_of));
                said_by_btc.push(pairs[at].step(*as_of, &contexts[contexts.len() - 1], *scored));
            }
        } else {
            contexts.resize_with(chunk.len(), BtcContext::unavailable);
        }
        let mut said = parallel::map(&mut pairs, threads, |pair: &mut Pair| {
            if pair.symbol().as_str() == BTC {
                return Vec::new();
            }
            let one =
                |((as_of, scored), btc): (&(MarketTime, bool), &BtcContext)| pair.step(*as_of, btc, *scored);
            chunk.iter().zip(&contexts).map(one).collect()
        });
        if let Some(at) = btc {
            said[at] = said_by_btc;
        }
        let mut said: Vec<_> = said.into_iter().map(Vec::into_iter).collect();
        for (as_of, _) in chunk {
            moment(join(*as_of, &mut said))?;
        }
        done += chunk.len();
        progress(done, all.len(), pairs.iter().map(PairReplay::taken).sum());
    }
    Ok(())
}

fn join(as_of: MarketTime, said: &mut [std::vec::IntoIter<Said>]) -> Moment {
    let mut moment =
        Moment { as_of, reports: Vec::with_capacity(said.len()), judged: Vec::new(), pairs: Vec::new() };
    for (at, of_pair) in said.iter_mut().enumerate() {
        let Some(said) = of_pair.next() else { continue };
        if let Some(report) = said.report {
            moment.reports.push(report);
            moment.pairs.push(at);
        }
        if let Some(outcome) = said.judged {
            moment.judged.push((at, outcome));
        }
    }
    moment
}
