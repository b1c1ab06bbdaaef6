//! The test server on the wire: it must be right itself, because it tests others.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use gadget_test_server::Server;
use serde_json::{Value, json};

/// Returns all bytes of the answer until the server closes.
fn exchange(server: &Server, request: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.http_port())).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout over zero");
    stream.write_all(request.as_ref()).expect("it reads");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(server: &Server, target: &str) -> String {
    exchange(server, format!("GET {target} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"))
}

fn body(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").expect(answer);
    serde_json::from_str(body).expect(body)
}

#[test]
fn echo_shows_the_exact_request() {
    let server = Server::start().unwrap();
    let request = "PoST /any/Path?q=%20&{}#x HTTP/1.1\r\nHOST: h\r\nX-B: 2\r\nx-a: \t1 \r\n\
                   X-B: caf\u{e9}\r\nContent-Length: 3\r\nConnection: close\r\n\r\n\0\u{1}\u{2}";
    let latin1: Vec<u8> = request.chars().map(|c| if c == 'é' { 0xe9 } else { c as u8 }).collect();
    let shown = body(&exchange(&server, latin1));
    assert_eq!(shown["method"], "PoST");
    assert_eq!(shown["headers"][1], json!(["X-B", "2"]));
    assert_eq!(shown["headers"][2], json!(["x-a", "1"]));
    assert_eq!(shown["headers"][3], json!(["X-B", "café"]));
    assert_eq!((&shown["version"], &shown["body_base64"]), (&json!("HTTP/1.1"), &json!("AAEC")));
}

