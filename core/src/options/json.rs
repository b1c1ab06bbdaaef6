//! JSON text as JavaScript reads and prints it, without recursion and in linear time.
//!
//! All text here is one JSON value that `serde_json` has accepted. So the scanner below only finds
//! the tokens and checks nothing. Recursion is avoided because a caller can nest values as deep as
//! it likes, and the stack of a thread is small.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::vec;

use serde::Deserializer as _;
use serde::de::Visitor;

mod scanner;

use scanner::{Scanner, TokenKind};

/// The kind of a JSON value. Its first character decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    pub(crate) fn of(value: &str) -> Kind {
        match value.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }
}

/// Decodes a string literal. Returns `None` if it has a lone surrogate: UTF-8 cannot hold one.
pub(crate) fn string(literal: &str) -> Option<String> {
    text(literal).map(Cow::into_owned)
}

/// The same, without a copy if there is nothing to decode.
pub(crate) fn text(literal: &str) -> Option<Cow<'_, str>> {
    match literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => serde_json::from_str(literal).ok().map(Cow::Owned),
    }
}

/// Prints a number for a query. An integer keeps its digits, so that a 64-bit id survives. Any
/// other is printed as JavaScript prints it.
pub(crate) fn number(literal: &str) -> Cow<'_, str> {
    if literal.contains(['.', 'e', 'E']) {
        let value: f64 = literal.parse().expect("every JSON number is a Rust float");
        Cow::Owned(ryu_js::Buffer::new().format(value).to_owned())
    } else if literal == "-0" {
        Cow::Borrowed("0")
    } else {
        Cow::Borrowed(literal)
    }
}

/// The members of an object or the elements of an array, as pairs of key text and value text in
/// JavaScript's order. The keys of an object are string literals, the keys of an array are numbers.
pub(crate) fn members(value: &str) -> Members<'_> {
    let mut scanner = Scanner { text: value, at: 0 };
    let opened = scanner.next().map(|token| token.start);
    if opened.is_none_or(|start| value[start..].starts_with('[')) {
        return Members::Elements(scanner, 0);
    }
    let mut all: Vec<(&str, &str)> = Vec::new();
    while let Some(token) = scanner.next().filter(|token| token.kind != TokenKind::Close) {
        let key = &value[token.start..scanner.at];
        all.push((key, scanner.value()));
    }
    if let Some(order) = javascript_order(all.len(), |i| decode(all[i].0)) {
        all = order.into_iter().map(|i| all[i]).collect();
    }
    Members::Members(all.into_iter())
}

/// The iterator of [`members`]. It scans the elements of an array one by one.
pub(crate) enum Members<'a> {
    Elements(Scanner<'a>, usize),
    Members(vec::IntoIter<(&'a str, &'a str)>),
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Members(members) => {
                members.next().map(|(key, value)| (Cow::Borrowed(key), value))
            }
            Self::Elements(scanner, index) => {
                let token = scanner.next().filter(|token| token.kind != TokenKind::Close)?;
                scanner.at = token.start;
                let key = index.to_string();
                *index += 1;
                Some((Cow::Owned(key), scanner.value()))
            }
        }
    }
}

/// Prints a value as `JSON.stringify` does: no white space, its escapes, its order of members.
/// Numbers are an exception: see [`number`].
pub(crate) fn stringify(value: &str) -> String {
    let mut reordered = reordered_objects(value);
    let mut out = String::with_capacity(value.len());
    let mut open: Vec<Frame> = Vec::new();
    let mut scanner = Scanner { text: value, at: 0 };
    loop {
        let Some(token) = scanner.next() else { return out };
        match token.kind {
            TokenKind::Open => {
                out.push_str(&value[token.start..=token.start]);
                let members = reordered.remove(&token.start);
                open.push(Frame {
                    empty: true,
                    object: value[token.start..].starts_with('{'),
                    members,
                });
            }
            _ => print_scalar(&value[token.start..scanner.at], &mut out),
        }
        // A value is printed, or a container has just been opened. Close the containers that are
        // complete, and go to the next value.
        loop {
            let Some(frame) = open.last_mut() else { return out };
            if frame.next_member(&mut scanner, &mut out) {
                break;
            }
            out.push(if frame.object { '}' } else { ']' });
            open.pop();
        }
    }
}

/// An open container while it is printed.
struct Frame {
    empty: bool,
    object: bool,
    /// Set if JavaScript's order differs from the text's.
    members: Option<Box<Reordered>>,
}

