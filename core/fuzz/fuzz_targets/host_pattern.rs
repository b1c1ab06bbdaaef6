//! Matches host patterns with URLs: a match agrees with the letters of the pattern.

#![no_main]

use gadget_request::HostPattern;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|input: (&str, &str)| {
    let (pattern, url) = input;
    let Ok(parsed) = pattern.parse::<HostPattern>() else { return };
    let is_match = parsed.matches_url(url);
    let Some(url) = Url::parse(url).ok().filter(|url| url.has_host()) else {
        assert!(!is_match);
        return;
    };
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_plain =
        pattern.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'*' | b'-'));
    if !is_plain || pattern.contains("xn--") {
        return;
    }
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    let should_match = match pattern.strip_prefix('*') {
        Some(below) => host.ends_with(below),
        None => host == pattern,
    };
    assert_eq!(is_match, should_match, "{pattern} {host}");
});
