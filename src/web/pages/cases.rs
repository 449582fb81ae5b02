//! How many predictions of about this chance came true: by the own track record where it has enough of them, else by what the
//! model was judged on.

use crate::actors::alert::text::move_prose;
use crate::domain::alert::message::CameOfMoves;
use crate::i18n::Texts;
use crate::learning::evaluation::by_size::{came_of_moves, of_events};
use crate::learning::evaluation::cases::Cases;
use crate::learning::evaluation::hits::{ENOUGH, Hits};
use crate::web::api::{model, performance};
use crate::web::config::WebState;
use std::time::Duration;

/// The ranking is not kept waiting for the ledger: from the second look on most of it is known.
const PATIENCE: Duration = Duration::from_millis(500);

/// What both say.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct KnownCases {
    own: Vec<Cases>,
    model: Vec<Cases>,
    /// Of market moves.
    moves: Option<CameOfMoves>,
}

impl KnownCases {
    /// No chances where no model gives them. A store that is not there, or does not answer at once, says nothing.
    pub(crate) async fn read(state: &WebState) -> Self {
        let in_force = model::body(state).ok().and_then(|body| body.model);
        let read = |days| async move {
            let read = actix_web::rt::time::timeout(PATIENCE, performance::read(state, days)).await;
            read.ok().and_then(Result::ok)
        };
        // They are rare: a month may hold none.
        let own = read(365).await.map(|body| of_events(&body.by_size)).unwrap_or_default();
        let Some(in_force) = in_force else {
            return Self { moves: came_of_moves(own, Hits::default()), ..Self::default() };
        };
        let moves = came_of_moves(own, in_force.moves);
        let own = read(performance::DAYS).await.map(|body| body.cases.clone());
        Self { own: own.unwrap_or_default(), model: in_force.cases, moves }
    }

    /// What market moves are, and what came of earlier ones.
    pub(crate) fn of_moves(&self, t: &Texts) -> String {
        move_prose(self.moves, t)
    }

    /// `31 of 52 such cases came true (..)`, and by what.
    pub(crate) fn of(&self, chance: f64, t: &Texts) -> String {
        let found = |all: &[Cases]| all.iter().find(|cases| cases.holds(chance)).copied();
        if let Some(c) = found(&self.own).filter(|own| own.judged >= ENOUGH) {
            return t.cases_own(c.hits, c.judged, c.from, c.to, performance::DAYS);
        }
        found(&self.model)
            .map_or_else(|| t.cases_none(ENOUGH), |c| t.cases_model(c.hits, c.judged, c.from, c.to))
    }

    /// For the scripts of the page: from which chance on which text is right, `[[0,".."],[5,".."]]`.
    pub(crate) fn for_scripts(&self, t: &Texts) -> String {
        let all = || self.own.iter().chain(&self.model);
        let mut borders: Vec<f64> = all().flat_map(|cases| [cases.from, cases.to]).chain([0.0]).collect();
        borders.sort_by(f64::total_cmp);
        let mut texts: Vec<(f64, String)> =
            borders.into_iter().map(|from| (from, self.of(from, t))).collect();
        texts.dedup_by(|next, before| next.1 == before.1);
        serde_json::to_string(&texts).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn cases(from: f64, to: f64, judged: u32, hits: u32) -> Cases {
        Cases { from, to, judged, hits }
    }

    #[test]
    fn the_own_record_goes_first_where_it_has_enough() {
        let known = KnownCases {
            own: vec![cases(40.0, 45.0, 19, 9), cases(45.0, 50.0, 20, 8)],
            model: vec![
                cases(40.0, 45.0, 900, 380),
                cases(45.0, 50.0, 700, 330),
                cases(60.0, 100.0, 500, 300),
            ],
            moves: None,
        };
        let t = Language::En.texts();
        assert!(known.of(47.0, t).starts_with("8 of 20 such cases came true"), "{}", known.of(47.0, t));
        assert!(known.of(47.0, t).contains("30 days") && known.of(44.9, t).contains("380 of 900"));
        assert!(known.of(100.0, t).contains("300 of 500"), "{}", known.of(100.0, t));
        assert!(
            known.of(52.0, t).contains("fewer than 20")
                && KnownCases::default().of(52.0, t) == known.of(52.0, t)
        );
        let read: Vec<(f64, String)> = serde_json::from_str(&known.for_scripts(t)).expect("JSON");
        for chance in [0.0, 39.9, 40.0, 44.9, 45.0, 49.9, 50.0, 59.9, 60.0, 99.0] {
            let told = read.iter().rfind(|(from, _)| chance >= *from).map(|(_, text)| text.clone());
            assert_eq!(told, Some(known.of(chance, t)), "{chance}");
        }
    }
}
