//! Networks by address, and whom an address belongs to.

use serde::{Deserialize, Deserializer, de};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::str::FromStr;

/// An address, or all that share its first bits: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    ip: IpAddr,
    bits: u8,
}

fn number(ip: IpAddr) -> (u128, u8) {
    match ip.to_canonical() {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()), 32),
        IpAddr::V6(ip) => (ip.to_bits(), 128),
    }
}

impl Network {
    pub(crate) fn contains(&self, ip: IpAddr) -> bool {
        let ((own, width), (other, other_width)) = (number(self.ip), number(ip));
        let rest = u32::from(width - self.bits);
        width == other_width && (own ^ other).checked_shr(rest).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "10.0.0.1, 10.0.0.0/8";
        let (ip, bits) = text.split_once('/').map_or((text, None), |(ip, bits)| (ip, Some(bits)));
        let ip: IpAddr = ip.parse().map_err(|_| FORM)?;
        let width = number(ip).1;
        let bits = bits.map_or(Ok(width), |bits| bits.parse().map_err(|_| FORM))?;
        if bits <= width { Ok(Self { ip, bits }) } else { Err(FORM) }
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Whom limits are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    V4([u8; 4]),
    /// The first 64 bits: one site has all addresses of the rest.
    V6([u8; 8]),
    /// A token, wherever it is used from.
    Token(u64),
    /// One of the buckets for those that are too many to have one of their own.
    Shared(u64),
}

impl Client {
    pub(crate) fn at(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self::V4(ip.octets()),
            IpAddr::V6(ip) => {
                let mut site = [0; 8];
                site.copy_from_slice(&ip.octets()[..8]);
                Self::V6(site)
            }
        }
    }

    pub(crate) fn of_token(name: &str) -> Self {
        Self::Token(hashed(&name))
    }

    pub(crate) fn one_of(self, buckets: u64) -> Self {
        Self::Shared(hashed(&self) % buckets)
    }
}

fn hashed(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_alone() {
        let within =
            |network: &str, ip: &str| network.parse::<Network>().unwrap().contains(ip.parse().unwrap());
        assert!(within("10.0.0.0/8", "10.200.3.4") && !within("10.0.0.0/8", "11.0.0.1"));
        assert!(within("127.0.0.1", "127.0.0.1") && within("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(!within("127.0.0.1", "127.0.0.2") && !within("10.0.0.0/8", "fd00::1"));
        assert!(within("fd00::/8", "fd12::1") && !within("::1", "::2"));
        assert!(within("0.0.0.0/0", "8.8.8.8") && !within("0.0.0.0/0", "::1") && within("::/0", "::1"));
        for bad in ["", "10.0.0.0/33", "::/129", "x", "10.0.0.0/", "10.0.0/8", "localhost"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
