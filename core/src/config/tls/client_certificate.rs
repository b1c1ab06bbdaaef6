//! The certificates by which a client shows servers who it is.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde::Deserialize;
use url::Url;

use crate::config::error::ConfigError;
use crate::config::hosts::HostPattern;

/// A certificate, with its key, for servers that ask who the client is (mutual TLS).
///
/// Only the hosts that are listed get it, and only if they ask. Its key signs the handshake and is
/// never sent.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Document")]
pub struct ClientCertificate {
    hosts: Vec<HostPattern>,
    pub(crate) certified_key: Arc<CertifiedKey>,
}

/// How it is written in the JSON document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    hosts: Vec<HostPattern>,
    certificate_pem: String,
    key_pem: String,
}

impl TryFrom<Document> for ClientCertificate {
    type Error = ConfigError;

    fn try_from(document: Document) -> Result<Self, ConfigError> {
        Self::new(document.hosts, &document.certificate_pem, &document.key_pem)
    }
}

impl ClientCertificate {
    /// Shows a certificate to these hosts. `certificate_pem` is the certificate itself and then, in
    /// their order, those that lead to its root. `key_pem` is its private key, not encrypted:
    /// PKCS #8, PKCS #1 (RSA) or SEC 1 (elliptic curves).
    ///
    /// # Errors
    ///
    /// There is no certificate or no key, the key is of an unknown kind, or it belongs to another
    /// certificate.
    pub fn new(
        hosts: impl IntoIterator<Item = HostPattern>,
        certificate_pem: &str,
        key_pem: &str,
    ) -> Result<Self, ConfigError> {
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(certificate_pem.as_bytes()).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| ConfigError::new("certificate_pem: no certificate"))?;
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
            .map_err(|_| ConfigError::new("key_pem: no private key"))?;
        let certified_key = CertifiedKey::from_der(chain, key, &default_provider()).map_err(
            |error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    ConfigError::new("key_pem: not the key of the certificate")
                }
                rustls::Error::InvalidCertificate(_) => {
                    ConfigError::new("certificate_pem: not a certificate")
                }
                _ => ConfigError::new("key_pem: a key of an unknown kind"),
            },
        )?;
        let hosts = hosts.into_iter().collect();
        Ok(Self { hosts, certified_key: Arc::new(certified_key) })
    }

    /// Returns true if the server of this URL gets the certificate.
    pub(crate) fn is_for(&self, url: &Url) -> bool {
        self.hosts.iter().any(|pattern| pattern.matches(url))
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}
