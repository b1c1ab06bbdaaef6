//! docs/contract.md#4-result, errno 110: which hosts and addresses may be reached.
//! `vectors/redirects.json` covers redirects.

mod support;

use std::io;
use std::net::TcpListener;

use gadget_request::{Client, ClientConfig, Error};
use serde_json::{Value, json};
use support::{Server, client_with, get, get_err, get_ok};

/// Spellings of addresses outside the public internet. The first eight lead to the test server.
const PRIVATE: [&str; 81] = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0177.0.0.1",
    "2130706433",
    "[::ffff:127.0.0.1]",
    "localhost",
    "a.LOCALHOST.",
    "127.0.1",
    "127.0.0.1.",
    "127.0x0.0.1",
    "00000177.0.0.1",
    "0X7F000001",
    "017700000001",
    "127.255.255.254",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "localhost.",
    "ｌｏｃａｌｈｏｓｔ",
    "loc%61lhost",
    "0",
    "0.0.0.0",
    "0.1.2.3",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:FFFF:7F00:0001]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::8.8.8.8]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "10.0.0.1",
    "10.1",
    "012.0.0.1",
    "0xa.0.0.1",
    "167772161",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.1",
    "3232235521",
    "0xc0a80001",
    "169.254.169.254",
    "169.254.43518",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "4294967295",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[2001::1]",
    "[100::1]",
    "[3fff::1]",
    "[5f00::1]",
];

/// Spellings that are no host for the URL Standard.
const NO_HOSTS: [&str; 12] = [
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[::1%0]",
    "[127.0.0.1]",
    "[::1",
    "127.0.0.256",
    "127.0.0.0x100",
    "4294967296",
    "0x100000000",
    "1.2.3.4.5",
    "09.0.0.1",
    "127.0.0.1%00",
];

fn without_private(server: &Server, mut settings: Value) -> Client {
    settings["allow_private_addresses"] = false.into();
    client_with(server, settings)
}

#[test]
fn no_spelling_of_a_private_address_is_let_through() {
    let server = support::server();
    let client = without_private(&server, json!({}));
    for host in PRIVATE {
        for url in [
            format!("http://{host}:{}/", server.http_port()),
            format!("https://{host}:{}/", server.https_port()),
            format!("http:\\\\{host}:{}\\", server.http_port()),
        ] {
            assert_eq!(get_err(&client, &url), Error::PrivateAddressNotAllowed, "{url}");
        }
    }
    for host in NO_HOSTS {
        let url = format!("http://{host}:{}/", server.http_port());
        assert_eq!(get_err(&client, &url).errno().code(), 104, "{url}");
    }
    assert_eq!((server.total(), server.connections()), (0, 0));
    let anything = client_with(&server, json!({}));
    for host in &PRIVATE[..8] {
        let url = format!("http://{host}:{}/", server.http_port());
        assert!(get(&anything, &url).result().is_ok(), "{url} leads to the server");
    }
}

#[test]
fn no_redirect_to_a_private_address_is_followed() {
    let server = support::server();
    // A proxy looks names up, so a name of this test has no private address for the engine.
    let client = without_private(&server, json!({ "proxy": server.http() }));
    for host in PRIVATE {
        let location = support::encoded(&format!("http://{host}:{}/", server.http_port()));
        let before = server.total();
        let url = format!("http://public.example/redirect/302?to={location}");
        assert_eq!(get_err(&client, &url), Error::PrivateAddressNotAllowed, "{host}");
        assert_eq!(server.total(), before + 1, "{host}");
    }
}

