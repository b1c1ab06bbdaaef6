//! docs/contract.md#4-result, `success`: the result object and the typed response behind it.

mod support;

use serde_json::json;
use support::{encoded, raw, result_of, with_body};

#[test]
fn the_result_object_has_its_members_in_the_order_of_the_page() {
    let server = support::server();
    let wire = with_body(
        "Content-Type: application/json\r\nX-Two: a\r\nSet-Cookie: c=1\r\nx-two: b\r\n",
        "{\"b\" : 1}",
    );
    let outcome = support::get(&support::client(&server), &raw(&server, wire));
    assert_eq!(
        outcome.json(),
        format!(
            concat!(
                r#"{{"statusCode":200,"header":{{"content-type":"application/json","#,
                r#""x-two":"a, b","set-cookie":"c=1","content-length":"9"}},"#,
                r#""data":{{"b" : 1}},"cookies":["c=1"],"trace":"{}","errMsg":"request:ok"}}"#
            ),
            outcome.trace()
        )
    );
}

#[test]
fn every_status_is_a_success() {
    let server = support::server();
    let client = support::client(&server);
    for status in [
        200, 201, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 404, 418, 429, 500, 503,
        599, 999,
    ] {
        let outcome = support::get(&client, &format!("{}/status/{status}", server.http()));
        let result = support::json(&outcome);
        assert_eq!(result["statusCode"], status, "{result}");
        assert_eq!(result["errMsg"], "request:ok");
        assert_eq!(result["data"], "");
    }
}

#[test]
fn cookies_has_one_string_per_set_cookie_line() {
    let server = support::server();
    let lines = ["a=1; Path=/; Expires=Wed, 09 Jun 2027 10:18:14 GMT", "b=2", "c=\u{e9}"];
    let query: Vec<String> = lines.iter().map(|line| format!("line={}", encoded(line))).collect();
    for origin in [server.http(), server.https()] {
        let url = format!("{origin}/cookies/set?{}", query.join("&"));
        let outcome = support::get(&support::client(&server), &url);
        let result = support::json(&outcome);
        assert_eq!(result["cookies"], json!(lines));
        assert_eq!(result["header"]["set-cookie"], lines.join(", "));
        let response = outcome.into_result().unwrap();
        assert_eq!(response.cookies().collect::<Vec<_>>(), lines);
        assert_eq!(response.headers().filter(|(name, _)| *name == "set-cookie").count(), 3);
    }
}

#[test]
fn header_values_are_utf8_or_else_latin1() {
    let server = support::server();
    let result = result_of(&server, with_body("X-Utf8: \u{4e2d}\r\n", ""));
    assert_eq!(result["header"]["x-utf8"], "\u{4e2d}");
    let result = result_of(
        &server,
        b"HTTP/1.1 200 OK\r\nX-Latin: caf\xe9 \xff\r\ncontent-length: 0\r\n\r\n",
    );
    assert_eq!(result["header"]["x-latin"], "caf\u{e9} \u{ff}");
}

#[test]
fn a_field_that_is_not_http_is_ignored_and_1xx_are_skipped() {
    let server = support::server();
    let client = support::client(&server);
    let response = support::get_ok(&client, &format!("{}/fault/bad-field", server.http()));
    assert_eq!(response.header("good").as_deref(), Some("2"));
    assert_eq!(response.headers().count(), 2);
    let response =
        support::get_ok(&client, &format!("{}/fault/informational?count=20", server.http()));
    assert_eq!((response.status(), response.text().to_string()), (200, "ok".to_owned()));
}

#[test]
fn head_204_and_304_keep_their_headers_and_have_no_body() {
    let server = support::server();
    let client = support::client(&server);
    let url = format!("{}/gzip?body=hello", server.http());
    let result =
        support::json(&support::request(&client, &json!({ "url": url, "method": "HEAD" })));
    assert_eq!(result["data"], "");
    assert_eq!(result["header"]["content-encoding"], "gzip");
    assert!(result["header"]["content-length"].as_str().unwrap().parse::<u32>().unwrap() > 20);
    for (status, length) in [("204 No Content", ""), ("304 Not Modified", "content-length: 77\r\n")]
    {
        let result = result_of(
            &server,
            format!("HTTP/1.1 {status}\r\ncontent-encoding: gzip\r\n{length}\r\n"),
        );
        assert_eq!(result["data"], "", "{status}");
        assert_eq!(result["header"]["content-encoding"], "gzip", "{status}");
    }
}

#[test]
fn bodies_of_every_framing_and_size_arrive_whole() {
    let server = support::server();
    let client = support::client(&server);
    let sizes = [0, 1, 15, 16_384, 1_000_000, 20_000_000];
    for origin in [server.http(), server.https()] {
        for size in sizes {
            for path in [format!("bytes/{size}"), format!("close/{size}")] {
                let response = support::get_ok(&client, &format!("{origin}/{path}"));
                assert_eq!(response.body().len(), size, "{path}");
                assert!(
                    response
                        .body()
                        .iter()
                        .zip(b"0123456789abcdef".iter().cycle())
                        .all(|(a, b)| a == b)
                );
            }
        }
        let response = support::get_ok(&client, &format!("{origin}/chunks/300?size=1000"));
        assert_eq!(response.body().len(), 300_000);
    }
}

#[test]
fn a_field_folded_over_lines_is_one_value() {
    let wire = with_body("x-folded: one\r\n two\r\n\tthree\r\n", "ok");
    let result = result_of(&support::server(), wire);
    assert_eq!(
        (&result["header"]["x-folded"], &result["data"]),
        (&json!("one two three"), &json!("ok"))
    );
}
