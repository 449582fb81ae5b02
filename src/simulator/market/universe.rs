//! The pairs of a made-up exchange: eligible ones, the odd ones beside them, and scripted listings.

use crate::domain::moment::MarketTime;
use crate::domain::time::{DAY_MS, Interval};
use crate::simulator::market::Market;
use crate::simulator::market::noise::{gauss, mix, of_text, unit};
use crate::simulator::market::pair::{Pair, Series};
use crate::simulator::market::script;
use crate::simulator::market::synthetic::{Synthetic, Traits};

/// History before the start moment, days: the 400 hours that the learned model asks for.
pub(crate) const HISTORY_DAYS: i64 = 17;
/// Market time between two scripted listings or delistings, ms: a visitor of the demo sees one within the first minute.
const LISTING_EVERY_MS: i64 = 30_000;

/// Real names with about their price of 2024, so that the first page looks like a market.
const KNOWN: [(&str, f64); 16] = [
    ("BTC", 65_000.0),
    ("ETH", 3_200.0),
    ("币安人生", 0.21),
    ("BNB", 590.0),
    ("SOL", 150.0),
    ("XRP", 0.61),
    ("DOGE", 0.14),
    ("ADA", 0.45),
    ("AVAX", 31.0),
    ("LINK", 15.0),
    ("PEPE", 0.000_012),
    ("SHIB", 0.000_02),
    ("LTC", 82.0),
    ("TRX", 0.13),
    ("DOT", 6.4),
    ("UNI", 9.1),
];

/// What a made-up market is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    /// Seed of names, traits and moves.
    pub seed: u64,
    /// Minutes by which the moves come later than the seed alone says.
    pub(crate) lag_min: i64,
}

/// A made-up market.
///
/// `symbols` eligible pairs in all (the scripted ones among them), ineligible ones on top; `listings` pairs join
/// and as many leave, one of either every 30 s of market time from 30 s after the start.
pub(crate) fn synthetic(
    symbols: usize,
    draw: Draw,
    base: Interval,
    start: MarketTime,
    speed: f64,
    demo: bool,
    listings: usize,
) -> Market {
    let born = Interval::H1.floor(start) - HISTORY_DAYS * DAY_MS;
    let mut pairs = Vec::with_capacity(symbols + 16 + listings);
    let scripted = if demo { script::demo(start, speed).to_vec() } else { Vec::new() };
    let room = scripted.len().min(symbols.saturating_sub(1));
    for index in 0..symbols.saturating_sub(room) {
        pairs.push(made_up(&asset(index), "USDT", draw, born));
    }
    for (name, shape) in scripted.into_iter().take(room) {
        let mut pair = Pair::new(name.trim_end_matches("USDT"), "USDT", Series::Scripted(shape), born);
        pair.tick = shape.tick;
        pairs.push(pair);
    }
    let eligible = pairs.len();
    pairs.extend(odd_ones(draw, born));
    for index in 0..listings {
        let moment = start + LISTING_EVERY_MS * (2 * index.cast_signed() as i64 + 1);
        pairs.push(made_up(&format!("NEW{}", index + 1), "USDT", draw, moment));
        // BTC stays: it is the market's reference.
        if let Some(pair) = pairs.get(1 + index).filter(|_| 1 + index < eligible) {
            pair.delist(moment + LISTING_EVERY_MS);
        }
    }
    let mut market = Market::new(base, start, true, draw.seed, pairs);
    market.lag_min = draw.lag_min;
    market
}

/// Scripted listings of recorded pairs: `count` join late (their history then begins there), `count` leave.
pub(crate) fn script_listings(pairs: &[Pair], start: MarketTime, count: usize) {
    let mut chosen = pairs.iter().filter(|p| p.symbol.as_str() != "BTCUSDT" && p.trades_at(start));
    for index in 0..count {
        let moment = start + LISTING_EVERY_MS * (2 * index.cast_signed() as i64 + 1);
        if let Some(late) = chosen.next() {
            let mut lives = late.lives.write();
            if let Some(life) = lives.first_mut() {
                life.0 = moment;
            }
        }
        if let Some(leaving) = chosen.next() {
            let mut lives = leaving.lives.write();
            if let Some(life) = lives.first_mut() {
                life.1 = Some(moment + LISTING_EVERY_MS);
            }
        }
    }
}

