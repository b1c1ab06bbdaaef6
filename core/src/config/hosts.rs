//! The settings whose text must mean something: each is checked where it is read, once.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Uri};
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use serde::{Deserialize, Deserializer};
use url::{Host, Position, Url};

use crate::config::ConfigError;
use crate::headers;
use crate::names::{is_below, is_localhost, without_dot};

/// Lets a type that parses from text stand in the JSON document, with the same errors.
macro_rules! deserialize_from_text {
    ($($name:ident),+) => {$(
        impl TryFrom<String> for $name {
            type Error = ConfigError;

            fn try_from(text: String) -> Result<Self, ConfigError> {
                text.parse()
            }
        }
    )+};
}

deserialize_from_text!(HeaderText, HostPattern, Network, ResolveOverride, Proxy, Roots, Pin);

/// Text that can be the value of a header: no control characters.
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

/// Hosts that a setting is for: `example.com` or an IP address is itself alone, `*.example.com` all below it. A port
/// behind it (`example.com:8443`) is that port alone; without one, every port is meant. With `https://` before it,
/// cleartext is not meant: [`AppHeaders`] with a token want that.
///
/// ```
/// let below: gadget_request::HostPattern = "*.example.com".parse()?;
/// assert!(below.matches_url("https://www.example.com:8443/") && !below.matches_url("https://example.com/"));
/// # Ok::<(), gadget_request::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HostPattern {
    is_https: bool,
    host: Host,
    /// Not the host, but what is below it.
    is_below: bool,
    port: Option<u16>,
}

impl HostPattern {
    /// Whether the host of this URL is meant; no, where it is no URL.
    pub fn matches_url(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.matches(&url))
    }

    pub(crate) fn matches(&self, url: &Url) -> bool {
        let is_other_port = self.port.is_some() && self.port != url.port_or_known_default();
        if is_other_port || (self.is_https && url.scheme() != "https") {
            return false;
        }
        match (&self.host, url.host()) {
            (Host::Domain(ours), Some(Host::Domain(theirs))) => {
                let theirs = without_dot(theirs);
                if self.is_below { is_below(theirs, ours) } else { ours == theirs }
            }
            (Host::Ipv4(ours), Some(Host::Ipv4(theirs))) => *ours == theirs,
            (Host::Ipv6(ours), Some(Host::Ipv6(theirs))) => *ours == theirs,
            _ => false,
        }
    }
}

impl FromStr for HostPattern {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not HOST or *.HOST, with https:// or :PORT or without");
        let https = text.strip_prefix("https://");
        let rest = https.unwrap_or(text);
        let below = rest.strip_prefix("*.");
        let rest = below.unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, Some(port_of(port).ok_or_else(wrong)?))
            }
            _ => (rest, None),
        };
        let host = match Host::parse(host).map_err(|_| wrong())? {
            Host::Domain(name) => Host::Domain(without_dot(&name).to_owned()),
            _ if below.is_some() => return Err(wrong()),
            address => address,
        };
        if matches!(&host, Host::Domain(name) if name.is_empty() || name.contains('*')) {
            return Err(wrong());
        }
        Ok(Self { is_https: https.is_some(), host, is_below: below.is_some(), port })
    }
}

/// Digits, and not 0.
fn port_of(text: &str) -> Option<u16> {
    let port = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok());
    port.flatten().filter(|port| *port != 0)
}

/// Headers that the host app sends to some hosts, in the place of the caller's and the engine's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppHeaders {
    hosts: Vec<HostPattern>,
    #[serde(deserialize_with = "app_headers")]
    headers: HeaderMap,
}

impl AppHeaders {
    /// These headers for these hosts.
    ///
    /// # Errors
    ///
    /// A name or value cannot be sent, or the name is of the connection's own or `cookie`.
    pub fn new<'h>(
        hosts: impl IntoIterator<Item = HostPattern>,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
    ) -> Result<Self, ConfigError> {
        let headers = headers::checked_app_headers(headers)?;
        Ok(Self { hosts: hosts.into_iter().collect(), headers })
    }

    /// Those that go with a request to this URL.
    pub(crate) fn for_url(&self, url: &Url) -> Option<&HeaderMap> {
        self.hosts.iter().any(|pattern| pattern.matches(url)).then_some(&self.headers)
    }
}

fn app_headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HeaderMap, D::Error> {
    let headers: BTreeMap<String, String> = BTreeMap::deserialize(deserializer)?;
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    headers::checked_app_headers(headers).map_err(serde::de::Error::custom)
}

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

/// Sends what is meant for one host and port to an address of the host app's choice, past the name
/// service: `HOST:PORT:ADDRESS`, as curl's `--resolve`.
///
/// The host name keeps its place in the URL, the `host` header and the certificate check. The address may
/// carry a port of its own (`[::1]:8443`), where a server cannot have that of the URL.
///
/// ```
/// let entry: gadget_request::ResolveOverride = "www.example.com:443:127.0.0.1:8443".parse()?;
/// # Ok::<(), gadget_request::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ResolveOverride {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) address: SocketAddr,
}

