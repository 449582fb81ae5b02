//! Numbers as people read them that do not depend on the language. `web/format.js` has the same rule for prices.

/// Places of a price that say something: about five digits, for prices go from 100,000 down to 0.0000001.
pub(crate) fn price_places(price: f64) -> usize {
    match price {
        p if p >= 100.0 || p == 0.0 => 2,
        p if p >= 1.0 => 4,
        p if p >= 0.001 => 6,
        _ => 10,
    }
}

/// Decimals that a number has which somebody has set.
pub(crate) fn decimals(value: f64) -> usize {
    value.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// A price in a message: with a point, without zeros at its end.
pub(crate) fn price(price: f64) -> String {
    let digits = format!("{price:.*}", price_places(price));
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number of the quote asset in millions or thousands: `3.5 M`.
pub(crate) fn short_volume(volume: f64) -> String {
    match volume {
        v if v >= 1e9 => format!("{:.2} B", v / 1e9),
        v if v >= 1e6 => format!("{:.1} M", v / 1e6),
        v if v >= 1e3 => format!("{:.0} k", v / 1e3),
        v => format!("{v:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_that_matter() {
        let prices = [64_250.5, 0.000_012, 1.0, 0.001_234].map(price);
        assert_eq!(prices, ["64250.5", "0.000012", "1", "0.001234"]);
        assert_eq!((short_volume(1.5e9), short_volume(2_500.0)), ("1.50 B".into(), "2 k".into()));
    }
}
