//! The way to the server: one client, time limits, and errors told apart without the password in them.

use super::cluster::Cluster;
use super::rows::{Table, Versioned};
use crate::actors::ports::history::HistoryError;
use crate::adapters::net::network;
use crate::i18n::{Text, text};
use clickhouse::error::Error;
use clickhouse::query::Query;
use clickhouse::{Client, Compression, RowOwned, RowRead};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

/// Where the server is and how it is written to.
#[derive(Clone)]
pub struct ClickHouseSettings {
    /// Address of the HTTP interface, `http(s)://host:8123`. A user and password in it are not used.
    pub url: String,
    /// Database; made where it is missing.
    pub database: String,
    pub user: String,
    pub password: Option<SecretString>,
    /// Compare the rows with the tables' columns before each first insert.
    pub validation: bool,
    /// Name of the cluster whose servers keep the tables; empty for a single server.
    pub cluster: String,
    /// Let the server expire rows by its own clock as well (TTL). For live markets only: a store of recorded or
    /// simulated market time would lose what is old by the machine's clock.
    pub ttl: bool,
    /// Folder of the batches that wait for the server.
    pub spill_dir: PathBuf,
    /// When its files are larger, the oldest candles and scores are given up.
    pub spill_max_bytes: u64,
    /// Limit of one call. Statements that rewrite tables have 15 minutes.
    pub timeout: Duration,
}

impl fmt::Debug for ClickHouseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClickHouseSettings")
            .field("url", &plain_address(&self.url))
            .field("database", &self.database)
            .field("user", &self.user)
            .field("spill_dir", &self.spill_dir)
            .finish_non_exhaustive()
    }
}

/// A connection whose other end went away without a word is noticed after this: firewalls forget idle ones after some minutes.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// The server closes idle connections after 3 s, and a request that is on its way then is lost.
const IDLE: Duration = Duration::from_secs(2);
/// Limit of statements that rewrite parts: they go over whole tables, and giving up early would begin them anew each
/// day.
const MAINTENANCE: Duration = Duration::from_secs(900);
/// Server codes that another try will not cure: names, syntax, settings, rights, users and passwords.
const FOR_GOOD: [u32; 20] =
    [16, 44, 46, 47, 48, 50, 53, 60, 62, 63, 80, 81, 115, 164, 192, 193, 194, 452, 497, 516];
/// The oldest server that has all that the tables and statements use.
const OLDEST: (u32, u32) = (23, 3);
/// UNKNOWN_TABLE and UNKNOWN_DATABASE: somebody has dropped what is written to.
const GONE: [u32; 2] = [60, 81];

/// A client with its limits.
pub(super) struct Link {
    /// Without settings that an old server does not know, to ask for its version.
    bare: Client,
    /// Without a database, to make it.
    server: Client,
    client: Client,
    password: Option<SecretString>,
    timeout: Duration,
    cluster: Option<Cluster>,
    /// The database's name.
    pub(super) database: String,
    /// `clickhouse:http://host:8123/database`.
    pub(super) place: String,
}

/// A failed call, before it becomes the port's error.
#[derive(Debug)]
pub(super) struct Failure {
    /// What the caller is told.
    pub(super) error: HistoryError,
    /// The tables have to be made anew.
    pub(super) gone: bool,
    /// The server did not answer in time, so that asking again at once would cost as much again.
    pub(super) slow: bool,
}

impl From<Failure> for HistoryError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// The address without user, password, query and a slash at its end.
pub(super) fn plain_address(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}/{path}").trim_end_matches('/').to_owned()
}

/// Plain or with TLS, by the authorities of the settings.
fn client() -> Client {
    let mut plain = HttpConnector::new();
    plain.enforce_http(false);
    plain.set_keepalive(Some(KEEPALIVE));
    let mut trust = ClientConfig::clone(&network().tls);
    // The builder names the protocols itself.
    trust.alpn_protocols.clear();
    let connector = HttpsConnectorBuilder::new().with_tls_config(trust).https_or_http().enable_http1();
    let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE)
        .build(connector.wrap_connector(plain));
    Client::with_http_client(http)
}

