//! One pair's stay at or above ALTA: it begins with a rise and ends below the hysteresis.

use super::policy::Escalation;
use crate::domain::report::Level;
use crate::domain::score::level::Ladder;
use serde::{Deserialize, Serialize};

/// What is known of one pair from cycle to cycle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// Level held, with hysteresis.
    pub level: Level,
    /// Consecutive cycles at ALTA or above.
    pub alta_cycles: u32,
    /// Consecutive cycles at FUERTE.
    pub fuerte_cycles: u32,
    /// Level and ladder value of the episode's newest alert.
    pub alerted: Option<Escalation>,
    /// The episode's pass through the cooldown was used.
    pub escalated: bool,
}

impl Default for Episode {
    fn default() -> Self {
        Self { level: Level::Descartada, alta_cycles: 0, fuerte_cycles: 0, alerted: None, escalated: false }
    }
}

impl Episode {
    /// Takes the value of one cycle. A level is left only below its threshold minus `hysteresis`.
    pub fn step(&mut self, ladder: &Ladder, value: f64, hysteresis: f64) {
        let raw = ladder.level(value);
        let held = value >= ladder.threshold(self.level) - hysteresis;
        self.level = if held { raw.max(self.level) } else { raw };
        let count =
            |cycles: u32, level: Level| if self.level >= level { cycles.saturating_add(1) } else { 0 };
        let (alta, fuerte) = (count(self.alta_cycles, Level::Alta), count(self.fuerte_cycles, Level::Fuerte));
        (self.alta_cycles, self.fuerte_cycles) = (alta, fuerte);
        if self.level < Level::Alta {
            *self = Self { level: self.level, ..Self::default() };
        }
    }

    /// The pair could not be analysed: levels must be confirmed anew, the episode goes on.
    pub const fn interrupt(&mut self) {
        self.alta_cycles = 0;
        self.fuerte_cycles = 0;
    }
}
