//! Asks the running program whether it is well, as a container's health check does.

use crate::adapters::binance::http::os_error;
use crate::i18n::{Failure, Language, OrFail, failure, no_connection, text};
use crate::settings::Settings;
use anyhow::bail;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Longest wait for the answer: below the 5 s that the image's health check allows.
const WITHIN: Duration = Duration::from_secs(4);

/// Far more than all problems together; who else listens there may answer anything.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The part of an answer that says what is wrong.
#[derive(serde::Deserialize)]
struct Problem {
    detail: String,
}

/// Asks `/readyz`, or only `/healthz` with `alive`, on the address of the settings. Gives the address that was asked, and the
/// problems that are there all the same, one a line.
///
/// # Errors
/// No answer in time, or one that says no.
pub(crate) async fn health(
    settings: &Settings,
    alive: bool,
    language: Language,
) -> anyhow::Result<(String, String)> {
    let path = if alive { "healthz" } else { "readyz" };
    let url = format!("http://{}/{path}", reachable(settings.web.bind));
    let client = awc::Client::builder().timeout(WITHIN).finish();
    let sent = client.get(&url).insert_header(("Accept-Language", language.code())).send().await;
    let sent = sent.map_err(|e| Failure::new(no_connection(os_error(&e), &e)));
    let mut answer = sent.or_fail(|| text!(health_no_answer, url = url.clone()))?;
    let body = answer.body().limit(MAX_ANSWER_BYTES).await.unwrap_or_default();
    if answer.status().is_success() {
        let text = String::from_utf8_lossy(&body);
        let problems = text.split_once('\n').map(|(_, rest)| rest.trim().to_owned());
        return Ok((url, problems.unwrap_or_default()));
    }
    let problem: Option<Problem> = serde_json::from_slice(&body).ok();
    let detail = problem.map_or_else(|| String::from_utf8_lossy(&body).into_owned(), |p| p.detail);
    let (status, detail) = (answer.status().as_u16(), detail.trim().to_owned());
    bail!(failure!(health_says, url = url, status = status, detail = detail))
}

/// The address under which this machine reaches what listens there.
pub(super) fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_asked_on_this_machine() {
        let asked = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(asked("[::]:80"), "[::1]:80");
        assert_eq!(asked("192.0.2.7:8080"), "192.0.2.7:8080");
    }
}
