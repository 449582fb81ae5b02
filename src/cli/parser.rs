//! The argument parser's own words. `clap` writes English alone, but gives what it has to say by kind and data.

use crate::app::describe::describe;
use crate::i18n::Texts;
use clap::builder::styling::Style;
use clap::builder::{StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, Error};
use std::error::Error as _;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// The tree of commands with the parser's own words in it from the catalogue.
pub(super) fn worded(mut command: Command, t: &Texts) -> Command {
    // Built, the tree has the flags and the command for help, so that they get their words with the rest.
    command.build();
    in_words(command, t)
}

fn in_words(command: Command, t: &Texts) -> Command {
    let long = command.get_arguments().any(has_described_values);
    let usage = usage(&command, t);
    let mut command = command
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
            styled(STYLES.get_usage(), &t.parser_usage())
        ))
        .subcommand_help_heading(t.parser_commands())
        .subcommand_value_name(t.parser_command())
        .mut_args(|arg| worded_arg(arg, long, t))
        .mut_subcommands(|inner| in_words(inner, t));
    if command.get_name() == "help" {
        command = command.about(t.parser_help_command());
    }
    // Only this way is there to another word than `[OPTIONS]`; it costs the usage below an error its reference to what was
    // typed.
    if t.parser_options_given() == "[OPTIONS]" { command } else { command.override_usage(usage) }
}

fn usage(command: &Command, t: &Texts) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let name = styled(STYLES.get_literal(), name);
    let mut parts = vec![name.clone()];
    let own = |arg: &&Arg| !matches!(arg.get_action(), ArgAction::Help | ArgAction::Version);
    let (needed, free): (Vec<&Arg>, Vec<&Arg>) =
        command.get_arguments().filter(own).filter(|a| !a.is_positional()).partition(|a| a.is_required_set());
    if !free.is_empty() {
        parts.push(t.parser_options_given());
    }
    parts.extend(needed.into_iter().chain(command.get_positionals()).map(ToString::to_string));
    let inner = t.parser_command();
    if command.is_args_conflicts_with_subcommands_set() {
        return format!("{}\n       {name} <{inner}>", parts.join(" "));
    }
    if command.is_subcommand_required_set() {
        parts.push(format!("<{inner}>"));
    } else if command.has_subcommands() {
        parts.push(format!("[{inner}]"));
    }
    parts.join(" ")
}

fn has_described_values(arg: &Arg) -> bool {
    !arg.is_hide_possible_values_set() && arg.get_possible_values().iter().any(|v| v.get_help().is_some())
}

