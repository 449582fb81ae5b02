//! Where things are that tests read or start, and what to do where they are not.

use std::path::{Path, PathBuf};

/// The folder of the package.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file below `tests/`.
pub(crate) fn below_tests(path: &str) -> PathBuf {
    root().join("tests").join(path)
}

/// The folder of recorded data, or `None` with a line on standard error that says so.
pub(crate) fn shared(part: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("IMPULSO_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = shared.join(part);
    if path.exists() {
        return Some(path);
    }
    eprintln!("left out: recorded data is not at {} (set IMPULSO_SHARED to its folder)", path.display());
    None
}

/// A program of the environment with the Python packages of the tests: `python`, `schemathesis`.
pub(crate) fn python(name: &str) -> PathBuf {
    let python = std::env::var_os("IMPULSO_TEST_PYTHON")
        .map_or_else(|| below_tests(".venv/bin/python"), PathBuf::from);
    let found = python.with_file_name(name);
    assert!(
        found.exists(),
        "{} is absent: make tests/.venv and pip install -r tests/clients/requirements.txt, or set IMPULSO_TEST_PYTHON",
        found.display()
    );
    found
}

/// A folder of `tests/` with its npm packages.
pub(crate) fn node_folder(name: &str) -> PathBuf {
    let folder = below_tests(name);
    let modules = folder.join("node_modules");
    assert!(modules.exists(), "{} is absent: run `npm ci` in tests/{name}", modules.display());
    folder
}

/// A program that tests start: the one that scripts/test unpacks, else the one on the path.
pub(crate) fn tool(name: &str) -> PathBuf {
    let unpacked = ["bin", "sbin"].map(|folder| below_tests(".tools/usr").join(folder).join(name));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::env::split_paths(&path).map(|folder| folder.join(name));
    let found = unpacked.into_iter().chain(installed).find(|place| place.is_file());
    found.unwrap_or_else(|| panic!("{name} is needed: scripts/test unpacks it, or install it"))
}

/// The browser.
pub(crate) fn chromium() -> String {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    assert!(Path::new(&chromium).exists(), "{chromium} is absent: install Chromium or set CHROMIUM to it");
    chromium
}

/// A free port that nobody else is given: below those of which the system takes one for every connection, since a port of those is
/// somebody's again before the server that it is for has started.
pub(crate) fn free_port() -> u16 {
    std::iter::repeat_with(|| rand::random_range(10_000..32_000))
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}
