//! The cookies of a jar as one text that shows any damage: a head with a checksum, then a cookie a line.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use encoding_rs::mem::decode_latin1;
use ring::digest;
use serde::{Deserialize, Serialize};

use crate::cookies::cookie::SameSite;
use crate::cookies::parse::MAX_PAIR;
use crate::cookies::store::{MAX_COOKIES, Stored};

/// Bytes that a document may have. As many cookies as a jar takes (docs/contract.md#5-cookies) fit, however long they are.
pub(crate) const MAX_DOCUMENT: usize = 64 << 20;

/// The first line is this, a space, the version, a space, the SHA-256 of all that follows the line, a space, and
/// how many bytes follow it.
const MAGIC: &str = "gadget-cookies";
const VERSION: u32 = 1;

/// Longer than any head, of this version and of later ones.
const MAX_HEAD: usize = 200;

/// Bytes of a domain; no name on the net has more.
pub(crate) const MAX_DOMAIN: usize = 255;

/// The last millisecond of the year 9999: on every system, its clock goes further.
const MAX_MILLIS: u64 = 253_402_300_799_999;

/// Why a document is not taken. Holds nothing of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damaged {
    /// No head, or none that this engine writes.
    Head,
    /// No damage at all: a later engine wrote it.
    Newer,
    /// More or fewer bytes than the head says, or more than there may be.
    Length,
    Checksum,
    /// The checksum is right, what it is of is not: no UTF-8, or a line that is no cookie.
    Line,
    TooMany,
    /// A cookie is larger than a jar takes.
    TooLarge,
}

/// One line. Byte strings are texts here: each byte is the character of its number (ISO-8859-1), so that none is
/// lost and ASCII stays readable.
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

/// The document of those of these cookies that are kept, in their order. [`decode`] takes whatever is written.
pub(crate) fn encode<'c>(cookies: impl IntoIterator<Item = &'c Stored>) -> Vec<u8> {
    let kept = cookies.into_iter().filter(|cookie| is_kept(cookie));
    let lines = kept.filter_map(|cookie| cookie.expires.map(|expires| line(cookie, expires)));
    let mut body = Vec::new();
    for line in lines.take(MAX_COOKIES) {
        let end = body.len();
        serde_json::to_writer(&mut body, &line).expect("texts, numbers and flags, to memory");
        body.push(b'\n');
        if body.len() > MAX_DOCUMENT - MAX_HEAD {
            body.truncate(end); // only control characters, six bytes each, get here
            break;
        }
    }
    let head = format!("{MAGIC} {VERSION} {} {}\n", sha256_hex(&body), body.len());
    [head.into_bytes(), body].concat()
}

/// The cookies of a document, all or none. Whatever the bytes are, it takes time and memory in proportion to
/// their number at most, and never panics.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Stored>, Damaged> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(Damaged::Length);
    }
    let body = checked(bytes)?;
    let body = std::str::from_utf8(body).map_err(|_| Damaged::Line)?;
    let mut cookies = Vec::new();
    for line in body.split_terminator('\n') {
        if cookies.len() == MAX_COOKIES {
            return Err(Damaged::TooMany);
        }
        let line: Line = serde_json::from_str(line).map_err(|_| Damaged::Line)?;
        let cookie = stored(line).ok_or(Damaged::Line)?;
        if !fits(&cookie) {
            return Err(Damaged::TooLarge);
        }
        cookies.push(cookie);
    }
    Ok(cookies)
}

/// What follows the head, if it is what the head says. Each document has one head only: digits are compared as
/// they are written, no number is believed.
fn checked(bytes: &[u8]) -> Result<&[u8], Damaged> {
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

/// In lower case, 64 digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a document holds such a cookie: none of the session, and none that is larger than a jar takes.
pub(crate) fn is_kept(cookie: &Stored) -> bool {
    cookie.expires.is_some() && fits(cookie)
}

fn fits(cookie: &Stored) -> bool {
    cookie.name.len() + cookie.value.len() <= MAX_PAIR
        && cookie.path.len() <= MAX_PAIR
        && cookie.domain.len() <= MAX_DOMAIN
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
        expires: Some(time(line.expires)?),
        secure: line.secure,
        http_only: line.http_only,
        same_site: line.same_site,
        created: time(line.created)?,
    })
}

fn text(bytes: &[u8]) -> String {
    decode_latin1(bytes).into_owned()
}

/// Nothing, where a character is above U+00FF.
fn bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|character| u8::try_from(character).ok()).collect()
}

/// Since 1970; what is before is 1970, what is after 9999 its last millisecond.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    u64::try_from(since).map_or(MAX_MILLIS, |millis| millis.min(MAX_MILLIS))
}

