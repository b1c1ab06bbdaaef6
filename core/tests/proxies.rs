//! Which calls go through which proxy, and what HTTP proxies do wrong.

#[path = "support/socks.rs"]
mod socks;
mod support;

use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use gadget_request::{
    Client, ClientConfig, Error, HostPattern, Proxy, ProxySelector, RequestOptions,
};
use serde_json::json;
use socks::{Script, Socks};
use support::{Server, client_with, get, get_err, get_ok};

/// A proxy that answers each request with these bytes, and then closes or stays silent.
fn answering(bytes: &'static [u8], closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ = stream.write_all(bytes);
            if !closes {
                thread::spawn(move || stream.read_to_end(&mut Vec::new()));
            }
        }
    });
    format!("http://{address}")
}

#[test]
fn connect_that_is_not_answered_with_a_tunnel_is_a_failure_of_the_proxy() {
    let server = support::server();
    for (answer, cause) in [
        (&b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"[..], "TunnelUnsuccessful"),
        (b"HTTP/1.1 407 Who\r\nproxy-authenticate: Basic\r\n\r\n", "ProxyAuthRequired"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "TunnelUnsuccessful"),
        (b"HTTP/1.1 302 Found\r\nlocation: /login\r\n\r\n", "TunnelUnsuccessful"),
        (b"\x16\x03\x01 this is no HTTP\r\n\r\n", "TunnelUnsuccessful"),
        (b"HTTP/1.1 2", "TunnelUnexpectedEof"),
        (b"", "TunnelUnexpectedEof"),
        (&[b'a'; 16_384], "TunnelUnsuccessful"),
    ] {
        let proxy = answering(answer, true);
        let client = client_with(&server, json!({ "proxy": proxy }));
        let outcome = get(&client, "https://somewhere.invalid/");
        let shown = String::from_utf8_lossy(&answer[..answer.len().min(20)]).into_owned();
        assert_eq!(outcome.result().err(), Some(&Error::ProxyFailed), "{shown}");
        let detail = outcome.cause().map(ToString::to_string).unwrap();
        // A proxy that closes with bytes unread resets the connection.
        let reset = "proxy: connection reset (os error 104)";
        assert!(detail == format!("proxy: {cause}") || detail == reset, "{shown} {detail}");
    }
}

#[test]
fn a_proxy_that_is_silent_is_a_timeout_after_the_connect_timeout() {
    let server = support::server();
    for answer in [&b""[..], b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\nx-half: "] {
        let settings = json!({ "proxy": answering(answer, false), "connect_timeout_ms": 100 });
        let client = client_with(&server, settings);
        assert_eq!(get_err(&client, "https://somewhere.invalid/"), Error::Timeout);
    }
}

#[test]
fn an_https_proxy_takes_tunnels_and_requests_over_tls() {
    let server = support::server();
    let proxy = format!("https://user:pass@http1.localhost:{}", server.https_port());
    let client = client_with(&server, json!({ "proxy": proxy }));
    let url = format!("https://somewhere.invalid:{}/", server.https_port());
    let outcome = get(&client, &url);
    assert!(outcome.result().is_ok(), "{}", outcome.json());
    let received = server.received(outcome.trace().as_str()).unwrap();
    assert_eq!((received.version, received.header("proxy-authorization")), ("HTTP/2", None));
    let outcome = get(&client, "http://somewhere.invalid/x");
    assert!(outcome.result().is_ok(), "{}", outcome.json());
    let received = server.received(outcome.trace().as_str()).unwrap();
    assert_eq!(received.target, "http://somewhere.invalid/x");
    assert_eq!(received.header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
}

#[test]
fn a_wrong_certificate_of_an_https_proxy_is_the_proxys_failure_and_a_servers_is_not() {
    let server = support::server();
    let port = server.https_port();
    for (proxy, cause) in [
        ("expired.localhost", "proxy: invalid peer certificate: Expired"),
        ("unknown-issuer.localhost", "proxy: invalid peer certificate: UnknownIssuer"),
        ("wrong-host.localhost", "proxy: invalid peer certificate: NotValidForName"),
    ] {
        let client = client_with(&server, json!({ "proxy": format!("https://{proxy}:{port}") }));
        for url in ["http://somewhere.invalid/", "https://somewhere.invalid/"] {
            let outcome = get(&client, url);
            assert_eq!(outcome.result().err(), Some(&Error::ProxyFailed), "{proxy} {url}");
            assert_eq!(outcome.cause().map(ToString::to_string).as_deref(), Some(cause));
        }
    }
    let client = client_with(&server, json!({ "proxy": server.http() }));
    let error = get_err(&client, &format!("https://expired.test:{port}/"));
    assert_eq!(error.detail(), "tls: certificate expired");
}

#[test]
fn hosts_that_a_pattern_names_are_reached_without_the_proxy() {
    let server = support::server();
    let (port, other) = (server.http_port(), server.https_port());
    let resolve = ["a.test", "b.a.test", "c.test", "other.test"]
        .map(|host| format!("{host}:{port}:127.0.0.1"));
    let settings = json!({
        "proxy": answering(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nproxy", true),
        "proxy_bypass": ["*.a.test", format!("c.test:{port}"), "https://d.test", "127.0.0.1"],
        "resolve": resolve,
    });
    let client = client_with(&server, settings);
    for (url, is_direct) in [
        (format!("http://a.test:{port}/"), false),
        (format!("http://b.a.test:{port}/"), true),
        (format!("http://c.test:{port}/"), true),
        (format!("http://c.test:{other}/"), false),
        (format!("http://d.test:{port}/"), false),
        (server.http(), true),
        (format!("http://other.test:{port}/"), false),
    ] {
        let body = get_ok(&client, &url).text().to_owned();
        assert_eq!(body != "proxy", is_direct, "{url} {body}");
    }
}

/// Chooses proxies as a test says, and remembers for what.
#[derive(Clone)]
struct Selector {
    choose: fn(&str, &[String]) -> io::Result<Option<Proxy>>,
    proxies: Vec<String>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl ProxySelector for Selector {
    fn select(&self, origin: &str) -> io::Result<Option<Proxy>> {
        self.asked.lock().expect("no panic under it").push(origin.to_owned());
        (self.choose)(origin, &self.proxies)
    }
}

fn selecting(server: &Server, bypass: &[&str], selector: Selector) -> Client {
    let mut config = ClientConfig::default();
    config.roots_pem.extend(server.ca_pem().parse().expect("a certificate"));
    config.proxy = Some("http://127.0.0.1:9".parse().expect("it is valid"));
    config.proxy_bypass = bypass.iter().map(|it| it.parse().expect("it is valid")).collect();
    Client::builder(config).proxy_selector(selector).build()
}

#[test]
fn the_host_app_chooses_the_proxy_of_each_request_by_its_origin() {
    let server = support::server();
    let http = ([127, 0, 0, 1], server.http_port()).into();
    let proxies = [(); 2].map(|()| Socks::start(http, Script::default()));
    let selector = Selector {
        choose: |origin, proxies| match origin {
            "http://one.invalid/" => proxies[0].parse().map(Some).map_err(io::Error::other),
            "http://two.invalid:8080/" => proxies[1].parse().map(Some).map_err(io::Error::other),
            _ => Ok(None),
        },
        proxies: proxies.iter().map(|it| format!("socks5h://{}", it.address)).collect(),
        asked: Arc::default(),
    };
    let client = selecting(&server, &["bypassed.localhost"], selector.clone());
    let port = server.http_port();
    get_ok(&client, "http://one.invalid/secret?path");
    get_ok(&client, "http://one.invalid/");
    get_ok(&client, "http://two.invalid:8080/");
    get_ok(&client, &format!("http://127.0.0.1:{port}/"));
    get_ok(&client, &format!("http://bypassed.localhost:{port}/"));
    let mut expected = vec!["http://one.invalid/".to_owned(); 2];
    expected.push("http://two.invalid:8080/".to_owned());
    expected.push(format!("http://127.0.0.1:{port}/"));
    assert_eq!(*selector.asked.lock().unwrap(), expected);
    assert_eq!(proxies[0].asked(), ["one.invalid:80"], "the connection was used again");
    assert_eq!(proxies[1].asked(), ["two.invalid:8080"]);
}

#[test]
fn a_redirect_asks_for_its_own_proxy() {
    let server = support::server();
    let http = ([127, 0, 0, 1], server.http_port()).into();
    let socks = Socks::start(http, Script::default());
    let selector = Selector {
        choose: |origin, proxies| match origin {
            "http://behind.invalid/" => proxies[0].parse().map(Some).map_err(io::Error::other),
            _ => Ok(None),
        },
        proxies: vec![format!("socks5h://{}", socks.address)],
        asked: Arc::default(),
    };
    let client = selecting(&server, &[], selector);
    let to = support::encoded("http://behind.invalid/");
    get_ok(&client, &format!("{}/redirect/302/1?to={to}", server.http()));
    assert_eq!(socks.asked(), ["behind.invalid:80"]);
}

#[test]
fn requests_that_get_another_proxy_get_another_connection() {
    let server = support::server();
    let http = ([127, 0, 0, 1], server.http_port()).into();
    let proxies = [(); 2].map(|()| Socks::start(http, Script::default()));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let selector = {
        let urls = proxies.each_ref().map(|it| format!("socks5h://{}", it.address));
        Alternating { urls, asked: Arc::clone(&asked) }
    };
    let config = ClientConfig::default();
    let client = Client::builder(config).proxy_selector(selector).build();
    for _ in 0..4 {
        get_ok(&client, "http://one.invalid/");
    }
    assert_eq!(asked.lock().unwrap().len(), 4);
    for proxy in &proxies {
        assert_eq!(proxy.asked(), ["one.invalid:80"], "its own connection was used again");
    }
    assert_eq!(server.accepted(), 2);
}

/// The two proxies in turn.
struct Alternating {
    urls: [String; 2],
    asked: Arc<Mutex<Vec<()>>>,
}

impl ProxySelector for Alternating {
    fn select(&self, _origin: &str) -> io::Result<Option<Proxy>> {
        let mut asked = self.asked.lock().expect("no panic under it");
        asked.push(());
        self.urls[asked.len() % 2].parse().map(Some).map_err(io::Error::other)
    }
}

#[test]
fn a_selector_that_fails_or_panics_is_a_failure_of_the_proxy_and_the_next_call_is_fine() {
    let server = support::server();
    let selector = Selector {
        choose: |origin, _| match origin {
            "http://failing.invalid/" => Err(io::ErrorKind::PermissionDenied.into()),
            "http://panicking.invalid/" => panic!("a bug of the host app"),
            _ => Ok(None),
        },
        proxies: Vec::new(),
        asked: Arc::default(),
    };
    let client = selecting(&server, &[], selector);
    assert_eq!(get_err(&client, "http://failing.invalid/"), Error::ProxyFailed);
    assert_eq!(get_err(&client, "http://panicking.invalid/"), Error::ProxyFailed);
    assert_eq!(get_ok(&client, &server.http()).status(), 200);
}

#[test]
fn a_client_takes_another_proxy_while_it_lives_and_calls_in_flight_go_on() {
    let server = support::server();
    let http = ([127, 0, 0, 1], server.http_port()).into();
    let client = support::client(&server);
    get_ok(&client, &server.http());
    let (sender, held) = std::sync::mpsc::channel();
    let url = format!("{}/hold/old?counter=held", server.http());
    client.start(RequestOptions::new(url), move |outcome| sender.send(outcome).unwrap());
    support::eventually("it is held", || server.count("held").in_flight == 1);

    let socks = Socks::start(http, Script::default());
    let proxy: Proxy = format!("socks5h://{}", socks.address).parse().unwrap();
    let bypass: HostPattern = "localhost".parse().unwrap();
    client.set_proxy(Some(proxy), vec![bypass]);
    get_ok(&client, "http://somewhere.invalid/");
    get_ok(&client, &server.http());
    get_ok(&client, &format!("http://localhost:{}/", server.http_port()));
    let direct = server.http()["http://".len()..].to_owned();
    assert_eq!(socks.asked(), ["somewhere.invalid:80".to_owned(), direct]);

    client.network_changed();
    get_ok(&client, "http://somewhere.invalid/");
    assert_eq!(socks.asked().len(), 3, "the proxy outlives a change of the network");
    client.set_proxy(None, Vec::new());
    assert_eq!(get_err(&client, "http://somewhere.invalid/"), Error::NameNotResolved);
    get_ok(&client, &server.http());
    assert_eq!(socks.asked().len(), 3);

    server.release("old", 1);
    assert_eq!(held.recv().unwrap().result().map(|it| it.status()), Ok(200));
}

#[test]
fn a_client_takes_a_selector_while_it_lives() {
    let server = support::server();
    let selector = Selector {
        choose: |_, _| Err(io::ErrorKind::PermissionDenied.into()),
        proxies: Vec::new(),
        asked: Arc::default(),
    };
    let client = support::client(&server);
    client.set_proxy_selector(selector.clone(), vec!["localhost".parse().unwrap()]);
    assert_eq!(get_err(&client, &server.http()), Error::ProxyFailed);
    get_ok(&client, &format!("http://localhost:{}/", server.http_port()));
    assert_eq!(*selector.asked.lock().unwrap(), [format!("{}/", server.http())]);
}
