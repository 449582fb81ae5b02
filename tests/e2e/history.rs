//! Stored history from outside: import, export, fetch, stats, warm restart, replay of alerts.

use crate::support::http_server::HttpServer;
use crate::support::{Program, get, pause, program, request, wait_until};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

fn impulso(args: &[&str]) -> (bool, String) {
    let mut command = Command::new(program());
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("IMPULSO__")) {
        command.env_remove(key);
    }
    let out = command.args(args).output().expect("the program runs");
    let text = [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
    (out.status.success(), text)
}

fn store(dir: &Path) -> String {
    format!("sqlite:{}", dir.join("history.db").display())
}

/// A table of `count` minutes from 2025-06-01, 6 columns.
fn table(count: i64) -> String {
    let line = |i: i64| {
        let (t, p) = (1_748_736_000_000 + i * 60_000, 100.0 + (i % 50) as f64 / 8.0);
        format!("{t},{p},{},{},{p},{}\n", p + 0.5, p - 0.5, i % 7)
    };
    std::iter::once("open_time,open,high,low,close,volume\n".to_owned()).chain((0..count).map(line)).collect()
}

#[test]
fn what_is_imported_is_exported_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let (store, plain) = (store(dir.path()), dir.path().join("BTCUSDT.csv"));
    std::fs::write(&plain, table(3_000)).expect("written");
    let packed = dir.path().join("ETHUSDT.csv.zst");
    std::fs::write(&packed, zstd::encode_all(table(100).as_bytes(), 3).expect("packed")).expect("written");
    let folder = dir.path().display().to_string();
    let (well, text) = impulso(&["history", "import", &folder, "--store", &store]);
    assert!(well && text.contains("3100 candles of 2 pairs from 2 files"), "{text}");
    let out = dir.path().join("out/btc.csv.zst");
    std::fs::create_dir_all(dir.path().join("out")).expect("a folder");
    let file = out.display().to_string();
    let export = ["history", "export", "--symbol", "btcusdt", "--store", &store];
    let (well, text) = impulso(&[&export[..], &["--out", &file]].concat());
    assert!(well && text.contains("3000 candles"), "{text}");
    let unpacked = zstd::decode_all(std::fs::File::open(&out).expect("there")).expect("zstd");
    let lines: Vec<String> = String::from_utf8_lossy(&unpacked).lines().map(str::to_owned).collect();
    let given = table(3_000);
    for (there, here) in lines.iter().zip(given.lines()).skip(1) {
        assert!(there.starts_with(here), "{there} {here}");
    }
    let (_, jsonl) = impulso(
        &[&export[..], &["--format", "jsonl", "--from", "2025-06-01T01:00", "--to", "2025-06-01T01:02"]]
            .concat(),
    );
    assert_eq!(jsonl.lines().filter(|l| l.contains("\"open_time\":17487396")).count(), 2, "{jsonl}");
    let (_, stats) = impulso(&["history", "stats", "--store", &store]);
    assert!(stats.contains("candles") && stats.contains("3100 rows") && stats.contains("MiB"), "{stats}");
    let (well, text) = impulso(&["history", "vacuum", "--store", &store]);
    assert!(well, "{text}");
}

#[test]
fn wrong_files_and_stores_are_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let (store, bad) = (store(dir.path()), dir.path().join("XUSDT.csv"));
    std::fs::write(&bad, "open_time,open\n1748736000000,1,2,1,1.5,10\n1748736060000,a,2,1,1.5,10\n")
        .expect("written");
    let cases: [(&[&str], &str); 5] = [
        (&["history", "import", &bad.display().to_string(), "--store", &store], "line 3"),
        (&["history", "import", "/no/such/file.csv", "--store", &store], "/no/such/file.csv is not there"),
        (&["history", "export", "--symbol", "NOPE", "--store", &store], "history stats"),
        (&["history", "stats", "--store", "mysql:x"], "history.store"),
        (&["alerts", "simulate", "--store", &store], "no scores are stored"),
    ];
    for (args, expected) in cases {
        let (well, text) = impulso(args);
        assert!(!well && text.contains(expected), "{args:?}: {text}");
    }
}

