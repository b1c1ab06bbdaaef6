//! Names to addresses: the host app's resolver, its possible answers, and addresses that do not
//! respond.

mod support;

use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gadget_request::{Client, ClientConfig, Error, HostResolver};
use serde_json::json;
use support::{client_with, get, get_err, get_ok};

/// Gives another address each time.
struct Rebinding(Arc<AtomicUsize>);

impl HostResolver for Rebinding {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        assert_eq!(host, "rebinding.example");
        let asked = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(vec![[127, 0, 0, if asked.is_multiple_of(2) { 1 } else { 2 }].into()])
    }
}

#[test]
fn the_address_judged_is_the_address_connected_to() {
    let server = support::server();
    let inside = TcpListener::bind(("127.0.0.2", server.http_port())).unwrap();
    inside.set_nonblocking(true).unwrap();
    let mut config = ClientConfig::default();
    config.allow_private_addresses = false;
    config.allowed_private_networks = vec!["127.0.0.1/32".parse().unwrap()];
    let asked = Arc::new(AtomicUsize::new(0));
    let client = Client::builder(config).resolver(Rebinding(Arc::clone(&asked))).build();
    let url = format!("http://rebinding.example:{}/close/2", server.http_port());
    for call in 0..20 {
        // The connection ends with each response, so every call asks once.
        let outcome = get(&client, &url);
        assert_eq!(asked.load(Ordering::SeqCst), call + 1);
        if call % 2 == 0 {
            assert_eq!(outcome.result().unwrap().status(), 200, "{call}");
        } else {
            assert_eq!(outcome.result().unwrap_err(), &Error::PrivateAddressNotAllowed, "{call}");
        }
    }
    assert_eq!(inside.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

/// Knows one name, fails for another, and has no address for the rest.
struct Phonebook(Arc<Mutex<Vec<String>>>);

impl HostResolver for Phonebook {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.0.lock().expect("no panic under it").push(host.to_owned());
        match host {
            "known.example" | "xn--bcher-kva.example" => Ok(vec![[127, 0, 0, 1].into()]),
            "failing.example" => Err(io::ErrorKind::TimedOut.into()),
            "panicking.example" => panic!("a resolver of the host's"),
            _ => Ok(Vec::new()),
        }
    }
}

#[test]
fn the_host_apps_resolver_is_asked_for_names_without_another_answer() {
    let server = support::server();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let mut config = ClientConfig::default();
    config.resolve =
        vec![format!("fixed.example:80:127.0.0.1:{}", server.http_port()).parse().unwrap()];
    let client = Client::builder(config).resolver(Phonebook(Arc::clone(&asked))).build();
    let call = |host: &str| {
        let url = format!("http://{host}:{}/close/1", server.http_port());
        get(&client, &url).into_result().map(|response| response.status())
    };
    assert_eq!(call("KNOWN.example."), Ok(200));
    assert_eq!(call("b\u{fc}cher.example"), Ok(200));
    assert_eq!(call("localhost"), Ok(200));
    assert_eq!(call("127.0.0.1"), Ok(200));
    assert_eq!(call("failing.example"), Err(Error::NameNotResolved));
    assert_eq!(call("panicking.example"), Err(Error::NameNotResolved));
    assert_eq!(call("nowhere.invalid"), Err(Error::NameNotResolved), "the system knows it neither");
    for url in ["http://fixed.example/close/1", "http://fixed.example./close/1"] {
        assert_eq!(get_ok(&client, url).status(), 200);
    }
    let names = ["known.example", "xn--bcher-kva.example", "failing.example", "panicking.example"];
    assert_eq!(asked.lock().unwrap()[..4], names);
    assert_eq!(asked.lock().unwrap()[4..], ["nowhere.invalid"]);
}

#[test]
fn a_dead_first_address_costs_at_most_350_ms() {
    let server = support::server();
    // A listener whose backlog is full does not answer.
    let dead = TcpListener::bind(("127.0.0.2", server.http_port())).unwrap();
    let address = dead.local_addr().unwrap();
    let wait = std::time::Duration::from_millis(50);
    let waiting: Vec<_> =
        std::iter::from_fn(|| std::net::TcpStream::connect_timeout(&address, wait).ok()).collect();
    assert!(!waiting.is_empty());
    let resolve = ["two.example:80:127.0.0.2", "two.example:80:127.0.0.1"]
        .map(|entry| format!("{entry}:{}", server.http_port()));
    // The best of five, so that other load on the machine does not count.
    let times = (0..5).map(|_| {
        let client = client_with(&server, json!({ "resolve": resolve }));
        let begun = std::time::Instant::now();
        assert_eq!(get_ok(&client, "http://two.example/").status(), 200);
        begun.elapsed().as_millis()
    });
    let best = times.min().unwrap();
    assert!((200..=350).contains(&best), "{best} ms");
}

/// Returns when the test ends.
struct Hanging(Arc<Mutex<()>>);

impl HostResolver for Hanging {
    fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        drop(self.0.lock());
        Ok(Vec::new())
    }
}

#[test]
fn resolvers_that_hang_do_not_hold_up_clients_without_one() {
    let server = support::server();
    let over = Arc::new(Mutex::new(()));
    let until_then = over.lock().unwrap();
    let mut held = Vec::new();
    for _ in 0..8 {
        let resolver = Hanging(Arc::clone(&over));
        let client = Client::builder(ClientConfig::default()).resolver(resolver).build();
        for _ in 0..10 {
            let options = gadget_request::RequestOptions::new("http://hanging.invalid/");
            held.push(client.start(options, |_| {}));
        }
        client.shutdown();
    }
    let client = support::client(&server);
    assert_eq!(get_err(&client, "http://name.invalid/"), Error::NameNotResolved);
    drop(until_then);
}
