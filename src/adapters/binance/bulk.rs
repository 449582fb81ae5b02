//! The bulk archive over HTTP: one zip a day or month, held against its published SHA-256.

use crate::adapters::net::connections;
use crate::domain::time::Interval;
use crate::exchange::archive::{self, ArchiveError, Day};
use awc::http::StatusCode;
use ring::digest::{SHA256, digest};
use std::io::{self, Cursor};
use std::time::Duration;

/// Largest zip, bytes. A month of minutes of one pair is under 4 MB: more is not a file of the archive and would only
/// fill the memory.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Tries of one file: the archive's front answers 5xx for seconds at a time, not for minutes.
const TRIES: u32 = 4;

/// A file of the archive cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BulkError {
    /// No answer, or none that helps.
    #[error("{url}: {reason}")]
    Http {
        /// What was asked for.
        url: String,
        reason: String,
    },
    /// The file is not what the archive says it is.
    #[error("{url}: its SHA-256 is {found}, the archive says {expected}; it is not used")]
    Damaged { url: String, found: String, expected: String },
    /// The checksum file makes no sense.
    #[error("{url}: {source}")]
    Checksum { url: String, source: ArchiveError },
    /// The zip cannot be opened.
    #[error("{url}: {reason}")]
    Zip { url: String, reason: io::Error },
}

/// Limit for name resolution and TCP; TLS has the same again. A file is fetched once, so a slow line is waited for longer than by
/// the scanner.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// A client of the archive.
pub(crate) struct Bulk {
    base: String,
    client: awc::Client,
}

impl Bulk {
    /// `base`: such as `https://data.binance.vision`.
    pub(crate) fn new(base: &str) -> Self {
        // A month of minutes has 4 MB: a minute suffices for a slow line, and one that hangs is tried again.
        let client = awc::Client::builder().connector(connections(CONNECT_WITHIN));
        let client = client.timeout(Duration::from_secs(60)).finish();
        Self { base: base.trim_end_matches('/').to_owned(), client }
    }

    /// The text of one file; `None` when the archive has none for that time.
    ///
    /// # Errors
    /// When it cannot be had or is damaged.
    pub(crate) async fn fetch(
        &self,
        symbol: &str,
        interval: Interval,
        day: &Day,
    ) -> Result<Option<String>, BulkError> {
        let url = format!("{}/{}", self.base, archive::path(symbol, interval, day));
        let Some(zip) = self.get(&url).await? else { return Ok(None) };
        let sum_url = format!("{url}.CHECKSUM");
        let missing =
            || BulkError::Http { url: sum_url.clone(), reason: "no checksum is published".to_owned() };
        let sum = self.get(&sum_url).await?.ok_or_else(missing)?;
        let (expected, _) = archive::parse_checksum(&String::from_utf8_lossy(&sum))
            .map_err(|source| BulkError::Checksum { url: sum_url, source })?;
        let found = hex::encode(digest(&SHA256, &zip));
        if found != expected {
            return Err(BulkError::Damaged { url, found, expected });
        }
        unzip(zip).map(Some).map_err(|reason| BulkError::Zip { url, reason })
    }

    async fn get(&self, url: &str) -> Result<Option<Vec<u8>>, BulkError> {
        let failed = |reason: String| BulkError::Http { url: url.to_owned(), reason };
        let mut reason = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                // 1, 2 and 4 s: see `TRIES`.
                tokio::time::sleep(Duration::from_millis(500 << attempt)).await;
            }
            match self.client.get(url).send().await {
                Ok(mut answer) if answer.status() == StatusCode::OK => {
                    match answer.body().limit(MAX_BYTES).await {
                        Ok(body) => return Ok(Some(body.to_vec())),
                        Err(error) => reason = error.to_string(),
                    }
                }
                Ok(answer) if answer.status() == StatusCode::NOT_FOUND => return Ok(None),
                Ok(answer) if answer.status().is_client_error() => {
                    return Err(failed(format!("status {}", answer.status())));
                }
                Ok(answer) => reason = format!("status {}", answer.status()),
                Err(error) => reason = error.to_string(),
            }
        }
        Err(failed(reason))
    }
}

fn unzip(bytes: Vec<u8>) -> io::Result<String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes))?;
    archive::table_text(zip.by_index(0)?)
}
