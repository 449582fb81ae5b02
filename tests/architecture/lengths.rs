//! The size ratchet: lines of a file, lines of a function. A file is one subject, usually under 300 lines and a
//! function under 40; the bounds here are where a subject must be two. They are no reason to cut one in two.

use super::source::{SourceFile, code};

/// Most lines of a file.
pub(crate) const FILE_LINES: usize = 400;
/// Most lines of a function, from its signature to its closing brace.
pub(crate) const FUNCTION_LINES: usize = 70;

/// What is too long.
pub(crate) fn findings(file: &SourceFile) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = file.text.lines().count();
    if lines > FILE_LINES {
        findings.push(format!("{} has {lines} lines, more than {FILE_LINES}", file.path));
    }
    for (name, first, lines) in functions(&code(&file.text)) {
        if lines > FUNCTION_LINES {
            let path = &file.path;
            findings.push(format!("{path}:{first} fn {name} has {lines} lines, more than {FUNCTION_LINES}"));
        }
    }
    findings
}

/// Name, first line and number of lines of each function with a body.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = code[from..].find("fn ").map(|at| at + from) {
        from = at + 3;
        let word = code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let name: String = code[from..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if word || name.is_empty() {
            continue;
        }
        let Some(end) = body_end(&code[from..]) else { continue };
        let first = code[..at].matches('\n').count() + 1;
        found.push((name, first, code[at..from + end].matches('\n').count() + 1));
    }
    found
}

/// Offset of the closing brace of the body; `None` for a signature without one.
fn body_end(code: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            ';' if depth == 0 => return None,
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            '(' | '[' => depth += i32::MAX / 1_000_000,
            ')' | ']' => depth -= i32::MAX / 1_000_000,
            _ => {}
        }
    }
    None
}
