//! Cookies that the host app keeps itself.

use std::io;
use std::sync::Arc;

/// A place that the host app chooses for the cookies of one client. It may block. It must not use
/// the client.
#[uniffi::export(with_foreign)]
pub trait CookieStorage: Send + Sync {
    /// The bytes that were saved last; none if nothing was ever saved.
    fn load(&self) -> Result<Option<Vec<u8>>, StorageFailure>;

    /// Replaces what was saved before by `bytes`.
    fn save(&self, bytes: Vec<u8>) -> Result<(), StorageFailure>;

    /// The loaded bytes are damaged. Nothing is stored any more, until the next save.
    fn set_aside(&self);
}

/// A storage failed.
#[derive(Debug, uniffi::Error)]
pub enum StorageFailure {
    /// The only kind: the host app knows the cause, and the engine need not.
    Failed,
}

impl std::fmt::Display for StorageFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the cookie storage failed")
    }
}

impl std::error::Error for StorageFailure {}

impl From<uniffi::UnexpectedUniFFICallbackError> for StorageFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// The storage of a host app, as the engine uses it.
pub(crate) struct Storage(pub(crate) Arc<dyn CookieStorage>);

impl gadget_request::CookieStorage for Storage {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.0.load().map_err(io::Error::other)
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.save(bytes.to_vec()).map_err(io::Error::other)
    }

    fn set_aside(&self) {
        self.0.set_aside();
    }
}
