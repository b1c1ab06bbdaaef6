//! SPEC section 5: cookies are kept across restarts, and damage is set aside.

mod support;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use gadget_request::{Client, ClientConfig, Cookie, CookieStorage};
use serde_json::json;
use support::{client_with, encoded, eventually, get};

/// A folder that is removed with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "gadget-cookies-{}-{}",
            std::process::id(),
            MADE.fetch_add(1, Ordering::Relaxed)
        );
        Self(std::env::temp_dir().join(name))
    }

    fn client(&self, server: &support::Server, app_id: &str) -> Client {
        client_with(server, json!({ "cookie_dir": self.0, "app_id": app_id }))
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn set(client: &Client, server: &support::Server, line: &str) {
    let url = format!("{}/cookies/set?line={}", server.http(), encoded(line));
    assert!(get(client, &url).result().is_ok());
}

fn names(client: &Client) -> Vec<String> {
    client.cookies().list().into_iter().map(|cookie| cookie.name).collect()
}

#[test]
fn cookies_outlive_their_client_and_those_of_the_session_do_not() {
    let server = support::server();
    let folder = Folder::new();
    let client = folder.client(&server, "app");
    assert!(folder.files().is_empty(), "nothing is touched before it is needed");
    set(&client, &server, "kept=1; Path=/; Max-Age=1000");
    set(&client, &server, "session=1; Path=/");
    drop(client);
    assert_eq!(folder.files().len(), 1, "{:?}", folder.files());
    let client = folder.client(&server, "app");
    assert_eq!(names(&client), ["kept"]);
    let outcome = get(&client, &server.http());
    let received = server.received(outcome.trace().as_str()).unwrap();
    assert_eq!(received.header("cookie"), Some("kept=1"));
}

#[test]
fn changes_are_saved_before_long_and_at_shutdown() {
    let server = support::server();
    let folder = Folder::new();
    let client = folder.client(&server, "app");
    set(&client, &server, "a=1; Max-Age=1000");
    eventually("it is saved", || folder.files().len() == 1);
    let before = fs::read(&folder.files()[0]).unwrap();
    client.cookies().set([long_lived("b", "2")]).unwrap();
    client.shutdown();
    assert_ne!(fs::read(&folder.files()[0]).unwrap(), before);
}

fn long_lived(name: &str, value: &str) -> Cookie {
    let mut cookie = Cookie::new(name, value, "example.com");
    cookie.expires = Some(std::time::SystemTime::now() + std::time::Duration::from_secs(1000));
    cookie
}

#[test]
#[cfg(unix)]
fn only_the_owner_reads_the_file_and_its_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = support::server();
    let folder = Folder::new();
    let client = folder.client(&server, "app");
    set(&client, &server, "a=1; Max-Age=1000");
    client.cookies().flush().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder.0), mode(&folder.files()[0])), (0o700, 0o600));
}

#[test]
fn a_damaged_file_is_set_aside_and_the_jar_starts_empty() {
    let server = support::server();
    for damage in [b"".as_slice(), b"nonsense", b"gadget-cookies 1 00 3\nabc"] {
        let folder = Folder::new();
        let client = folder.client(&server, "app");
        set(&client, &server, "a=1; Max-Age=1000");
        drop(client);
        let file = folder.files().remove(0);
        fs::write(&file, damage).unwrap();
        let client = folder.client(&server, "app");
        assert!(names(&client).is_empty());
        assert!(!file.exists() && folder.files().len() == 1, "{:?}", folder.files());
        set(&client, &server, "b=2; Max-Age=1000");
        drop(client);
        assert_eq!(names(&folder.client(&server, "app")), ["b"]);
    }
}

#[test]
fn clients_of_one_app_and_folder_share_a_jar_and_those_of_others_see_nothing() {
    let server = support::server();
    let folder = Folder::new();
    let (one, other) = (folder.client(&server, "app"), folder.client(&server, "app"));
    set(&one, &server, "a=1; Path=/; Max-Age=1000");
    assert_eq!(names(&other), ["a"], "at once");
    for stranger in
        ["App", "../app", "app/", "app\0", "", "app/../app", "%61pp", "a", "cookies-app"]
    {
        let client = folder.client(&server, stranger);
        assert!(names(&client).is_empty(), "{stranger:?}");
        let outcome = get(&client, &server.http());
        let received = server.received(outcome.trace().as_str()).unwrap();
        assert_eq!(received.header("cookie"), None, "{stranger:?}");
        set(&client, &server, "b=2; Path=/; Max-Age=1000");
        drop(client);
        assert_eq!(names(&one), ["a"], "{stranger:?}");
    }
    drop((one, other));
    let inside = folder.files().iter().all(|file| file.parent() == Some(&folder.0));
    assert!(inside && folder.files().len() == 10, "{:?}", folder.files());
    assert_eq!(names(&folder.client(&server, "app")), ["a"]);
    let elsewhere = Folder::new();
    assert!(names(&elsewhere.client(&server, "app")).is_empty(), "another user");
}

/// A keychain, for once.
#[derive(Clone, Default)]
struct Keychain(Arc<Mutex<(Option<Vec<u8>>, u32)>>);

impl CookieStorage for Keychain {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().expect("no panic under it").0.clone())
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        let mut kept = self.0.lock().expect("no panic under it");
        *kept = (Some(bytes.to_vec()), kept.1 + 1);
        Ok(())
    }
}

