//! The command line in both languages: the table has every text, and the program shows it.

use crate::support::program;
use impulso::cli::{has_spanish, help_without_spanish};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the program with a locale, without any setting of the caller's.
pub(super) fn run(args: &[&str], env: &[(&str, &str)], folder: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(program());
    for (key, _) in std::env::vars() {
        if key.starts_with("IMPULSO__") || key.starts_with("LC_") || key.starts_with("LANG") {
            command.env_remove(key);
        }
    }
    let out = command.args(args).envs(env.iter().copied()).current_dir(folder).output().expect("it runs");
    (out.status.code(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}

#[test]
fn every_command_and_flag_has_help_in_both_languages() {
    let missing = help_without_spanish();
    assert!(missing.is_empty(), "add these to src/cli/spanish/help.rs:\n{}", missing.join("\n"));
}

/// Each call in which a text for people stands.
const CALLS: [&str; 10] = [
    "say(",
    "bail!(",
    "ensure!(",
    "context(",
    "#[error(",
    "Check::ok(",
    "Check::failed(",
    "SettingsError::value(",
    "Progress::new(",
    "io::Error::other(",
];
/// What begins a text that a call is handed later.
const NAMES: [&str; 4] = ["let advice =", "let allowed =", "let detail =", "const STORES: &str ="];

#[test]
fn every_line_and_error_of_the_commands_has_spanish() {
    let mut missing = Vec::new();
    let mut looked_at = 0;
    for file in sources() {
        let text = std::fs::read_to_string(&file).expect("a source");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let mut found: Vec<String> = Vec::new();
        for call in CALLS {
            found.extend(code.match_indices(call).flat_map(|(at, _)| literals(inside(&code[at..]))));
        }
        for name in NAMES {
            let ends = |at: usize| code[at..].find(";\n").map_or(code.len(), |end| at + end + 1);
            found.extend(code.match_indices(name).flat_map(|(at, _)| literals(&code[at..ends(at)])));
        }
        found.retain(|text| is_prose(text));
        looked_at += found.len();
        let place = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&file).display().to_string();
        missing.extend(found.iter().filter(|t| !has_spanish(&sample(t))).map(|t| format!("{place}: {t}")));
    }
    missing.sort();
    missing.dedup();
    assert!(looked_at > 100, "{looked_at} texts found");
    assert!(missing.is_empty(), "add these to src/cli/spanish/messages.rs:\n{}", missing.join("\n"));
}

fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![root.join("adapters/backup.rs"), root.join("adapters/state/tokens.rs")];
    let mut folders = vec![root.join("app"), root.join("cli"), root.join("settings")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            // The table itself, and what has both languages beside each other.
            let own = ["spanish", "bot.rs", "tests.rs", "lang.rs"].iter().any(|name| path.ends_with(name));
            match path.is_dir() {
                _ if own => {}
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files
}

/// From the call to its closing bracket.
fn inside(code: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (0_i32, false, false);
    for (at, c) in code.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => {
                depth -= 1;
                if depth == 0 {
                    return &code[..at];
                }
            }
            ';' if depth == 0 => return &code[..at],
            _ => {}
        }
    }
    code
}

/// The string literals in a piece of code, a line that goes on in the next joined.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '"' {
            continue;
        }
        let mut text = String::new();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => match chars.next() {
                    Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                    Some('n') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                other => text.push(other),
            }
        }
        found.push(text);
    }
    found
}

/// Words with a space between them, apart from what is filled in.
fn is_prose(text: &str) -> bool {
    let plain = template(text).replace("{}", "");
    let words =
        plain.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 3);
    plain.trim().contains(' ') && words.count() >= 1
}

/// The literal with plain holes.
fn template(text: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => {
                depth += 1;
                plain.push_str("{}");
            }
            '}' => depth -= 1,
            _ if depth > 0 => {}
            c => plain.push(c),
        }
    }
    plain
}

/// As it could come out.
fn sample(text: &str) -> String {
    template(text).trim().replace("{}", "7")
}

#[test]
fn flag_setting_and_locale_choose_the_language_in_this_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let of = |args: &[&str], env: &[(&str, &str)]| {
        let (_, text) = run(&[&["config", "check"], args].concat(), env, dir.path());
        if text.contains("los ajustes están bien") {
            "es"
        } else if text.contains("the settings are right") {
            "en"
        } else {
            panic!("{text}")
        }
    };
    assert_eq!(of(&[], &[]), "en");
    assert_eq!(of(&[], &[("LANG", "es_ES.UTF-8")]), "es");
    assert_eq!(of(&[], &[("LANG", "es_ES.UTF-8"), ("LC_MESSAGES", "en_GB.UTF-8")]), "en");
    assert_eq!(of(&[], &[("LANG", "en_GB.UTF-8"), ("LC_ALL", "es_AR.UTF-8")]), "es");
    assert_eq!(of(&[], &[("LANG", "es_ES.UTF-8"), ("IMPULSO__LANG", "en")]), "en");
    assert_eq!(of(&["--lang", "es"], &[("IMPULSO__LANG", "en")]), "es");
    std::fs::write(dir.path().join("impulso.toml"), "lang = \"es\"\n").expect("written");
    assert_eq!(of(&[], &[]), "es");
    assert_eq!(of(&["--lang=en"], &[("LANG", "es_ES.UTF-8")]), "en");
    let (_, shown) = run(&["config", "show", "--lang", "en"], &[], dir.path());
    assert!(shown.starts_with("lang = \"en\"  # flag"), "{shown}");
}
