//! Cookies of requests and responses: decides what is sent, what is stored and what the mini
//! program sees.
//!
//! From the outside in: this file applies the platform's policy to each request and response;
//! `app_view` is what a host app does with a jar; `jar` is the handle of both; `persistence` loads
//! and saves; `store` holds the cookies and knows the rules of RFC 6265bis.

mod app_view;
mod cookie;
mod date;
mod document;
mod file;
mod jar;
mod listener;
mod lock;
mod merge;
mod parse;
mod persistence;
mod same_site;
mod storage;
mod store;
mod stored;
mod suffix;
mod target;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use url::Url;

pub use app_view::CookieError;
pub use cookie::Cookie;
pub use jar::CookieJar;
pub use listener::{CookieChange, CookieListener};
pub use same_site::SameSite;
pub use storage::CookieStorage;

use crate::config::ClientConfig;
use crate::config::cookie_policy::{CallerCookies, CookiePolicy, SetCookies};
use crate::headers;
use stored::Stored;
use target::Target;

/// How many `Set-Cookie` lines of a response are taken before other tasks run. Each may have to be
/// compared with all cookies of a jar.
const LINES_AT_ONCE: usize = 16;

/// A client's cookies: its jar, and its policy.
pub(crate) struct Cookies {
    policy: CookiePolicy,
    jar: CookieJar,
}

impl Cookies {
    pub(crate) fn new(config: &ClientConfig, jar: CookieJar) -> Self {
        Self { policy: config.cookie_policy.over(config.platform), jar }
    }

    /// Loads the saved cookies. Must be awaited before a request; only the first time takes long.
    pub(crate) async fn load(&self) {
        if self.policy.jar {
            self.jar.load().await;
        }
    }

    /// Sets the one `cookie` line of a request to a URL: the caller's cookies, the jar's, or both.
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

    /// Stores the cookies of a response from a URL, and hides them from the mini program if the
    /// policy says so.
    pub(crate) async fn take(&self, headers: &mut HeaderMap, url: &Url) {
        if !headers.contains_key(SET_COOKIE) {
            return;
        }
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

/// Returns the caller's cookies as written, followed by the jar's cookies with other names.
fn merged(callers: &[u8], jars: &[Arc<Stored>]) -> Vec<u8> {
    // The caller may give very many, the jar has few; so the set is made of the jar's names.
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

/// Returns a pair's name, which is empty if there is no `=`.
fn name_of(pair: &[u8]) -> &[u8] {
    pair.iter().position(|byte| *byte == b'=').map_or(&[], |at| pair[..at].trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn other_tasks_run_after_every_sixteen_lines_of_a_response() {
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
    fn a_host_name_that_is_too_long_has_no_cookies() {
        let jar = CookieJar::open(None, "");
        assert!(jar.set_line("https://example.com/", "a=1; Domain=example.com"));
        let host = |labels| format!("https://{}example.com/", "a.".repeat(labels));
        assert_eq!(jar.list_for(&host(122)).len(), 1);
        assert_eq!(jar.list_for(&host(123)).len(), 0, "over 255 bytes");
        assert!(!jar.set_line(&host(123), "b=2"));
    }
}