impl Frame {
    /// Prints the comma and key before the next value, and moves the scanner to it. At the end it
    /// moves the scanner behind the container and returns false.
    fn next_member(&mut self, scanner: &mut Scanner<'_>, out: &mut String) -> bool {
        if let Some(members) = &mut self.members {
            match members.offsets.next() {
                Some((key, _)) => scanner.at = key,
                None => {
                    scanner.at = members.end;
                    return false;
                }
            }
        }
        let Some(token) = scanner.next() else { return false };
        if token.kind == TokenKind::Close {
            return false;
        }
        if !std::mem::take(&mut self.empty) {
            out.push(',');
        }
        if self.object {
            print_scalar(&scanner.text[token.start..scanner.at], out);
            out.push(':');
        } else {
            scanner.at = token.start;
        }
        true
    }
}

/// The members of one object in JavaScript's order, as offsets of key and end of key, and the
/// offset of the object's end.
struct Reordered {
    offsets: vec::IntoIter<(usize, usize)>,
    end: usize,
}

/// Finds the objects whose members JavaScript lists in another order than the text, by their
/// offset.
///
/// It takes one pass before printing, so that nothing is copied or scanned again when an object
/// deep inside another is reordered.
fn reordered_objects(value: &str) -> HashMap<usize, Box<Reordered>> {
    let mut found = HashMap::new();
    // `u32`, because text may open millions of braces and each takes an entry. Offsets fit: options
    // have 100 MiB at most.
    let mut members: Vec<(u32, u32)> = Vec::new();
    let mut open: Vec<(u32, u32)> = Vec::new();
    let mut key = None;
    let mut scanner = Scanner { text: value, at: 0 };
    let narrow = |offset: usize| u32::try_from(offset).expect("options are at most 100 MiB");
    while let Some(token) = scanner.next() {
        let in_object =
            open.last().is_some_and(|&(start, _)| value[start as usize..].starts_with('{'));
        if token.kind == TokenKind::Close {
            let (start, first) = open.pop().expect("a closing bracket has an opening one");
            if in_object {
                let own = &members[first as usize..];
                let decoded = |i: usize| decode(&value[own[i].0 as usize..own[i].1 as usize]);
                if let Some(order) = javascript_order(own.len(), decoded) {
                    let offsets: Vec<_> =
                        order.into_iter().map(|i| (own[i].0 as usize, own[i].1 as usize)).collect();
                    let reordered = Reordered { offsets: offsets.into_iter(), end: scanner.at };
                    found.insert(start as usize, Box::new(reordered));
                }
            }
            members.truncate(first as usize);
        } else if in_object && key.is_none() {
            key = Some((narrow(token.start), narrow(scanner.at)));
        } else {
            if let Some(key) = key.take() {
                members.push(key);
            }
            if token.kind == TokenKind::Open {
                open.push((narrow(token.start), narrow(members.len())));
            }
        }
    }
    found
}

/// The order in which JavaScript lists `count` members with these decoded keys, or `None` if it is
/// the same order.
///
/// Integer-like keys come first, in ascending order. A repeated key comes once, at its first place
/// with its last value.
fn javascript_order<'k>(count: usize, key: impl Fn(usize) -> Cow<'k, [u8]>) -> Option<Vec<usize>> {
    if count < 2 {
        return None;
    }
    let mut places: HashMap<Cow<'k, [u8]>, usize> = HashMap::with_capacity(count);
    let mut order: Vec<(Option<u32>, usize)> = Vec::with_capacity(count);
    for i in 0..count {
        let key = key(i);
        let index = array_index(&key);
        match places.entry(key) {
            Slot::Occupied(place) => order[*place.get()].1 = i,
            Slot::Vacant(place) => {
                place.insert(order.len());
                order.push((index, i));
            }
        }
    }
    if order.len() == count && order.iter().all(|(index, _)| index.is_none()) {
        return None;
    }
    // The sort is stable: all other keys keep their order after the integer-like ones.
    order.sort_by_key(|(index, _)| index.map_or(u64::MAX, u64::from));
    Some(order.into_iter().map(|(_, i)| i).collect())
}

/// The number of an integer-like key: canonical decimal up to 2^32 - 2 (ECMA-262, "array index").
fn array_index(key: &[u8]) -> Option<u32> {
    let canonical = key == b"0" || (!key.starts_with(b"0") && key.iter().all(u8::is_ascii_digit));
    let index = if canonical { std::str::from_utf8(key).ok()?.parse().ok()? } else { return None };
    (index < u32::MAX).then_some(index)
}

/// Decodes a string literal. A lone surrogate becomes the three bytes that UTF-8's scheme gives it.
fn decode(literal: &str) -> Cow<'_, [u8]> {
    let inner = &literal[1..literal.len() - 1];
    if !inner.contains('\\') {
        return Cow::Borrowed(inner.as_bytes());
    }
    struct Bytes;
    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a string")
        }
        fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
    let mut json = serde_json::Deserializer::from_str(literal);
    let decoded = json.deserialize_bytes(Bytes);
    Cow::Owned(decoded.expect("a string literal decodes to bytes, lone surrogates too"))
}