#[test]
fn candles_are_fetched_once_by_rest_and_from_the_archive() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = store(dir.path());
    let mut exchange = Program::start(&["exchange", "--synthetic", "10", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let from = {
        let candles =
            get(&format!("{url}/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=300")).expect("klines");
        let open = candles[0][0].as_i64().expect("a time");
        let at = time::OffsetDateTime::from_unix_timestamp(open / 1_000).expect("a time");
        format!("{}-{:02}-{:02}T{:02}:{:02}", at.year(), at.month() as u8, at.day(), at.hour(), at.minute())
    };
    let fetch = [
        "history",
        "fetch",
        "--symbol",
        "BTCUSDT,ETHUSDT",
        "--from",
        &from,
        "--store",
        &store,
        "--rest-url",
        &url,
    ];
    let (well, first) = impulso(&fetch);
    let fetched = first.lines().find_map(|line| line.split_once(" candles fetched;")?.0.parse::<u32>().ok());
    assert!(well && fetched.is_some_and(|n| n > 0), "{first}");
    let archive = archive(false);
    let fetch = [
        "history",
        "fetch",
        "--symbol",
        "SOLUSDT",
        "--from",
        "2025-06-01",
        "--to",
        "2025-06-03",
        "--store",
        &store,
        "--archive",
    ];
    let url = archive.url("");
    let (well, text) = impulso(&[&fetch[..], &[&url]].concat());
    assert!(well && text.contains("1440 candles fetched") && text.contains("1 days have no data"), "{text}");
    let (well, text) = impulso(&[&fetch[..], &[&url]].concat());
    assert!(well && text.contains("0 candles fetched; 1 days were there already"), "{text}");
    let damaged = archive_url_damaged();
    let fetch = [
        "history",
        "fetch",
        "--symbol",
        "XRPUSDT",
        "--from",
        "2025-06-01",
        "--to",
        "2025-06-02",
        "--store",
        &store,
        "--archive",
    ];
    let (well, text) = impulso(&[&fetch[..], &[&damaged.url("")]].concat());
    assert!(!well && text.contains("SHA-256"), "{text}");
}

/// One day of one pair as the bulk archive hands it out, in microseconds.
fn archive(damaged: bool) -> HttpServer {
    let lines: String = (0..1_440_i64)
        .map(|i| format!("{},1,2,1,1.5,10,{},15,3,5,7,0\n", 1_748_736_000_000_000 + i * 60_000_000, i))
        .collect();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("x.csv", zip::write::SimpleFileOptions::default()).expect("a file");
    zip.write_all(lines.as_bytes()).expect("written");
    let zip = zip.finish().expect("a zip").into_inner();
    let sum = hex::encode(ring::digest::digest(&ring::digest::SHA256, &zip));
    let sum = if damaged { "0".repeat(64) } else { sum };
    HttpServer::start(move |asked| {
        let name = asked.path.rsplit('/').next().unwrap_or_default().to_owned();
        Some(if !name.contains("2025-06-01") {
            (404, String::new(), Vec::new())
        } else if name.ends_with(".CHECKSUM") {
            (200, String::new(), format!("{sum}  {name}\n").into_bytes())
        } else {
            (200, String::new(), zip.clone())
        })
    })
}

fn archive_url_damaged() -> HttpServer {
    archive(true)
}

fn requests(page: &str) -> f64 {
    let metrics = request("GET", &format!("{page}/metrics"), "").1;
    let lines = metrics.lines().filter(|l| l.starts_with("impulso_rest_requests_total"));
    lines.filter_map(|l| l.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
fn heavy_a_warm_restart_asks_only_for_what_is_missing() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut exchange =
        Program::start(&["exchange", "--synthetic", "200", "--speed", "10", "--listen", "127.0.0.1:0"]);
    let url = exchange.wait_for_url("http://", SOON);
    let state = dir.path().display().to_string();
    let start = || Program::scan(&url, &state, &["--market-speed", "10", "--cycle-interval", "5"]);
    let full = |page: &str| {
        wait_until("a full ranking", SOON, || {
            get(&format!("{page}/api/v1/ranking?limit=1000"))
                .filter(|r| r["coverage"]["ratio"].as_f64() >= Some(0.95))
        })
    };
    let mut first = start();
    let page = first.wait_for_url("http://127.0.0.1", SOON);
    full(&page);
    let cold = requests(&page);
    pause(15_000);
    assert_eq!(first.signal("TERM", Duration::from_secs(15)).code(), Some(0), "{}", first.output());
    pause(6_000);

    let mut second = start();
    let page = second.wait_for_url("http://127.0.0.1", SOON);
    full(&page);
    let warm = requests(&page);
    assert!(second.output().contains("stored candles read for a warm start"), "{}", second.output());
    assert!(cold > 590.0 && warm < 260.0, "{cold} requests cold, {warm} warm");
    // The window is the exchange's, candle by candle.
    wait_until("the candles agree", SOON, || {
        let here = get(&format!("{page}/api/v1/symbols/BTCUSDT/candles?limit=1000"))?;
        let there = get(&format!("{url}/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1000"))?;
        let closes =
            |c: &serde_json::Value| (c["open_time"].as_i64(), c["close"].as_f64(), c["volume"].as_f64());
        let ours: Vec<_> = here.as_array()?.iter().filter(|c| c["closed"] == true).map(closes).collect();
        let number = |v: &serde_json::Value| v.as_str().and_then(|s| s.parse::<f64>().ok());
        let theirs: Vec<_> =
            there.as_array()?.iter().map(|k| (k[0].as_i64(), number(&k[4]), number(&k[5]))).collect();
        let same = ours.iter().filter(|c| theirs.contains(c)).count();
        (same >= 990 && ours.iter().rev().skip(2).take(900).all(|c| theirs.contains(c) || c.0 < theirs[0].0))
            .then_some(())
    });
    assert_eq!(second.signal("TERM", Duration::from_secs(15)).code(), Some(0));
    let (well, text) = impulso(&["alerts", "simulate", "--state-dir", &state, "--list"]);
    assert!(well && text.contains("cycles from") && text.contains("alerts in"), "{text}");
    let (_, stats) = impulso(&["history", "stats", "--state-dir", &state]);
    assert!(stats.contains("universe") && !stats.contains("universe                0 rows"), "{stats}");
}

#[test]
fn a_small_file_that_unpacks_to_a_huge_one_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let line = b"1748736000000,1,1,1,1,1\n";
    let text = line.repeat((80 << 20) / line.len());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("x.csv", zip::write::SimpleFileOptions::default()).expect("a file");
    zip.write_all(&text).expect("written");
    let zip = zip.finish().expect("a zip").into_inner();
    assert!(zip.len() < 1 << 20, "{}", zip.len());
    let packed = zstd::encode_all(&text[..], 1).expect("packed");
    let one_line = zstd::encode_all(&vec![b'1'; 64 << 20][..], 1).expect("packed");
    let far = b"1748736000000,1,1,1,1,1\n8748736000000000,1,1,1,1,1\n".to_vec();
    for (name, bytes, why) in [
        ("AUSDT-1m-2025-06.zip", &zip, "no table of candles"),
        ("AUSDT.csv.zst", &packed, "no table of candles"),
        ("BUSDT.csv.zst", &one_line, "no table of candles"),
        ("AUSDT.csv", &far, "line 2"),
    ] {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).expect("written");
        let file = file.display().to_string();
        let (well, text) = impulso(&["history", "import", &file, "--store", &store(dir.path())]);
        assert!(!well && text.contains(why), "{name}: {text}");
        if !name.ends_with(".csv") {
            let (well, text) = impulso(&["exchange", "--data", &file, "--listen", "127.0.0.1:0"]);
            assert!(!well && text.contains(why), "{name}: {text}");
        }
    }
}
