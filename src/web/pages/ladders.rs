//! Chances and scores beside a level: rounded, but never across the threshold of one.

use crate::domain::score::level::LevelThresholds;
use crate::i18n::Texts;
use crate::web::config::WebState;
use crate::web::pages::format::{DASH, decimal, percent};

/// Both ladders in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ladders {
    /// Of the calibrated chance.
    pub(crate) chance: LevelThresholds,
    /// Of the momentum score.
    pub(crate) score: LevelThresholds,
}

impl Ladders {
    pub(crate) fn in_force(state: &WebState) -> Self {
        Self { chance: state.config.calibrated, score: state.profile().levels }
    }

    /// A chance in whole percent.
    pub(crate) fn chance(&self, chance: Option<f64>, t: &Texts) -> String {
        chance.map_or_else(|| DASH.to_owned(), |c| percent(self.chance.rounded(c, 0), 0, t))
    }

    /// A momentum score.
    pub(crate) fn score(&self, score: f64, t: &Texts) -> String {
        decimal(self.score.rounded(score, 1), 1, t)
    }

    /// The thresholds for the scripts of the page: `60 45 30 15`.
    pub(crate) fn for_scripts(ladder: &LevelThresholds) -> String {
        format!("{} {} {} {}", ladder.fuerte, ladder.alta, ladder.media, ladder.baja)
    }
}
