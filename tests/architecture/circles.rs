//! Circles of files: files that import one another, over any number of steps. A module and its children are files of
//! their own. `mod x;` and what a module only hands on (`pub use`) are no imports of it; tests do not count.

use super::source::{SourceFile, code};
use std::collections::{BTreeMap, BTreeSet};

/// A module by its names: `src/domain/score/mod.rs` is `domain, score`; the crate itself has none.
type Module = Vec<String>;

struct File {
    path: String,
    /// Without comments, literals and tests.
    text: String,
    /// Paths of its `pub use`.
    handed_on: Vec<Module>,
}

/// The circles among these files, each with its files and one import of each.
pub(crate) fn circles(files: &[SourceFile]) -> Vec<Vec<String>> {
    let modules = modules(files);
    let imports: BTreeMap<&Module, BTreeMap<Module, String>> =
        modules.keys().map(|module| (module, imports(module, &modules))).collect();
    let reach: BTreeMap<&Module, BTreeSet<&Module>> =
        imports.keys().map(|module| (*module, reached(module, &imports))).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for module in imports.keys().copied() {
        if !reach[module].contains(module) || seen.contains(module) {
            continue;
        }
        let together: Vec<&Module> =
            reach[module].iter().copied().filter(|other| reach[*other].contains(module)).collect();
        seen.extend(together.iter().copied());
        found.push(together.iter().map(|one| shown(one, &together, &imports, &modules)).collect());
    }
    found
}

/// A file of a circle and why it is in it.
fn shown(
    one: &Module,
    circle: &[&Module],
    imports: &BTreeMap<&Module, BTreeMap<Module, String>>,
    modules: &BTreeMap<Module, File>,
) -> String {
    let inner = imports[one].iter().filter(|(to, _)| circle.contains(to));
    let names: Vec<String> = inner.map(|(to, by)| format!("{} ({by})", modules[to].path)).collect();
    format!("{} imports {}", modules[one].path, names.join(", "))
}

fn reached<'a>(
    from: &Module,
    imports: &'a BTreeMap<&'a Module, BTreeMap<Module, String>>,
) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Module> = imports[from].keys().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(imports.get(next).into_iter().flat_map(BTreeMap::keys));
        }
    }
    reached
}

/// The files that belong to the program: a module that only a test declares is none.
fn modules(files: &[SourceFile]) -> BTreeMap<Module, File> {
    let mut all = BTreeMap::new();
    for file in files {
        let text = without_tests(&code(&file.text));
        let handed_on =
            uses(&text).into_iter().filter(|(public, _)| *public).flat_map(|(_, tree)| leaves(&tree));
        let handed_on = handed_on.collect();
        all.insert(module(&file.path), File { path: file.path.clone(), text, handed_on });
    }
    let declared: BTreeSet<Module> = all
        .iter()
        .flat_map(|(module, file)| declared(&file.text).into_iter().map(|child| child_of(module, &child)))
        .collect();
    all.retain(|module, _| module.is_empty() || declared.contains(module));
    all
}

fn module(path: &str) -> Module {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    inner.split('/').filter(|name| !["mod", "lib"].contains(name)).map(str::to_owned).collect()
}

fn child_of(module: &Module, child: &str) -> Module {
    module.iter().cloned().chain([child.to_owned()]).collect()
}

/// Names of `mod x;`.
fn declared(text: &str) -> Vec<String> {
    let ends = |rest: &str| {
        let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
        rest[name.len()..].trim_start().starts_with(';').then_some(name)
    };
    words(text, "mod ").filter_map(|at| ends(&text[at + "mod ".len()..])).collect()
}

/// Everything behind `#[cfg(test)]` taken out: up to the semicolon or the closing brace of its item.
fn without_tests(text: &str) -> String {
    let (mut rest, mut out) = (text, String::new());
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let mut depth = 0;
        let end = rest.char_indices().find(|(_, c)| {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            depth == 0 && (*c == ';' || *c == '}')
        });
        rest = end.map_or("", |(at, _)| &rest[at + 1..]);
    }
    out + rest
}

const fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Where `word` stands at the beginning of a name.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let begins = |at: usize| text[..at].chars().next_back().is_none_or(|c| !is_name(c) && c != ':');
    text.match_indices(word).map(|(at, _)| at).filter(move |at| begins(*at))
}

