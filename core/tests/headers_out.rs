//! docs/contract.md#2-headers-out: the headers that go out.

mod support;

use gadget_request::RequestOptions;
use serde_json::{Value, json};
use support::Server;

fn sent(
    server: &Server,
    settings: Value,
    header: Value,
) -> std::sync::Arc<gadget_test_server::Received> {
    let client = support::client_with(server, settings);
    let outcome = support::request(&client, &json!({ "url": server.http(), "header": header }));
    server.received(outcome.trace().as_str()).unwrap_or_else(|| panic!("{}", outcome.json()))
}

#[test]
fn the_callers_content_type_wins_and_there_is_never_a_second_line() {
    let server = support::server();
    let header = json!({ "Content-Type": "text/plain", "x-a": "1", "CONTENT-TYPE": "text/html" });
    let received = sent(&server, json!({}), header);
    assert_eq!(received.header_all("content-type").collect::<Vec<_>>(), ["text/html"]);
    let received = sent(&server, json!({}), json!({ "content-type": "" }));
    assert_eq!(received.header_all("content-type").collect::<Vec<_>>(), [""]);
}

#[test]
fn reserved_headers_are_the_engines_whatever_the_caller_says() {
    let server = support::server();
    let header = json!({
        "X-Request-Id": "mine", "x-request-id-op": "mine", "x-tt-logid": "mine",
        "X-TT-Log-Id": "mine", "Referer": "https://evil.test/",
    });
    let settings = json!({ "app_id": "cli_9d/?", "app_version": "1 0&é" });
    let client = support::client_with(&server, settings);
    let outcome = support::request(&client, &json!({ "url": server.http(), "header": header }));
    let received = server.received(outcome.trace().as_str()).unwrap();
    let trace = outcome.trace().as_str();
    assert_eq!(received.header_all("x-request-id").collect::<Vec<_>>(), [trace]);
    assert_eq!(received.header_all("x-tt-logid").collect::<Vec<_>>(), [trace]);
    assert_eq!(received.header("x-request-id-op"), None);
    assert_eq!(received.header("x-tt-log-id"), None);
    assert_eq!(
        received.header_all("referer").collect::<Vec<_>>(),
        ["https://tmaservice.developer.toutiao.com/?appid=cli_9d%2F%3F&version=1%200%26%C3%A9"]
    );
}

#[test]
fn headers_of_the_connection_cannot_be_set() {
    let server = support::server();
    let header = json!({
        "Host": "evil.test", "Content-Length": "5", "Connection": "close",
        "Transfer-Encoding": "chunked", "Keep-Alive": "1", "Upgrade": "h2c", "TE": "trailers",
        "Trailer": "x", "Expect": "100-continue", "Proxy-Authorization": "secret",
        "proxy-anything": "x",
    });
    let received = sent(&server, json!({}), header);
    assert_eq!(
        received.header_all("host").collect::<Vec<_>>(),
        [&server.http()["http://".len()..]]
    );
    let refused = [
        "content-length",
        "connection",
        "transfer-encoding",
        "keep-alive",
        "upgrade",
        "te",
        "trailer",
        "expect",
        "proxy-authorization",
        "proxy-anything",
    ];
    for name in refused {
        assert_eq!(received.header(name), None, "{name}");
    }
}

#[test]
fn defaults_are_sent_unless_the_caller_sets_them() {
    let server = support::server();
    let received = sent(&server, json!({}), json!({}));
    assert_eq!(received.header("accept"), Some("*/*"));
    assert_eq!(received.header("accept-encoding"), Some("gzip, deflate, br, zstd"));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(
        received.header("user-agent"),
        Some(concat!("gadget-request/", env!("CARGO_PKG_VERSION")))
    );
    let header = json!({ "Accept": "text/*", "Accept-Encoding": "br", "User-Agent": "mine/1" });
    let received = sent(&server, json!({ "user_agent": "host/2" }), header);
    assert_eq!(received.header_all("accept").collect::<Vec<_>>(), ["text/*"]);
    assert_eq!(received.header_all("accept-encoding").collect::<Vec<_>>(), ["br"]);
    assert_eq!(received.header_all("user-agent").collect::<Vec<_>>(), ["mine/1"]);
    let received = sent(&server, json!({ "user_agent": "host/2" }), json!({}));
    assert_eq!(received.header("user-agent"), Some("host/2"));
}