#[test]
fn a_chunked_request_and_two_requests_in_one_write_are_understood() {
    let server = Server::start().unwrap();
    let answers = exchange(
        &server,
        "POST /one HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n\
         3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nt: u\r\n\r\n\
         GET /two HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n",
    );
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answers}");
    assert!(answers.contains(r#""body_base64":"YWJjZGU=""#), "{answers}");
    assert!(answers.contains(r#""target":"/two""#), "{answers}");
}

#[test]
fn bytes_that_are_not_http_get_a_400() {
    let server = Server::start().unwrap();
    assert_eq!(
        exchange(&server, "\u{16}\u{3}\u{1} hello\r\n\r\n"),
        "HTTP/1.1 400 Bad Request\r\n\r\n"
    );
}

#[test]
fn the_page_lists_every_endpoint_and_every_fault() {
    let server = Server::start().unwrap();
    let page = get(&server, "/");
    for endpoint in [
        "/echo",
        "/received/",
        "/status/",
        "/headers?",
        "/delay/",
        "/hold/",
        "/release/",
        "/bytes/",
        "/chunks/",
        "/close/",
        "/coded/",
        "/gzip",
        "/charset/",
        "/redirect/",
        "/cookies/set",
        "/counters/",
        "/raw",
        "/fault/",
    ] {
        assert!(page.contains(&format!("\n{endpoint}")), "{endpoint}: {page}");
    }
    let faults = get(&server, "/fault");
    assert!(faults.contains("/fault/half-body\n"), "{faults}");
    for line in faults.lines().filter(|line| line.starts_with("/fault/")) {
        let name = line.trim_start_matches("/fault/").split('?').next().unwrap();
        if !name.starts_with("endless")
            && !name.starts_with("silence")
            && !matches!(name, "unread" | "early" | "refuse-first")
            && !name.starts_with("drip")
            && name != "bomb"
        {
            assert!(
                !get(&server, &format!("/fault/{name}")).contains("/fault/half-body\n"),
                "{name} is not there"
            );
        }
    }
}

#[test]
fn a_wrong_use_of_an_endpoint_gets_a_400_that_says_why() {
    let server = Server::start().unwrap();
    for (target, words) in [
        ("/status/42", "CODE is not in 200 to 999"),
        ("/status/", "CODE is missing"),
        ("/delay/soon", "MILLIS is not a number"),
        ("/release/a?count=1000001", "count is over a million"),
        ("/coded/rot13", "no coding \"rot13\""),
        ("/charset/klingon", "no charset \"klingon\""),
        ("/redirect/200", "STATUS is not in 300 to 399"),
        ("/raw?base64=%21", "base64 is broken"),
        ("/headers?a=b%0d%0ac:d", "a field has a line break"),
        ("/echo?set-cookie=a%0d%0ac:d", "`set-cookie` has a line break"),
        ("/echo?set-cookie-base64=%21", "base64 is broken"),
    ] {
        let answer = get(&server, target);
        assert!(
            answer.starts_with("HTTP/1.1 400 ") && answer.contains(words),
            "{target}: {answer}"
        );
    }
}

#[test]
fn any_path_that_echoes_sets_the_cookies_that_its_query_names() {
    let server = Server::start().unwrap();
    for path in ["/echo", "/", "/some/where"] {
        let target = format!("{path}?set-cookie=a%3D1;+Path=/&x=y&set-cookie-base64=Yj3DqQ==");
        let answer = get(&server, &target);
        assert_eq!(body(&answer)["target"], target);
        let lines: Vec<&str> =
            answer.lines().filter(|line| line.starts_with("set-cookie: ")).collect();
        assert_eq!(lines, ["set-cookie: a=1; Path=/", "set-cookie: b=é"]);
    }
}

#[test]
fn redirects_lead_to_the_requested_url() {
    let server = Server::start().unwrap();
    for (target, location) in [
        ("/redirect/302", "/echo"),
        ("/redirect/307?to=http%3A%2F%2Fh%2Fx", "http://h/x"),
        ("/redirect/301/3", "/redirect/301/2"),
        ("/redirect/301/1", "/echo"),
    ] {
        let answer = get(&server, target);
        assert!(answer.starts_with("HTTP/1.1 30"), "{answer}");
        assert!(answer.contains(&format!("\r\nlocation: {location}\r\n")), "{target}: {answer}");
    }
}

#[test]
fn cookies_are_set_and_shown() {
    let server = Server::start().unwrap();
    let answer = get(&server, "/cookies/set?line=a%3D1%3B+Path%3D/&line=b%3D2");
    assert!(answer.contains("set-cookie: a=1; Path=/\r\nset-cookie: b=2\r\n"), "{answer}");
    let shown =
        exchange(&server, "GET /cookies HTTP/1.1\r\ncookie: a=1\r\nconnection: close\r\n\r\n");
    assert_eq!(body(&shown), json!({ "cookie": ["a=1"] }));
}

#[test]
fn requests_are_counted_by_name_while_they_are_in_flight() {
    let server = Server::start().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| get(&server, "/delay/300?counter=five"));
        }
        while server.count("five").in_flight < 5 {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let count = body(&get(&server, "/counters/five"));
    assert_eq!(count, json!({ "in_flight": 0, "max_in_flight": 5, "total": 5, "sent": 0 }));
    exchange(&server, "POST /counters/reset HTTP/1.1\r\nconnection: close\r\n\r\n");
    assert_eq!((server.count("five").total, server.total()), (0, 0));
}

#[test]
fn a_request_is_no_longer_in_flight_when_its_last_byte_can_be_read() {
    let server = Server::start().unwrap();
    for target in ["/echo", "/bytes/0", "/bytes/100000", "/chunks/3?size=10", "/status/204"] {
        let mut stream = TcpStream::connect(("127.0.0.1", server.http_port())).unwrap();
        for _ in 0..50 {
            let request = format!("GET {target} HTTP/1.1\r\nhost: h\r\n\r\n");
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = Vec::new();
            while !is_complete(&answer) {
                let mut part = [0; 4096];
                let length = stream.read(&mut part).unwrap();
                answer.extend(&part[..length]);
            }
            assert_eq!(server.count("").in_flight, 0, "{target}");
        }
    }
}

/// Returns true if a response is complete.
fn is_complete(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&answer[..head]).into_owned();
    match text.split_once("content-length: ") {
        Some((_, rest)) => {
            let length = rest.split("\r\n").next().and_then(|length| length.parse::<usize>().ok());
            answer.len() == head + 4 + length.expect("a number")
        }
        None => text.contains(" 204 ") || answer.ends_with(b"0\r\n\r\n"),
    }
}

#[test]
fn each_release_answers_one_held_request_in_order_of_arrival() {
    let server = Server::start().unwrap();
    std::thread::scope(|scope| {
        let mut held = Vec::new();
        for number in 1..=3 {
            let target = format!("/hold/three?counter=three&number={number}");
            held.push(scope.spawn(|| get(&server, &{ target })));
            while server.count("three").in_flight < number {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        for (number, thread) in held.into_iter().enumerate() {
            assert_eq!(server.count("three").in_flight, 3 - number as u64);
            assert_eq!(body(&get(&server, "/release/three")), json!({ "released": 1 }));
            assert_eq!(body(&thread.join().unwrap()), json!({ "held": "three" }));
        }
    });
    server.release("later", 1);
    assert_eq!(body(&get(&server, "/hold/later")), json!({ "held": "later" }));
    assert_eq!(server.latest().len(), 4, "releases are no part of it");
}

#[test]
fn the_request_of_an_id_can_be_seen_later() {
    let server = Server::start().unwrap();
    exchange(&server, "HEAD /seen?x=1 HTTP/1.1\r\nX-Request-Id: abc\r\nconnection: close\r\n\r\n");
    assert_eq!(body(&get(&server, "/received/abc"))["target"], "/seen?x=1");
    assert!(get(&server, "/received/abd").starts_with("HTTP/1.1 404 "));
    assert_eq!(server.received("abc").unwrap().method, "HEAD");
}

#[test]
fn streams_have_their_announced_length() {
    let server = Server::start().unwrap();
    let long = get(&server, "/bytes/200000");
    assert!(long.contains("content-length: 200000\r\n"));
    assert_eq!(long.split_once("\r\n\r\n").unwrap().1.len(), 200_000);
    let chunks = get(&server, "/chunks/3?size=4");
    assert!(
        chunks.ends_with("\r\n\r\n4\r\n0123\r\n4\r\n0123\r\n4\r\n0123\r\n0\r\n\r\n"),
        "{chunks}"
    );
    let closed = get(&server, "/close/5");
    assert!(closed.ends_with("connection: close\r\n\r\n01234"), "{closed}");
}

#[test]
fn connect_makes_the_server_a_proxy_to_its_own_https_port() {
    let server = Server::start().unwrap();
    let answer = exchange(
        &server,
        "CONNECT anything:443 HTTP/1.1\r\nhost: anything:443\r\n\r\nnot tls\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 200 Connection established\r\n\r\n"), "{answer}");
}

#[test]
fn a_dropped_server_is_closed_and_its_file_removed() {
    let server = Server::start().unwrap();
    let (port, ca) = (server.http_port(), server.ca_path().to_owned());
    assert_eq!(std::fs::read_to_string(&ca).unwrap(), server.ca_pem());
    drop(server);
    assert!(!ca.exists());
    let closed = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        TcpStream::connect(("127.0.0.1", port)).is_err()
    });
    assert!(closed, "the port is still open");
}

#[test]
fn the_list_of_revoked_certificates_is_served_and_not_counted() {
    let server = Server::start().unwrap();
    let answer = get(&server, "/crl");
    assert!(answer.contains("content-type: application/pkix-crl\r\n"), "{answer}");
    let (_, list) = answer.split_once("\r\n\r\n").unwrap();
    assert!(list.starts_with('0') && list.contains("gadget test CA"), "{list}");
    assert_eq!(server.total(), 0);
}