#[test]
fn a_host_may_keep_cookies_in_a_storage_of_its_own() {
    let keychain = Keychain::default();
    let client = Client::builder(ClientConfig::default()).cookie_storage(keychain.clone()).build();
    client.cookies().set([long_lived("a", "1")]).unwrap();
    client.cookies().flush().unwrap();
    client.cookies().flush().unwrap();
    client.cookies().set([Cookie::new("session", "1", "example.com")]).unwrap();
    drop(client);
    assert_eq!(keychain.0.lock().unwrap().1, 1, "what has not changed is not saved again");
    let client = Client::builder(ClientConfig::default()).cookie_storage(keychain).build();
    assert_eq!(names(&client), ["a"]);
}

const WRITER: &str = "GADGET_COOKIE_WRITER"; // its folder

/// Forty cookies that all say the same.
fn state(value: u32) -> impl Iterator<Item = Cookie> {
    (0..40).map(move |name| long_lived(&format!("{name}"), &format!("{value:0500}")))
}

fn client_in(folder: &Path) -> Client {
    let mut config = ClientConfig::default();
    config.cookie_dir = Some(folder.to_owned());
    Client::new(config)
}

/// The inside of a process of the test below.
#[test]
fn writes_states() {
    let Some(folder) = std::env::var_os(WRITER) else { return }; // nothing to do on its own
    for number in 0..200 {
        let client = client_in(Path::new(&folder));
        client.cookies().set(state(std::process::id() * 1000 + number)).unwrap();
        client.cookies().flush().unwrap();
    }
}

#[test]
fn processes_with_one_file_never_see_a_piece_of_anothers_state() {
    let folder = Folder::new();
    let program = std::env::current_exe().unwrap();
    let writer = || {
        let mut writer = std::process::Command::new(&program);
        writer.args(["--exact", "writes_states", "--test-threads=1"]).env(WRITER, &folder.0);
        writer.stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let mut writers = [writer(), writer(), writer()];
    let mut seen = std::collections::HashSet::new();
    while writers.iter_mut().any(|writer| writer.try_wait().unwrap().is_none()) {
        let cookies = client_in(&folder.0).cookies().list();
        assert!(cookies.iter().all(|cookie| cookie.value == cookies[0].value));
        assert!(matches!(cookies.len(), 0 | 40), "{}", cookies.len());
        seen.extend(cookies.first().map(|cookie| cookie.value.clone()));
    }
    assert!(writers.iter_mut().all(|writer| writer.wait().unwrap().success()));
    assert!(seen.len() > 10, "{} states seen", seen.len());
    assert_eq!(folder.files().len(), 1, "none was set aside or left over: {:?}", folder.files());
}

/// A keychain that is locked for now.
#[derive(Clone, Default)]
struct Locked {
    keychain: Keychain,
    is_open: Arc<std::sync::atomic::AtomicBool>,
}

impl CookieStorage for Locked {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        match self.is_open.load(Ordering::SeqCst) {
            true => self.keychain.load(),
            false => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        self.keychain.save(bytes)
    }
}

#[test]
fn what_cannot_be_loaded_yet_is_not_lost_and_comes_when_it_can() {
    let locked = Locked::default();
    let client =
        || Client::builder(ClientConfig::default()).cookie_storage(locked.keychain.clone()).build();
    client().cookies().set([long_lived("kept", "1"), long_lived("both", "old")]).unwrap();

    let later = Client::builder(ClientConfig::default()).cookie_storage(locked.clone()).build();
    later.cookies().set([long_lived("new", "1"), long_lived("both", "new")]).unwrap();
    assert_eq!(names(&later), ["new", "both"]);
    assert_eq!(later.cookies().flush().unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(names(&client()), ["kept", "both"], "nothing was overwritten");

    locked.is_open.store(true, Ordering::SeqCst);
    let mut all = names(&later);
    all.sort();
    assert_eq!(all, ["both", "kept", "new"]);
    later.cookies().flush().unwrap();
    let kept: Vec<_> = client().cookies().list();
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().any(|cookie| cookie.name == "both" && cookie.value == "new"));
}

#[test]
fn a_save_that_failed_is_tried_again_without_another_change() {
    let locked = Locked::default();
    let client = Client::builder(ClientConfig::default()).cookie_storage(locked.clone()).build();
    client.cookies().set([long_lived("a", "1")]).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(600)); // the first try has come and failed
    assert!(locked.keychain.0.lock().unwrap().0.is_none());
    locked.is_open.store(true, Ordering::SeqCst);
    eventually("it is saved", || locked.keychain.0.lock().unwrap().0.is_some());
}

/// A storage that fails, and takes its time.
struct Slow(Arc<AtomicU32>);

impl CookieStorage for Slow {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(200));
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn save(&self, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

#[test]
fn a_storage_that_cannot_load_is_asked_once_for_many_calls() {
    let server = support::server();
    let asked = Arc::new(AtomicU32::new(0));
    let mut config = ClientConfig::default();
    config.platform = gadget_request::Platform::Android;
    let client = Client::builder(config).cookie_storage(Slow(Arc::clone(&asked))).build();
    let url = format!("{}/cookies/set?line=a%3D1%3BPath%3D/", server.http());
    let (sender, outcomes) = std::sync::mpsc::channel();
    for _ in 0..20 {
        let sender = sender.clone();
        let options = gadget_request::RequestOptions::new(&url);
        client.start(options, move |outcome| sender.send(outcome.result().is_ok()).unwrap());
    }
    assert!(outcomes.iter().take(20).all(|is_ok| is_ok));
    assert!(asked.load(Ordering::SeqCst) <= 2, "{asked:?}");
    let outcome = get(&client, &server.http());
    let received = server.received(outcome.trace().as_str()).unwrap();
    assert_eq!(received.header("cookie"), Some("a=1"), "the jar works without it");
}
