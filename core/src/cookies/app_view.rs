//! The host app's use of a jar: list, set and delete cookies, exchange them with a WebView's cookie
//! store, and listen to changes.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use serde::Serialize;
use url::{Host, Url};

use crate::cookies::cookie::Cookie;
use crate::cookies::jar::CookieJar;
use crate::cookies::listener::{CookieChange, CookieListener};
use crate::cookies::parse::{MAX_ATTRIBUTE, MAX_PAIR};
use crate::cookies::same_site::SameSite;
use crate::cookies::store::{MAX_AGE, keeps_prefix_promise};
use crate::cookies::stored::{MAX_DOMAIN, Stored};
use crate::cookies::suffix::is_public_suffix;
use crate::cookies::target::Target;
use crate::names::is_below;

/// Why a cookie cannot be set. The message names the member and the reason, and holds no part of
/// the cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieError(Cow<'static, str>);

impl CookieError {
    fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }

    fn at(self, index: usize) -> Self {
        Self::new(format!("[{index}].{}", self.0))
    }
}

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CookieError {}

impl CookieJar {
    /// Lists all cookies that have not expired, the oldest first.
    pub fn list(&self) -> Vec<Cookie> {
        let cookies = self.loaded().with_store(|store| store.list(SystemTime::now()));
        cookies.iter().map(|cookie| Cookie::from(&**cookie)).collect()
    }

    /// Lists the cookies that a request to this URL sends, in their order. Empty if it is not a
    /// URL.
    pub fn list_for(&self, url: &str) -> Vec<Cookie> {
        let Ok(url) = Url::parse(url) else { return Vec::new() };
        self.loaded().cookies_for(&url).iter().map(|cookie| Cookie::from(&**cookie)).collect()
    }

    /// Sets cookies. Each replaces the cookie with the same name, domain and path; one that has
    /// expired deletes it.
    ///
    /// # Errors
    ///
    /// One of the cookies is not valid. Then none is set.
    ///
    /// ```
    /// use gadget_request::{Client, Cookie};
    ///
    /// let client = Client::default();
    /// client.cookies().set([Cookie::new("a", "1", ".example.com")])?;
    /// assert_eq!(client.cookies().list_for("https://www.example.com/").len(), 1);
    /// let error = client.cookies().set([Cookie::new("a", "1", ".co.uk")]).unwrap_err();
    /// assert_eq!(error.to_string(), "domain: a public suffix");
    /// # Ok::<(), gadget_request::CookieError>(())
    /// ```
    pub fn set(&self, cookies: impl IntoIterator<Item = Cookie>) -> Result<(), CookieError> {
        let cookies: Vec<Cookie> = cookies.into_iter().collect();
        let is_one = cookies.len() == 1;
        self.set_all(cookies).map_err(|(index, error)| if is_one { error } else { error.at(index) })
    }

    /// Sets all cookies or none. The error has the index of its cookie.
    fn set_all(&self, cookies: Vec<Cookie>) -> Result<(), (usize, CookieError)> {
        let now = SystemTime::now();
        let stored: Result<Vec<Stored>, _> = cookies
            .into_iter()
            .enumerate()
            .map(|(index, cookie)| check(cookie, now).map_err(|error| (index, error)))
            .collect();
        let stored = stored?;
        self.loaded().change(|store| {
            stored.into_iter().flat_map(|cookie| store.insert(cookie, now)).collect()
        });
        Ok(())
    }

    /// Sets a cookie by a Set-Cookie line, as if a response from the URL had set it. Android's
    /// CookieManager takes cookies in this form. Returns true if the jar has changed; a line that
    /// such a response is not allowed to set has no effect.
    ///
    /// ```
    /// let client = gadget_request::Client::default();
    /// assert!(client.cookies().set_line("https://www.example.com/", "a=1; Domain=example.com"));
    /// assert!(!client.cookies().set_line("https://www.example.com/", "b=2; Domain=example.org"));
    /// ```
    pub fn set_line(&self, url: &str, line: impl AsRef<[u8]>) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        let lines = [line.as_ref()].into_iter();
        Target::of(&url).is_some_and(|target| self.loaded().take(lines, &target, SystemTime::now()))
    }

    /// Returns all cookies as a JSON array of objects with the members of [`Cookie`].
    pub fn export_json(&self) -> String {
        json(&self.list())
    }

    /// Returns the cookies of [`list_for`](Self::list_for) as JSON.
    pub fn export_json_for(&self, url: &str) -> String {
        json(&self.list_for(url))
    }

    /// Sets the cookies of a JSON array in the form of [`export_json`](Self::export_json).
    ///
    /// # Errors
    ///
    /// The text is not such an array, or one of its cookies is not valid. Then none is set. The
    /// message names the cookie by its index.
    ///
    /// ```
    /// let client = gadget_request::Client::default();
    /// client.cookies().import_json(r#"[{"name":"a","value":"1","domain":"example.com"}]"#)?;
    /// assert_eq!(client.cookies().list().len(), 1);
    /// let error = client.cookies().import_json(r#"[{"name":"a"}]"#).unwrap_err();
    /// assert_eq!(error.to_string(), "[0]: missing field `value`");
    /// # Ok::<(), gadget_request::CookieError>(())
    /// ```
    pub fn import_json(&self, json: &str) -> Result<(), CookieError> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let cookies: Result<Vec<Cookie>, _> = serde_path_to_error::deserialize(&mut reader);
        let cookies = cookies.map_err(|error| CookieError::new(without_text(&error)))?;
        reader.end().map_err(|_| CookieError::new("text after the JSON array"))?;
        self.set_all(cookies).map_err(|(index, error)| error.at(index))
    }

    /// Deletes a cookie by its name, domain (in the form of [`Cookie::domain`]) and path. Returns
    /// true if the jar had it.
    pub fn delete(&self, name: &str, domain: &str, path: &str) -> bool {
        let Ok((domain, host_only)) = domain_of(domain) else { return false };
        let (name, path) = (name.to_owned(), path.to_owned());
        self.remove(move |stored| {
            let is_there = stored.domain == domain && stored.host_only == host_only;
            let cookie = is_there.then(|| Cookie::from(stored));
            cookie.is_some_and(|cookie| cookie.name == name && cookie.path == path)
        })
    }

    /// Deletes all cookies.
    pub fn clear(&self) {
        self.remove(|_| true);
    }

    /// Deletes the cookies of a domain and of all domains below it.
    pub fn clear_domain(&self, domain: &str) {
        let name = domain.strip_prefix('.').unwrap_or(domain);
        let Ok((domain, _)) = domain_of(name) else { return }; // not a domain: no cookies
        self.remove(move |cookie| cookie.domain == domain || is_below(&cookie.domain, &domain));
    }

    /// Calls `listener` with every change, the host app's too, until the returned value is
    /// dropped.
    ///
    /// The calls come after the changes, in their order, one at a time, on a thread that makes a
    /// change. The listener may use the jar; a change that it makes is reported after the ones that
    /// wait. It must not block.
    #[must_use]
    pub fn on_change(
        &self,
        listener: impl Fn(&CookieChange) + Send + Sync + 'static,
    ) -> CookieListener {
        self.add_listener(listener)
    }
}

