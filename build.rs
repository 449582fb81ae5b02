//! Makes a Rust function of each text in `src/i18n/<language>/*.ftl`; `src/i18n/mod.rs` says why.

use fluent_typed::{BuildOptions, FtlOutputOptions, LintLevel, build_from_locales_folder};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Ok(out) = std::env::var("OUT_DIR") else { return ExitCode::FAILURE };
    build_from_locales_folder(
        BuildOptions::default()
            .with_locales_folder("src/i18n")
            .with_default_language("en")
            .with_prefix("")
            // Both languages are written from left to right, and the marks would reach logs, terminals and JSON.
            .without_bidi_isolation()
            // Each argument says in the English file whether it is a text or a number.
            .with_lint_level(LintLevel::Strict)
            .with_output_file_path(&format!("{out}/texts.rs"))
            .with_ftl_output(FtlOutputOptions::multi_file(&out))
            .without_format(),
    )
}
