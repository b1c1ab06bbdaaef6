//! docs/contract.md#12-while-a-call-runs: the head and the chunks of a response, while it arrives.

mod listening;
mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use gadget_request::{Demand, Error, RequestOptions, ResponseData};
use listening::{Heard, Own, listen, listen_later, listen_with};
use serde_json::{Value, json};
use support::{client, client_with, encoded, server};

#[test]
fn the_head_comes_once_before_the_chunks_and_is_the_one_of_the_result() {
    let server = server();
    for (origin, platform) in
        [(server.http(), "android"), (server.https(), "ios"), (server.http(), "pc")]
    {
        let client = client_with(&server, json!({ "platform": platform }));
        let fields = ["x-a=1", "x-a=2", "x-latin=%C3%A9", "set-cookie=c=1", "set-cookie=d=2"];
        let url = format!("{origin}/headers?{}", fields.join("&"));
        let all = listen(&client, &json!({ "url": url, "enableChunked": true })).all();
        let result = support::json(&all.outcome);
        let head = all.headers.expect("the head came");
        for name in ["statusCode", "header", "cookies"] {
            assert_eq!(head[name], result[name], "{platform} {name}");
        }
        assert_eq!(head.as_object().unwrap().len(), 3, "{head}");
        assert_eq!(head["header"]["x-a"], "1, 2");
        let cookies = if platform == "pc" { json!([]) } else { json!(["c=1", "d=2"]) };
        assert_eq!(head["cookies"], cookies, "{platform}");
    }
}

#[test]
fn the_chunks_are_the_decoded_body_in_order_whatever_its_coding() {
    let server = server();
    let body = "0123456789abcdef ".repeat(20_000);
    let text = encoded(&body[..30_000]);
    for origin in [server.http(), server.https()] {
        let client = client(&server);
        for coding in ["identity", "gzip", "deflate", "deflate-raw", "br", "zstd", "gzip,br,zstd"] {
            let url = format!("{origin}/coded/{coding}?body={text}");
            let all = listen(&client, &json!({ "url": url, "enableChunked": true })).all();
            assert_eq!(all.chunks.concat(), &body.as_bytes()[..30_000], "{coding}");
            let result = support::json(&all.outcome);
            assert_eq!(result["data"], "", "{coding}");
            if coding != "identity" {
                assert_eq!(all.headers.unwrap()["header"]["content-encoding"], "identity");
            }
            let url = format!("{origin}/coded/{coding}?zeros=5000000");
            let all = listen(&client, &json!({ "url": url, "enableChunked": true })).all();
            assert_eq!(all.chunks.iter().map(|chunk| chunk.len()).sum::<usize>(), 5_000_000);
            assert!(all.chunks.iter().all(|chunk| chunk.iter().all(|byte| *byte == 0)));
            assert!(all.chunks.len() > 10, "{coding}: {} chunks", all.chunks.len());
        }
        for path in ["bytes/3000000", "chunks/3000?size=1000", "close/3000000"] {
            let url = format!("{origin}/{path}");
            let all = listen(&client, &json!({ "url": url, "enableChunked": true })).all();
            let body = all.chunks.concat();
            assert_eq!(body.len(), 3_000_000, "{path}");
            let whole = support::get_ok(&client, &url);
            assert!(body == *whole.body(), "{path}");
        }
    }
}

#[test]
fn a_piece_comes_when_it_has_arrived_decoded_as_far_as_its_sender_has_flushed() {
    // "one" and "two", each flushed, in raw deflate.
    let pieces: [&[u8]; 2] = [
        b"\xca\xcf\x4b\x05\x00\x00\x00\xff\xff",
        b"\x2a\x29\xcf\x07\x00\x00\x00\xff\xff\x01\x00\x00\xff\xff",
    ];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, next) = mpsc::channel::<()>();
    let serves = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        for piece in pieces {
            next.recv().unwrap();
            stream.write_all(piece).unwrap();
        }
    });
    let client = gadget_request::Client::default();
    let listening = listen(&client, &json!({ "url": url, "enableChunked": true }));
    assert_eq!(listening.headers()["statusCode"], 200);
    sender.send(()).unwrap();
    assert_eq!(listening.chunk(), "one");
    sender.send(()).unwrap();
    assert_eq!(listening.chunk(), "two");
    assert!(listening.outcome().result().is_ok());
    serves.join().unwrap();
}

#[test]
fn a_response_without_a_body_has_a_head_and_no_chunk() {
    let server = server();
    for origin in [server.http(), server.https()] {
        for (method, path) in [
            ("GET", "status/200"),
            ("GET", "status/204"),
            ("GET", "status/304"),
            ("HEAD", "bytes/100"),
            ("GET", "fault/body-anyway?status=205"),
            ("GET", "headers?content-encoding=gzip"),
        ] {
            for response_type in ["text", "arraybuffer"] {
                let options = json!({
                    "url": format!("{origin}/{path}"), "method": method,
                    "responseType": response_type, "enableChunked": true,
                });
                let all = listen(&client(&server), &options).all();
                assert!(all.headers.is_some(), "{method} {path}");
                assert!(all.chunks.is_empty(), "{method} {path}");
                assert!(all.outcome.result().unwrap().body().is_empty(), "{method} {path}");
            }
        }
    }
}

