//! Saves that fail, are killed or meet others.

use std::collections::HashSet;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Instant, SystemTime};

use super::*;
use crate::cookies::document::tests::cookie;
use crate::cookies::document::{decode, encode};

/// The folder in which a process writes until it is killed.
const KILLED: &str = "GADGET_KILLED_WRITER";

/// The folder of one test. It does not exist yet.
struct Folder(PathBuf);

impl Folder {
    /// Also returns the file of an app in it.
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

/// Cookies whose values are one number.
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
fn saved_bytes_are_loaded_and_nothing_is_touched_before_the_first_save() {
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
        "", passwd, "a/b", "a\\b", "/", ".", "..", "CLI", "cli", "C:x", "nul", "a\0b", "应用", "é",
        accent, long,
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
fn no_other_user_can_read_file_and_folder() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, _) = Folder::new();
    let below = folder.0.join("parent/cookies");
    let file = CookieFile::new(&below, "cli_1");
    file.save(b"one").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&below), mode(&file.path())), (0o700, 0o600));

    // A folder of the host app keeps its mode; a file with a wider mode is replaced.
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
fn a_failed_save_leaves_no_new_file() {
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
fn a_damaged_file_is_set_aside_and_replaces_the_previous_one() {
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
fn a_load_during_saves_sees_a_whole_state() {
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
    let Some(folder) = std::env::var_os(KILLED) else { return }; // only the next test starts it
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
