//! `impulso doctor`: the findings as lines, with what to do where something failed.

use super::lang::t;
use super::output::say;
use super::settings::SettingsArgs;
use crate::app;
use crate::app::doctor::{Check, examine};
use crate::i18n::Texts;
use std::process::ExitCode;

pub(super) fn run(args: &SettingsArgs) -> anyhow::Result<ExitCode> {
    let checks = app::run_value(examine(args.load()?))?;
    checks.iter().for_each(|check| say(shown(check, t())));
    let well = checks.iter().all(|check| check.advice.is_none());
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn shown(check: &Check, t: &Texts) -> String {
    let mark = if check.advice.is_none() { t.doctor_ok() } else { t.doctor_failed() };
    let line = format!("{mark:<6}  {:<12} {}", check.name.in_words(t), check.found.in_words(t));
    match &check.advice {
        Some(advice) => format!("{line}\n                     -> {}", advice.in_words(t)),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Language, Text};

    #[test]
    fn a_failure_says_what_to_do() {
        let check =
            Check::failed(Text::verbatim("clock"), Text::verbatim("off by 9 s"), Text::verbatim("wait"));
        let (en, es) = (shown(&check, Language::En.texts()), shown(&check, Language::Es.texts()));
        assert_eq!(en, "failed  clock        off by 9 s\n                     -> wait");
        assert!(es.starts_with("mal     clock"), "{es}");
        let good = Check::ok(Text::verbatim("rest"), Text::verbatim("answers in 20 ms"));
        assert_eq!(shown(&good, Language::En.texts()), "ok      rest         answers in 20 ms");
    }
}
