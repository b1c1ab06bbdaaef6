//! Idle connections: how many are kept, and what closes them.

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use gadget_request::{Client, ClientConfig, RequestOptions};
use serde_json::json;
use support::eventually;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A way in which a client's idle connections end.
type Way = (&'static str, fn(Client));

/// One test at a time: the connections of all tests count together.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server that keeps its connections open and counts them.
struct Host {
    url: String,
    open: Arc<AtomicUsize>,
}

fn host() -> Host {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
    let open = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&open);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let counted = Arc::clone(&counted);
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                while matches!(stream.read(&mut request), Ok(1..)) {
                    let _ = stream.write_all(OK);
                }
                counted.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    Host { url, open }
}

fn hosts(count: usize) -> Vec<Host> {
    (0..count).map(|_| host()).collect()
}

fn open(hosts: &[Host]) -> usize {
    hosts.iter().map(|host| host.open.load(Ordering::SeqCst)).sum()
}

#[test]
fn a_client_keeps_32_idle_connections_and_a_process_128_the_ones_used_last() {
    let _alone = alone();
    let hosts = hosts(200);
    let config = ClientConfig::from_json(r#"{"max_idle_connections": 3}"#).unwrap();
    let few = Client::new(config);
    for host in &hosts[..10] {
        assert!(support::get(&few, &host.url).result().is_ok());
    }
    eventually("three are left", || open(&hosts) == 3);
    assert_eq!((open(&hosts[..7]), open(&hosts[7..10])), (0, 3), "the longest idle go first");

    let client = Client::default();
    for host in &hosts {
        assert!(support::get(&client, &host.url).result().is_ok());
    }
    eventually("32 are left, and the three", || open(&hosts) == 35);
    assert_eq!(open(&hosts[168..]), 32);

    let clients: Vec<_> = (0..8).map(|_| Client::default()).collect();
    for client in &clients {
        for host in &hosts[..30] {
            assert!(support::get(client, &host.url).result().is_ok());
        }
    }
    eventually("128 are left in all", || open(&hosts) == 128);
    drop((few, client, clients));
    eventually("none is left", || open(&hosts) == 0);
}

#[test]
fn a_client_that_ends_or_goes_offline_or_to_the_background_closes_its_idle_connections() {
    let _alone = alone();
    let server = support::server();
    let other = support::client(&server);
    assert!(support::get(&other, &server.https()).result().is_ok());
    let ways: [Way; 4] = [
        ("shutdown", |client| client.shutdown()),
        ("end", drop),
        ("offline", |client| client.set_online(false)),
        ("background", |client| client.enter_background()),
    ];
    for (way, ends) in ways {
        let client = support::client(&server);
        let (sender, outcomes) = mpsc::channel();
        for _ in 0..10 {
            let sender = sender.clone();
            let url = format!("{}/delay/20", server.http());
            client.start(RequestOptions::new(url), move |outcome| sender.send(outcome).unwrap());
        }
        assert!(outcomes.iter().take(10).all(|outcome| outcome.result().is_ok()));
        assert!(support::get(&client, &server.https()).result().is_ok());
        eventually("they are idle", || server.connections() == 12);
        // The last two cases still have all handles but one.
        let kept = client.clone();
        let kept = (way != "end").then_some(kept);
        ends(client);
        eventually(way, || server.connections() == 1);
        if let Some(client) = kept.filter(|_| way == "background") {
            let url = format!("{}/echo", server.http());
            assert!(support::get(&client, &url).result().is_ok());
            eventually("none is kept in the background", || server.connections() == 1);
            client.enter_foreground();
            assert!(support::get(&client, &url).result().is_ok());
            assert_eq!(server.connections(), 2, "in the foreground they are kept again");
        }
    }
}

const FEW_FILES: &str = "GADGET_FEW_FILES";

#[test]
fn a_process_without_sockets_closes_idle_connections_for_new_ones() {
    let _alone = alone();
    let test = "a_process_without_sockets_closes_idle_connections_for_new_ones";
    let Some(ports) = std::env::var_os(FEW_FILES) else {
        // The servers are in this process. The client is in another, whose limit of open files is
        // low.
        let hosts = hosts(400);
        let urls: Vec<&str> = hosts.iter().map(|host| host.url.as_str()).collect();
        for files in [256, 40] {
            let limited = format!("ulimit -n {files}; exec \"$0\" --exact {test} --nocapture");
            let mut client = Command::new("sh");
            client.args(["-c", &limited]).arg(std::env::current_exe().unwrap());
            assert!(client.env(FEW_FILES, urls.join(" ")).status().unwrap().success(), "{files}");
        }
        return;
    };
    // Each client may keep more connections than there are files.
    let clients: Vec<_> = (0..8).map(|_| Client::default()).collect();
    for (number, url) in ports.to_str().unwrap().split(' ').enumerate() {
        let outcome = support::get(&clients[number % 8], url);
        assert_eq!(outcome.err_msg(), "request:ok", "{number}");
    }
}

#[test]
fn ten_first_calls_to_one_https_host_make_one_handshake_if_it_speaks_http2() {
    let _alone = alone();
    let server = support::server();
    let h1 = format!("http1.test:{}", server.https_port());
    let settings = json!({ "resolve": [format!("{h1}:127.0.0.1")] });
    for (counter, origin, handshakes) in
        [("h2", server.https(), 1), ("h1", format!("https://{h1}"), 10)]
    {
        let client = support::client_with(&server, settings.clone());
        let before = server.handshakes();
        let (sender, outcomes) = mpsc::channel();
        for _ in 0..10 {
            let sender = sender.clone();
            // Waits for all ten: otherwise fewer connections of HTTP/1.1 could serve them.
            let options = RequestOptions::new(format!("{origin}/hold/{counter}?counter={counter}"));
            client.start(options, move |outcome| sender.send(outcome).unwrap());
        }
        eventually("all ten have come", || server.count(counter).in_flight == 10);
        server.release(counter, 10);
        assert!(outcomes.iter().take(10).all(|outcome| outcome.result().is_ok()));
        assert_eq!(server.handshakes() - before, handshakes, "{origin}");
    }
}
