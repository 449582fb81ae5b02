//! Longer history beside the candles of a backtest.

use super::backtest::{impulso, market, well};
use serde_json::Value;
use std::collections::BTreeSet;

/// Candles of `length_ms` out of a text of 5m ones.
fn joined(text: &str, length_ms: i64) -> String {
    let (head, rows) = text.split_once('\n').expect("a header");
    let rows: Vec<Vec<f64>> =
        rows.lines().map(|row| row.split(',').map(|v| v.parse().expect("a number")).collect()).collect();
    let mut out = format!("{head}\n");
    for part in rows.chunk_by(|a, b| a[0] as i64 / length_ms == b[0] as i64 / length_ms) {
        let [first, last] = [&part[0], &part[part.len() - 1]];
        let of = |column: usize, join: fn(f64, f64) -> f64| {
            part.iter().map(|row| row[column]).reduce(join).expect("some")
        };
        let open_time = first[0] as i64 / length_ms * length_ms;
        let (high, low) = (of(2, f64::max), of(3, f64::min));
        let [volume, quote] = [5, 6].map(|column| of(column, |a, b| a + b));
        out += &format!("{open_time},{},{high},{low},{},{volume},{quote}\n", first[1], last[4]);
    }
    out
}

#[test]
fn longer_history_beside_the_candles_is_what_rest_would_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let [whole, data, state] = ["whole", "data", "state"].map(|name| folder.path().join(name));
    let longer = [("1h", 3_600_000), ("1d", 86_400_000)].map(|(name, ms)| (data.join(name), ms));
    std::fs::create_dir_all(&whole).expect("made");
    longer.iter().for_each(|(folder, _)| std::fs::create_dir_all(folder).expect("made"));
    market(&whole, 3, 50);
    for name in ["BTCUSDT", "P1USDT", "P2USDT"].map(|pair| format!("{pair}.csv")) {
        let text = std::fs::read_to_string(whole.join(&name)).expect("there");
        let (head, rows) = text.split_once('\n').expect("a header");
        let newest: Vec<&str> = rows.lines().skip(38 * 288 + 5).collect();
        std::fs::write(data.join(&name), format!("{head}\n{}\n", newest.join("\n"))).expect("written");
        for (folder, ms) in &longer {
            std::fs::write(folder.join(&name), joined(&text, *ms)).expect("written");
        }
    }
    let data_arg = data.to_string_lossy().into_owned();
    let rows_file = folder.path().join("rows.jsonl");
    let said = || -> Vec<Value> {
        // The last day of the candles.
        let args = [
            "backtest",
            "--data",
            &data_arg,
            "--rows",
            &rows_file.to_string_lossy(),
            "--from",
            "2024-01-02T00:00",
        ];
        well(&[&args[..], &["--to", "2024-01-02T12:00"]].concat(), &state);
        let text = std::fs::read_to_string(&rows_file).expect("rows");
        text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect()
    };
    let with = said();
    assert!(with.len() > 20 && with.iter().all(|row| row["model_inputs"] == "full"), "{}", with.len());
    let checked = well(&["backtest", "lookahead-check", "--data", &data_arg, "--moments", "6"], &state);
    assert!(checked.contains("nothing looks ahead") && checked.contains("3 pairs"), "{checked}");
    for (folder, _) in &longer {
        let file = folder.join("P1USDT.csv");
        let right = std::fs::read(&file).expect("there");
        std::fs::copy(whole.join("P1USDT.csv"), &file).expect("copied");
        let out = impulso(&["backtest", "--data", &data_arg], &state);
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success() && text.contains("these are not candles of 1"), "{text}");
        std::fs::write(&file, right).expect("written");
    }
    std::fs::remove_dir_all(&longer[0].0).expect("removed");
    let without = said();
    assert_eq!(with.len(), without.len(), "days are no candles of the market");
    assert!(without.iter().all(|row| row["model_inputs"] == "partial"));
    let scores = |rows: &[Value]| {
        let score = |row: &Value| ["as_of", "symbol", "total_score"].map(|key| row[key].to_string());
        rows.iter().map(score).collect::<BTreeSet<_>>()
    };
    assert_eq!(scores(&with), scores(&without));
}
