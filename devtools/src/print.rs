//! Results as text for people and pipes.

use std::fmt;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::Outcome;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

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

/// Columns that a value may take before it is broken into lines.
const WIDTH: usize = 110;

/// Levels that are broken into lines; what lies deeper stays on one.
const DEPTH: usize = 20;

/// A result object for reading. Only the white space between its tokens changes: what fits a line stays on
/// one, what does not gets a line for each member.
pub(crate) fn pretty(json: &str) -> String {
    let mut printed = String::new();
    print_value(json, 0, &mut printed);
    printed
}

fn print_value(json: &str, depth: usize, out: &mut String) {
    let members =
        (json.len() + 2 * depth > WIDTH && depth < DEPTH).then(|| members(json)).flatten();
    let Some((open, members, close)) = members else {
        out.push_str(json);
        return;
    };
    out.push(open);
    for (i, (key, value)) in members.into_iter().enumerate() {
        out.push_str(if i == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(key) = key {
            out.push_str(&format!("{key}: "));
        }
        print_value(value.get(), depth + 1, out);
    }
    out.push_str(&format!("\n{}{close}", "  ".repeat(depth)));
}

type Member<'a> = (Option<&'a str>, &'a RawValue);

/// What a container holds, as it is written; nothing for a scalar.
fn members(json: &str) -> Option<(char, Vec<Member<'_>>, char)> {
    match json.as_bytes().first()? {
        b'{' => {
            let Object(members) = serde_json::from_str(json).ok()?;
            Some((
                '{',
                members.into_iter().map(|(key, value)| (Some(key.get()), value)).collect(),
                '}',
            ))
        }
        b'[' => {
            let values: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            Some(('[', values.into_iter().map(|value| (None, value)).collect(), ']'))
        }
        _ => None,
    }
}

/// An object's members in their order, repeated ones too.
struct Object<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Object<'de> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(member) = map.next_entry()? {
            self.0.push(member);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_printing_changes_nothing_but_white_space() {
        let json = format!(
            r#"{{"id":12345678901234567890,"n":1.0e0,"id":"\ud800 {0}","short":[1,{{"a":[]}}],"long":["{0}","{0}"]}}"#,
            "x".repeat(70)
        );
        let printed = pretty(&json);
        let blank = |text: &str| text.replace(['\n', ' '], "");
        assert_eq!(blank(&printed), blank(&json));
        assert_eq!(printed.lines().count(), 10, "{printed}");
        assert_eq!(pretty("[1,{}]"), "[1,{}]");
    }
}