#[test]
fn a_name_is_judged_by_the_addresses_it_leads_to() {
    let server = support::server();
    let (http, https) = (server.http_port(), server.https_port());
    for address in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "0.0.0.0", "[fd00::1]"]
    {
        let resolve = [
            format!("inside.example:80:{address}:{http}"),
            format!("inside.example:443:{address}:{https}"),
        ];
        let client = without_private(&server, json!({ "resolve": resolve }));
        for url in ["http://inside.example/", "https://INSIDE.example/", "http://inside%2Eexample"]
        {
            assert_eq!(get_err(&client, url), Error::PrivateAddressNotAllowed, "{url} {address}");
        }
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn of_several_addresses_only_the_allowed_ones_are_tried() {
    let server = support::server();
    let other = TcpListener::bind(("127.0.0.2", server.http_port())).unwrap();
    other.set_nonblocking(true).unwrap();
    let resolve = ["two.example:80:127.0.0.2", "two.example:80:127.0.0.1"]
        .map(|entry| format!("{entry}:{}", server.http_port()));
    let settings = json!({ "resolve": resolve, "allowed_private_networks": ["127.0.0.1"] });
    let client = without_private(&server, settings);
    assert_eq!(get_ok(&client, "http://two.example/").status(), 200);
    assert_eq!(other.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn a_connection_opened_under_one_policy_is_not_used_under_another() {
    let server = support::server();
    let lax = client_with(&server, json!({ "app_id": "a" }));
    for origin in [server.http(), server.https()] {
        assert!(get(&lax, &origin).result().is_ok());
        let open = server.connections();
        assert!(open >= 1);
        let strict = without_private(&server, json!({ "app_id": "a" }));
        assert_eq!(get_err(&strict, &origin), Error::PrivateAddressNotAllowed);
        assert_eq!(server.connections(), open);
    }
}

#[test]
fn hosts_are_allowed_by_name_port_and_domain() {
    let server = support::server();
    let port = server.http_port();
    let allowed = |pattern: &str, url: &str| {
        let client = client_with(&server, json!({ "allowed_hosts": [pattern] }));
        match get(&client, url).into_result() {
            Ok(_) | Err(Error::NameNotResolved | Error::ConnectionFailed) => true,
            Err(Error::HostNotAllowed) => false,
            Err(error) => panic!("{pattern} {url}: {error}"),
        }
    };
    for (pattern, url, is_allowed) in [
        ("a.invalid", "http://a.invalid/".to_owned(), true),
        ("A.Invalid", "http://a.INVALID/".to_owned(), true),
        ("a.invalid.", "http://a.invalid/".to_owned(), true),
        ("a.invalid", "http://a.invalid./".to_owned(), true),
        ("a.invalid", "http://b.a.invalid/".to_owned(), false),
        ("a.invalid", "http://xa.invalid/".to_owned(), false),
        ("a.invalid", "http://a.invalid.evil.invalid/".to_owned(), false),
        ("a.invalid", "http://a.invalid:81/".to_owned(), true),
        ("a.invalid:80", "http://a.invalid/".to_owned(), true),
        ("a.invalid:80", "http://a.invalid:81/".to_owned(), false),
        ("a.invalid:443", "http://a.invalid/".to_owned(), false),
        ("*.a.invalid", "http://b.a.invalid/".to_owned(), true),
        ("*.a.invalid", "http://c.b.a.invalid./".to_owned(), true),
        ("*.a.invalid", "http://a.invalid/".to_owned(), false),
        ("*.a.invalid", "http://xa.invalid/".to_owned(), false),
        ("*.a.invalid:81", "http://b.a.invalid:81/".to_owned(), true),
        ("*.a.invalid:81", "http://b.a.invalid/".to_owned(), false),
        ("b\u{fc}cher.invalid", "http://xn--bcher-kva.invalid/".to_owned(), true),
        ("https://a.invalid", "https://a.invalid/".to_owned(), true),
        ("https://a.invalid", "http://a.invalid/".to_owned(), false),
        ("https://*.a.invalid:444", "https://b.a.invalid:444/".to_owned(), true),
        ("https://*.a.invalid:444", "https://b.a.invalid/".to_owned(), false),
        ("127.0.0.1", format!("http://127.0.0.1:{port}/"), true),
        ("127.0.0.1", format!("http://0x7f.1:{port}/"), true),
        ("127.0.0.1", format!("http://localhost:{port}/"), false),
        ("127.0.0.1", format!("http://[::ffff:127.0.0.1]:{port}/"), false),
        ("[::1]", "http://[::1]:9/".to_owned(), true),
        ("[::1]:9", "http://[::1]:9/".to_owned(), true),
        ("[::1]:8", "http://[::1]:9/".to_owned(), false),
    ] {
        assert_eq!(allowed(pattern, &url), is_allowed, "{pattern} {url}");
    }
}

#[test]
fn a_forbidden_url_fails_at_once_and_takes_no_place() {
    let server = support::server();
    let client = client_with(&server, json!({ "allowed_hosts": [], "max_queued": 0 }));
    let outcome = get(&client, &server.http());
    assert_eq!(outcome.result().unwrap_err(), &Error::HostNotAllowed);
    let json = support::json(&outcome);
    assert_eq!((&json["errno"], &json["errString"]), (&json!(110), &json!("API call prohibited")));
    assert_eq!(json["errMsg"], "request:fail host not allowed");
    assert_eq!((client.in_flight(), server.total()), (0, 0));
}

#[test]
fn a_wrong_setting_of_the_policy_is_named() {
    for (settings, message) in [
        (
            json!({ "allowed_hosts": ["http://a.com"] }),
            "allowed_hosts[0]: not HOST or *.HOST, with https:// or :PORT or without",
        ),
        (json!({ "allowed_hosts": ["*"] }), "allowed_hosts[0]: not HOST"),
        (json!({ "allowed_hosts": ["a.com", "*.*.com"] }), "allowed_hosts[1]: not HOST"),
        (json!({ "allowed_hosts": ["*.127.0.0.1"] }), "allowed_hosts[0]: not HOST"),
        (json!({ "allowed_hosts": ["a.com:x"] }), "allowed_hosts[0]: not HOST"),
        (json!({ "allowed_hosts": [""] }), "allowed_hosts[0]: not HOST"),
        (json!({ "allowed_hosts": "a.com" }), "allowed_hosts: invalid type"),
        (json!({ "allow_cleartext": "no" }), "allow_cleartext: invalid type"),
        (json!({ "allow_private_addresses": 0 }), "allow_private_addresses: invalid type"),
        (
            json!({ "allowed_private_networks": ["10.0.0.0/33"] }),
            "allowed_private_networks[0]: not ADDRESS or ADDRESS/BITS",
        ),
        (json!({ "max_redirects": -1 }), "max_redirects: invalid value"),
        (
            json!({ "resolve": ["localhost:80:10.0.0.1"] }),
            "resolve[0]: localhost needs a loopback address",
        ),
        (
            json!({ "app_headers": [{ "hosts": ["a.com"], "headers": { "Cookie": "a" } }] }),
            "app_headers[0].headers: Cookie: must be set in the cookie jar",
        ),
        (
            json!({ "app_headers": [{ "hosts": ["a.com"], "headers": { "host": "a" } }] }),
            "app_headers[0].headers: host: belongs to the connection",
        ),
        (
            json!({ "app_headers": [{ "hosts": ["a.com"], "headers": { "a b": "a" } }] }),
            "app_headers[0].headers: a name is not an HTTP token",
        ),
        (
            json!({ "app_headers": [{ "hosts": ["a.com"], "headers": { "a": "\n x" } }] }),
            "app_headers[0].headers: a: not a header value",
        ),
        (
            json!({ "app_headers": [{ "hosts": ["a.com"], "headers": { "A": "1", "a": "2" } }] }),
            "app_headers[0].headers: a: set twice",
        ),
        (
            json!({ "app_headers": [{ "hosts": ["a.com"], "headers": "s3cr3t" }] }),
            "app_headers[0].headers: invalid type: string, expected a map",
        ),
        (
            json!({ "app_headers": "s3cr3t" }),
            "app_headers: invalid type: string, expected a sequence",
        ),
        (json!({ "allowed_hosts": ["a.com:+80"] }), "allowed_hosts[0]: not HOST"),
        (json!({ "allowed_hosts": ["a.com:0"] }), "allowed_hosts[0]: not HOST"),
        (
            json!({ "app_headers": [{ "hosts": ["a.com"] }] }),
            "app_headers[0]: missing field `headers`",
        ),
    ] {
        let error = ClientConfig::from_json(&settings.to_string()).unwrap_err().to_string();
        assert!(error.starts_with(message), "{settings}\n{error}");
    }
}

#[test]
fn the_headers_of_the_app_are_not_printed_with_its_settings() {
    let settings = r#"{"app_headers":[{"hosts":["a.com"],"headers":{"x-token":"s3cr3t"}}]}"#;
    let config = ClientConfig::from_json(settings).unwrap();
    let printed = format!("{config:?}");
    assert!(printed.contains("x-token") && !printed.contains("s3cr3t"), "{printed}");
}
