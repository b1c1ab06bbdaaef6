//! A storm: requests of all kinds, which end in all ways at random moments, against servers that
//! misbehave.
//!
//! `GADGET_SEED` repeats a run, as far as threads allow. `GADGET_REQUESTS` makes it longer or
//! shorter.

#[path = "support/clocks.rs"]
mod clocks;
#[path = "support/frames.rs"]
mod frames;
#[path = "support/preload.rs"]
mod preload;
mod support;

use std::alloc::System;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, io};

use clocks::{CLOCKS, Clocks};
use fastrand::Rng;
use gadget_request::{
    Client, Data, Error, Outcome, Proxy, ProxySelector, RequestOptions, RequestTask,
};
use gadget_test_server::Server;
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use support::eventually;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const REQUESTS: usize = 100_000;

/// Requests at a time: sometimes more than a client's queue takes.
const AT_ONCE: usize = 150;

/// How long the device sleeps: so long that running calls are over and the network is another.
const SLEEP: i64 = 40;

/// How much memory may be left at the end: less than a byte for each request.
const SLACK: i64 = 64 << 10;

/// The outcomes so far.
#[derive(Default)]
struct Tally {
    completions: Vec<AtomicU8>,
    completed: AtomicUsize,
    succeeded: AtomicUsize,
    aborted: AtomicUsize,
    timed_out: AtomicUsize,
    refused: AtomicUsize,
    closed: AtomicUsize,
    unavailable: AtomicUsize,
    failed: AtomicUsize,
}

impl Tally {
    fn new(requests: usize) -> Arc<Self> {
        let completions = (0..requests).map(|_| AtomicU8::new(0)).collect();
        Arc::new(Self { completions, ..Self::default() })
    }

    fn add(&self, request: usize, outcome: &Outcome) {
        let kind = match outcome.result() {
            Ok(_) => &self.succeeded,
            Err(Error::Aborted) => &self.aborted,
            Err(Error::Timeout) => &self.timed_out,
            Err(Error::TooManyRequests) => &self.refused,
            Err(Error::ClientClosed) => &self.closed,
            Err(Error::Offline | Error::AppInBackground) => &self.unavailable,
            Err(Error::Internal) => panic!("a bug of ours"),
            Err(_) => &self.failed,
        };
        kind.fetch_add(1, Ordering::Relaxed);
        self.completions[request].fetch_add(1, Ordering::SeqCst);
        self.completed.fetch_add(1, Ordering::SeqCst);
    }

    fn completed(&self) -> usize {
        self.completed.load(Ordering::SeqCst)
    }
}

/// A server that speaks HTTP/1.1 over TLS, and one that makes its own frames of HTTP/2.
const HTTPS_NAMES: [&str; 2] = ["http1.test", "frames.test"];

/// The answers of the second server. Some break the protocol.
fn frames(number: u32, stream: u32) -> Vec<u8> {
    match fastrand::u8(..12) {
        0 => [frames::ok(stream), frames::go_away(stream)].concat(),
        1 => frames::go_away(stream - 1),
        2 => frames::reset(stream, fastrand::u32(..15)),
        3 => [frames::ok(stream), frames::reset(stream, 0)].concat(),
        4 => [gadget_test_server::frame(1, 4, stream, &[0x88]), frames::reset(stream, 0)].concat(),
        5 => frames::flood(fastrand::usize(..frames::FLOODS), stream, 1000),
        6 if number > 20 => Vec::new(),
        _ => frames::ok(stream),
    }
}

fn client(server: &Server, rng: &mut Rng) -> Client {
    let settings = json!({
        "max_queued": rng.choice([20, 100, 1000]),
        "queue_timeout_ms": rng.choice([None, Some(300)]).flatten(),
        "background_grace_ms": rng.u32(..10),
        "timeout_ms": 2000,
        "max_body_bytes": 8_000,
        "resolve": HTTPS_NAMES.map(|name| format!("{name}:{}:127.0.0.1", server.https_port())),
    });
    support::client_with(server, settings)
}