impl FromStr for ResolveOverride {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not HOST:PORT:ADDRESS");
        let mut parts = text.splitn(3, ':');
        let (Some(host), Some(port), Some(address)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        let port = port_of(port).ok_or_else(wrong)?;
        let Ok(Host::Domain(host)) = Host::parse(host) else {
            return Err(ConfigError::new("HOST of HOST:PORT:ADDRESS is not a host name"));
        };
        let ip =
            address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let address = match (ip.parse::<IpAddr>(), address.parse::<SocketAddr>()) {
            (Ok(ip), _) => SocketAddr::new(ip, port),
            (_, Ok(address)) => address,
            _ => return Err(ConfigError::new("ADDRESS of HOST:PORT:ADDRESS is not an IP address")),
        };
        if is_localhost(without_dot(&host)) && !address.ip().is_loopback() {
            return Err(ConfigError::new("localhost is nowhere but at a loopback address"));
        }
        Ok(Self { host, port, address })
    }
}

/// The URL of an HTTP proxy, with user name and password if it asks for them.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Proxy {
    uri: Uri,
    /// `proxy-authorization`, where there is a user name.
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
        let uri = url[..Position::BeforeUsername].to_owned() + &url[Position::BeforeHost..];
        Ok(Self { uri: uri.parse().map_err(|_| wrong())?, authorization: basic(&url) })
    }
}

/// The credentials in a URL, as RFC 7617 sends them.
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
    value.set_sensitive(true);
    Some(value)
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may hold a password.
        f.write_str("Proxy(…)")
    }
}

/// Trust anchors of the host app's own: one or more certificates as PEM.
#[derive(Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Roots(pub(crate) Vec<CertificateDer<'static>>);

impl Roots {
    /// Adds the certificates of another set.
    pub fn extend(&mut self, others: Roots) {
        self.0.extend(others.0);
    }
}

impl FromStr for Roots {
    type Err = ConfigError;

    /// Empty text is no certificates; any other must hold at least one, and each must be a trust anchor.
    fn from_str(pem: &str) -> Result<Self, ConfigError> {
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let certificates = certificates.map_err(|_| ConfigError::new("broken PEM"))?;
        if certificates.is_empty() && !pem.trim().is_empty() {
            return Err(ConfigError::new("no certificate in it"));
        }
        let mut store = rustls::RootCertStore::empty();
        for certificate in &certificates {
            store
                .add(certificate.clone())
                .map_err(|_| ConfigError::new("a certificate cannot be a trust anchor"))?;
        }
        Ok(Self(certificates))
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({} certificates)", self.0.len())
    }
}

/// A public key that a host must show: `HOST=sha256/BASE64`, the hash of the certificate's
/// SubjectPublicKeyInfo (RFC 7469 section 2.4, as OkHttp writes it).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Pin {
    /// As rustls names it, without a dot at its end.
    pub(crate) host: String,
    pub(crate) sha256: [u8; 32],
}

impl FromStr for Pin {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not HOST=sha256/BASE64");
        let (host, hash) = text.split_once("=sha256/").ok_or_else(wrong)?;
        let host = match Host::parse(host).map_err(|_| wrong())? {
            Host::Domain(name) => without_dot(&name).to_owned(),
            Host::Ipv4(address) => address.to_string(),
            // Without brackets.
            Host::Ipv6(address) => address.to_string(),
        };
        // What no server can be called would never be checked.
        let name = ServerName::try_from(host.as_str()).map_err(|_| wrong())?;
        if without_dot(&name.to_str()) != host {
            return Err(wrong());
        }
        let hash = STANDARD.decode(hash).map_err(|_| wrong())?;
        Ok(Self { host, sha256: hash.try_into().map_err(|_| wrong())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_names_its_host_as_rustls_does() {
        for (host, name) in
            [("[::1]", "::1"), ("127.0.0.1", "127.0.0.1"), ("EXAMPLE.com", "example.com")]
        {
            let pin: Pin = format!("{host}=sha256/{}", STANDARD.encode([0; 32])).parse().unwrap();
            let server_name = ServerName::try_from(name).unwrap();
            assert_eq!(pin.host, server_name.to_str(), "{host}");
        }
    }

    #[test]
    fn a_pin_that_no_connection_would_be_checked_against_is_refused() {
        for host in ["", ".", "*.example.com", "example.com..", "a..b", "-.test", "a=b"] {
            let pin = format!("{host}=sha256/{}", STANDARD.encode([0; 32]));
            assert!(pin.parse::<Pin>().is_err(), "{host}");
        }
    }
}
