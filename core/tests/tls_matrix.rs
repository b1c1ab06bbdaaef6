//! One server for each way in which TLS succeeds or fails, and what the call says.

#[path = "support/pki.rs"]
mod pki;

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::{Client, ClientConfig, RequestOptions};
use pki::{
    Ca, Ending, Identity, below, ca_params, crl, key, leaf, root, serve, serve_at, serve_raw,
};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, CustomExtension, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, NameConstraints, date_time_ymd,
};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const YES: &str = "ok";

/// What the calls to servers say: one line for each case that differs from what it should say.
struct Matrix {
    cases: u32,
    wrong: Vec<String>,
}

impl Matrix {
    fn new() -> Self {
        Self { cases: 0, wrong: Vec::new() }
    }

    /// Adds a case: the client's settings, the host in its URL, and the server.
    fn add(&mut self, name: &str, expected: &str, host: &str, server: SocketAddr, settings: Value) {
        self.cases += 1;
        let mut settings = settings;
        settings["system_roots"] = false.into();
        settings["connect_timeout_ms"] = 5000.into();
        let port = server.port();
        if host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[') {
            let host = host.trim_end_matches('.');
            settings["resolve"] = json!([format!("{host}:{port}:127.0.0.1")]);
        }
        let config = ClientConfig::from_json(&settings.to_string()).expect(name);
        let client = Client::new(config);
        let url = format!("https://{host}:{port}/");
        let outcome = pollster::block_on(client.request(RequestOptions::new(url)));
        let said = match outcome.result() {
            Ok(response) if response.text() == "ok" => YES.to_owned(),
            Ok(response) => format!("another body: {}", response.text()),
            Err(error) => error.detail().to_string(),
        };
        if said != expected {
            let cause = outcome.cause().map(ToString::to_string);
            self.wrong.push(format!("{name}: {said} ({cause:?}), not {expected}"));
        }
    }

    /// Fails if a case was wrong, or if there are fewer than so many.
    fn check(self, cases: u32) {
        assert_eq!(self.wrong, [""; 0], "{} of {}", self.wrong.len(), self.cases);
        assert_eq!(self.cases, cases);
    }
}

fn trusting(ca: &Ca) -> Value {
    json!({ "roots_pem": ca.pem() })
}

fn shown(identity: Identity) -> SocketAddr {
    serve(identity.server(BOTH, None), OK.to_vec(), Ending::CloseNotify)
}

/// A certificate for `a.test` by the CA, after a change.
fn changed(ca: &Ca, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let mut params = leaf(&["a.test"]);
    change(&mut params);
    Identity::new(&params, &key(), ca)
}

#[test]
fn a_certificate_is_for_the_names_and_addresses_in_it_only() {
    let mut matrix = Matrix::new();
    let ca = root("names");
    let wrong = "tls: wrong host";
    for (names, host, expected) in [
        (&["a.test"][..], "a.test", YES),
        (&["A.Test"], "a.test", YES),
        (&["a.test"], "a.test.", YES),
        (&["other.test", "a.test"], "a.test", YES),
        (&["other.test"], "a.test", wrong),
        (&["a.test"], "b.a.test", wrong),
        (&["*.a.test"], "b.a.test", YES),
        (&["*.a.test"], "a.test", wrong),
        (&["*.a.test"], "c.b.a.test", wrong),
        (&["xn--bcher-kva.test"], "xn--bcher-kva.test", YES),
        (&["127.0.0.1"], "127.0.0.1", YES),
        (&["127.0.0.2"], "127.0.0.1", wrong),
        (&["::1"], "127.0.0.1", wrong),
        (&["a.test"], "127.0.0.1", wrong),
        (&["127.0.0.1"], "a.test", wrong),
    ] {
        let server = shown(Identity::new(&leaf(names), &key(), &ca));
        matrix.add(&format!("{names:?} for {host}"), expected, host, server, trusting(&ca));
    }
    for (names, host, expected) in [
        (&["::1"][..], "[::1]", YES),
        (&["a.test", "::1"], "[::1]", YES),
        (&["0:0:0:0:0:0:0:1"], "[0::0:1]", YES),
        (&["::2"], "[::1]", wrong),
        (&["127.0.0.1"], "[::1]", wrong),
        (&["a.test"], "[::1]", wrong),
    ] {
        let config = Identity::new(&leaf(names), &key(), &ca).server(BOTH, None);
        let server = serve_at("[::1]:0", config, |_| OK.to_vec(), Ending::CloseNotify);
        matrix.add(&format!("{names:?} for {host}"), expected, host, server, trusting(&ca));
    }
    let mut only_common_name = leaf(&[]);
    only_common_name.distinguished_name.push(DnType::CommonName, "a.test");
    let server = shown(Identity::new(&only_common_name, &key(), &ca));
    matrix.add("only a common name", wrong, "a.test", server, trusting(&ca));
    matrix.check(22);
}

