//! docs/contract.md#4-result, `fail`: each error of the closed list that a test can provoke.

mod support;

use std::net::TcpListener;

use gadget_request::{Errno, Error, TlsFailure};
use gadget_test_server::Scripted;
use serde_json::{Value, json};
use support::{client_with, get_err};

#[test]
fn a_name_that_does_not_resolve() {
    let server = support::server();
    let client = support::client(&server);
    assert_eq!(get_err(&client, "http://does-not-exist.invalid/"), Error::NameNotResolved);
    assert_eq!(get_err(&client, "https://does-not-exist.invalid/"), Error::NameNotResolved);
}

#[test]
fn a_port_on_which_nobody_listens() {
    let server = support::server();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["http", "https"] {
        let error = get_err(&support::client(&server), &format!("{scheme}://{free}/"));
        assert_eq!(error, Error::ConnectionFailed, "{scheme}");
    }
}

#[test]
fn a_connection_that_ends_before_the_head_does() {
    let server = support::server();
    let client = support::client(&server);
    for fault in ["close-before-head", "close-in-head"] {
        let error = get_err(&client, &format!("{}/fault/{fault}", server.http()));
        assert_eq!(error, Error::ConnectionFailed, "{fault}");
    }
    let error = get_err(&client, &format!("{}/fault/close-before-head", server.https()));
    assert_eq!(error, Error::ConnectionFailed);
}

#[test]
fn certificates_that_are_not_trusted() {
    let server = support::server();
    let port = server.https_port();
    for (host, failure) in [
        ("expired.test", TlsFailure::CertificateExpired),
        ("not-yet-valid.test", TlsFailure::CertificateNotYetValid),
        ("wrong-host.test", TlsFailure::WrongHost),
        ("unknown-issuer.test", TlsFailure::UnknownIssuer),
    ] {
        let client =
            client_with(&server, json!({ "resolve": [format!("{host}:{port}:127.0.0.1")] }));
        assert_eq!(
            get_err(&client, &format!("https://{host}:{port}/")),
            Error::Tls(failure),
            "{host}"
        );
    }
    let without_our_ca = gadget_request::Client::default();
    assert_eq!(get_err(&without_our_ca, &server.https()), Error::Tls(TlsFailure::UnknownIssuer));
    let another_ca = support::server();
    assert_eq!(
        get_err(&support::client(&another_ca), &server.https()),
        Error::Tls(TlsFailure::UnknownIssuer)
    );
    assert_eq!(server.total(), 0, "a request went over a connection that is not to be trusted");
}

#[test]
fn a_certificate_whose_key_is_not_the_pinned_one() {
    let server = support::server();
    let pin = format!("127.0.0.1=sha256/{}=", "A".repeat(43));
    let client = client_with(&server, json!({ "pins": [pin] }));
    assert_eq!(get_err(&client, &server.https()), Error::Tls(TlsFailure::PinMismatch));
    assert_eq!(server.total(), 0);
}

#[test]
fn a_peer_that_does_not_speak_tls_or_leaves_the_handshake() {
    let server = support::server();
    let client = support::client(&server);
    let not_tls = server.http().replace("http:", "https:");
    assert_eq!(get_err(&client, &not_tls), Error::Tls(TlsFailure::HandshakeFailed));

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let leaving = std::thread::spawn(move || {
        use std::io::Read as _;
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
    });
    let error = get_err(&client, &format!("https://{address}/"));
    leaving.join().unwrap();
    assert_eq!(error, Error::Tls(TlsFailure::HandshakeFailed));
}

#[test]
fn https_without_any_trust_anchor() {
    let settings = json!({ "system_roots": false }).to_string();
    let client =
        gadget_request::Client::new(gadget_request::ClientConfig::from_json(&settings).unwrap());
    let server = support::server();
    assert_eq!(get_err(&client, &server.https()), Error::NoTrustAnchors);
    assert!(support::get(&client, &server.http()).result().is_ok(), "http needs none");
}

#[test]
fn an_answer_that_is_not_http() {
    let server = support::server();
    let client = support::client(&server);
    for fault in ["garbage", "two-lengths", "bad-status", "bad-chunk"] {
        let error = get_err(&client, &format!("{}/fault/{fault}", server.http()));
        assert_eq!(error, Error::ProtocolError, "{fault}");
    }
}

#[test]
fn a_body_that_ends_too_early() {
    let server = support::server();
    let client = support::client(&server);
    let faults = ["close-after-head", "half-body", "wrong-length", "cut-chunk"];
    for fault in faults {
        let error = get_err(&client, &format!("{}/fault/{fault}", server.http()));
        assert_eq!(error, Error::BodyCutShort, "{fault}");
    }
    for fault in &faults[..3] {
        let error = get_err(&client, &format!("{}/fault/{fault}", server.https()));
        assert_eq!(error, Error::BodyCutShort, "{fault} over HTTP/2");
    }
}

