//! Cookies on their way out and in: here it is decided what is sent, what is stored and what is shown.

mod app_view;
mod cookie;
mod date;
mod document;
mod file;
mod jar;
mod lock;
mod merge;
mod parse;
mod persistence;
mod store;
mod suffix;
mod target;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use url::Url;

pub use app_view::{CookieChange, CookieError, CookieListener};
pub use cookie::{Cookie, SameSite};
pub use file::CookieStorage;
pub use jar::CookieJar;

use crate::config::ClientConfig;
use crate::config::cookie_policy::{CallerCookies, CookiePolicy, SetCookies};
use crate::headers;
use store::Stored;
use target::Target;

/// Lines that a response sets before others have their turn. Each may have to be compared with all cookies of a jar.
const LINES_AT_ONCE: usize = 16;

/// A client's cookies: its jar, and what its platform does with it.
pub(crate) struct Cookies {
    policy: CookiePolicy,
    jar: CookieJar,
}

impl Cookies {
    pub(crate) fn new(config: &ClientConfig, jar: CookieJar) -> Self {
        Self { policy: config.cookie_policy.over(config.platform), jar }
    }

    /// Is to be awaited before the first request: loading takes its time.
    pub(crate) async fn load(&self) {
        if self.policy.jar {
            self.jar.load().await;
        }
    }

    /// Makes the one `cookie` line of a request to a URL: the caller's, the jar's, or of both.
    pub(crate) fn attach(&self, headers: &mut HeaderMap, url: &Url) {
        if self.policy.caller_header == CallerCookies::Drop {
            headers::remove(headers, &COOKIE);
        }
        let jars = if self.policy.jar { self.jar.cookies_for(url) } else { Vec::new() };
        if jars.is_empty() {
            return;
        }
        let callers = headers.get(COOKIE).map(HeaderValue::as_bytes).unwrap_or_default();
        if let Ok(mut line) = HeaderValue::from_maybe_shared(Bytes::from(merged(callers, &jars))) {
            line.set_sensitive(true);
            headers.insert(COOKIE, line);
        }
    }

    /// Stores what a response from a URL sets, and hides it where the mini program may not see it.
    pub(crate) async fn take(&self, headers: &mut HeaderMap, url: &Url) {
        if self.policy.jar
            && let Some(target) = Target::of(url)
        {
            let now = SystemTime::now();
            let lines = headers.get_all(SET_COOKIE).iter().map(HeaderValue::as_bytes);
            let mut lines = lines.peekable();
            while lines.peek().is_some() {
                self.jar.take(lines.by_ref().take(LINES_AT_ONCE), &target, now);
                if lines.peek().is_some() {
                    tokio::task::yield_now().await;
                }
            }
        }
        if self.policy.set_cookie == SetCookies::Hidden {
            headers::remove(headers, &SET_COOKIE);
        }
    }
}

/// The caller's cookies as written, then those of the jar whose names the caller did not give.
fn merged(callers: &[u8], jars: &[Arc<Stored>]) -> Vec<u8> {
    // The caller's may be very many, those of the jar are few: what is looked up in is made of these.
    let mut missing: HashSet<&[u8]> = jars.iter().map(|cookie| cookie.name.as_slice()).collect();
    if !callers.is_empty() {
        for pair in callers.split(|byte| *byte == b';') {
            missing.remove(name_of(pair.trim_ascii()));
        }
    }
    let added = || jars.iter().filter(|cookie| missing.contains(cookie.name.as_slice()));
    let length: usize = added().map(|cookie| cookie.name.len() + cookie.value.len() + 3).sum();
    let mut line = Vec::with_capacity(callers.len() + length);
    line.extend(callers);
    for cookie in added() {
        if !line.is_empty() {
            line.extend(b"; ");
        }
        if !cookie.name.is_empty() {
            line.extend(&cookie.name);
            line.push(b'=');
        }
        line.extend(&cookie.value);
    }
    line
}

/// A pair's name; one without `=` has none.
fn name_of(pair: &[u8]) -> &[u8] {
    pair.iter().position(|byte| *byte == b'=').map_or(&[], |at| pair[..at].trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn however_many_lines_a_response_sets_others_have_their_turn_after_sixteen() {
        let cookies = Cookies::new(&ClientConfig::default(), CookieJar::open(None, ""));
        let url = Url::parse("https://example.com/").unwrap();
        let mut headers = HeaderMap::new();
        for number in 0..100 {
            let line = HeaderValue::try_from(format!("n{number}=1")).unwrap();
            headers.append(SET_COOKIE, line);
        }
        let mut taking = pin!(cookies.take(&mut headers, &url));
        let mut context = Context::from_waker(Waker::noop());
        let mut set = Vec::new();
        while taking.as_mut().poll(&mut context).is_pending() {
            set.push(cookies.jar.list().len());
        }
        assert_eq!(set, [16, 32, 48, 64, 80, 96]);
        assert_eq!(cookies.jar.list().len(), 100);
    }

    #[test]
    fn a_host_of_more_labels_than_there_can_be_has_no_cookies() {
        let jar = CookieJar::open(None, "");
        assert!(jar.set_line("https://example.com/", "a=1; Domain=example.com"));
        let host = |labels| format!("https://{}example.com/", "a.".repeat(labels));
        assert_eq!(jar.list_for(&host(122)).len(), 1);
        assert_eq!(jar.list_for(&host(123)).len(), 0, "over 255 bytes");
        assert!(!jar.set_line(&host(123), "b=2"));
    }
}
