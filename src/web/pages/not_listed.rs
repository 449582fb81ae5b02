//! Why a pair is not in the ranking, in words.

use crate::domain::ranking::Row;
use crate::domain::report::{NotReady, Readiness};
use crate::i18n::Texts;
use crate::web::api::symbols::NotListed;
use crate::web::pages::format::{decimal, millions, price};
use crate::web::pages::ladders::Ladders;

pub(crate) fn in_words(
    why: &NotListed,
    row: Option<&Row>,
    readiness: &Readiness,
    ladders: &Ladders,
    t: &Texts,
) -> String {
    let (value, limit) = (why.value.unwrap_or_default(), why.limit.unwrap_or_default());
    match why.reason {
        "min_volume_24h" => t.not_listed_volume(millions(value, t), millions(limit, t)),
        "min_price" => t.not_listed_min_price(price(value, t), price(limit, t)),
        "max_price" => t.not_listed_max_price(price(value, t), price(limit, t)),
        "no_chance" => t.not_listed_no_chance(),
        "discarded" if row.is_some_and(|r| r.calibrated_7_5.is_some()) => {
            t.not_listed_unlikely(decimal(ladders.chance.rounded(value, 1), 1, t), decimal(limit, 0, t))
        }
        "discarded" => t.not_listed_discarded(ladders.score(value, t), decimal(limit, 1, t)),
        _ => format!("{} {}", t.no_scores(), not_ready(readiness, t)),
    }
}

fn not_ready(r: &Readiness, t: &Texts) -> String {
    match r.reason {
        None => String::new(),
        Some(NotReady::WarmingUp) => t.not_ready_warming(r.ready_candles, r.needed_candles),
        Some(NotReady::Gap) => t.not_ready_gap(),
        Some(NotReady::Stale) => t.not_ready_stale(),
        Some(NotReady::Halted) => t.not_ready_halted(),
    }
}