fn options(server: &Server, rng: &mut Rng) -> RequestOptions {
    let origin = match rng.u8(..12) {
        0..4 => server.https(),
        4 => format!("https://{}:{}", HTTPS_NAMES[0], server.https_port()),
        5 => format!("https://{}:{}", HTTPS_NAMES[1], server.https_port()),
        _ => server.http(),
    };
    let path = match rng.u8(..28) {
        0 => "fault/close-before-head",
        1 => "fault/half-body",
        2 => "fault/garbage",
        3 => "fault/bad-chunk",
        4 => "fault/two-lengths",
        5 => "bytes/9000",
        6 => "coded/gzip?cut=9",
        7 => "status/404",
        8 => "chunks/5?size=1000",
        9 => "coded/br,gzip?body=hello",
        10 => "delay/1",
        11 => "delay/20",
        12 => "fault/silence",
        13 => "fault/drip?pause=5",
        14 => "fault/silence-in-body",
        24 => "fault/left-over?status=204&bytes=answer&announced=1",
        25 => "fault/left-over?status=304&pause=2000",
        26 => "fault/left-over?status=200",
        27 => "fault/left-over?status=200&bytes=answer&pause=1000",
        15 => return RequestOptions::from_json("{\"url\":1}", None),
        _ => "echo",
    };
    let options = RequestOptions::new(format!("{origin}/{path}"));
    let options = match rng.u8(..10) {
        0 => options.method("POST").data(Data::Bytes(vec![b'x'; rng.usize(..20_000)].into())),
        1 => options.method("PUT").data(Data::Text("text".to_owned())),
        _ => options,
    };
    match path {
        _ if origin.contains(HTTPS_NAMES[1]) => {
            options.timeout(Duration::from_millis(rng.u64(1..100)))
        }
        "fault/silence" | "fault/drip?pause=5" | "fault/silence-in-body" | "delay/20" => {
            options.timeout(Duration::from_millis(rng.u64(1..25)))
        }
        _ => options,
    }
}

/// Chooses among some proxies at random, or fails.
struct AnyOf(Vec<Option<Proxy>>);

impl ProxySelector for AnyOf {
    fn select(&self, _: &str) -> io::Result<Option<Proxy>> {
        fastrand::choice(&self.0).cloned().ok_or_else(|| io::ErrorKind::Other.into())
    }
}

/// Gives a client another proxy: the server, which takes tunnels and other servers' requests, one
/// that nobody listens at, none, or any of them.
fn change_proxy(client: &Client, server: &Server, rng: &mut Rng) {
    let proxy = |url: String| Some(url.parse::<Proxy>().expect("a proxy"));
    let proxies = vec![None, proxy(server.http()), proxy("http://127.0.0.1:1".to_owned())];
    match rng.usize(..5) {
        3 => client.set_proxy_selector(AnyOf(proxies), Vec::new()),
        4 => client.set_proxy_selector(AnyOf(Vec::new()), Vec::new()),
        index => client.set_proxy(proxies[index].clone(), Vec::new()),
    }
}

/// Something that a host app does, or that happens to the device, at the same time.
fn disturb(clients: &mut [Client], server: &Server, clocks: &mut Clocks, rng: &mut Rng) {
    let index = rng.usize(..clients.len());
    match rng.u16(..2000) {
        0 => clients[index] = client(server, rng),
        1 => {
            clients[index].shutdown();
            clients[index] = client(server, rng);
        }
        2..4 => clients[index].set_online(false),
        4..200 => clients[index].set_online(true),
        200..202 => clients[index].enter_background(),
        202..400 => clients[index].enter_foreground(),
        400..500 => clients[index].network_changed(),
        500..520 => change_proxy(&clients[index], server, rng),
        // Mostly none, so that calls still succeed.
        520..600 => clients[index].set_proxy(None, Vec::new()),
        600..602 => {
            clients.iter().for_each(Client::enter_background);
            clocks.sleep(SLEEP);
            clients.iter().for_each(Client::enter_foreground);
        }
        _ => {}
    }
}

