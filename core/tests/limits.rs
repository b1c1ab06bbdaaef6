//! docs/contract.md#10-limits: each limit is checked while bytes stream in, for every coding.

mod support;

use gadget_request::Error;
use serde_json::json;
use support::{client_with, get, get_err};

#[test]
fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let server = support::server();
    let client = client_with(&server, json!({ "max_body_bytes": 50_000 }));
    for origin in [server.http(), server.https()] {
        for path in [
            "bytes/50001",
            "close/50001",
            "chunks/51?size=1000",
            "fault/endless-body",
            "bytes/9999999999999",
        ] {
            if path.starts_with("fault") && origin.starts_with("https") {
                continue; // HTTP/2 has no raw answer
            }
            assert_eq!(
                get_err(&client, &format!("{origin}/{path}")),
                Error::BodyTooLarge,
                "{origin}/{path}"
            );
        }
        for path in ["bytes/50000", "close/50000", "chunks/50?size=1000"] {
            assert!(get(&client, &format!("{origin}/{path}")).result().is_ok(), "{origin}/{path}");
        }
    }
}

#[test]
fn the_output_of_every_coding_is_counted() {
    let server = support::server();
    // Zeros take six bytes each in JSON.
    let limits = json!({ "max_body_bytes": 1_000_000, "max_text_bytes": 6_000_000 });
    let client = client_with(&server, limits);
    for coding in
        ["gzip", "deflate", "deflate-raw", "br", "zstd", "gzip,gzip", "zstd,br", "br,gzip,deflate"]
    {
        let url = |zeros: u32| format!("{}/coded/{coding}?zeros={zeros}", server.http());
        assert_eq!(get_err(&client, &url(1_000_001)), Error::BodyTooLarge, "{coding}");
        let response = support::get_ok(&client, &url(1_000_000));
        assert_eq!(response.body().len(), 1_000_000, "{coding}");
    }
    for coding in ["gzip", "br", "zstd", "deflate"] {
        let url = format!("{}/fault/bomb?coding={coding}&size=300000000", server.http());
        assert_eq!(get_err(&client, &url), Error::BodyTooLarge, "{coding}");
    }
}

#[test]
fn a_coding_in_between_must_not_yield_more_than_the_limit_either() {
    let server = support::server();
    let client = client_with(&server, json!({ "max_body_bytes": 100_000 }));
    // The inner coding is not valid gzip, but the limit ends the call before that shows.
    let url = format!("{}/fault/bomb?coding=gzip&size=100000000", server.http());
    assert_eq!(get_err(&client, &url), Error::BodyTooLarge);
}

#[test]
fn a_body_that_its_coding_made_larger_may_still_have_the_limit() {
    let server = support::server();
    let client = client_with(&server, json!({ "max_body_bytes": 60_000 }));
    // Raw deflate, one stored block (RFC 1951 section 3.2.4): it has five bytes more than its
    // content.
    let stored = [&b"\x01\x60\xea\x9f\x15"[..], &[b'x'; 60_000]].concat();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\ncontent-length: {}\r\n\r\n",
        stored.len()
    );
    let wire = [head.as_bytes(), &stored].concat();
    let options = gadget_request::RequestOptions::new(format!("{}/raw", server.http()))
        .method("POST")
        .data(gadget_request::Data::Bytes(wire.into()));
    let outcome = pollster::block_on(client.request(options));
    assert_eq!(outcome.into_result().map(|response| response.body().len()), Ok(60_000));
}

