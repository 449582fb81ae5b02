//! What users read, held against the snapshots in `tests/snapshots/FOLDER`. `INSTA_UPDATE=always` writes them anew;
//! `scripts/test` runs with `INSTA_UPDATE=no`, so that a missing one fails, and names those that no test asked for.

use serde_json::Value;

/// Widest line of JSON, characters: what fits stands on one.
const JSON_WIDTH: usize = 100;

/// Fails unless `text` is what is kept under this name. `passing` is what differs from run to run: an expression, and
/// what stands in its place.
pub(crate) fn same_as_kept(folder: &str, name: &str, text: &str, passing: &[(&str, &str)]) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(format!("{}/tests/snapshots/{folder}", env!("CARGO_MANIFEST_DIR")));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (expression, instead) in passing {
        settings.add_filter(expression, *instead);
    }
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// HTML with a line for each tag, so that a difference shows where it is.
pub(crate) fn html_lines(html: &str) -> String {
    html.replace("><", ">\n<")
}

/// JSON with the keys in order, over several lines where one does not hold it.
pub(crate) fn json_lines(value: &Value) -> String {
    let mut text = String::new();
    write_json(value, 0, &mut text);
    text
}

fn write_json(value: &Value, depth: usize, out: &mut String) {
    let whole = value.to_string();
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            map.iter().map(|(key, v)| (format!("{}: ", Value::from(key.as_str())), v)).collect()
        }
        Value::Array(all) => all.iter().map(|v| (String::new(), v)).collect(),
        _ => Vec::new(),
    };
    if parts.is_empty() || whole.chars().count() + 2 * depth <= JSON_WIDTH {
        out.push_str(&whole);
        return;
    }
    let last = parts.len() - 1;
    out.push_str(&whole[..1]);
    for (index, (key, part)) in parts.into_iter().enumerate() {
        out.push('\n');
        out.push_str(&"  ".repeat(depth + 1));
        out.push_str(&key);
        write_json(part, depth + 1, out);
        if index < last {
            out.push(',');
        }
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push_str(&whole[whole.len() - 1..]);
}