impl Link {
    pub(super) fn new(settings: &ClickHouseSettings) -> Result<Self, HistoryError> {
        let address = plain_address(&settings.url);
        let odd = |c: char| c == '`' || c == '\\' || c == '/' || c.is_control();
        if settings.database.is_empty() || settings.database.contains(odd) {
            return Err(HistoryError::Unusable(text!(clickhouse_database)));
        }
        if !(address.starts_with("http://") || address.starts_with("https://")) {
            return Err(HistoryError::Unusable(text!(clickhouse_address, address = address)));
        }
        let mut bare = client()
            .with_url(address.clone())
            .with_user(settings.user.clone())
            .with_compression(Compression::None)
            .with_validation(false);
        if let Some(password) = &settings.password {
            bare = bare.with_password(password.expose_secret());
        }
        let cluster = Cluster::named(&settings.cluster);
        let mut client = bare
            .clone()
            .with_compression(Compression::Lz4)
            .with_validation(settings.validation)
            // Newer servers and the cloud buffer inserts by default, and would answer before the rows are stored. An
            // import touches more than the 100 months that one insert may by default. A repeated insert must not
            // count twice in the views.
            .with_setting("async_insert", "0")
            .with_setting("max_partitions_per_insert_block", "0")
            .with_setting("deduplicate_blocks_in_dependent_materialized_views", "1");
        if cluster.is_some() {
            client = Cluster::SETTINGS
                .into_iter()
                .fold(client, |client, (name, value)| client.with_setting(name, value));
        }
        Ok(Self {
            bare,
            server: client.clone(),
            client: client.with_database(&settings.database),
            password: settings.password.clone(),
            timeout: settings.timeout,
            cluster,
            place: format!("clickhouse:{address}/{}", settings.database),
            database: settings.database.clone(),
        })
    }

