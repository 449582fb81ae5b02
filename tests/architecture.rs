//! The layers, held: imports go down only, no layer uses what it must not, files and functions stay small.
mod architecture {
    pub(crate) mod circles;
    pub(crate) mod lengths;
    pub(crate) mod public;
    pub(crate) mod rules;
    pub(crate) mod source;
}

use architecture::{circles, lengths, public, rules, source};
use std::path::Path;

fn all_sources() -> Vec<source::SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = source::read_tree(&root.join("src"), root);
    assert!(files.len() > 60, "the sources were not found: {} files", files.len());
    files
}

fn no_findings(findings: &[String]) {
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn imports_go_down_only() {
    no_findings(&all_sources().iter().flat_map(rules::imports).collect::<Vec<_>>());
}

#[test]
fn no_files_import_one_another() {
    let circles = circles::circles(&all_sources());
    no_findings(&circles.iter().map(|circle| circle.join("\n  ")).collect::<Vec<_>>());
}

#[test]
fn modules_with_children_are_mod_rs() {
    let files = all_sources();
    let beside = files.iter().filter(|file| {
        let folder = format!("{}/", file.path.trim_end_matches(".rs"));
        files.iter().any(|other| other.path.starts_with(&folder))
    });
    no_findings(
        &beside.map(|file| format!("{} has children: make it mod.rs", file.path)).collect::<Vec<_>>(),
    );
}

#[test]
fn no_layer_uses_what_it_must_not() {
    no_findings(&all_sources().iter().flat_map(rules::forbidden).collect::<Vec<_>>());
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = all_sources().into_iter().filter(|file| !file.text.starts_with("//!"));
    no_findings(&silent.map(|file| format!("{} does not open with //!", file.path)).collect::<Vec<_>>());
}

#[test]
fn files_and_functions_stay_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = all_sources();
    files.extend(source::read_tree(&root.join("tests"), root));
    files.extend(source::read_tree(&root.join("benches"), root));
    no_findings(&files.iter().flat_map(lengths::findings).collect::<Vec<_>>());
}

#[test]
fn what_is_public_is_for_tests_and_benches() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (users, sources): (Vec<_>, Vec<_>) =
        all_sources().into_iter().partition(|file| file.path == "src/main.rs");
    let users: Vec<_> = ["tests", "benches"]
        .iter()
        .flat_map(|folder| source::read_tree(&root.join(folder), root))
        .chain(users)
        .collect();
    no_findings(&public::unused(&sources, &users));
}

#[test]
fn the_checker_finds_what_it_should() {
    let file = |path: &str, text: &str| source::SourceFile { path: path.to_owned(), text: text.to_owned() };
    let up = file("src/domain/x.rs", "//! x\nuse crate::{actors::ports::Clock, domain::time};\n");
    assert_eq!(rules::imports(&up).len(), 1, "{:?}", rules::imports(&up));
    let sideways = file("src/adapters/redis/a.rs", "//! x\nuse crate::adapters::binance::http::Pace;\n");
    assert_eq!(rules::imports(&sideways).len(), 1);
    let relative = file("src/domain/score/level.rs", "//! x\nfn f() { super::super::super::actors::x(); }\n");
    assert_eq!(rules::imports(&relative).len(), 1);
    let fine = file(
        "src/actors/x.rs",
        "//! x\nuse crate::domain::moment::MarketTime;
\nuse super::ports::Clock;\n",
    );
    assert!(rules::imports(&fine).is_empty());
    let settings = file("src/actors/x.rs", "//! x\nuse crate::settings::Settings;\n");
    assert_eq!(rules::imports(&settings).len(), 1);
    let clock = file("src/exchange/x.rs", "//! x\nfn f() { std::time::Instant::now(); tokio::spawn(x); }\n");
    assert_eq!(rules::forbidden(&clock).len(), 2);
    let send = file("src/actors/ranker.rs", "//! x\nfn f() { a.do_send(b); }\n");
    assert_eq!(rules::forbidden(&send).len(), 1);
    let said = file("src/domain/x.rs", "//! x\n// tokio:: in a comment\nconst A: &str = \"actix::\";\n");
    assert!(rules::forbidden(&said).is_empty());
    let long = format!("//! x\nfn long() {{\n{}}}\n", "    call(\"}\");\n".repeat(70));
    assert_eq!(lengths::findings(&file("src/domain/x.rs", &long)).len(), 1);
    let short = format!("//! x\nfn short() {{\n{}}}\n", "    call('}');\n".repeat(60));
    assert!(lengths::findings(&file("src/domain/x.rs", &short)).is_empty());
    let open = [file(
        "src/a.rs",
        "//! x\npub const fn dead() {}\npub(crate) fn own() {}\npub fn used() {}\npub struct T;\n",
    )];
    let user = [file("tests/a.rs", "//! x\n// dead\nuse impulso::a::used;\n")];
    assert_eq!(public::unused(&open, &user), ["src/a.rs:2 dead can be pub(crate)"]);
    let huge = format!("//! x\n{}", "const A: u8 = 1;\n".repeat(400));
    assert_eq!(lengths::findings(&file("src/domain/x.rs", &huge)).len(), 1);
}

#[test]
fn the_checker_finds_circles() {
    let file = |path: &str, text: &str| source::SourceFile { path: path.to_owned(), text: text.to_owned() };
    let root = file("src/lib.rs", "pub mod a;\npub mod b;\npub use a::x::Y;\n");
    let found = |a: &str, x: &str, b: &str| {
        let files = [
            file("src/lib.rs", &root.text),
            file("src/a/mod.rs", a),
            file("src/a/x.rs", x),
            file("src/b.rs", b),
        ];
        circles::circles(&files).iter().map(Vec::len).collect::<Vec<_>>()
    };
    let none: [usize; 0] = [];
    assert_eq!(found("mod x;", "use crate::b::B;", "use crate::a::x::{self, Y};"), [2], "use, group");
    assert_eq!(found("mod x;\nuse x::Y;", "use super::Z;", ""), [2], "a module and its child");
    assert_eq!(found("mod x;\nfn f() { x::y() }", "fn g() { super::z() }", ""), [2], "paths in the code");
    assert_eq!(found("mod x;\npub use x::Y;", "use super::Z;", ""), none, "handing on is no import");
    assert_eq!(
        found("mod x;\npub use x::Y;", "use crate::b::B;", "use crate::a::Y;"),
        [2],
        "what is handed on"
    );
    assert_eq!(found("mod x;\nuse crate::b::B;", "", "use super::a::x::{\n Y,\n};"), none, "one way only");
    let tests = "#[cfg(test)]\nmod tests {\n use crate::a::Z;\n}\n// use crate::a::Z;\n";
    assert_eq!(found("mod x;\nuse crate::b::B;", "", tests), none, "tests and comments do not count");
    assert_eq!(found("mod x;\nuse crate::b::B;", "use crate::b::B;", "use crate::a::x::Y;"), [2]);
    assert_eq!(found("mod x;\nuse crate::b::B;", "use super::Z;", "use crate::a::x::Y;"), [3], "over three");
}
