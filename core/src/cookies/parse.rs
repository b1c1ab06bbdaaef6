//! Parses Set-Cookie lines (RFC 6265bis section 5.6).

use std::time::{Duration, SystemTime};

use crate::cookies::date;
use crate::cookies::same_site::SameSite;

/// The most bytes of name and value together (section 5.6 step 5).
pub(crate) const MAX_PAIR: usize = 4096;

/// The most bytes of an attribute's value. A longer one is ignored (section 5.6).
pub(crate) const MAX_ATTRIBUTE: usize = 1024;

/// A parsed Set-Cookie line. The store decides whether it takes the cookie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SetCookie {
    pub(crate) name: Vec<u8>,
    pub(crate) value: Vec<u8>,
    pub(crate) max_age: Option<MaxAge>,
    pub(crate) expires: Option<SystemTime>,
    /// Without a leading dot, in lower case. Empty and absent mean the same: only this host.
    pub(crate) domain: Option<Vec<u8>>,
    /// `None` if it does not begin with a slash; then the path is the default one.
    pub(crate) path: Option<Vec<u8>>,
    pub(crate) has_path: bool,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<SameSite>,
}

/// A Max-Age: expired at once, or the time to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MaxAge {
    Expired,
    For(Duration),
}

/// Parses a line. Returns `None` for a line that is ignored as a whole.
pub(crate) fn parse(line: &[u8]) -> Option<SetCookie> {
    // Step 1: control characters, except tabs.
    if line.iter().any(|byte| matches!(byte, 0..=8 | 0x0a..=0x1f | 0x7f)) {
        return None;
    }
    let mut parts = line.split(|byte| *byte == b';');
    let pair = parts.next().unwrap_or_default();
    let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (&pair[..0], pair), // no name
    };
    let (name, value) = (trimmed(name), trimmed(value));
    if name.len() + value.len() > MAX_PAIR || (name.is_empty() && value.is_empty()) {
        return None;
    }
    let mut cookie =
        SetCookie { name: name.to_vec(), value: value.to_vec(), ..SetCookie::default() };
    for attribute in parts {
        let at = attribute.iter().position(|byte| *byte == b'=');
        let (name, value) = match at {
            Some(at) => (&attribute[..at], &attribute[at + 1..]),
            None => (attribute, &attribute[..0]),
        };
        let value = trimmed(value);
        if value.len() <= MAX_ATTRIBUTE {
            cookie.set(&trimmed(name).to_ascii_lowercase(), value);
        }
    }
    Some(cookie)
}

impl SetCookie {
    /// Sets an attribute. If it comes several times, the last one counts.
    fn set(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"expires" => self.expires = date::parse(value).or(self.expires),
            b"max-age" => self.max_age = max_age(value).or(self.max_age),
            b"domain" => {
                let value = value.strip_prefix(b".").unwrap_or(value);
                self.domain = Some(value.to_ascii_lowercase());
            }
            b"path" => {
                self.has_path = true;
                self.path = value.starts_with(b"/").then(|| value.to_vec());
            }
            b"secure" => self.secure = true,
            b"httponly" => self.http_only = true,
            b"samesite" => self.same_site = SameSite::parse(value),
            _ => {}
        }
    }
}

/// Parses Max-Age (section 5.6.2). A number that is too large saturates.
fn max_age(value: &[u8]) -> Option<MaxAge> {
    let (negative, digits) = match value.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |seconds: u64, digit: &u8| {
        seconds.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    };
    match digits.iter().fold(0, add) {
        0 => Some(MaxAge::Expired),
        _ if negative => Some(MaxAge::Expired),
        seconds => Some(MaxAge::For(Duration::from_secs(seconds))),
    }
}

/// Removes spaces and tabs at both ends.
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}
