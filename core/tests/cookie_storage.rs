//! docs/contract.md#5-cookies: cookies survive a restart, and a damaged file is set aside.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use gadget_request::{Client, ClientConfig, Cookie};
use serde_json::json;
use support::{Keychain, client_with, encoded, eventually, get, long_lived, names};

/// A folder that is removed when the value is dropped.
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
        files.retain(|file| file.extension().is_none_or(|extension| extension != "lock"));
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

#[test]
fn cookies_outlive_their_client_and_session_cookies_do_not() {
    let server = support::server();
    let folder = Folder::new();
    let client = folder.client(&server, "app");
    assert!(folder.files().is_empty(), "nothing is touched before it is needed");
    set(&client, &server, "kept=1; Path=/; Max-Age=1000");
    set(&client, &server, "session=1; Path=/");
    client.cookies().save().unwrap();
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
    eventually("it is saved again", || fs::read(&folder.files()[0]).unwrap() != before);
}

#[test]
#[cfg(unix)]
fn only_the_owner_reads_the_file_and_its_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = support::server();
    let folder = Folder::new();
    let client = folder.client(&server, "app");
    set(&client, &server, "a=1; Max-Age=1000");
    client.cookies().save().unwrap();
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
        client.cookies().save().unwrap();
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
fn clients_of_one_app_and_folder_share_a_jar_and_other_clients_see_nothing() {
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
    eventually("all are saved", || folder.files().len() == 10);
    assert!(folder.files().iter().all(|file| file.parent() == Some(&folder.0)));
    assert_eq!(names(&folder.client(&server, "app")), ["a"]);
    let elsewhere = Folder::new();
    assert!(names(&elsewhere.client(&server, "app")).is_empty(), "another user");
}

#[test]
fn a_host_app_can_keep_cookies_in_its_own_storage() {
    let keychain = Keychain::default();
    let client = Client::builder(ClientConfig::default()).cookie_storage(keychain.clone()).build();
    client.cookies().set([long_lived("a", "1")]).unwrap();
    client.cookies().save().unwrap();
    client.cookies().save().unwrap();
    client.cookies().set([Cookie::new("session", "1", "example.com")]).unwrap();
    drop(client);
    assert_eq!(keychain.0.lock().unwrap().1, 1, "what has not changed is not saved again");
    let client = Client::builder(ClientConfig::default()).cookie_storage(keychain).build();
    assert_eq!(names(&client), ["a"]);
}

const WRITER: &str = "GADGET_COOKIE_WRITER"; // its folder

/// Forty cookies with the same value.
fn state(value: u32) -> impl Iterator<Item = Cookie> {
    (0..40).map(move |name| long_lived(&format!("{name}"), &format!("{value:0500}")))
}

fn client_in(folder: &Path) -> Client {
    let mut config = ClientConfig::default();
    config.cookie_dir = Some(folder.to_owned());
    Client::new(config)
}

/// The process of the next test.
#[test]
fn writes_states() {
    // a plain test run has nothing to do here
    let Some(folder) = std::env::var_os(WRITER) else { return };
    for number in 0..100 {
        let client = client_in(Path::new(&folder));
        client.cookies().set(state(std::process::id() * 1000 + number)).unwrap();
        client.cookies().save().unwrap();
    }
}

#[test]
fn processes_with_one_file_never_see_a_half_written_state() {
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
