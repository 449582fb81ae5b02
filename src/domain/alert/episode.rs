//! One pair's stay at or above ALTA: it begins with a rise and ends below the hysteresis.

use super::message::Escalation;
use crate::domain::moment::MarketTime;
use crate::domain::report::Level;
use crate::domain::score::level::LevelThresholds;
use serde::{Deserialize, Serialize};

/// What is known of one pair from cycle to cycle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// Level held, with hysteresis.
    pub level: Level,
    /// Consecutive cycles at ALTA or above.
    pub(crate) alta_cycles: u32,
    /// Consecutive cycles at FUERTE.
    pub(crate) fuerte_cycles: u32,
    /// Level and ladder value of the episode's newest alert.
    pub alerted: Option<Escalation>,
    /// The episode's pass through the cooldown was used.
    pub escalated: bool,
    /// When the level fell below FUERTE after a FUERTE alert.
    #[serde(default)]
    pub(crate) left_fuerte_at: Option<MarketTime>,
}

impl Default for Episode {
    fn default() -> Self {
        Self {
            level: Level::Descartada,
            alta_cycles: 0,
            fuerte_cycles: 0,
            alerted: None,
            escalated: false,
            left_fuerte_at: None,
        }
    }
}

impl Episode {
    /// Takes the value of one cycle.
    pub fn step(&mut self, thresholds: &LevelThresholds, value: f64, hysteresis: f64) {
        self.level = thresholds.held(self.level, value, hysteresis);
        let count =
            |cycles: u32, level: Level| if self.level >= level { cycles.saturating_add(1) } else { 0 };
        let (alta, fuerte) = (count(self.alta_cycles, Level::Alta), count(self.fuerte_cycles, Level::Fuerte));
        (self.alta_cycles, self.fuerte_cycles) = (alta, fuerte);
        if self.level < Level::Alta {
            *self = Self { level: self.level, ..Self::default() };
        }
    }

    /// A pair that stays at ALTA begins a new episode of FUERTE when it comes back after `forget_ms` or more below.
    pub(crate) fn watch_return(&mut self, as_of: MarketTime, forget_ms: i64) {
        if self.alerted.is_none_or(|alert| alert.level < Level::Fuerte) {
            self.left_fuerte_at = None;
        } else if self.level < Level::Fuerte {
            self.left_fuerte_at.get_or_insert(as_of);
        } else if self.left_fuerte_at.take().is_some_and(|left| as_of - left >= forget_ms) {
            (self.alerted, self.escalated) = (None, false);
        }
    }

    /// The pair could not be analysed: levels must be confirmed anew, the episode goes on.
    pub(crate) const fn interrupt(&mut self) {
        self.alta_cycles = 0;
        self.fuerte_cycles = 0;
    }
}
