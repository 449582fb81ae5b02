//! Requests by client: so many a second with a burst, then 429 with the seconds to wait. Whoever shows a known token has a
//! bucket of their own; the others share that of their address, so that guesses of tokens cost the guesser's alone.

use crate::web::caller::caller;
use crate::web::config::Rate;
use crate::web::network::Client;
use crate::web::problem::{ApiError, Cause};
use actix_web::ResponseError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;

/// Clients that have a bucket of their own; while more are active at once, further ones share some. A
/// megabyte or two: whoever invents addresses must not fill the memory.
const CLIENTS: usize = 10_000;
/// Buckets that further clients share: a flood of addresses slows itself, not those who have their own.
const SHARED: u64 = 1_024;

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
    pub(crate) fn take(&self, ip: IpAddr, client: Client) -> Result<(), u64> {
        let here = ip.to_canonical().is_loopback();
        let Some(buckets) = self.buckets.as_ref().filter(|_| self.loopback || !here) else {
            return Ok(());
        };
        let mut key = client;
        if buckets.len() >= CLIENTS {
            buckets.retain_recent();
            if buckets.len() >= CLIENTS {
                key = client.one_of(SHARED);
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

/// Health checks are free: they must always work. Live clients have places of their own, a bounded number of each address:
/// hundreds may connect at once.
fn free(path: &str) -> bool {
    ["/healthz", "/readyz", "/ws"].contains(&path)
}

/// Refuses clients that ask too fast.
pub(crate) async fn hold(
    limiter: Data<Limiter>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let asks = caller(req.request());
    let refused = match free(req.path()) {
        true => None,
        false => limiter.take(asks.address, asks.client()).err(),
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
        let take = |limiter: &Limiter, ip: IpAddr| limiter.take(ip, Client::at(ip));
        let ip = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
        assert!((0..3).all(|_| take(&limiter, ip).is_ok()));
        assert_eq!(take(&limiter, ip), Err(1));
        assert!(take(&limiter, IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2))).is_ok());
        assert!((0..50).all(|_| take(&limiter, IpAddr::V4(Ipv4Addr::LOCALHOST)).is_ok()));
        assert!((0..50).all(|_| take(&limiter, "::ffff:127.0.0.1".parse().unwrap()).is_ok()));
        let token = Client::of_token("desk");
        assert!((0..3).all(|_| limiter.take(ip, token).is_ok()), "behind the same address");
        assert_eq!(limiter.take(ip, token), Err(1));
        let off = Limiter::new(Rate { per_second: 0, burst: 1, loopback: true });
        assert!((0..50).all(|_| take(&off, ip).is_ok()));
    }

    #[test]
    fn one_site_is_one_client_and_the_map_is_bounded() {
        let limiter = Limiter::new(Rate { per_second: 1, burst: 1, loopback: false });
        let take = |limiter: &Limiter, ip: IpAddr| limiter.take(ip, Client::at(ip));
        let site = |host| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, host));
        assert!(take(&limiter, site(1)).is_ok() && take(&limiter, site(2)) == Err(1));
        for n in 0..u32::try_from(2 * CLIENTS).unwrap() {
            let _ = take(&limiter, IpAddr::V4(Ipv4Addr::from(0x0b00_0000 + n)));
        }
        assert!(limiter.clients() <= CLIENTS + SHARED as usize, "{}", limiter.clients());
    }
}
