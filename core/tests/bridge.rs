//! docs/contract.md#13-a-page-in-a-webview: what a page in a WebView sends, and what it gets back.

use std::sync::mpsc::{Receiver, channel};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::{Bridge, BridgeConfig, BridgeReply, Client};
use gadget_test_server::Server;
use serde_json::{Value, json};

const ORIGIN: &str = "https://page.example";
const ONE: &str = "00000000000000000000000000000001";
const TWO: &str = "00000000000000000000000000000002";

/// A bridge with its client, and pages that talk to it.
struct Host {
    server: Server,
    client: Client,
    bridge: Bridge,
}

impl Host {
    fn new(settings: Value) -> Self {
        let mut document = json!({ "origins": [ORIGIN] });
        for (name, value) in settings.as_object().expect("settings are an object") {
            document[name] = value.clone();
        }
        let config =
            BridgeConfig::from_json(&document.to_string()).expect("the settings are right");
        let (server, client) = (Server::start().expect("a server starts"), Client::default());
        Self { server, bridge: Bridge::new(client.clone(), config), client }
    }

    /// With one document in its main frame.
    fn with_page() -> Self {
        let host = Self::new(json!({}));
        host.hello(ONE);
        host
    }

    fn hello(&self, page: &str) {
        assert_eq!(self.send(json!({ "page": page, "hello": true })).recv(), Ok(None));
    }

    fn send(&self, message: Value) -> Receiver<Option<BridgeReply>> {
        self.send_from(ORIGIN, true, message.to_string())
    }

    fn send_from(
        &self,
        origin: &str,
        is_main_frame: bool,
        message: impl Into<bytes::Bytes>,
    ) -> Receiver<Option<BridgeReply>> {
        let (sender, replies) = channel();
        self.bridge.receive(message, origin, is_main_frame, move |reply| {
            let _ = sender.send(reply);
        });
        replies
    }

    fn call(&self, page: &str, id: u64, options: &Value) -> Receiver<Option<BridgeReply>> {
        self.send(json!({ "page": page, "call": id, "options": options }))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.http())
    }
}

/// The one reply, as JSON; `Null` if the page gets none.
fn reply(replies: &Receiver<Option<BridgeReply>>) -> Value {
    let reply = match replies.recv().expect("a reply comes") {
        Some(BridgeReply::Text(text)) => serde_json::from_str(&text).expect("a reply is JSON"),
        Some(BridgeReply::Bytes(_)) => panic!("text was expected"),
        None => Value::Null,
    };
    assert!(replies.recv().is_err(), "it comes once");
    reply
}

#[test]
fn a_call_of_a_page_gets_the_result_object_with_its_id_and_its_page() {
    let host = Host::with_page();
    let replies = host.call(ONE, 7, &json!({ "url": host.url("/status/404") }));
    let reply = reply(&replies);
    assert_eq!((&reply["id"], &reply["page"]), (&json!(7), &json!(ONE)));
    assert_eq!(reply["result"]["statusCode"], 404);
    assert_eq!(reply["result"]["errMsg"], "request:ok");
}

#[test]
fn wrong_options_and_options_without_a_text_are_a_104() {
    let host = Host::with_page();
    for options in [json!({}), json!(null), json!([1]), json!("text"), json!({ "url": 7 })] {
        let reply = reply(&host.call(ONE, 1, &options));
        assert_eq!(reply["result"]["errno"], 104, "{options}");
    }
    let none = reply(&host.send(json!({ "page": ONE, "call": 1 })));
    assert_eq!(none["result"]["errno"], 104);
    let bad =
        json!({ "page": ONE, "call": 1, "options": { "url": host.url("/echo") }, "base64": "?" });
    assert_eq!(reply(&host.send(bad))["result"]["errno"], 104);
    assert_eq!(host.server.total(), 0);
}

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
fn an_abort_fails_its_call_with_301_and_one_without_a_call_is_answered_too() {
    let host = Host::with_page();
    let replies = host.call(ONE, 1, &json!({ "url": host.url("/delay/60000") }));
    assert_eq!(host.send(json!({ "page": ONE, "abort": 1 })).recv(), Ok(None));
    assert_eq!(reply(&replies)["result"]["errno"], 301);
    let again = reply(&host.send(json!({ "page": ONE, "abort": 1 })));
    assert_eq!((&again["id"], &again["result"]["errno"]), (&json!(1), &json!(301)));
}

