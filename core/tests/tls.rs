//! TLS, HTTP/2, name resolution and proxies.

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::{Error, TlsFailure};
use serde_json::json;
use support::{client_with, get_err};

#[test]
fn https_speaks_http2_and_http_speaks_http1() {
    let server = support::server();
    let client = support::client(&server);
    for (origin, version) in [(server.https(), "HTTP/2"), (server.http(), "HTTP/1.1")] {
        let outcome = support::get(&client, &origin);
        assert_eq!(server.received(outcome.trace().as_str()).unwrap().version, version);
    }
}

#[test]
fn a_certificate_of_the_host_apps_own_ca_fits_its_host_name() {
    let server = support::server();
    let port = server.https_port();
    let resolve = [
        format!("api.example.test:{port}:127.0.0.1"),
        format!("www.toutiao.com:443:127.0.0.1:{port}"),
    ];
    let client = client_with(&server, json!({ "resolve": resolve, "system_roots": false }));
    assert_eq!(
        support::get_ok(&client, &format!("https://api.example.test:{port}/x")).status(),
        200
    );
    assert_eq!(support::get_ok(&client, "https://www.toutiao.com/x").status(), 200);
    assert_eq!(support::get_ok(&client, &format!("https://localhost:{port}/x")).status(), 200);
}

#[test]
fn an_override_counts_for_its_own_port_only() {
    let server = support::server();
    let port = server.http_port();
    let other = port ^ 1;
    let client =
        client_with(&server, json!({ "resolve": [format!("one.invalid:{other}:127.0.0.1")] }));
    assert_eq!(get_err(&client, &format!("http://one.invalid:{port}/")), Error::NameNotResolved);
    let client =
        client_with(&server, json!({ "resolve": [format!("ONE.invalid:{port}:127.0.0.1")] }));
    assert_eq!(support::get_ok(&client, &format!("http://one.INVALID:{port}/")).status(), 200);
}

#[test]
fn localhost_and_names_below_it_are_loopback() {
    let server = support::server();
    let client = support::client(&server);
    for host in ["localhost", "a.b.localhost", "LOCALHOST."] {
        let response = support::get_ok(&client, &format!("http://{host}:{}/", server.http_port()));
        assert_eq!(response.status(), 200, "{host}");
    }
}

#[test]
fn a_pinned_key_is_let_through_and_others_of_its_host_are_alternatives() {
    let server = support::server();
    let key = spki_sha256(&server, "127.0.0.1").unwrap();
    let other = STANDARD.encode([7; 32]);
    let pins = json!([
        format!("127.0.0.1=sha256/{other}"),
        format!("127.0.0.1=sha256/{key}"),
        format!("elsewhere.test=sha256/{other}")
    ]);
    let client = client_with(&server, json!({ "pins": pins }));
    assert_eq!(support::get_ok(&client, &server.https()).status(), 200);
}

#[test]
fn a_pin_of_a_pattern_holds_for_all_hosts_below_and_its_alternatives_for_one_of_them() {
    let server = support::server();
    let port = server.https_port();
    let hosts = ["a.test", "b.a.test", "c.b.a.test"];
    let resolve = hosts.map(|host| format!("{host}:{port}:127.0.0.1"));
    let error = |pins: &[String], host: &str| {
        let client = client_with(&server, json!({ "resolve": resolve, "pins": pins }));
        support::get(&client, &format!("https://{host}:{port}/")).into_result().err()
    };
    let mismatch = Some(Error::Tls(TlsFailure::PinMismatch));
    let other = STANDARD.encode([7; 32]);
    let below = [format!("*.a.test=sha256/{other}")];
    let found = hosts.map(|host| error(&below, host));
    assert_eq!(found, [None, mismatch.clone(), mismatch]);
    let key = spki_sha256(&server, "b.a.test").unwrap();
    let both = [below[0].clone(), format!("b.a.test=sha256/{key}")];
    assert_eq!(error(&both, "b.a.test"), None);
}

#[test]
fn a_client_with_other_trust_never_resumes_the_session_of_another() {
    let server = support::server();
    let leaving = format!("{}/echo?goaway=1", server.https());
    support::get_ok(&support::client(&server), &leaving);
    let other = STANDARD.encode([7; 32]);
    let settings = json!({ "pins": [format!("127.0.0.1=sha256/{other}")] });
    let error = get_err(&client_with(&server, settings), &leaving);
    assert_eq!(error, Error::Tls(TlsFailure::PinMismatch));
    let crl = json!({ "crls": [STANDARD.encode(server.crl())] });
    support::get_ok(&client_with(&server, crl), &leaving);
    assert_eq!(server.resumed(), 0);
}

