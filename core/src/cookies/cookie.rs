//! A cookie as the host app sees it, in the terms of a WebView's cookie store.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use encoding_rs::mem::decode_latin1;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::cookies::document;
use crate::cookies::store::Stored;

/// A cookie of the jar, as Android's CookieManager, WKHTTPCookieStore and their like know it.
///
/// As JSON its members are `name`, `value`, `domain`, `path`, `expires` (milliseconds since 1970; absent for a
/// session's), `secure`, `httpOnly` and `sameSite`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cookie {
    /// The name; empty for a nameless one.
    #[serde(default)]
    pub name: String,
    /// The value. Bytes that are no UTF-8 are shown as ISO-8859-1.
    pub value: String,
    /// The host that it is for alone, or with a dot before it, a domain with all that is below it.
    pub domain: String,
    /// The path below which it is sent.
    #[serde(default = "root")]
    pub path: String,
    /// When it is over; nothing for one that ends with the process.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millis")]
    pub expires: Option<SystemTime>,
    /// Sent over https and to loopback only.
    #[serde(default)]
    pub secure: bool,
    /// Not for scripts: a shell that hands cookies to a page leaves it out.
    #[serde(default)]
    pub http_only: bool,
    /// What it says of requests from other sites; a mini program's are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_site: Option<SameSite>,
}

/// The attribute SameSite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SameSite {
    /// Strict.
    Strict,
    /// Lax.
    Lax,
    /// None.
    None,
}

impl Cookie {
    /// A session cookie for one host, with the path `/`.
    pub fn new(
        name: impl Into<String>,
        value: impl Into<String>,
        domain: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            domain: domain.into(),
            path: root(),
            expires: None,
            secure: false,
            http_only: false,
            same_site: None,
        }
    }

    /// The cookie as a Set-Cookie line, as Android's CookieManager takes it. There and in
    /// [`CookieJar::set_line`](crate::CookieJar::set_line) a URL of the cookie's own host goes with it, by https
    /// where it is secure.
    ///
    /// ```
    /// use gadget_request::Cookie;
    ///
    /// let cookie = Cookie { secure: true, ..Cookie::new("a", "1", ".example.com") };
    /// assert_eq!(cookie.to_line(), "a=1; Domain=example.com; Path=/; Secure");
    /// ```
    pub fn to_line(&self) -> String {
        let mut line = match self.name.as_str() {
            "" => self.value.clone(),
            name => format!("{name}={}", self.value),
        };
        if let Some(domain) = self.domain.strip_prefix('.') {
            line += &format!("; Domain={domain}");
        }
        line += &format!("; Path={}", self.path);
        if let Some(expires) = self.expires {
            // A date of HTTP has years of four digits, and none before 1970.
            let expires = UNIX_EPOCH + Duration::from_millis(document::millis(expires));
            line += &format!("; Expires={}", httpdate::HttpDate::from(expires));
        }
        if self.secure {
            line += "; Secure";
        }
        if self.http_only {
            line += "; HttpOnly";
        }
        line += match self.same_site {
            Some(SameSite::Strict) => "; SameSite=Strict",
            Some(SameSite::Lax) => "; SameSite=Lax",
            Some(SameSite::None) => "; SameSite=None",
            None => "",
        };
        line
    }
}

impl From<&Stored> for Cookie {
    fn from(cookie: &Stored) -> Self {
        let dot = if cookie.host_only { "" } else { "." };
        Self {
            name: text(&cookie.name),
            value: text(&cookie.value),
            domain: format!("{dot}{}", cookie.domain),
            path: text(&cookie.path),
            expires: cookie.expires,
            secure: cookie.secure,
            http_only: cookie.http_only,
            same_site: cookie.same_site,
        }
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither value nor name: this ends up in logs.
        f.debug_struct("Cookie").finish_non_exhaustive()
    }
}

impl SameSite {
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        [(Self::Strict, "strict"), (Self::Lax, "lax"), (Self::None, "none")]
            .into_iter()
            .find(|(_, name)| value.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(same_site, _)| same_site)
    }
}

/// UTF-8 if it is that, else ISO-8859-1.
fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| decode_latin1(bytes).into_owned(), str::to_owned)
}

fn root() -> String {
    "/".to_owned()
}

/// Times as milliseconds since 1970.
mod millis {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        time: &Option<SystemTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // A time before 1970 is over as 1970 is.
        let millis = time.map(|time| time.duration_since(UNIX_EPOCH).unwrap_or_default());
        millis.map(|since| since.as_millis() as u64).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SystemTime>, D::Error> {
        let millis: Option<u64> = Option::deserialize(deserializer)?;
        let time = millis.map(|millis| UNIX_EPOCH.checked_add(Duration::from_millis(millis)));
        time.map(|time| time.ok_or_else(|| serde::de::Error::custom("later than any clock")))
            .transpose()
    }
}
