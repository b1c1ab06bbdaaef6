//! A cookie as the host app sees it, in the terms of a WebView's cookie store.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use encoding_rs::mem::decode_latin1;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::cookies::same_site::SameSite;
use crate::cookies::stored::{self, Stored};

/// A cookie of the jar, in the terms of Android's CookieManager and of WKHTTPCookieStore.
///
/// As JSON its members are `name`, `value`, `domain`, `path`, `expires` (milliseconds since 1970;
/// absent for a session cookie), `secure`, `httpOnly` and `sameSite`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cookie {
    /// The name. It may be empty.
    #[serde(default)]
    pub name: String,
    /// The value. If its bytes are not UTF-8, they are read as ISO-8859-1.
    pub value: String,
    /// The one host that gets the cookie; with a dot before it, a domain and all hosts below it.
    pub domain: String,
    /// The cookie is sent to this path and to all paths below it.
    #[serde(default = "root")]
    pub path: String,
    /// When it expires. `None` for a session cookie, which ends with the process.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millis")]
    pub expires: Option<SystemTime>,
    /// Sent only over https and to loopback addresses.
    #[serde(default)]
    pub secure: bool,
    /// Not for scripts: a host app must not hand it to a page.
    #[serde(default)]
    pub http_only: bool,
    /// The attribute SameSite, if the cookie has one. A mini program's requests are never from
    /// another site, so nothing depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_site: Option<SameSite>,
}

impl Cookie {
    /// Makes a session cookie for one host, with the path `/`.
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

    /// The cookie as a Set-Cookie line, as Android's CookieManager takes it. Pass the line with a
    /// URL of the cookie's own host, there and to
    /// [`CookieJar::set_line`](crate::CookieJar::set_line); for a secure cookie the URL must be
    /// https.
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
            // A date in HTTP has a year of four digits, not before 1970.
            let expires = UNIX_EPOCH + Duration::from_millis(stored::millis(expires));
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
        // Neither value nor name, because this ends up in logs.
        f.debug_struct("Cookie").finish_non_exhaustive()
    }
}

/// Reads bytes as UTF-8 if they are valid, else as ISO-8859-1.
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
        // A time before 1970 has expired, and so has 1970.
        let millis = time.map(|time| time.duration_since(UNIX_EPOCH).unwrap_or_default());
        millis.map(|since| since.as_millis() as u64).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SystemTime>, D::Error> {
        let millis: Option<u64> = Option::deserialize(deserializer)?;
        let time = millis.map(|millis| UNIX_EPOCH.checked_add(Duration::from_millis(millis)));
        time.map(|time| time.ok_or_else(|| serde::de::Error::custom("too far in the future")))
            .transpose()
    }
}
