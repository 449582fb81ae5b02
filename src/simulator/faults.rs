//! Faults: their names, the grammar of `--fault`, and which of them hit a frame or a request.
//!
//! Grammar: `fault:target:seconds[@after_seconds]`, for example `stall:BTCUSDT:30@60`. The target is `all`,
//! a symbol or a connection id (`c1`). `clock_offset` may carry its size: `clock_offset=2500:all:60` (ms).

use crate::i18n::{Text, text};
use serde::Serialize;
use std::str::FromStr;

/// Faults planned or running at once; more are refused: each is looked at on every frame.
pub(crate) const MAX_FAULTS: usize = 256;
/// Clock offset when none is given, ms: beyond the 1 s that a client may ignore, well below the 300 s that it must doubt.
const DEFAULT_OFFSET_MS: i64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Connections end without a goodbye, new ones are refused while it lasts.
    Cut,
    /// Connections stay open and silent, without pongs.
    Stall,
    /// Every second frame is lost.
    Drop,
    /// Every frame comes twice.
    Duplicate,
    /// Neighbouring frames change places.
    Reorder,
    /// Frames break off in the middle.
    Malformed,
    /// Each frame is 100 ms late, each answer 2 s.
    Slow,
    /// REST answers 503.
    #[serde(rename = "5xx")]
    ServerError,
    /// REST answers 429.
    #[serde(rename = "429")]
    TooMany,
    /// REST answers 418.
    #[serde(rename = "418")]
    Banned,
    /// The exchange's clock is wrong, in answers and events.
    ClockOffset,
    /// The serverShutdown event; connections are cut when the fault ends.
    ServerShutdown,
}

/// Names of all faults, in the order of `FaultKind`.
pub(crate) const NAMES: [(&str, FaultKind); 12] = [
    ("cut", FaultKind::Cut),
    ("stall", FaultKind::Stall),
    ("drop", FaultKind::Drop),
    ("duplicate", FaultKind::Duplicate),
    ("reorder", FaultKind::Reorder),
    ("malformed", FaultKind::Malformed),
    ("slow", FaultKind::Slow),
    ("5xx", FaultKind::ServerError),
    ("429", FaultKind::TooMany),
    ("418", FaultKind::Banned),
    ("clock_offset", FaultKind::ClockOffset),
    ("server_shutdown", FaultKind::ServerShutdown),
];

/// A fault as it was ordered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaultSpec {
    pub fault: FaultKind,
    /// `all`, a symbol, or a connection id.
    pub target: String,
    /// How long, machine seconds.
    pub seconds: f64,
    /// Begins so long after the order (or the start), machine seconds.
    pub(crate) after_seconds: f64,
    /// Size of a clock offset, ms.
    pub(crate) offset_ms: i64,
}

/// The order of a fault cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.in_english())]
pub struct BadFault(pub(crate) Text);

impl FaultSpec {
    /// A checked order.
    ///
    /// # Errors
    /// Unknown names and senseless times, with what is allowed.
    pub(crate) fn new(name: &str, target: &str, seconds: f64, after_seconds: f64) -> Result<Self, BadFault> {
        let (name, size) = name.split_once('=').map_or((name, None), |(n, s)| (n, Some(s)));
        let Some((_, fault)) = NAMES.iter().find(|(n, _)| *n == name) else {
            let known: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
            return Err(BadFault(text!(fault_unknown, fault = name.to_owned(), allowed = known.join(", "))));
        };
        let offset_ms =
            size.map_or(Ok(DEFAULT_OFFSET_MS), str::parse).map_err(|_| BadFault(text!(fault_size)))?;
        if !(0.0..=86_400.0).contains(&seconds) || !(0.0..=86_400.0).contains(&after_seconds) {
            return Err(BadFault(text!(fault_seconds)));
        }
        if target.is_empty() {
            return Err(BadFault(text!(fault_target)));
        }
        Ok(Self { fault: *fault, target: target.to_owned(), seconds, after_seconds, offset_ms })
    }
}

impl FromStr for FaultSpec {
    type Err = BadFault;

