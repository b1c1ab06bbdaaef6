//! The errors of the engine for the page: the words from core, the meaning from `docs/errors.md`.

use std::sync::LazyLock;

use gadget_request::Error;
use serde_json::{Value, json};

/// The table of this page has a row for each detail.
const PAGE: &str = include_str!("../../../docs/errors.md");

/// All errors in core's order, as JSON.
pub(super) static JSON: LazyLock<String> = LazyLock::new(|| {
    let rows: Vec<Vec<String>> =
        PAGE.lines().filter(|line| line.starts_with('|')).map(row).collect();
    let errors: Vec<Value> = Error::all()
        .map(|error| {
            let meaning = rows.iter().find(|row| row.get(2).is_some_and(|it| it == error.detail()));
            let column = |number| meaning.and_then(|row: &Vec<String>| row.get(number));
            json!({
                "errno": error.errno().code(),
                "errString": error.errno().err_string(),
                "detail": error.detail(),
                "when": column(3),
                "todo": column(4),
                "again": column(5),
            })
        })
        .collect();
    Value::from(errors).to_string()
});

/// The cells of a row, without the marks of Markdown.
fn row(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| plain(cell.trim())).collect()
}

/// A text without its backticks, and with links as their words.
fn plain(cell: &str) -> String {
    let mut text = cell.replace('`', "");
    while let Some((words, target)) = text.find("](").and_then(|middle| {
        let start = text[..middle].rfind('[')?;
        let end = middle + text[middle..].find(')')?;
        Some(((start, middle), end))
    }) {
        let (start, middle) = words;
        text = format!("{}{}{}", &text[..start], &text[start + 1..middle], &text[target + 1..]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_core_has_its_meaning() {
        let errors: Vec<Value> = serde_json::from_str(&JSON).unwrap();
        assert_eq!(errors.len(), Error::all().count());
        for error in &errors {
            for name in ["errString", "detail", "when", "todo", "again"] {
                let words = error[name].as_str().unwrap_or_default();
                assert!(!words.is_empty() && !words.contains(['`', '[']), "{name}: {error}");
            }
        }
        assert_eq!(errors[1]["todo"], "nothing; set origins of the bridge");
    }
}