#[test]
fn a_head_over_its_limits_is_refused_and_one_at_the_limits_is_not() {
    let server = support::server();
    let client = support::client(&server);
    for path in [
        "many-headers?count=2001",
        "many-headers?count=5000",
        "big-header?size=262144",
        "big-header",
    ] {
        for origin in [server.http(), server.https()] {
            let error = get_err(&client, &format!("{origin}/fault/{path}"));
            assert_eq!(error, Error::HeadTooLarge, "{origin} {path}");
        }
    }
    assert_eq!(
        get_err(&client, &format!("{}/fault/endless-headers", server.http())),
        Error::HeadTooLarge
    );
    for origin in [server.http(), server.https()] {
        // content-type and content-length are added.
        let many = support::get_ok(&client, &format!("{origin}/fault/many-headers?count=1998"));
        assert_eq!(many.headers().count(), 2000);
        let big = support::get_ok(&client, &format!("{origin}/fault/big-header?size=262000"));
        assert_eq!(big.header("x-big").map(|value| value.len()), Some(262_000));
    }
}

#[test]
fn a_head_of_many_fields_is_read_whole_and_its_request_is_sent_once() {
    let server = support::server();
    let client = support::client(&server);
    let body = "b".repeat(100_000);
    let hints = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    let heads = [97, 98, 99, 100, 101, 1900].map(|count| ("", count));
    for (before, count) in heads.into_iter().chain([(hints, 300)]) {
        let fields: String = (0..count).map(|number| format!("x-{number}: {number}\r\n")).collect();
        // `/raw` closes its connection: unless the head says so, the next POST may be sent on it.
        let frame = "content-length: 100000\r\nconnection: close\r\n\r\n";
        let wire = format!("{before}HTTP/1.1 200 OK\r\n{fields}{frame}{body}");
        let options = gadget_request::RequestOptions::new(format!("{}/raw", server.http()))
            .method("POST")
            .data(gadget_request::Data::Bytes(wire.into()));
        let sent = server.total();
        let response = pollster::block_on(client.request(options)).into_result().unwrap();
        assert_eq!(response.headers().count(), count + 2, "{before}");
        assert_eq!(response.header("x-96").as_deref(), Some("96"));
        assert_eq!(response.text(), body);
        assert_eq!(server.total() - sent, 1, "{before} {count}");
    }
}

#[test]
fn a_host_app_can_change_the_limits() {
    let server = support::server();
    let client = client_with(&server, json!({ "max_head_bytes": 1000, "max_head_fields": 10 }));
    for path in ["many-headers?count=9", "big-header?size=1000"] {
        for origin in [server.http(), server.https()] {
            let error = get_err(&client, &format!("{origin}/fault/{path}"));
            assert_eq!(error, Error::HeadTooLarge, "{origin} {path}");
        }
    }
    assert!(
        get(&client, &format!("{}/fault/many-headers?count=8", server.http())).result().is_ok()
    );
}

#[test]
fn heads_of_interim_responses_are_skipped_up_to_a_limit() {
    let server = support::server();
    let client = client_with(&server, json!({ "max_head_bytes": 10_000 }));
    let interim = |origin: &str, count: u32| {
        support::get_ok(&client, &format!("{origin}/fault/informational?count={count}")).text()
    };
    for _ in 0..3 {
        // On a new connection, and on a reused one.
        assert_eq!(interim(&server.http(), 1000), "ok");
        for origin in [server.http(), server.https()] {
            let url = format!("{origin}/fault/endless-informational");
            assert_eq!(get_err(&client, &url), Error::HeadTooLarge, "{origin}");
            assert!(get(&client, &origin).result().is_ok());
        }
    }
    let client = client_with(&server, json!({}));
    for _ in 0..3 {
        let url = format!("{}/fault/informational?count=50", server.https());
        assert_eq!(support::get_ok(&client, &url).text(), "ok");
    }
}

#[test]
fn large_bodies_are_not_a_flood_of_heads_whatever_came_before_them() {
    let server = support::server();
    let client = support::client(&server);
    for origin in [server.http(), server.https()] {
        for _ in 0..10 {
            let response = support::get_ok(&client, &format!("{origin}/bytes/5000000"));
            assert_eq!(response.body().len(), 5_000_000);
            assert!(get(&client, &origin).result().is_ok());
        }
    }
}