    /// How long one call may take, ms.
    pub(super) fn timeout_ms(&self) -> i64 {
        i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX)
    }

    /// A query in the database.
    pub(super) fn query(&self, sql: &str) -> Query {
        match &self.cluster {
            Some(cluster) => self.client.query(&cluster.query(sql)),
            None => self.client.query(sql),
        }
    }

    /// Makes or changes tables and views.
    pub(super) async fn change(&self, sql: &str) -> Result<(), Failure> {
        let statements =
            self.cluster.as_ref().map_or_else(|| vec![sql.to_owned()], |own| own.statements(sql));
        for statement in statements {
            self.run(self.client.query(&statement)).await?;
        }
        Ok(())
    }

    /// A table of the system, of all shards.
    pub(super) fn system(&self, table: &str) -> String {
        self.cluster.as_ref().map_or_else(|| format!("system.{table}"), |own| own.system(table))
    }

    /// The table that holds the rows of the one of this name.
    pub(super) fn holds(&self, table: &str) -> String {
        self.cluster.as_ref().map_or_else(|| table.to_owned(), |own| own.holds(table))
    }

    pub(super) async fn rows<T: RowOwned + RowRead>(&self, query: Query) -> Result<Vec<T>, Failure> {
        self.limited(self.timeout, query.fetch_all()).await
    }

    /// The only row of a query that may take long.
    pub(super) async fn one<T: RowOwned + RowRead>(&self, query: Query) -> Result<T, Failure> {
        self.limited(MAINTENANCE, query.fetch_one()).await
    }

    /// A statement that may take long.
    pub(super) async fn run(&self, query: Query) -> Result<(), Failure> {
        self.limited(MAINTENANCE, query.execute()).await
    }

    /// Refuses a server that is too old.
    pub(super) async fn check_version(&self) -> Result<(), Failure> {
        let asked = self.bare.query("SELECT toString(version())").fetch_one::<String>();
        let found = self.limited(self.timeout, asked).await?;
        if !too_old(&found) {
            return Ok(());
        }
        let (year, month) = OLDEST;
        let needed = format!("{year}.{month}");
        let text = text!(clickhouse_too_old, place = self.place.clone(), found = found, needed = needed);
        Err(Failure { error: HistoryError::Unusable(text), gone: false, slow: false })
    }

    /// Makes the database where it is missing; without the right to do so it has to be there.
    pub(super) async fn make_database(&self) -> Result<(), Failure> {
        let found = self
            .server
            .query("SELECT count() FROM system.databases WHERE name = {name:String}")
            .param("name", &self.database);
        if self.limited(self.timeout, found.fetch_one::<u64>()).await? > 0 {
            return Ok(());
        }
        let single = || format!("CREATE DATABASE IF NOT EXISTS `{}`", self.database);
        let sql = self.cluster.as_ref().map_or_else(single, |own| own.database(&self.database));
        self.limited(self.timeout, self.server.query(&sql).execute()).await
    }

    /// Rows of one table in one statement. `token` names them: the server takes the same token only once.
    pub(super) async fn insert<T: Table>(
        &self,
        rows: &[Versioned<'_, T>],
        token: &str,
    ) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let work = async {
            let mut insert = self
                .client
                .insert::<Versioned<'_, T>>(T::NAME)
                .await?
                .with_setting("insert_deduplication_token", format!("{token}-{}", T::NAME));
            for row in rows {
                insert.write(row).await?;
            }
            insert.end().await
        };
        self.limited(self.timeout, work).await
    }

    /// Forgets what the client knows of the tables.
    pub(super) async fn forget(&self) {
        self.client.clear_cached_metadata().await;
    }

    async fn limited<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = clickhouse::error::Result<T>>,
    ) -> Result<T, Failure> {
        // The client has no limit of its own for a whole query.
        match tokio::time::timeout(limit, work).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.failure(&error)),
            Err(_) => Err(self.failure(&Error::TimedOut)),
        }
    }

    fn failure(&self, error: &Error) -> Failure {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let more = inner.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            cause = inner.source();
        }
        let code = if matches!(error, Error::BadResponse(_)) { code(&text) } else { None };
        let said = match error {
            Error::TimedOut => text!(history_no_answer),
            _ => Text::verbatim(self.without_secret(&text)),
        };
        let text = said.of(&self.place);
        // `Custom` is serde's: a stored name (of a level, a kind) that this version does not know.
        let unfit = matches!(
            error,
            Error::SchemaMismatch(_) | Error::Unsupported(_) | Error::InvalidParams(_) | Error::Custom(_)
        );
        let for_good = unfit || code.is_some_and(|c| FOR_GOOD.contains(&c));
        Failure {
            error: if for_good { HistoryError::Unusable(text) } else { HistoryError::Unavailable(text) },
            gone: code.is_some_and(|c| GONE.contains(&c)),
            slow: matches!(error, Error::TimedOut),
        }
    }

    fn without_secret(&self, text: &str) -> String {
        let secret = self.password.as_ref().map_or("", ExposeSecret::expose_secret);
        if secret.is_empty() { text.to_owned() } else { text.replace(secret, "***") }
    }
}

/// Is this version below the oldest that will do? One that cannot be read is taken as new.
fn too_old(version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(year)), Some(Ok(month))) => (year, month) < OLDEST,
        _ => false,
    }
}

fn code(text: &str) -> Option<u32> {
    let from = text.find("Code: ")? + "Code: ".len();
    let digits: String = text[from..].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_are_told_from_new_ones() {
        let old = ["18.16.1", "23.2.9.1", "21.8"];
        assert!(old.into_iter().all(too_old));
        let new = ["23.3.1.1", "26.5.1.1", "26.5.1.1-testing", "head"];
        assert!(!new.into_iter().any(too_old));
    }

    #[test]
    fn addresses_lose_user_and_query() {
        assert_eq!(plain_address("http://u:p@host:8123/?password=p"), "http://host:8123");
        assert_eq!(plain_address("http://host:8123/proxy/"), "http://host:8123/proxy");
        assert_eq!(code("bad response: Code: 516. DB::Exception"), Some(516));
        assert_eq!(code("502 Bad Gateway"), None);
    }
}