/// `long`: the command has help that `-h` shows shortened.
fn worded_arg(arg: Arg, long: bool, t: &Texts) -> Arg {
    let heading = if arg.is_positional() { t.parser_arguments() } else { t.parser_options() };
    let arg = arg.help_heading(heading);
    let arg = match arg.get_action() {
        ArgAction::Version => arg.help(t.parser_version()),
        ArgAction::Help if long => arg.help(t.parser_help_more()).long_help(t.parser_help_less()),
        ArgAction::Help => arg.help(t.parser_help()),
        _ => arg,
    };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut notes = Vec::new();
    if arg.get_action().takes_values() && !arg.get_default_values().is_empty() {
        let values: Vec<_> = arg.get_default_values().iter().map(|v| v.to_string_lossy()).collect();
        notes.push(t.parser_default(values.join(" ")));
    }
    let values = if arg.is_hide_possible_values_set() { vec![] } else { arg.get_possible_values() };
    let listed = has_described_values(&arg).then(|| described_values(&arg, t));
    let names: Vec<&str> = values.iter().map(|v| v.get_name()).collect();
    let named = (!names.is_empty()).then(|| t.parser_values(names.join(", ")));
    let short: Vec<&str> = notes.iter().chain(&named).map(String::as_str).collect();
    if short.is_empty() {
        return arg;
    }
    let short_help = format!("{help} {}", short.join(" "));
    let arg = arg.hide_default_value(true).hide_possible_values(true);
    if !long {
        return arg.help(short_help);
    }
    let (list, named) = if listed.is_some() { (listed, None) } else { (None, named) };
    let notes = notes.into_iter().chain(named).collect::<Vec<_>>().join("\n");
    let parts = [Some(help), list, Some(notes).filter(|notes| !notes.is_empty())];
    arg.help(short_help).long_help(parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"))
}

fn described_values(arg: &Arg, t: &Texts) -> String {
    let values = arg.get_possible_values();
    let width = values.iter().map(|v| v.get_name().len()).max().unwrap_or(0);
    let lines = values.iter().map(|value| {
        let (name, help) = (value.get_name(), value.get_help().map(ToString::to_string).unwrap_or_default());
        let gap = " ".repeat(width - name.len());
        format!("\n- {}: {gap}{help}", styled(STYLES.get_literal(), name))
    });
    t.parser_values_list() + &lines.collect::<String>()
}

/// Help, or what is wrong with the arguments.
pub(super) fn tell(told: &Error, t: &Texts) -> ExitCode {
    let (text, wrong) = (rendered(told, t), told.use_stderr());
    let terminal = if wrong { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
    let colour = terminal && std::env::var_os("NO_COLOR").is_none();
    let text = if colour { text.ansi().to_string() } else { text.to_string() };
    // The parser indents the empty lines of a help text, too.
    let text: String = text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    // Nothing is left to do if nobody reads it.
    let _ = if wrong { write!(std::io::stderr(), "{text}") } else { write!(std::io::stdout(), "{text}") };
    ExitCode::from(if wrong { 2 } else { 0 })
}

pub(super) fn rendered(error: &Error, t: &Texts) -> StyledStr {
    let Some(what) = what_is_wrong(error, t) else { return error.render() };
    let mut text = format!("{} {what}", styled(STYLES.get_error(), &t.parser_error()));
    for (number, tip) in tips(error, t).into_iter().enumerate() {
        let gap = if number == 0 { "\n\n" } else { "\n" };
        text += &format!("{gap}  {} {tip}", valid(&t.parser_tip()));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        // Before the first blank stands clap's own title.
        let usage = usage.ansi().to_string();
        let usage = usage.split_once(' ').map_or("", |(_, usage)| usage);
        text += &format!("\n\n{} {usage}", styled(STYLES.get_usage(), &t.parser_usage()));
    }
    text += &format!("\n\n{}\n", t.parser_more(styled(STYLES.get_literal(), "--help")));
    StyledStr::from(text)
}

/// Those of clap, which these commands leave as they are.
const STYLES: Styles = Styles::styled();

fn styled(style: &Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

fn valid(text: &str) -> String {
    styled(STYLES.get_valid(), text)
}

fn invalid(text: &str) -> String {
    styled(STYLES.get_invalid(), text)
}

fn one(error: &Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

fn many(error: &Error, kind: ContextKind) -> Vec<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text],
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        _ => vec![],
    }
}

/// `None` for what is no mistake (help, version), and for the kinds that these commands cannot bring about.
fn what_is_wrong(error: &Error, t: &Texts) -> Option<String> {
    let arg = || one(error, ContextKind::InvalidArg);
    let value = || one(error, ContextKind::InvalidValue);
    let each = |texts: Vec<&str>, style: fn(&str) -> String| {
        texts.iter().map(|text| format!("\n  {}", style(text))).collect::<String>()
    };
    let list = |kind| many(error, kind).iter().map(|v| valid(v)).collect::<Vec<_>>().join(", ");
    Some(match error.kind() {
        ErrorKind::UnknownArgument => t.parser_unknown_argument(invalid(arg()?)),
        ErrorKind::InvalidSubcommand => {
            t.parser_unknown_command(invalid(one(error, ContextKind::InvalidSubcommand)?))
        }
        ErrorKind::MissingRequiredArgument => {
            t.parser_missing() + &each(many(error, ContextKind::InvalidArg), valid)
        }
        ErrorKind::MissingSubcommand => {
            let command = invalid(one(error, ContextKind::InvalidSubcommand)?);
            format!(
                "{}\n  {}",
                t.parser_no_command(command),
                t.parser_commands_list(list(ContextKind::ValidSubcommand))
            )
        }
        ErrorKind::InvalidValue if value()?.is_empty() => {
            let allowed = list(ContextKind::ValidValue);
            let what = t.parser_no_value(invalid(arg()?));
            if allowed.is_empty() { what } else { format!("{what}\n  {}", t.parser_values(allowed)) }
        }
        ErrorKind::InvalidValue => {
            let what = t.parser_invalid_value(invalid(value()?), arg()?);
            format!("{what}\n  {}", t.parser_values(list(ContextKind::ValidValue)))
        }
        ErrorKind::ValueValidation => {
            let what = t.parser_invalid_value(invalid(value()?), arg()?);
            error.source().map_or_else(|| what.clone(), |why| format!("{what}: {}", describe(why, t)))
        }
        ErrorKind::TooManyValues => t.parser_too_many(invalid(value()?), arg()?),
        ErrorKind::ArgumentConflict => {
            conflict(&invalid(arg()?), arg()?, &many(error, ContextKind::PriorArg), t)
        }
        _ => return None,
    })
}

fn conflict(styled: &str, arg: &str, prior: &[&str], t: &Texts) -> String {
    match prior {
        [other] if *other == arg => t.parser_twice(styled),
        [other] => t.parser_conflict(styled, invalid(other)),
        others => {
            let each = others.iter().map(|other| format!("\n  {}", invalid(other)));
            t.parser_conflicts(styled) + &each.collect::<String>()
        }
    }
}

fn tips(error: &Error, t: &Texts) -> Vec<String> {
    let similar = |kind, one: fn(&Texts, String) -> String, several: fn(&Texts, String) -> String| {
        let names = many(error, kind);
        let quoted = names.iter().map(|name| format!("'{}'", valid(name))).collect::<Vec<_>>().join(", ");
        match names.len() {
            0 => None,
            1 => Some(one(t, quoted)),
            _ => Some(several(t, quoted)),
        }
    };
    let mut tips: Vec<String> = [
        similar(
            ContextKind::SuggestedSubcommand,
            |t, n| t.parser_similar_command(n),
            |t, n| t.parser_similar_commands(n),
        ),
        similar(
            ContextKind::SuggestedArg,
            |t, n| t.parser_similar_argument(n),
            |t, n| t.parser_similar_arguments(n),
        ),
        similar(
            ContextKind::SuggestedValue,
            |t, n| t.parser_similar_value(n),
            |t, n| t.parser_similar_values(n),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    // The only tip that clap words itself and that these commands can bring about.
    let dashed = one(error, ContextKind::InvalidArg).filter(|arg| arg.starts_with('-'));
    if let (Some(arg), Some(_)) = (dashed, error.get(ContextKind::Suggested)) {
        tips.push(t.parser_as_value(invalid(arg), valid(&format!("-- {arg}"))));
    }
    tips
}
