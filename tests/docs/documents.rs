//! The documents stay true: every setting is documented and nothing else is, every linked file is there.
use clap::CommandFactory;
use clap::error::ErrorKind;
use impulso::settings::{Settings, Sources};
use std::collections::BTreeSet;
use std::path::Path;

fn read(path: &str) -> String {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&full).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn every_setting_is_documented_and_nothing_else() {
    let settings = Settings::load(&Sources::default()).expect("the defaults are right");
    let known: BTreeSet<String> = settings.origins.keys().cloned().collect();
    let text = read("docs/CONFIGURATION.md");
    let rows = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(key, _)| key.to_owned()));
    let documented: BTreeSet<String> = rows.collect();
    assert!(known.len() > 50, "{known:?}");
    assert_eq!(known, documented);
}

#[test]
fn links_between_documents_lead_somewhere() {
    for file in ["README.md", "README.es.md", "docs/DEVELOPING.md", "docs/OPERATIONS.md", "docs/HISTORY.md"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        for part in read(file).split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            let target = target.split('#').next().unwrap_or_default();
            let outside = target.starts_with("http") || target.is_empty();
            assert!(outside || folder.with_file_name("").join(target).exists(), "{file} links to {target}");
        }
    }
}

/// What stands in backquotes and in blocks of code: each command without its explanation.
fn commands(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (n, block) in text.split("```").enumerate() {
        let (lines, code) = (block.lines(), n % 2 == 1);
        let first_word = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
        for line in lines {
            if code {
                let command =
                    line.split("  #").next().unwrap_or_default().split(" #").next().unwrap_or_default();
                found.extend(
                    Some(command.trim().to_owned()).filter(|c| !first_word(c).is_empty() && c.contains(' ')),
                );
            } else {
                found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
            }
        }
    }
    found
}

#[test]
fn both_readmes_name_the_same_commands_and_all_there_are() {
    let (english, spanish) = (commands(&read("README.md")), commands(&read("README.es.md")));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    // A word of the other language may stand in quotes; commands, settings and fields are the same.
    let nothing: Vec<String> = Vec::new();
    assert_eq!(only(&english, &spanish), nothing, "only in README.md");
    assert_eq!(only(&spanish, &english), nothing, "only in README.es.md");
    let tree = impulso::cli::Cli::command();
    for command in tree.get_subcommands() {
        let name = format!("impulso {}", command.get_name());
        let named = |c: &String| *c == name || c.starts_with(&format!("{name} "));
        assert!(english.iter().any(named), "README.md lacks {name}");
        for inner in command.get_subcommands() {
            let full = format!("{name} {}", inner.get_name());
            assert!(english.contains(&full) || english.contains(inner.get_name()), "README.md lacks {full}");
        }
    }
}

#[test]
fn every_command_in_the_documents_can_be_typed() {
    let tree = impulso::cli::Cli::command();
    let mut tried = 0;
    for file in ["README.md", "README.es.md", "docs/OPERATIONS.md", "docs/HISTORY.md", "docs/ALERTS.md"] {
        for command in commands(&read(file)) {
            let Some(command) = command.strip_prefix("impulso ") else { continue };
            let plain = command.replace("DIR", "x").replace("SHELL", "bash").replace("NAME", "x");
            let plain = plain.replace("URL", "redis://x").replace("SCOPE", "read");
            let words: Vec<&str> =
                plain.split(['>', '|']).next().unwrap_or_default().split_whitespace().collect();
            let typed = tree.clone().try_get_matches_from(["impulso"].iter().chain(&words));
            let short =
                words.len() < 3 && typed.as_ref().is_err_and(|e| e.kind() != ErrorKind::InvalidSubcommand);
            tried += 1;
            // A command alone may stand for itself; with arguments it must be right.
            assert!(typed.is_ok() || short, "{file}: impulso {command}: {}", typed.unwrap_err());
        }
    }
    assert!(tried > 20, "{tried}");
}