fn json(cookies: &impl Serialize) -> String {
    serde_json::to_string(cookies).expect("cookies are text and numbers")
}

/// Checks a cookie of the host app by the rules for a server's cookies.
fn check(cookie: Cookie, now: SystemTime) -> Result<Stored, CookieError> {
    let has = |text: &str, more: &[char]| {
        text.contains(|c: char| c.is_ascii_control() && c != '\t' || more.contains(&c))
    };
    let is_outer = |text: &str| text != text.trim_matches([' ', '\t']);
    if has(&cookie.name, &[';', '=']) || is_outer(&cookie.name) {
        return Err(CookieError::new("name: contains a forbidden character"));
    }
    if has(&cookie.value, &[';']) || is_outer(&cookie.value) {
        return Err(CookieError::new("value: contains a forbidden character"));
    }
    if cookie.name.len() + cookie.value.len() > MAX_PAIR {
        return Err(CookieError::new("value: over 4096 bytes with the name"));
    }
    if cookie.name.is_empty() && cookie.value.is_empty() {
        return Err(CookieError::new("name: both name and value are empty"));
    }
    if !cookie.path.starts_with('/') || has(&cookie.path, &[';']) {
        return Err(CookieError::new(
            "path: does not begin with a slash, or contains a forbidden character",
        ));
    }
    if cookie.same_site == Some(SameSite::None) && !cookie.secure {
        return Err(CookieError::new("sameSite: none is for secure cookies only"));
    }
    if cookie.path.len() > MAX_ATTRIBUTE {
        return Err(CookieError::new("path: over 1024 bytes"));
    }
    let (domain, host_only) = domain_of(&cookie.domain)?;
    if !host_only && is_public_suffix(&domain) {
        return Err(CookieError::new("domain: a public suffix"));
    }
    let stored = Stored {
        name: cookie.name.into_bytes(),
        value: cookie.value.into_bytes(),
        domain,
        host_only,
        path: cookie.path.into_bytes(),
        expires: cookie.expires.map(|expires| expires.min(now + MAX_AGE)),
        secure: cookie.secure,
        http_only: cookie.http_only,
        same_site: cookie.same_site,
        created: now,
    };
    if !keeps_prefix_promise(&stored, true) {
        return Err(CookieError::new("name: breaks the rules of its prefix"));
    }
    Ok(stored)
}

/// Returns what is wrong with JSON and in which member, without any part of the text.
fn without_text(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let inner = error.inner().to_string();
    let what = match error.inner().classify() {
        serde_json::error::Category::Data => {
            inner.split(" at line ").next().unwrap_or_default().to_owned()
        }
        _ => "not valid JSON".to_owned(),
    };
    // serde's messages of these kinds show the value.
    let shows_value = what.starts_with("invalid") || what.starts_with("unknown variant");
    let what = if shows_value { "wrong type or value" } else { &what };
    match error.path().to_string().as_str() {
        "." | "?" => what.to_owned(),
        path => format!("{path}: {what}"),
    }
}

/// Parses a domain in the form of [`Cookie::domain`]. Also returns true if only that host gets the
/// cookie.
fn domain_of(text: &str) -> Result<(String, bool), CookieError> {
    let host_only = !text.starts_with('.');
    let name = text.strip_prefix('.').unwrap_or(text);
    let host = Host::parse(name).map(|host| host.to_string());
    let host = host.ok().filter(|host| !host.starts_with('.') && host.len() <= MAX_DOMAIN);
    let host = host.ok_or(CookieError::new("domain: neither a host name nor an address"))?;
    Ok((host, host_only))
}