#[test]
fn the_result_of_a_chunked_call_is_empty_in_the_form_that_was_wanted() {
    let server = server();
    let client = client(&server);
    let url = format!("{}/echo", server.http());
    let text = listen(&client, &json!({ "url": url, "enableChunked": true })).all();
    assert_eq!(text.outcome.result().unwrap().data(), ResponseData::Text(""));
    assert!(serde_json::from_slice::<Value>(&text.chunks.concat()).unwrap().is_object());
    let options = json!({ "url": url, "enableChunked": true, "responseType": "arraybuffer" });
    let bytes = listen(&client, &options).all();
    assert_eq!(bytes.outcome.array_buffer().map(|bytes| bytes.len()), Some(0));
    assert!(support::json(&bytes.outcome).get("data").is_none());
}

#[test]
fn of_redirects_that_are_followed_only_the_last_head_comes() {
    let server = server();
    let client = client(&server);
    let url = format!("{}/redirect/302/5", server.http());
    let all = listen(&client, &json!({ "url": url, "enableChunked": true })).all();
    assert_eq!(all.headers.unwrap()["statusCode"], 200);
    assert!(!all.chunks.is_empty());
    let all = listen(&client, &json!({ "url": url, "redirect": "manual" })).all();
    assert_eq!(all.headers.unwrap()["statusCode"], 302);
    let all = listen(&client, &json!({ "url": url, "redirect": "error" })).all();
    assert_eq!(all.outcome.result().unwrap_err(), &Error::RedirectRefused);
    assert!(all.headers.is_none());
}

#[test]
fn without_enable_chunked_only_the_head_comes_and_the_result_has_the_body() {
    let server = server();
    let client = client(&server);
    for chunked in [json!(false), json!(null), json!("")] {
        let options =
            json!({ "url": format!("{}/gzip?body=hi", server.http()), "enableChunked": chunked });
        let all = listen(&client, &options).all();
        assert!(all.headers.is_some() && all.chunks.is_empty());
        assert_eq!(support::json(&all.outcome)["data"], "hi");
    }
    // And without a listener, chunks are dropped.
    let url = format!("{}/bytes/2000000", server.http());
    let outcome = support::request(&client, &json!({ "url": url, "enableChunked": true }));
    assert_eq!(support::json(&outcome)["data"], "");
    let typed = RequestOptions::new(url).enable_chunked(true);
    assert!(pollster::block_on(client.request(typed)).result().unwrap().body().is_empty());
}

#[test]
fn enable_chunked_of_a_wrong_type_is_a_104_and_a_refused_call_has_no_event() {
    let server = server();
    let client = client_with(&server, json!({ "allowed_hosts": ["127.0.0.1"] }));
    for wrong in [json!(1), json!("true"), json!([]), json!({})] {
        let all = listen(&client, &json!({ "url": server.http(), "enableChunked": wrong })).all();
        assert_eq!(all.outcome.result().unwrap_err().errno().code(), 104);
        let message = all.outcome.err_msg();
        assert!(message.starts_with("request:fail invalid options: "), "{message}");
        assert!(all.headers.is_none());
    }
    let all = listen(&client, &json!({ "url": "http://example.com", "enableChunked": true })).all();
    assert_eq!(all.outcome.result().unwrap_err(), &Error::HostNotAllowed);
    assert!(all.headers.is_none());
    assert_eq!(server.total(), 0);
}

#[test]
fn an_abort_within_the_listener_is_the_last_event() {
    let server = server();
    let client = client(&server);
    for origin in [server.http(), server.https()] {
        let (own, (come, has_come)) = (Own::default(), mpsc::channel::<()>());
        let task = Own::clone(&own);
        let url = format!("{origin}/chunks/1000?size=100&counter=it");
        let options = json!({ "url": url, "enableChunked": true });
        let listening = listen_with(&client, &options, move |_| {
            let _ = has_come.recv(); // the listener may run before the task is there
            task.get().expect("it is set before").abort();
            Demand::More
        });
        own.set(listening.task.clone()).unwrap();
        come.send(()).unwrap();
        let all = listening.all();
        assert_eq!(all.chunks.len(), 1);
        assert_eq!(all.outcome.result().unwrap_err(), &Error::Aborted);
    }
    assert_eq!(client.in_flight(), 0);
}

#[test]
fn an_abort_drops_the_chunks_that_wait() {
    let server = server();
    let client = client(&server);
    let url = format!("{}/chunks/20?size=1000", server.http());
    let options = json!({ "url": url, "enableChunked": true });
    let listening = listen_with(&client, &options, |_| Demand::Pause);
    listening.headers();
    listening.chunk();
    support::eventually("the server has sent all", || server.count("").in_flight == 0);
    listening.task.abort();
    listening.task.resume();
    assert_eq!(listening.outcome().result().unwrap_err(), &Error::Aborted);
    assert!(listening.heard.recv().is_err(), "nothing comes after it");
    // A shutdown does, too.
    let listening = listen_with(&client, &options, |_| Demand::Pause);
    listening.headers();
    listening.chunk();
    client.shutdown();
    assert_eq!(listening.outcome().result().unwrap_err(), &Error::ClientClosed);
    assert!(listening.heard.recv().is_err(), "nothing comes after it");
}