/// The trees of all `use`, and whether they hand on.
fn uses(text: &str) -> Vec<(bool, String)> {
    let public = |at: usize| {
        let line = text[..at].rsplit(['\n', ';', '}']).next().unwrap_or_default().trim();
        line.starts_with("pub")
    };
    let tree = |at: usize| text[at + "use ".len()..].split(';').next().unwrap_or_default().to_owned();
    words(text, "use ").map(|at| (public(at), tree(at))).collect()
}

/// `a::{b, c::{d, e as f}}` as whole paths.
fn leaves(tree: &str) -> Vec<Module> {
    let tree = tree.trim();
    let Some((before, inner)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split("::").map(|name| name.trim().to_owned()).collect()];
    };
    let before: Module =
        before.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in inner.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match parts.last_mut() {
            Some(part) if c != ',' || depth > 0 => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    let inner = parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| leaves(part));
    inner.map(|path| before.iter().cloned().chain(path).collect()).collect()
}

/// The files that a file imports, each with the path that does it.
fn imports(own: &Module, modules: &BTreeMap<Module, File>) -> BTreeMap<Module, String> {
    // The root declares the others and hands on: it is in no circle.
    if own.is_empty() {
        return BTreeMap::new();
    }
    let text = &modules[own].text;
    let used = uses(text).into_iter().filter(|(public, _)| !public).flat_map(|(_, tree)| leaves(&tree));
    let children = modules.keys().filter(|m| m.len() == own.len() + 1 && m.starts_with(own));
    let roots = ["crate", "super", "self"].into_iter().chain(children.map(|m| m[own.len()].as_str()));
    let code = without_uses(text);
    let inline = roots.flat_map(|root| inline(&code, root));
    let mut found = BTreeMap::new();
    for path in used.chain(inline) {
        for target in targets(own, &path, modules, 0) {
            if target != *own && !target.is_empty() {
                found.entry(target).or_insert_with(|| path.join("::"));
            }
        }
    }
    found
}

/// The text without its `use`.
fn without_uses(text: &str) -> String {
    let (mut from, mut out) = (0, String::new());
    for at in words(text, "use ").filter(|at| text[*at..].contains(';')) {
        out.push_str(&text[from.min(at)..at]);
        from = at + text[at..].find(';').unwrap_or_default();
    }
    out + &text[from..]
}

/// Paths in the code that begin with `root`.
fn inline(text: &str, root: &str) -> Vec<Module> {
    let begin = format!("{root}::");
    let path = |at: usize| {
        let end = text[at..].find(|c| !is_name(c) && c != ':').map_or(text.len(), |end| at + end);
        text[at..end].split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    words(text, &begin).map(path).collect()
}

/// The file that a path leads to; where that one only hands the item on, the file that has it, too.
fn targets(own: &Module, path: &Module, modules: &BTreeMap<Module, File>, steps: u8) -> Vec<Module> {
    let Some(whole) = whole(own, path, modules) else { return Vec::new() };
    let Some(length) = (0..=whole.len()).rev().find(|n| modules.contains_key(&whole[..*n])) else {
        return Vec::new();
    };
    let file: Module = whole[..length].to_vec();
    let mut found = Vec::new();
    if let Some(item) = whole.get(length).filter(|_| steps < 4) {
        let named = modules[&file].handed_on.iter().filter(|path| path.last() == Some(item));
        found.extend(named.flat_map(|path| targets(&file, path, modules, steps + 1)));
    }
    found.push(file);
    found
}

/// The path from the crate's root; `None` for one that leads out of the crate.
fn whole(own: &Module, path: &Module, modules: &BTreeMap<Module, File>) -> Option<Module> {
    let ups = path.iter().take_while(|name| *name == "super").count();
    let (base, rest) = match path.first()?.as_str() {
        "crate" => (0, &path[1..]),
        "self" => (own.len(), &path[1..]),
        "super" => (own.len().checked_sub(ups)?, &path[ups..]),
        child if modules.contains_key(&child_of(own, child)) => (own.len(), &path[..]),
        _ => return None,
    };
    Some(own[..base].iter().chain(rest).cloned().collect())
}
