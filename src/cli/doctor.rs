//! The doctor's findings as lines of text.

use super::lang::say_it;
use crate::app::doctor::Check;
use std::fmt::Write;

/// One line a check, with what to do where it failed; and whether all is well.
pub(super) fn render(checks: &[Check]) -> (String, bool) {
    let mut text = String::new();
    for check in checks {
        let (mark, name) = (say_it(if check.ok { "ok" } else { "failed" }), say_it(check.name));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mark:<6}  {name:<12} {}", say_it(&check.detail));
        if !check.ok {
            let _ = writeln!(text, "                     -> {}", say_it(&check.advice));
        }
    }
    (text, checks.iter().all(|check| check.ok))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_to_do() {
        let good = Check::ok("rest", "answers in 20 ms");
        let bad = Check::failed("clock", "off by 9 s", "synchronise it");
        let (text, well) = render(&[good, bad]);
        assert!(!well);
        assert!(text.starts_with("ok      rest         answers in 20 ms\nfailed  clock"), "{text}");
        assert!(text.contains("-> synchronise it"));
    }
}
