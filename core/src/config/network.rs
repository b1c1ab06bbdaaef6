//! Networks and the proxy.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::{Position, Url};

use crate::config::error::ConfigError;

deserialize_from_text!(Network, Proxy);

/// A network, `10.1.0.0/16`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Network(IpNet);

impl Network {
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for Network {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let network = text.parse().or_else(|_| text.parse().map(|address: IpAddr| address.into()));
        network.map(Self).map_err(|_| ConfigError::new("not ADDRESS or ADDRESS/BITS"))
    }
}

/// The URL of an HTTP proxy, with user name and password if the proxy asks for them.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Proxy {
    uri: Uri,
    /// `proxy-authorization`, if the URL has credentials.
    authorization: Option<HeaderValue>,
}

impl Proxy {
    pub(crate) fn uri(&self) -> Uri {
        self.uri.clone()
    }

    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        self.authorization.clone()
    }
}

impl FromStr for Proxy {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not an http or https URL");
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = url.ok_or_else(wrong)?;
        // Without the credentials, which are sent as a header only.
        let uri = url[..Position::BeforeUsername].to_owned() + &url[Position::BeforeHost..];
        Ok(Self { uri: uri.parse().map_err(|_| wrong())?, authorization: basic(&url) })
    }
}

/// The credentials of a URL as a header value of RFC 7617, or `None` if it has none.
fn basic(url: &Url) -> Option<HeaderValue> {
    let password = url.password();
    if url.username().is_empty() && password.is_none() {
        return None;
    }
    let credentials: Vec<u8> = percent_decode_str(url.username())
        .chain(*b":")
        .chain(percent_decode_str(password.unwrap_or_default()))
        .collect();
    let mut value: HeaderValue = format!("Basic {}", STANDARD.encode(credentials))
        .parse()
        .expect("base64 is a header value");
    value.set_sensitive(true); // Debug must not print it
    Some(value)
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may hold a password.
        f.write_str("Proxy(…)")
    }
}
