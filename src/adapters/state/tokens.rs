//! API tokens: random, shown once, kept as SHA-256.

use super::{StateDb, rows};
use crate::actors::ports::state::{Scope, TokenInfo};
use crate::domain::moment::MachineTime;
use crate::i18n::{Failure, failure};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use std::io;

/// How often the time of use is written at most, ms. A client that asks each second must not cost a write to the disk each
/// second.
const USED_EVERY_MS: i64 = 60_000;

/// A token that was just made; its text is shown once and kept nowhere.
#[derive(Debug)]
pub struct NewToken {
    /// What the client sends as `Authorization: Bearer ...`.
    pub secret: String,
}

/// A token cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The name is taken.
    #[error(transparent)]
    Taken(Failure),
    /// The state cannot be written.
    #[error(transparent)]
    State(#[from] io::Error),
}

/// SHA-256 as lower-case hex: what is kept of a token.
fn hash(secret: &str) -> String {
    hex::encode(digest(&SHA256, secret.as_bytes()))
}

fn info(row: &Row<'_>) -> rusqlite::Result<TokenInfo> {
    let scope: String = row.get(1)?;
    let scope = if scope == Scope::Operate.as_str() { Scope::Operate } else { Scope::Read };
    Ok(TokenInfo { name: row.get(0)?, scope, created_at: row.get(2)?, last_used_at: row.get(3)? })
}

impl StateDb {
    /// Makes a token of 256 random bits.
    ///
    /// # Errors
    /// When the name is taken or the state cannot be written.
    pub fn create_token(&self, name: &str, scope: Scope, now: MachineTime) -> Result<NewToken, TokenError> {
        let mut random = [0_u8; 32];
        SystemRandom::new().fill(&mut random).map_err(|_| io::Error::other(failure!(token_no_random)))?;
        let secret = format!("impulso_{}", hex::encode(random));
        let sql = "INSERT INTO tokens (name, hash, scope, created_at) VALUES (?1, ?2, ?3, ?4)";
        match self.connection.lock().execute(sql, params![name, hash(&secret), scope.as_str(), now]) {
            Ok(_) => Ok(NewToken { secret }),
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(TokenError::Taken(failure!(token_taken, name = name.to_owned())))
            }
            Err(e) => Err(self.failed(&e).into()),
        }
    }

    /// All tokens, by name.
    pub fn tokens(&self) -> io::Result<Vec<TokenInfo>> {
        let sql = "SELECT name, scope, created_at, last_used_at FROM tokens ORDER BY name";
        self.read(|c| rows(c, sql, [], info))
    }

    /// Takes a token back; false when there is none of that name.
    pub fn revoke_token(&self, name: &str) -> io::Result<bool> {
        self.read(|c| c.execute("DELETE FROM tokens WHERE name = ?1", [name]).map(|n| n > 0))
    }
}

pub(super) fn find(c: &Connection, secret: &str, now: MachineTime) -> rusqlite::Result<Option<TokenInfo>> {
    // Found by its hash: neither the file nor the time that the search takes tells anything of the secret.
    let hash = hash(secret);
    let sql = "SELECT name, scope, created_at, last_used_at FROM tokens WHERE hash = ?1";
    let found = c.prepare_cached(sql)?.query_row([&hash], info).optional()?;
    if let Some(token) = &found
        && token.last_used_at.is_none_or(|at| now - at >= USED_EVERY_MS)
    {
        let sql = "UPDATE tokens SET last_used_at = ?2 WHERE hash = ?1";
        c.prepare_cached(sql)?.execute(params![hash, now])?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::ports::state::OperationalState;

    const fn at(ms: i64) -> MachineTime {
        MachineTime::from_ms(ms)
    }

    #[test]
    fn a_token_is_found_by_its_hash_only() {
        let dir = tempfile::tempdir().unwrap();
        let db = StateDb::open(dir.path()).unwrap();
        let token = db.create_token("laptop", Scope::Operate, at(5)).unwrap();
        let found = db.find_token(&token.secret, at(6)).unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.scope), ("laptop", Scope::Operate));
        assert_eq!(db.tokens().unwrap()[0].last_used_at, Some(at(6)));
        assert!(db.find_token("impulso_other", at(6)).unwrap().is_none());
        assert!(matches!(db.create_token("laptop", Scope::Read, at(5)), Err(TokenError::Taken(_))));
        let file = std::fs::read(dir.path().join(super::super::FILE)).unwrap();
        assert!(!file.windows(token.secret.len()).any(|w| w == token.secret.as_bytes()));
        assert!(db.revoke_token("laptop").unwrap() && !db.revoke_token("laptop").unwrap());
        assert!(db.find_token(&token.secret, at(7)).unwrap().is_none());
    }
}
