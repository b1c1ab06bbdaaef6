//! Host names that the host app resolves itself.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

/// A resolver of the host's: HttpDNS and the like. It may block.
#[uniffi::export(with_foreign)]
pub trait HostResolver: Send + Sync {
    /// The addresses of a host name as text, in the order in which they are to be tried; none: the system is asked.
    fn resolve(&self, host: String) -> Result<Vec<String>, ResolverFailure>;
}

/// A resolver that could not, or whose answer is no address.
#[derive(Debug, uniffi::Error)]
pub enum ResolverFailure {
    /// The one kind there is: what happened is the host's to know.
    Failed,
}

impl std::fmt::Display for ResolverFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the resolver failed")
    }
}

impl std::error::Error for ResolverFailure {}

impl From<uniffi::UnexpectedUniFFICallbackError> for ResolverFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// A resolver of the host's, as the engine knows one.
pub(crate) struct Resolver(pub(crate) Arc<dyn HostResolver>);

impl gadget_request::HostResolver for Resolver {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let addresses = self.0.resolve(host.to_owned()).map_err(io::Error::other)?;
        addresses.iter().map(|text| text.parse().map_err(io::Error::other)).collect()
    }
}
