//! The language of this run: `--lang`, then `IMPULSO__LANG`, then the setting `lang`, then the locale. Logs stay English.

use super::file::settings_text;
use crate::i18n::{Language, Texts};
use crate::settings;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Set once from arguments, environment and file: the parser's own errors need it before there are settings to pass
/// along.
static CHOSEN: OnceLock<Choice> = OnceLock::new();

#[derive(Debug, Clone, Copy)]
struct Choice {
    language: Language,
    flag: Option<Language>,
}

/// Chooses before the arguments are parsed: their help and what is wrong with them are told in it.
pub(super) fn choose(args: &[String], env: &dyn Fn(&str) -> Option<String>) {
    let file = value_of(args, "--config").map(PathBuf::from).or_else(|| settings::found(env));
    let set = || settings_text(&file?).ok().and_then(|text| settings::language_in(&text));
    let flag = value_of(args, "--lang").and_then(Language::from_code);
    let language = flag
        .or_else(|| env("IMPULSO__LANG").as_deref().and_then(Language::from_code))
        .or_else(|| set().as_deref().and_then(Language::from_code))
        .unwrap_or_else(|| by_locale(env));
    let _earlier = CHOSEN.set(Choice { language, flag });
}

/// The texts in the language of this run.
pub(super) fn t() -> &'static Texts {
    CHOSEN.get().map_or(Language::En, |choice| choice.language).texts()
}

/// The language that the flag named.
pub(super) fn flag() -> Option<Language> {
    CHOSEN.get()?.flag
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
}
