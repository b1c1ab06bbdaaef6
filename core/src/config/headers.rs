//! Headers that a setting holds.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::config::error::ConfigError;
use crate::config::hosts::HostPattern;
use crate::headers;

deserialize_from_text!(HeaderText);

/// Text that can be the value of a header: it has no control characters.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HeaderText(HeaderValue);

impl HeaderText {
    pub(crate) fn from_static(text: &'static str) -> Self {
        Self(HeaderValue::from_static(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.0.as_bytes()).expect("made from text")
    }

    pub(crate) fn value(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl FromStr for HeaderText {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        headers::value(text).map(Self).ok_or_else(|| ConfigError::new("not a header value"))
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Headers that the host app sends to some hosts. They replace the caller's and the engine's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppHeaders {
    hosts: Vec<HostPattern>,
    #[serde(deserialize_with = "app_headers")]
    headers: HeaderMap,
}

impl AppHeaders {
    /// Sends these headers to these hosts.
    ///
    /// # Errors
    ///
    /// A name or value cannot be sent, a name comes twice, it belongs to the connection, or it is
    /// `cookie`.
    pub fn new<'h>(
        hosts: impl IntoIterator<Item = HostPattern>,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
    ) -> Result<Self, ConfigError> {
        Ok(Self { hosts: hosts.into_iter().collect(), headers: checked(headers)? })
    }

    /// The headers, if they go to this URL.
    pub(crate) fn for_url(&self, url: &Url) -> Option<&HeaderMap> {
        self.hosts.iter().any(|pattern| pattern.matches(url)).then_some(&self.headers)
    }
}

fn app_headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HeaderMap, D::Error> {
    let headers: BTreeMap<String, String> = BTreeMap::deserialize(deserializer)?;
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    checked(headers).map_err(serde::de::Error::custom)
}

/// Reserved names are allowed here: they are the host app's to set.
fn checked<'h>(
    headers: impl IntoIterator<Item = (&'h str, &'h str)>,
) -> Result<HeaderMap, ConfigError> {
    let mut checked = HeaderMap::new();
    for (name, text) in headers {
        let wrong = |what: &str| ConfigError::new(format!("{name}: {what}"));
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| ConfigError::new("a name is not an HTTP token"))?;
        if headers::is_of_the_connection(parsed.as_str()) {
            return Err(wrong("belongs to the connection"));
        }
        if parsed == COOKIE {
            return Err(wrong("must be set in the cookie jar"));
        }
        let mut value = headers::value(text).ok_or_else(|| wrong("not a header value"))?;
        value.set_sensitive(true); // it may be a token: Debug must not print it
        if checked.insert(parsed, value).is_some() {
            return Err(wrong("set twice"));
        }
    }
    Ok(checked)
}
