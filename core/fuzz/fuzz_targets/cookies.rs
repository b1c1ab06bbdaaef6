//! Set-Cookie lines of a hostile server: whatever they are, the jar keeps its bounds, and another
//! jar can import its cookies.

#![no_main]

use gadget_request::Client;
use libfuzzer_sys::fuzz_target;

const URLS: [&str; 4] = [
    "https://www.example.com/a/b",
    "http://www.example.com/",
    "http://localhost/x/",
    "https://b\u{fc}cher.example./",
];

fuzz_target!(|input: &[u8]| {
    let (one, other) = (Client::default(), Client::default());
    for (line, url) in input.split(|byte| *byte == b'\n').zip(URLS.into_iter().cycle()) {
        one.cookies().set_line(url, line);
    }
    let cookies = one.cookies().list();
    assert!(cookies.len() <= 4 * 180, "180 for each of four domains");
    for cookie in &cookies {
        assert!(!cookie.name.is_empty() || !cookie.value.is_empty());
        assert!(cookie.path.starts_with('/'));
        assert!(!cookie.value.contains(['\r', '\n', '\0', ';']));
        assert!(cookie.domain.is_ascii() && !cookie.domain.is_empty());
    }
    for url in URLS {
        let sent = one.cookies().list_for(url);
        assert!(
            sent.windows(2)
                .all(|two| two[0].path.len() >= two[1].path.len() || !two[0].path.is_ascii())
        );
    }
    if other.cookies().import_json(&one.cookies().export_json()).is_ok() {
        assert_eq!(other.cookies().list().len(), cookies.len());
    }
});