#[test]
fn a_certificate_needs_a_valid_chain_to_a_trusted_root() {
    let mut matrix = Matrix::new();
    let (ca, other) = (root("chains"), root("nobody trusts this"));
    let (bad, unknown) = ("tls: bad certificate", "tls: unknown issuer");
    let mut add = |name: &str, expected: &str, identity: Identity| {
        matrix.add(name, expected, "a.test", shown(identity), trusting(&ca));
    };
    let intermediate = below(&ca, ca_params("intermediate"));
    let under = |issuer: &Ca| changed(issuer, |_| {});
    add("through an intermediate", YES, under(&intermediate).with(&intermediate));
    add("with its root", YES, under(&intermediate).with(&intermediate).with(&ca));
    add("with another CA beside it", YES, under(&intermediate).with(&other).with(&intermediate));
    add("without its intermediate", unknown, under(&intermediate));
    add("by an unknown CA", unknown, under(&other));
    add("by an unknown CA, which is shown", unknown, under(&other).with(&other));
    add("by a CA with a trusted name and another key", bad, under(&root("chains")));
    add("self-signed", unknown, Identity::self_signed(&leaf(&["a.test"]), &key()));

    let with = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = ca_params("changed intermediate");
        change(&mut params);
        let intermediate = below(&ca, params);
        under(&intermediate).with(&intermediate)
    };
    let expired = "tls: certificate expired";
    add("expired intermediate", expired, with(&|it| it.not_after = date_time_ymd(2021, 1, 1)));
    let early = "tls: certificate not yet valid";
    add("early intermediate", early, with(&|it| it.not_before = date_time_ymd(2110, 1, 1)));
    let not_ca = with(&|it| it.is_ca = IsCa::ExplicitNoCa);
    add("an intermediate that is no CA", bad, not_ca);
    let mut short = ca_params("short");
    short.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let short = below(&ca, short);
    let deeper = below(&short, ca_params("deeper"));
    add("a longer path than a CA allows", bad, under(&deeper).with(&deeper).with(&short));

    let subtrees = |permitted: &[&str], excluded: &[&str]| {
        let names = |names: &[&str]| {
            names.iter().map(|name| GeneralSubtree::DnsName(name.to_string())).collect()
        };
        Some(NameConstraints {
            permitted_subtrees: names(permitted),
            excluded_subtrees: names(excluded),
        })
    };
    add("a permitted name", YES, with(&|it| it.name_constraints = subtrees(&["test"], &[])));
    add("another name", bad, with(&|it| it.name_constraints = subtrees(&["example"], &[])));
    add("an excluded name", bad, with(&|it| it.name_constraints = subtrees(&[], &["a.test"])));
    let addresses_only = |it: &mut CertificateParams| {
        let subtree = GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([10, 0, 0, 0], 8));
        it.name_constraints =
            Some(NameConstraints { permitted_subtrees: vec![subtree], excluded_subtrees: vec![] });
    };
    add("a constraint of addresses", YES, with(&addresses_only));
    matrix.check(16);
}

