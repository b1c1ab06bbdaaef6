//! Head and body of a hostile server, over a real connection: an outcome comes, and it is JSON.

#![no_main]

use std::net::SocketAddr;
use std::sync::{LazyLock, Mutex, PoisonError};

use gadget_request::{Client, ClientConfig, Errno, RequestOptions, ResponseType};
use gadget_request_fuzz::serve;
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Answers every connection with `ANSWER`.
static SERVER: LazyLock<SocketAddr> =
    LazyLock::new(|| serve(|_| ANSWER.lock().unwrap_or_else(PoisonError::into_inner).clone()));

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let document = r#"{"max_body_bytes": 200000, "max_head_bytes": 20000, "max_head_fields": 50}"#;
    Client::new(ClientConfig::from_json(document).expect("a valid document"))
});

fuzz_target!(|input: &[u8]| {
    let [flags, answer @ ..] = input else { return };
    *ANSWER.lock().unwrap_or_else(PoisonError::into_inner) = answer.to_vec();
    let mut options = RequestOptions::new(format!("http://{}/", *SERVER));
    if flags & 1 != 0 {
        options = options.response_type(ResponseType::ArrayBuffer);
    }
    if flags & 2 != 0 {
        options = options.data_type("text");
    }
    if flags & 4 != 0 {
        options = options.method("HEAD");
    }
    let outcome = pollster::block_on(CLIENT.request(options));
    let result: Result<&RawValue, _> = serde_json::from_str(outcome.json());
    result.expect("the result object is JSON");
    match outcome.result() {
        Ok(response) => {
            assert!(response.body().len() <= 200_000);
            assert!(response.headers().count() <= 50);
            let _ = (response.text(), response.cookies().count());
        }
        // 102 would be a caught panic.
        Err(error) => assert_eq!(error.errno(), Errno::NETWORK_FAILURE, "{error}"),
    }
});
