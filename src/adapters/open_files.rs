//! How many files and connections the system lets this program have open.

use crate::i18n::{Failure, failure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A scanner without a visitor has some 70 open on two cores; on more its web server has more threads with some each.
const OWN: u64 = 256;
/// Descriptors of a client of the page: its live connection, and one for what it loads.
const EACH_CLIENT: u64 = 2;
/// Beyond any use, and below what a kernel refuses (`fs.nr_open`, 1,048,576 by default).
const MOST: u64 = 524_288;

/// Raises the soft limit, which many systems set to 1,024, to the hard one.
pub(crate) fn raise() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(MOST, |hard| hard.min(MOST));
    if limit.current.is_some_and(|soft| soft < wanted) {
        // Refused, the limit stays what it was, and whether that is enough is looked at by who needs many.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum });
    }
}

/// Is there room for a scanner; for fewer than `clients` of its page it is said in the log.
///
/// # Errors
/// When there is not, with what is needed.
pub(crate) fn enough(clients: usize) -> Result<(), Failure> {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let needed = OWN + EACH_CLIENT * clients as u64;
    judged(limit, needed)?;
    if limit < needed {
        tracing::warn!(
            limit,
            needed,
            "the limit of open files is too low for web.max_clients: raise it (LimitNOFILE=, ulimit -Hn) or lower that"
        );
    }
    Ok(())
}

fn judged(limit: u64, needed: u64) -> Result<(), Failure> {
    if limit < OWN { Err(failure!(too_few_files, limit = limit, needed = needed)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_said() {
        let told = judged(64, 656).unwrap_err().to_string();
        assert!(told.contains(" 64 ") && told.contains("656") && told.contains("LimitNOFILE"), "{told}");
        assert!(judged(OWN, 656).is_ok());
        raise();
        let limit = getrlimit(Resource::Nofile);
        assert!(limit.current >= Some(limit.maximum.unwrap_or(MOST).min(MOST)), "{limit:?}");
    }
}
