//! The grammar of header fields, and the names that a caller must not set
//! (docs/contract.md#2-headers-out).

use std::collections::HashMap;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, Field};

/// Only the engine or the host app sends these. A caller's value is dropped.
const RESERVED: [&str; 5] =
    ["x-request-id", "x-request-id-op", "x-tt-logid", "x-tt-log-id", "referer"];

/// These belong to the connection: with its own values a caller could break the framing.
const OF_THE_CONNECTION: [&str; 9] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
];

/// How many headers a caller may send: as many as a response may have. No server takes more.
const MAX_FIELDS: usize = 2000;

/// Of so many fields a search finds a name sooner than a map, which has to be made first.
const FEW_FIELDS: usize = 16;

/// A field that is sent.
pub(crate) type HeaderField = (HeaderName, HeaderValue);

/// Checks all of the caller's headers and returns the ones that are sent, each name once.
///
/// # Errors
///
/// A name or value cannot be sent, also one that would be dropped, or there are too many.
pub(crate) fn checked(headers: &[(String, String)]) -> Result<Vec<HeaderField>, Error> {
    let mut checked = Unique::default();
    checked.fields.reserve_exact(headers.len().min(MAX_FIELDS) + 1);
    for (name, value) in headers {
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Field::Header.invalid("a name is not an HTTP token"))?;
        let value = self::value(value).ok_or_else(|| Field::Header.invalid(parsed.to_string()))?;
        if is_dropped(parsed.as_str()) {
            log::debug!("header {parsed} is reserved; the caller's value is dropped");
        } else {
            checked.set(parsed, value);
        }
        if checked.fields.len() > MAX_FIELDS {
            return Err(Field::Header.invalid("too many"));
        }
    }
    if checked.place(&CONTENT_TYPE).is_none() {
        checked.set(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(checked.fields)
}

/// Fields in their order, each name once. Of equal names the last value wins, at the first place.
#[derive(Default)]
struct Unique {
    fields: Vec<HeaderField>,
    /// Where the names are, if there are many.
    places: HashMap<HeaderName, usize>,
}

impl Unique {
    fn place(&self, name: &HeaderName) -> Option<usize> {
        match self.fields.len() {
            ..=FEW_FIELDS => self.fields.iter().position(|(known, _)| known == name),
            _ => self.places.get(name).copied(),
        }
    }

    fn set(&mut self, name: HeaderName, value: HeaderValue) {
        if let Some(place) = self.place(&name) {
            self.fields[place].1 = value;
            return;
        }
        self.fields.push((name, value));
        if self.fields.len() > FEW_FIELDS {
            let new = self.fields.iter().enumerate().skip(self.places.len());
            self.places.extend(new.map(|(place, (name, _))| (name.clone(), place)));
        }
    }
}

/// The value as it is sent, in UTF-8 without outer blanks, or `None` if it has a control character
/// other than the tab.
pub(crate) fn value(text: &str) -> Option<HeaderValue> {
    let text = text.trim_matches([' ', '\t']);
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return None;
    }
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

/// Removes the fields of a name and keeps the order of the others. (`HeaderMap::remove` would move
/// the last field into the gap.)
pub(crate) fn remove(headers: &mut HeaderMap, name: &HeaderName) {
    if headers.contains_key(name) {
        let kept = headers.iter().filter(|(other, _)| *other != name);
        *headers = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    }
}

fn is_dropped(name: &str) -> bool {
    RESERVED.contains(&name) || is_of_the_connection(name)
}

/// Returns true if a name, in lower case, belongs to the connection.
pub(crate) fn is_of_the_connection(name: &str) -> bool {
    OF_THE_CONNECTION.contains(&name) || name.starts_with("proxy-")
}

/// The value of `content-type` as text, or empty text.
pub(crate) fn content_type(headers: &[HeaderField]) -> String {
    let value = headers.iter().find(|(name, _)| *name == CONTENT_TYPE);
    let value = value.map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).into_owned());
    value.unwrap_or_default()
}