#[test]
fn a_range_is_asked_for_without_codings_unless_the_caller_names_some() {
    let server = support::server();
    for (header, codings) in [
        (json!({ "Range": "bytes=0-9" }), "identity"),
        (json!({ "RANGE": "" }), "identity"),
        (json!({ "range": "bytes=0-9", "accept-encoding": "gzip" }), "gzip"),
        (json!({ "if-range": "x" }), "gzip, deflate, br, zstd"),
    ] {
        let received = sent(&server, json!({}), header);
        assert_eq!(received.header_all("accept-encoding").collect::<Vec<_>>(), [codings]);
    }
}

#[test]
fn a_host_app_can_change_the_referer() {
    let server = support::server();
    let settings = json!({
        "referer": "app://{app_id}/{app_version}", "app_id": "{app_version}", "app_version": "3",
    });
    let received = sent(&server, settings, json!({}));
    assert_eq!(received.header("referer"), Some("app://%7Bapp_version%7D/3"));
}

#[test]
fn values_are_trimmed_and_sent_as_utf8() {
    let server = support::server();
    let header = json!({
        "x-trim": " \t a\tb \t", "x-empty": "", "x-utf8": "é中😀", "x-number": 1e21,
        "x-minus-zero": -0.0, "x-true": true, "x-null": null,
    });
    let received = sent(&server, json!({}), header);
    for (name, value) in [
        ("x-trim", Some("a\tb")),
        ("x-empty", Some("")),
        ("x-utf8", Some("é中😀")),
        ("x-number", Some("1e+21")),
        ("x-minus-zero", Some("0")),
        ("x-true", Some("true")),
        ("x-null", None),
    ] {
        assert_eq!(received.header(name), value, "{name}");
    }
}

#[test]
fn a_header_that_cannot_be_sent_is_named_and_nothing_is_sent() {
    let server = support::server();
    let client = support::client(&server);
    for (header, words) in [
        (json!({ "x-a": "b\r\nx-evil: 1" }), "invalid header: x-a"),
        (json!({ "x-nul": "a\u{0}" }), "invalid header: x-nul"),
        (json!({ "x-del": "\u{7f}" }), "invalid header: x-del"),
        (json!({ "x-c1": "\u{85}" }), "invalid header: x-c1"),
        (json!({ "Host": "a\nb" }), "invalid header: host"),
        (json!({ "x a": "b" }), "invalid header: a name is not an HTTP token"),
        (json!({ "": "b" }), "invalid header: a name is not an HTTP token"),
        (json!({ "x:": "b" }), "invalid header: a name is not an HTTP token"),
        (json!({ "é": "b" }), "invalid header: a name is not an HTTP token"),
        (json!({ "x-o": {} }), "invalid header: a value is an object or an array"),
        (json!({ "x-o": ["a"] }), "invalid header: a value is an object or an array"),
    ] {
        let outcome = support::request(&client, &json!({ "url": server.http(), "header": header }));
        assert_eq!(outcome.err_msg(), format!("request:fail {words}"), "{header}");
    }
    for count in [2001, 24_575, 30_000] {
        let many: serde_json::Map<_, _> =
            (0..count).map(|i| (format!("x-{i}"), json!("v"))).collect();
        let outcome = support::request(&client, &json!({ "url": server.http(), "header": many }));
        assert_eq!(outcome.err_msg(), "request:fail invalid header: too many", "{count}");
    }
    assert_eq!(server.total(), 0);
}