#[test]
fn a_coding_that_is_broken_or_cut() {
    let server = support::server();
    let client = support::client(&server);
    let body = "0123456789".repeat(500);
    // gzip ends with a trailer of eight bytes and zlib with one of four. It may be missing.
    for (coding, cuts) in [
        ("gzip", [9, 10, 20]),
        ("deflate", [5, 6, 9]),
        ("deflate-raw", [1, 4, 9]),
        ("br", [1, 4, 9]),
        ("zstd", [1, 4, 9]),
        ("gzip,br", [1, 4, 9]),
        ("br,gzip", [9, 10, 20]),
    ] {
        for cut in cuts {
            let url = format!("{}/coded/{coding}?cut={cut}&body={body}", server.http());
            assert_eq!(
                get_err(&client, &url),
                Error::BadContentCoding,
                "{coding} without its last {cut}"
            );
        }
    }
    for coding in ["gzip", "br", "zstd", "deflate", "gzip, br"] {
        let wire = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: 11\r\n\r\nnot encoded"
        );
        assert_eq!(
            get_err(&client, &support::raw(&server, wire)),
            Error::BadContentCoding,
            "{coding}"
        );
    }
    let six =
        "HTTP/1.1 200 OK\r\ncontent-encoding: br, br, br, br, br, br\r\ncontent-length: 1\r\n\r\nx";
    assert_eq!(get_err(&client, &support::raw(&server, six)), Error::BadContentCoding);
}

#[test]
fn a_101_that_no_request_asked_for() {
    let server = support::server();
    let wire =
        "HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let error = get_err(&support::client(&server), &support::raw(&server, wire));
    assert_eq!(error, Error::ProtocolError);
}

#[test]
fn bytes_after_the_end_of_a_coding() {
    let server = support::server();
    for coded in ["br: \x0b\0\u{80}h\x03", "zstd: \x28\u{b5}\x2f\u{fd}\x20\x01\x09\0\0h"] {
        let (coding, bytes) = coded.split_once(": ").unwrap();
        let bytes: Vec<u8> = bytes.chars().map(|c| c as u8).chain(*b"rest").collect();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {}\r\n\r\n",
            bytes.len()
        );
        let wire = [head.as_bytes(), &bytes].concat();
        assert_eq!(
            get_err(&support::client(&server), &support::raw(&server, wire)),
            Error::BadContentCoding,
            "{coding}"
        );
    }
}

#[test]
fn a_body_that_ends_too_early_after_the_end_of_its_coding() {
    let server = support::server();
    // Raw deflate, one stored block: it is complete, but 7 of the 20 announced bytes are missing.
    let wire = b"HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\ncontent-length: 20\r\n\r\n\
        \x01\x02\0\xfd\xffhi______";
    let error = get_err(&support::client(&server), &support::raw(&server, wire));
    assert_eq!(error, Error::BodyCutShort);
}

#[test]
fn silence_and_drops_end_in_a_timeout() {
    let server = support::server();
    let client = client_with(&server, json!({ "timeout_ms": 300 }));
    for origin in [server.http(), server.https()] {
        for fault in ["silence", "silence-in-body", "drip?pause=20"] {
            let error = get_err(&client, &format!("{origin}/fault/{fault}"));
            assert_eq!(
                (error.errno(), error),
                (Errno::TIMED_OUT, Error::Timeout),
                "{origin} {fault}"
            );
        }
    }
    assert_eq!(
        get_err(&client, &format!("{}/fault/drip-head?pause=20", server.http())),
        Error::Timeout
    );
    let patient = support::client(&server);
    let options = json!({ "url": format!("{}/delay/60000", server.http()), "timeout": 50 });
    assert_eq!(support::request(&patient, &options).result().unwrap_err(), &Error::Timeout);
    support::eventually("the connections of calls that timed out are closed", || {
        server.connections() <= 2
    });
}

#[test]
fn a_connection_that_is_not_made_in_time() {
    // A listener whose backlog is full does not answer.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..200 {
        match std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_millis(50)) {
            Ok(stream) => waiting.push(stream),
            Err(_) => break,
        }
    }
    let server = support::server();
    let client = client_with(&server, json!({ "connect_timeout_ms": 200 }));
    assert_eq!(get_err(&client, &format!("https://{address}/")), Error::Timeout);
}

