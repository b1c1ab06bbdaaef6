//! A client's cookies, for the host.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::client::Client;

/// A cookie, in the terms of a WebView's store.
#[derive(uniffi::Record)]
pub struct Cookie {
    /// The name; empty for a nameless one.
    pub name: String,
    /// The value.
    pub value: String,
    /// The host that it is for alone, or with a dot before it, a domain with all that is below it.
    pub domain: String,
    /// The path below which it is sent.
    pub path: String,
    /// When it is over, in milliseconds since 1970; none: at the end of the process.
    pub expires_ms: Option<i64>,
    /// Sent over https and to loopback only.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// What it says of requests from other sites.
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
        /// The cookie as it is now.
        cookie: Cookie,
    },
    /// The cookie is gone.
    Removed {
        /// The cookie as it was.
        cookie: Cookie,
    },
}

/// Gets the changes of a jar, on the thread that makes them, after them. It must not block.
#[uniffi::export(with_foreign)]
pub trait CookieObserver: Send + Sync {
    /// This has changed.
    fn changed(&self, change: CookieChange);
}

/// As long as it lives, changes are told.
#[derive(uniffi::Object)]
pub struct CookieListener {
    _listener: gadget_request::CookieListener,
}

/// A place of the host's own for the cookies of one client. It may block, and must not use the client.
#[uniffi::export(with_foreign)]
pub trait CookieStorage: Send + Sync {
    /// What was saved last; none, where nothing ever was.
    fn load(&self) -> Result<Option<Vec<u8>>, StorageFailure>;

    /// Puts this in the place of what was saved before.
    fn save(&self, bytes: Vec<u8>) -> Result<(), StorageFailure>;

    /// What was loaded is damaged: from now on there is nothing, until the next save.
    fn set_aside(&self);
}

/// A storage that could not.
#[derive(Debug, uniffi::Error)]
pub enum StorageFailure {
    /// The one kind there is: what happened is the host's to know.
    Failed,
}

/// Cookies that cannot be.
#[derive(Debug, uniffi::Error)]
pub enum CookieFailure {
    /// The one kind there is.
    Invalid {
        /// A sentence that names the member.
        reason: String,
    },
}

#[uniffi::export]
impl Client {
    /// All cookies, or those that a request to a URL takes along, in their order.
    pub fn cookies(&self, url: Option<String>) -> Vec<Cookie> {
        let jar = self.client.cookies();
        let cookies = url.map_or_else(|| jar.list(), |url| jar.list_for(&url));
        cookies.into_iter().map(Cookie::from).collect()
    }

    /// Sets cookies, all or none.
    pub fn set_cookies(&self, cookies: Vec<Cookie>) -> Result<(), CookieFailure> {
        let cookies = cookies.into_iter().map(gadget_request::Cookie::from);
        self.client.cookies().set(cookies).map_err(CookieFailure::from)
    }

    /// Takes a Set-Cookie line as if a response from a URL had set it; whether the jar has changed.
    pub fn set_cookie_line(&self, url: String, line: String) -> bool {
        self.client.cookies().set_line(&url, line)
    }

    /// Deletes a cookie; whether there was one.
    pub fn delete_cookie(&self, name: String, domain: String, path: String) -> bool {
        self.client.cookies().delete(&name, &domain, &path)
    }

    /// Removes the cookies of a domain and of all that is below it; with none, all.
    pub fn clear_cookies(&self, domain: Option<String>) {
        let jar = self.client.cookies();
        domain.map_or_else(|| jar.clear(), |domain| jar.clear_domain(&domain));
    }

    /// All cookies as JSON.
    pub fn export_cookies(&self) -> String {
        self.client.cookies().export_json()
    }

    /// Sets the cookies of JSON such as `export_cookies` makes, all or none.
    pub fn import_cookies(&self, json: String) -> Result<(), CookieFailure> {
        self.client.cookies().import_json(&json).map_err(CookieFailure::from)
    }

    /// Saves what has changed, now and on this thread.
    pub fn save_cookies(&self) -> Result<(), StorageFailure> {
        self.client.cookies().save().map_err(|_| StorageFailure::Failed)
    }

    /// Tells changes, as long as what is returned lives.
    pub fn on_cookie_change(&self, observer: Arc<dyn CookieObserver>) -> Arc<CookieListener> {
        let listener = self.client.cookies().on_change(move |change| {
            observer.changed(change.clone().into());
        });
        Arc::new(CookieListener { _listener: listener })
    }
}

/// The cookie as a Set-Cookie line.
#[uniffi::export]
pub fn cookie_line(cookie: Cookie) -> String {
    gadget_request::Cookie::from(cookie).to_line()
}

/// A storage of the host's, as the engine knows one.
pub(crate) struct Storage(pub(crate) Arc<dyn CookieStorage>);

impl gadget_request::CookieStorage for Storage {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.0.load().map_err(io::Error::other)
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.save(bytes.to_vec()).map_err(io::Error::other)
    }

    fn set_aside(&self) {
        self.0.set_aside();
    }
}

impl std::fmt::Display for StorageFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the storage of the cookies failed")
    }
}

impl std::error::Error for StorageFailure {}

impl From<uniffi::UnexpectedUniFFICallbackError> for StorageFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
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

/// A time before 1970 is over as 1970 is.
fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The engine keeps no cookie longer than 400 days: a time beyond any clock is one of many years.
fn time(millis: i64) -> SystemTime {
    let since = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    const YEARS: Duration = Duration::from_secs(1000 * 365 * 24 * 3600);
    UNIX_EPOCH + since.min(YEARS)
}