/// Prints a string literal, a number, `true`, `false` or `null` as [`stringify`] does.
fn print_scalar(scalar: &str, out: &mut String) {
    match Kind::of(scalar) {
        Kind::String if !scalar.contains('\\') => out.push_str(scalar),
        Kind::String => print_string(&decode(scalar), out),
        Kind::Number => out.push_str(&number(scalar)),
        _ => out.push_str(scalar),
    }
}

fn print_string(decoded: &[u8], out: &mut String) {
    out.push('"');
    let mut rest = decoded;
    loop {
        let (valid, lone) = match std::str::from_utf8(rest) {
            Ok(all) => (all, None),
            Err(error) => {
                let (valid, from_lone) = rest.split_at(error.valid_up_to());
                let valid = std::str::from_utf8(valid).expect("valid up to there");
                (valid, Some(from_lone))
            }
        };
        let quoted = serde_json::to_string(valid).expect("a string always prints");
        out.push_str(&quoted[1..quoted.len() - 1]);
        // The only invalid UTF-8 that `decode` makes is a surrogate in three bytes: 0xED, then two
        // bytes with six bits each.
        let Some([_, high, low, behind @ ..]) = lone else { break };
        let unit = 0xd000 | u16::from(high & 0x3f) << 6 | u16::from(low & 0x3f);
        out.push_str(&format!("\\u{unit:04x}"));
        rest = behind;
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_listed_as_javascript_lists_them() {
        let keys = |text| members(text).map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>();
        assert_eq!(
            keys(r#"{"b":1,"10":2,"2":[3, 4],"a":{}}"#),
            ["\"2\"=[3, 4]", "\"10\"=2", "\"b\"=1", "\"a\"={}"]
        );
        assert_eq!(
            keys(r#"{"a":1,"b":2,"\u0061":3}"#),
            ["\"a\"=3".replace("a", "\\u0061"), "\"b\"=2".into()]
        );
        assert_eq!(keys(r#"["x",[1],{"y":2}]"#), ["0=\"x\"", "1=[1]", "2={\"y\":2}"]);
        assert_eq!(keys(" { } "), [""; 0]);
    }

    #[test]
    fn integer_like_keys_are_canonical_and_below_two_to_the_32_minus_1() {
        assert_eq!(array_index(b"0"), Some(0));
        assert_eq!(array_index(b"4294967294"), Some(4_294_967_294));
        for not in ["4294967295", "01", "-1", "", "1.0", "99999999999999999999"] {
            assert_eq!(array_index(not.as_bytes()), None, "{not}");
        }
    }

    #[test]
    fn nested_values_print_as_json_stringify_prints_them() {
        let cases = [
            (
                r#" { "b" : 1.50 , "2" : [ ] , "1":{"z":{"9":0,"a":-0,"8":1e3}}} "#,
                r#"{"1":{"z":{"8":1000,"9":0,"a":0}},"2":[],"b":1.5}"#,
            ),
            (r#"{"a":1,"b":{"x":1,"x":[1,2]},"a":{"c":3}}"#, r#"{"a":{"c":3},"b":{"x":[1,2]}}"#),
            (
                r#"["\u00e9\/\u0001\t\u001f\"\\","\ud800","\ud83d\ude00","a\udc00b\ud801\ud801"]"#,
                "[\"é/\\u0001\\t\\u001f\\\"\\\\\",\"\\ud800\",\"😀\",\"a\\udc00b\\ud801\\ud801\"]",
            ),
            (
                "[12345678901234567890,1e400,-1E-7,0.10]",
                "[12345678901234567890,Infinity,-1e-7,0.1]",
            ),
            (r#"[true,false,null,"",{},[[]]]"#, r#"[true,false,null,"",{},[[]]]"#),
        ];
        for (text, printed) in cases {
            assert_eq!(stringify(text), printed, "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack_and_no_quadratic_time() {
        let deep = 400_000;
        let arrays = "[".repeat(deep) + &"]".repeat(deep);
        assert_eq!(stringify(&arrays), arrays);
        // Every object here is reordered, and the values deeper inside are not copied for that.
        let objects = r#"{"b":"#.repeat(deep) + "0" + &r#","1":1}"#.repeat(deep);
        let printed = stringify(&objects);
        assert!(printed.starts_with(r#"{"1":1,"b":{"1":1,"b":"#));
        assert_eq!(printed.len(), objects.len());
    }
}
