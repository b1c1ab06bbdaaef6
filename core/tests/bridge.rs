//! docs/contract.md#13-a-page-in-a-webview: what a page in a WebView sends, and what it gets back.

mod pages;

use std::sync::mpsc::channel;

use gadget_request::BridgeConfig;
use pages::{Host, ONE, ORIGIN, TWO, reply};
use serde_json::{Value, json};

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
    // A call of a dead document fails, and nothing of it is sent.
    let dead = reply(&host.call(ONE, 2, &json!({ "url": url })));
    assert_eq!((&dead["page"], &dead["result"]["errno"]), (&json!(ONE), &json!(301)));
    assert_eq!(dead["unknown"], true);
    assert_eq!(host.client.in_flight(), 0);
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

#[test]
fn an_origin_that_cannot_be_read_is_not_one_of_a_document_without_an_origin() {
    let host = Host::new(json!({ "origins": ["null"] }));
    let hello = json!({ "page": ONE, "hello": true }).to_string();
    for (origin, is_allowed) in [
        ("null", true),
        ("", true),
        ("about:blank", true),
        ("file://", true),
        ("http://xn--a.evil.example", false),
        ("https://*.evil.example", false),
        ("https://evil.example/path", false),
        ("https://evil.example", false),
    ] {
        let answer = reply(&host.send_from(origin, true, hello.clone()));
        assert_eq!(answer == Value::Null, is_allowed, "{origin}");
    }
}
