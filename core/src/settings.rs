//! The settings whose text must mean something: each is checked where it is read, once.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use url::{Host, Position, Url};

use crate::config::ConfigError;
use crate::headers;

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

deserialize_from_text!(HeaderText, ResolveOverride, Proxy, Roots, Pin);

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
        let port = port.parse().map_err(|_| wrong())?;
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
    pub(crate) host: String,
    pub(crate) sha256: [u8; 32],
}

impl FromStr for Pin {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not HOST=sha256/BASE64");
        let (host, hash) = text.split_once("=sha256/").ok_or_else(wrong)?;
        let host = match Host::parse(host).map_err(|_| wrong())? {
            Host::Domain(name) => name,
            Host::Ipv4(address) => address.to_string(),
            // Without brackets, as rustls names it.
            Host::Ipv6(address) => address.to_string(),
        };
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
            let server_name = rustls::pki_types::ServerName::try_from(name).unwrap();
            assert_eq!(pin.host, server_name.to_str(), "{host}");
        }
    }
}
