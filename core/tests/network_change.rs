//! A network that changes: what becomes of connections, of calls, and of names.

mod support;

use std::io::{self, Read as _};
use std::net::{IpAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::{Duration, Instant};

use gadget_request::{Client, ClientConfig, Error, HostResolver, Outcome, RequestOptions};
use gadget_test_server::Server;
use serde_json::json;
use support::{client, client_with, eventually, get_ok, settled};

/// A way in which a client learns of another network.
type Way = (&'static str, fn(&Client));

const WAYS: [Way; 2] = [
    ("network_changed", |client| client.network_changed()),
    ("online again", |client| {
        client.set_online(false);
        client.set_online(true);
    }),
];

/// A client that speaks HTTP/1.1 and HTTP/2 with the server, and the origins for that.
fn client_and_origins(server: &Server) -> (Client, [String; 3]) {
    let http1 = format!("http1.test:{}", server.https_port());
    let settings = json!({ "resolve": [format!("{http1}:127.0.0.1")] });
    (client_with(server, settings), [server.http(), format!("https://{http1}"), server.https()])
}

fn start(client: &Client, options: RequestOptions) -> mpsc::Receiver<Outcome> {
    let (sender, outcomes) = mpsc::channel();
    client.start(options, move |outcome| sender.send(outcome).expect("it is awaited"));
    outcomes
}

fn status(outcomes: &mpsc::Receiver<Outcome>) -> Result<u16, Error> {
    let outcome = outcomes.recv_timeout(Duration::from_secs(10)).expect("it completes in time");
    outcome.into_result().map(|response| response.status())
}

/// Makes calls until one needs no new connection. hyper may still be busy with the one before.
fn reuses_a_connection(client: &Client, server: &Server, url: &str) {
    eventually("a connection is used again", || {
        let before = server.accepted();
        get_ok(client, url).status() == 200 && server.accepted() == before
    });
}

#[test]
fn idle_connections_are_closed_at_once_and_later_calls_open_new_ones() {
    let server = support::server();
    for (way, changes) in WAYS {
        let (client, origins) = client_and_origins(&server);
        for origin in &origins {
            assert_eq!(get_ok(&client, origin).status(), 200);
        }
        eventually("they are idle", || server.connections() == 3);
        changes(&client);
        eventually(way, || server.connections() == 0);
        for origin in &origins {
            let before = server.accepted();
            assert_eq!(get_ok(&client, origin).status(), 200);
            assert_eq!(server.accepted() - before, 1, "{way}");
            reuses_a_connection(&client, &server, origin);
        }
    }
}

#[test]
fn calls_in_flight_finish_on_their_connections_and_are_not_sent_again() {
    let server = support::server();
    for (way, changes) in WAYS {
        let (client, origins) = client_and_origins(&server);
        for (number, origin) in origins.iter().enumerate() {
            let name = format!("{way} {number}").replace(' ', "-");
            let hold = format!("{origin}/hold/{name}?counter={name}");
            let held = start(&client, RequestOptions::new(hold).method("POST"));
            eventually("it has come", || server.count(&name).in_flight == 1);
            changes(&client);
            let before = server.accepted();
            assert_eq!(get_ok(&client, origin).status(), 200);
            assert_eq!(server.accepted() - before, 1, "{name}: it shares nothing with the other");
            server.release(&name, 1);
            assert_eq!(status(&held), Ok(200), "{name}");
            assert_eq!(server.count(&name).total, 1, "{name}");
            eventually("only the new one is kept", || server.connections() == 1);
            reuses_a_connection(&client, &server, origin);
            client.network_changed();
            eventually("none is left", || server.connections() == 0);
        }
    }
}

#[test]
fn a_report_of_the_network_that_changes_nothing_closes_nothing() {
    let server = support::server();
    let client = client(&server);
    assert_eq!(get_ok(&client, &server.https()).status(), 200);
    client.set_online(true);
    client.enter_foreground();
    assert_eq!(get_ok(&client, &server.https()).status(), 200);
    assert_eq!(server.accepted(), 1);
}

/// Waits at the door for each answer. Gives the addresses in turn, and the last one from then on.
struct Doorkeeper {
    asked: AtomicUsize,
    admitted: (Mutex<usize>, Condvar),
    addresses: Vec<IpAddr>,
}

impl Doorkeeper {
    fn new(addresses: &[[u8; 4]]) -> Arc<Self> {
        let addresses = addresses.iter().map(|address| (*address).into()).collect();
        let admitted = (Mutex::new(0), Condvar::new());
        Arc::new(Self { asked: AtomicUsize::new(0), admitted, addresses })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Lets the first questions be answered, this many in all.
    fn admit(&self, count: usize) {
        *self.admitted.0.lock().expect("no panic under it") = count;
        self.admitted.1.notify_all();
    }
}

struct Resolver(Arc<Doorkeeper>);

impl HostResolver for Resolver {
    fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let Doorkeeper { asked, admitted, addresses } = &*self.0;
        let number = asked.fetch_add(1, Ordering::SeqCst);
        let guard = admitted.0.lock().expect("no panic under it");
        drop(admitted.1.wait_while(guard, |admitted| *admitted <= number));
        Ok(vec![addresses[number.min(addresses.len() - 1)]])
    }
}

fn client_of(door: &Arc<Doorkeeper>) -> Client {
    Client::builder(ClientConfig::default()).resolver(Resolver(Arc::clone(door))).build()
}

#[test]
fn a_name_that_is_being_looked_up_is_looked_up_anew_for_the_call_and_for_later_ones() {
    let server = support::server();
    // The network before leads elsewhere, and its resolver answers late or never.
    let door = Doorkeeper::new(&[[127, 0, 0, 2], [127, 0, 0, 1]]);
    let client = client_of(&door);
    let url = format!("http://a.example:{}/echo", server.http_port());
    let calls: Vec<_> = (0..10).map(|_| start(&client, RequestOptions::new(&*url))).collect();
    eventually("ten ask", || door.asked() == 10);
    client.network_changed();
    eventually("all ask again, although the others still wait", || door.asked() == 20);
    door.admit(usize::MAX);
    assert!(calls.iter().all(|call| status(call) == Ok(200)));
    assert_eq!(get_ok(&client, &url).status(), 200);
    assert_eq!(door.asked(), 20, "their connections are kept");
}

#[test]
fn a_call_that_dials_a_network_that_is_gone_begins_its_dial_again() {
    let server = support::server();
    // A listener whose backlog is full does not answer.
    let gone = TcpListener::bind(("127.0.0.2", server.http_port())).unwrap();
    let address = gone.local_addr().unwrap();
    let wait = Duration::from_millis(50);
    let waiting: Vec<_> =
        std::iter::from_fn(|| std::net::TcpStream::connect_timeout(&address, wait).ok()).collect();
    assert!(!waiting.is_empty());
    let door = Doorkeeper::new(&[[127, 0, 0, 2], [127, 0, 0, 1]]);
    door.admit(usize::MAX);
    let client = client_of(&door);
    let url = format!("http://a.example:{}/echo", server.http_port());
    let begun = Instant::now();
    let call = start(&client, RequestOptions::new(&*url).method("POST"));
    eventually("it knows the address", || door.asked() == 1);
    std::thread::sleep(wait); // it dials now
    client.network_changed();
    assert_eq!(status(&call), Ok(200));
    assert!(begun.elapsed() < Duration::from_secs(5), "long before the connect timeout");
    assert_eq!((door.asked(), server.total()), (2, 1));
    reuses_a_connection(&client, &server, &url);
}

#[test]
fn a_dial_begins_again_eight_times_at_most_and_its_connection_is_then_not_kept() {
    let server = support::server();
    let door = Doorkeeper::new(&[[127, 0, 0, 1]]);
    let client = client_of(&door);
    let url = format!("http://a.example:{}/echo", server.http_port());
    let call = start(&client, RequestOptions::new(&*url));
    for number in 1..=9 {
        eventually("it asks", || door.asked() == number);
        client.network_changed();
    }
    assert_eq!(settled(|| door.asked()), 9, "once, and eight times again");
    door.admit(9);
    assert_eq!(status(&call), Ok(200));
    eventually("its network is not the client's", || server.connections() == 0);
    door.admit(usize::MAX);
    assert_eq!(get_ok(&client, &url).status(), 200);
    assert_eq!((door.asked(), server.accepted()), (10, 2));
    reuses_a_connection(&client, &server, &url);
}

#[test]
fn a_handshake_that_was_begun_before_is_given_up_and_begins_again() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap(); // accepts, and never answers
    let client = Client::default();
    let url = format!("https://{}/", silent.local_addr().unwrap());
    let calls: Vec<_> = (0..3).map(|_| start(&client, RequestOptions::new(&*url))).collect();
    let (mut first, _) = silent.accept().unwrap();
    let mut begin = [0; 5];
    first.read_exact(&mut begin).unwrap();
    assert_eq!(begin[0], 22, "the handshake has begun");
    client.network_changed();
    let (mut second, _) = silent.accept().unwrap();
    second.read_exact(&mut begin).unwrap();
    assert_eq!(begin[0], 22, "it has begun again");
    first.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let end = first.read_to_end(&mut Vec::new()).map_err(|error| error.kind());
    assert!(matches!(end, Ok(_) | Err(io::ErrorKind::ConnectionReset)), "{end:?}");
    drop(client);
    assert!(calls.iter().all(|call| status(call) == Err(Error::ClientClosed)));
}

#[test]
fn changes_at_any_moment_fail_no_call_and_leave_no_connection() {
    let server = support::server();
    let (client, origins) = client_and_origins(&server);
    std::thread::scope(|scope| {
        let (over, is_over) = mpsc::channel::<()>();
        let changing = client.clone();
        scope.spawn(move || {
            let pause = || Duration::from_micros(fastrand::u64(..3000));
            while is_over.recv_timeout(pause()) == Err(mpsc::RecvTimeoutError::Timeout) {
                changing.network_changed();
            }
        });
        let mut calls = Vec::new();
        for number in 0..600 {
            let url = format!("{}/echo?number={number}", origins[number % 3]);
            calls.push(start(&client, RequestOptions::new(url).method("POST")));
        }
        for (number, call) in calls.iter().enumerate() {
            assert_eq!(status(call), Ok(200), "{number}");
        }
        drop(over);
    });
    assert_eq!(server.total(), 600, "each was sent once");
    client.network_changed();
    eventually("none is left", || server.connections() == 0);
}
