//! Where the cookies of a jar are kept between two runs: a file, or what the host app has instead of one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::cookies::document::{MAX_DOCUMENT, sha256_hex};

/// No save takes so long: the process that made a temporary file as old as this is no more.
const LEFTOVER: Duration = Duration::from_secs(3600);

/// Where the cookies of one jar are kept between two runs: a keychain, encrypted preferences, a file.
///
/// What is kept is a few KiB mostly and 64 MiB at most, and shows any damage by itself. It holds the cookies as they are,
/// those of the session apart: whoever has it is logged in where the mini program's user is.
///
/// All is called on threads of the engine and on those of the host that ask the jar, and may block. No two saves of a
/// jar happen at once. It must not use the jar, which waits for it. It is one jar's alone: what others save there is
/// overwritten. (Processes may share a folder, [`cookie_dir`](crate::ClientConfig::cookie_dir).)
pub trait CookieStorage: Send + Sync {
    /// What was saved last, whole; nothing, where nothing ever was. An error where there may be something that
    /// cannot be had just now: the jar goes on without it, asks again, for calls once a second at most, and saves
    /// nothing until it has it.
    fn load(&self) -> io::Result<Option<Vec<u8>>>;

    /// Puts this in the place of what was saved before. A process that ends halfway leaves the one or the other: pieces
    /// of both are damage. An error where this may not be there later; it is tried again.
    fn save(&self, bytes: &[u8]) -> io::Result<()>;

    /// What was loaded is damaged: from now on there is nothing, until the next save. No answer is awaited.
    fn set_aside(&self) {}
}

/// The file of a jar.
pub(crate) struct CookieFile {
    folder: PathBuf,
    name: String,
}

