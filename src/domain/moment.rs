//! Moments by the machine's two clocks, each a type of its own beside market time
//! ([`UtcMs`](crate::domain::time::UtcMs)): what is compared or subtracted across clocks does not compile. A machine's
//! clock may be hours wrong and may jump, the exchange's may stand still, and a steady one says nothing of the date.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, Sub};

/// A moment of the clock `C`, in ms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment<C> {
    ms: i64,
    #[serde(skip)]
    clock: PhantomData<C>,
}

/// The clock on the machine's wall.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wall;

/// The machine's steady clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Steady;

/// When, by the machine's wall clock: ms UTC. What people agreed on (tokens, mutes, deliveries) and what is said of the
/// machine itself is dated by it.
pub type MachineTime = Moment<Wall>;

/// When, by a clock that never goes back: ms since some moment. Waits, silences and ages are measured by it.
pub type MonoTime = Moment<Steady>;

impl<C> Moment<C> {
    pub const fn from_ms(ms: i64) -> Self {
        Self { ms, clock: PhantomData }
    }

    /// The bare number: to store or show it, or to cross over to another clock knowingly.
    pub const fn ms(&self) -> i64 {
        self.ms
    }

    /// The beginning of the span of `span_ms` (over 0) that holds the moment, counted from 0.
    pub(crate) fn floor(self, span_ms: i64) -> Self {
        Self::from_ms(self.ms - self.ms.rem_euclid(span_ms))
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

impl<C> Sub<i64> for Moment<C> {
    type Output = Self;

    fn sub(self, span_ms: i64) -> Self {
        Self::from_ms(self.ms.saturating_sub(span_ms))
    }
}
