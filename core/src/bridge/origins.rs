//! Which documents may use the API: decided by their origin, and by the frame they are in.

use std::str::FromStr;

use serde::Deserialize;
use url::Url;

use crate::config::error::ConfigError;
use crate::names::is_below;

/// Why a document may not use the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Origin,
    Frame,
}

impl Refusal {
    /// What the page's console shows.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Origin => "its origin is not among those that the app allows",
            Self::Frame => "it is in a frame, and the app allows the main frame only",
        }
    }
}

/// Documents that may use the API: `https://example.com` and `app://local` are one origin,
/// `https://*.example.com` all hosts below it, `null` stands for documents without an origin
/// (`about:blank`, `data:`, sandboxed frames), and `*` for all documents.
///
/// Any site can make a document without an origin, with a sandbox for example: `null` lets all
/// sites in that the WebView can be led to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct OriginPattern(Pattern);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Any,
    Opaque,
    One(Origin),
    Below(Origin),
}

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl OriginPattern {
    /// Returns true if the document of this origin is meant. An origin that cannot be read matches
    /// `*` only.
    pub fn matches(&self, origin: &str) -> bool {
        match (&self.0, Sender::read(origin)) {
            (Pattern::Any, _) | (Pattern::Opaque, Sender::Opaque) => true,
            (Pattern::One(ours), Sender::Host(theirs)) => *ours == theirs,
            (Pattern::Below(ours), Sender::Host(theirs)) => {
                ours.scheme == theirs.scheme
                    && ours.port == theirs.port
                    && is_below(&theirs.host, &ours.host)
            }
            _ => false,
        }
    }
}

impl FromStr for OriginPattern {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not SCHEME://HOST, SCHEME://*.HOST, null or *");
        let pattern = match text {
            "*" => Pattern::Any,
            "null" => Pattern::Opaque,
            _ => match text.split_once("://*.") {
                Some((scheme, rest)) => {
                    let origin = Origin::parse(&format!("{scheme}://{rest}")).ok_or_else(wrong)?;
                    Pattern::Below(origin)
                }
                None => Pattern::One(Origin::parse(text).ok_or_else(wrong)?),
            },
        };
        Ok(Self(pattern))
    }
}

impl TryFrom<String> for OriginPattern {
    type Error = ConfigError;

    fn try_from(text: String) -> Result<Self, ConfigError> {
        text.parse()
    }
}

/// What a WebView says of a document.
enum Sender {
    Host(Origin),
    /// It has no origin.
    Opaque,
    /// Not an origin. The engine's URL parser may be stricter than the WebView's: a document with
    /// a strange host must not count as one without an origin.
    Unreadable,
}

impl Sender {
    fn read(text: &str) -> Self {
        if matches!(text, "" | "null") {
            return Self::Opaque;
        }
        match Url::parse(text) {
            Ok(url) if url.host_str().unwrap_or_default().is_empty() => Self::Opaque,
            _ => Origin::parse(text).map_or(Self::Unreadable, Self::Host),
        }
    }
}

impl Origin {
    /// `None` for what is no origin, or has a path, a query or a user name.
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url.host_str().filter(|host| is_bare && !host.is_empty() && !host.contains('*'));
        let (scheme, port) = (url.scheme().to_owned(), url.port_or_known_default());
        Some(Self { scheme, host: host?.to_ascii_lowercase(), port })
    }
}