fn time(millis: u64) -> Option<SystemTime> {
    let since = (millis <= MAX_MILLIS).then(|| Duration::from_millis(millis))?;
    UNIX_EPOCH.checked_add(since)
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "no head",
            Self::Newer => "of a later version",
            Self::Length => "wrong length",
            Self::Checksum => "wrong checksum",
            Self::Line => "a line is no cookie",
            Self::TooMany => "too many cookies",
            Self::TooLarge => "a cookie is too large",
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const LINE: &str = concat!(
        r#"{"name":"n","value":"v","domain":"example.com","hostOnly":true,"path":"/","#,
        r#""expires":2,"secure":true,"httpOnly":false,"created":1}"#
    );

    pub(crate) fn cookie(name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Stored {
        Stored {
            name: name.into(),
            value: value.into(),
            domain: "example.com".to_owned(),
            host_only: true,
            path: b"/".to_vec(),
            expires: time(2),
            secure: true,
            http_only: false,
            same_site: None,
            created: UNIX_EPOCH + Duration::from_millis(1),
        }
    }

    /// With a head that is right.
    fn document(body: impl AsRef<[u8]>) -> Vec<u8> {
        let body = body.as_ref();
        let head = format!("gadget-cookies 1 {} {}\n", sha256_hex(body), body.len());
        [head.as_bytes(), body].concat()
    }

    #[test]
    fn a_document_is_what_was_agreed_on() {
        let bytes = document(format!("{LINE}\n"));
        assert_eq!(String::from_utf8(encode(&[cookie("n", "v")])), String::from_utf8(bytes));
        let nothing = "gadget-cookies 1 \
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0\n";
        assert_eq!(encode(&[]), nothing.as_bytes());
        assert_eq!(decode(nothing.as_bytes()), Ok(Vec::new()));
    }

    #[test]
    fn every_byte_and_every_field_comes_back_in_order() {
        let all: Vec<u8> = (0..=255).collect();
        let mut cookies = vec![cookie(&*all, &*all), cookie("", "nameless"), cookie("a", "")];
        for same_site in [SameSite::Strict, SameSite::Lax, SameSite::None] {
            cookies.push(Stored {
                domain: "[::1]".to_owned(),
                host_only: false,
                path: all.clone(),
                expires: time(MAX_MILLIS),
                secure: false,
                http_only: true,
                same_site: Some(same_site),
                ..cookie("same", "site")
            });
        }
        assert_eq!(decode(&encode(&cookies)), Ok(cookies));
    }

    #[test]
    fn session_cookies_are_left_out() {
        let session = Stored { expires: None, ..cookie("s", "s") };
        let cookies = [cookie("a", "1"), session, cookie("b", "2")];
        assert_eq!(decode(&encode(&cookies)), Ok(vec![cookie("a", "1"), cookie("b", "2")]));
        let endless = LINE.replace(r#""expires":2,"#, "");
        assert_eq!(decode(&document(endless + "\n")), Err(Damaged::Line));
    }

    #[test]
    fn times_are_milliseconds_from_1970_to_9999() {
        let written = |time: SystemTime| {
            let cookie = Stored { expires: Some(time), created: time, ..cookie("a", "1") };
            let read = decode(&encode(&[cookie])).unwrap().remove(0);
            assert_eq!(read.expires, Some(read.created));
            read.created.duration_since(UNIX_EPOCH).unwrap()
        };
        let (past, late) = (Duration::from_secs(1 << 33), Duration::from_secs(1 << 39));
        assert_eq!(written(UNIX_EPOCH - past), Duration::ZERO);
        assert_eq!(written(UNIX_EPOCH + late), Duration::from_millis(MAX_MILLIS));
        assert_eq!(written(UNIX_EPOCH + Duration::from_nanos(1_999_999)).as_nanos(), 1_000_000);
        let body = LINE.replace(":2,", &format!(":{},", MAX_MILLIS + 1)) + "\n";
        assert_eq!(decode(&document(body)), Err(Damaged::Line));
    }

    #[test]
    fn a_document_cut_or_changed_anywhere_is_refused() {
        let bytes = encode(&[cookie("name", "value"), cookie("other", [0, 128, 255])]);
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "cut after {end}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            for to in (0..=255).filter(|to| *to != bytes[at]) {
                changed[at] = to;
                assert!(decode(&changed).is_err(), "byte {at} is {to}");
            }
        }
        for at in 0..=bytes.len() {
            for more in [b'0', b' ', b'\n', 0] {
                let mut longer = bytes.clone();
                longer.insert(at, more);
                assert!(decode(&longer).is_err(), "{more} more at {at}");
            }
        }
    }

    #[test]
    fn a_head_is_right_to_the_letter() {
        let sum = sha256_hex(b"");
        let upper = sum.to_uppercase();
        for (head, damaged) in [
            ("\n".to_owned(), Damaged::Head),
            (format!("gadget-cookies 0 {sum} 0\n"), Damaged::Head),
            (format!("gadget-cookies +1 {sum} 0\n"), Damaged::Head),
            (format!("gadget-cookies 01 {sum} 0\n"), Damaged::Head),
            (format!("gadget-cookies 2 {sum} 0\n"), Damaged::Newer),
            ("gadget-cookies 4294967295 new\n".to_owned(), Damaged::Newer),
            (format!("gadget-cookies 1 {sum} 00\n"), Damaged::Length),
            (format!("gadget-cookies 1 {sum} 0\r\n"), Damaged::Length),
            (format!("gadget-cookies 1 {sum} 99999999999999999999999999\n"), Damaged::Length),
            (format!("gadget-cookies 1 {upper} 0\n"), Damaged::Checksum),
            (format!("gadget-cookies 1{} {sum} 0\n", " ".repeat(MAX_HEAD)), Damaged::Head),
        ] {
            assert_eq!(decode(head.as_bytes()), Err(damaged), "{head}");
        }
    }

    #[test]
    fn lines_that_are_no_cookies_are_refused_though_the_checksum_is_right() {
        let deep = "[".repeat(1 << 20);
        for body in [
            "\n".to_owned(),
            "{}\n".to_owned(),
            "\u{feff}".to_owned() + LINE,
            LINE.to_owned() + "{}",
            LINE.to_owned() + "\n\n",
            LINE.to_owned() + "\n" + &LINE[1..] + "\n",
            LINE.replace("\"v\"", "\"\u{100}\""),
            LINE.replace("\"v\"", "\"\\ud83d\""),
            LINE.replace("\"v\"", "null"),
            LINE.replace(":2,", ":-2,"),
            LINE.replace(":2,", ":2.5,"),
            LINE.replace(":2,", ":1e999,"),
            LINE.replace("{", r#"{"name":"twice","#),
            LINE.replace("{", r#"{"unknown":0,"#),
            LINE.replace("{", r#"{"sameSite":"other","#),
            LINE.replace("\"v\"", &deep),
            LINE.replace("{", &format!("{{\"unknown\":{deep}")),
        ] {
            assert_eq!(decode(&document(&body)), Err(Damaged::Line), "{body:.200}");
        }
        assert_eq!(decode(&document(b"\xff\n")), Err(Damaged::Line));
    }

    #[test]
    fn as_many_cookies_as_a_jar_takes_and_as_large_are_kept_and_no_more() {
        let largest = |byte| Stored {
            path: vec![byte; MAX_PAIR],
            domain: "d".repeat(MAX_DOMAIN),
            ..cookie(vec![byte; 2048], vec![byte; 2048])
        };
        assert!(MAX_COOKIES * encode(&[largest(b'"')]).len() < MAX_DOCUMENT);
        let mut cookies = vec![cookie("a", "1"); MAX_COOKIES];
        let bytes = encode(&cookies);
        assert!(decode(&bytes).as_ref() == Ok(&cookies));
        cookies.push(cookie("one", "more"));
        assert!(encode(&cookies) == bytes);
        let lines = format!("{LINE}\n").repeat(MAX_COOKIES + 1);
        assert_eq!(decode(&document(lines)), Err(Damaged::TooMany));

        let bytes = encode(&vec![largest(1); 1400]);
        assert!(bytes.len() <= MAX_DOCUMENT);
        assert!(decode(&bytes).is_ok_and(|cookies| cookies.len() > 1300));
        assert_eq!(decode(&vec![b' '; MAX_DOCUMENT + 1]), Err(Damaged::Length));
    }

    #[test]
    fn a_cookie_too_large_is_neither_written_nor_read() {
        let long = "v".repeat(MAX_PAIR);
        let cookies = [
            cookie("n", long.clone()),
            Stored { path: vec![b'/'; MAX_PAIR + 1], ..cookie("n", "v") },
            Stored { domain: "d".repeat(MAX_DOMAIN + 1), ..cookie("n", "v") },
        ];
        assert_eq!(decode(&encode(&cookies)), Ok(Vec::new()));
        for (from, to) in [("\"v\"", &long), ("\"/\"", &(long.clone() + "v"))] {
            let body = LINE.replace(from, &format!("\"{to}\"")) + "\n";
            assert_eq!(decode(&document(body)), Err(Damaged::TooLarge));
        }
    }
}
