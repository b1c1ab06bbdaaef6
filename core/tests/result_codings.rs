//! docs/contract.md#4-result: bodies with a content coding.

mod support;

use serde_json::{Value, json};
use support::{answer, encoded, result_of, with_body};

/// "hi" in gzip.
const HI: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x04\x03\x01\x02\0\xfd\xffhi\xac*\x93\xd8\x02\0\0\0";

#[test]
fn every_coding_is_decoded_and_content_encoding_reads_identity() {
    let server = support::server();
    let client = support::client(&server);
    let text = "h\u{e9}llo ".repeat(3000);
    let codings =
        ["gzip", "x-gzip", "deflate", "deflate-raw", "br", "zstd", "gzip,br", "zstd,deflate,gzip"];
    for coding in codings {
        for origin in [server.http(), server.https()] {
            let url = format!("{origin}/coded/{coding}?body={}", encoded(&text));
            let outcome = support::get(&client, &url);
            let result = support::json(&outcome);
            assert_eq!(result["data"], text, "{coding}");
            assert_eq!(result["header"]["content-encoding"], "identity", "{coding}");
            assert_eq!(result["header"]["content-length"], Value::Null, "{coding}");
        }
    }
}

#[test]
fn codings_are_matched_without_case_and_whatever_was_asked_for() {
    let server = support::server();
    let client = support::client(&server);
    let url = format!("{}/gzip?body=hi", server.http());
    let options = json!({ "url": url, "header": { "accept-encoding": "identity" } });
    assert_eq!(support::json(&support::request(&client, &options))["data"], "hi");
    for head in [
        "Content-Encoding: GZip\r\n",
        "content-encoding: identity\r\ncontent-encoding: gzip\r\n",
        "content-encoding: , gzip ,\r\n",
    ] {
        let result = result_of(&server, with_body(head, HI));
        assert_eq!(result["data"], "hi", "{head}");
        assert_eq!(result["header"]["content-encoding"], "identity", "{head}");
    }
}

#[test]
fn an_unknown_coding_leaves_headers_and_body_as_they_came() {
    let server = support::server();
    for coding in ["compress", "gzip, sdch", "aes128gcm"] {
        let result =
            result_of(&server, with_body(&format!("content-encoding: {coding}\r\n"), "abc"));
        assert_eq!(result["data"], "abc");
        assert_eq!(result["header"]["content-encoding"], coding);
        assert_eq!(result["header"]["content-length"], "3");
    }
    let result = result_of(&server, with_body("content-encoding: identity\r\n", "abc"));
    assert_eq!(result["header"]["content-length"], "3");
}

#[test]
fn no_encoded_bytes_at_all_are_an_empty_body() {
    let server = support::server();
    for coding in ["gzip", "deflate", "br", "zstd", "br, gzip"] {
        let result = result_of(&server, with_body(&format!("content-encoding: {coding}\r\n"), ""));
        assert_eq!(result["data"], "", "{coding}");
        assert_eq!(result["errMsg"], "request:ok");
    }
}

#[test]
fn fields_keep_their_order_when_a_body_is_decoded() {
    let server = support::server();
    let head = "content-length: 25\r\na: 1\r\nset-cookie: x\r\ncontent-encoding: gzip\r\n\
        b: 2\r\nset-cookie: y\r\nc: 3";
    let wire = [format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes(), HI].concat();
    let outcome = answer(&server, wire);
    let header =
        r#""header":{"a":"1","set-cookie":"x, y","content-encoding":"identity","b":"2","c":"3"}"#;
    assert!(outcome.json().contains(header), "{}", outcome.json());
}
