//! Connections kept, lost and used again.

mod support;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;

use gadget_request::{Error, RequestOptions};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A server that answers the first request of its first connection, reads the second and closes; then
/// answers one on a new connection. Each request it has read is reported by its first line.
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
fn what_a_used_connection_lost_is_sent_once_more_where_the_method_allows_it() {
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let (address, seen) = forgetful_server();
        let client = gadget_request::Client::default();
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
fn a_post_that_a_used_connection_lost_is_not_sent_twice() {
    let (address, seen) = forgetful_server();
    let client = gadget_request::Client::default();
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
fn what_a_new_connection_lost_is_not_sent_again() {
    let server = support::server();
    let client = support::client(&server);
    let url = format!("{}/fault/close-before-head", server.http());
    assert_eq!(support::get_err(&client, &url), Error::ConnectionFailed);
    assert_eq!(server.total(), 1);
}

#[test]
fn connections_are_kept_and_used_again() {
    let server = support::server();
    let client = support::client(&server);
    for origin in [server.http(), server.https()] {
        let before = server.connections();
        for _ in 0..20 {
            for path in ["bytes/10", "gzip", "br", "coded/deflate"] {
                assert_eq!(support::get_ok(&client, &format!("{origin}/{path}")).status(), 200);
            }
        }
        // A call may come before the last one's connection is back, and open another.
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
fn what_a_server_says_it_never_looked_at_is_sent_again_whatever_the_method() {
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

/// hyper forgets one such request in some ten thousand; `GADGET_REQUESTS` makes this a hunt.
#[test]
fn a_request_given_to_a_connection_that_ends_just_then_is_answered_all_the_same() {
    let requests = std::env::var("GADGET_REQUESTS").ok().and_then(|text| text.parse().ok());
    let server = support::server();
    let client = support::client_with(&server, serde_json::json!({ "timeout_ms": 5000 }));
    // It says that the connection can be used again, and closes it.
    let url = support::raw(&server, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    for number in 0..requests.unwrap_or(2000) {
        assert_eq!(
            support::get(&client, &url).into_result().map(|it| it.status()),
            Ok(200),
            "{number}"
        );
    }
}