#[test]
fn a_certificate_is_valid_now_and_for_servers() {
    let mut matrix = Matrix::new();
    let ca = root("leaves");
    let bad = "tls: bad certificate";
    let mut add = |name: &str, expected: &str, identity: Identity| {
        matrix.add(name, expected, "a.test", shown(identity), trusting(&ca));
    };
    let with = |change: fn(&mut CertificateParams)| changed(&ca, change);
    add("valid", YES, with(|_| {}));
    let expired = "tls: certificate expired";
    add("expired", expired, with(|it| it.not_after = date_time_ymd(2021, 1, 1)));
    let early = "tls: certificate not yet valid";
    add("early", early, with(|it| it.not_before = date_time_ymd(2110, 1, 1)));
    let for_servers = vec![ExtendedKeyUsagePurpose::ServerAuth];
    add("for servers", YES, changed(&ca, |it| it.extended_key_usages = for_servers));
    let both = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    add("for clients and servers", YES, changed(&ca, |it| it.extended_key_usages = both));
    let for_clients = vec![ExtendedKeyUsagePurpose::ClientAuth];
    add("for clients", bad, changed(&ca, |it| it.extended_key_usages = for_clients));
    let for_code = vec![ExtendedKeyUsagePurpose::CodeSigning];
    add("for code", bad, changed(&ca, |it| it.extended_key_usages = for_code));
    let a_ca = with(|it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    add("of a CA", bad, a_ca);
    let unknown_extension = |is_critical| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(is_critical);
        changed(&ca, |it| it.custom_extensions = vec![extension])
    };
    add("with an unknown extension", YES, unknown_extension(false));
    add("with an unknown critical extension", bad, unknown_extension(true));
    add("of another key", bad, {
        let certificate = with(|_| {}).chain.remove(0);
        Identity::of(certificate, &key())
    });
    for (name, algorithm) in
        [("P-384", &rcgen::PKCS_ECDSA_P384_SHA384), ("Ed25519", &rcgen::PKCS_ED25519)]
    {
        let key = KeyPair::generate_for(algorithm).expect("a key");
        add(name, YES, Identity::new(&leaf(&["a.test"]), &key, &ca));
    }
    let fixtures = json!({ "roots_pem": include_str!("certificates/ca.pem") });
    for (name, pem, expected) in [
        ("RSA 2048", include_str!("certificates/rsa.pem"), YES),
        ("SHA-1", include_str!("certificates/sha1.pem"), bad),
        ("RSA 1024", include_str!("certificates/weak-rsa.pem"), bad),
    ] {
        let server = shown(Identity::from_pem(pem));
        matrix.add(name, expected, "a.test", server, fixtures.clone());
    }
    matrix.check(16);
}

#[test]
fn a_revoked_certificate_is_refused_if_a_list_of_its_issuer_has_it() {
    let mut matrix = Matrix::new();
    let (ca, other) = (root("lists"), root("other lists"));
    let mut params = ca_params("lists below");
    params.serial_number = Some(7.into());
    let intermediate = below(&ca, params);
    let of_ca = |serials: &[u64]| STANDARD.encode(crl(&ca, serials, 2110));
    let below = |serials: &[u64]| STANDARD.encode(crl(&intermediate, serials, 2110));
    let by_ca = || changed(&ca, |it| it.serial_number = Some(13.into()));
    let by_both = || {
        let leaf = changed(&intermediate, |it| it.serial_number = Some(13.into()));
        leaf.with(&intermediate)
    };
    let pem = |der: &str| format!("-----BEGIN X509 CRL-----\n{der}\n-----END X509 CRL-----\n");
    let revoked = "tls: revoked";
    let forged = crl(&root("lists"), &[13], 2110);
    for (name, lists, identity, expected) in [
        ("in no list", vec![], by_ca(), YES),
        ("in its issuer's list", vec![of_ca(&[1, 13])], by_ca(), revoked),
        ("in PEM", vec![pem(&of_ca(&[13]))], by_ca(), revoked),
        ("second list of PEM", vec![pem(&below(&[])) + &pem(&of_ca(&[13]))], by_ca(), revoked),
        ("second list", vec![below(&[]), of_ca(&[13])], by_ca(), revoked),
        ("not in its issuer's list", vec![of_ca(&[12])], by_ca(), YES),
        ("an old list", vec![STANDARD.encode(crl(&ca, &[13], 2022))], by_ca(), revoked),
        ("in another issuer's", vec![STANDARD.encode(crl(&other, &[13], 2110))], by_ca(), YES),
        ("a forged list", vec![STANDARD.encode(forged)], by_ca(), "tls: bad certificate"),
        ("below an intermediate", vec![below(&[13])], by_both(), revoked),
        ("its intermediate", vec![of_ca(&[7])], by_both(), revoked),
        ("another of the root", vec![of_ca(&[13])], by_both(), YES),
    ] {
        let mut settings = trusting(&ca);
        settings["crls"] = lists.into();
        matrix.add(name, expected, "a.test", shown(identity), settings);
    }
    matrix.check(12);
}

