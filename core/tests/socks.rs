//! SOCKS proxies: who looks up names, credentials, and each way in which they fail.

#[path = "support/socks.rs"]
mod socks;
mod support;

use std::net::{SocketAddr, TcpListener};

use gadget_request::{Error, Outcome};
use serde_json::{Value, json};
use socks::{Script, Socks};
use support::{Server, client_with, get, get_err};

fn http_of(server: &Server) -> SocketAddr {
    ([127, 0, 0, 1], server.http_port()).into()
}

fn https_of(server: &Server) -> SocketAddr {
    ([127, 0, 0, 1], server.https_port()).into()
}

/// The outcome of a call through a proxy whose URL begins so.
fn via(server: &Server, socks: &Socks, scheme: &str, settings: Value, url: &str) -> Outcome {
    let mut settings = settings;
    settings["proxy"] = format!("{scheme}{}", socks.address).into();
    get(&client_with(server, settings), url)
}

fn cause(outcome: &Outcome) -> String {
    assert_eq!(outcome.result().err(), Some(&Error::ProxyFailed), "{}", outcome.json());
    outcome.cause().expect("the proxy failed it").to_string()
}

const URL: &str = "http://somewhere.invalid:8080/path?q=1";

#[test]
fn socks5h_gives_the_proxy_the_name_and_socks5_the_address() {
    let server = support::server();
    let resolve = json!({
        "resolve": ["somewhere.invalid:8080:192.0.2.1", "somewhere.invalid:443:[2001:db8::1]"],
    });
    for (scheme, cleartext, tls) in [
        ("socks5h://", "somewhere.invalid:8080", "somewhere.invalid:443"),
        ("socks5://", "192.0.2.1:8080", "[2001:db8::1]:443"),
    ] {
        let socks = Socks::start(http_of(&server), Script::default());
        let outcome = via(&server, &socks, scheme, resolve.clone(), URL);
        assert!(outcome.result().is_ok(), "{scheme} {}", outcome.json());
        let received = server.received(outcome.trace().as_str()).unwrap();
        assert_eq!(received.target, "/path?q=1", "no proxy reads it");
        assert_eq!(received.header("host"), Some("somewhere.invalid:8080"));
        assert_eq!(socks.asked(), [cleartext]);

        let socks = Socks::start(https_of(&server), Script::default());
        let url = "https://somewhere.invalid/";
        let outcome = via(&server, &socks, scheme, resolve.clone(), url);
        assert!(outcome.result().is_ok(), "{scheme} {}", outcome.json());
        assert_eq!(server.received(outcome.trace().as_str()).unwrap().version, "HTTP/2");
        assert_eq!(socks.asked(), [tls]);
    }
}

#[test]
fn an_address_in_the_url_is_an_address_for_the_proxy() {
    let server = support::server();
    for scheme in ["socks5://", "socks5h://"] {
        let socks = Socks::start(http_of(&server), Script::default());
        for (url, target) in
            [("http://192.0.2.1/", "192.0.2.1:80"), ("http://[2001:db8::1]/", "[2001:db8::1]:80")]
        {
            let outcome = via(&server, &socks, scheme, json!({}), url);
            assert!(outcome.result().is_ok(), "{scheme} {url} {}", outcome.json());
            assert_eq!(socks.asked().pop().as_deref(), Some(target));
        }
    }
}

#[test]
fn a_socks_proxy_gets_user_name_and_password_only_if_it_wants_them() {
    let server = support::server();
    let (long, name) = ("x".repeat(255), format!("{}.invalid", vec!["a"; 122].join(".")));
    let url = format!("http://{name}/");
    for (method, credentials, asked) in [
        (0, "user:p%40ss@", vec![format!("{name}:80")]),
        (2, "user:p%40ss@", vec!["user p@ss".to_owned(), format!("{name}:80")]),
        (2, "user@", vec!["user ".to_owned(), format!("{name}:80")]),
        (2, &format!("{long}:{long}@"), vec![format!("{long} {long}"), format!("{name}:80")]),
    ] {
        let socks = Socks::start(http_of(&server), Script { method, ..Script::default() });
        let scheme = format!("socks5h://{credentials}");
        let outcome = via(&server, &socks, &scheme, json!({}), &url);
        assert!(outcome.result().is_ok(), "{}", outcome.json());
        assert_eq!(socks.asked(), asked);
    }
}

#[test]
fn a_socks_proxy_that_wants_other_credentials_has_failed() {
    let server = support::server();
    let none = "socks: no acceptable credentials";
    for (method, log_in, scheme, words) in [
        (2, 0, "socks5h://", none),
        (255, 0, "socks5h://", none),
        (255, 0, "socks5h://user:pass@", none),
        (1, 0, "socks5h://user:pass@", none),
        (2, 1, "socks5h://user:pass@", "socks: credentials refused"),
    ] {
        let script = Script { method, log_in, ..Script::default() };
        let socks = Socks::start(http_of(&server), script);
        let outcome = via(&server, &socks, scheme, json!({}), URL);
        assert_eq!(cause(&outcome), format!("proxy: {words}"), "{method} {scheme}");
    }
    assert_eq!(server.total(), 0);
}

