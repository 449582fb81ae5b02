//! The language of the command line: `--lang`, then the setting `lang`, then the locale. The code is written in English;
//! what people read is looked up in the table of `spanish` at the very end. Logs stay English.

use super::args::Cli;
use super::spanish::{CLAP_WORDS, Entry, HELP, MESSAGES};
use crate::i18n::Language;
use crate::settings;
use clap::builder::StyledStr;
use clap::{Command, CommandFactory};
use std::borrow::Cow;
use std::sync::OnceLock;

/// A template with fewer letters than this says little.
const FEW_LETTERS: usize = 6;

static CHOSEN: OnceLock<Choice> = OnceLock::new();

/// What was chosen at the start, and by which flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Choice {
    language: Language,
    flag: Option<Language>,
}

/// Chooses the language of this run.
pub(super) fn choose(args: &[String], env: &dyn Fn(&str) -> Option<String>) {
    let file = value_of(args, "--config").map_or_else(|| settings::LOCAL_FILE.to_owned(), str::to_owned);
    let set = || std::fs::read_to_string(file).ok().and_then(|text| settings::language_in(&text));
    let flag = value_of(args, "--lang").and_then(read);
    let language = flag
        .or_else(|| env("IMPULSO__LANG").as_deref().and_then(read))
        .or_else(|| set().as_deref().and_then(read))
        .unwrap_or_else(|| by_locale(env));
    let _earlier = CHOSEN.set(Choice { language, flag });
}

fn current() -> Language {
    CHOSEN.get().map_or(Language::En, |choice| choice.language)
}

/// The language that a flag named, as the setting has it.
pub(super) fn flag() -> Option<&'static str> {
    CHOSEN.get()?.flag.map(|language| if language == Language::Es { "es" } else { "en" })
}

fn read(text: &str) -> Option<Language> {
    match text {
        "es" => Some(Language::Es),
        "en" => Some(Language::En),
        _ => None,
    }
}

fn value_of<'a>(args: &'a [String], flag: &str) -> Option<&'a str> {
    let mut rest = args.iter().take_while(|arg| *arg != "--");
    while let Some(arg) = rest.next() {
        if arg == flag {
            return rest.next().map(String::as_str);
        }
        if let Some(value) = arg.strip_prefix(flag).and_then(|rest| rest.strip_prefix('=')) {
            return Some(value);
        }
    }
    None
}

/// Spanish for `es`, `es_ES.UTF-8` and the like, English for everything else.
fn by_locale(env: &dyn Fn(&str) -> Option<String>) -> Language {
    let named = |name: &&str| env(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(named).unwrap_or_default();
    let language = locale.split(['_', '.', '@']).next().unwrap_or_default();
    if language.eq_ignore_ascii_case("es") { Language::Es } else { Language::En }
}

/// A text of one or more lines in the language of this run; what the table does not have stays English.
pub(super) fn say_it(text: &str) -> Cow<'_, str> {
    if current() == Language::En {
        return Cow::Borrowed(text);
    }
    // Of several lines each is a text of its own.
    let whole = if text.trim_end().contains('\n') { None } else { spanish(text) };
    match whole {
        Some(spanish) => Cow::Owned(spanish),
        None => Cow::Owned(text.split('\n').map(or_same).collect::<Vec<_>>().join("\n")),
    }
}

/// Spanish where the table has it; else part by part, as causes stand behind one another.
fn or_same(text: &str) -> String {
    if let Some(spanish) = spanish(text) {
        return spanish;
    }
    let parts = text.split(": ").map(|part| spanish(part).unwrap_or_else(|| part.to_owned()));
    parts.collect::<Vec<_>>().join(": ")
}

/// The causes of an error, each in the language of this run.
pub(super) fn error(error: &anyhow::Error) -> String {
    error.chain().map(|cause| say_it(&cause.to_string()).into_owned()).collect::<Vec<_>>().join(": ")
}

