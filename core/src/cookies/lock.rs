//! The lock by which processes that share a folder take turns to save. Each holds it while it
//! reads, merges and writes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};

use crate::cookies::document::sha256_hex;
use crate::cookies::file::create_folder;

/// How long a save waits for the lock. A save takes milliseconds; a process that holds the lock
/// longer was stopped, or its disk does not answer.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// The time between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(2);

/// An empty file beside the jar's file, which a process locks while it saves. The file stays. The
/// lock is advisory, and the system releases it when its process ends.
pub(super) struct FileLock {
    folder: PathBuf,
    path: PathBuf,
}

impl FileLock {
    /// Touches nothing yet.
    pub(super) fn new(folder: &Path, app_id: &str) -> Self {
        let name = format!("cookies-{}.lock", sha256_hex(app_id.as_bytes()));
        Self { folder: folder.to_owned(), path: folder.join(name) }
    }

    /// Returns true if any process has ever held the lock.
    pub(super) fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// Holds the lock until the value is dropped. Returns `None` if another process does not
    /// release it, or the file system has no locks. Cookies are then saved without it, as if this
    /// process were alone. It is an error if there is no folder and none can be made: if one
    /// appears meanwhile, others may use it, so this is no reason to save without the lock.
    pub(super) fn hold(&self) -> io::Result<Option<File>> {
        create_folder(&self.folder)?;
        let held = self.try_hold(MAX_WAIT);
        if let Err(error) = &held {
            log::debug!("the cookie file cannot be locked: {}", error.kind());
        }
        Ok(held.ok())
    }

    fn try_hold(&self, wait: Duration) -> io::Result<File> {
        let file = open(&self.path)?;
        let begun = Instant::now();
        loop {
            // Not the standard library's method of the same name, which Android lacks before Rust
            // 1.98.
            match FileExt::try_lock(&file) {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if begun.elapsed() >= wait => {
                    return Err(ErrorKind::WouldBlock.into());
                }
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            }
        }
    }
}

/// Opens or creates the file. No other user can read it, although it is empty.
fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(ErrorKind::InvalidData.into()); // opening a pipe would block for ever
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    #[test]
    fn one_process_holds_the_lock_at_a_time_and_one_that_waits_too_long_saves_without_it() {
        let folder = std::env::temp_dir().join(format!("gadget-lock-{}", process::id()));
        let (lock, same) = (FileLock::new(&folder, "a"), FileLock::new(&folder, "a"));
        let other = FileLock::new(&folder, "b");
        assert!(!folder.exists(), "nothing is touched before");
        assert!(other.hold().unwrap().is_some(), "it makes the folder");
        let short = Duration::from_millis(20);
        let held = lock.try_hold(short).unwrap();
        assert_eq!(same.try_hold(short).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(other.try_hold(short).is_ok(), "another app has its own lock");
        let waits = thread::spawn(move || same.hold().unwrap().is_some());
        thread::sleep(short);
        drop(held);
        assert!(waits.join().unwrap(), "it had its turn");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&folder), mode(&lock.path)), (0o700, 0o600));
        }
        fs::remove_file(&lock.path).unwrap();
        fs::create_dir(&lock.path).unwrap();
        assert_eq!(lock.try_hold(short).unwrap_err().kind(), ErrorKind::InvalidData);
        assert!(lock.hold().unwrap().is_none(), "it saves without a lock");
        fs::remove_dir_all(&folder).unwrap();
        fs::write(&folder, "").unwrap();
        assert!(lock.hold().is_err(), "without a folder nothing is saved");
        fs::remove_file(&folder).unwrap();
    }
}
