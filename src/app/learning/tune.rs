//! `impulso tune`: folders of candles or the history store in, a profile out, if it holds on days it has not seen.

use super::profiles::write_profile;
use super::recorded::Recorded;
use crate::domain::moment::MarketTime;
use crate::domain::time::{DAY_MS, Interval};
use crate::i18n::{Text, failure, text};
use crate::learning::replay::{FIRST_STEP_MS, Steps};
use crate::learning::tuning::points::{Collector, Points};
use crate::learning::tuning::{Figures, TooFewDays, TuneConfig, Tuned, tune};
use crate::settings::Settings;
use anyhow::bail;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct Wanted {
    /// Folders of candles, each a period of its own; none for the history store.
    pub folders: Vec<PathBuf>,
    /// First moment; `None` for the first after a warm-up.
    pub from: Option<MarketTime>,
    /// End of the moments.
    pub to: Option<MarketTime>,
    /// Between moments, ms.
    pub step_ms: i64,
    /// How the search goes; the hysteresis is that of the alert policy.
    pub config: TuneConfig,
}

/// Reads the points and searches. `progress`: what is done, how much of how much.
pub fn run(
    wanted: &Wanted,
    settings: &Settings,
    progress: &mut dyn FnMut(&Text, usize, usize),
) -> anyhow::Result<Tuned> {
    let (points, _) = points(wanted, settings, progress)?;
    if points.judged() == 0 {
        bail!(failure!(points_none_to_tune));
    }
    Ok(search(&points, wanted, settings, progress)?)
}

/// The points that are searched over, and the interval of their candles.
pub fn points(
    wanted: &Wanted,
    settings: &Settings,
    progress: &mut dyn FnMut(&Text, usize, usize),
) -> anyhow::Result<(Points, Interval)> {
    let (mut points, mut base) = (Points::default(), settings.exchange.base());
    if wanted.folders.is_empty() {
        points.append(collect(&Recorded::open(None, settings)?, wanted, settings, progress)?);
    }
    for folder in &wanted.folders {
        let recorded = Recorded::open(Some(folder), settings)?;
        base = recorded.base;
        points.append(collect(&recorded, wanted, settings, progress)?);
    }
    Ok((points, base))
}

/// Searches over points.
pub fn search(
    points: &Points,
    wanted: &Wanted,
    settings: &Settings,
    progress: &mut dyn FnMut(&Text, usize, usize),
) -> Result<Tuned, TooFewDays> {
    let config = TuneConfig { hysteresis: settings.alert.policy.levels.hysteresis, ..wanted.config };
    let profile = &settings.analysis.profile;
    tune(points, profile, &config, &mut |done, of| progress(&text!(trying_profiles), done.min(of), of))
}

fn collect(
    recorded: &Recorded,
    wanted: &Wanted,
    settings: &Settings,
    progress: &mut dyn FnMut(&Text, usize, usize),
) -> anyhow::Result<Points> {
    // Days of hours are the model's; the rule needs 26 h.
    let steps = Steps {
        from: wanted.from.unwrap_or(recorded.span.0 + FIRST_STEP_MS.min(2 * DAY_MS)),
        to: wanted.to.unwrap_or(recorded.span.1),
        step_ms: wanted.step_ms,
    };
    let mut collector = Collector::new(settings.ranking);
    let moment = |moment| {
        collector.take(&moment);
        Ok(())
    };
    recorded.replay(settings, steps, wanted.config.threads, moment, |done, all, _| {
        progress(&text!(reading_candles), done, all);
    })?;
    Ok(collector.finish())
}

/// Writes the profile as a settings file, with its figures at the top.
pub fn write(tuned: &Tuned, out: &Path) -> anyhow::Result<()> {
    let line = |what: &str, f: &Figures| {
        format!(
            "{what}: FUERTE {} of {} right, {:.1} a day, base rate {:.1} %",
            f.fuerte_hits,
            f.fuerte,
            f.fuerte_per_day,
            100.0 * f.base_rate
        )
    };
    let about = [
        "Made by impulso tune".to_owned(),
        line("in sample (flattering)", &tuned.in_sample),
        line("out of sample", &tuned.out_of_sample),
        line("the profile in force on the same days", &tuned.in_force),
    ];
    write_profile(&tuned.profile, &about.join("\n"), out)
}