/// The Spanish of a text; `None` where the table has none.
pub(super) fn spanish(text: &str) -> Option<String> {
    if let Some((_, spanish)) =
        HELP.iter().chain(MESSAGES).copied().flatten().find(|(english, _)| *english == text)
    {
        return Some((*spanish).to_owned());
    }
    let fits = MESSAGES.iter().copied().flatten().filter(|(english, _)| english.contains("{}"));
    let fits = fits.filter_map(|entry| Some((entry, holes(entry.0, text)?)));
    let ((_, spanish), found) = fits.max_by_key(|((english, _), _)| english.len())?;
    let mut parts = spanish.split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (hole, part) in found.into_iter().zip(parts) {
        text.push_str(&or_same(hole));
        text.push_str(part);
    }
    Some(text)
}

/// What stands in the holes of the template, if the text is of its form.
fn holes<'a>(template: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let (head, tail) = template.split_once("{}")?;
    let mut rest = text.strip_prefix(head)?;
    let mut found = Vec::new();
    let mut parts = tail.split("{}").peekable();
    while let Some(part) = parts.next() {
        let at = match (parts.peek(), part) {
            (None, "") => rest.len(),
            (None, end) => rest.strip_suffix(end)?.len(),
            (Some(_), part) => rest.find(part)?,
        };
        found.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    // So few letters fit by chance: only single words may stand around them.
    let letters = template.chars().filter(|c| c.is_alphabetic()).count();
    let single = || found.iter().all(|hole| !hole.contains(char::is_whitespace));
    (letters >= FEW_LETTERS || single()).then_some(found)
}

/// The tree of commands with help in the language of this run.
pub(super) fn command() -> Command {
    let mut command = Cli::command();
    if current() == Language::En {
        return command;
    }
    // Built, the tree has the flags and the command for help, so that they are translated with the rest.
    command.build();
    in_spanish(command)
}

fn in_spanish(command: Command) -> Command {
    let text = |styled: Option<&StyledStr>| styled.map(|text| help_text(&text.to_string()));
    let (about, after) = (text(command.get_about()), text(command.get_after_help()));
    let command = match about {
        Some(about) => command.about(about),
        None => command,
    };
    let command = match after {
        Some(after) => command.after_help(after),
        None => command,
    };
    let command = command.mut_args(|arg| match arg.get_help().map(ToString::to_string) {
        Some(help) => arg.help(help_text(&help)),
        None => arg,
    });
    command.mut_subcommands(in_spanish)
}

/// A help text in Spanish; of examples without words only the heading is one.
fn help_text(english: &str) -> String {
    spanish(english)
        .unwrap_or_else(|| english.replacen("Examples:", "Ejemplos:", 1).replacen("Example:", "Ejemplo:", 1))
}

/// What the argument parser wrote, in the language of this run.
pub(super) fn parser_text(text: &str) -> String {
    let words = |table: &[Entry], text: String| {
        table.iter().fold(text, |text, (english, spanish)| text.replace(english, spanish))
    };
    if current() == Language::En {
        return text.to_owned();
    }
    let values: Vec<Entry> = HELP
        .iter()
        .copied()
        .flatten()
        .filter(|(e, _)| value_helps().iter().any(|v| v == e))
        .copied()
        .collect();
    words(CLAP_WORDS, words(&values, text.to_owned()))
}

/// Help of the values that flags may have.
fn value_helps() -> Vec<String> {
    fn walk(command: &Command, found: &mut Vec<String>) {
        let values = command.get_arguments().flat_map(|arg| arg.get_possible_values());
        found.extend(values.filter_map(|value| Some(value.get_help()?.to_string())));
        command.get_subcommands().for_each(|inner| walk(inner, found));
    }
    let mut found = Vec::new();
    walk(&Cli::command(), &mut found);
    found
}