#[test]
fn another_document_in_the_main_frame_ends_the_calls_of_the_former_one_and_of_its_frames() {
    let host = Host::new(json!({ "frames": true }));
    host.hello(ONE);
    let framed = json!({ "page": TWO, "hello": true }).to_string();
    assert_eq!(host.send_from(ORIGIN, false, framed).recv(), Ok(None));
    let url = host.url("/delay/60000");
    let replies =
        [host.call(ONE, 1, &json!({ "url": url })), host.call(TWO, 1, &json!({ "url": url }))];
    let three = "00000000000000000000000000000003";
    host.hello(three);
    for replies in replies {
        assert_eq!(reply(&replies), Value::Null);
    }
    assert_eq!((host.client.in_flight(), host.client.queued()), (0, 0));
    // What the dead still send is not answered, and nothing of it is sent.
    assert_eq!(reply(&host.call(ONE, 2, &json!({ "url": url }))), Value::Null);
    let alive = reply(&host.call(three, 1, &json!({ "url": host.url("/status/200") })));
    assert_eq!(alive["result"]["statusCode"], 200);
}

#[test]
fn a_refused_document_in_the_main_frame_ends_the_calls_of_the_former_one() {
    let host = Host::with_page();
    let replies = host.call(ONE, 1, &json!({ "url": host.url("/delay/60000") }));
    let hello = json!({ "page": TWO, "hello": true }).to_string();
    for (origin, is_main_frame, ends) in
        [("https://other.example", false, false), ("https://other.example", true, true)]
    {
        let refused = reply(&host.send_from(origin, is_main_frame, hello.clone()));
        assert!(refused["refused"].is_string());
        assert_eq!(host.client.in_flight(), usize::from(!ends));
    }
    assert_eq!(reply(&replies), Value::Null);
}

#[test]
fn a_document_that_comes_back_gets_an_answer_for_each_call_that_it_left() {
    let host = Host::with_page();
    let replies = host.call(ONE, 1, &json!({ "url": host.url("/delay/60000") }));
    assert_eq!(host.send(json!({ "page": ONE, "bye": true })).recv(), Ok(None));
    assert_eq!(reply(&replies), Value::Null);
    host.hello(ONE);
    let answer = reply(&host.send(json!({ "page": ONE, "abort": 1 })));
    assert_eq!(answer["result"]["errno"], 301);
}

#[test]
fn a_document_of_another_origin_or_in_a_frame_is_refused_unless_allowed() {
    let host = Host::new(json!({ "origins": [ORIGIN, "https://*.below.example", "app://local"] }));
    let call =
        json!({ "page": ONE, "call": 1, "options": { "url": host.url("/echo") } }).to_string();
    for (origin, is_main_frame) in [
        ("https://other.example", true),
        ("http://page.example", true),
        ("https://page.example:8443", true),
        ("https://below.example", true),
        ("https://page.example.evil.example", true),
        ("null", true),
        ("", true),
        ("about:blank", true),
        ("https://user@page.example", true),
        (ORIGIN, false),
    ] {
        let hello = json!({ "page": ONE, "hello": true }).to_string();
        let refused = reply(&host.send_from(origin, is_main_frame, hello));
        assert!(refused["refused"].is_string(), "{origin}");
        // An abort, too: the reply to its call may be lost while the document is in a cache.
        let abort = json!({ "page": ONE, "abort": 1 }).to_string();
        for message in [call.clone(), abort] {
            let refused = reply(&host.send_from(origin, is_main_frame, message));
            assert_eq!(refused["id"], 1, "{origin}");
            assert_eq!(refused["result"]["errno"], 103, "{origin}");
            assert!(refused["refused"].is_string(), "{origin}");
        }
    }
    assert_eq!(host.server.total(), 0);
    for origin in [ORIGIN, "HTTPS://PAGE.EXAMPLE:443", "https://a.b.below.example", "app://local"] {
        let hello = json!({ "page": ONE, "hello": true }).to_string();
        assert_eq!(host.send_from(origin, true, hello).recv(), Ok(None), "{origin}");
    }
}

