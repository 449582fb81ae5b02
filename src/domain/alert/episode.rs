//! What was told of one pair's stay at or above ALTA.

use super::message::Escalation;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::Row;
use crate::domain::report::Level;
use serde::{Deserialize, Serialize};

/// What is known of one pair from cycle to cycle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Told {
    /// Level and value of the newest alert of this stay.
    pub(super) alerted: Option<Escalation>,
    /// The stay's pass through the cooldown was used.
    #[serde(default)]
    pub(super) escalated: bool,
    /// Beginnings of the newest episodes of ALTA and FUERTE that were told.
    #[serde(default)]
    alta: Option<MarketTime>,
    #[serde(default)]
    fuerte: Option<MarketTime>,
}

impl Told {
    /// The stay is over. What was told of an episode stays told: it goes on when the pair is back before its end.
    pub(super) const fn end_stay(&mut self) {
        (self.alerted, self.escalated) = (None, false);
    }

    /// May a row be told, and as a step up from which alert. `points`: a rise of the value that counts as one.
    pub(super) fn step_up(&self, row: &Row, points: f64) -> Option<Option<Escalation>> {
        let episode = row.episode?;
        let told = match row.level {
            Level::Fuerte => self.fuerte,
            _ => self.alta,
        };
        let higher = self.alerted.filter(|was| row.level > was.level);
        let stronger = |was: &Escalation| row.level == was.level && row.level_value >= was.value + points;
        if told != Some(episode) { Some(higher) } else { self.alerted.filter(stronger).map(Some) }
    }

    pub(super) const fn tell(
        &mut self,
        level: Level,
        value: f64,
        episode: Option<MarketTime>,
        steps_up: bool,
    ) {
        self.alerted = Some(Escalation { level, value });
        self.escalated |= steps_up;
        match level {
            Level::Fuerte => self.fuerte = episode,
            _ => self.alta = episode,
        }
    }
}
