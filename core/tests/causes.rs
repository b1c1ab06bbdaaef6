//! docs/contract.md#4-result: why the network failed a call, for engineers, without any part of the
//! request.

#[path = "support/frames.rs"]
mod frames;
mod support;

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use frames::{END_HEADERS, HEADERS, head, reset};
use gadget_request::{
    Cause, CausePhase, Client, ClientConfig, Error, HostResolver, Outcome, RequestOptions,
};
use gadget_test_server::{Scripted, Server, frame};
use serde_json::{Value, json};
use support::{client, client_with, get, server};

fn cause(client: &Client, url: &str) -> Cause {
    let outcome = get(client, url);
    outcome.cause().unwrap_or_else(|| panic!("{url}: {}", outcome.json())).clone()
}

fn text(client: &Client, url: &str) -> String {
    cause(client, url).to_string()
}

/// An address at which no server listens.
fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("it is bound").to_string()
}

/// The address of a server that reads a request and answers it once, by this.
fn answering_once(answer: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let address = listener.local_addr().expect("it is bound").to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client comes");
        let _ = stream.read(&mut [0; 4096]);
        answer(stream);
    });
    address
}

/// A client that reaches the server by this name, and the https origin of that.
fn named(server: &Server, host: &str) -> (Client, String) {
    let port = server.https_port();
    let resolve = json!({ "resolve": [format!("{host}:{port}:127.0.0.1")] });
    (client_with(server, resolve), format!("https://{host}:{port}"))
}

#[test]
fn a_refused_port_has_its_kind_and_the_systems_number() {
    let server = server();
    let refused = TcpStream::connect(closed_port()).unwrap_err();
    for scheme in ["http", "https"] {
        let cause = cause(&client(&server), &format!("{scheme}://{}/", closed_port()));
        assert_eq!(cause.phase(), CausePhase::Connect);
        assert_eq!(cause.io_kind(), Some(ErrorKind::ConnectionRefused));
        assert_eq!(cause.os_code(), refused.raw_os_error());
        let code = refused.raw_os_error().unwrap();
        assert_eq!(cause.to_string(), format!("connect: connection refused (os error {code})"));
    }
}

#[test]
fn tls_that_fails_has_the_kind_of_its_error() {
    let server = server();
    for (host, kind) in [
        ("expired.test", "Expired"),
        ("not-yet-valid.test", "NotValidYet"),
        ("wrong-host.test", "NotValidForName"),
        ("unknown-issuer.test", "UnknownIssuer"),
    ] {
        let (client, origin) = named(&server, host);
        assert_eq!(text(&client, &origin), format!("tls: invalid peer certificate: {kind}"));
    }
    let not_tls = server.http().replace("http:", "https:");
    assert_eq!(text(&client(&server), &not_tls), "tls: invalid message: InvalidContentType");
    let leaving = format!("https://{}/", answering_once(drop));
    assert_eq!(text(&client(&server), &leaving), "tls: unexpected end of file");
}

#[test]
fn a_reset_in_a_body_is_received() {
    let server = server();
    let address = answering_once(|mut stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234").unwrap();
        std::thread::sleep(Duration::from_millis(200)); // a reset overtakes what was not read
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let cause = cause(&client(&server), &format!("http://{address}/"));
    assert_eq!(
        (cause.phase(), cause.io_kind()),
        (CausePhase::Receive, Some(ErrorKind::ConnectionReset))
    );
    assert!(cause.os_code().is_some());

    for (code, name) in [(8, "CANCEL"), (0, "NO_ERROR"), (11, "ENHANCE_YOUR_CALM")] {
        server.answer_in_frames(move |_, stream| {
            [frame(HEADERS, END_HEADERS, stream, &head(Some("10"))), reset(stream, code)].concat()
        });
        let (client, origin) = named(&server, "frames.test");
        assert_eq!(text(&client, &origin), format!("receive: http2 RST_STREAM {name}"));
    }
}

#[test]
fn a_connection_that_breaks_before_its_response_was_sending() {
    let server = server();
    for (fault, words) in [
        ("close-before-head", "send: connection closed before the message was complete"),
        ("garbage", "receive: not http"),
        ("endless-headers", "receive: http head too large"),
    ] {
        assert_eq!(text(&client(&server), &format!("{}/fault/{fault}", server.http())), words);
    }
    // Over HTTP/2 a head that is too large has arrived as well.
    let cause = cause(&client(&server), &format!("{}/fault/big-header", server.https()));
    assert_eq!(cause.phase(), CausePhase::Receive);
}

/// Fails for every name.
struct Failing;

impl HostResolver for Failing {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Err(io::Error::new(ErrorKind::PermissionDenied, format!("no addresses for {host}")))
    }
}

