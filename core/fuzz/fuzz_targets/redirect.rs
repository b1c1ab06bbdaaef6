//! Locations of a hostile server, over a real connection: an outcome comes, and nothing is sent to
//! a host that the host app does not allow.

#![no_main]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use gadget_request::{Client, ClientConfig, Error, RequestOptions};
use gadget_request_fuzz::serve;
use libfuzzer_sys::fuzz_target;

static LOCATION: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static REQUESTS: AtomicU32 = AtomicU32::new(0);

/// Redirects a request for `/start` to `LOCATION`, and answers any other with 200.
static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| {
    serve(|request| {
        REQUESTS.fetch_add(1, Ordering::SeqCst);
        let mut answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n".to_vec();
        if request.starts_with(b"GET /start ") {
            answer = b"HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: ".to_vec();
            answer.extend_from_slice(&LOCATION.lock().unwrap_or_else(PoisonError::into_inner));
            answer.extend_from_slice(b"\r\n");
        }
        answer.extend_from_slice(b"content-length: 0\r\n\r\n");
        answer
    })
});

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let document = format!(r#"{{"allowed_hosts": ["{}"], "timeout_ms": 2000}}"#, *SERVER);
    Client::new(ClientConfig::from_json(&document).expect("a valid document"))
});

fuzz_target!(|input: &[u8]| {
    let mut location = input.to_vec();
    location.retain(|byte| !byte.is_ascii_control() || *byte == b'\t');
    let is_start = location.windows(6).any(|six| six.eq_ignore_ascii_case(b"/start"));
    *LOCATION.lock().unwrap_or_else(PoisonError::into_inner) = location;
    let before = REQUESTS.load(Ordering::SeqCst);
    let outcome = pollster::block_on(
        CLIENT.request(RequestOptions::new(format!("http://{}/start", *SERVER))),
    );
    let requests = REQUESTS.load(Ordering::SeqCst) - before;
    match outcome.into_result() {
        Ok(response) => assert!(response.status() == 200 && requests == 2, "{requests}"),
        Err(Error::BadRedirect | Error::HostNotAllowed) => assert_eq!(requests, 1),
        Err(Error::TooManyRedirects) => assert!(requests == 21),
        // Another scheme at the same port, or a URL that HTTP's grammar does not allow.
        Err(Error::Tls(_) | Error::RefusedByNetworkStack | Error::Timeout) => {}
        Err(error) => panic!("{error} {is_start}"),
    }
});
