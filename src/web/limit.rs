//! Requests by client: so many a second with a burst, then 429 with the seconds to wait.

use crate::web::problem::{ApiError, Cause};
use actix_web::ResponseError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Deserialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::num::NonZeroU32;

/// Clients that have a bucket of their own; while more are active at once, further ones share some. A
/// megabyte or two: whoever invents addresses must not fill the memory.
const CLIENTS: usize = 10_000;
/// Buckets that further clients share: a flood of addresses slows itself, not those who have their own.
const SHARED: u64 = 1_024;

/// How fast one client may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Rate {
    /// Requests a second in the long run; 0 for no limit.
    #[serde(rename = "rate_limit_per_s")]
    pub per_second: u32,
    /// Requests at once after a pause.
    #[serde(rename = "rate_limit_burst")]
    pub burst: u32,
    /// Clients of this machine are limited, too.
    #[serde(rename = "rate_limit_loopback")]
    pub loopback: bool,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: 20, burst: 100, loopback: false }
    }
}

/// What a bucket belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Client {
    V4([u8; 4]),
    /// The first 64 bits: one site has all addresses of the rest.
    V6([u8; 8]),
    Shared(u64),
}

fn client(ip: IpAddr) -> Client {
    match ip {
        IpAddr::V4(ip) => Client::V4(ip.octets()),
        IpAddr::V6(ip) => {
            let mut site = [0; 8];
            site.copy_from_slice(&ip.octets()[..8]);
            Client::V6(site)
        }
    }
}

/// The buckets of all clients, of bounded number.
pub(crate) struct Limiter {
    buckets: Option<DefaultKeyedRateLimiter<Client>>,
    clock: DefaultClock,
    loopback: bool,
}

impl Limiter {
    pub(crate) fn new(rate: Rate) -> Self {
        let quota = NonZeroU32::new(rate.per_second).map(|rate_s| {
            let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
            Quota::per_second(rate_s).allow_burst(burst)
        });
        Self {
            buckets: quota.map(RateLimiter::keyed),
            clock: DefaultClock::default(),
            loopback: rate.loopback,
        }
    }

    /// Takes one request of a client; the seconds to wait when it has none left.
    ///
    /// # Errors
    /// The whole seconds until the next one may come.
    pub(crate) fn take(&self, ip: IpAddr) -> Result<(), u64> {
        let ip = ip.to_canonical();
        let Some(buckets) = self.buckets.as_ref().filter(|_| self.loopback || !ip.is_loopback()) else {
            return Ok(());
        };
        let mut key = client(ip);
        if buckets.len() >= CLIENTS {
            buckets.retain_recent();
            if buckets.len() >= CLIENTS {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                key = Client::Shared(hasher.finish() % SHARED);
            }
        }
        let wait = |not: governor::NotUntil<_>| not.wait_time_from(self.clock.now()).as_secs() + 1;
        buckets.check_key(&key).map_err(wait)
    }

    #[cfg(test)]
    pub(crate) fn clients(&self) -> usize {
        self.buckets.as_ref().map_or(0, |b| b.len())
    }
}

/// Health checks and embedded files are free: the one must always work, the others come in dozens.
fn free(path: &str) -> bool {
    ["/healthz", "/readyz", "/favicon.ico"].contains(&path) || path.starts_with("/assets/")
}

/// Refuses clients that ask too fast.
pub(crate) async fn hold(
    limiter: Data<Limiter>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let refused = match req.peer_addr() {
        Some(peer) if !free(req.path()) => limiter.take(peer.ip()).err(),
        _ => None,
    };
    if let Some(seconds) = refused {
        metrics::counter!("impulso_http_limited_total").increment(1);
        return Ok(
            req.into_response(ApiError::from(Cause::TooManyRequests { after_s: seconds }).error_response())
        );
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn a_burst_then_a_wait_and_the_own_machine_is_free() {
        let limiter = Limiter::new(Rate { per_second: 1, burst: 3, loopback: false });
        let ip = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
        assert!((0..3).all(|_| limiter.take(ip).is_ok()));
        assert_eq!(limiter.take(ip), Err(1));
        assert!(limiter.take(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2))).is_ok());
        assert!((0..50).all(|_| limiter.take(IpAddr::V4(Ipv4Addr::LOCALHOST)).is_ok()));
        assert!((0..50).all(|_| limiter.take("::ffff:127.0.0.1".parse().unwrap()).is_ok()));
        let off = Limiter::new(Rate { per_second: 0, burst: 1, loopback: true });
        assert!((0..50).all(|_| off.take(ip).is_ok()));
    }

    #[test]
    fn one_site_is_one_client_and_the_map_is_bounded() {
        let limiter = Limiter::new(Rate { per_second: 1, burst: 1, loopback: false });
        let site = |host| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, host));
        assert!(limiter.take(site(1)).is_ok() && limiter.take(site(2)) == Err(1));
        for n in 0..u32::try_from(2 * CLIENTS).unwrap() {
            let _ = limiter.take(IpAddr::V4(Ipv4Addr::from(0x0b00_0000 + n)));
        }
        assert!(limiter.clients() <= CLIENTS + SHARED as usize, "{}", limiter.clients());
    }
}