impl CookieFile {
    /// In this folder, under a name that is the app id's alone and safe whatever that is. Touches nothing yet.
    pub(crate) fn new(folder: &Path, app_id: &str) -> Self {
        let name = format!("cookies-{}.txt", sha256_hex(app_id.as_bytes()));
        Self { folder: folder.to_owned(), name }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// A new file beside it. Its number makes the name this process's own; one that is taken is of a process that
    /// had the same id.
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

    /// At every moment the file is the one before or the one after, whole, also where the process is killed or the
    /// power fails.
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
            log::warn!("a damaged file of cookies cannot be set aside: {error}");
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(ErrorKind::InvalidData.into()); // opening a pipe would wait for ever
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_DOCUMENT as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_DOCUMENT { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Takes the file, so that it is closed before it is renamed.
fn write(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

/// Fails where there is anything of that name, a symbolic link to nowhere too. Nobody else may read it.
fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Where it is missing, with what is above it. It is nobody else's; one that is there stays as the host made it.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    folder.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder) // somebody else may have made it just now
}

/// Makes the new name outlive a power failure. Where a file system cannot, the file before might be back, whole.
#[cfg(unix)]
fn sync_folder(folder: &Path) {
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        log::debug!("the folder of cookies cannot be synced: {error}");
    }
}

/// Temporary files of processes that were killed while they saved, for any app id. A time to come is no age: the
/// clock was set back.
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

/// The folder may hold files of the host too.
fn is_temporary(name: &str) -> bool {
    name.starts_with("cookies-") && name.contains(".txt.") && name.ends_with(".tmp")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::process::{Command, Stdio};
    use std::thread;
    use std::time::{Instant, SystemTime};

    use super::*;
    use crate::cookies::document::tests::cookie;
    use crate::cookies::document::{decode, encode};

    const KILLED: &str = "GADGET_KILLED_WRITER"; // its folder

    /// A folder of one test, not made yet.
    struct Folder(PathBuf);

    impl Folder {
        /// With the file of an app in it.
        fn new() -> (Self, CookieFile) {
            static NUMBER: AtomicU64 = AtomicU64::new(0);
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("gadget-cookie-file-{}-{number}", process::id());
            let folder = Self(std::env::temp_dir().join(name));
            let file = CookieFile::new(&folder.0, "cli_1");
            (folder, file)
        }

        fn names(&self) -> HashSet<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }

        fn make_all_old(&self) {
            let time = SystemTime::now() - LEFTOVER - Duration::from_secs(60);
            for name in self.names() {
                let file = File::options().write(true).open(self.0.join(name)).unwrap();
                file.set_modified(time).unwrap();
            }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// Cookies that all say the same number.
    fn state(number: u64) -> Vec<u8> {
        let value = format!("{number:0500}");
        encode(&(0..40).map(|name| cookie([name], value.as_str())).collect::<Vec<_>>())
    }

    fn number(file: &CookieFile) -> u64 {
        let cookies = decode(&file.load().unwrap().unwrap()).unwrap();
        assert!(cookies.len() == 40 && cookies.iter().all(|one| one.value == cookies[0].value));
        str::from_utf8(&cookies[0].value).unwrap().parse().unwrap()
    }

    #[test]
    fn what_is_saved_is_loaded_and_nothing_is_touched_before() {
        let (folder, file) = Folder::new();
        assert_eq!(file.load().unwrap(), None);
        file.set_aside();
        assert!(!folder.0.exists());
        for bytes in [&b"one"[..], b"", &[0; 100_000], b"two"] {
            file.save(bytes).unwrap();
            assert_eq!(file.load().unwrap().as_deref(), Some(bytes));
        }
        assert_eq!(folder.names(), [file.name].into());
    }

    #[test]
    fn an_app_id_never_becomes_a_path() {
        let (folder, _) = Folder::new();
        let (passwd, accent, long) = ("../../etc/passwd", "e\u{301}", &"x".repeat(100_000));
        let ids = [
            "", passwd, "a/b", "a\\b", "/", ".", "..", "CLI", "cli", "C:x", "nul", "a\0b", "应用",
            "é", accent, long,
        ];
        for id in ids {
            let file = CookieFile::new(&folder.0, id);
            let sum = file.name.strip_prefix("cookies-").unwrap().strip_suffix(".txt").unwrap();
            assert_eq!(sum.len(), 64);
            assert!(sum.bytes().all(|digit| b"0123456789abcdef".contains(&digit)));
            assert_eq!(file.path().parent(), Some(&*folder.0));
            file.save(id.as_bytes()).unwrap();
        }
        assert_eq!(folder.names().len(), ids.len());
        for id in ids {
            assert_eq!(CookieFile::new(&folder.0, id).load().unwrap().unwrap(), id.as_bytes());
        }
    }

    #[cfg(unix)]
    #[test]
    fn file_and_folder_are_for_nobody_else() {
        use std::os::unix::fs::PermissionsExt;

        let (folder, _) = Folder::new();
        let below = folder.0.join("parent/cookies");
        let file = CookieFile::new(&below, "cli_1");
        file.save(b"one").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode(&below), mode(&file.path())), (0o700, 0o600));

        // What the host made is left as it is; a file with a wider mode is replaced.
        fs::set_permissions(&below, fs::Permissions::from_mode(0o750)).unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
        file.save(b"two").unwrap();
        assert_eq!((mode(&below), mode(&file.path())), (0o750, 0o600));
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_are_replaced_and_never_followed() {
        use std::os::unix::fs::symlink;

        let (folder, file) = Folder::new();
        let (other, link) = (folder.0.join("other"), folder.0.join("link"));
        fs::create_dir(&folder.0).unwrap();
        fs::write(&other, "other").unwrap();
        symlink(&other, file.path()).unwrap();
        assert_eq!(file.load().unwrap_err().kind(), ErrorKind::InvalidData);
        file.save(b"one").unwrap();
        assert_eq!(file.load().unwrap().unwrap(), b"one");
        assert_eq!(fs::read(&other).unwrap(), b"other");

        symlink(folder.0.join("nowhere"), &link).unwrap();
        assert_eq!(create_new(&link).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert!(!folder.0.join("nowhere").exists());
    }

    #[test]
    fn a_save_that_fails_leaves_nothing_more_than_there_was() {
        let (folder, file) = Folder::new();
        fs::create_dir_all(file.path().join("in the way")).unwrap();
        assert!(file.save(b"one").is_err() && file.load().is_err());
        assert_eq!(folder.names(), [file.name].into());

        let text = folder.0.join("text");
        fs::write(&text, "").unwrap();
        assert!(CookieFile::new(&text, "a").save(b"one").is_err());
        assert!(CookieFile::new(&text.join("below"), "a").save(b"one").is_err());
    }

    #[test]
    fn a_file_over_64_mib_is_an_error() {
        let (_folder, file) = Folder::new();
        file.save(b"one").unwrap();
        let open = File::options().write(true).open(file.path()).unwrap();
        open.set_len(64 << 20).unwrap();
        assert_eq!(file.load().unwrap().unwrap().len(), 64 << 20);
        open.set_len((64 << 20) + 1).unwrap();
        assert_eq!(file.load().unwrap_err().kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_damaged_file_is_set_aside_in_the_place_of_the_one_before() {
        let (folder, file) = Folder::new();
        for bytes in [b"one", b"two"] {
            file.save(bytes).unwrap();
            file.set_aside();
            assert_eq!(file.load().unwrap(), None);
            let aside = format!("{}.damaged", file.name);
            assert_eq!(fs::read(folder.0.join(&aside)).unwrap(), bytes);
            assert_eq!(folder.names(), [aside].into());
        }
    }

    #[test]
    fn only_old_temporary_files_are_removed() {
        let (folder, file) = Folder::new();
        file.save(b"one").unwrap();
        for name in ["cookies-1.tmp", "host.txt.1-0.tmp", "cookies-1.txt.damaged"] {
            fs::write(folder.0.join(name), "").unwrap();
        }
        let names = folder.names();
        let (_, temporary) = file.create_temporary().unwrap();
        file.load().unwrap();
        assert!(temporary.exists());
        folder.make_all_old();
        CookieFile::new(&folder.0, "another app").load().unwrap();
        assert_eq!(folder.names(), names);
    }

    #[test]
    fn whoever_loads_while_others_save_has_a_whole_state() {
        let (folder, file) = Folder::new();
        file.save(&state(0)).unwrap();
        let save = |first| (first..first + 500).for_each(|at| file.save(&state(at)).unwrap());
        thread::scope(|scope| {
            let writers = [scope.spawn(|| save(0)), scope.spawn(|| save(500))];
            let mut seen = HashSet::new();
            while !writers.iter().all(thread::ScopedJoinHandle::is_finished) {
                seen.insert(number(&file));
            }
            assert!(seen.len() > 10 && seen.iter().all(|number| *number < 1000), "{seen:?}");
        });
        assert_eq!(folder.names(), [file.name].into());
    }

    #[test]
    fn writes_until_it_is_killed() {
        let Some(folder) = std::env::var_os(KILLED) else { return }; // nothing to do on its own
        let file = CookieFile::new(Path::new(&folder), "cli_1");
        let (begun, first) = (Instant::now(), number(&file) + 1);
        for number in (first..).take_while(|_| begun.elapsed() < Duration::from_secs(10)) {
            file.save(&state(number)).unwrap();
        }
    }

    #[test]
    fn a_process_killed_at_any_moment_leaves_a_whole_state() {
        let (folder, file) = Folder::new();
        file.save(&state(0)).unwrap();
        let test = "cookies::file::tests::writes_until_it_is_killed";
        let mut last = 0;
        for _ in 0..200 {
            let mut writer = Command::new(std::env::current_exe().unwrap());
            writer.args(["--exact", test, "--test-threads=1"]).env(KILLED, &folder.0);
            let mut writer = writer.stdout(Stdio::null()).spawn().unwrap();
            while number(&file) == last {
                assert!(writer.try_wait().unwrap().is_none());
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(Duration::from_micros(fastrand::u64(1000..=15_000)));
            writer.kill().and_then(|()| writer.wait()).unwrap();
            let left = number(&file);
            assert!(left > last);
            last = left;
        }
        folder.make_all_old();
        file.load().unwrap();
        assert_eq!(folder.names(), [file.name].into());
    }
}