#[test]
fn a_handshake_needs_tls_1_2_or_1_3_and_a_common_protocol() {
    let mut matrix = Matrix::new();
    let ca = root("versions");
    let failed = "tls: handshake failed";
    for (name, versions) in [("TLS 1.2", &[&TLS12][..]), ("TLS 1.3", &[&TLS13])] {
        let config = changed(&ca, |_| {}).server(versions, None);
        let server = serve(config, OK.to_vec(), Ending::CloseNotify);
        matrix.add(name, YES, "a.test", server, trusting(&ca));
    }
    let speaking: [(_, &[&[u8]], _); 4] = [
        ("no protocol", &[], YES),
        ("http/1.1", &[b"http/1.1"], YES),
        ("others and http/1.1", &[b"spdy/3", b"http/1.1"], YES),
        ("others", &[b"spdy/3", b"imap"], failed),
    ];
    for (name, protocols, expected) in speaking {
        let mut config = changed(&ca, |_| {}).server(BOTH, None);
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        let server = serve(config, OK.to_vec(), Ending::CloseNotify);
        matrix.add(name, expected, "a.test", server, trusting(&ca));
    }
    let answers: [(_, &[u8]); 10] = [
        // A ServerHello of an old version: 32 bytes of random, no session, a cipher suite of then.
        ("TLS 1.1", &hello(2)),
        ("TLS 1.0", &hello(1)),
        ("SSL 3", &hello(0)),
        ("alert protocol_version", b"\x15\x03\x01\x00\x02\x02\x46"),
        ("alert handshake_failure", b"\x15\x03\x03\x00\x02\x02\x28"),
        ("alert unrecognized_name", b"\x15\x03\x03\x00\x02\x02\x70"),
        ("HTTP", b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
        ("half a record", b"\x16\x03\x03\x00\x50\x02"),
        ("an empty record", b"\x16\x03\x03\x00\x00"),
        ("nothing", b""),
    ];
    for (name, answer) in answers {
        let server = serve_raw(answer.to_vec().leak());
        matrix.add(name, failed, "a.test", server, trusting(&ca));
    }
    matrix.check(16);
}

const fn hello(minor: u8) -> [u8; 47] {
    let mut record = [7; 47];
    let start = [0x16, 3, minor, 0, 42, 2, 0, 0, 38, 3, minor];
    let mut index = 0;
    while index < start.len() {
        record[index] = start[index];
        index += 1;
    }
    (record[43], record[44], record[45], record[46]) = (0, 0, 0x2f, 0);
    record
}

#[test]
fn a_body_is_whole_only_if_its_framing_or_tls_says_so() {
    let mut matrix = Matrix::new();
    let ca = root("endings");
    let cut = "body cut short";
    for (name, answer, abrupt) in [
        ("a length", &b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"[..], YES),
        (
            "chunks",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            YES,
        ),
        ("the connection", b"HTTP/1.1 200 OK\r\n\r\nok", cut),
    ] {
        for (ending, expected) in [(Ending::CloseNotify, YES), (Ending::Abrupt, abrupt)] {
            let server = serve(changed(&ca, |_| {}).server(BOTH, None), answer.to_vec(), ending);
            matrix.add(name, expected, "a.test", server, trusting(&ca));
        }
    }
    for (name, answer, expected) in [
        ("half a length", &b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok"[..], cut),
        (
            "half the chunks",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
            cut,
        ),
        ("half a head", b"HTTP/1.1 200 OK\r\ncontent-le", "connection failed"),
        ("no head", b"", "connection failed"),
    ] {
        for ending in [Ending::CloseNotify, Ending::Abrupt] {
            let server = serve(changed(&ca, |_| {}).server(BOTH, None), answer.to_vec(), ending);
            matrix.add(name, expected, "a.test", server, trusting(&ca));
        }
    }
    matrix.check(14);
}
