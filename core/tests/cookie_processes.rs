//! Processes that share a folder of cookies: each saves its changes, and reads the changes of the
//! others.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gadget_request::{Client, ClientConfig, Cookie, CookieChange};
use support::{eventually, long_lived, names};

const TAKES_FILES: &str = "a folder of the test's own takes files";

/// A folder that is removed when the value is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("gadget-processes-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    /// Two clients that know nothing of each other, as in two processes: each spelling of the
    /// folder's path has its own jar.
    fn two_clients(&self) -> (Client, Client) {
        let name = self.0.file_name().expect("it has a name");
        fs::create_dir_all(&self.0).expect(TAKES_FILES);
        (client_in(&self.0), client_in(&self.0.join("..").join(name)))
    }

    /// The names that a new process finds.
    fn names(&self) -> Vec<String> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let copy = self.0.join(format!("copy{}", MADE.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir(&copy).expect(TAKES_FILES);
        let file = self.file();
        let name = file.file_name().expect("it has one");
        fs::copy(&file, copy.join(name)).expect(TAKES_FILES);
        names(&client_in(&copy))
    }

    fn file(&self) -> PathBuf {
        let entries = fs::read_dir(&self.0).expect(TAKES_FILES).flatten().map(|entry| entry.path());
        let mut files = entries.filter(|path| path.extension().is_some_and(|it| it == "txt"));
        files.next().expect("cookies were saved")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn client_in(folder: &Path) -> Client {
    let mut config = ClientConfig::default();
    config.cookie_dir = Some(folder.to_owned());
    Client::new(config)
}

/// Sets cookies and saves them.
fn save(client: &Client, cookies: impl IntoIterator<Item = Cookie>) {
    client.cookies().set(cookies).expect("they can be");
    client.cookies().save().expect(TAKES_FILES);
}

fn values(client: &Client) -> BTreeMap<String, String> {
    client.cookies().list().into_iter().map(|cookie| (cookie.name, cookie.value)).collect()
}

#[test]
fn cookies_that_one_process_clears_are_not_restored_by_another() {
    let folder = Folder::new();
    let (one, other) = folder.two_clients();
    save(&one, [long_lived("session", "1")]);
    assert_eq!(names(&other), ["session"], "both have loaded it");
    one.cookies().clear();
    one.cookies().save().unwrap();
    save(&other, [long_lived("colour", "red")]);
    assert_eq!(folder.names(), ["colour"]);
    assert_eq!(names(&other), ["colour"]);
    assert!(names(&one).is_empty(), "it has nothing to save, and does not look");
}

#[test]
fn clear_also_clears_cookies_that_only_other_processes_saved() {
    let folder = Folder::new();
    let (one, other) = folder.two_clients();
    assert!(names(&other).is_empty(), "it has loaded nothing");
    let elsewhere = Cookie { domain: "example.org".to_owned(), ..long_lived("c", "1") };
    save(&one, [long_lived("a", "1"), long_lived("b", "1"), elsewhere]);
    other.cookies().delete("a", "example.com", "/");
    other.cookies().save().unwrap();
    assert_eq!(folder.names(), ["b", "c"]);
    save(&one, [long_lived("d", "1")]);
    other.cookies().clear_domain("example.org");
    other.cookies().save().unwrap();
    assert_eq!(folder.names(), ["b", "d"]);
    save(&one, [long_lived("e", "1")]);
    other.cookies().clear();
    eventually("the engine saves it", || folder.names().is_empty());
    save(&one, [long_lived("f", "1")]);
    assert_eq!(names(&one), ["f"]);
}

#[test]
fn clearing_does_not_create_a_folder_that_was_never_saved_to() {
    let folder = Folder::new();
    let client = client_in(&folder.0);
    client.cookies().clear();
    client.cookies().save().unwrap();
    assert!(!folder.0.exists());
}

#[test]
fn listeners_hear_of_the_changes_of_another_process() {
    let folder = Folder::new();
    let (one, other) = folder.two_clients();
    save(&one, [long_lived("changed", "1"), long_lived("removed", "1"), long_lived("both", "1")]);
    assert_eq!(other.cookies().list().len(), 3);
    let reported: Arc<Mutex<Vec<String>>> = Arc::default();
    let (there, jar) = (Arc::clone(&reported), other.cookies().clone());
    let _listener = other.cookies().on_change(move |change| {
        jar.save().unwrap(); // no lock is held
        there.lock().unwrap().push(match change {
            CookieChange::Set(cookie) => format!("+{}={}", cookie.name, cookie.value),
            CookieChange::Removed(cookie) => format!("-{}", cookie.name),
        });
    });
    one.cookies().delete("removed", "example.com", "/");
    save(&one, ["changed", "both", "added"].map(|name| long_lived(name, "2")));
    save(&other, [long_lived("both", "3")]);
    let reported = std::mem::take(&mut *reported.lock().unwrap());
    assert_eq!(reported[..2], ["+both=3", "-removed"]);
    assert_eq!(reported.len(), 4, "{reported:?}");
    assert!(
        reported.contains(&"+changed=2".to_owned()) && reported.contains(&"+added=2".to_owned())
    );
    save(&one, [long_lived("last", "4")]);
    let merged = ["added=2", "both=3", "changed=2", "last=4"].map(str::to_owned);
    let all = values(&one).into_iter().map(|(name, value)| format!("{name}={value}"));
    assert_eq!(all.collect::<Vec<_>>(), merged);
}

#[test]
fn a_session_cookie_stays_unless_another_process_sets_a_lasting_one() {
    let folder = Folder::new();
    let (one, other) = folder.two_clients();
    let session = |name: &str| Cookie::new(name, "session", "example.com");
    other.cookies().set([session("a"), session("b")]).unwrap();
    save(&one, [long_lived("a", "kept")]);
    save(&other, [long_lived("c", "1")]);
    let all = [("a", "kept"), ("b", "session"), ("c", "1")];
    let all = all.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(values(&other), all.into());
    let mut saved = folder.names();
    saved.sort(); // both can be of the same millisecond
    assert_eq!(saved, ["a", "c"]);
}

#[test]
fn damage_found_by_a_save_is_set_aside_and_costs_no_cookie_of_this_process() {
    let folder = Folder::new();
    let (one, other) = folder.two_clients();
    save(&one, [long_lived("a", "1")]);
    assert_eq!(names(&other), ["a"]);
    let damaged = b"gadget-cookies 1 nonsense";
    fs::write(folder.file(), damaged).unwrap();
    save(&other, [long_lived("b", "2")]);
    assert_eq!(folder.names(), ["a", "b"]);
    let aside = folder.file().with_extension("txt.damaged");
    assert_eq!(fs::read(aside).unwrap(), damaged);

    fs::remove_file(folder.file()).unwrap();
    save(&one, [long_lived("c", "3")]);
    assert_eq!(folder.names(), ["a", "c"], "it was removed by hand, not by a process");
}

#[test]
fn a_save_that_cannot_read_the_file_fails_and_is_tried_again() {
    let folder = Folder::new();
    let (one, other) = folder.two_clients();
    save(&one, [long_lived("a", "1")]);
    assert_eq!(names(&other), ["a"]);
    let (file, away) = (folder.file(), folder.0.join("away"));
    fs::rename(&file, &away).unwrap();
    fs::create_dir(&file).unwrap();
    other.cookies().set([long_lived("b", "2")]).unwrap();
    assert!(other.cookies().save().is_err());
    fs::remove_dir(&file).unwrap();
    fs::rename(&away, &file).unwrap();
    eventually("it is saved", || folder.names() == ["a", "b"]);
}

#[test]
fn a_process_that_keeps_the_lock_delays_a_save_and_does_not_prevent_it() {
    let folder = Folder::new();
    let client = client_in(&folder.0);
    save(&client, [long_lived("a", "1")]);
    let lock = folder.file().with_extension("lock");
    let held = fs::File::options().write(true).open(lock).unwrap();
    fs4::FileExt::lock(&held).unwrap();
    let begun = Instant::now();
    save(&client, [long_lived("b", "2")]);
    assert!((2..6).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(folder.names(), ["a", "b"]);
}

const OWNER: &str = "GADGET_COOKIE_OWNER"; // the folder, and the names that the process owns

/// The process of the next test: it sets and deletes its own names, saves now and then, and prints
/// what it left when it is stopped.
#[test]
fn sets_and_deletes_what_it_owns() {
    let Ok(task) = std::env::var(OWNER) else { return }; // a plain test run has nothing to do here
    let (folder, owner) = task.rsplit_once('=').unwrap();
    let client = client_in(Path::new(folder));
    let jar = client.cookies();
    let (sender, orders) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        std::io::stdin().lines().for_each(|line| sender.send(line.unwrap()).unwrap());
    });
    let (mut left, mut phase) = (BTreeMap::new(), 0);
    loop {
        if orders.try_recv().is_ok() {
            jar.save().unwrap();
            println!("\nLEFT {}", serde_json::to_string(&left).unwrap());
            (left, phase) = (BTreeMap::new(), phase + 1); // one process clears all cookies
            match orders.recv().as_deref() {
                Ok("clear") => {
                    jar.clear();
                    jar.save().unwrap();
                    println!("\nLEFT {{}}");
                    orders.recv().unwrap();
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
        let name = format!("{owner}{}", fastrand::u8(0..8));
        let value = format!("{phase}.{}", fastrand::u32(..));
        match fastrand::u8(0..5) {
            0 => drop(jar.delete(&name, "example.com", "/")),
            1 => drop(jar.set_line("https://example.com/", format!("{name}=; Max-Age=0; Path=/"))),
            _ => jar.set([long_lived(&name, &value)]).unwrap(),
        }
        match jar.list().into_iter().find(|cookie| cookie.name == name) {
            Some(cookie) => left.insert(name, cookie.value),
            None => left.remove(&name),
        };
        if fastrand::u8(0..4) == 0 {
            jar.save().unwrap();
        }
    }
}

struct Owner {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Owner {
    fn new(folder: &Folder, name: char) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("it runs"))
            .args(["--exact", "sets_and_deletes_what_it_owns", "--nocapture", "--test-threads=1"])
            .env(OWNER, format!("{}={name}", folder.0.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let (orders, answers) = process.stdin.take().zip(process.stdout.take()).expect("pipes");
        Self { process, orders, answers: BufReader::new(answers) }
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("it listens");
    }

    /// The answer to an order: the process's own cookies.
    fn left(&mut self) -> BTreeMap<String, String> {
        let mut lines = self.answers.by_ref().lines().map_while(Result::ok);
        let left = lines.find_map(|line| line.strip_prefix("LEFT ").map(str::to_owned));
        serde_json::from_str(&left.expect("it answers")).expect("JSON")
    }
}

#[test]
fn of_three_processes_every_cookie_is_as_its_owner_left_it_and_no_cleared_cookie_returns() {
    let folder = Folder::new();
    let mut owners = ['a', 'b', 'c'].map(|name| Owner::new(&folder, name));
    let mut left = BTreeMap::new();
    for phase in 0..3 {
        std::thread::sleep(Duration::from_millis(1500)); // they set and delete
        owners.iter_mut().for_each(|owner| owner.order("pause"));
        left = owners.iter_mut().flat_map(Owner::left).collect();
        assert!(!left.is_empty());
        let kept = client_in(&folder.0.join("../").join(folder.0.file_name().unwrap()));
        assert_eq!(values(&kept), left, "{phase}");
        if phase < 2 {
            owners[phase].order("clear");
            assert!(owners[phase].left().is_empty());
            owners.iter_mut().for_each(|owner| owner.order("go"));
        }
    }
    assert!(left.values().all(|value| value.starts_with("2.")), "{left:?}");
    for Owner { mut process, orders, .. } in owners {
        drop(orders);
        assert!(process.wait().unwrap().success());
    }
}
