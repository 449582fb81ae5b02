//! What a simulator is started with, and what can be wrong with it.

use crate::domain::moment::MarketTime;
use crate::domain::time::Interval;
use crate::i18n::{Language, Text, Texts, io_in_words};
use crate::simulator::faults::FaultSpec;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the candles come from.
#[derive(Debug, Clone, PartialEq)]
pub enum MarketSource {
    /// Made up by a seed; ineligible pairs come on top of `symbols`.
    Synthetic {
        /// Eligible USDT pairs.
        symbols: usize,
        /// Seed of everything about the market.
        seed: u64,
    },
    /// Read from folders of SYMBOL.csv.zst and data.binance.vision zips.
    Recorded { folders_or_zips: Vec<PathBuf> },
}

/// Machine-time rules of the streams.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timings {
    /// Between two pings of the server.
    pub ping_every: Duration,
    /// A connection without a pong for this long is cut.
    pub pong_timeout: Duration,
    /// Age at which a connection is cut.
    pub max_age: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            // As the exchange's documents of the streams say: a ping every 20 s, a minute for the pong, 24 h for a
            // connection.
            ping_every: Duration::from_secs(20),
            pong_timeout: Duration::from_secs(60),
            max_age: Duration::from_secs(86_400),
        }
    }
}

/// Settings of one simulator.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    pub market: MarketSource,
    /// Interval of the final candles: 1m, or 5m for folders of 5m candles (1m is then error -1120).
    pub base: Interval,
    /// Market time at the start; `None` for recorded data: the first moment with 26 h 15 min before it.
    pub start: Option<MarketTime>,
    /// A made-up market moves after the start as the same seed does after this moment, whenever it starts.
    pub moves_as_from: Option<MarketTime>,
    /// Market seconds for each machine second.
    pub speed: f64,
    /// Seed of the ways inside the candles.
    pub seed: u64,
    /// Address of REST and streams; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Pairs that join and pairs that leave while it runs, this many of either.
    pub listings: usize,
    /// Faults planned from the start.
    pub faults: Vec<FaultSpec>,
    /// Three scripted pumps that reach FUERTE, ALTA and MEDIA soon after the start (synthetic markets).
    pub script: bool,
    /// REST weight a minute at speed 1; times the speed above 1.
    pub weight_limit: u32,
    /// Machine-time rules of the streams.
    pub timings: Timings,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            market: MarketSource::Synthetic { symbols: 500, seed: 1 },
            base: Interval::M1,
            start: None,
            moves_as_from: None,
            speed: 1.0,
            seed: 1,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            listings: 0,
            faults: Vec::new(),
            script: false,
            weight_limit: 6_000,
            timings: Timings::default(),
        }
    }
}

/// Why a simulator cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.in_words(Language::En.texts()))]
pub enum SimulatorError {
    /// A path is not there.
    NotFound(PathBuf),
    NoData(Vec<PathBuf>),
    /// A file cannot be read or parsed.
    Unreadable {
        path: PathBuf,
        reason: String,
    },
    /// Candles of another interval than asked for.
    WrongInterval {
        symbol: String,
        minutes: i64,
        asked: Interval,
    },
    /// More time between first and last candle than fits into memory.
    TooLong {
        symbol: String,
        days: i64,
    },
    /// The start moment is not inside the data.
    StartOutside {
        /// Asked for, RFC 3339.
        start: String,
        /// First moment, RFC 3339.
        from: String,
        /// Last moment, RFC 3339.
        to: String,
        /// First moment, ms.
        from_ms: i64,
        /// Last moment, ms.
        to_ms: i64,
    },
    /// A setting makes no sense.
    Invalid(Text),
    /// The address cannot be taken.
    Bind {
        addr: SocketAddr,
        source: std::io::Error,
    },
}

impl SimulatorError {
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        let place = |path: &Path| path.display().to_string();
        match self {
            Self::NotFound(path) => t.market_missing(place(path)),
            Self::NoData(paths) => {
                t.market_empty(paths.iter().map(|path| place(path)).collect::<Vec<_>>().join(", "))
            }
            Self::Unreadable { path, reason } => t.market_unreadable(place(path), reason),
            Self::WrongInterval { symbol, minutes, asked } => {
                t.market_interval(symbol, *minutes, asked.to_string())
            }
            Self::TooLong { symbol, days } => t.market_too_long(symbol, *days),
            Self::StartOutside { start, from, to, from_ms, to_ms } => {
                t.market_start_outside(start, from, to, *from_ms, *to_ms)
            }
            Self::Invalid(why) => why.in_words(t),
            Self::Bind { addr, source } => t.cannot_listen_exchange(addr.to_string(), io_in_words(source, t)),
        }
    }
}
