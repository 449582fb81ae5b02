//! The documents stay true: every setting is documented and nothing else is, every linked file is there.
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
    for file in ["README.md", "README.es.md", "docs/DEVELOPING.md"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        for part in read(file).split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            let outside = target.starts_with("http");
            assert!(outside || folder.with_file_name("").join(target).exists(), "{file} links to {target}");
        }
    }
}