#[test]
fn a_proxy_that_asks_for_credentials_over_http_has_failed_and_sets_no_cookies() {
    let server = support::server();
    let client = client_with(&server, json!({ "proxy": server.http() }));
    let cookie = ("set-cookie".to_owned(), b"a=1".to_vec());
    server.answer_next([Scripted { status: 407, headers: vec![cookie] }]);
    assert_eq!(get_err(&client, "http://a.test/"), Error::ProxyFailed);
    assert_eq!(client.cookies().list().len(), 0);
    // Without a proxy this is an ordinary answer of a server.
    let url = format!("{}/status/407", server.http());
    assert_eq!(support::get_ok(&support::client(&server), &url).status(), 407);
}

#[test]
fn a_proxy_that_refuses_or_is_missing() {
    let server = support::server();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let missing = client_with(&server, json!({ "proxy": format!("http://{free}") }));
    assert_eq!(get_err(&missing, "http://somewhere.test/"), Error::ProxyFailed);
    assert_eq!(get_err(&missing, "https://somewhere.test/"), Error::ProxyFailed);
    // The server's HTTPS port is not a proxy: it does not accept cleartext.
    let refusing =
        client_with(&server, json!({ "proxy": format!("http://{}", &server.https()[8..]) }));
    assert_eq!(get_err(&refusing, "https://somewhere.test/"), Error::ProxyFailed);
}

#[test]
fn a_url_longer_than_the_network_stack_takes() {
    let server = support::server();
    let client = support::client(&server);
    let error = get_err(&client, &format!("{}/{}", server.http(), "a".repeat(70_000)));
    assert_eq!(
        (error.errno(), error),
        (Errno::NETWORK_SDK_PARAMETER, Error::RefusedByNetworkStack)
    );
    assert_eq!(server.total(), 0);
}

#[test]
fn the_fail_object_has_its_members_in_order_and_nothing_of_the_request() {
    let server = support::server();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = support::client(&server);
    let options = json!({
        "url": format!("http://{free}/secret-path"), "header": { "x-secret": "secret" },
        "method": "POST", "data": "secret",
    });
    let outcome = support::request(&client, &options);
    assert_eq!(
        outcome.json(),
        format!(
            concat!(
                r#"{{"errMsg":"request:fail connection failed","errno":305,"#,
                r#""errString":"Network failure","trace":"{}"}}"#
            ),
            outcome.trace()
        )
    );
}

#[test]
fn the_list_of_numbers_and_words_is_the_contracts() {
    let table: Vec<(u32, &str)> =
        Errno::ALL.iter().map(|errno| (errno.code(), errno.err_string())).collect();
    assert_eq!(
        table,
        [
            (102, "internal error"),
            (103, "feature not support"),
            (104, "invalid parameter"),
            (110, "API call prohibited"),
            (111, "Too many API calls"),
            (112, "Unable to call this API in the background"),
            (301, "Network request cancelled"),
            (302, "Connection timed out"),
            (303, "No network connection"),
            (304, "Internal error in network SDK"),
            (305, "Network failure"),
            (307, "Network SDK Parameter error"),
        ]
    );
    let details: Vec<Value> = Error::all().map(|e| json!([e.errno().code(), e.detail()])).collect();
    let expected = json!([
        [102, "internal error"],
        [103, "feature not supported"],
        [104, "invalid options"],
        [104, "invalid url"],
        [104, "invalid method"],
        [104, "invalid data"],
        [104, "invalid header"],
        [104, "invalid dataType"],
        [104, "invalid responseType"],
        [104, "invalid timeout"],
        [104, "invalid redirect"],
        [110, "host not allowed"],
        [110, "cleartext not allowed"],
        [110, "private address not allowed"],
        [111, "too many requests"],
        [112, "app in background"],
        [301, "abort"],
        [301, "client closed"],
        [302, "timeout"],
        [303, "offline"],
        [304, "no trust anchors"],
        [304, "platform verifier not initialised"],
        [305, "name not resolved"],
        [305, "connection failed"],
        [305, "proxy failed"],
        [305, "tls: certificate expired"],
        [305, "tls: certificate not yet valid"],
        [305, "tls: wrong host"],
        [305, "tls: unknown issuer"],
        [305, "tls: revoked"],
        [305, "tls: pin mismatch"],
        [305, "tls: bad certificate"],
        [305, "tls: handshake failed"],
        [305, "protocol error"],
        [305, "head too large"],
        [305, "body cut short"],
        [305, "bad content coding"],
        [305, "body too large"],
        [305, "too many redirects"],
        [305, "redirect refused"],
        [305, "bad redirect"],
        [307, "refused by the network stack"],
    ]);
    assert_eq!(Value::from(details), expected);
}