/// Each help text of the tree of commands that the table of the Spanish words lacks, with where it stands.
pub fn help_without_spanish() -> Vec<String> {
    fn walk(command: &Command, path: &str, missing: &mut Vec<String>) {
        let mut look = |place: String, english: Option<String>| match english {
            None => missing.push(format!("{place} has no help")),
            Some(english) if spanish(&english).is_none() => missing.push(format!("{place}: {english}")),
            Some(_) => {}
        };
        look(path.to_owned(), command.get_about().map(ToString::to_string));
        // Examples without words need no translation: every line is a command.
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        if after.lines().skip(1).any(|line| line.trim().contains("  ")) {
            look(format!("{path} (examples)"), Some(after));
        }
        for arg in command.get_arguments() {
            let place = format!("{path} {}", arg.get_id());
            look(place.clone(), arg.get_help().map(ToString::to_string));
            if arg.get_action().takes_values()
                && !arg.is_hide_possible_values_set()
                && arg.get_id() != "shell"
            {
                for value in arg.get_possible_values() {
                    let english = value.get_help().map(ToString::to_string);
                    look(format!("{place}={}", value.get_name()), english);
                }
            }
        }
        for inner in command.get_subcommands() {
            walk(inner, &format!("{path} {}", inner.get_name()), missing);
        }
    }
    let mut missing = Vec::new();
    walk(&Cli::command(), "impulso", &mut missing);
    missing
}

/// Is there Spanish for this line, with `{}` for what changes.
pub fn has_spanish(template: &str) -> bool {
    spanish(template).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_decides_unless_something_names_the_language() {
        let with = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        };
        assert_eq!(by_locale(&with(&[("LANG", "es_ES.UTF-8")])), Language::Es);
        assert_eq!(by_locale(&with(&[("LANG", "es")])), Language::Es);
        assert_eq!(by_locale(&with(&[("LANG", "est_EE")])), Language::En);
        assert_eq!(
            by_locale(&with(&[("LC_ALL", ""), ("LC_MESSAGES", "es_MX"), ("LANG", "en_US")])),
            Language::Es
        );
        assert_eq!(by_locale(&with(&[("LC_ALL", "C"), ("LANG", "es_ES")])), Language::En);
        assert_eq!(by_locale(&with(&[])), Language::En);
    }

    #[test]
    fn flags_are_found_before_the_end_of_flags() {
        let args = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(value_of(&args("impulso scan --lang es"), "--lang"), Some("es"));
        assert_eq!(value_of(&args("impulso --lang=en scan"), "--lang"), Some("en"));
        assert_eq!(value_of(&args("impulso scan -- --lang es"), "--lang"), None);
        assert_eq!(value_of(&args("impulso scan --language es"), "--lang"), None);
    }

    #[test]
    fn templates_keep_what_changes_and_the_most_exact_one_counts() {
        let said = |text: &str| spanish(text).unwrap_or_default();
        assert_eq!(
            said("/x/a.db is in use: stop the scanner first"),
            "/x/a.db está en uso: para antes el escáner"
        );
        assert_eq!(
            said("unknown setting 'a' in f.toml; did you mean 'b'? allowed there: b, c"),
            "ajuste desconocido 'a' en f.toml; ¿será 'b'? allí se admiten: b, c"
        );
        assert_eq!(said("this machine is 20 ms behind"), "esta máquina va 20 ms atrasada");
        assert_eq!(
            said("setting 'web.workers' is 0; allowed: 1 to 64"),
            "el ajuste 'web.workers' es 0; se admite: de 1 a 64"
        );
        assert_eq!(spanish("impulso_0123456789"), None);
    }

    #[test]
    fn both_languages_of_the_table_have_the_same_holes() {
        for (english, spanish) in HELP.iter().chain(MESSAGES).chain(&[CLAP_WORDS]).copied().flatten() {
            assert_eq!(english.matches("{}").count(), spanish.matches("{}").count(), "{english}");
            assert!(!spanish.is_empty() && english != spanish, "{english}");
        }
    }
}