/// Name of the made-up asset `index`.
fn asset(index: usize) -> String {
    if let Some((name, _)) = KNOWN.get(index) {
        return (*name).to_owned();
    }
    const HEAD: [&str; 20] = [
        "AR", "BE", "CO", "DA", "EL", "FI", "GA", "HY", "IO", "JU", "KA", "LU", "MO", "NE", "OR", "PA", "QU",
        "RE", "SU", "TA",
    ];
    const TAIL: [&str; 16] =
        ["X", "NO", "RA", "TI", "VE", "ZO", "LA", "MI", "SK", "DE", "GO", "PH", "BI", "WA", "CY", "FU"];
    let n = index - KNOWN.len();
    let more = n / 320;
    let end = if more == 0 { String::new() } else { more.to_string() };
    format!("{}{}{end}", HEAD[n % 20], TAIL[n / 20 % 16])
}

/// A pair whose traits follow from what the market is drawn from and its name.
pub(crate) fn made_up(base_asset: &str, quote: &'static str, draw: Draw, listed: MarketTime) -> Pair {
    let seed = draw.seed;
    let own = mix(seed, of_text(&format!("{base_asset}/{quote}")));
    let known = KNOWN.iter().find(|(name, _)| *name == base_asset).map(|(_, price)| *price);
    let price = known.unwrap_or_else(|| match unit(mix(own, 1)) {
        u if u < 0.04 => 10_f64.powf(-5.0 + 3.0 * unit(mix(own, 2))),
        u if u > 0.98 => 10_f64.powf(3.0 + 2.0 * unit(mix(own, 2))),
        _ => 10_f64.powf(-1.8 + 3.6 * unit(mix(own, 2))),
    });
    #[expect(clippy::cast_possible_truncation, reason = "a handful of decimals")]
    let decimals = (4 - price.log10().floor() as i32).clamp(1, 8);
    let tick = 10_f64.powi(-decimals);
    let lot = 10_f64.powi(if price > 1_000.0 {
        -5
    } else if price > 1.0 {
        -3
    } else {
        0
    });
    let major = base_asset == "BTC";
    let traits = Traits {
        seed: own,
        market_seed: mix(seed, 0xB7C),
        lag_min: draw.lag_min,
        beta: if major { 1.0 } else { 0.5 + unit(mix(own, 3)) },
        scale: if major { 0.003 } else { 0.03 * (0.35 * gauss(mix(own, 4))).exp() },
        price,
        tick,
        lot,
        minute_quote: if known.is_some() { 60_000.0 } else { 10_f64.powf(2.7 + 1.9 * unit(mix(own, 5))) },
        activity: if known.is_none() && unit(mix(own, 6)) < 0.08 { 0.3 } else { 0.995 },
    };
    let mut pair = Pair::new(base_asset, quote, Series::Synthetic(Synthetic::new(traits)), listed);
    (pair.tick, pair.lot) = (tick, lot);
    pair.min_notional = if unit(mix(own, 7)) < 0.2 { 1.0 } else { 5.0 };
    pair
}

/// Pairs that a scanner of USDT pairs must leave out, each for another reason.
fn odd_ones(draw: Draw, born: MarketTime) -> Vec<Pair> {
    let mut out = Vec::new();
    for (base, quote) in
        [("ETH", "BTC"), ("SOL", "BTC"), ("BTC", "EUR"), ("ETH", "EUR"), ("BTC", "FDUSD"), ("SOL", "BNB")]
    {
        out.push(made_up(base, quote, draw, born));
    }
    for (base, status) in
        [("OLDA", "BREAK"), ("OLDB", "CANCEL_ONLY"), ("OLDC", "END_OF_DAY"), ("OLDD", "PRE_MARKET_AUCTION_9")]
    {
        let mut pair = made_up(base, "USDT", draw, born);
        pair.status = status;
        out.push(pair);
    }
    let mut dear = made_up("DEAR", "USDT", draw, born);
    dear.min_notional = 50.0;
    out.push(dear);
    let mut locked = made_up("LOCKED", "USDT", draw, born);
    locked.spot = false;
    out.push(locked);
    out
}
