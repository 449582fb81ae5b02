//! Source files, and their text without comments and literals.

use std::path::Path;

/// One file, path relative to the package.
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every `.rs` file below `folder`, in order; folders of installed packages are passed over.
pub(crate) fn read_tree(folder: &Path, root: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).expect("readable").map(|e| e.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() && !name.starts_with('.') && name != "node_modules" {
            files.extend(read_tree(&path, root));
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(&path).expect("readable");
            let path = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            files.push(SourceFile { path, text });
        }
    }
    files
}

/// The text with comments, strings and characters blanked; lines stay where they are.
pub(crate) fn code(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(&bytes, at);
        if end > at {
            out.extend(bytes[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

/// Where the comment or literal that begins at `at` ends; `at` itself when none begins there.
fn literal_end(text: &[char], at: usize) -> usize {
    let starts = |pattern: &str| pattern.chars().enumerate().all(|(i, c)| text.get(at + i) == Some(&c));
    let until = |from: usize, stop: &dyn Fn(usize) -> bool| {
        (from..text.len()).find(|i| stop(*i)).unwrap_or(text.len())
    };
    let word_before = at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_');
    if starts("//") {
        return until(at, &|i| text[i] == '\n');
    }
    if starts("/*") {
        return (until(at + 2, &|i| text[i] == '*' && text.get(i + 1) == Some(&'/')) + 2).min(text.len());
    }
    if !word_before && (starts("r\"") || starts("r#")) {
        let hashes = text[at + 1..].iter().take_while(|c| **c == '#').count();
        if text.get(at + 1 + hashes) == Some(&'"') {
            let closed = |i: usize| {
                text[i] == '"' && text[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
            };
            return (until(at + 2 + hashes, &closed) + 1 + hashes).min(text.len());
        }
    }
    if starts("\"") {
        let mut i = at + 1;
        while i < text.len() && text[i] != '"' {
            i += if text[i] == '\\' { 2 } else { 1 };
        }
        return (i + 1).min(text.len());
    }
    if starts("'\\") {
        return (until(at + 3, &|i| text[i] == '\'') + 1).min(text.len());
    }
    // A character, not a lifetime.
    if starts("'") && text.get(at + 2) == Some(&'\'') {
        return at + 3;
    }
    at
}
