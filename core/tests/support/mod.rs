//! The parts that tests share: a client, its calls and their outcomes.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gadget_request::{
    Client, ClientConfig, Cookie, CookieStorage, Data, Error, Outcome, RequestOptions, Response,
};
pub(crate) use gadget_test_server::Server;
use serde_json::Value;

/// A new server for this test.
pub(crate) fn server() -> Server {
    Server::start().expect("loopback has free ports")
}

/// A client that trusts the server, with further settings as JSON. Its platform is Android, which
/// shows cookies.
pub(crate) fn client_with(server: &Server, mut settings: Value) -> Client {
    let settings_of = settings.as_object_mut().expect("settings are an object");
    settings_of.entry("platform").or_insert("android".into());
    let mut config = ClientConfig::from_json(&settings.to_string()).expect("valid settings");
    config.roots_pem.extend(server.ca_pem().parse().expect("a certificate"));
    Client::new(config)
}

/// A client that trusts the server.
pub(crate) fn client(server: &Server) -> Client {
    client_with(server, serde_json::json!({}))
}

/// The outcome of a call.
pub(crate) fn request(client: &Client, options: &Value) -> Outcome {
    request_text(client, &options.to_string())
}

/// The outcome of a call whose options are this text.
pub(crate) fn request_text(client: &Client, options: &str) -> Outcome {
    pollster::block_on(client.request(RequestOptions::from_json(options.to_owned(), None)))
}

/// The outcome of a plain GET.
pub(crate) fn get(client: &Client, url: &str) -> Outcome {
    pollster::block_on(client.request(RequestOptions::new(url)))
}

/// The response to a plain GET.
pub(crate) fn get_ok(client: &Client, url: &str) -> Response {
    get(client, url).into_result().unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// The error of a plain GET.
pub(crate) fn get_err(client: &Client, url: &str) -> Error {
    match get(client, url).into_result() {
        Ok(response) => panic!("{url}: {} {:?}", response.status(), response.data()),
        Err(error) => error,
    }
}

/// The result object, parsed.
pub(crate) fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(outcome.json())
        .unwrap_or_else(|error| panic!("{error}: {}", outcome.json()))
}

/// Waits until a condition holds, which another thread brings about. Fails after ten seconds.
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..2000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("never came true: {what}");
}

/// Percent-encodes a query value.
pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The URL of the endpoint that sends these bytes in place of a response.
pub(crate) fn raw(server: &Server, bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
    format!("{}/raw?base64={}", server.http(), encoded(&base64))
}

/// A count that has not changed for a while.
pub(crate) fn settled(count: impl Fn() -> usize) -> usize {
    let (mut now, mut unchanged) = (count(), 0);
    while unchanged < 20 {
        std::thread::sleep(Duration::from_millis(20));
        unchanged = if count() == now { unchanged + 1 } else { 0 };
        now = count();
    }
    now
}

/// A connection to a port of 127.0.0.1, as the kernel reports it.
pub(crate) struct Connection {
    pub(crate) is_established: bool,
    /// In bytes.
    pub(crate) unsent: u64,
    pub(crate) has_keepalive: bool,
}

pub(crate) fn connections_to(port: u16) -> Vec<Connection> {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux has it");
    let lines = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let there = lines.filter(|columns| columns[2] == format!("0100007F:{port:04X}"));
    there
        .map(|columns| Connection {
            is_established: columns[3] == "01",
            unsent: u64::from_str_radix(&columns[4][..8], 16).expect("it is a number"),
            has_keepalive: columns[5].starts_with("02:"),
        })
        .collect()
}

/// A cookie that expires later, so a storage keeps it.
pub(crate) fn long_lived(name: &str, value: &str) -> Cookie {
    let mut cookie = Cookie::new(name, value, "example.com");
    cookie.expires = Some(std::time::SystemTime::now() + Duration::from_secs(1000));
    cookie
}

/// The names in a client's jar.
pub(crate) fn names(client: &Client) -> Vec<String> {
    client.cookies().list().into_iter().map(|cookie| cookie.name).collect()
}

/// A keychain: its content, and the number of saves.
#[derive(Clone, Default)]
pub(crate) struct Keychain(pub(crate) Arc<Mutex<(Option<Vec<u8>>, u32)>>);

impl CookieStorage for Keychain {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().expect("no panic under it").0.clone())
    }

    fn save(&self, bytes: &[u8]) -> io::Result<()> {
        let mut kept = self.0.lock().expect("no panic under it");
        *kept = (Some(bytes.to_vec()), kept.1 + 1);
        Ok(())
    }
}

/// The outcome if the server answers with these bytes and closes the connection. The close comes
/// unannounced, so each call has its own client.
pub(crate) fn answer(server: &Server, wire: impl AsRef<[u8]>) -> Outcome {
    let client = client(server);
    let bytes = Data::Bytes(wire.as_ref().to_vec().into());
    let options = RequestOptions::new(format!("{}/raw", server.http())).method("POST").data(bytes);
    pollster::block_on(client.request(options))
}

/// The same, as the result object.
pub(crate) fn result_of(server: &Server, wire: impl AsRef<[u8]>) -> Value {
    json(&answer(server, wire))
}

/// The bytes of a response with these header lines, its length and this body.
pub(crate) fn with_body(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 200 OK\r\n{head}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