#[test]
fn a_listener_that_panics_harms_nothing() {
    let server = server();
    let client = client(&server);
    let url = format!("{}/bytes/3000000", server.http());
    let options = json!({ "url": url, "enableChunked": true });
    let listening = listen_with(&client, &options, |_| panic!("on purpose: a listener panics"));
    let all = listening.all();
    assert_eq!(all.chunks.iter().map(|chunk| chunk.len()).sum::<usize>(), 3_000_000);
    assert_eq!(all.outcome.result().unwrap().status(), 200);
    assert_eq!(support::get_ok(&client, &server.http()).status(), 200);
}

#[test]
fn a_call_that_fails_has_no_event_afterwards() {
    let server = server();
    for origin in [server.http(), server.https()] {
        let client = client(&server);
        let get = |path: &str| {
            listen(&client, &json!({ "url": format!("{origin}/{path}"), "enableChunked": true }))
                .all()
        };
        let cut = get("fault/half-body");
        assert_eq!(cut.outcome.result().unwrap_err(), &Error::BodyCutShort, "{origin}");
        let cut = get("coded/gzip?zeros=3000000&cut=30");
        assert_eq!(cut.outcome.result().unwrap_err(), &Error::BadContentCoding, "{origin}");
        assert!(cut.headers.is_some());
        assert!(cut.chunks.iter().all(|chunk| chunk.iter().all(|byte| *byte == 0)));
    }
}

#[test]
fn the_limit_of_bodies_does_not_hold_for_chunks_but_their_own_does() {
    let server = server();
    let client = client_with(&server, json!({ "max_body_bytes": 1000, "max_text_bytes": 1000 }));
    let chunked = |path: &str| json!({ "url": path, "enableChunked": true });
    for origin in [server.http(), server.https()] {
        for path in ["bytes/300000", "close/300000", "coded/gzip?zeros=300000"] {
            let url = format!("{origin}/{path}");
            let all = listen(&client, &chunked(&url)).all();
            assert_eq!(all.chunks.iter().map(|chunk| chunk.len()).sum::<usize>(), 300_000);
            assert!(all.outcome.result().is_ok(), "{url}");
            let whole = listen(&client, &json!({ "url": url })).all();
            assert_eq!(whole.outcome.result().unwrap_err(), &Error::BodyTooLarge, "{url}");
            for (limit, is_over) in [(299_999, true), (300_000, false)] {
                let limited = client_with(&server, json!({ "max_streamed_bytes": limit }));
                let all = listen(&limited, &chunked(&url)).all();
                let error = all.outcome.result().err();
                assert_eq!(error, is_over.then_some(&Error::BodyTooLarge), "{url}");
                let heard = all.chunks.iter().map(|chunk| chunk.len()).sum::<usize>();
                assert!(heard <= limit, "{url}: {heard} bytes");
            }
        }
    }
}

#[test]
fn the_head_can_wait_for_the_first_resume() {
    let server = server();
    let client = client(&server);
    // The head waits, while the body is held back.
    let url = format!("{}/fault/silence-in-body", server.http());
    let listening = listen_later(&client, &json!({ "url": url }));
    support::eventually("it is there", || server.total() == 1);
    assert!(listening.heard.try_recv().is_err());
    listening.task.resume();
    assert_eq!(listening.headers()["statusCode"], 200);
    listening.task.abort();
    assert_eq!(listening.outcome().result().unwrap_err(), &Error::Aborted);
    // A head that nobody has asked for never comes, and delays nothing.
    let all = listen_later(&client, &json!({ "url": server.http() })).all();
    assert!(all.headers.is_none() && all.outcome.result().is_ok());
    // Chunks do not wait, and so their head does not.
    let url = format!("{}/bytes/10", server.http());
    let all = listen_later(&client, &json!({ "url": url, "enableChunked": true })).all();
    assert_eq!(all.chunks.concat(), b"0123456789");
    assert!(all.headers.is_some() && all.outcome.result().is_ok());
}

#[test]
fn a_resume_from_another_thread_counts_even_before_the_listener_has_returned() {
    let server = server();
    let client = client(&server);
    let own = Own::default();
    let task = Own::clone(&own);
    let url = format!("{}/chunks/200?size=1000", server.http());
    let options = json!({ "url": url, "enableChunked": true });
    let listening = listen_with(&client, &options, move |_| {
        let task = Own::clone(&task);
        std::thread::spawn(move || task.wait().resume()).join().unwrap();
        Demand::Pause
    });
    own.set(listening.task.clone()).unwrap();
    let mut bytes = 0;
    loop {
        match listening.heard.recv().unwrap() {
            Heard::Headers(_) => {}
            Heard::Chunk(chunk) => bytes += chunk.len(),
            Heard::Outcome(outcome) => break assert!(outcome.result().is_ok()),
        }
    }
    assert_eq!(bytes, 200_000);
}
