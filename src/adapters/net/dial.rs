//! TCP to a host: through the proxy that is meant for it, else to whichever of its addresses answers first.

use super::network;
use actix_service::Service;
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use futures_util::future::LocalBoxFuture;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tower_service::Service as _;

/// After this long without an answer of the addresses of one family those of the other are tried beside them (RFC 8305
/// recommends 250 ms): a network whose IPv6 leads nowhere is common.
const OTHER_FAMILY_AFTER: Duration = Duration::from_millis(250);
/// For all addresses of a family together, each with an equal part: one that leads nowhere must leave time for the next within
/// the limit of whoever connects, 5 s at least.
const CONNECT_WITHIN: Duration = Duration::from_secs(4);

type Cause = Box<dyn Error + Send + Sync>;

/// Connects to `host`. `tls`: what is spoken there, by which proxies are chosen.
///
/// # Errors
/// That of the system where there is one.
pub(crate) async fn dial(host: &str, port: u16, tls: bool) -> io::Result<TcpStream> {
    let scheme = if tls { "https" } else { "http" };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let host = if bare.contains(':') { format!("[{bare}]") } else { bare.to_owned() };
    let uri: http::Uri = format!("{scheme}://{host}:{port}").parse().map_err(io::Error::other)?;
    // The own machine is never asked for through another one, whatever the environment says.
    let own = bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let socket = match network().proxies.intercept(&uri).filter(|_| !own) {
        None => connector().call(uri).await.map_err(Cause::from),
        Some(proxy) => through(&proxy, uri).await,
    };
    socket.map(TokioIo::into_inner).map_err(|error| as_io(&*error, &host))
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    // Control messages, pongs and requests are small and should not wait for one another.
    connector.set_nodelay(true);
    connector.set_happy_eyeballs_timeout(Some(OTHER_FAMILY_AFTER));
    connector.set_connect_timeout(Some(CONNECT_WITHIN));
    connector
}

async fn through(proxy: &Intercept, uri: http::Uri) -> Result<TokioIo<TcpStream>, Cause> {
    let place = proxy.uri().clone();
    match place.scheme_str() {
        Some("socks5" | "socks5h") => {
            // Names are resolved where the proxy is: with `socks5` the own resolver would be asked, and tell what is read.
            let mut socks = SocksV5::new(place, connector());
            if let Some((user, password)) = proxy.raw_auth() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            socks.call(uri).await.map_err(Cause::from)
        }
        _ => {
            let mut tunnel = Tunnel::new(place, connector());
            if let Some(auth) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(auth.clone());
            }
            tunnel.call(uri).await.map_err(Cause::from)
        }
    }
}

/// The system's own error where one lies under it: its number says in any language what is wrong.
fn as_io(error: &(dyn Error + Send + Sync + 'static), host: &str) -> io::Error {
    let mut under: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = under {
        if let Some(code) = cause.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            return io::Error::from_raw_os_error(code);
        }
        under = cause.source();
    }
    let mut text = format!("{host}: {error}");
    let mut under = error.source();
    while let Some(cause) = under {
        text = format!("{text}: {cause}");
        under = cause.source();
    }
    io::Error::other(text)
}

/// Connections of awc, which it gives up after `within`, TLS once more as long: HTTP/1.1 alone. With HTTP/2 several messages
/// would share a connection, and its end would leave the fate of all unknown.
pub(crate) fn connections(within: Duration) -> awc::Connector<Dialer> {
    let tls = Arc::clone(&network().tls);
    awc::Connector::new().timeout(within).handshake_timeout(within).rustls_0_23(tls).connector(Dialer)
}

/// [`dial`] for awc.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialer;

impl Service<ConnectInfo<awc::http::Uri>> for Dialer {
    type Response = Connection<awc::http::Uri, TcpStream>;
    type Error = ConnectError;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, asked: ConnectInfo<awc::http::Uri>) -> Self::Future {
        let uri = asked.request().clone();
        Box::pin(async move {
            let tls = uri.scheme_str() == Some("https");
            let host = uri.host().ok_or(ConnectError::Unresolved)?;
            let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
            let socket = dial(host, port, tls).await.map_err(ConnectError::Io)?;
            Ok(Connection::new(uri, socket))
        })
    }
}
