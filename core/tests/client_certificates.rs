//! Servers that ask who the client is.

#[path = "support/pki.rs"]
mod pki;

use std::net::SocketAddr;
use std::sync::Arc;

use gadget_request::{Client, ClientConfig, Error, Outcome, RequestOptions, TlsFailure};
use pki::{Ca, Ending, Identity, key, leaf, root, serve, serve_by};
use rcgen::{ExtendedKeyUsagePurpose, KeyPair};
use rustls::SupportedProtocolVersion;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const VERSIONS: [&[&SupportedProtocolVersion]; 2] = [&[&TLS12], &[&TLS13]];

/// The CA of the servers and the CA of the clients.
struct Cas {
    servers: Ca,
    clients: Ca,
}

impl Cas {
    fn new() -> Self {
        Self { servers: root("servers"), clients: root("clients") }
    }

    fn server(&self) -> Identity {
        Identity::new(&leaf(&["a.test", "b.test"]), &key(), &self.servers)
    }

    /// A server that answers only clients with a certificate.
    fn strict(&self, versions: &[&'static SupportedProtocolVersion], protocol: &str) -> SocketAddr {
        let mut config = self.server().server(versions, Some(&self.clients));
        if !protocol.is_empty() {
            config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        }
        serve(config, OK.to_vec(), Ending::CloseNotify)
    }

    fn certificate(&self, key: &KeyPair) -> String {
        certificate_by(&self.clients, key)
    }

    fn client(&self, server: SocketAddr, certificates: Value) -> Client {
        let resolve = ["a.test", "b.test"].map(|host| format!("{host}:443:{server}"));
        let settings = json!({
            "roots_pem": self.servers.pem(),
            "system_roots": false,
            "resolve": resolve,
            "client_certificates": certificates,
        });
        Client::new(ClientConfig::from_json(&settings.to_string()).expect("valid settings"))
    }
}

fn certificate_by(ca: &Ca, key: &KeyPair) -> String {
    let mut params = leaf(&["client.test"]);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.signed_by(key, ca).expect("a certificate").pem()
}

fn get(client: &Client, host: &str) -> Outcome {
    let options = RequestOptions::new(format!("https://{host}/"));
    pollster::block_on(client.request(options))
}

fn handshake_failed() -> Error {
    Error::Tls(TlsFailure::HandshakeFailed)
}

#[test]
fn a_server_that_asks_gets_the_certificate_of_its_host_with_a_key_in_each_form() {
    let cas = Cas::new();
    let ec = include_str!("certificates/client-ec.pkcs8.pem");
    let rsa = include_str!("certificates/client-rsa.pkcs8.pem");
    for (form, key_pem, same_key) in [
        ("PKCS #8, EC", ec, ec),
        ("SEC 1", include_str!("certificates/client-ec.sec1.pem"), ec),
        ("PKCS #8, RSA", rsa, rsa),
        ("PKCS #1", include_str!("certificates/client-rsa.pkcs1.pem"), rsa),
    ] {
        let certificate = cas.certificate(&KeyPair::from_pem(same_key).unwrap());
        for versions in VERSIONS {
            let entry = json!([{
                "hosts": ["https://a.test"], "certificate_pem": certificate, "key_pem": key_pem,
            }]);
            let client = cas.client(cas.strict(versions, ""), entry);
            let outcome = get(&client, "a.test");
            assert_eq!(outcome.err_msg(), "request:ok", "{form} {:?}", outcome.cause());
            let other = get(&client, "b.test");
            assert_eq!(other.result().err(), Some(&handshake_failed()), "{form}");
        }
    }
}

#[test]
fn a_certificate_that_a_server_asks_for_and_does_not_get_is_a_failed_handshake() {
    let cas = Cas::new();
    for versions in VERSIONS {
        for protocol in ["", "http/1.1", "h2"] {
            let server = cas.strict(versions, protocol);
            // The refusal arrives at any moment of the request.
            for _ in 0..20 {
                let outcome = get(&cas.client(server, json!([])), "a.test");
                let shown = format!("{versions:?} {protocol} {:?}", outcome.cause());
                assert_eq!(outcome.result().err(), Some(&handshake_failed()), "{shown}");
                let cause = outcome.cause().unwrap().to_string();
                assert!(cause.starts_with("tls: received alert: "), "{shown}");
            }
        }
    }
}

#[test]
fn a_certificate_that_a_server_does_not_take_is_a_failed_handshake() {
    let cas = Cas::new();
    let key = key();
    let entry = json!([{
        "hosts": ["a.test"],
        "certificate_pem": certificate_by(&root("another CA"), &key),
        "key_pem": key.serialize_pem(),
    }]);
    for versions in VERSIONS {
        for protocol in ["", "h2"] {
            let client = cas.client(cas.strict(versions, protocol), entry.clone());
            let outcome = get(&client, "a.test");
            assert_eq!(outcome.result().err(), Some(&handshake_failed()), "{protocol}");
        }
    }
}

#[test]
fn a_server_that_only_offers_to_ask_is_answered_with_and_without_a_certificate() {
    let cas = Cas::new();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(cas.clients.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let verifier = verifier.allow_unauthenticated().build().unwrap();
    let identity = cas.server();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain, identity.key)
        .unwrap();
    let answer = |is_known| {
        let body = if is_known { "known" } else { "a guest" };
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
    };
    let server = serve_by(config, answer, Ending::CloseNotify);
    let key = key();
    let entry = |hosts: &str| {
        json!({
            "hosts": [hosts],
            "certificate_pem": cas.certificate(&key),
            "key_pem": key.serialize_pem(),
        })
    };
    let client = cas.client(server, json!([entry("a.test"), entry("*.elsewhere.test")]));
    for (host, expected) in [("a.test", "known"), ("b.test", "a guest"), ("a.test", "known")] {
        let outcome = get(&client, host);
        let text = outcome.result().map(|it| it.text().to_string());
        assert_eq!(text, Ok(expected.to_owned()));
    }
}

#[test]
fn of_two_certificates_for_a_host_the_later_is_shown() {
    let cas = Cas::new();
    let key = key();
    let entry = |certificate: String| {
        json!({
            "hosts": ["a.test"], "certificate_pem": certificate, "key_pem": key.serialize_pem(),
        })
    };
    let (known, unknown) = (cas.certificate(&key), certificate_by(&root("another CA"), &key));
    let server = cas.strict(&[&TLS13], "");
    let client = cas.client(server, json!([entry(unknown.clone()), entry(known.clone())]));
    assert_eq!(get(&client, "a.test").err_msg(), "request:ok");
    let client = cas.client(server, json!([entry(known), entry(unknown)]));
    assert_eq!(get(&client, "a.test").result().err(), Some(&handshake_failed()));
}

#[test]
fn a_certificate_without_its_key_is_a_wrong_setting_whose_message_has_no_key() {
    let cas = Cas::new();
    let ours = KeyPair::from_pem(include_str!("certificates/client-ec.pkcs8.pem")).unwrap();
    let certificate = cas.certificate(&ours);
    let encrypted = include_str!("certificates/client-ec.encrypted.pem");
    let (key_pem, other) = (ours.serialize_pem(), key().serialize_pem());
    for (certificate, key, message) in [
        ("", &key_pem[..], "certificate_pem: no certificate"),
        (&key_pem, &key_pem, "certificate_pem: no certificate"),
        ("-----BEGIN CERTIFICATE-----\n", &key_pem, "certificate_pem: no certificate"),
        (&certificate, "", "key_pem: no private key"),
        (&certificate, &certificate, "key_pem: no private key"),
        (&certificate, encrypted, "key_pem: no private key"),
        (&certificate, &other, "key_pem: not the key of the certificate"),
        (
            &certificate,
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "key_pem: a key of an unknown kind",
        ),
    ] {
        let entry = json!({ "hosts": ["a.test"], "certificate_pem": certificate, "key_pem": key });
        let settings = json!({ "client_certificates": [entry] }).to_string();
        let error = ClientConfig::from_json(&settings).unwrap_err().to_string();
        assert!(error.starts_with(&format!("client_certificates[0]: {message}")), "{error}");
    }
    let settings = json!({ "client_certificates": [{ "hosts": [], "key_pem": 1234567 }] });
    let error = ClientConfig::from_json(&settings.to_string()).unwrap_err().to_string();
    assert!(error.contains("invalid type") && !error.contains("1234567"), "{error}");
    let entry = json!({
        "hosts": ["a.test"], "certificate_pem": certificate, "key_pem": key_pem,
    });
    let settings = json!({ "client_certificates": [entry] }).to_string();
    let shown = format!("{:?}", ClientConfig::from_json(&settings).unwrap());
    assert!(shown.contains("ClientCertificate { hosts: ["), "{shown}");
    assert!(shown.ends_with(" }], .. }] }"), "nothing but the hosts: {shown}");
}
