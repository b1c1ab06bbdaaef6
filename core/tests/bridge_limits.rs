//! docs/contract.md#13-a-page-in-a-webview: large messages and results, many calls, and floods.

mod pages;

use std::sync::mpsc::channel;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::{Bridge, BridgeReply};
use pages::{Host, ONE, ORIGIN, TWO, reply};
use serde_json::{Value, json};

#[test]
fn bytes_go_both_ways_as_base64_or_in_frames() {
    for length in [0, 1, 64 * 1024 + 1] {
        let body: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        for carries_bytes in [false, true] {
            let host = Host::new(json!({ "bytes": carries_bytes }));
            host.hello(ONE);
            let options = json!({ "url": host.url("/echo"), "method": "POST" });
            let mut text = json!({ "page": ONE, "call": 1, "options": options });
            let replies = if carries_bytes {
                host.send_from(ORIGIN, true, frame(&text, &body))
            } else {
                text["base64"] = STANDARD.encode(&body).into();
                host.send(text)
            };
            let received = reply(&replies)["result"]["data"]["body_base64"].clone();
            let received = STANDARD.decode(received.as_str().unwrap_or_default()).unwrap();
            assert!(received == body, "{length} bytes to the server");

            let url = host.url(&format!("/bytes/{length}"));
            let options = json!({ "url": url, "responseType": "arraybuffer" });
            let back = match host.call(ONE, 2, &options).recv().unwrap().unwrap() {
                BridgeReply::Text(text) => {
                    assert!(!carries_bytes);
                    let reply: Value = serde_json::from_str(&text).unwrap();
                    STANDARD.decode(reply["base64"].as_str().unwrap()).unwrap()
                }
                BridgeReply::Bytes(frame) => {
                    assert!(carries_bytes);
                    let end = 4 + u32::from_be_bytes(frame[..4].try_into().unwrap()) as usize;
                    let reply: Value = serde_json::from_slice(&frame[4..end]).unwrap();
                    assert_eq!(reply["result"]["statusCode"], 200);
                    frame[end..].to_vec()
                }
            };
            let sent: Vec<u8> = b"0123456789abcdef".iter().copied().cycle().take(length).collect();
            assert!(back == sent, "{length} bytes from the server");
        }
    }
}

fn frame(text: &Value, bytes: &[u8]) -> Vec<u8> {
    let text = text.to_string();
    let mut frame = (text.len() as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(text.as_bytes());
    frame.extend_from_slice(bytes);
    frame
}

#[test]
fn the_documents_of_a_page_have_so_many_calls_at_most_and_one_more_fails_with_111() {
    let host = Host::with_page();
    let options = json!({ "url": host.url("/delay/60000") });
    let calls: Vec<_> =
        (0..Bridge::MAX_CALLS as u64).map(|id| host.call(ONE, id, &options)).collect();
    let more = reply(&host.call(ONE, 5000, &options));
    assert_eq!(more["result"]["errno"], 111);
    host.bridge.close();
    for call in calls {
        assert_eq!(reply(&call), Value::Null);
    }
    assert_eq!(reply(&host.call(ONE, 1, &options)), Value::Null);
    assert_eq!((host.client.in_flight(), host.client.queued()), (0, 0));
}

#[test]
fn messages_are_read_in_their_order_even_behind_a_long_one() {
    let host = Host::with_page();
    let data = "a".repeat(1 << 20);
    let options = json!({ "url": host.url("/delay/60000"), "method": "POST", "data": data });
    for id in 0..50 {
        let replies = host.call(ONE, id, &options);
        let aborted = host.send(json!({ "page": ONE, "abort": id }));
        assert_eq!(aborted.recv(), Ok(None), "the abort finds its call");
        assert_eq!(reply(&replies)["result"]["errno"], 301);
    }
}

#[test]
fn a_long_message_is_read_on_a_thread_of_the_engine() {
    let host = Host::with_page();
    let (sender, threads) = channel();
    let message = vec![b' '; 1 << 20];
    host.bridge.receive(message, ORIGIN, true, move |reply| {
        sender.send((reply, std::thread::current().id())).expect("the test waits");
    });
    let (reply, thread) = threads.recv().expect("a reply comes");
    assert_eq!(reply, None);
    assert_ne!(thread, std::thread::current().id());
}

#[test]
fn a_reply_that_panics_does_not_stop_the_messages_behind_it() {
    let host = Host::with_page();
    host.bridge.receive(vec![b' '; 1 << 20], ORIGIN, true, |_| panic!("on purpose"));
    assert_eq!(host.send_from(ORIGIN, true, vec![b' '; 1 << 20]).recv(), Ok(None));
    host.hello(TWO);
}

#[test]
fn calls_that_come_while_256_mib_wait_fail_with_111_until_the_bridge_is_closed() {
    let host = Host::with_page();
    let (start, started) = channel::<()>();
    host.bridge.receive(vec![b' '; 1 << 20], ORIGIN, true, move |_| {
        let _ = started.recv(); // holds the thread that reads
    });
    let options = json!({ "url": host.url("/echo"), "method": "POST" });
    let call = json!({ "page": ONE, "call": 1, "options": options });
    let message = bytes::Bytes::from(frame(&call, &vec![0; 128 << 20]));
    let waiting = host.send_from(ORIGIN, true, message.clone());
    let more = reply(&host.send_from(ORIGIN, true, message.clone()));
    assert_eq!(more["result"]["errno"], 111);
    host.bridge.close();
    assert_eq!(reply(&host.send_from(ORIGIN, true, message)), Value::Null);
    drop(start);
    assert_eq!(reply(&waiting), Value::Null);
    assert_eq!(host.server.total(), 0);
}

#[test]
fn a_result_over_the_limit_of_the_channel_is_a_305() {
    for carries_bytes in [false, true] {
        let host = Host::new(json!({ "bytes": carries_bytes, "limit": 2000 }));
        host.hello(ONE);
        for (length, errno) in [(100, Value::Null), (5000, json!(305))] {
            let url = host.url(&format!("/bytes/{length}"));
            let text = reply(&host.call(ONE, 1, &json!({ "url": url })));
            assert_eq!(text["result"]["errno"], errno, "{length} bytes as text");
            if length == 5000 {
                let options = json!({ "url": url, "responseType": "arraybuffer" });
                let bytes = reply(&host.call(ONE, 1, &options));
                assert_eq!(bytes["result"]["errno"], errno, "{length} bytes");
                assert_eq!(bytes["result"]["errMsg"], "request:fail body too large");
            }
        }
    }
}

#[test]
fn a_refused_document_does_not_keep_others_waiting_whatever_it_sends() {
    let host = Host::with_page();
    let (start, started) = channel::<()>();
    host.bridge.receive(vec![b' '; 1 << 20], ORIGIN, true, move |_| {
        let _ = started.recv(); // holds the thread that reads
    });
    let long = format!(r#"{{"page":"{TWO}","call":7,"options":{}"#, "[".repeat(1 << 20));
    let refused = reply(&host.send_from("https://other.example", false, long));
    assert_eq!((&refused["id"], &refused["result"]["errno"]), (&json!(7), &json!(103)));
    drop(start);
}
