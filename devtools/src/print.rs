//! Results as text for people and pipes.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::Outcome;
use serde::Serialize as _;

/// Writes one line to standard output, at once.
pub(crate) fn line(text: &str) -> Result<(), String> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .map_err(|error| format!("cannot print: {error}"))
}

/// The result object on one line: ArrayBuffer data as `{"base64":"…"}`; line breaks between the tokens of
/// an embedded JSON body as spaces. Within its strings there are none: JSON does not allow them.
pub(crate) fn one_line(outcome: &Outcome) -> String {
    let json = outcome.json().replace(['\n', '\r'], " ");
    match outcome.array_buffer() {
        None => json,
        Some(bytes) => {
            let data = format!(r#","data":{{"base64":"{}"}},"cookies":["#, STANDARD.encode(bytes));
            // The place of `data` is before `cookies`. A header's value cannot look like that: its quotes
            // are escaped.
            json.replacen(r#","cookies":["#, &data, 1)
        }
    }
}

/// A result object on several lines; only the white space changes.
pub(crate) fn pretty(json: &str) -> String {
    let mut pretty = Vec::new();
    let mut printer = serde_json::Serializer::pretty(&mut pretty);
    let value: Result<serde_json::Value, _> = serde_json::from_str(json);
    match value.map(|value| value.serialize(&mut printer)) {
        Ok(Ok(())) => String::from_utf8(pretty).unwrap_or_else(|_| json.to_owned()),
        // Deeper than serde_json prints.
        _ => json.to_owned(),
    }
}
