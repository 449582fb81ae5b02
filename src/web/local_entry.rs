//! The one-time code by which a page opened on this machine becomes an operator's. Nothing follows from the address that
//! a request comes from: behind a proxy on the same machine every visitor comes from there.

use parking_lot::Mutex;
use rand::Rng;
use std::io;

type Keep = Box<dyn Fn(&str) + Send + Sync>;
type Admit = Box<dyn Fn() -> io::Result<String> + Send + Sync>;

/// The code that is good just now.
pub struct LocalEntry {
    /// Compared and replaced under one lock, so that a code lets one in only.
    code: Mutex<String>,
    keep: Keep,
    admit: Admit,
}

fn fresh() -> String {
    let mut random = [0_u8; 20];
    rand::rng().fill_bytes(&mut random);
    hex::encode(random)
}

/// Compares without telling by the time it takes how much was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}

impl LocalEntry {
    /// `keep` puts each new code where its owner finds it; `admit` makes the token that a code is exchanged for.
    pub fn new(
        keep: impl Fn(&str) + Send + Sync + 'static,
        admit: impl Fn() -> io::Result<String> + Send + Sync + 'static,
    ) -> Self {
        let code = fresh();
        keep(&code);
        Self { code: Mutex::new(code), keep: Box::new(keep), admit: Box::new(admit) }
    }

    pub fn code(&self) -> String {
        self.code.lock().clone()
    }

    /// Exchanges the code for a token; `None` for one that is wrong or was used. From then on another one is good.
    pub(crate) fn redeem(&self, given: &str) -> Option<io::Result<String>> {
        let mut code = self.code.lock();
        if !same(given, &code) {
            return None;
        }
        let token = (self.admit)();
        // One that could not be exchanged is still good.
        if token.is_ok() {
            *code = fresh();
            (self.keep)(&code);
        }
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_code_is_good_once() {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&kept);
        let entry =
            LocalEntry::new(move |code| keep.lock().push(code.to_owned()), || Ok("impulso_token".to_owned()));
        let first = entry.code();
        assert!(entry.redeem("").is_none() && entry.redeem(&first[1..]).is_none());
        assert_eq!(entry.redeem(&first).unwrap().unwrap(), "impulso_token");
        assert!(entry.redeem(&first).is_none(), "used");
        assert_eq!(*kept.lock(), [first, entry.code()]);
    }

    #[test]
    fn one_that_cannot_be_exchanged_stays_good() {
        let entry = LocalEntry::new(|_| {}, || Err(io::Error::other("full")));
        let code = entry.code();
        assert!(entry.redeem(&code).unwrap().is_err() && entry.code() == code);
    }
}
