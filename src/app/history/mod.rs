//! Opens the history store of the settings, and reads what a warm restart stands on.

pub mod fetch;
pub mod files;
pub(crate) mod recover;
pub mod simulate;

use crate::actors::history::warm_start::{StoredCandles, WarmStart, WarmStartRules};
use crate::actors::ports::history::{Compacted, HistoryError, HistoryStore, Span};
use crate::actors::ports::state::{FIRST_START_KEY, OperationalState};
use crate::adapters::clock::SystemClock;
use crate::adapters::history::clickhouse::{ClickHouseHistory, ClickHouseSettings};
use crate::adapters::history::sqlite::SqliteHistory;
use crate::adapters::scanner_lock::{NotTaken, ScannerLock};
use crate::domain::moment::MarketTime;
use crate::domain::symbol::Symbol;
use crate::exchange::rest::request::MAX_KLINES;
use crate::i18n::{OrFail, failure, text};
use crate::settings::Settings;
use crate::settings::read_text;
use crate::settings::stores::StorePlace;
use secrecy::SecretString;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Which exchange the stored candles are of.
const SOURCE_KEY: &str = "history_source";
/// Base candles kept for a warm start, minutes: the window and a little more.
const BASE_SPAN_MIN: i64 = 1_620;

/// Takes the history's file for this scanner alone, wherever it lies: two would write the rows of two rankings into one record, and
/// the second would void what the first one opened. A server has its own ways.
///
/// # Errors
/// Another scanner has it, named by its number; the place cannot be written.
pub(super) fn own(settings: &Settings, state: &Path) -> anyhow::Result<Option<ScannerLock>> {
    let StorePlace::Sqlite(path) = settings.history.place(state)? else { return Ok(None) };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut name = path.clone().into_os_string();
    name.push(".lock");
    let place = path.display().to_string();
    match ScannerLock::take(Path::new(&name)) {
        Ok(lock) => Ok(Some(lock)),
        Err(NotTaken::By(pid)) => anyhow::bail!(failure!(history_in_use, place = place, pid = pid)),
        Err(NotTaken::Io(error)) => Err(anyhow::Error::new(error).context(place)),
    }
}

/// Opens the store that the settings name for the scanner, which may begin a new file; `state` is the state folder.
///
/// # Errors
/// A store that cannot be used, with what to do.
pub async fn open(settings: &Settings, state: &Path) -> anyhow::Result<Arc<dyn HistoryStore>> {
    opened(settings, state, SqliteHistory::open_mending).await
}

async fn opened(
    settings: &Settings,
    state: &Path,
    sqlite: fn(&Path) -> Result<SqliteHistory, HistoryError>,
) -> anyhow::Result<Arc<dyn HistoryStore>> {
    match settings.history.place(state)? {
        StorePlace::Sqlite(path) => Ok(Arc::new(sqlite(&path)?)),
        StorePlace::ClickHouse { url, database, user, password } => {
            let own = &settings.history;
            let password = match own.password_file.as_str() {
                "" => password.map(SecretString::from),
                file => Some(password_in(file)?),
            };
            let store = ClickHouseHistory::open(ClickHouseSettings {
                url,
                database,
                user,
                password,
                cluster: own.clickhouse_cluster.clone(),
                validation: own.clickhouse_validation,
                ttl: own.clickhouse_ttl,
                spill_dir: state.join("clickhouse-spill"),
                spill_max_bytes: own.spill_mib << 20,
                timeout: own.timeout,
            });
            Ok(Arc::new(store.await?))
        }
    }
}

fn password_in(file: &str) -> anyhow::Result<SecretString> {
    let text =
        read_text(Path::new(file)).or_fail(|| text!(password_file_unreadable, place = file.to_owned()))?;
    Ok(SecretString::from(text.trim().to_owned()))
}

/// The same for a command, with the state folder of the settings.
pub(crate) async fn open_here(settings: &Settings) -> anyhow::Result<Arc<dyn HistoryStore>> {
    opened(settings, &super::state::folder(settings), SqliteHistory::open).await
}

/// A span with open ends.
pub(crate) fn span(from: Option<MarketTime>, to: Option<MarketTime>) -> Span {
    Span { from: from.unwrap_or(Span::ALL.from), to: to.unwrap_or(Span::ALL.to) }
}

/// Applies the retention now, and gives unused space back; with `dry_run` it only says what would be removed.
pub async fn vacuum(settings: &Settings, dry_run: bool) -> anyhow::Result<Compacted> {
    let store = open_here(settings).await?;
    let now = crate::actors::ports::Clock::machine_time(&SystemClock::new()).as_market();
    let retention = settings.history.retention.since_first_start(first_start(settings), warm_up_ms(settings));
    if dry_run {
        return Ok(store.expiring(retention, now).await?);
    }
    let done = store.compact(retention, now).await?;
    store.vacuum().await?;
    Ok(done)
}