#[test]
fn the_limit_of_the_callers_headers_is_their_total_size() {
    let server = support::server();
    let client = support::client_with(&server, json!({ "max_caller_header_bytes": 12 }));
    // Dropped headers count too, and `true` counts as text. A null does not count. If two names are
    // equal in any case, both count.
    for (header, fits) in [
        (json!({ "x-a": "9 bytes.." }), true),
        (json!({ "x-a": "10 bytes.." }), false),
        (json!({ "x-a": "12é", "x-b": "1", "x-n": null }), true),
        (json!({ "x-a": "12é", "x-b": true }), false),
        (json!({ "Host": "12345678" }), true),
        (json!({ "Host": "123456789" }), false),
        (json!({ "x-a": "123", "X-A": "123" }), true),
        (json!({ "x-a": "123", "X-A": "1234" }), false),
        (json!({ "x a": "\n\n\n\n\n\n\n\n\n" }), true),
        (json!({ "x a": "\n\n\n\n\n\n\n\n\n\n" }), false),
    ] {
        let typed = header.as_object().unwrap().iter();
        let typed = typed.fold(RequestOptions::new(server.http()), |options, (name, value)| {
            match value.as_str() {
                Some(text) => options.header(name, text),
                None if value.is_null() => options,
                None => options.header(name, value.to_string()),
            }
        });
        let text = json!({ "url": server.http(), "header": header }).to_string();
        let before = server.total();
        for options in [RequestOptions::from_json(text, None), typed] {
            let said = pollster::block_on(client.request(options)).err_msg();
            match (fits, header.get("x a")) {
                (true, None) => assert_eq!(said, "request:ok", "{header}"),
                (true, _) => assert!(said.ends_with("a name is not an HTTP token"), "{said}"),
                (false, _) => assert_eq!(said, TOO_LARGE, "{header}"),
            }
        }
        let sent = if fits && header.get("x a").is_none() { 2 } else { 0 };
        assert_eq!(server.total() - before, sent, "{header}");
    }
    let text = json!({ "url": server.http(), "header": { "x-a": "123456" } }).to_string();
    let both = RequestOptions::from_json(text, None);
    let fits = pollster::block_on(client.request(both.clone().header("x", "12")));
    assert_eq!(fits.err_msg(), "request:ok", "of both kinds together");
    assert_eq!(pollster::block_on(client.request(both.header("x", "123"))).err_msg(), TOO_LARGE);
}

const TOO_LARGE: &str = "request:fail invalid header: too large";

#[test]
fn the_callers_headers_may_have_256_kib() {
    let server = support::server();
    let client = support::client(&server);
    let header = |count: usize| json!({ "x-a": "v".repeat(count) });
    let call =
        |header| support::request(&client, &json!({ "url": server.http(), "header": header }));
    assert_eq!(call(header((256 << 10) - 3)).err_msg(), "request:ok");
    assert_eq!(call(header((256 << 10) - 2)).err_msg(), TOO_LARGE);
    assert_eq!(server.total(), 1);
    // Escapes make the text six times as long. The decoded values count.
    let escaped = |count: usize| {
        let header = format!(r#"{{"x-a":"{}"}}"#, r"\u0076".repeat(count));
        support::request_text(
            &client,
            &format!(r#"{{"url":"{}","header":{header}}}"#, server.http()),
        )
    };
    assert_eq!(escaped((256 << 10) - 3).err_msg(), "request:ok");
    assert_eq!(escaped((256 << 10) - 2).err_msg(), TOO_LARGE);
    assert_eq!(escaped(4 << 20).err_msg(), TOO_LARGE);
}

#[test]
fn post_put_and_patch_without_a_body_send_content_length_0() {
    let server = support::server();
    let client = support::client_with(&server, json!({ "extra_methods": ["PATCH"] }));
    for method in ["POST", "PUT", "PATCH", "GET", "HEAD", "DELETE"] {
        for bytes in [None, Some(Vec::new().into())] {
            let text = json!({ "url": server.http(), "method": method }).to_string();
            let outcome =
                pollster::block_on(client.request(RequestOptions::from_json(text, bytes)));
            let Some(received) = server.received(outcome.trace().as_str()) else { continue };
            let expected = matches!(method, "POST" | "PUT" | "PATCH").then_some("0");
            assert_eq!(received.header("content-length"), expected, "{method}");
            assert_eq!(received.header("transfer-encoding"), None, "{method}");
        }
    }
}

#[test]
fn the_callers_cookie_header_is_sent_unchanged() {
    let server = support::server();
    let received = sent(&server, json!({}), json!({ "Cookie": "a=1; b=2" }));
    assert_eq!(received.header_all("cookie").collect::<Vec<_>>(), ["a=1; b=2"]);
}

#[test]
fn http2_carries_the_same_headers() {
    let server = support::server();
    let client = support::client(&server);
    let header = json!({ "X-Mine": "v", "Connection": "close" });
    let outcome = support::request(&client, &json!({ "url": server.https(), "header": header }));
    let received = server.received(outcome.trace().as_str()).unwrap();
    assert_eq!(received.version, "HTTP/2");
    assert_eq!(received.header("x-mine"), Some("v"));
    assert_eq!(received.header("x-request-id"), Some(outcome.trace().as_str()));
    assert_eq!(received.header("connection"), None);
    assert_eq!(received.header("host"), None);
}
