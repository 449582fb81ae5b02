//! The indicators that score, bar by bar, for a chart. The same arithmetic as the scores, from the first bar on.

use super::extrema::highest;
use super::macd::{Macd, MacdValue};
use super::rsi::Rsi;
use crate::domain::bars::{BREAKOUT_BARS, MACD_BARS, RSI_BARS};
use crate::domain::candle::Candle;

/// Values at the close of one bar; `None` before there are enough of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// RSI over the short and the long length, 0-100.
    pub rsi: [Option<f64>; 2],
    pub macd: Option<MacdValue>,
    /// Highest high of the 20 bars before: what the price has to break.
    pub breakout_high: Option<f64>,
}

/// The values of each bar; `bars` oldest first.
pub fn lines(bars: &[Candle]) -> Vec<Point> {
    let mut rsi = RSI_BARS.map(Rsi::new);
    let mut macd = Macd::new(MACD_BARS[0], MACD_BARS[1], MACD_BARS[2]);
    let before = BREAKOUT_BARS as usize;
    let point = |(at, bar): (usize, &Candle)| {
        rsi.iter_mut().for_each(|rsi| rsi.push(bar.close));
        macd.push(bar.close);
        Point {
            rsi: [rsi[0].value(), rsi[1].value()],
            macd: macd.value(),
            breakout_high: highest(bars[at.saturating_sub(before)..at].iter().map(|b| b.high)),
        }
    };
    bars.iter().enumerate().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::MarketTime;

    #[test]
    fn lines_are_what_the_scores_rest_on() {
        let bar = |i: i64| {
            let close = 100.0 + (i * 37 % 11) as f64;
            Candle { high: close + 1.0, ..Candle::flat(MarketTime::from_ms(i * 900_000), close) }
        };
        let bars: Vec<Candle> = (0..60).map(bar).collect();
        let points = lines(&bars);
        assert_eq!(
            (points[0].breakout_high, points[13].rsi[0], points[14].rsi[0].is_some()),
            (None, None, true)
        );
        let mut rsi = Rsi::new(RSI_BARS[0]);
        bars.iter().for_each(|b| rsi.push(b.close));
        assert_eq!(points[59].rsi[0], rsi.value());
        assert_eq!(points[59].breakout_high, highest(bars[39..59].iter().map(|b| b.high)));
        assert!(points[23].macd.is_none() && points[24].macd.is_some(), "slow + signal - 1 bars");
    }
}
