//! Networks, and proxies.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::{Host, Url};

use crate::config::error::ConfigError;
use crate::config::hosts::HostPattern;

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

/// The URL of a proxy, with user name and password if the proxy asks for them.
///
/// | scheme | the proxy | who looks up the server's name |
/// |---|---|---|
/// | `http`, `https` | HTTP, over TCP or TLS; a tunnel (CONNECT) for https | the proxy |
/// | `socks5` | SOCKS 5 (RFC 1928) | this device |
/// | `socks5h` | the same | the proxy |
///
/// Without a port, it is 80, 443 or 1080. A path has no meaning. User name and password are
/// percent-encoded in the URL; those of SOCKS (RFC 1929) have 255 bytes each at most.
///
/// ```
/// let proxy: gadget_request::Proxy = "socks5h://user:p%40ss@proxy.example.com:1080".parse()?;
/// assert_eq!(format!("{proxy:?}"), "Proxy(…)"); // it may hold a password
/// # Ok::<(), gadget_request::ConfigError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Proxy {
    pub(crate) protocol: ProxyProtocol,
    /// A name or an address, an IPv6 address without its brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) credentials: Option<Credentials>,
}

/// Another proxy for a client, in the names of the JSON document.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProxyDocument {
    pub(crate) proxy: Option<Proxy>,
    pub(crate) proxy_bypass: Vec<HostPattern>,
}

/// The hosts that a proxy selector is not asked for, in the names of the JSON document.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SelectorDocument {
    pub(crate) proxy_bypass: Vec<HostPattern>,
}

/// What a proxy speaks.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ProxyProtocol {
    Http,
    Https,
    /// SOCKS 5, with the server's address.
    Socks5,
    /// SOCKS 5, with the server's name.
    Socks5h,
}

/// A user name and a password, decoded.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Credentials {
    pub(crate) user: Vec<u8>,
    pub(crate) password: Vec<u8>,
}

/// The length of a SOCKS user name or password is one byte (RFC 1929 section 2).
const MAX_SOCKS_CREDENTIAL: usize = 255;

impl ProxyProtocol {
    fn of(scheme: &str) -> Option<Self> {
        Some(match scheme {
            "http" => Self::Http,
            "https" => Self::Https,
            "socks5" => Self::Socks5,
            "socks5h" => Self::Socks5h,
            _ => return None,
        })
    }

    pub(crate) fn is_socks(self) -> bool {
        matches!(self, Self::Socks5 | Self::Socks5h)
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 | Self::Socks5h => 1080,
        }
    }
}

impl Proxy {
    /// The URL of an https proxy, as a server.
    pub(crate) fn url(&self) -> Option<Url> {
        let host = if self.host.contains(':') { &format!("[{}]", self.host) } else { &self.host };
        Url::parse(&format!("https://{host}:{}/", self.port)).ok()
    }

    /// `proxy-authorization` (RFC 7617), if the URL has credentials.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let Credentials { user, password } = self.credentials.as_ref()?;
        let credentials = STANDARD.encode([user, &b":"[..], password].concat());
        let value: Result<HeaderValue, _> = format!("Basic {credentials}").parse();
        let mut value = value.expect("base64 is a header value");
        value.set_sensitive(true); // Debug must not print it
        Some(value)
    }
}

impl FromStr for Proxy {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not an http, https, socks5 or socks5h URL");
        let url = Url::parse(text).map_err(|_| wrong())?;
        let protocol = ProxyProtocol::of(url.scheme()).ok_or_else(wrong)?;
        // The URL Standard takes the hosts of http and https apart, and no others.
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let host = percent_decode_str(host).decode_utf8().map_err(|_| wrong())?;
        let host = match Host::parse(&host).map_err(|_| wrong())? {
            Host::Domain(name) => name,
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let port = url.port().unwrap_or(protocol.default_port());
        let credentials = credentials(&url);
        let is_long =
            |it: &Credentials| it.user.len().max(it.password.len()) > MAX_SOCKS_CREDENTIAL;
        if protocol.is_socks() && credentials.as_ref().is_some_and(is_long) {
            return Err(ConfigError::new("user name or password longer than 255 bytes"));
        }
        Ok(Self { protocol, host, port, credentials })
    }
}

fn credentials(url: &Url) -> Option<Credentials> {
    let password = url.password();
    if url.username().is_empty() && password.is_none() {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).collect();
    Some(Credentials {
        user: decoded(url.username()),
        password: decoded(password.unwrap_or_default()),
    })
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may hold a password.
        f.write_str("Proxy(…)")
    }
}
