//! The exchange's counters for each address: weight a minute, raw requests, connection attempts. Machine time.

use std::collections::HashMap;
use std::net::IpAddr;

/// Addresses kept; the one unseen for longest goes when full. A load test from 127.0.0.0/8 uses some hundreds.
const MAX_ADDRESSES: usize = 4_096;
/// Requests after a 429, before its time is over, that lead to a ban. The exchange does not publish its number.
const PATIENCE: u32 = 10;
/// Length of a ban, ms: the exchange's shortest.
const BAN_MS: u64 = 120_000;
/// Raw requests in five minutes, as exchangeInfo says.
pub(crate) const RAW_LIMIT: u32 = 300_000;
/// Connection attempts in five minutes for one address, by the exchange's documents.
pub(crate) const CONNECT_LIMIT: u32 = 300;
/// The span of the two limits above.
const FIVE_MINUTES_MS: u64 = 300_000;

/// Answer to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Go on; weight used in this minute.
    Pass(u32),
    /// 429: over the limit.
    TooMany {
        /// Seconds until the minute ends.
        retry_after_s: u64,
        /// Weight used in this minute.
        used: u32,
    },
    /// 418: banned.
    Banned {
        /// Seconds until the ban ends.
        retry_after_s: u64,
    },
}

#[derive(Debug, Default)]
struct Account {
    minute: u64,
    used: u32,
    refused: u32,
    banned_until: u64,
    raw: (u64, u32),
    connects: (u64, u32),
    seen: u64,
}

/// Counters of all addresses. `now` is machine time since the start in ms.
#[derive(Debug)]
pub struct Ledger {
    limit: u32,
    accounts: HashMap<IpAddr, Account>,
}

impl Ledger {
    /// Counters with this weight limit a minute.
    pub fn new(limit: u32) -> Self {
        Self { limit, accounts: HashMap::new() }
    }

    fn account(&mut self, ip: IpAddr, now: u64) -> &mut Account {
        if self.accounts.len() >= MAX_ADDRESSES
            && !self.accounts.contains_key(&ip)
            && let Some(oldest) = self.accounts.iter().min_by_key(|(_, a)| a.seen).map(|(ip, _)| *ip)
        {
            self.accounts.remove(&oldest);
        }
        let account = self.accounts.entry(ip).or_default();
        account.seen = now;
        account
    }

    /// Counts a request of `weight`.
    pub(crate) fn request(&mut self, ip: IpAddr, weight: u32, now: u64) -> Verdict {
        let limit = self.limit;
        let account = self.account(ip, now);
        if now < account.banned_until {
            return Verdict::Banned { retry_after_s: (account.banned_until - now).div_ceil(1_000) };
        }
        let minute = now / 60_000;
        if account.minute != minute {
            (account.minute, account.used, account.refused) = (minute, 0, 0);
        }
        let raw = count(&mut account.raw, now);
        account.used = account.used.saturating_add(weight);
        if account.used <= limit && raw <= RAW_LIMIT {
            return Verdict::Pass(account.used);
        }
        account.refused += 1;
        if account.refused > PATIENCE {
            account.banned_until = now + BAN_MS;
            return Verdict::Banned { retry_after_s: BAN_MS / 1_000 };
        }
        let retry_after_s = (60_000 - now % 60_000).div_ceil(1_000);
        Verdict::TooMany { retry_after_s, used: account.used }
    }

    /// Counts a connection attempt; false when there were more than 300 in five minutes.
    pub fn connect(&mut self, ip: IpAddr, now: u64) -> bool {
        count(&mut self.account(ip, now).connects, now) <= CONNECT_LIMIT
    }
}

fn count(window: &mut (u64, u32), now: u64) -> u32 {
    let slot = now / FIVE_MINUTES_MS;
    if window.0 != slot {
        *window = (slot, 0);
    }
    window.1 = window.1.saturating_add(1);
    window.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_the_limit_then_banned_then_free_again() {
        let ip = IpAddr::from([127, 0, 0, 1]);
        let mut ledger = Ledger::new(100);
        assert_eq!(ledger.request(ip, 80, 1_000), Verdict::Pass(80));
        assert_eq!(ledger.request(ip, 30, 50_000), Verdict::TooMany { retry_after_s: 10, used: 110 });
        assert_eq!(ledger.request(ip, 1, 60_000), Verdict::Pass(1));
        let mut last = Verdict::Pass(0);
        for _ in 0..12 {
            last = ledger.request(ip, 100, 61_000);
        }
        assert!(matches!(last, Verdict::Banned { retry_after_s: 120 }), "{last:?}");
        assert!(matches!(ledger.request(ip, 1, 170_000), Verdict::Banned { retry_after_s: 11 }));
        assert_eq!(ledger.request(ip, 1, 181_000), Verdict::Pass(1));
    }

    #[test]
    fn three_hundred_connections_in_five_minutes() {
        let ip = IpAddr::from([10, 0, 0, 1]);
        let mut ledger = Ledger::new(1);
        assert_eq!((0..301).filter(|_| ledger.connect(ip, 5)).count(), 300);
        assert!(ledger.connect(ip, FIVE_MINUTES_MS));
    }
}
