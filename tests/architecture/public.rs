//! What is public is for tests and benches: the compiler sees dead code in everything else.

use super::source::{SourceFile, code};
use std::collections::BTreeSet;

/// Public functions and constants of `sources` that none of `users` (tests, benches, `main.rs`) names. Types are left
/// out: a public function may have them in its signature.
pub(crate) fn unused(sources: &[SourceFile], users: &[SourceFile]) -> Vec<String> {
    let named: BTreeSet<String> = users.iter().flat_map(|file| words(&code(&file.text))).collect();
    let mut findings = Vec::new();
    for file in sources {
        let text = code(&file.text);
        for (number, line) in text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).enumerate() {
            if let Some(name) = public(line).filter(|name| !named.contains(name)) {
                findings.push(format!("{}:{} {name} can be pub(crate)", file.path, number + 1));
            }
        }
    }
    findings
}

/// The function or constant that the line makes public.
fn public(line: &str) -> Option<String> {
    let mut words = words(line.trim_start().strip_prefix("pub ")?).into_iter();
    let kind = words.find(|word| !["async", "unsafe"].contains(&word.as_str()))?;
    let next = words.next()?;
    match kind.as_str() {
        "fn" | "static" => Some(next),
        "const" if next == "fn" => words.next(),
        "const" => Some(next),
        _ => None,
    }
}

fn words(text: &str) -> Vec<String> {
    let word = |part: &str| (!part.is_empty()).then(|| part.to_owned());
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter_map(word).collect()
}
