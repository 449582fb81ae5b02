//! A share of predictions that came true, with how certain it is.

use crate::i18n::Texts;
use crate::learning::evaluation::daily::Precision;
use crate::web::pages::format::{DASH, percent};
use maud::{Markup, html};

/// `62,5 % (54,1–70,2) · 80 de 128`.
pub(crate) fn share(s: &Precision, t: &Texts) -> Markup {
    html! {
        @match s.precision {
            None => (DASH),
            Some(p) => {
                strong { (percent(100.0 * p, 1, t)) } " "
                @if let Some([low, high]) = s.interval_90 {
                    span.soft { "(" (percent(100.0 * low, 1, t)) " – " (percent(100.0 * high, 1, t)) ")" }
                }
                br; span.soft { (t.hits_of(s.hits, s.judged)) }
            }
        }
    }
}