/// Makes this many requests to a new server. All that they took is freed at the end.
fn storm(requests: usize, clocks: &mut Clocks, rng: &mut Rng) -> Arc<Tally> {
    let server = support::server();
    server.answer_in_frames(frames);
    let tally = Tally::new(requests);
    let mut clients: Vec<Client> = (0..4).map(|_| client(&server, rng)).collect();
    let mut under_way: Vec<RequestTask> = Vec::new();
    for request in 0..requests {
        disturb(&mut clients, &server, clocks, rng);
        let tally_there = Arc::clone(&tally);
        let task = clients[rng.usize(..4)].start(options(&server, rng), move |outcome| {
            tally_there.add(request, &outcome);
        });
        match rng.u8(..8) {
            0 => task.abort(),
            1..3 => under_way.push(task),
            _ => drop(task),
        }
        // Aborts an older call at a random moment, settled or not, sometimes twice or by another
        // thread.
        while under_way.len() > rng.usize(1..60) {
            let task = under_way.swap_remove(rng.usize(..under_way.len()));
            match rng.u8(..8) {
                0 => std::thread::scope(|scope| {
                    scope.spawn(|| task.abort());
                    task.abort();
                }),
                _ => task.abort(),
            }
        }
        let behind = || request + 1 - tally.completed() > AT_ONCE;
        while behind() {
            std::thread::sleep(Duration::from_micros(100));
        }
    }
    for client in &clients {
        client.enter_foreground();
        client.set_online(true);
    }
    eventually("every request has its completion", || tally.completed() == requests);
    for client in clients {
        eventually("no place is taken", || (client.in_flight(), client.queued()) == (0, 0));
    }
    eventually("no connection is open", || server.connections() == 0);
    assert!(tally.completions.iter().all(|count| count.load(Ordering::SeqCst) == 1), "once each");
    tally
}

fn live_bytes() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

fn open_sockets() -> usize {
    let descriptors = std::fs::read_dir("/proc/self/fd").expect("Linux has it");
    let targets = descriptors.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

#[test]
fn every_accepted_request_completes_once_and_nothing_is_left_behind() {
    let test = "every_accepted_request_completes_once_and_nothing_is_left_behind";
    if !preload::replaces(test, CLOCKS) {
        return;
    }
    let mut clocks = Clocks::open();
    let number = |name| env::var(name).ok().map(|text| text.parse().expect("a number"));
    let seed = number("GADGET_SEED").unwrap_or_else(|| fastrand::u64(..));
    let requests = number("GADGET_REQUESTS").map_or(REQUESTS, |requests| requests as usize);
    println!("storm: {requests} requests, GADGET_SEED={seed}");
    let mut rng = Rng::with_seed(seed);

    drop(storm(requests / 10, &mut clocks, &mut rng)); // warms up what is made once and kept
    let (bytes, sockets) = (support::settled(live_bytes), open_sockets());
    let tally = storm(requests - requests / 10, &mut clocks, &mut rng);
    for (kind, count) in [
        ("succeeded", &tally.succeeded),
        ("aborted", &tally.aborted),
        ("timed out", &tally.timed_out),
        ("refused", &tally.refused),
        ("with a closed client", &tally.closed),
        ("offline or in the background", &tally.unavailable),
        ("otherwise failed", &tally.failed),
    ] {
        println!("  {} {kind}", count.load(Ordering::SeqCst));
        assert!(requests < REQUESTS || count.load(Ordering::SeqCst) > 0, "{kind}");
    }
    drop(tally);
    eventually("the sockets are closed", || open_sockets() <= sockets);
    let more = support::settled(live_bytes) as i64 - bytes as i64;
    println!("  {more} bytes more than before");
    assert!(more < SLACK, "memory is what it was");
}
