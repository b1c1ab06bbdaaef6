//! The cookies of a jar as one document, in which any damage shows.
//!
//! The first line, the head, has the format's version, a checksum of the rest and its length. Each
//! further line is one cookie as JSON. Reading takes all cookies or none: a document that was cut
//! or changed anywhere is damaged, because half of a login is worse than none.

use std::fmt;
use std::time::SystemTime;

use encoding_rs::mem::decode_latin1;
use ring::digest;
use serde::{Deserialize, Serialize};

use crate::cookies::same_site::SameSite;
use crate::cookies::store::MAX_COOKIES;
use crate::cookies::stored::{Stored, from_millis, millis};

/// The most bytes of a document. All cookies of a full jar (docs/contract.md#5-cookies) fit,
/// however long they are.
pub(crate) const MAX_DOCUMENT: usize = 64 << 20;

/// The first word of the head. The version, the SHA-256 of the bytes after the head, and their
/// number follow, with a space before each.
const MAGIC: &str = "gadget-cookies";
const VERSION: u32 = 1;

/// Longer than any head, of this version or of later ones.
const MAX_HEAD: usize = 200;

/// Why a document cannot be read. Holds no part of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damaged {
    /// There is no head, or not as this engine writes it.
    Head,
    /// Not damaged: a later engine wrote it.
    Newer,
    /// The length is not the head's, or over [`MAX_DOCUMENT`].
    Length,
    Checksum,
    /// The checksum is right, but the text is not UTF-8 or a line is not a cookie.
    Line,
    TooMany,
    /// A cookie is larger than a jar takes.
    TooLarge,
}

/// One line. Byte strings are written as ISO-8859-1 text: each byte is one character, so that no
/// byte is lost and ASCII stays readable.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    name: String,
    value: String,
    domain: String,
    host_only: bool,
    path: String,
    /// Milliseconds since 1970, like `created`.
    expires: u64,
    secure: bool,
    http_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    same_site: Option<SameSite>,
    created: u64,
}

/// Writes cookies in their order, without the ones that are not saved. [`decode`] can read every
/// document that this writes.
pub(crate) fn encode<'c>(cookies: impl IntoIterator<Item = &'c Stored>) -> Vec<u8> {
    let kept = cookies.into_iter().filter(|cookie| cookie.is_saved());
    let lines = kept.filter_map(|cookie| cookie.expires.map(|expires| line(cookie, expires)));
    let mut body = Vec::new();
    for line in lines.take(MAX_COOKIES) {
        let end = body.len();
        serde_json::to_writer(&mut body, &line).expect("texts, numbers and flags, to memory");
        body.push(b'\n');
        if body.len() > MAX_DOCUMENT - MAX_HEAD {
            // Only names and values of control characters, six bytes each, get here.
            body.truncate(end);
            break;
        }
    }
    let head = format!("{MAGIC} {VERSION} {} {}\n", sha256_hex(&body), body.len());
    [head.into_bytes(), body].concat()
}

/// Reads the cookies of a document, all or none. For any bytes, it takes time and memory at most in
/// proportion to their number, and never panics.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Stored>, Damaged> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(Damaged::Length);
    }
    let body = check(bytes)?;
    let body = std::str::from_utf8(body).map_err(|_| Damaged::Line)?;
    let mut cookies = Vec::new();
    for line in body.split_terminator('\n') {
        if cookies.len() == MAX_COOKIES {
            return Err(Damaged::TooMany);
        }
        let line: Line = serde_json::from_str(line).map_err(|_| Damaged::Line)?;
        let cookie = stored(line).ok_or(Damaged::Line)?;
        if !cookie.fits() {
            return Err(Damaged::TooLarge);
        }
        cookies.push(cookie);
    }
    Ok(cookies)
}

/// Returns the bytes after the head if they match the head. Numbers are compared as text, so that
/// each document has exactly one valid head.
fn check(bytes: &[u8]) -> Result<&[u8], Damaged> {
    let start = &bytes[..bytes.len().min(MAX_HEAD)];
    let end = start.iter().position(|byte| *byte == b'\n').ok_or(Damaged::Head)?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| Damaged::Head)?;
    let body = &bytes[end + 1..];
    let head = head.strip_prefix(MAGIC).and_then(|rest| rest.strip_prefix(' '));
    let (version, rest) = head.and_then(|head| head.split_once(' ')).ok_or(Damaged::Head)?;
    if version != VERSION.to_string() {
        let is_number = !version.starts_with(['0', '+']) && version.parse::<u32>().is_ok();
        return Err(if is_number { Damaged::Newer } else { Damaged::Head });
    }
    let (sum, length) = rest.split_once(' ').ok_or(Damaged::Head)?;
    if length != body.len().to_string() {
        return Err(Damaged::Length);
    }
    if sum == sha256_hex(body) { Ok(body) } else { Err(Damaged::Checksum) }
}

/// Returns the SHA-256 as 64 digits in lower case.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn line(cookie: &Stored, expires: SystemTime) -> Line {
    Line {
        name: text(&cookie.name),
        value: text(&cookie.value),
        domain: cookie.domain.clone(),
        host_only: cookie.host_only,
        path: text(&cookie.path),
        expires: millis(expires),
        secure: cookie.secure,
        http_only: cookie.http_only,
        same_site: cookie.same_site,
        created: millis(cookie.created),
    }
}

fn stored(line: Line) -> Option<Stored> {
    Some(Stored {
        name: bytes(&line.name)?,
        value: bytes(&line.value)?,
        domain: line.domain,
        host_only: line.host_only,
        path: bytes(&line.path)?,
        expires: Some(from_millis(line.expires)?),
        secure: line.secure,
        http_only: line.http_only,
        same_site: line.same_site,
        created: from_millis(line.created)?,
    })
}

fn text(bytes: &[u8]) -> String {
    decode_latin1(bytes).into_owned()
}

/// Returns `None` if a character is above U+00FF.
fn bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|character| u8::try_from(character).ok()).collect()
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "no head",
            Self::Newer => "written by a later version",
            Self::Length => "wrong length",
            Self::Checksum => "wrong checksum",
            Self::Line => "a line is not a cookie",
            Self::TooMany => "too many cookies",
            Self::TooLarge => "a cookie is too large",
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
