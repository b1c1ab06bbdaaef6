//! Which thread saves, and when: threads of the engine, and the host app's only if it calls
//! `save`.

mod support;

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use gadget_request::{Client, ClientConfig, CookieStorage};
use support::{Keychain, eventually, long_lived, names};

/// A keychain that reports which thread saves, and starts a save on command.
struct Gated {
    keychain: Keychain,
    begun: Mutex<Sender<ThreadId>>,
    go: Mutex<Receiver<()>>,
}

impl CookieStorage for Gated {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.keychain.load()
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        let _ = self.begun.lock().expect("no panic").send(thread::current().id());
        self.go.lock().expect("no panic").recv().map_err(io::Error::other)?;
        self.keychain.save(bytes)
    }
}

struct Gate {
    keychain: Keychain,
    begun: Receiver<ThreadId>,
    go: Sender<()>,
}

fn gated() -> (Client, Gate) {
    let ((begins, begun), (go, goes), keychain) = (channel(), channel(), Keychain::default());
    let storage =
        Gated { keychain: keychain.clone(), begun: Mutex::new(begins), go: Mutex::new(goes) };
    let client = Client::builder(ClientConfig::default()).cookie_storage(storage).build();
    (client, Gate { keychain, begun, go })
}

impl Gate {
    fn saves(&self) -> u32 {
        self.keychain.0.lock().expect("no panic").1
    }

    fn has_saved(&self) -> bool {
        self.saves() == 1
    }
}

#[test]
fn neither_shutdown_nor_the_drop_of_the_last_handle_waits_for_a_storage() {
    type End = fn(Client) -> Option<Client>;
    let ends: [End; 3] = [
        |client| {
            client.shutdown();
            Some(client)
        },
        |client| {
            drop(client);
            None
        },
        |client| {
            let jar = client.cookies().clone();
            drop(client);
            drop(jar);
            None
        },
    ];
    for end in ends {
        let (client, gate) = gated();
        client.cookies().set([long_lived("a", "1")]).unwrap();
        let held = end(client); // returns, although the storage does not
        let saves = gate.begun.recv_timeout(Duration::from_secs(5)).unwrap();
        assert_ne!(saves, thread::current().id());
        assert!(!gate.has_saved());
        gate.go.send(()).unwrap();
        eventually("it is saved", || gate.has_saved());
        drop(held);
    }
}

#[test]
fn a_jar_that_outlives_its_client_is_saved_when_it_is_dropped() {
    let (client, gate) = gated();
    let jar = client.cookies().clone();
    drop(client);
    gate.go.send(()).unwrap();
    jar.set([long_lived("a", "1")]).unwrap();
    jar.save().unwrap();
    gate.begun.recv().unwrap();
    jar.set([long_lived("b", "2")]).unwrap(); // the task of the first change has not run yet
    drop(jar);
    let saves = gate.begun.recv_timeout(Duration::from_secs(5)).unwrap();
    assert_ne!(saves, thread::current().id());
    gate.go.send(()).unwrap();
    eventually("it is saved", || gate.saves() == 2);
    let is_gone = || gate.go.send(()).is_err();
    eventually("the storage is given back", is_gone);
}

#[test]
fn save_runs_on_the_callers_thread() {
    let (client, gate) = gated();
    client.cookies().set([long_lived("a", "1")]).unwrap();
    gate.go.send(()).unwrap();
    client.cookies().save().unwrap();
    assert_eq!(gate.begun.try_recv(), Ok(thread::current().id()));
    assert!(gate.has_saved());
    drop(client);
    assert!(gate.go.send(()).is_err(), "nothing was left to be saved: the storage is given back");
}

#[test]
fn a_storage_that_cannot_save_is_released_with_its_jar() {
    struct Full(#[expect(dead_code, reason = "held, not read")] Arc<()>);
    impl CookieStorage for Full {
        fn load(&self) -> io::Result<Option<Vec<u8>>> {
            Ok(None)
        }
        fn save(&self, _: &[u8]) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
    let held = Arc::new(());
    let storage = Full(Arc::clone(&held));
    let client = Client::builder(ClientConfig::default()).cookie_storage(storage).build();
    client.cookies().set([long_lived("a", "1")]).unwrap();
    drop(client);
    eventually("it is given back", || Arc::strong_count(&held) == 1);
}

#[test]
fn a_jar_that_is_opened_again_while_the_last_one_saves_has_its_cookies() {
    let folder = std::env::temp_dir().join(format!("gadget-reopened-{}", std::process::id()));
    let client = || {
        let mut config = ClientConfig::default();
        config.cookie_dir = Some(folder.clone());
        Client::new(config)
    };
    let first = client();
    first.cookies().set([long_lived("a", "1")]).unwrap();
    first.cookies().save().unwrap();
    // Another process holds the lock: the save waits.
    let files = || std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let with = |extension: &str| {
        files().find(|file| file.extension().is_some_and(|it| it == extension)).unwrap()
    };
    let lock = std::fs::File::options().write(true).open(with("lock")).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    let saved = || std::fs::read(with("txt")).unwrap();
    let before = saved();
    first.cookies().set([long_lived("b", "2")]).unwrap();
    let begun = Instant::now();
    drop(first);
    let again = client();
    assert_eq!(names(&again), ["a", "b"]);
    assert_eq!(saved(), before, "it was still to be saved");
    assert!(begun.elapsed() < Duration::from_secs(1), "nobody waited");
    drop(again);
    drop(lock);
    eventually("it is saved", || saved() != before);
    std::fs::remove_dir_all(&folder).unwrap();
}