#[test]
fn each_reply_of_a_socks_proxy_but_yes_is_its_failure() {
    let server = support::server();
    for (reply, words) in [
        (1, "general failure"),
        (2, "not allowed by ruleset"),
        (3, "network unreachable"),
        (4, "host unreachable"),
        (5, "connection refused"),
        (6, "ttl expired"),
        (7, "command not supported"),
        (8, "address type not supported"),
        (9, "unknown reply"),
        (255, "unknown reply"),
    ] {
        for scheme in ["socks5h://", "socks5://"] {
            let script = Script { replies: vec![reply], ..Script::default() };
            let socks = Socks::start(http_of(&server), script);
            let resolve = json!({ "resolve": ["somewhere.invalid:8080:192.0.2.1"] });
            let outcome = via(&server, &socks, scheme, resolve, URL);
            assert_eq!(cause(&outcome), format!("proxy: socks: {words}"), "{reply}");
            assert_eq!(socks.asked().len(), 1);
        }
    }
    assert_eq!(server.total(), 0);
}

#[test]
fn a_socks_proxy_may_name_where_it_connects_from_in_every_form() {
    let server = support::server();
    for (bound, words) in [
        (vec![1, 1, 2, 3, 4, 0, 80], None),
        ([&[4; 17][..], &[0, 80]].concat(), None),
        (vec![3, 0, 0, 80], None),
        ([&[3, 255][..], &[b'x'; 255], &[0, 80]].concat(), None),
        (vec![2, 0, 0, 0, 0, 0, 80], Some("proxy: socks: unknown address type")),
    ] {
        let socks = Socks::start(http_of(&server), Script { bound, ..Script::default() });
        let outcome = via(&server, &socks, "socks5h://", json!({}), URL);
        match words {
            None => assert!(outcome.result().is_ok(), "{}", outcome.json()),
            Some(words) => assert_eq!(cause(&outcome), words),
        }
    }
}

#[test]
fn a_socks_proxy_that_closes_after_any_byte_of_its_own_has_failed() {
    let server = support::server();
    // Two bytes for the method, two for the credentials, ten for the reply.
    for bytes in 0..14 {
        let script = Script { method: 2, bytes, ..Script::default() };
        let socks = Socks::start(http_of(&server), script);
        let outcome = via(&server, &socks, "socks5h://user:pass@", json!({}), URL);
        assert_eq!(outcome.result().err(), Some(&Error::ProxyFailed), "{bytes}");
    }
    assert_eq!(server.total(), 0);
}

#[test]
fn what_speaks_no_socks_5_has_failed_as_a_proxy() {
    let server = support::server();
    let missing = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for proxy in [&server.http()["http://".len()..], &server.https()["https://".len()..], &missing]
    {
        let client = client_with(&server, json!({ "proxy": format!("socks5h://{proxy}") }));
        assert_eq!(get_err(&client, URL), Error::ProxyFailed, "{proxy}");
    }
    let nowhere = client_with(&server, json!({ "proxy": "socks5h://proxy.invalid" }));
    assert_eq!(get_err(&nowhere, URL), Error::ProxyFailed);
}

#[test]
fn a_silent_socks_proxy_is_a_timeout_after_the_connect_timeout() {
    let server = support::server();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("socks5h://{}", silent.local_addr().unwrap());
    let client = client_with(&server, json!({ "proxy": proxy, "connect_timeout_ms": 100 }));
    assert_eq!(get_err(&client, URL), Error::Timeout);
}

#[test]
fn a_socks_proxy_is_asked_for_each_address_until_it_reaches_one() {
    let server = support::server();
    let resolve = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]
        .map(|address| format!("somewhere.invalid:8080:{address}"));
    let settings = json!({ "resolve": resolve });
    let script = Script { replies: vec![4, 8, 0], ..Script::default() };
    let socks = Socks::start(http_of(&server), script);
    let outcome = via(&server, &socks, "socks5://", settings.clone(), URL);
    assert!(outcome.result().is_ok(), "{}", outcome.json());
    assert_eq!(socks.asked(), ["192.0.2.1:8080", "192.0.2.2:8080", "192.0.2.3:8080"]);
    // A refusal is final.
    let script = Script { replies: vec![3, 2], ..Script::default() };
    let socks = Socks::start(http_of(&server), script);
    let outcome = via(&server, &socks, "socks5://", settings, URL);
    assert_eq!(cause(&outcome), "proxy: socks: not allowed by ruleset");
    assert_eq!(socks.asked().len(), 2);
}

#[test]
fn the_policy_judges_addresses_that_are_looked_up_here_and_no_others() {
    let server = support::server();
    let settings = json!({
        "allow_private_addresses": false,
        "resolve": ["somewhere.invalid:8080:10.0.0.1"],
    });
    let socks = Socks::start(http_of(&server), Script::default());
    let outcome = via(&server, &socks, "socks5://", settings.clone(), URL);
    assert_eq!(outcome.result().err(), Some(&Error::PrivateAddressNotAllowed));
    assert!(socks.asked().is_empty());
    let outcome = via(&server, &socks, "socks5h://", settings, URL);
    assert!(outcome.result().is_ok(), "{}", outcome.json());
}
