//! A scripted pump: consolidation in its history, then a rise with volume soon after the start moment.

use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::simulator::market::bar::Bar;
use crate::simulator::market::path::{round8, snap};

/// The swing before the rise turns each quarter of an hour: one bar up, one down, so the range is tight and the RSI even.
const QUARTER_MS: i64 = 900_000;
/// Period of the slow wave: over four days its slope is too small for the velocity of an hour.
const WAVE_MS: f64 = 4.0 * 86_400_000.0;

/// Shape of one scripted pair. Price and traded amount are closed functions of the time, so that the
/// script fits whatever moment the market starts at, also the middle of a bar.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    /// Start moment of the market.
    pub start: MarketTime,
    /// The rise begins here.
    pub(crate) rise_at: MarketTime,
    /// How long the first, steep rise takes, ms of market time.
    pub(crate) rise_ms: i64,
    /// How long the price then keeps climbing slowly before it fades, ms.
    pub(crate) hold_ms: i64,
    /// Price around which the pair moves.
    pub price: f64,
    pub tick: f64,
    /// Swing of the quarter-hours before the rise, to either side, as a logarithm.
    pub(crate) swing: f64,
    /// Height of the rise, as a logarithm.
    pub jump: f64,
    /// Volume of the rise in quarter-hours of normal volume.
    pub(crate) quarters: f64,
    /// Normal quote volume a minute.
    pub(crate) minute_quote: f64,
    /// Fall over the day before the start moment, as a logarithm; the price stands that much higher before.
    pub(crate) fall: f64,
}

impl Script {
    /// Logarithm of the price over the centre, at a moment.
    fn log_price(&self, at: MarketTime) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "spans of days in ms")]
        let since = (at - self.start) as f64;
        // Falls through the start moment: RSI is then low enough to leave room for the rise.
        let wave = -0.04 * (since / WAVE_MS * std::f64::consts::TAU).sin() + self.fallen(at);
        if at <= self.rise_at {
            return wave + self.swing_at(at);
        }
        let base = -0.04 * (self.share(self.start, self.rise_at, WAVE_MS) * std::f64::consts::TAU).sin();
        // The edge of the swing is held fixed while the rise lasts: nothing may pull the price back below.
        let held = base + self.swing_at(self.rise_at);
        let rise = self.jump - self.swing_at(self.rise_at);
        let steep = self.share(self.rise_at, at, self.rise_ms as f64).min(1.0) * rise;
        let hold_end = self.rise_at + self.rise_ms + self.hold_ms;
        let climb =
            0.006 * self.share(self.rise_at + self.rise_ms, at.min(hold_end), self.hold_ms as f64).max(0.0);
        let fade = 1.0 - 0.7 * self.share(hold_end, at, 3_600_000.0).clamp(0.0, 1.0);
        held + (steep + climb) * fade
    }

    /// What is left of the fall at a moment: all of it a day before the start, nothing from the start on.
    fn fallen(&self, at: MarketTime) -> f64 {
        self.fall * (-self.share(self.start, at, 86_400_000.0)).clamp(0.0, 1.0)
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::unused_self,
        reason = "spans of days in ms; reads as a method"
    )]
    fn share(&self, from: MarketTime, to: MarketTime, whole: f64) -> f64 {
        (to - from) as f64 / whole
    }

    /// Zigzag from quarter-hour to quarter-hour.
    fn swing_at(&self, at: MarketTime) -> f64 {
        let quarter = at.index(QUARTER_MS);
        #[expect(clippy::cast_precision_loss, reason = "below 900,000")]
        let inside = at.past(QUARTER_MS) as f64 / 900_000.0;
        let from = if quarter % 2 == 0 { 1.0 } else { -1.0 };
        self.swing * from * (1.0 - 2.0 * inside)
    }

    /// Quote volume traded since the start moment (negative before), a rising function of time.
    #[expect(clippy::cast_precision_loss, reason = "spans of days in ms")]
    fn traded(&self, at: MarketTime) -> f64 {
        let usual = (at - self.start) as f64 / 60_000.0 * self.minute_quote;
        let burst = ((at - self.rise_at) as f64 / self.rise_ms as f64).clamp(0.0, 1.0);
        usual + burst * self.quarters * 15.0 * self.minute_quote
    }

    fn price_at(&self, at: MarketTime) -> f64 {
        snap(self.price * self.log_price(at).exp(), self.tick)
    }

    /// The candle that opens at `open`, as far as it has come at `until` (its end for the final one).
    pub fn bar(&self, open: MarketTime, until: MarketTime) -> Bar {
        let first = self.price_at(open);
        let last = self.price_at(until);
        let mut bar = Bar { open: first, high: first.max(last), low: first.min(last), ..Bar::flat(last) };
        // The turns of the zigzag and of the rise are the only extremes inside a candle.
        let ends = [self.rise_at, self.rise_at + self.rise_ms, self.rise_at + self.rise_ms + self.hold_ms];
        for turn in ends.into_iter().filter(|t| *t > open && *t < until) {
            let price = self.price_at(turn);
            bar.high = bar.high.max(price);
            bar.low = bar.low.min(price);
        }
        let quote = self.traded(until) - self.traded(open);
        bar.volume = round8((quote / self.price * 1e3).round() / 1e3);
        bar.quote_volume = round8(bar.volume * (bar.high + bar.low + bar.close) / 3.0);
        bar
    }

    /// Final candle of one base interval.
    pub(crate) fn last(&self, base: Interval, open: MarketTime) -> Bar {
        self.bar(open, open + base.ms())
    }
}

/// The scripted pairs of a demo: one that reaches FUERTE under the rule, one for ALTA, one for MEDIA; and one that lost half
/// of its price in wild swings within a day and then bounces: FUERTE to the learned model, which knows such storms. Its
/// volume of 24 h is just below the least that is listed; the bounce lifts it above, and that is its rise into the ranking.
///
/// Delays are 40, 55, 70 and 60 s of machine time after the start; the market passes `speed` times as fast. The storm breaks when also a
/// slow machine has published its first ranking: a pair that stood there at first sight has not risen.
pub fn demo(start: MarketTime, speed: f64) -> [(&'static str, Script); 4] {
    let pace = speed.max(1.0);
    #[expect(clippy::cast_possible_truncation, reason = "seconds to ms")]
    let ms = |seconds: f64, most: f64| (seconds * pace).min(most) as i64 * 1_000;
    let make = |delay: f64, price: f64, swing: f64, jump: f64, quarters: f64, minute_quote: f64| Script {
        start,
        rise_at: start + ms(delay, f64::MAX),
        rise_ms: ms(25.0, 600.0),
        hold_ms: ms(180.0, 1_200.0),
        price,
        tick: 0.0001,
        swing,
        jump,
        quarters,
        minute_quote,
        fall: 0.0,
    };
    [
        ("PUMPUSDT", make(40.0, 1.25, 0.003_75, 0.05, 7.5, 4_000.0)),
        ("RISEUSDT", make(55.0, 3.4, 0.002_5, 0.024, 1.8, 3_000.0)),
        ("LIFTUSDT", make(70.0, 0.82, 0.002_5, 0.024, 0.3, 2_500.0)),
        ("STORMUSDT", Script { fall: 0.7, ..make(60.0, 0.55, 0.015, 0.215, 7.5, 455.0) }),
    ]
}