#[test]
fn a_name_without_addresses_was_not_resolved() {
    let server = server();
    let cause = cause(&client(&server), "http://does-not-exist.invalid/");
    assert_eq!(cause.phase(), CausePhase::Resolve);
    let client = Client::builder(ClientConfig::default()).resolver(Failing).build();
    assert_eq!(text(&client, "http://somewhere.test/"), "resolve: permission denied");
}

#[test]
fn a_proxy_that_refuses_or_is_not_there_has_its_own_phase() {
    let server = server();
    let via = |proxy: String| client_with(&server, json!({ "proxy": format!("http://{proxy}") }));
    let closed = cause(&via(closed_port()), "http://somewhere.test/");
    assert_eq!(
        (closed.phase(), closed.io_kind()),
        (CausePhase::Proxy, Some(ErrorKind::ConnectionRefused))
    );
    for (answer, words) in [
        ("403 Forbidden", "proxy: TunnelUnsuccessful"),
        ("407 Who are you", "proxy: ProxyAuthRequired"),
    ] {
        let refusing = answering_once(move |mut stream| {
            stream.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).unwrap();
        });
        assert_eq!(text(&via(refusing), "https://somewhere.test/"), words);
    }
    server.answer_next([Scripted { status: 407, headers: Vec::new() }]);
    let over_http = client_with(&server, json!({ "proxy": server.http() }));
    assert_eq!(text(&over_http, "http://a.test/"), "proxy: status 407");
}

#[test]
fn a_call_that_the_network_did_not_fail_has_no_cause() {
    let server = server();
    let hasty = client_with(&server, json!({ "timeout_ms": 50, "max_body_bytes": 2 }));
    let strict = client_with(&server, json!({ "allowed_hosts": ["example.com"] }));
    let delay = format!("{}/delay/60000", server.http());
    for (outcome, expected) in [
        (get(&hasty, &delay), Some(Error::Timeout)),
        (
            get(&hasty, &support::raw(&server, "HTTP/1.1 200 OK\r\n\r\n123")),
            Some(Error::BodyTooLarge),
        ),
        (get(&strict, &server.http()), Some(Error::HostNotAllowed)),
        (get(&client(&server), "ftp://a.test/"), None),
        (get(&client(&server), &server.http()), None),
    ] {
        assert_eq!(outcome.cause(), None, "{}", outcome.json());
        assert!(expected.is_none() || outcome.result().err() == expected.as_ref());
    }
    let (sender, outcomes) = std::sync::mpsc::channel();
    let client = client(&server);
    let send = move |outcome: Outcome| sender.send(outcome).unwrap();
    client.start(RequestOptions::new(delay), send).abort();
    let outcome = outcomes.recv().unwrap();
    assert_eq!((outcome.result().unwrap_err(), outcome.cause()), (&Error::Aborted, None));
}

