//! The golden vectors of SPEC sections 1 to 3, compared with the raw request as the server received it.

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::RequestOptions;
use serde::Deserialize;
use serde_json::Value;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/conversion.json");

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    options_json: String,
    bytes_base64: Option<String>,
    expect: Option<Expect>,
    fail: Option<Value>,
}

#[derive(Deserialize)]
struct Expect {
    method: String,
    target: String,
    content_type: String,
    #[serde(default)]
    headers: std::collections::BTreeMap<String, String>,
    body_base64: Option<String>,
}

#[test]
fn every_golden_case_is_sent_to_the_letter_or_not_at_all() {
    let vectors = std::fs::read_to_string(VECTORS).unwrap();
    let vectors: Vectors = serde_json::from_str(&vectors).unwrap();
    assert!(vectors.cases.len() >= 79, "the file lost cases");
    let server = support::server();
    let client = support::client(&server);
    for case in &vectors.cases {
        let name = &case.name;
        let options = case.options_json.replace("{base}", &server.http());
        let bytes =
            case.bytes_base64.as_ref().map(|base64| STANDARD.decode(base64).unwrap().into());
        let sent_before = server.total();
        let outcome = pollster::block_on(client.request(RequestOptions::from_json(options, bytes)));
        let result = support::json(&outcome);
        match (&case.expect, &case.fail) {
            (Some(expect), None) => {
                assert_eq!(result["errMsg"], "request:ok", "{name}: {result}");
                let received = server.received(outcome.trace().as_str()).unwrap();
                assert_eq!(received.method, expect.method, "{name}");
                assert_eq!(received.target, expect.target, "{name}");
                let content_types: Vec<_> = received.header_all("content-type").collect();
                assert_eq!(content_types, [&expect.content_type], "{name}");
                for (header, value) in &expect.headers {
                    assert_eq!(
                        received.header(header).unwrap_or_default(),
                        value,
                        "{name}: {header}"
                    );
                }
                let body = expect.body_base64.clone().unwrap_or_default();
                assert_eq!(STANDARD.encode(&received.body), body, "{name}");
            }
            (None, Some(fail)) => {
                assert_eq!(result["errno"], fail["errno"], "{name}: {result}");
                assert_eq!(server.total(), sent_before, "{name}: something was sent");
            }
            _ => panic!("{name}: expects both or neither"),
        }
    }
}

#[test]
fn the_seed_pages_example_is_the_first_case() {
    let vectors = std::fs::read_to_string(VECTORS).unwrap();
    let vectors: Vectors = serde_json::from_str(&vectors).unwrap();
    assert_eq!(vectors.cases[0].name, "seed example");
}
