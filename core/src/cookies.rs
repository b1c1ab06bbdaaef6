//! Cookies on their way out and in: here it is decided what is sent, what is stored and what is shown.

mod cookie;
mod date;
mod document;
mod file;
mod host;
mod jar;
mod kept;
mod parse;
mod policy;
mod store;
mod suffix;

use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use url::Url;

pub use cookie::{Cookie, SameSite};
pub use file::CookieStorage;
pub use host::{CookieChange, CookieError, CookieListener};
pub use jar::CookieJar;
pub use policy::{CallerCookies, CookiePolicy, CookiePolicyOverrides, SetCookies};

use crate::config::ClientConfig;
use crate::headers;
use store::Stored;

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
        if let Ok(mut line) = HeaderValue::from_bytes(&merged(callers, &jars)) {
            line.set_sensitive(true);
            headers.insert(COOKIE, line);
        }
    }

    /// Stores what a response from a URL sets, and hides it where the mini program may not see it.
    pub(crate) fn take(&self, headers: &mut HeaderMap, url: &Url) {
        if self.policy.jar {
            let lines = headers.get_all(SET_COOKIE).iter().map(HeaderValue::as_bytes);
            self.jar.take(lines, url);
        }
        if self.policy.set_cookie == SetCookies::Hidden {
            headers::remove(headers, &SET_COOKIE);
        }
    }
}

/// The caller's cookies as written, then those of the jar whose names the caller did not give.
fn merged(callers: &[u8], jars: &[Stored]) -> Vec<u8> {
    let given: Vec<&[u8]> =
        callers.split(|byte| *byte == b';').map(|pair| name_of(pair.trim_ascii())).collect();
    let is_given =
        |cookie: &&Stored| given.contains(&cookie.name.as_slice()) && !callers.is_empty();
    let mut line = callers.to_vec();
    for cookie in jars.iter().filter(|cookie| !is_given(cookie)) {
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