#[test]
fn what_no_script_of_ours_sends_is_silence() {
    let host = Host::with_page();
    let nested = "[".repeat(100_000);
    for message in [
        String::new(),
        "{".into(),
        "[]".into(),
        "null".into(),
        nested.clone(),
        format!(r#"{{"page":"{ONE}","x":{nested}"#),
        format!(r#"{{"page":"{ONE}"}}"#),
        format!(r#"{{"page":"{ONE}","call":-1}}"#),
        format!(r#"{{"page":"{ONE}","call":1.5}}"#),
        format!(r#"{{"page":"{ONE}","call":99999999999999999999}}"#),
        format!(r#"{{"page":"{ONE}","call":1,"abort":1}}"#),
        format!(r#"{{"page":"{ONE}","call":1,"call":2}}"#),
        r#"{"page":"1","call":1,"options":{}}"#.into(),
        r#"{"page":"+0000000000000000000000000000001","hello":true}"#.into(),
        "\0".into(),
        "\0\0\0\u{7f}{}".into(),
    ] {
        assert_eq!(
            reply(&host.send_from(ORIGIN, true, message.clone())),
            Value::Null,
            "{message:.60}"
        );
    }
    assert_eq!(reply(&host.send_from(ORIGIN, true, b"\xff\xfe".to_vec())), Value::Null);
    // And an id used twice.
    let first = host.call(ONE, 1, &json!({ "url": host.url("/delay/60000") }));
    assert_eq!(reply(&host.call(ONE, 1, &json!({ "url": host.url("/echo") }))), Value::Null);
    host.bridge.close();
    assert_eq!(reply(&first), Value::Null);
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
fn a_flood_of_bytes_ends_in_111_and_does_not_keep_out_the_next_document() {
    let host = Host::with_page();
    let (release, held) = channel::<()>();
    // The thread that reads does not come to the others.
    host.bridge.receive("{".repeat(1 << 17), ORIGIN, true, move |_| {
        let _ = held.recv();
    });
    let filler = bytes::Bytes::from(vec![b'x'; 127 << 20]);
    let fillers = [(); 2].map(|()| host.send_from(ORIGIN, true, filler.clone()));
    let options = json!({ "url": host.url("/echo"), "data": "a".repeat(3 << 20) });
    assert_eq!(reply(&host.call(ONE, 1, &options))["result"]["errno"], 111);
    let hello = host.send(json!({ "page": TWO, "hello": true }));
    let next = host.call(TWO, 1, &json!({ "url": host.url("/status/200") }));
    drop(release);
    for replies in fillers.into_iter().chain([hello]) {
        assert_eq!(reply(&replies), Value::Null);
    }
    assert_eq!(reply(&next)["result"]["statusCode"], 200);
}

#[test]
fn the_settings_name_the_field_that_is_wrong() {
    for (wrong, message) in [
        (r#"{"origin":[]}"#, "unknown field `origin`"),
        (r#"{"origins":["page.example"]}"#, "origins[0]: not SCHEME://HOST"),
        (r#"{"origins":["https://page.example/a"]}"#, "origins[0]: not SCHEME://HOST"),
        (r#"{"name":"a.b"}"#, "name: not a JavaScript identifier"),
        (r#"{"channel":""}"#, "channel: not a JavaScript identifier"),
        ("[]", "not a JSON object"),
    ] {
        let error = BridgeConfig::from_json(wrong).unwrap_err().to_string();
        assert!(error.contains(message), "{wrong}: {error}");
    }
}
