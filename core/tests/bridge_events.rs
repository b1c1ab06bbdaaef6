//! docs/contract.md#13-a-page-in-a-webview: a page asks for the events of its calls, one at a time.

mod pages;

use std::sync::mpsc::{Receiver, TryRecvError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::BridgeReply;
use pages::{Host, ONE, ORIGIN, TWO, reply};
use serde_json::{Value, json};

fn next(host: &Host, page: &str, id: u64) -> Receiver<Option<BridgeReply>> {
    host.send(json!({ "page": page, "next": id }))
}

fn chunked(host: &Host, path: &str) -> Value {
    json!({ "url": host.url(path), "enableChunked": true })
}

/// Asks for events until there are no more. Returns the head and the body.
fn events(host: &Host, id: u64) -> (Value, Vec<u8>) {
    let head = reply(&next(host, ONE, id));
    assert_eq!((&head["id"], &head["page"]), (&json!(id), &json!(ONE)));
    let mut body = Vec::new();
    loop {
        let event = reply(&next(host, ONE, id));
        if event == Value::Null {
            return (head["headers"].clone(), body);
        }
        assert_eq!((&event["id"], &event["chunk"]), (&json!(id), &json!(true)));
        body.extend(bytes_of(&event));
    }
}

fn bytes_of(event: &Value) -> Vec<u8> {
    STANDARD.decode(event["base64"].as_str().expect("a text")).expect("base64")
}

#[test]
fn a_page_gets_the_head_and_the_chunks_in_order_and_the_result_after_it_has_them_all() {
    let host = Host::with_page();
    for (id, path) in [(1, "/bytes/300000"), (2, "/coded/gzip?zeros=300000")] {
        let result = host.call(ONE, id, &chunked(&host, path));
        let (head, body) = events(&host, id);
        let result = &reply(&result)["result"];
        assert_eq!(head["header"], result["header"], "{path}");
        assert_eq!((&head["cookies"], &result["data"]), (&json!([]), &json!("")));
        assert_eq!(body.len(), 300_000);
    }
}

#[test]
fn a_result_waits_until_the_page_has_the_last_chunk_and_a_fail_does_not() {
    let host = Host::with_page();
    let result = host.call(ONE, 1, &chunked(&host, "/bytes/10"));
    assert!(reply(&next(&host, ONE, 1))["headers"].is_object());
    assert_eq!(reply(&next(&host, ONE, 1))["base64"], STANDARD.encode("0123456789"));
    assert_eq!(result.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(reply(&next(&host, ONE, 1)), Value::Null);
    assert_eq!(reply(&result)["result"]["errMsg"], "request:ok");

    let result = host.call(ONE, 2, &chunked(&host, "/bytes/10"));
    assert!(reply(&next(&host, ONE, 2))["headers"].is_object());
    assert_eq!(host.send(json!({ "page": ONE, "abort": 2 })).recv(), Ok(None));
    assert_eq!(reply(&result)["result"]["errno"], 301);
    assert_eq!(reply(&next(&host, ONE, 2)), Value::Null, "nothing comes after it");
}

#[test]
fn the_head_of_a_call_without_chunks_comes_only_if_the_page_asks_for_it() {
    let host = Host::with_page();
    let result = host.call(ONE, 1, &json!({ "url": host.url("/fault/silence-in-body") }));
    assert_eq!(reply(&next(&host, ONE, 1))["headers"]["statusCode"], 200);
    let waits = next(&host, ONE, 1);
    assert_eq!(host.send(json!({ "page": ONE, "abort": 1 })).recv(), Ok(None));
    assert_eq!(reply(&result)["result"]["errno"], 301);
    assert_eq!(reply(&waits), Value::Null);
    let plain = reply(&host.call(ONE, 2, &json!({ "url": host.url("/status/200") })));
    assert_eq!(plain["result"]["statusCode"], 200);
}

#[test]
fn a_channel_with_bytes_carries_chunks_as_frames_and_a_limit_splits_them() {
    let host = Host::new(json!({ "bytes": true }));
    host.hello(ONE);
    let result = host.call(ONE, 1, &chunked(&host, "/bytes/10"));
    assert!(reply(&next(&host, ONE, 1))["headers"].is_object());
    let Ok(Some(BridgeReply::Bytes(frame))) = next(&host, ONE, 1).recv() else { panic!() };
    let length = u32::from_be_bytes(frame[..4].try_into().unwrap()) as usize;
    let text: Value = serde_json::from_slice(&frame[4..4 + length]).unwrap();
    assert_eq!(text, json!({ "id": 1, "page": ONE, "chunk": true }));
    assert_eq!(&frame[4 + length..], b"0123456789");
    assert_eq!(reply(&next(&host, ONE, 1)), Value::Null);
    assert_eq!(reply(&result)["result"]["data"], "");

    let host = Host::new(json!({ "limit": 1000 }));
    host.hello(ONE);
    let _result = host.call(ONE, 1, &chunked(&host, "/bytes/5000"));
    assert!(reply(&next(&host, ONE, 1))["headers"].is_object());
    let mut body = Vec::new();
    while body.len() < 5000 {
        let event = reply(&next(&host, ONE, 1));
        assert!(event.to_string().len() <= 1000);
        body.extend(bytes_of(&event));
    }
    assert_eq!(body, "0123456789abcdef".repeat(313).as_bytes()[..5000]);
}

#[test]
fn questions_of_hostile_pages_get_nothing_and_no_event_of_another_document() {
    let host = Host::new(json!({ "frames": true }));
    host.hello(ONE);
    let framed = json!({ "page": TWO, "hello": true }).to_string();
    assert_eq!(host.send_from(ORIGIN, false, framed).recv(), Ok(None));
    let result = host.call(ONE, 1, &chunked(&host, "/bytes/10"));
    // Of another document, for a call that is not there, of a document that is not known.
    for (page, id) in [(TWO, 1), (ONE, 2), ("00000000000000000000000000000009", 1)] {
        assert_eq!(reply(&next(&host, page, id)), Value::Null, "{page} {id}");
    }
    for wrong in [json!(-1), json!("1"), json!(1.5), json!([1])] {
        assert_eq!(reply(&host.send(json!({ "page": ONE, "next": wrong }))), Value::Null);
    }
    let both = json!({ "page": ONE, "next": 1, "abort": 1 });
    assert_eq!(reply(&host.send(both)), Value::Null, "it is no message");
    // Of two questions at a time, one is answered; the older has nothing.
    assert!(reply(&next(&host, ONE, 1))["headers"].is_object());
    assert_eq!(reply(&next(&host, ONE, 1))["chunk"], true);
    drop(result);

    let silent = host.call(ONE, 3, &json!({ "url": host.url("/fault/silence") }));
    let (first, second) = (next(&host, ONE, 3), next(&host, ONE, 3));
    assert_eq!(reply(&first), Value::Null);
    // A document that ends gets nothing, and its questions neither.
    assert_eq!(host.send(json!({ "page": ONE, "bye": true })).recv(), Ok(None));
    assert_eq!((reply(&second), reply(&silent)), (Value::Null, Value::Null));
    assert_eq!(host.client.in_flight(), 0);
}
