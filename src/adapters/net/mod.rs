//! The way out of the machine, one for REST, streams and channels: proxy, certificate authorities, and the address that
//! answers where a name has several.

mod dial;
mod tls;

pub(crate) use dial::{connections, dial};
pub use tls::install;

use crate::i18n::{Failure, OrFail, failure, text};
use hyper_util::client::proxy::matcher::Matcher;
use rustls::ClientConfig;
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// `[network]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct NetworkSettings {
    /// `http://[USER:PASSWORD@]HOST:PORT` or `socks5h://..`; empty: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY of the
    /// environment.
    pub proxy: String,
    /// Hosts that are reached without it, as NO_PROXY has them.
    pub no_proxy: String,
    /// PEM of further certificate authorities; empty: SSL_CERT_FILE of the environment, if it is set.
    pub ca_file: String,
}

/// What connections are made with.
pub(crate) struct Network {
    proxies: Matcher,
    pub(crate) tls: Arc<ClientConfig>,
    /// PEM of the further authorities, for a library that makes its own TLS.
    pub(crate) ca_pem: Option<Vec<u8>>,
}

/// One for the process: it follows from machine and settings, and every client of every thread needs it.
static NETWORK: OnceLock<Network> = OnceLock::new();

/// Puts the settings in force. Counts for connections that are made later; the first call counts.
///
/// # Errors
/// A file of authorities that cannot be used, or a proxy that is none; the text names it.
pub(crate) fn configure(settings: &NetworkSettings) -> Result<(), Failure> {
    let network = Network::new(settings)?;
    // An error only says that it is configured already.
    let _ = NETWORK.set(network);
    Ok(())
}

/// What is in force; that of the environment where nothing was configured.
pub(crate) fn network() -> &'static Network {
    NETWORK.get_or_init(|| {
        Network::new(&NetworkSettings::default()).unwrap_or_else(|error| {
            tracing::warn!(%error, "certificate authorities of the environment are left out");
            Network { proxies: Matcher::from_env(), tls: tls::config(None), ca_pem: None }
        })
    })
}

impl Network {
    fn new(settings: &NetworkSettings) -> Result<Self, Failure> {
        let named = Some(&settings.ca_file).filter(|file| !file.is_empty()).map(PathBuf::from);
        let file = named.or_else(|| std::env::var_os("SSL_CERT_FILE").map(PathBuf::from));
        let pem = match &file {
            Some(file) => {
                let place = file.display().to_string();
                Some(std::fs::read(file).or_fail(|| text!(ca_file_unreadable, place = place))?)
            }
            None => None,
        };
        let roots = tls::authorities(pem.as_deref()).or_fail(|| text!(channel_no_pem))?;
        Ok(Self { proxies: proxies(settings)?, tls: tls::config(Some(roots)), ca_pem: pem })
    }
}

fn proxies(settings: &NetworkSettings) -> Result<Matcher, Failure> {
    if settings.proxy.is_empty() {
        return Ok(Matcher::from_env());
    }
    let scheme = settings.proxy.split_once("://").map(|(scheme, _)| scheme);
    if !matches!(scheme, Some("http" | "socks5" | "socks5h")) {
        return Err(failure!(proxy_unknown));
    }
    Ok(Matcher::builder().all(settings.proxy.as_str()).no(settings.no_proxy.as_str()).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_judged_and_no_proxy_is_heard() {
        let with = |proxy: &str, ca_file: &str| NetworkSettings {
            proxy: proxy.to_owned(),
            no_proxy: "localhost,.example.org".to_owned(),
            ca_file: ca_file.to_owned(),
        };
        for bad in ["proxy:3128", "ftp://proxy:1", "https://proxy:1"] {
            assert!(Network::new(&with(bad, "")).is_err(), "{bad}");
        }
        assert!(
            Network::new(&with("", "/nowhere/ca.pem")).is_err_and(|e| e.to_string().contains("/nowhere"))
        );
        let network = Network::new(&with("socks5h://user:pass@127.0.0.1:1080", "")).unwrap();
        let through = |uri: &str| network.proxies.intercept(&uri.parse().unwrap()).is_some();
        assert!(through("https://api.binance.com") && !through("https://x.example.org"));
        assert!(!through("http://localhost:8080"));
    }
}
