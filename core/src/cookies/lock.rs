//! Who saves: processes with one folder take turns, each over all of its reading, merging and writing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};

use crate::cookies::document::sha256_hex;
use crate::cookies::file::create_folder;

/// A save takes milliseconds. Whoever has the lock for so long was stopped, or writes to a disk that does not answer.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// From one look to the next.
const PAUSE: Duration = Duration::from_millis(2);

/// A file beside that of a jar, which is locked while one process saves; it stays, empty. Locks are advisory, and
/// end with the process that has one.
pub(super) struct FileLock {
    folder: PathBuf,
    path: PathBuf,
}

impl FileLock {
    /// In this folder, for the jar of this app. Touches nothing yet.
    pub(super) fn new(folder: &Path, app_id: &str) -> Self {
        let name = format!("cookies-{}.lock", sha256_hex(app_id.as_bytes()));
        Self { folder: folder.to_owned(), path: folder.join(name) }
    }

    /// Whether it was ever held, by any process.
    pub(super) fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// Keeps others out until the value is dropped. Nothing, where that cannot be: one of them does not let go, or
    /// there are no locks on this file system. Cookies are saved all the same, as by a process that is alone.
    pub(super) fn hold(&self) -> Option<File> {
        let held = self.try_hold(MAX_WAIT);
        if let Err(error) = &held {
            log::debug!("the file of cookies cannot be locked: {}", error.kind());
        }
        held.ok()
    }

    fn try_hold(&self, wait: Duration) -> io::Result<File> {
        create_folder(&self.folder)?;
        let file = open(&self.path)?;
        let begun = Instant::now();
        loop {
            // Not the standard library's, of the same name: that has none on Android before Rust 1.98.
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

/// Nobody else may read it, though there is nothing in it.
fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(ErrorKind::InvalidData.into()); // opening a pipe would wait for ever
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
    fn one_holds_it_at_a_time_and_whoever_waits_too_long_goes_without() {
        let folder = std::env::temp_dir().join(format!("gadget-lock-{}", process::id()));
        let (lock, same) = (FileLock::new(&folder, "a"), FileLock::new(&folder, "a"));
        let other = FileLock::new(&folder, "b");
        assert!(!folder.exists(), "nothing is touched before");
        let short = Duration::from_millis(20);
        let held = lock.try_hold(short).unwrap();
        assert_eq!(same.try_hold(short).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(other.try_hold(short).is_ok(), "another app's");
        let waits = thread::spawn(move || same.hold().is_some());
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
        fs::remove_dir_all(&folder).unwrap();
    }
}
