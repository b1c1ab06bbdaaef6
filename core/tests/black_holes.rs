//! Networks that swallow everything after some byte of the server's: while the connection is
//! opened, through each kind of proxy, and during the exchange. The call ends in time, and the next
//! succeeds.

mod support;

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gadget_request::{Client, Error, RequestOptions};
use gadget_test_server::Server;
use serde_json::{Value, json};
use support::client_with;

#[path = "support/socks.rs"]
mod socks;
use socks::{Script, Socks};

const CONNECT_TIMEOUT: Duration = Duration::from_millis(1000);

/// Well over a second: after that much silence, no other call gets an HTTP/2 connection.
const TIMEOUT: Duration = Duration::from_millis(2500);

/// How late an outcome may be on a busy machine.
const SLACK: Duration = Duration::from_millis(1500);

/// So many places for the hole on each way.
const PLACES: usize = 12;

/// So many cases at a time: they only wait.
const THREADS: usize = 12;

/// A way to a server that swallows what comes back on the first connection after so many bytes.
struct Hole {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    /// How much has come back on the first connection.
    passed: Arc<AtomicUsize>,
}

impl Hole {
    fn start(to: SocketAddr, after: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("it is bound");
        let (connections, passed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (count, sum) = (Arc::clone(&connections), Arc::clone(&passed));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let is_first = count.fetch_add(1, Ordering::SeqCst) == 0;
                let (after, sum) = (if is_first { after } else { usize::MAX }, Arc::clone(&sum));
                // Either side may leave at any time.
                thread::spawn(move || {
                    drop(Self::pass(client, to, after, is_first.then_some(&sum)));
                });
            }
        });
        Self { address, connections, passed }
    }

    fn pass(
        client: TcpStream,
        to: SocketAddr,
        after: usize,
        sum: Option<&AtomicUsize>,
    ) -> io::Result<()> {
        let server = TcpStream::connect(to)?;
        let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || {
            let _ = io::copy(&mut from_client, &mut to_server);
            let _ = to_server.shutdown(Shutdown::Both);
        });
        let (mut from_server, mut to_client) = (server, client);
        let (mut bytes, mut left) = ([0; 4096], after);
        loop {
            let count = from_server.read(&mut bytes)?;
            if count == 0 {
                break;
            }
            let passes = count.min(left);
            to_client.write_all(&bytes[..passes])?;
            left = left.saturating_sub(passes);
            if let Some(sum) = sum {
                sum.fetch_add(passes, Ordering::SeqCst);
            }
        }
        if after == usize::MAX { to_client.shutdown(Shutdown::Write) } else { Ok(()) }
    }
}

/// A way from a client to a server.
#[derive(Clone, Copy, Debug)]
enum Way {
    Http,
    Https,
    HttpProxy,
    HttpsProxy,
    Socks,
}

impl Way {
    /// The settings of a client that takes this way through a hole, and its URL.
    fn through(self, server: &Server, hole: SocketAddr) -> (Value, String) {
        let port = hole.port();
        let behind = format!("https://somewhere.invalid:{}", server.https_port());
        let (proxy, origin) = match self {
            Self::Http => (None, format!("http://127.0.0.1:{port}")),
            Self::Https => (None, format!("https://127.0.0.1:{port}")),
            Self::HttpProxy => (Some(format!("http://127.0.0.1:{port}")), behind),
            Self::HttpsProxy => (Some(format!("https://http1.localhost:{port}")), behind),
            Self::Socks => (Some(format!("socks5h://127.0.0.1:{port}")), behind),
        };
        (json!({ "proxy": proxy }), format!("{origin}/bytes/3000"))
    }

    fn leads_to(self, server: &Server, socks: &Socks) -> SocketAddr {
        match self {
            Self::Http | Self::HttpProxy => ([127, 0, 0, 1], server.http_port()).into(),
            Self::Https | Self::HttpsProxy => ([127, 0, 0, 1], server.https_port()).into(),
            Self::Socks => socks.address,
        }
    }
}

fn client_of(server: &Server, mut settings: Value) -> Client {
    settings["connect_timeout_ms"] = json!(CONNECT_TIMEOUT.as_millis() as u64);
    settings["timeout_ms"] = json!(TIMEOUT.as_millis() as u64);
    client_with(server, settings)
}

fn call(client: &Client, url: &str) -> Result<u16, Error> {
    let outcome = pollster::block_on(client.request(RequestOptions::new(url)));
    outcome.into_result().map(|response| response.status())
}

/// Returns what is wrong if everything is swallowed after so many bytes.
fn check(server: &Server, socks: &Socks, way: Way, after: usize) -> Result<(), String> {
    let hole = Hole::start(way.leads_to(server, socks), after);
    let (settings, url) = way.through(server, hole.address);
    let client = client_of(server, settings);
    let begun = Instant::now();
    let outcome = call(&client, &url);
    let took = begun.elapsed();
    if outcome != Err(Error::Timeout) {
        return Err(format!("{outcome:?}"));
    }
    if !(CONNECT_TIMEOUT..TIMEOUT + SLACK).contains(&took) {
        return Err(format!("after {took:?}"));
    }
    let next = call(&client, &url);
    let connections = hole.connections.load(Ordering::SeqCst);
    match (next, connections) {
        (Ok(200), 2) => Ok(()),
        (next, connections) => Err(format!("the next: {next:?}, {connections} connections")),
    }
}

#[test]
fn a_network_that_swallows_all_after_some_byte_is_a_timeout_and_the_next_call_succeeds() {
    let server = support::server();
    let socks = Socks::start(([127, 0, 0, 1], server.https_port()).into(), Script::default());
    let mut cases = Vec::new();
    for way in [Way::Http, Way::Https, Way::HttpProxy, Way::HttpsProxy, Way::Socks] {
        let whole = Hole::start(way.leads_to(&server, &socks), usize::MAX);
        let (settings, url) = way.through(&server, whole.address);
        assert_eq!(call(&client_of(&server, settings), &url), Ok(200), "{way:?}");
        // The last tenth may hold what comes after the response.
        let most = whole.passed.load(Ordering::SeqCst) * 9 / 10;
        cases.extend([0, 1, 2].map(|after| (way, after)));
        cases.extend((1..=PLACES).map(|place| (way, most * place / PLACES)));
    }
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((way, after)) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Err(error) = check(&server, &socks, *way, *after) {
                        wrong.lock().unwrap().push(format!("{way:?} after {after}: {error}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn an_address_that_drops_everything_is_a_timeout_and_the_next_call_succeeds() {
    // A listener whose backlog is full does not answer.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..200 {
        match TcpStream::connect_timeout(&address, Duration::from_millis(50)) {
            Ok(stream) => waiting.push(stream),
            Err(_) => break,
        }
    }
    let server = support::server();
    for settings in [
        json!({ "resolve": [format!("hole.test:80:{address}")] }),
        json!({ "proxy": format!("http://{address}"), "proxy_bypass": ["127.0.0.1"] }),
        json!({ "proxy": format!("socks5h://{address}"), "proxy_bypass": ["127.0.0.1"] }),
    ] {
        let client = client_of(&server, settings.clone());
        let begun = Instant::now();
        assert_eq!(call(&client, "http://hole.test/"), Err(Error::Timeout), "{settings}");
        let took = begun.elapsed();
        assert!((CONNECT_TIMEOUT..CONNECT_TIMEOUT + SLACK).contains(&took), "{took:?}");
        assert_eq!(call(&client, &server.http()), Ok(200), "{settings}");
    }
    drop(waiting);
}
