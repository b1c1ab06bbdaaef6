//! Options JSON of a hostile mini program: it is accepted, or refused with a 104 that shows nothing
//! of it.

#![no_main]

use std::sync::LazyLock;

use gadget_request::{ClientConfig, Errno, Request, RequestOptions};
use libfuzzer_sys::fuzz_target;

static CONFIG: LazyLock<ClientConfig> = LazyLock::new(|| {
    let document = r#"{"extra_methods":["PATCH","OPTIONS"]}"#;
    ClientConfig::from_json(document).expect("a valid document")
});

fuzz_target!(|input: &[u8]| {
    // 0xFF never occurs in UTF-8, so it separates the ArrayBuffer.
    let mut parts = input.splitn(2, |byte| *byte == 0xff);
    let text = parts.next().unwrap_or_default().to_vec();
    let bytes = parts.next().map(|bytes| bytes.to_vec().into());
    match Request::check(RequestOptions::from_json(text, bytes), &CONFIG) {
        Ok(request) => {
            assert!(request.url().starts_with("http"));
            assert!(
                request.url().is_ascii() && !request.url().contains([' ', '#', '\n', '\r', '\t'])
            );
            assert!(request.timeout().as_millis() >= 1);
        }
        Err(error) => {
            // 307 is for a URL that the network stack does not take.
            if error.errno() != Errno::NETWORK_SDK_PARAMETER {
                assert_eq!(error.errno(), Errno::INVALID_PARAMETER);
                assert!(error.to_string().starts_with("invalid "));
            }
        }
    }
});
