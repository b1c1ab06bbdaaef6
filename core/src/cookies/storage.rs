//! The place where a jar's cookies are saved: the engine's own file, or the host app's storage.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::cookies::document;
use crate::cookies::stored::Stored;

/// Saves the cookies of one jar between two runs, for example in a keychain, in encrypted
/// preferences or in a file.
///
/// The bytes are mostly a few KiB and at most 64 MiB. Damage to them is noticed when they are
/// loaded. They contain all cookies except session cookies, in clear: whoever can read them is
/// logged in like the user of the mini program.
///
/// The methods are called on threads of the engine, and on threads of the host app that use the
/// jar. They may block. The engine never runs two saves of a jar at the same time. They must not
/// use the jar, which waits for them. A storage belongs to one jar: whatever anyone else saves in
/// it is overwritten. (Processes can share a folder instead, see
/// [`cookie_dir`](crate::ClientConfig::cookie_dir).)
pub trait CookieStorage: Send + Sync {
    /// Returns the bytes of the last save, or `None` if nothing was ever saved.
    ///
    /// # Errors
    ///
    /// There may be saved bytes, but they cannot be read now. The jar works without them, asks
    /// again (for calls at most once a second), and saves nothing until it has loaded them.
    fn load(&self) -> io::Result<Option<Vec<u8>>>;

    /// Replaces the bytes of the last save. If the process ends halfway, either the old or the new
    /// bytes must remain; a mixture of both is damage.
    ///
    /// # Errors
    ///
    /// The bytes are not saved, or it is uncertain that they are. The jar tries again.
    fn save(&self, bytes: &[u8]) -> io::Result<()>;

    /// The loaded bytes are damaged. Until the next save, [`load`](Self::load) must return `None`.
    fn set_aside(&self) {}
}

/// Loads and decodes the cookies of a storage. Returns `None` if there are none yet, or if they are
/// damaged; damaged ones are set aside.
pub(super) fn read(storage: &dyn CookieStorage) -> io::Result<Option<Vec<Arc<Stored>>>> {
    let Some(bytes) = without_panic(|| storage.load())? else { return Ok(None) };
    match document::decode(&bytes) {
        Ok(cookies) => Ok(Some(cookies.into_iter().map(Arc::new).collect())),
        Err(damage) => {
            log::warn!("the saved cookies cannot be used ({damage}) and are set aside");
            let set_aside = || {
                storage.set_aside();
                Ok(())
            };
            let _ = without_panic(set_aside);
            Ok(None)
        }
    }
}

/// Encodes cookies and saves them in a storage.
pub(super) fn write(storage: &dyn CookieStorage, cookies: &[Arc<Stored>]) -> io::Result<()> {
    let bytes = document::encode(cookies.iter().map(|cookie| &**cookie));
    without_panic(|| storage.save(&bytes))
}

/// Turns a panic of the host app's storage into an error, so that the jar continues.
fn without_panic<T>(action: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(action)).unwrap_or_else(|_| {
        log::error!("a storage of cookies panicked");
        Err(io::ErrorKind::Other.into())
    })
}
