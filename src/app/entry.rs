//! The way in for a page of this machine: the one-time code of the running scanner, in a file that its owner alone reads.

use crate::actors::ports::Clock;
use crate::actors::ports::state::Scope;
use crate::adapters::state::{StateDb, TokenError};
use crate::app::health::reachable;
use crate::app::whole_file::{removed, write_whole};
use crate::i18n::{OrFail, text};
use crate::settings::{Settings, read_text};
use crate::web::LocalEntry;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

const FILE: &str = "operator-code";
/// What the names of pages' tokens begin with.
const PAGE: &str = "page-";
/// Tokens of pages that are kept: each opening by a code makes one, and nobody takes them back by hand.
const MOST_PAGES: usize = 16;

/// The entry of a scanner with this state folder.
pub(super) fn entry(folder: &Path, state: &Arc<StateDb>, machine: &Arc<dyn Clock>) -> LocalEntry {
    let file = folder.join(FILE);
    let (state, machine) = (Arc::clone(state), Arc::clone(machine));
    LocalEntry::new(
        move |code| {
            if let Err(error) = write_whole(&file, code.as_bytes()) {
                tracing::warn!(%error, "the code for the page is not kept: `impulso open` cannot find it");
            }
        },
        move || page_token(&state, &*machine),
    )
}

/// A token for one more page; the pages that were not used for longest lose theirs.
fn page_token(state: &StateDb, machine: &dyn Clock) -> io::Result<String> {
    let mut pages = state.tokens()?;
    pages.retain(|token| token.name.starts_with(PAGE));
    pages.sort_by_key(|token| token.last_used_at.unwrap_or(token.created_at));
    for old in pages.iter().rev().skip(MOST_PAGES - 1) {
        state.revoke_token(&old.name)?;
    }
    let numbers = pages.iter().filter_map(|token| token.name[PAGE.len()..].parse::<u64>().ok());
    let next = numbers.max().unwrap_or(0).saturating_add(1);
    match state.create_token(&format!("{PAGE}{next}"), Scope::Operate, machine.machine_time()) {
        Ok(token) => Ok(token.secret),
        Err(TokenError::State(error)) => Err(error),
        Err(taken) => Err(io::Error::other(taken.to_string())),
    }
}

/// The code is of no use any more.
pub(super) fn close(folder: &Path) {
    if let Err(error) = removed(&folder.join(FILE)) {
        tracing::warn!(%error, "the code for the page is left behind");
    }
}

pub(super) fn link(addr: SocketAddr, base_path: &str, code: &str) -> String {
    format!("http://{}{base_path}/login?code={code}", reachable(addr))
}

/// The address that opens the page of the running scanner as an operator's.
///
/// # Errors
/// No scanner runs over this state folder, or another user's.
pub(crate) fn kept_link(settings: &Settings) -> anyhow::Result<String> {
    let folder = super::state::folder(settings);
    let code = read_text(&folder.join(FILE))
        .or_fail(|| text!(no_operator_code, place = folder.display().to_string()))?;
    Ok(link(settings.web.bind, &settings.web.base_path, code.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::ports::state::OperationalState;
    use crate::adapters::clock::SystemClock;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn each_code_opens_one_page_and_old_pages_go() {
        let folder = tempfile::tempdir().unwrap();
        let state = Arc::new(StateDb::open(folder.path()).unwrap());
        let machine: Arc<dyn Clock> = Arc::new(SystemClock::new());
        state.create_token("desk", Scope::Operate, machine.machine_time()).unwrap();
        let entry = entry(folder.path(), &state, &machine);
        let file = folder.path().join(FILE);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), entry.code());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let first = page_token(&state, &*machine).unwrap();
        for _ in 0..MOST_PAGES {
            assert!(
                state
                    .find_token(&page_token(&state, &*machine).unwrap(), machine.machine_time())
                    .unwrap()
                    .is_some()
            );
        }
        let names: Vec<String> = state.tokens().unwrap().into_iter().map(|t| t.name).collect();
        assert!(names.len() == MOST_PAGES + 1 && names.contains(&"desk".to_owned()), "{names:?}");
        assert!(state.find_token(&first, machine.machine_time()).unwrap().is_none());
        close(folder.path());
        assert!(!file.exists());
    }
}
