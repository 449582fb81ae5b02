//! Moments by three clocks, each a type of its own: what is compared, subtracted or given on across clocks does not
//! compile. The machine's clock may be hours wrong and may jump, the exchange's may stand still, and a steady one says
//! nothing of the date.
//!
//! ```compile_fail,E0308
//! # use impulso::domain::moment::{MachineTime, MarketTime};
//! let _ = MarketTime::from_ms(2) - MachineTime::from_ms(1);
//! ```
//! ```compile_fail,E0308
//! # use impulso::domain::moment::{MarketTime, MonoTime};
//! let _ = MarketTime::from_ms(2) > MonoTime::from_ms(1);
//! ```

use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, AddAssign, Sub};

/// A moment of the clock `C`, in ms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment<C> {
    ms: i64,
    #[serde(skip)]
    clock: PhantomData<C>,
}

/// The exchange's clock, as its events and answers tell it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Market;

/// The clock on the machine's wall.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wall;

/// The machine's steady clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Steady;

/// When, by the exchange's clock: ms UTC. Candles, cuts, rankings, predictions and all that is counted in them.
pub type MarketTime = Moment<Market>;

/// When, by the machine's wall clock: ms UTC. What people agreed on (tokens, mutes, deliveries) and what is said of the
/// machine itself is dated by it.
pub type MachineTime = Moment<Wall>;

/// When, by a clock that never goes back: ms since some moment. Waits, silences and ages are measured by it.
pub type MonoTime = Moment<Steady>;

impl<C> Moment<C> {
    pub const EPOCH: Self = Self::from_ms(0);
    pub const MIN: Self = Self::from_ms(i64::MIN);

    pub const MAX: Self = Self::from_ms(i64::MAX);

    pub const fn from_ms(ms: i64) -> Self {
        Self { ms, clock: PhantomData }
    }

    /// The bare number: to store or show it, or to cross over to another clock knowingly.
    pub const fn ms(&self) -> i64 {
        self.ms
    }

    /// Which span of `span_ms` (over 0) holds the moment, counted from 0: its minute, hour or day.
    pub const fn index(self, span_ms: i64) -> i64 {
        self.ms.div_euclid(span_ms)
    }

    /// The beginning of the span of that index.
    pub const fn from_index(index: i64, span_ms: i64) -> Self {
        Self::from_ms(index * span_ms)
    }

    /// How far the moment is into its span of `span_ms`.
    pub const fn past(self, span_ms: i64) -> i64 {
        self.ms.rem_euclid(span_ms)
    }

    /// Whether a span of `span_ms` begins at the moment.
    pub const fn starts(self, span_ms: i64) -> bool {
        self.past(span_ms) == 0
    }

    /// The beginning of the span of `span_ms` (over 0) that holds the moment, counted from 0.
    pub const fn floor(self, span_ms: i64) -> Self {
        Self::from_ms(self.ms - self.past(span_ms))
    }

    /// The moment itself where it begins a span of `span_ms`, else the beginning of the next.
    pub const fn ceil(self, span_ms: i64) -> Self {
        Self::from_ms(self.ms.saturating_add(self.ms.wrapping_neg().rem_euclid(span_ms)))
    }

    /// From the moment on, every `step_ms` (over 0), before `end`.
    pub fn steps(self, step_ms: i64, end: Self) -> impl Iterator<Item = Self>
    where
        C: Copy,
    {
        let all = std::iter::successors(Some(self.ms), move |ms| ms.checked_add(step_ms));
        all.take_while(move |ms| *ms < end.ms).map(Self::from_ms)
    }
}

impl MachineTime {
    /// The machine's word for market time, where the exchange's is not heard or not wanted: it may be wrong by years.
    pub const fn as_market(self) -> MarketTime {
        MarketTime::from_ms(self.ms)
    }
}

impl<C> fmt::Display for Moment<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ms.fmt(f)
    }
}

impl<C> Sub for Moment<C> {
    type Output = i64;

    /// The span between two moments, ms.
    fn sub(self, earlier: Self) -> i64 {
        self.ms.saturating_sub(earlier.ms)
    }
}

impl<C> Add<i64> for Moment<C> {
    type Output = Self;

    fn add(self, span_ms: i64) -> Self {
        Self::from_ms(self.ms.saturating_add(span_ms))
    }
}

impl<C> AddAssign<i64> for Moment<C> {
    fn add_assign(&mut self, span_ms: i64) {
        self.ms = self.ms.saturating_add(span_ms);
    }
}

impl<C> Sub<i64> for Moment<C> {
    type Output = Self;

    fn sub(self, span_ms: i64) -> Self {
        Self::from_ms(self.ms.saturating_sub(span_ms))
    }
}
