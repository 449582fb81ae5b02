//! The command line in both languages: which of them is chosen, and that every place has its text.

use crate::support::program;
use clap::CommandFactory;
use impulso::cli::Cli;
use std::path::Path;
use std::process::Command;

/// Runs the program with a locale, without any setting of the caller's.
pub(super) fn run(args: &[&str], env: &[(&str, &str)], folder: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(program());
    for (key, _) in std::env::vars() {
        if key.starts_with("IMPULSO__") || key.starts_with("LC_") || key.starts_with("LANG") {
            command.env_remove(key);
        }
    }
    // A state folder of its own: what the user of this machine has must neither be read nor made.
    command.env("HOME", folder).env_remove("XDG_STATE_HOME").env_remove("XDG_CONFIG_HOME");
    let out = command.args(args).envs(env.iter().copied()).current_dir(folder).output().expect("it runs");
    (out.status.code(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}

/// A text that one of the languages lacks does not compile; here only a place without any can be wrong.
#[test]
fn every_command_flag_and_value_has_help() {
    fn walk(command: &clap::Command, path: &str, missing: &mut Vec<String>) {
        let mut look = |place: String, help: bool| missing.extend((!help).then_some(place));
        look(path.to_owned(), command.get_about().is_some());
        for arg in command.get_arguments() {
            let place = format!("{path} {}", arg.get_id());
            look(place.clone(), arg.get_help().is_some());
            // The names of shells and languages explain themselves.
            let own = !arg.is_hide_possible_values_set() && arg.get_id() != "shell";
            for value in arg.get_possible_values().iter().filter(|_| own && arg.get_action().takes_values()) {
                look(format!("{place}={}", value.get_name()), value.get_help().is_some());
            }
        }
        command.get_subcommands().for_each(|c| walk(c, &format!("{path} {}", c.get_name()), missing));
    }
    let mut missing = Vec::new();
    walk(&Cli::command(), "impulso", &mut missing);
    assert!(missing.is_empty(), "{missing:?}");
}

/// What a user typed is data: it may be the very text of a line, and stays as it is.
#[test]
fn what_was_typed_is_not_translated() {
    let dir = tempfile::tempdir().expect("a folder");
    let args = ["token", "revoke", "the settings are right", "--state-dir", "state"];
    let (code, text) = run(&args, &[("LANG", "es_ES.UTF-8")], dir.path());
    assert_eq!(code, Some(1));
    assert!(text.contains("no existe la clave 'the settings are right'"), "{text}");
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
    let own = dir.path().join("impulso");
    std::fs::create_dir(&own).expect("a folder");
    std::fs::write(own.join("impulso.toml"), "lang = \"es\"\n").expect("written");
    let home = ("XDG_CONFIG_HOME", dir.path().to_str().expect("UTF-8"));
    assert_eq!(of(&[], &[home]), "es");
    assert_eq!(of(&["--lang=en"], &[home, ("LANG", "es_ES.UTF-8")]), "en");
    let (_, shown) = run(&["config", "show", "--lang", "en"], &[home], dir.path());
    assert!(shown.starts_with("lang = \"en\"  # flag"), "{shown}");
}
