//! Prints results for people and for other programs.

use std::fmt;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::Outcome;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Writes one line to standard output, and flushes it.
pub(crate) fn line(text: &str) -> Result<(), String> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .map_err(|error| format!("cannot print: {error}"))
}

/// Returns the result object on one line. ArrayBuffer data is written as `{"base64":"…"}`. Line
/// breaks between the tokens of a JSON body become spaces; JSON strings contain none.
pub(crate) fn one_line(outcome: &Outcome) -> String {
    let json = outcome.json().replace(['\n', '\r'], " ");
    match outcome.array_buffer() {
        None => json,
        Some(bytes) => {
            let data = format!(r#","data":{{"base64":"{}"}},"cookies":["#, STANDARD.encode(bytes));
            // `data` comes before `cookies`. A header's value cannot look like that, because its
            // quotes are escaped.
            json.replacen(r#","cookies":["#, &data, 1)
        }
    }
}

/// A longer value is broken into lines.
const WIDTH: usize = 110;

/// Only this many levels are broken into lines.
const DEPTH: usize = 20;

/// Returns a result object for people. Only the white space between its tokens changes: a value
/// that fits on a line stays there, another one gets a line for each member.
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

/// Returns the members of an object or array as they are written; `None` for a scalar.
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

/// An object's members in their order, also repeated ones.
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
            concat!(
                r#"{{"id":12345678901234567890,"n":1.0e0,"id":"\ud800 {0}","#,
                r#""short":[1,{{"a":[]}}],"long":["{0}","{0}"]}}"#
            ),
            "x".repeat(70)
        );
        let printed = pretty(&json);
        let blank = |text: &str| text.replace(['\n', ' '], "");
        assert_eq!(blank(&printed), blank(&json));
        assert_eq!(printed.lines().count(), 10, "{printed}");
        assert_eq!(pretty("[1,{}]"), "[1,{}]");
    }
}