/// The engine's own log lines, as the sinks of the bindings take them.
struct Lines(Mutex<Vec<String>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl log::Log for Lines {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("gadget_request")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.lock().expect("no panic under it").push(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

const SECRET: &str = "s3cr3t";

/// All errors of the network that the other tests provoke: settings and a URL.
fn failing_calls(server: &Server) -> Vec<(Value, String)> {
    let (http, https, port) = (server.http(), server.https(), server.https_port());
    let none = || json!({});
    let mut calls = vec![
        (none(), format!("http://{SECRET}.invalid/")),
        (none(), format!("https://{SECRET}.invalid/")),
        (none(), format!("http://{}/{SECRET}", closed_port())),
        (none(), format!("https://{}/{SECRET}", closed_port())),
        (none(), format!("https://{}/{SECRET}", answering_once(drop))),
        (none(), http.replace("http:", "https:")),
        (
            json!({
                "system_roots": false,
                "pins": [format!("127.0.0.1=sha256/{}=", "A".repeat(43))],
            }),
            https.clone(),
        ),
        (
            json!({
                "allow_private_addresses": false,
                "resolve": [format!("{SECRET}.test:80:127.0.0.1")],
            }),
            format!("http://{SECRET}.test/"),
        ),
        (
            json!({ "proxy": format!("http://{SECRET}:{SECRET}@{}", closed_port()) }),
            format!("http://{SECRET}.test/"),
        ),
        (
            json!({ "proxy": format!("http://{SECRET}:{SECRET}@{}", &https[8..]) }),
            format!("https://{SECRET}.test/"),
        ),
        (
            json!({ "max_redirects": 1 }),
            format!("{http}/redirect/302/5?to=%2F%2F{SECRET}.invalid%2F{SECRET}"),
        ),
        (none(), format!("{http}/{}", SECRET.repeat(20_000))),
    ];
    for host in ["expired.test", "not-yet-valid.test", "wrong-host.test", "unknown-issuer.test"] {
        let resolve = json!({ "resolve": [format!("{host}:{port}:127.0.0.1")] });
        calls.push((resolve, format!("https://{host}:{port}/{SECRET}")));
    }
    let faults = [
        "close-before-head",
        "close-in-head",
        "close-after-head",
        "half-body",
        "wrong-length",
        "silence",
        "silence-in-body",
        "drip",
    ];
    let only_http1 = [
        "garbage",
        "two-lengths",
        "bad-status",
        "bad-chunk",
        "cut-chunk",
        "vanish",
        "drip-head",
        "endless-headers",
        "many-headers",
        "big-header",
        "endless-informational",
        "bomb",
        "endless-body",
    ];
    let hasty = || json!({ "timeout_ms": 400, "max_body_bytes": 100_000 });
    for fault in faults.iter().chain(&only_http1) {
        calls.push((hasty(), format!("{http}/fault/{fault}?{SECRET}=1")));
    }
    for fault in faults {
        calls.push((hasty(), format!("{https}/fault/{fault}?{SECRET}=1")));
    }
    for coded in ["101 Switching", "200 OK\r\ncontent-encoding: gzip"] {
        let wire = format!("HTTP/1.1 {coded}\r\nx: {SECRET}\r\ncontent-length: 6\r\n\r\n{SECRET}");
        calls.push((none(), support::raw(server, wire)));
    }
    calls
}

#[test]
fn no_cause_and_no_log_line_holds_any_part_of_a_request_or_response() {
    log::set_logger(&LINES).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let server = server();
    let ports = [server.http_port(), server.https_port()].map(|port| port.to_string());
    let mut secrets = vec![SECRET, "invalid/", ".test", "127.0.0.1", "/fault", "localhost"];
    secrets.extend(ports.iter().map(String::as_str));
    let mut failed = 0;
    for (settings, url) in failing_calls(&server) {
        let client = client_with(&server, settings);
        let options = json!({
            "url": url, "method": "POST", "data": SECRET,
            "header": { SECRET: SECRET, "cookie": SECRET },
        });
        let outcome = support::request(&client, &options);
        assert!(outcome.result().is_err(), "{url:.60}: {}", outcome.json());
        failed += 1;
        let trace = outcome.trace().as_str();
        let lines = LINES.0.lock().unwrap().clone();
        let reported = lines.iter().filter(|line| line.contains(trace) && line.contains("failed:"));
        assert_eq!(reported.count(), 1, "{}: {lines:?}", outcome.err_msg());
        let cause = format!(
            "{:?} {}",
            outcome.cause(),
            outcome.cause().map_or(String::new(), Cause::to_string)
        );
        for secret in &secrets {
            assert!(!cause.contains(secret), "{cause}: {secret}");
        }
    }
    assert!(failed > 40, "{failed}");
    let lines = LINES.0.lock().unwrap().clone();
    for line in &lines {
        // A trace is random and may hold the digits of a port.
        let words = line.split_whitespace().filter(|word| !word.starts_with("02"));
        let line = words.collect::<Vec<_>>().join(" ");
        let found = secrets.iter().find(|secret| line.contains(**secret));
        assert_eq!(found, None, "{line}");
    }
}
