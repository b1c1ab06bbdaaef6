//! The file in which a jar's cookies are saved.
//!
//! A save writes a temporary file, syncs it and renames it over the old one. So at every moment,
//! even after a crash or a power failure, the file is the old one or the new one, whole. Temporary
//! files of killed processes are removed by a later load.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::cookies::document::{MAX_DOCUMENT, sha256_hex};
use crate::cookies::storage::CookieStorage;

/// No save takes so long: the process that made a temporary file of this age has ended.
const LEFTOVER: Duration = Duration::from_secs(3600);

/// The file of a jar.
pub(crate) struct CookieFile {
    folder: PathBuf,
    name: String,
}

impl CookieFile {
    /// Touches nothing yet. The name is a hash of the app id, so any id is safe and has its own
    /// file.
    pub(crate) fn new(folder: &Path, app_id: &str) -> Self {
        let name = format!("cookies-{}.txt", sha256_hex(app_id.as_bytes()));
        Self { folder: folder.to_owned(), name }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Creates a temporary file beside it. The process id and a number make the name unique; if it
    /// exists already, an earlier process had the same id.
    fn create_temporary(&self) -> io::Result<(File, PathBuf)> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        for _ in 0..1000 {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = self.folder.join(format!("{}.{}-{number}.tmp", self.name, process::id()));
            match create_new(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                created => return created.map(|file| (file, path)),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }
}

impl CookieStorage for CookieFile {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        remove_leftovers(&self.folder);
        match read(&self.path()) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            bytes => bytes.map(Some),
        }
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        create_folder(&self.folder)?;
        let (file, temporary) = self.create_temporary()?;
        let renamed = write(file, bytes).and_then(|()| fs::rename(&temporary, self.path()));
        if renamed.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        renamed?;
        #[cfg(unix)]
        sync_folder(&self.folder);
        Ok(())
    }

    fn set_aside(&self) {
        let aside = self.folder.join(format!("{}.damaged", self.name));
        if let Err(error) = fs::rename(self.path(), aside) {
            log::warn!("a damaged cookie file cannot be set aside: {error}");
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(ErrorKind::InvalidData.into()); // opening a pipe would block for ever
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_DOCUMENT as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_DOCUMENT { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Writes and syncs a file, and closes it: some systems cannot rename an open file.
fn write(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

/// Creates a file that no other user can read. Fails if the name exists, even as a dangling
/// symbolic link.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates the folder and its parents if they are missing. No other user can read a new folder; one
/// that exists keeps its mode.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    folder.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    // Recursive, so that it is not an error if another process has just created it.
    builder.recursive(true).create(folder)
}

/// Makes the rename survive a power failure. On a file system that cannot sync a folder, the old
/// file may come back, whole.
#[cfg(unix)]
fn sync_folder(folder: &Path) {
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        log::debug!("the cookie folder cannot be synced: {error}");
    }
}

/// Removes temporary files of processes that were killed during a save, for any app id. A file from
/// the future has no age: the clock was set back.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_temporary = entry.file_name().to_str().is_some_and(is_temporary);
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if is_temporary && age().is_some_and(|age| age > LEFTOVER) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns true for the name of a temporary file. The folder may also hold files of the host app.
fn is_temporary(name: &str) -> bool {
    name.starts_with("cookies-") && name.contains(".txt.") && name.ends_with(".tmp")
}

#[cfg(test)]
mod tests;
