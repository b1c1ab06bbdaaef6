//! Host names that the host app resolves itself.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

/// A resolver of the host app, such as HttpDNS. It may block.
#[uniffi::export(with_foreign)]
pub trait HostResolver: Send + Sync {
    /// The addresses of a host name as text, in the order in which the engine tries them. If the
    /// list is empty, the engine asks the system.
    fn resolve(&self, host: String) -> Result<Vec<String>, ResolverFailure>;
}

/// A resolver failed.
#[derive(Debug, uniffi::Error)]
pub enum ResolverFailure {
    /// The only kind: the host app knows the cause, and the engine need not.
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

/// The resolver of a host app, as the engine uses it. Text that is not an address is a failure.
pub(crate) struct Resolver(pub(crate) Arc<dyn HostResolver>);

impl gadget_request::HostResolver for Resolver {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let addresses = self.0.resolve(host.to_owned()).map_err(io::Error::other)?;
        addresses.iter().map(|text| text.parse().map_err(io::Error::other)).collect()
    }
}
