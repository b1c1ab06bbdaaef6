//! docs/contract.md#4-result, "Coding": which bytes after a head are its body, and which are
//! decoded.

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::Error;
use serde_json::{Value, json};
use support::{Server, client, get_err, raw};

/// "hi" in gzip.
const HI: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x04\x03\x01\x02\0\xfd\xffhi\xac*\x93\xd8\x02\0\0\0";

fn with_body(head: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn result_of(server: &Server, wire: &[u8]) -> Value {
    support::json(&support::get(&client(server), &raw(server, wire)))
}

#[test]
fn a_part_of_a_body_is_never_decoded() {
    let server = support::server();
    let head = "206 Partial Content\r\ncontent-encoding: gzip\r\ncontent-range: bytes 0-24/25";
    let options =
        json!({ "url": raw(&server, with_body(head, HI)), "responseType": "arraybuffer" });
    let outcome = support::request(&client(&server), &options);
    let result = support::json(&outcome);
    assert_eq!(outcome.array_buffer().map(|bytes| &bytes[..]), Some(HI));
    assert_eq!(result["header"]["content-encoding"], "gzip");
    assert_eq!(result["header"]["content-length"], "25");
    // Not even if there are more codings than the engine decodes.
    let many = "206 Partial Content\r\ncontent-encoding: gzip,gzip,gzip,gzip,gzip,gzip";
    assert_eq!(result_of(&server, &with_body(many, b"abc"))["data"], "abc");
}

#[test]
fn head_204_205_and_304_have_no_body_over_any_version_of_http() {
    let server = support::server();
    for origin in [server.http(), server.https()] {
        for (method, status) in
            [("GET", 204), ("GET", 205), ("GET", 304), ("POST", 205), ("HEAD", 200)]
        {
            let client = client(&server);
            let url = format!("{origin}/fault/body-anyway?status={status}");
            for response_type in ["text", "arraybuffer"] {
                let options =
                    json!({ "url": url, "method": method, "responseType": response_type });
                let outcome = support::request(&client, &options);
                let result = support::json(&outcome);
                assert_eq!(result["statusCode"], status, "{origin} {method} {status}: {result}");
                assert_eq!(result["header"]["content-encoding"], "gzip", "{origin} {status}");
                let response = outcome.result().unwrap();
                assert_eq!(response.body().len(), 0, "{origin} {method} {status}");
            }
            // The dropped bytes affect no other request.
            assert!(support::get(&client, &origin).result().is_ok(), "{origin} {method} {status}");
        }
    }
}

#[test]
fn a_transfer_coding_other_than_chunked_is_a_protocol_error() {
    let server = support::server();
    let head = |codings: &str| format!("HTTP/1.1 200 OK\r\n{codings}\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
    for codings in ["transfer-encoding: chunked", "Transfer-Encoding:  Chunked "] {
        assert_eq!(result_of(&server, head(codings).as_bytes())["data"], "hi", "{codings}");
    }
    for codings in [
        "transfer-encoding: gzip, chunked",
        "transfer-encoding: gzip\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked, chunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "transfer-encoding: identity",
        "transfer-encoding: gzip",
        "transfer-encoding: xchunked",
        "transfer-encoding: ",
    ] {
        let error = get_err(&client(&server), &raw(&server, head(codings)));
        assert_eq!(error, Error::ProtocolError, "{codings}");
    }
}

#[test]
fn gzip_is_read_as_browsers_read_it() {
    let server = support::server();
    for (body, data) in [
        (HI.to_vec(), Some("hi")),
        ([HI, HI].concat(), Some("hihi")),
        ([HI, b"anything behind it"].concat(), Some("hi")),
        (HI[..HI.len() - 8].to_vec(), Some("hi")),
        (HI[..HI.len() - 9].to_vec(), None),
        ([&HI[..HI.len() - 1], b"\x01"].concat(), None),
    ] {
        let client = client(&server);
        let head = "200 OK\r\ncontent-encoding: gzip";
        let outcome = support::get(&client, &raw(&server, with_body(head, &body)));
        match data {
            Some(data) => assert_eq!(support::json(&outcome)["data"], data, "{body:?}"),
            None => assert_eq!(outcome.result().unwrap_err(), &Error::BadContentCoding),
        }
    }
}

#[test]
fn a_body_is_read_to_its_end_whatever_its_coding() {
    let server = support::server();
    let client = client(&server);
    let start = support::encoded(&STANDARD.encode(HI));
    let path = format!("fault/repeat?start={start}&unit=eA%3D%3D&size=1000000&coding=gzip");
    for _ in 0..10 {
        let response = support::get_ok(&client, &format!("{}/{path}", server.http()));
        assert_eq!(response.text(), "hi");
    }
    // On a busy machine a call may come before the connection of the one before is free.
    assert!(server.connections() < 5, "connections are used again");
    // The chunk is cut after the end of the data.
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n";
    let wire = [head.as_bytes(), b"19\r\n", HI, b"\r\n9\r\nbehind"].concat();
    assert_eq!(get_err(&client, &raw(&server, wire)), Error::BodyCutShort);
}
