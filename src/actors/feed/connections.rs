//! How a feed stands with its connections: none, one, or one with its replacement.

use crate::domain::moment::MonoTime;

/// `L` is an open connection. Times are the machine's, ms.
#[derive(Debug, PartialEq)]
pub(super) enum Connections<L> {
    Down {
        retry_at: MonoTime,
    },
    /// The handshake is under way.
    Opening,
    Up {
        current: L,
    },
    /// The one that is there is to be replaced.
    ReplacementDue {
        current: L,
        retry_at: MonoTime,
    },
    ReplacementOpening {
        current: L,
    },
    /// Both are open; the replacement has not spoken so far.
    Replacing {
        current: L,
        next: L,
    },
}

impl<L> Connections<L> {
    /// One transition; in between the feed counts as down.
    fn step<T>(&mut self, step: impl FnOnce(Self) -> (Self, T)) -> T {
        let (after, result) = step(std::mem::replace(self, Self::Down { retry_at: MonoTime::default() }));
        *self = after;
        result
    }

    pub(super) fn current(&self) -> Option<&L> {
        match self {
            Self::Down { .. } | Self::Opening => None,
            Self::Up { current }
            | Self::ReplacementDue { current, .. }
            | Self::ReplacementOpening { current }
            | Self::Replacing { current, .. } => Some(current),
        }
    }

    pub(super) fn current_mut(&mut self) -> Option<&mut L> {
        self.both_mut().0
    }

    pub(super) fn next_mut(&mut self) -> Option<&mut L> {
        self.both_mut().1
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut L> {
        let (current, next) = self.both_mut();
        current.into_iter().chain(next)
    }

    fn both_mut(&mut self) -> (Option<&mut L>, Option<&mut L>) {
        match self {
            Self::Down { .. } | Self::Opening => (None, None),
            Self::Up { current }
            | Self::ReplacementDue { current, .. }
            | Self::ReplacementOpening { current } => (Some(current), None),
            Self::Replacing { current, next } => (Some(current), Some(next)),
        }
    }

    pub(super) fn attempt_is_due(&self, now: MonoTime) -> bool {
        matches!(self, Self::Down { retry_at } | Self::ReplacementDue { retry_at, .. } if *retry_at <= now)
    }

    /// An attempt begins.
    pub(super) fn opening(&mut self) {
        self.step(|before| match before {
            Self::Down { .. } => (Self::Opening, ()),
            Self::ReplacementDue { current, .. } => (Self::ReplacementOpening { current }, ()),
            other => (other, ()),
        });
    }

    /// An attempt failed or may not be made: the next one is made then. Without a meaning where none is wanted or one is
    /// under way.
    pub(super) fn put_off(&mut self, retry_at: MonoTime) {
        self.step(|before| match before {
            Self::Down { .. } => (Self::Down { retry_at }, ()),
            Self::ReplacementDue { current, .. } => (Self::ReplacementDue { current, retry_at }, ()),
            other => (other, ()),
        });
    }

    /// The attempt failed.
    pub(super) fn not_opened(&mut self) {
        self.step(|before| match before {
            Self::Opening => (Self::Down { retry_at: MonoTime::default() }, ()),
            Self::ReplacementOpening { current } => {
                (Self::ReplacementDue { current, retry_at: MonoTime::default() }, ())
            }
            other => (other, ()),
        });
    }

    /// The attempt succeeded; gives the link back where nobody waits for it.
    pub(super) fn opened(&mut self, link: L) -> Option<L> {
        self.step(|before| match before {
            Self::Opening => (Self::Up { current: link }, None),
            Self::ReplacementOpening { current } => (Self::Replacing { current, next: link }, None),
            other => (other, Some(link)),
        })
    }

    /// What is there shall be replaced. False where that is under way or nothing is there.
    pub(super) fn want_replacement(&mut self) -> bool {
        self.step(|before| match before {
            Self::Up { current } => (Self::ReplacementDue { current, retry_at: MonoTime::default() }, true),
            other => (other, false),
        })
    }

    /// Ends the current one: a replacement that is open takes its place, one whose handshake is under way will.
    pub(super) fn drop_current(&mut self) -> Option<L> {
        self.step(|before| match before {
            Self::Up { current } => (Self::Down { retry_at: MonoTime::default() }, Some(current)),
            Self::ReplacementDue { current, retry_at } => (Self::Down { retry_at }, Some(current)),
            Self::ReplacementOpening { current } => (Self::Opening, Some(current)),
            Self::Replacing { current, next } => (Self::Up { current: next }, Some(current)),
            none => (none, None),
        })
    }

    /// Ends the replacement before it has spoken; another one is due.
    pub(super) fn drop_next(&mut self) -> Option<L> {
        self.step(|before| match before {
            Self::Replacing { current, next } => {
                (Self::ReplacementDue { current, retry_at: MonoTime::default() }, Some(next))
            }
            other => (other, None),
        })
    }

    /// For the status.
    pub(super) const fn is_replacing(&self) -> bool {
        matches!(self, Self::ReplacementOpening { .. } | Self::Replacing { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::Connections::{self, *};
    use crate::domain::moment::MonoTime;

    const fn at(ms: i64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn a_replacement_takes_over_when_it_has_spoken() {
        let mut c: Connections<u8> = Down { retry_at: at(0) };
        assert!(c.attempt_is_due(at(0)) && !c.want_replacement());
        c.opening();
        assert!(!c.attempt_is_due(at(9)) && c.opened(1).is_none());
        assert!(c.want_replacement() && !c.want_replacement(), "asked for once");
        c.put_off(at(5));
        assert!(!c.attempt_is_due(at(4)) && c.attempt_is_due(at(5)));
        c.opening();
        c.not_opened();
        c.opening();
        assert!(c.opened(2).is_none() && c.is_replacing());
        assert_eq!((c.current().copied(), c.next_mut().copied()), (Some(1), Some(2)));
        assert_eq!(c.drop_current(), Some(1));
        assert_eq!(c, Up { current: 2 });
    }

    #[test]
    fn what_is_lost_meanwhile_does_not_stop_the_replacement() {
        let mut c = ReplacementOpening { current: 1 };
        assert_eq!((c.drop_current(), c.drop_current()), (Some(1), None));
        c.put_off(at(7));
        assert_eq!(c.opened(2), None);
        assert_eq!(c, Up { current: 2 });
        assert_eq!(c.opened(3), Some(3), "nobody waits for it");
        let mut c = Replacing { current: 1, next: 2 };
        assert_eq!(c.drop_next(), Some(2));
        assert!(c.attempt_is_due(at(0)));
        c.put_off(at(8));
        assert_eq!(c.drop_current(), Some(1));
        assert_eq!(c, Down { retry_at: at(8) });
    }
}
