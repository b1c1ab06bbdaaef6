//! A cookie and a change of one, as they cross the boundary.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A cookie, with the members that a WebView's store has.
#[derive(uniffi::Record)]
pub struct Cookie {
    /// The name; empty for a nameless cookie.
    pub name: String,
    /// The value.
    pub value: String,
    /// The hosts that get the cookie. `example.com` is only that host; `.example.com`, with a
    /// leading dot, is that host and all its subdomains.
    pub domain: String,
    /// The path: only requests to it and to paths below it send the cookie.
    pub path: String,
    /// When the cookie expires, in milliseconds since 1970; none: at the end of the session.
    pub expires_ms: Option<i64>,
    /// Sent over https and to loopback only.
    pub secure: bool,
    /// Hidden from scripts.
    pub http_only: bool,
    /// The attribute SameSite; none if the cookie has none.
    pub same_site: Option<SameSite>,
}

/// The attribute SameSite.
#[derive(uniffi::Enum)]
pub enum SameSite {
    /// Strict.
    Strict,
    /// Lax.
    Lax,
    /// None.
    None,
}

/// A change of a jar.
#[derive(uniffi::Enum)]
pub enum CookieChange {
    /// The cookie is new, or has another value or other attributes.
    Set {
        /// The cookie after the change.
        cookie: Cookie,
    },
    /// The cookie was removed.
    Removed {
        /// The cookie before the change.
        cookie: Cookie,
    },
}

/// A cookie was refused.
#[derive(Debug, uniffi::Error)]
pub enum CookieFailure {
    /// The only kind.
    Invalid {
        /// A sentence that names the member.
        reason: String,
    },
}

/// The cookie as a Set-Cookie line.
#[uniffi::export]
pub fn cookie_line(cookie: Cookie) -> String {
    gadget_request::Cookie::from(cookie).to_line()
}

impl std::fmt::Display for CookieFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Invalid { reason } = self;
        f.write_str(reason)
    }
}

impl From<gadget_request::CookieError> for CookieFailure {
    fn from(error: gadget_request::CookieError) -> Self {
        Self::Invalid { reason: error.to_string() }
    }
}

impl From<gadget_request::Cookie> for Cookie {
    fn from(cookie: gadget_request::Cookie) -> Self {
        Self {
            name: cookie.name,
            value: cookie.value,
            domain: cookie.domain,
            path: cookie.path,
            expires_ms: cookie.expires.map(millis),
            secure: cookie.secure,
            http_only: cookie.http_only,
            same_site: cookie.same_site.map(SameSite::from),
        }
    }
}

impl From<Cookie> for gadget_request::Cookie {
    fn from(cookie: Cookie) -> Self {
        let mut made = Self::new(cookie.name, cookie.value, cookie.domain);
        made.path = cookie.path;
        made.expires = cookie.expires_ms.map(time);
        made.secure = cookie.secure;
        made.http_only = cookie.http_only;
        made.same_site = cookie.same_site.map(SameSite::into);
        made
    }
}

impl From<gadget_request::SameSite> for SameSite {
    fn from(same_site: gadget_request::SameSite) -> Self {
        match same_site {
            gadget_request::SameSite::Strict => Self::Strict,
            gadget_request::SameSite::Lax => Self::Lax,
            gadget_request::SameSite::None => Self::None,
        }
    }
}

impl From<SameSite> for gadget_request::SameSite {
    fn from(same_site: SameSite) -> Self {
        match same_site {
            SameSite::Strict => Self::Strict,
            SameSite::Lax => Self::Lax,
            SameSite::None => Self::None,
        }
    }
}

impl From<gadget_request::CookieChange> for CookieChange {
    fn from(change: gadget_request::CookieChange) -> Self {
        match change {
            gadget_request::CookieChange::Set(cookie) => Self::Set { cookie: cookie.into() },
            gadget_request::CookieChange::Removed(cookie) => {
                Self::Removed { cookie: cookie.into() }
            }
        }
    }
}

/// Milliseconds since 1970; 0 for an earlier time, which has expired too.
fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A time far in the future becomes one in 1000 years, because the clock of some systems cannot
/// hold it. The engine keeps no cookie longer than 400 days anyway.
fn time(millis: i64) -> SystemTime {
    let since = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    const YEARS: Duration = Duration::from_secs(1000 * 365 * 24 * 3600);
    UNIX_EPOCH + since.min(YEARS)
}
