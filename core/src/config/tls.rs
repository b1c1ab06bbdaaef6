//! Whom a client trusts: certificates of the host app, and pinned keys.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use serde::Deserialize;
use url::Host;

use crate::config::error::ConfigError;
use crate::names::without_dot;

deserialize_from_text!(Roots, Pin);

/// The trust anchors of the host app: certificates as PEM.
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

    /// Reads PEM. Empty text has no certificates. Any other text must have at least one, and each
    /// must be a trust anchor.
    fn from_str(pem: &str) -> Result<Self, ConfigError> {
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let certificates = certificates.map_err(|_| ConfigError::new("not valid PEM"))?;
        if certificates.is_empty() && !pem.trim().is_empty() {
            return Err(ConfigError::new("contains no certificate"));
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
    /// In rustls's spelling, without a final dot.
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
        // A pin for a name that no server can have would never be checked.
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
    fn a_pin_for_a_name_that_no_server_can_have_is_refused() {
        for host in ["", ".", "*.example.com", "example.com..", "a..b", "-.test", "a=b"] {
            let pin = format!("{host}=sha256/{}", STANDARD.encode([0; 32]));
            assert!(pin.parse::<Pin>().is_err(), "{host}");
        }
    }
}