/// How far back a whole warm-up reaches: one answer of bars, the bar at the start of which may not be over.
pub(super) fn warm_up_ms(settings: &Settings) -> i64 {
    (i64::from(MAX_KLINES) + 1) * settings.analysis.tf.ms()
}

/// When a scanner was first started on the state folder of the settings, if one was.
fn first_start(settings: &Settings) -> Option<MarketTime> {
    // Not opened where it is not there: a command over a store leaves no state behind.
    let there = super::state::folder(settings).join(crate::adapters::state::FILE).exists();
    let state = there.then(|| super::state::open(settings).ok()).flatten()?;
    state.get(FIRST_START_KEY).ok().flatten()?.parse().ok().map(MarketTime::from_ms)
}

/// What an earlier run left of this exchange, read beside everything else that starts.
pub(super) fn warm_start(
    settings: &Settings,
    store: Option<&Arc<dyn HistoryStore>>,
    state: &dyn OperationalState,
    now: MarketTime,
) -> Arc<WarmStart> {
    let (base, bar) = (settings.exchange.base(), settings.analysis.tf);
    let minutes = 1_440 + bar.minutes();
    let rules = WarmStartRules {
        base,
        bar,
        needed_candles: usize::try_from(minutes / base.minutes() + 1).unwrap_or(usize::MAX),
        whole_bars: MAX_KLINES.into(),
        max_missing: 900,
    };
    let Some(store) = store.filter(|_| same_exchange(settings, state)) else {
        return Arc::new(WarmStart::empty(rules));
    };
    let kept = Arc::new(WarmStart::loading(rules));
    let (filled, store) = (Arc::clone(&kept), Arc::clone(store));
    // Beside the start: reading takes seconds, and pairs ask for it only when their turn comes.
    actix_rt::spawn(async move {
        let began = std::time::Instant::now();
        let pairs = read(&*store, rules, now).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "stored candles cannot be read: every pair warms up by REST");
            HashMap::new()
        });
        if !pairs.is_empty() {
            let ms = began.elapsed().as_millis() as u64;
            tracing::info!(pairs = pairs.len(), ms, "stored candles read for a warm start");
        }
        filled.fill(pairs);
    });
    kept
}

async fn read(
    store: &dyn HistoryStore,
    rules: WarmStartRules,
    now: MarketTime,
) -> Result<HashMap<Symbol, StoredCandles>, HistoryError> {
    let bars_from = now - (rules.whole_bars + 1) * rules.bar.ms();
    let from = now - BASE_SPAN_MIN.max(rules.needed_candles as i64 + 60) * 60_000;
    let mut pairs: HashMap<Symbol, StoredCandles> = HashMap::new();
    for (symbol, candles) in store.all_candles(rules.base, from).await? {
        pairs.insert(symbol, StoredCandles { candles, bars: Vec::new() });
    }
    if rules.bar != rules.base {
        for (symbol, bars) in store.all_candles(rules.bar, bars_from).await? {
            pairs.entry(symbol).or_default().bars = bars;
        }
    }
    Ok(pairs)
}

/// Candles of another exchange are no start for this one.
fn same_exchange(settings: &Settings, state: &dyn OperationalState) -> bool {
    let here = serde_json::json!(settings.exchange.rest_url).to_string();
    let there = state.get(SOURCE_KEY).ok().flatten();
    let same = there.as_ref() == Some(&here);
    if there.is_some() && !same {
        tracing::warn!(
            "the history in the state folder is of another exchange: pairs warm up anew; \
             keep them apart with --state-dir or --store"
        );
    }
    if !same && let Err(error) = state.put(SOURCE_KEY, &here) {
        tracing::warn!(%error, "the state cannot be written");
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Sources;

    #[test]
    fn a_second_scanner_on_the_same_history_is_told_who_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let stored = |place: String| serde_json::from_value(place.into()).unwrap();
        let mut settings = Settings::load(&Sources::default()).unwrap();
        settings.history.store = stored(format!("sqlite:{}", dir.path().join("deep/candles.db").display()));
        let first = own(&settings, &dir.path().join("one")).unwrap();
        assert!(first.is_some());
        let told = own(&settings, &dir.path().join("two")).unwrap_err().to_string();
        let pid = std::process::id().to_string();
        assert!(told.contains(&pid) && told.contains("--store") && told.contains("candles.db"), "{told}");
        drop(first);
        assert!(own(&settings, dir.path()).unwrap().is_some());
        settings.history.store = stored("clickhouse:http://localhost:8123/x".to_owned());
        assert!(own(&settings, dir.path()).unwrap().is_none(), "a server has its own ways");
    }
}
