//! Which layer may import what, and what it must not contain.

use super::source::{SourceFile, code};

/// Layers from the bottom; `None` for what may import everything below the top (`lib.rs`, `main.rs`).
const LAYERS: [(&str, u8); 14] = [
    ("i18n", 0),
    ("domain", 0),
    ("exchange", 1),
    ("learning", 1),
    ("actors", 2),
    ("adapters", 3),
    ("simulator", 3),
    ("metrics", 3),
    ("web", 4),
    ("settings", 5),
    ("telemetry", 6),
    ("app", 7),
    ("cli", 8),
    ("main", 9),
];

fn layer(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

/// Path of the module as names: `src/domain/score/level.rs` is `domain, score, level`.
fn module_path(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    inner.split('/').filter(|name| *name != "mod").map(str::to_owned).collect()
}

/// Every module named by `crate::..`, groups and `super::` chains that leave the top module included.
fn named(file: &SourceFile) -> Vec<Vec<String>> {
    let text = code(&file.text);
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("crate::") {
        rest = &rest[at + "crate::".len()..];
        found.extend(paths(rest));
    }
    let depth = module_path(&file.path).len();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("super::") {
        let chain = &rest[at..];
        let ups = chain.split("super::").take_while(|part| part.is_empty()).count().max(1);
        let after = &chain["super::".len() * ups..];
        if ups >= depth {
            found.extend(paths(after));
        }
        rest = after;
    }
    found
}

/// `a::b::c` or `{a::b, c::d}` as lists of names, the first two of each.
fn paths(text: &str) -> Vec<Vec<String>> {
    let group = text.strip_prefix('{').map(|inner| {
        let mut open = 1;
        let end = inner.find(|c| {
            open += i32::from(c == '{') - i32::from(c == '}');
            open == 0
        });
        &inner[..end.unwrap_or(inner.len())]
    });
    let mut parts = Vec::new();
    match group {
        Some(inner) => {
            let (mut depth, mut from) = (0, 0);
            for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
                depth += i32::from(c == '{') - i32::from(c == '}');
                if c == ',' && depth == 0 {
                    parts.push(inner[from..at].trim());
                    from = at + 1;
                }
            }
        }
        None => parts.push(text),
    }
    let names = |part: &str| -> Vec<String> {
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let path: String = part.chars().take_while(|c| plain(*c)).collect();
        path.split("::").take(2).filter(|n| !n.is_empty()).map(str::to_owned).collect()
    };
    parts.into_iter().map(names).filter(|names| !names.is_empty()).collect()
}

/// Imports that go up or sideways.
pub(crate) fn imports(file: &SourceFile) -> Vec<String> {
    let own = module_path(&file.path);
    let Some(own_layer) = own.first().and_then(|name| layer(name)) else { return Vec::new() };
    let mut findings = Vec::new();
    for target in named(file) {
        let Some(target_layer) = layer(&target[0]) else { continue };
        let same = target[0] == own[0];
        let apart = same && own[0] == "adapters" && own.get(1) != target.get(1);
        let shared_adapter = target
            .get(1)
            .is_some_and(|n| ["net", "clock", "sqlite_file", "scanner_lock"].contains(&n.as_str()));
        let up = !same && target_layer >= own_layer;
        if up || (apart && own.len() > 1 && !shared_adapter) {
            findings.push(format!("{} imports {}", file.path, target.join("::")));
        }
    }
    findings
}

/// Uses of what the file's layer must not contain.
pub(crate) fn forbidden(file: &SourceFile) -> Vec<String> {
    let text = code(&file.text);
    let top = module_path(&file.path).first().cloned().unwrap_or_default();
    let clocks = ["SystemTime::now", "Instant::now", "rand::rng("];
    let io = ["tokio::", "actix::", "actix_web::", "awc::", "tokio_tungstenite::", "rusqlite::", "redis::"];
    let banned: Vec<&str> = match top.as_str() {
        "i18n" | "domain" | "exchange" | "learning" => {
            [&clocks[..], &io, &["std::fs", "std::net", "governor::", "metrics::"]].concat()
        }
        "actors" => vec![
            "awc::",
            "tokio_tungstenite::",
            "redis::",
            "rusqlite::",
            "actix_web::",
            "maud::",
            "governor::",
            "SystemTime::now",
        ],
        "adapters" | "simulator" => vec!["maud::"],
        _ => Vec::new(),
    };
    let mut findings: Vec<String> = banned
        .into_iter()
        .filter(|name| uses(&text, name))
        .map(|name| format!("{} uses {name}", file.path))
        .collect();
    let rooms = [
        (".do_send(", "src/actors/mailbox.rs"),
        ("actix_web_actors", "src/web/live/session.rs"),
        ("SystemTime::now", "src/adapters/clock.rs"),
    ];
    for (name, room) in rooms {
        if uses(&text, name) && file.path != room && !findings.iter().any(|f| f.ends_with(name)) {
            findings.push(format!("{} uses {name}, which belongs in {room}", file.path));
        }
    }
    if uses(&text, "governor::") && !["adapters", "web", "simulator"].contains(&top.as_str()) {
        findings.push(format!("{} uses governor outside adapters and web", file.path));
    }
    findings
}

/// Does `text` name `what` as a whole word (not as the end of a longer path or name)?
fn uses(text: &str, what: &str) -> bool {
    text.match_indices(what).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        what.starts_with('.')
            || !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            || (before == Some(':') && what.contains("::now"))
    })
}
