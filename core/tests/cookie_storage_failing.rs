//! Storages of the host app that are locked, slow, failing or hanging: no cookie is lost, and no
//! other call waits.

mod support;

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use gadget_request::{Client, ClientConfig, Cookie, CookieStorage};
use support::{Keychain, encoded, eventually, get, long_lived, names};

/// A keychain that is locked at first.
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
fn cookies_that_cannot_be_loaded_yet_are_not_lost_and_come_later() {
    let locked = Locked::default();
    let client =
        || Client::builder(ClientConfig::default()).cookie_storage(locked.keychain.clone()).build();
    let before = client();
    before.cookies().set([long_lived("kept", "1"), long_lived("both", "old")]).unwrap();
    before.cookies().save().unwrap();

    let later = Client::builder(ClientConfig::default()).cookie_storage(locked.clone()).build();
    later.cookies().set([long_lived("new", "1"), long_lived("both", "new")]).unwrap();
    assert_eq!(names(&later), ["new", "both"]);
    assert_eq!(later.cookies().save().unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(names(&client()), ["kept", "both"], "nothing was overwritten");

    locked.is_open.store(true, Ordering::SeqCst);
    let mut all = names(&later);
    all.sort();
    assert_eq!(all, ["both", "kept", "new"]);
    later.cookies().save().unwrap();
    let kept: Vec<_> = client().cookies().list();
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().any(|cookie| cookie.name == "both" && cookie.value == "new"));
}

#[test]
fn a_save_that_failed_is_tried_again_without_another_change() {
    let locked = Locked::default();
    let client = Client::builder(ClientConfig::default()).cookie_storage(locked.clone()).build();
    client.cookies().set([long_lived("a", "1")]).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(600)); // the first try has failed by now
    assert!(locked.keychain.0.lock().unwrap().0.is_none());
    locked.is_open.store(true, Ordering::SeqCst);
    eventually("it is saved", || locked.keychain.0.lock().unwrap().0.is_some());
}

/// A slow storage that fails.
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

/// A keychain whose saves are slow, and may fail.
#[derive(Clone, Default)]
struct Sluggish {
    keychain: Keychain,
    fails: Arc<std::sync::atomic::AtomicBool>,
    is_at_it: Arc<std::sync::atomic::AtomicBool>,
}

impl CookieStorage for Sluggish {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.keychain.load()
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        let fails = self.fails.load(Ordering::SeqCst);
        self.is_at_it.store(true, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(1000));
        self.is_at_it.store(false, Ordering::SeqCst);
        if fails { Err(io::ErrorKind::Other.into()) } else { self.keychain.save(bytes) }
    }
}

#[test]
fn save_waits_for_a_running_save() {
    let slow = Sluggish::default();
    let client = Client::builder(ClientConfig::default()).cookie_storage(slow.clone()).build();
    client.cookies().set([long_lived("a", "1")]).unwrap();
    eventually("the engine saves", || slow.is_at_it.load(Ordering::SeqCst));
    client.cookies().save().unwrap();
    assert!(slow.keychain.0.lock().unwrap().0.is_some());
}

#[test]
fn a_save_that_failed_beside_the_engines_own_is_made_good() {
    let slow = Sluggish::default();
    slow.fails.store(true, Ordering::SeqCst);
    let client = Client::builder(ClientConfig::default()).cookie_storage(slow.clone()).build();
    client.cookies().set([long_lived("a", "1")]).unwrap();
    assert!(client.cookies().save().is_err()); // the engine's own save has run meanwhile
    slow.fails.store(false, Ordering::SeqCst);
    eventually("it is saved", || slow.keychain.0.lock().unwrap().0.is_some());
}

#[test]
fn cookies_deleted_while_they_cannot_be_loaded_stay_deleted() {
    let server = support::server();
    let url =
        format!("{}/cookies/set?line={}", server.http(), encoded("session=; Max-Age=0; Path=/"));
    let over = || {
        let mut cookie = long_lived("session", "1");
        (cookie.expires, cookie.domain) =
            (Some(std::time::SystemTime::UNIX_EPOCH), "127.0.0.1".into());
        cookie
    };
    type Action<'a> = &'a dyn Fn(&Client);
    let actions: [(Action<'_>, &[&str]); 5] = [
        (&|client| client.cookies().clear(), &[]),
        (&|client| client.cookies().clear_domain("127.0.0.1"), &["other"]),
        (&|client| assert!(!client.cookies().delete("session", "127.0.0.1", "/")), &["other"]),
        (&|client| client.cookies().set([over()]).unwrap(), &["other"]),
        (&|client| drop(get(client, &url)), &["other"]),
    ];
    for (number, (action, left)) in actions.into_iter().enumerate() {
        let locked = Locked::default();
        let keychain = || {
            Client::builder(ClientConfig::default()).cookie_storage(locked.keychain.clone()).build()
        };
        let session = Cookie { domain: "127.0.0.1".into(), ..long_lived("session", "1") };
        let before = keychain();
        before.cookies().set([session, long_lived("other", "1")]).unwrap();
        before.cookies().save().unwrap();
        let client =
            Client::builder(ClientConfig::default()).cookie_storage(locked.clone()).build();
        action(&client);
        assert_eq!(names(&client), [""; 0], "{number}");
        assert!(number >= 3 || client.cookies().save().is_err(), "{number}");
        locked.is_open.store(true, Ordering::SeqCst);
        assert_eq!(names(&client), left, "{number}");
        eventually("it is saved", || names(&keychain()) == left);
        drop(client);
        assert_eq!(names(&keychain()), left, "{number}");
    }
}

/// A storage that does not answer before the test ends.
struct Hanging(Arc<Mutex<()>>);

impl CookieStorage for Hanging {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        drop(self.0.lock());
        Ok(None)
    }

    fn save(&self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_storage_that_hangs_does_not_hold_up_clients_with_another() {
    let server = support::server();
    let over = Arc::new(Mutex::new(()));
    let until_then = over.lock().unwrap();
    let storage = Hanging(Arc::clone(&over));
    let client = Client::builder(ClientConfig::default()).cookie_storage(storage).build();
    let (sender, outcomes) = std::sync::mpsc::channel();
    for _ in 0..100 {
        let sender = sender.clone();
        let options = gadget_request::RequestOptions::new(server.http())
            .timeout(std::time::Duration::from_millis(20));
        client.start(options, move |outcome| sender.send(outcome.err_msg()).unwrap());
    }
    assert!(outcomes.iter().take(100).all(|message| message == "request:fail timeout"));
    let other = support::client(&server);
    assert_eq!(
        support::get_err(&other, "http://name.invalid/"),
        gadget_request::Error::NameNotResolved
    );
    assert!(get(&other, &server.https()).result().is_ok());
    drop(until_then);
}
