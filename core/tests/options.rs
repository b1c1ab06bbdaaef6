//! docs/contract.md#1-options-in: which options are accepted, and which are refused before anything
//! is sent.

mod support;

use gadget_request::{Data, Errno, RequestOptions, ResponseType};
use serde_json::json;
use support::Server;

/// The `errMsg` detail of these options. Checks that the error is a 104 and that nothing was sent.
fn refusal(server: &Server, options: &str) -> String {
    let client = support::client(server);
    let outcome = support::request_text(&client, options);
    let error = outcome.result().expect_err(options);
    assert_eq!(error.errno(), Errno::INVALID_PARAMETER, "{options}");
    assert_eq!(server.total(), 0, "{options}: something was sent");
    assert_eq!(outcome.err_msg(), format!("request:fail {error}"));
    error.to_string()
}

#[test]
fn a_field_of_the_wrong_type_is_a_104_that_names_it() {
    let server = support::server();
    let url = server.http();
    for (field, value, words) in [
        ("url", "5", "invalid url: a number"),
        ("url", "[]", "invalid url: an array"),
        ("method", "true", "invalid method: a boolean"),
        ("data", "7", "invalid data: a number"),
        ("data", "false", "invalid data: a boolean"),
        ("header", "\"x: y\"", "invalid header: a string"),
        ("header", "[1]", "invalid header: an array"),
        ("dataType", "{}", "invalid dataType: an object"),
        ("responseType", "1", "invalid responseType: a number"),
        ("responseType", "\"blob\"", "invalid responseType: neither text nor arraybuffer"),
        ("timeout", "\"100\"", "invalid timeout: not a number"),
        ("timeout", "false", "invalid timeout: not a number"),
        ("redirect", "0", "invalid redirect: a number"),
        ("redirect", "\"Follow\"", "invalid redirect: not follow, manual or error"),
        ("method", "\"PATCH\"", "invalid method: not an allowed method"),
    ] {
        let options = format!(r#"{{"url":"{url}","{field}":{value}}}"#);
        assert_eq!(refusal(&server, &options), words, "{options}");
    }
}

#[test]
fn empty_null_and_missing_mean_the_same() {
    let server = support::server();
    let client = support::client(&server);
    for empty in ["null", "\"\""] {
        let options = format!(
            r#"{{"url":"{}/x","method":{empty},"header":{empty},"data":{empty},"dataType":{empty},
               "responseType":{empty},"timeout":{empty},"redirect":{empty}}}"#,
            server.http()
        );
        let outcome = support::request_text(&client, &options);
        assert!(outcome.result().is_ok(), "{empty}: {}", outcome.json());
        let received = server.received(outcome.trace().as_str()).unwrap();
        assert_eq!((received.method.as_str(), received.target.as_str()), ("GET", "/x"));
        assert_eq!(
            refusal(&Server::start().unwrap(), &format!(r#"{{"url":{empty}}}"#)),
            "invalid url: missing"
        );
    }
}

#[test]
fn a_url_must_be_absolute_http_and_without_credentials() {
    let server = support::server();
    for (url, words) in [
        ("/a/b", "invalid url: not an absolute URL"),
        ("http://", "invalid url: not an absolute URL"),
        ("http://h:99999/", "invalid url: not an absolute URL"),
        ("http://[::1/", "invalid url: not an absolute URL"),
        ("ftp://127.0.0.1/", "invalid url: neither http nor https"),
        ("file:///etc/passwd", "invalid url: neither http nor https"),
        ("ws://127.0.0.1/", "invalid url: neither http nor https"),
        ("http://u@127.0.0.1/", "invalid url: has a user name or password"),
        ("http://u:p@127.0.0.1/", "invalid url: has a user name or password"),
        ("http://:p@127.0.0.1/", "invalid url: has a user name or password"),
    ] {
        assert_eq!(refusal(&server, &json!({ "url": url }).to_string()), words, "{url}");
    }
}

#[test]
fn a_url_that_the_network_stack_does_not_take_is_refused_at_once() {
    let server = support::server();
    // A call that reached the queue would fail with this instead.
    let client = support::client_with(&server, json!({ "max_queued": 0 }));
    let origin = server.http();
    let long = |bytes: usize| format!("{origin}/{}", "a".repeat(bytes - origin.len() - 1));
    for _ in 0..10 {
        client.start(RequestOptions::new(format!("{origin}/hold/places?counter=places")), drop);
    }
    support::eventually("no place is free", || server.count("places").in_flight == 10);
    // The parsed form counts: `é` has six bytes, and the fragment is removed.
    for url in [long(65_535), "http://a\"b/".into(), format!("{}é", long(65_529))] {
        let outcome = support::get(&client, &url);
        assert_eq!(outcome.err_msg(), "request:fail refused by the network stack");
        assert_eq!(outcome.result().unwrap_err().errno(), Errno::NETWORK_SDK_PARAMETER);
    }
    let data = RequestOptions::new(&origin).data(Data::Text("q".repeat(65_534 - origin.len() - 1)));
    let outcome = pollster::block_on(client.request(data));
    assert_eq!(outcome.err_msg(), "request:fail refused by the network stack", "with its data");
    assert_eq!(server.total(), 10);
    server.release("places", 10);
    support::eventually("places are free", || client.in_flight() == 0);
    for url in [long(65_534), format!("{}é#{}", long(65_528), "f".repeat(9))] {
        assert_eq!(support::get(&client, &url).err_msg(), "request:ok");
    }
}

#[test]
fn a_caret_in_a_path_is_percent_encoded() {
    use gadget_request::{ClientConfig, Request};
    for (url, parsed) in [
        ("http://h/a^b/^?q=^#^", "http://h/a%5Eb/%5E?q=^"),
        ("http://h//^/../%5e^/.//", "http://h//%5e%5E//"),
        ("http://h?^", "http://h/?^"),
    ] {
        let request = Request::check(RequestOptions::new(url), &ClientConfig::default());
        assert_eq!(request.unwrap().url(), parsed, "{url}");
    }
}

#[test]
fn options_that_are_not_one_json_object_are_refused() {
    let server = support::server();
    let texts = [
        "",
        " ",
        "null",
        "[]",
        "\"\"",
        "1",
        "{",
        "{}{}",
        "{} x",
        "{\"url\":}",
        "{'url':'x'}",
        "{\"url\":\"x\",}",
        "{\"url\":\"a\u{0}b\"}",
        "\u{feff}{}",
        "{\"url\" \"x\"}",
        "nul",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":\"\\x\"}",
    ];
    for text in texts {
        assert_eq!(refusal(&server, text), "invalid options: not one JSON object", "{text:?}");
    }
}

#[test]
fn options_that_are_not_utf8_are_refused() {
    let server = support::server();
    let client = support::client(&server);
    let text = b"{\"url\":\"http://h/\xff\"}".to_vec();
    let outcome = pollster::block_on(client.request(RequestOptions::from_json(text, None)));
    assert_eq!(outcome.err_msg(), "request:fail invalid options: not UTF-8");
}

#[test]
fn options_and_bytes_over_100_mib_together_are_refused() {
    let server = support::server();
    let client = support::client(&server);
    let bytes = vec![0; RequestOptions::MAX_BYTES - 20];
    let text = format!(r#"{{"url":"{}","method":"POST"}}"#, server.http());
    let outcome =
        pollster::block_on(client.request(RequestOptions::from_json(text, Some(bytes.into()))));
    assert_eq!(outcome.err_msg(), "request:fail invalid options: over 100 MiB");
    let typed =
        RequestOptions::new(server.http()).data(Data::Text("x".repeat(RequestOptions::MAX_BYTES)));
    let outcome = pollster::block_on(client.request(typed));
    assert_eq!(outcome.err_msg(), "request:fail invalid options: over 100 MiB");
    assert_eq!(server.total(), 0);
}

#[test]
fn a_repeated_name_keeps_its_last_value_and_unknown_names_are_ignored() {
    let server = support::server();
    let client = support::client(&server);
    let text = format!(
        concat!(
            r#"{{"url":5,"\ud800":1,"success":{{}},"URL":7,"method":"POST","#,
            r#""\u0075rl":"{}/last","method":"PUT"}}"#
        ),
        server.http()
    );
    let outcome = support::request_text(&client, &text);
    let received = server.received(outcome.trace().as_str()).unwrap();
    assert_eq!((received.method.as_str(), received.target.as_str()), ("PUT", "/last"));
}

#[test]
fn a_lone_surrogate_is_refused_if_it_would_be_sent() {
    let server = support::server();
    let url = server.http();
    for (options, words) in [
        (format!(r#"{{"url":"{url}/\ud800"}}"#), "invalid url: lone surrogate"),
        (format!(r#"{{"url":"{url}","data":"\udc00"}}"#), "invalid data: lone surrogate"),
        (format!(r#"{{"url":"{url}","data":{{"\ud800x":1}}}}"#), "invalid data: lone surrogate"),
        (format!(r#"{{"url":"{url}","data":["\ud800"]}}"#), "invalid data: lone surrogate"),
        (
            format!(r#"{{"url":"{url}","header":{{"x":"\ud800"}}}}"#),
            "invalid header: lone surrogate",
        ),
        (
            format!(r#"{{"url":"{url}","header":{{"\ud800":"x"}}}}"#),
            "invalid header: lone surrogate",
        ),
    ] {
        assert_eq!(refusal(&server, &options), words, "{options}");
    }
}

#[test]
fn a_data_type_that_is_not_text_is_any_other_than_json() {
    let server = support::server();
    let client = support::client(&server);
    let options =
        format!(r#"{{"url":"{}/status/200?body=[1]","dataType":"\ud800"}}"#, server.http());
    let outcome = support::request_text(&client, &options);
    assert_eq!(support::json(&outcome)["data"], "[1]");
}

#[test]
fn hostile_options_get_an_answer_and_cost_linear_time() {
    let server = support::server();
    let client = support::client(&server);
    let url = server.http();
    let deep = 1_000_000;
    let nested =
        format!(r#"{{"url":"{url}","data":{{"a":{}{}}}}}"#, "[".repeat(deep), "]".repeat(deep));
    // Such a long URL is valid, but the network stack cannot send it.
    let outcome = support::request_text(&client, &nested);
    assert_eq!(outcome.err_msg(), "request:fail refused by the network stack");

    let many: String = (0..300_000).map(|i| format!(r#""k{}":{i},"#, i % 1000)).collect();
    let header = r#"{"content-type":"application/x-www-form-urlencoded"}"#;
    let posted =
        format!(r#"{{"url":"{url}","method":"POST","header":{header},"data":{{{many}"z":1}}}}"#);
    let outcome = support::request_text(&client, &posted);
    let body = server.received(outcome.trace().as_str()).unwrap().body.clone();
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(body.starts_with("k0=299000&k1=299001&"), "{}", &body[..40]);
    assert_eq!(body.split('&').count(), 1001);

    let digits = "9".repeat(2_000_000);
    for number in [
        format!("{digits}.5"),
        format!("0.{digits}"),
        format!("1e{digits}"),
        format!("-{digits}e-{digits}"),
    ] {
        // As a double the second is 1, and the answer does or does not come within a millisecond.
        let timeout = if number.starts_with("0.") { "-1" } else { &number };
        let options = format!(r#"{{"url":"{url}/n","timeout":{timeout},"data":{{"n":{number}}}}}"#);
        let outcome = support::request_text(&client, &options);
        assert!(outcome.result().is_ok(), "{}", outcome.json());
    }
}

#[test]
fn bytes_beside_data_are_refused_and_empty_bytes_are_an_array_buffer() {
    let server = support::server();
    let client = support::client(&server);
    let call = |text: String| {
        let options = RequestOptions::from_json(text, Some(Vec::new().into()));
        pollster::block_on(client.request(options)).err_msg()
    };
    let url = server.http();
    assert_eq!(
        call(format!(r#"{{"url":"{url}","method":"POST","data":{{}}}}"#)),
        "request:fail invalid data: both in the options and as bytes"
    );
    assert_eq!(
        call(format!(r#"{{"url":"{url}"}}"#)),
        "request:fail invalid data: an ArrayBuffer needs a method with a body"
    );
    assert_eq!(call(format!(r#"{{"url":"{url}","method":"POST","data":""}}"#)), "request:ok");
    assert_eq!(server.total(), 1);
}

#[test]
fn a_timeout_outside_1_to_60000_means_the_clients_default() {
    use gadget_request::{ClientConfig, Request};
    let mut config = ClientConfig::default();
    config.timeout = std::time::Duration::from_millis(1234);
    for (timeout, millis) in [
        ("1", 1),
        ("1.9", 1),
        ("60000", 60_000),
        ("60000.9", 60_000),
        ("5e2", 500),
        ("0", 1234),
        ("0.9", 1234),
        ("-1", 1234),
        ("60001", 1234),
        ("1e400", 1234),
        ("-1e400", 1234),
        ("null", 1234),
    ] {
        let text = format!(r#"{{"url":"http://h/","timeout":{timeout}}}"#);
        let request = Request::check(RequestOptions::from_json(text, None), &config).unwrap();
        assert_eq!(request.timeout().as_millis(), millis, "{timeout}");
    }
}

#[test]
fn a_host_app_can_allow_patch_and_options() {
    let server = support::server();
    let settings = json!({ "extra_methods": ["PATCH", "OPTIONS"] });
    let client = support::client_with(&server, settings);
    let sent = |method: &str| {
        let options =
            json!({ "url": format!("{}/m", server.http()), "method": method, "data": {"a": 1} });
        let outcome = support::request(&client, &options);
        let received = server.received(outcome.trace().as_str()).unwrap();
        (received.method.clone(), received.target.clone(), received.body.to_vec())
    };
    assert_eq!(sent("patch"), ("PATCH".into(), "/m".into(), br#"{"a":1}"#.to_vec()));
    assert_eq!(sent("OPTIONS"), ("OPTIONS".into(), "/m?a=1".into(), Vec::new()));
}

#[test]
fn a_host_app_can_let_delete_send_objects_as_post_does() {
    let server = support::server();
    let client = support::client_with(&server, json!({ "delete_data_as_post": true }));
    let options =
        json!({ "url": format!("{}/m", server.http()), "method": "DELETE", "data": {"a": 1} });
    let outcome = support::request(&client, &options);
    let received = server.received(outcome.trace().as_str()).unwrap();
    assert_eq!((received.target.as_str(), &received.body[..]), ("/m", &br#"{"a":1}"#[..]));
}

#[test]
fn typed_options_are_checked_like_json_and_override_it() {
    let server = support::server();
    let client = support::client(&server);
    let options =
        RequestOptions::from_json(r#"{"url":"ftp://no","method":"PUT","data":[1]}"#, None)
            .method("post")
            .header("X-Typed", " v ")
            .data(Data::Json(" {\"k\": 1.0} ".into()))
            .response_type(ResponseType::ArrayBuffer);
    let refused = pollster::block_on(client.request(options.clone()));
    assert_eq!(refused.err_msg(), "request:fail invalid url: neither http nor https");

    let outcome = pollster::block_on(
        client.request(
            RequestOptions::new(format!("{}/t", server.http()))
                .method("post")
                .header("X-Typed", " v ")
                .data(Data::Json(" {\"k\": 1.0} ".into()))
                .response_type(ResponseType::ArrayBuffer),
        ),
    );
    assert!(outcome.array_buffer().is_some());
    let received = server.received(outcome.trace().as_str()).unwrap();
    assert_eq!(received.method, "POST");
    assert_eq!(received.header("x-typed"), Some("v"));
    assert_eq!(&received.body[..], br#"{"k": 1.0}"#);

    for data in ["5", "\"text\"", "{", "", "null"] {
        let options =
            RequestOptions::new(server.http()).method("POST").data(Data::Json(data.into()));
        let outcome = pollster::block_on(client.request(options));
        assert_eq!(
            outcome.err_msg(),
            "request:fail invalid data: not the JSON of an object or array",
            "{data}"
        );
    }
}
