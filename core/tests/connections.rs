//! Connections: kept, lost and reused.

mod support;

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gadget_request::{Client, ClientConfig, Error, HostResolver, RequestOptions};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A server that answers the first request of its first connection, reads the second and closes.
/// Then it answers one request on a new connection. It reports the first line of each request.
fn forgetful_server() -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let address = listener.local_addr().expect("it is bound");
    let (sender, seen) = mpsc::channel();
    std::thread::spawn(move || {
        for answers in [&[OK, b""][..], &[OK]] {
            let (mut stream, _) = listener.accept().expect("a client comes");
            for answer in answers {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let _ = sender.send(request.lines().next().unwrap_or_default().to_owned());
                let _ = stream.write_all(answer);
            }
        }
    });
    (address, seen)
}

#[test]
fn a_request_that_a_used_connection_lost_is_sent_once_more_if_the_method_allows_it() {
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let (address, seen) = forgetful_server();
        let client = Client::default();
        let call = |method: &str| {
            let options = RequestOptions::new(format!("http://{address}/")).method(method);
            pollster::block_on(client.request(options))
                .into_result()
                .map(|response| response.status())
        };
        assert_eq!(call("GET"), Ok(200));
        assert_eq!(call(method), Ok(200), "{method}");
        let again = format!("{method} / HTTP/1.1");
        assert_eq!(seen.iter().take(3).collect::<Vec<_>>(), ["GET / HTTP/1.1", &again, &again]);
    }
}

#[test]
fn a_used_connection_that_ends_without_the_end_of_its_tls_is_lost_like_any_other() {
    let server = support::server();
    let origin = format!("https://http1.test:{}", server.https_port());
    let settings = serde_json::json!({ "resolve": [format!("{}:127.0.0.1", &origin[8..])] });
    for (method, sent) in [("GET", 2), ("POST", 1)] {
        let client = support::client_with(&server, settings.clone());
        assert!(support::get(&client, &origin).result().is_ok());
        let url = format!("{origin}/fault/vanish?counter={method}");
        let outcome = pollster::block_on(client.request(RequestOptions::new(url).method(method)));
        assert_eq!(outcome.result().err(), Some(&Error::ConnectionFailed));
        assert_eq!(server.count(method).total, sent, "{method}");
    }
}

#[test]
fn a_post_that_a_used_connection_lost_is_not_sent_twice() {
    let (address, seen) = forgetful_server();
    let client = Client::default();
    let options = RequestOptions::new(format!("http://{address}/"));
    assert!(pollster::block_on(client.request(options.clone())).result().is_ok());
    let outcome = pollster::block_on(client.request(options.clone().method("POST")));
    assert_eq!(outcome.result().unwrap_err(), &Error::ConnectionFailed);
    assert!(pollster::block_on(client.request(options)).result().is_ok());
    assert_eq!(
        seen.iter().collect::<Vec<_>>(),
        ["GET / HTTP/1.1", "POST / HTTP/1.1", "GET / HTTP/1.1"]
    );
}

#[test]
fn a_stream_that_the_server_reset_is_not_sent_again() {
    let server = support::server();
    let client = support::client(&server);
    assert!(support::get(&client, &server.https()).result().is_ok());
    let url = format!("{}/fault/garbage?counter=reset", server.https());
    assert_eq!(support::get_err(&client, &url), Error::ConnectionFailed);
    assert_eq!(server.count("reset").total, 1);
}

#[test]
fn a_request_that_a_new_connection_lost_is_not_sent_again() {
    let server = support::server();
    let client = support::client(&server);
    let url = format!("{}/fault/close-before-head", server.http());
    assert_eq!(support::get_err(&client, &url), Error::ConnectionFailed);
    assert_eq!(server.total(), 1);
}

#[test]
fn connections_are_kept_and_reused() {
    let server = support::server();
    let client = support::client(&server);
    for origin in [server.http(), server.https()] {
        let before = server.connections();
        for _ in 0..20 {
            for path in ["bytes/10", "gzip", "br", "coded/deflate"] {
                assert_eq!(support::get_ok(&client, &format!("{origin}/{path}")).status(), 200);
            }
        }
        // A call may start before the last one's connection is idle, and open another.
        let opened = server.connections() - before;
        assert!((1..=4).contains(&opened), "{origin}: {opened} connections for 80 calls");
    }
    drop(client);
    support::eventually("the connections are closed with the client", || server.connections() == 0);
}

