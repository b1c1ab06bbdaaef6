//! Bytes that a server sends after a response belong to no call: they are no other call's response,
//! and fail none.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;
use gadget_request::{Client, RequestOptions};
use gadget_test_server::Server;
use serde_json::{Value, json};

/// How many pairs of calls. `GADGET_REQUESTS` sets it.
const PAIRS: usize = 1500;

/// How many calls at a time, each with its own client. Most of the time they wait.
const AT_ONCE: usize = 24;

/// A response, and the bytes after it.
#[derive(Clone, Copy, Debug)]
struct Case {
    method: &'static str,
    status: u16,
    is_announced: bool,
    bytes: &'static str,
    pause: u32,
}

impl Case {
    fn random(rng: &mut Rng) -> Self {
        let (method, status, is_announced) = match rng.u8(..7) {
            0 => ("HEAD", 200, true),
            1 => ("GET", 204, false),
            2 => ("POST", 204, true),
            3 => ("GET", 204, true),
            4 => ("GET", 304, false),
            5 => ("GET", 304, true),
            _ => ("PUT", 204, false),
        };
        let bytes = if rng.bool() { "junk" } else { "answer" };
        Self { method, status, is_announced, bytes, pause: rng.u32(..10_000) }
    }

    fn url(&self, origin: &str) -> String {
        let Self { status, bytes, pause, .. } = self;
        let announced = if self.is_announced { "&announced=1" } else { "" };
        format!("{origin}/fault/left-over?status={status}&bytes={bytes}&pause={pause}{announced}")
    }
}

fn origins(server: &Server) -> (Value, [String; 2]) {
    let port = server.https_port();
    let resolve = json!([format!("http1.test:{port}:127.0.0.1")]);
    (json!({ "resolve": resolve }), [server.http(), format!("https://http1.test:{port}")])
}

/// Makes the call with bytes after its response, and a second call, which must get its own
/// response.
fn pair(client: &Client, server: &Server, origin: &str, case: Case, method: &str, id: usize) {
    let first = RequestOptions::new(case.url(origin)).method(case.method);
    let first = pollster::block_on(client.request(first));
    let status = first.result().map(|response| response.status());
    assert_eq!(status, Ok(case.status), "{case:?}");

    let counter = format!("left-over-{id}");
    let second = RequestOptions::new(format!("{origin}/echo?counter={counter}")).method(method);
    let second = pollster::block_on(client.request(second));
    let second = support::json(&second);
    assert_eq!(second["data"]["target"], format!("/echo?counter={counter}"), "{case:?} {second}");
    if method == "POST" {
        assert_eq!(server.count(&counter).total, 1, "{case:?}: sent once");
    }
}

#[test]
fn bytes_left_over_after_a_response_without_a_body_never_answer_another_call() {
    let pairs = std::env::var("GADGET_REQUESTS").ok().and_then(|text| text.parse().ok());
    let pairs = pairs.unwrap_or(PAIRS);
    let server = support::server();
    let (settings, origins) = origins(&server);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let client = support::client_with(&server, settings.clone());
                let mut rng = Rng::new();
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if id >= pairs {
                        return;
                    }
                    let case = Case::random(&mut rng);
                    let method = if rng.bool() { "GET" } else { "POST" };
                    pair(&client, &server, &origins[id % 2], case, method, id);
                }
            });
        }
    });
}

#[test]
fn a_response_longer_than_its_length_ends_its_connection() {
    let server = support::server();
    let (settings, origins) = origins(&server);
    let mut ids = 0..;
    for origin in origins {
        let client = support::client_with(&server, settings.clone());
        let case =
            Case { method: "GET", status: 200, is_announced: true, bytes: "answer", pause: 0 };
        for number in 0..200 {
            let method = if number % 2 == 0 { "GET" } else { "POST" };
            pair(&client, &server, &origin, case, method, ids.next().expect("numbers do not end"));
        }
    }
}

/// Bytes that come late after a complete response reach a call that was sent meanwhile. Bytes that
/// are not HTTP are recognised. Bytes that look like a response cannot be distinguished from that
/// call's own response. From then on the server is known, and its connections are not reused.
#[test]
fn a_server_that_sends_late_bytes_after_responses_is_soon_known_and_no_post_is_sent_twice() {
    let server = support::server();
    for (bytes, method) in
        [("junk", "GET"), ("junk", "POST"), ("answer", "GET"), ("answer", "POST")]
    {
        let client = support::client(&server);
        let case = Case { method: "GET", status: 200, is_announced: true, bytes, pause: 3000 };
        let mut wrong = 0;
        for id in 0..50 {
            assert!(support::get(&client, &case.url(&server.http())).result().is_ok());
            let target = format!("/echo?counter={bytes}-{method}-{id}");
            let options = RequestOptions::new(format!("{}{target}", server.http()));
            let second = pollster::block_on(client.request(options.method(method)));
            wrong += usize::from(support::json(&second)["data"]["target"] != target);
            let sent = server.count(&format!("{bytes}-{method}-{id}")).total;
            assert!(sent <= 1 || method == "GET", "{sent} times");
        }
        let allowed = match (bytes, method) {
            ("junk", "GET") => 0, // a GET may be sent again
            ("junk", _) => 1,
            _ => 5,
        };
        assert!(wrong <= allowed, "{bytes} {method}: {wrong} of 50");
    }
}
