//! Whom a client trusts: certificates of the host app, lists of revoked ones, and pinned keys.

pub(crate) mod client_certificate;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, Der, ServerName, TrustAnchor,
};
use serde::Deserialize;
use url::Host;

use crate::config::error::ConfigError;
use crate::names::{is_below, without_dot};

deserialize_from_text!(Roots, Crl, Pin);

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

/// Certificates that their issuer has revoked (RFC 5280 section 5): PEM, or DER in Base64.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Crl(pub(crate) Vec<CertificateRevocationListDer<'static>>);

impl Crl {
    /// Takes a list as DER.
    ///
    /// # Errors
    ///
    /// It is no list of revoked certificates, or one for a part of them only.
    pub fn from_der(der: impl Into<Vec<u8>>) -> Result<Self, ConfigError> {
        Self::checked(vec![der.into().into()])
    }

    fn checked(lists: Vec<CertificateRevocationListDer<'static>>) -> Result<Self, ConfigError> {
        // rustls reads lists only for a verifier, and makes a verifier only with a trust anchor.
        let [subject, key] = [Der::from_slice(&[]), Der::from_slice(&[])];
        let nobody = TrustAnchor { subject, subject_public_key_info: key, name_constraints: None };
        let roots = rustls::RootCertStore { roots: vec![nobody] };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .with_crls(lists.iter().cloned())
            .build()
            .map_err(|_| ConfigError::new("not a list of revoked certificates"))?;
        Ok(Self(lists))
    }
}

impl FromStr for Crl {
    type Err = ConfigError;

    /// Reads PEM, which may have several lists, or Base64 of DER.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("neither PEM nor Base64 of a list of revoked certificates");
        if !text.contains("-----BEGIN") {
            return Self::from_der(STANDARD.decode(text.trim()).map_err(|_| wrong())?);
        }
        let lists: Result<Vec<_>, _> =
            CertificateRevocationListDer::pem_slice_iter(text.as_bytes()).collect();
        Self::checked(lists.ok().filter(|lists| !lists.is_empty()).ok_or_else(wrong)?)
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl({} lists)", self.0.len())
    }
}

/// A public key that hosts must show: `HOST=sha256/BASE64` or `*.HOST=sha256/BASE64`, the hash of
/// the certificate's SubjectPublicKeyInfo (RFC 7469 section 2.4, as OkHttp writes it).
///
/// `*.example.com` is every host below `example.com`, and not that host itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Pin {
    /// In rustls's spelling, without a final dot.
    pub(crate) host: String,
    /// Matches the hosts below `host`, and not `host` itself.
    pub(crate) is_below: bool,
    pub(crate) sha256: [u8; 32],
}

impl Pin {
    /// Returns true if the pin is one of a host, in rustls's spelling.
    pub(crate) fn is_for(&self, host: &str) -> bool {
        // A URL's name may end in a dot, and rustls keeps the dot.
        let host = without_dot(host);
        if self.is_below { is_below(host, &self.host) } else { host == self.host }
    }
}

impl FromStr for Pin {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not HOST=sha256/BASE64 or *.HOST=sha256/BASE64");
        let (pattern, hash) = text.split_once("=sha256/").ok_or_else(wrong)?;
        let below = pattern.strip_prefix("*.");
        let host = match Host::parse(below.unwrap_or(pattern)).map_err(|_| wrong())? {
            Host::Domain(name) => without_dot(&name).to_owned(),
            _ if below.is_some() => return Err(wrong()),
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
        let sha256 = hash.try_into().map_err(|_| wrong())?;
        Ok(Self { host, is_below: below.is_some(), sha256 })
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
    fn a_pattern_is_for_every_host_below_and_not_for_the_host_itself() {
        let pin: Pin = format!("*.a.test=sha256/{}", STANDARD.encode([0; 32])).parse().unwrap();
        for (host, is_for) in [
            ("b.a.test", true),
            ("c.b.a.test.", true),
            ("a.test", false),
            ("ba.test", false),
            ("a.test.b", false),
        ] {
            assert_eq!(pin.is_for(host), is_for, "{host}");
        }
    }

    #[test]
    fn a_pin_for_a_name_that_no_server_can_have_is_refused() {
        for host in ["", ".", "*", "*.", "*.*.a.test", "a.*.test", "*.127.0.0.1", "*.[::1]"]
            .into_iter()
            .chain(["example.com..", "a..b", "-.test", "a=b"])
        {
            let pin = format!("{host}=sha256/{}", STANDARD.encode([0; 32]));
            assert!(pin.parse::<Pin>().is_err(), "{host}");
        }
    }
}
