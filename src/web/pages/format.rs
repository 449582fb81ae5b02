//! Numbers, prices and moments by language, and text for addresses. `web/format.js` writes the same.

use crate::domain::percent::percent_encoded;
use crate::i18n::number::{decimals, price_places};
use crate::i18n::{Language, Texts};
use jiff::Timestamp;

/// Shown where there is no value.
pub(crate) const DASH: &str = "–";

/// A number with the language's signs; thousands are grouped from five digits on.
pub(crate) fn decimal(value: f64, places: usize, t: &Texts) -> String {
    // The minus sign is as wide as the plus, and the one that the chart writes.
    let text = format!("{value:.places$}").replace('-', "−");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let (point, group) = match t.language {
        Language::Es => (',', '.'),
        Language::En => ('.', ','),
    };
    let mut out = grouped(whole, group);
    if let Some(rest) = rest {
        out.push(point);
        out.push_str(rest);
    }
    out
}

/// The value as `decimal` shows it with so many decimals.
pub(crate) fn rounded(value: f64, places: usize) -> f64 {
    format!("{value:.places$}").parse().unwrap_or(value)
}

/// As few decimals as a value can be shown with (`least` or more) so that what is shown still says the same.
pub(crate) fn places(value: f64, least: usize, says_the_same: impl Fn(f64) -> bool) -> usize {
    /// Beyond the digits of a number of this size: what is shown is the number itself.
    const MOST: usize = 17;
    (least..MOST).find(|places| says_the_same(rounded(value, *places))).unwrap_or(MOST)
}

/// A number that somebody has set, with the decimals that it was set with.
pub(crate) fn exact(value: f64, t: &Texts) -> String {
    decimal(value, decimals(value), t)
}

fn grouped(whole: &str, sign: char) -> String {
    let digits = whole.trim_start_matches('−');
    if digits.len() < 5 {
        return whole.to_owned();
    }
    let mut out = if whole.len() > digits.len() { "−".to_owned() } else { String::new() };
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(sign);
        }
        out.push(digit);
    }
    out
}

pub(crate) fn price(value: f64, t: &Texts) -> String {
    decimal(value, price_places(value), t)
}

pub(crate) fn percent(value: f64, places: usize, t: &Texts) -> String {
    format!("{} %", decimal(value, places, t))
}

/// A change in percent with its sign.
pub(crate) fn change(value: f64, t: &Texts) -> String {
    let sign = if value >= 0.005 { "+" } else { "" };
    // No "-0,00".
    let value = if value.abs() < 0.005 { 0.0 } else { value };
    format!("{sign}{}", percent(value, 2, t))
}

/// USDT in millions.
pub(crate) fn millions(value: f64, t: &Texts) -> String {
    format!("{} M", decimal(value / 1e6, 2, t))
}

/// A span of ms in its two largest units: `3 d 4 h`, `2 min 5 s`, `7 s`.
pub fn span(ms: i64) -> String {
    let s = ms.max(0) / 1000;
    match s {
        s if s < 60 => format!("{s} s"),
        s if s < 3600 => format!("{} min {} s", s / 60, s % 60),
        s if s < 86_400 => format!("{} h {} min", s / 3600, s / 60 % 60),
        s => format!("{} d {} h", s / 86_400, s / 3600 % 24),
    }
}

/// Date and time of day, UTC: 31/12/2026 23:59:59 or 2026-12-31 23:59:59.
pub(crate) fn date(moment: i64, t: &Texts) -> String {
    let layout = match t.language {
        Language::Es => "%d/%m/%Y %H:%M:%S",
        Language::En => "%Y-%m-%d %H:%M:%S",
    };
    Timestamp::from_millisecond(moment).map_or_else(|_| DASH.to_owned(), |m| m.strftime(layout).to_string())
}

/// A day, UTC.
pub(crate) fn day(moment: i64, t: &Texts) -> String {
    date(moment, t).split(' ').next().unwrap_or(DASH).to_owned()
}

/// For the `datetime` attribute.
pub(crate) fn iso(moment: i64) -> String {
    Timestamp::from_millisecond(moment).map_or_else(|_| String::new(), |m| m.to_string())
}

/// Address of a pair's page.
pub(crate) fn symbol_url(symbol: &str) -> String {
    format!("/s/{}", percent_encoded(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_language() {
        let (es, en) = (Language::Es.texts(), Language::En.texts());
        assert_eq!((decimal(1234.5, 2, es), decimal(1234.5, 2, en)), ("1234,50".into(), "1234.50".into()));
        assert_eq!(
            (decimal(-64_250.5, 1, es), price(1_064_250.5, en)),
            ("−64.250,5".into(), "1,064,250.50".into())
        );
        assert_eq!((change(1.25, en), change(-0.001, es)), ("+1.25 %".into(), "0,00 %".into()));
        assert_eq!(price(0.000_012_345_6, es), "0,0000123456");
        assert_eq!((exact(55.0, es), exact(2.25, es)), ("55".into(), "2,25".into()));
        let side = |value: f64| places(value, 1, |rounded| (rounded > 70.0) == (value > 70.0));
        assert_eq!([69.0, 70.0, 70.02, 70.000_04].map(side), [1, 1, 2, 5]);
    }

    #[test]
    fn moments_spans_and_addresses() {
        let (es, en) = (Language::Es.texts(), Language::En.texts());
        assert_eq!(date(1_750_000_000_000, es), "15/06/2025 15:06:40");
        assert_eq!((date(0, en), iso(0)), ("1970-01-01 00:00:00".into(), "1970-01-01T00:00:00Z".into()));
        assert_eq!((span(125_000), span(90_000_000)), ("2 min 5 s".into(), "1 d 1 h".into()));
        assert_eq!(symbol_url("币AUSDT"), "/s/%E5%B8%81AUSDT");
    }
}