    fn from_str(text: &str) -> Result<Self, BadFault> {
        let shape = || BadFault(text!(fault_form, fault = text.to_owned()));
        let mut parts = text.split(':');
        let (Some(name), Some(target), Some(times), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(shape());
        };
        let (seconds, after) = times.split_once('@').unwrap_or((times, "0"));
        let number = |s: &str| s.parse::<f64>().map_err(|_| shape());
        Self::new(name, target, number(seconds)?, number(after)?)
    }
}

/// A fault with its times, machine ms since the start.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Fault {
    pub id: u64,
    #[serde(flatten)]
    pub spec: FaultSpec,
    pub(crate) from_ms: u64,
    pub(crate) until_ms: u64,
    /// Its one-time effect (cut, announcement) was done.
    #[serde(skip)]
    pub begun: bool,
}

/// All faults ordered and not over.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    list: Vec<Fault>,
    next: u64,
}

impl Faults {
    /// Takes an order in at `now`; the number of the fault, `None` when 256 are there already.
    pub(crate) fn add(&mut self, spec: FaultSpec, now: u64) -> Option<u64> {
        if self.list.len() >= MAX_FAULTS {
            return None;
        }
        self.next += 1;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to 0..=86400 s")]
        let ms = |s: f64| (s * 1_000.0) as u64;
        let from_ms = now + ms(spec.after_seconds);
        let until_ms = from_ms + ms(spec.seconds);
        self.list.push(Fault { id: self.next, spec, from_ms, until_ms, begun: false });
        Some(self.next)
    }

    /// Faults that begin and faults that are over at `now`; the latter are forgotten.
    pub(crate) fn turn(&mut self, now: u64) -> (Vec<Fault>, Vec<Fault>) {
        let begun = self
            .list
            .iter_mut()
            .filter(|f| f.from_ms <= now && !f.begun)
            .map(|f| {
                f.begun = true;
                f.clone()
            })
            .collect();
        let over = self.list.iter().filter(|f| f.begun && f.until_ms <= now).cloned().collect();
        self.list.retain(|f| !f.begun || f.until_ms > now);
        (begun, over)
    }

    /// Faults running or planned at `now`.
    pub(crate) fn list(&self) -> Vec<Fault> {
        self.list.clone()
    }

    /// The first running fault of this kind that hits any of the `names`.
    pub(crate) fn hit(&self, kind: FaultKind, names: &[&str], now: u64) -> Option<&Fault> {
        self.list.iter().find(|f| {
            f.spec.fault == kind
                && f.from_ms <= now
                && now < f.until_ms
                && (f.spec.target == "all" || names.contains(&f.spec.target.as_str()))
        })
    }

    /// No fault is planned or running.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        let spec: FaultSpec = "stall:BTCUSDT:30@60".parse().unwrap();
        assert_eq!((spec.fault, spec.seconds, spec.after_seconds), (FaultKind::Stall, 30.0, 60.0));
        assert_eq!("clock_offset=250:all:5".parse::<FaultSpec>().unwrap().offset_ms, 250);
        assert!("explode:all:5".parse::<FaultSpec>().unwrap_err().to_string().contains("server_shutdown"));
        for (bad, why) in [
            ("cut", "is not of the form"),
            ("cut:all", "is not of the form"),
            ("cut:all:x", "is not of the form"),
            ("cut:all:-1", "seconds must be"),
            ("cut::4", "target must be"),
            ("cut:all:1:2", "is not of the form"),
        ] {
            let error = bad.parse::<FaultSpec>().unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[test]
    fn begins_once_hits_its_target_and_ends() {
        let mut faults = Faults::default();
        faults.add("stall:BTCUSDT:2@1".parse().unwrap(), 0);
        assert!(faults.hit(FaultKind::Stall, &["BTCUSDT"], 500).is_none());
        assert_eq!(faults.turn(1_000).0.len(), 1);
        assert_eq!(faults.turn(1_100), (vec![], vec![]));
        assert!(faults.hit(FaultKind::Stall, &["BTCUSDT"], 1_500).is_some());
        assert!(faults.hit(FaultKind::Stall, &["ETHUSDT"], 1_500).is_none());
        assert_eq!(faults.turn(3_000).1.len(), 1);
        assert!(faults.is_empty());
    }
}