#[test]
fn idle_connections_are_closed_after_their_time() {
    let server = support::server();
    let client = support::client_with(&server, serde_json::json!({ "idle_timeout_ms": 100 }));
    assert!(support::get(&client, &server.http()).result().is_ok());
    support::eventually("the connection is closed", || server.connections() == 0);
}

#[test]
fn a_request_that_the_server_did_not_process_is_sent_again_whatever_the_method() {
    let server = support::server();
    let client = support::client(&server);
    for method in ["GET", "POST"] {
        let url = format!("{}/fault/refuse-first?counter={method}", server.https());
        let options = RequestOptions::new(url).method(method);
        let outcome = pollster::block_on(client.request(options));
        assert!(outcome.result().is_ok(), "{}", outcome.json());
        assert_eq!(server.count(method).total, 3, "refused, and then counted with its answer");
    }
}

#[test]
fn a_connection_is_asked_whether_it_is_still_there() {
    let server = support::server();
    let client = support::client(&server);
    assert!(support::get(&client, &server.http()).result().is_ok());
    let connections = support::connections_to(server.http_port());
    assert!(connections.iter().any(|connection| connection.has_keepalive));
}

/// hyper forgets about one such request in ten thousand. `GADGET_REQUESTS` makes the test long
/// enough to find it.
#[test]
fn a_request_given_to_a_connection_that_ends_at_that_moment_is_still_answered() {
    let requests = std::env::var("GADGET_REQUESTS").ok().and_then(|text| text.parse().ok());
    let server = support::server();
    let client = support::client_with(&server, serde_json::json!({ "timeout_ms": 5000 }));
    // The server says that the connection can be reused, and closes it.
    let url = support::raw(&server, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    for number in 0..requests.unwrap_or(2000) {
        assert_eq!(
            support::get(&client, &url).into_result().map(|it| it.status()),
            Ok(200),
            "{number}"
        );
    }
}

/// Answers every lookup but the first with a delay.
struct SlowResolver(Arc<AtomicUsize>);

impl HostResolver for SlowResolver {
    fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        if self.0.fetch_add(1, Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(600));
        }
        Ok(vec![[127, 0, 0, 1].into()])
    }
}

#[test]
fn a_request_during_a_goaway_goes_over_a_new_connection() {
    let server = support::server();
    let mut config = ClientConfig::default();
    config.roots_pem.extend(server.ca_pem().parse().unwrap());
    for method in ["GET", "POST"] {
        let asked = Arc::new(AtomicUsize::new(0));
        let resolver = SlowResolver(Arc::clone(&asked));
        let client = Client::builder(config.clone()).resolver(resolver).build();
        let origin = format!("https://a.example:{}", server.https_port());
        assert!(support::get(&client, &origin).result().is_ok());
        let (sender, outcomes) = mpsc::channel();
        let last = sender.clone();
        let hold = format!("{origin}/hold/{method}?counter={method}&goaway=1");
        client.start(RequestOptions::new(hold), move |outcome| sender.send(outcome).unwrap());
        support::eventually("it has come", || server.count(method).in_flight == 1);
        // Requests use the old connection until the client has read the GOAWAY.
        let mut sent = 1;
        while asked.load(Ordering::SeqCst) < 2 {
            assert!(sent < 100, "the client never opens a new connection");
            let options = RequestOptions::new(format!("{origin}/echo")).method(method);
            let last = last.clone();
            client.start(options, move |outcome| last.send(outcome).unwrap());
            sent += 1;
            // The last call has time to wait for its connection.
            std::thread::sleep(Duration::from_millis(50));
        }
        server.release(method, 1);
        for outcome in outcomes.iter().take(sent) {
            assert_eq!(outcome.err_msg(), "request:ok", "{method}");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 2, "one new connection, waited for");
    }
}