#[test]
fn a_length_beyond_all_memory_ends_no_process() {
    let server = support::server();
    let client = client_with(&server, json!({ "max_body_bytes": 1_u64 << 50, "timeout_ms": 300 }));
    let url = format!("{}/bytes/{}", server.http(), 1_u64 << 49);
    assert_eq!(get_err(&client, &url), Error::Timeout);
}

#[test]
fn heads_of_responses_to_aborted_calls_are_not_a_flood() {
    let server = support::server();
    let client = support::client(&server);
    let origin = server.https();
    assert!(get(&client, &origin).result().is_ok());
    let (sender, outcomes) = std::sync::mpsc::channel();
    let options = gadget_request::RequestOptions::new(format!("{origin}/hold/slow"));
    client.start(options, move |outcome| sender.send(outcome).unwrap());
    for _ in 0..400 {
        let options = gadget_request::RequestOptions::new(format!("{origin}/bytes/10"));
        let task = client.start(options, |_| {});
        std::thread::sleep(std::time::Duration::from_micros(500));
        task.abort();
    }
    server.release("slow", 1);
    assert!(outcomes.recv().unwrap().result().is_ok());
    assert_eq!(server.connections(), 1);
}

#[test]
fn large_windows_do_not_count_if_the_body_leaves_room_for_them() {
    let server = support::server();
    for (coding, limit, size) in [
        ("br-24", 20 << 20, 10 << 20),
        ("br-24", 11 << 20, 1000),
        ("zstd-23", 20 << 20, 18 << 20),
        ("zstd-23", 1 << 20, 1 << 20),
        ("zstd", 1 << 20, 1 << 20),
        ("br", 20 << 20, 20 << 20),
    ] {
        let limits = json!({ "max_body_bytes": limit, "max_text_bytes": 6 * limit });
        let client = client_with(&server, limits);
        let url = format!("{}/coded/{coding}?zeros={size}", server.http());
        assert_eq!(support::get_ok(&client, &url).body().len(), size, "{coding} {limit}");
    }
}

#[test]
fn a_text_over_its_limit_is_refused_and_one_at_the_limit_is_not() {
    let server = support::server();
    let repeat = |unit: &str, size: u32, charset: &str| {
        let content_type = support::encoded(&format!("text/plain; charset={charset}"));
        let unit = support::encoded(unit);
        format!("{}/fault/repeat?unit={unit}&size={size}&type={content_type}", server.http())
    };
    // As the result's JSON writes it: a control character takes six bytes, a character beyond ASCII
    // two or three.
    for (unit, size, charset, length) in [
        ("AA==", 1000, "utf-8", 6000),
        ("Ig==", 1000, "utf-8", 2000),
        ("/w==", 1000, "utf-8", 3000),
        ("6Q==", 1000, "iso-8859-1", 2000),
        ("gA==", 1000, "x-user-defined", 3000),
        ("AAA=", 1000, "utf-16le", 3000),
        ("eA==", 1000, "utf-8", 1000),
    ] {
        let url = repeat(unit, size, charset);
        for settings in [
            |limit: u32| json!({ "max_text_bytes": limit }),
            |limit: u32| json!({ "max_body_bytes": limit }),
            |limit: u32| json!({ "max_body_bytes": 1000, "max_text_bytes": limit }),
        ] {
            let refused = client_with(&server, settings(length - 1));
            assert_eq!(get_err(&refused, &url), Error::BodyTooLarge, "{unit} {charset}");
            let outcome = get(&client_with(&server, settings(length)), &url);
            let data = support::json(&outcome)["data"].to_string();
            assert_eq!(data.len(), length as usize + 2, "{unit} {charset}");
        }
        let client = client_with(&server, json!({ "max_text_bytes": 1 }));
        let options = json!({ "url": url, "responseType": "arraybuffer" });
        let outcome = support::request(&client, &options);
        assert_eq!(outcome.array_buffer().map(|bytes| bytes.len()), Some(1000), "no text");
    }
}