#[test]
fn a_pin_holds_with_and_without_the_dot_at_a_names_end() {
    let server = support::server();
    let port = server.https_port();
    let key = spki_sha256(&server, "pinned.test").unwrap();
    let other = STANDARD.encode([7; 32]);
    for pinned in ["pinned.test", "pinned.test.", "PINNED.Test."] {
        for (key, error) in [(&key, None), (&other, Some(Error::Tls(TlsFailure::PinMismatch)))] {
            let settings = json!({
                "resolve": [format!("pinned.test:{port}:127.0.0.1")],
                "pins": [format!("{pinned}=sha256/{key}")],
            });
            let client = client_with(&server, settings);
            for host in ["pinned.test", "pinned.test.", "Pinned.TEST."] {
                let outcome =
                    support::get(&client, &format!("https://{host}:{port}/?counter=let-through"));
                assert_eq!(outcome.result().err(), error.as_ref(), "{pinned} for {host}");
            }
        }
    }
    assert_eq!(server.count("let-through").total, 9);
}

#[test]
fn a_client_resumes_its_own_tls_sessions_and_no_other_clients() {
    let server = support::server();
    let leaving = format!("{}/echo?goaway=1", server.https());
    let clients = [(); 2].map(|()| support::client(&server));
    let mut resumed = Vec::new();
    for client in [&clients[0], &clients[1], &clients[0], &clients[1]] {
        // Each on a new connection: the one before accepts no more requests.
        support::get_ok(client, &leaving);
        resumed.push(server.resumed());
        support::eventually("it is closed", || server.connections() == 0);
    }
    assert_eq!(resumed, [0, 0, 1, 2]);
}

/// The hash of the server's key, from the certificate that it shows for this name.
fn spki_sha256(
    server: &support::Server,
    name: &'static str,
) -> Result<String, Box<dyn std::error::Error>> {
    use rustls::pki_types::ServerName;
    use std::io::Write as _;
    let mut roots = rustls::RootCertStore::empty();
    let pem = rustls::pki_types::pem::PemObject::from_pem_slice(server.ca_pem().as_bytes());
    roots.add(pem?)?;
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name)?;
    let mut tls = rustls::ClientConnection::new(std::sync::Arc::new(config), name)?;
    let mut tcp = std::net::TcpStream::connect(&server.https()["https://".len()..])?;
    let mut stream = rustls::Stream::new(&mut tls, &mut tcp);
    stream.write_all(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")?;
    let certificate = tls.peer_certificates().ok_or("no certificate")?[0].clone();
    let parsed = rustls::server::ParsedCertificate::try_from(&certificate)?;
    let hash = ring::digest::digest(&ring::digest::SHA256, &parsed.subject_public_key_info());
    Ok(STANDARD.encode(hash))
}

#[test]
fn all_calls_go_through_the_proxy_of_the_host_app() {
    let server = support::server();
    let proxy = server.http();
    let port = server.https_port();
    let client = client_with(&server, json!({ "proxy": proxy }));
    let outcome = support::get(&client, "http://somewhere.invalid/path?q=1");
    assert_eq!(outcome.err_msg(), "request:ok");
    let received = server.received(outcome.trace().as_str()).unwrap();
    assert_eq!(received.target, "http://somewhere.invalid/path?q=1");
    let outcome = support::get(&client, &format!("https://somewhere.invalid:{port}/path"));
    assert_eq!(outcome.err_msg(), "request:ok", "through CONNECT");
    assert_eq!(server.received(outcome.trace().as_str()).unwrap().version, "HTTP/2");
}

#[test]
fn only_the_proxy_gets_the_credentials_of_its_url() {
    let server = support::server();
    let proxy = server.http().replace("http://", "http://user:p%40ss@");
    let client = client_with(&server, json!({ "proxy": proxy }));
    for (url, expected) in
        [("http://somewhere.test/", Some("Basic dXNlcjpwQHNz")), ("https://somewhere.test/", None)]
    {
        let outcome = support::get(&client, url);
        assert!(outcome.result().is_ok(), "{url}: {}", outcome.json());
        let received = server.received(outcome.trace().as_str()).unwrap();
        assert_eq!(received.header("proxy-authorization"), expected, "{url}");
    }
}

#[test]
fn the_environment_names_no_proxy() {
    // Set before any client exists, in a separate process. Nobody listens at this address.
    let exe = std::env::current_exe().unwrap();
    let status = std::process::Command::new(exe)
        .args(["--exact", "https_speaks_http2_and_http_speaks_http1"])
        .envs(
            ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"]
                .map(|name| (name, "http://127.0.0.1:9")),
        )
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
}
