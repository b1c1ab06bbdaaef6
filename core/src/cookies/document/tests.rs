//! The form of a document, and damaged documents.

use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::cookies::parse::MAX_PAIR;
use crate::cookies::stored::MAX_DOMAIN;

/// The last moment that a document can hold.
const MAX_MILLIS: u64 = 253_402_300_799_999;

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
        expires: from_millis(2),
        secure: true,
        http_only: false,
        same_site: None,
        created: UNIX_EPOCH + Duration::from_millis(1),
    }
}

/// Makes a document with the right head.
fn document(body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("gadget-cookies 1 {} {}\n", sha256_hex(body), body.len());
    [head.as_bytes(), body].concat()
}

#[test]
fn a_document_has_the_agreed_form() {
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
            expires: from_millis(MAX_MILLIS),
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
fn a_head_must_be_right_to_the_letter() {
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
fn lines_that_are_not_cookies_are_refused_even_if_the_checksum_is_right() {
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
fn a_document_takes_as_many_cookies_as_a_jar_and_as_large_ones_and_no_more() {
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
fn a_cookie_that_is_too_large_is_neither_written_nor_read() {
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
