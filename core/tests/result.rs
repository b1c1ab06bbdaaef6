//! docs/contract.md#4-result, `success`: the result object and the typed response behind it.

mod support;

use gadget_request::{Data, Outcome, RequestOptions, ResponseData, ResponseType};
use serde_json::{Value, json};
use support::{Server, encoded, raw};

/// The outcome where the server answers with these bytes and closes the connection unannounced,
/// which is why each call has a client of its own.
fn answer(server: &Server, wire: impl AsRef<[u8]>) -> Outcome {
    let client = support::client(server);
    let bytes = Data::Bytes(wire.as_ref().to_vec().into());
    let options = RequestOptions::new(format!("{}/raw", server.http())).method("POST").data(bytes);
    pollster::block_on(client.request(options))
}

/// Likewise, as the result object.
fn result_of(server: &Server, wire: impl AsRef<[u8]>) -> Value {
    support::json(&answer(server, wire))
}

fn with_body(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 200 OK\r\n{head}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

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
            r#"{{"statusCode":200,"header":{{"content-type":"application/json","x-two":"a, b","set-cookie":"c=1","content-length":"9"}},"data":{{"b" : 1}},"cookies":["c=1"],"trace":"{}","errMsg":"request:ok"}}"#,
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
fn a_field_that_is_no_http_is_ignored_and_1xx_are_skipped() {
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
fn every_coding_is_decoded_and_content_encoding_reads_identity() {
    let server = support::server();
    let client = support::client(&server);
    let text = "h\u{e9}llo ".repeat(3000);
    let codings =
        ["gzip", "x-gzip", "deflate", "deflate-raw", "br", "zstd", "gzip,br", "zstd,deflate,gzip"];
    for coding in codings {
        for origin in [server.http(), server.https()] {
            let url = format!("{origin}/coded/{coding}?body={}", encoded(&text));
            let outcome = support::get(&client, &url);
            let result = support::json(&outcome);
            assert_eq!(result["data"], text, "{coding}");
            assert_eq!(result["header"]["content-encoding"], "identity", "{coding}");
            assert_eq!(result["header"]["content-length"], Value::Null, "{coding}");
        }
    }
}

#[test]
fn codings_are_matched_without_case_and_whatever_was_asked_for() {
    let server = support::server();
    let client = support::client(&server);
    let url = format!("{}/gzip?body=hi", server.http());
    let options = json!({ "url": url, "header": { "accept-encoding": "identity" } });
    assert_eq!(support::json(&support::request(&client, &options))["data"], "hi");
    let hi = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\x03\x01\x02\x00\xfd\xff\x68\x69\xac\x2a\x93\xd8\x02\x00\x00\x00"; // "hi" in gzip
    for head in [
        "Content-Encoding: GZip\r\n",
        "content-encoding: identity\r\ncontent-encoding: gzip\r\n",
        "content-encoding: , gzip ,\r\n",
    ] {
        let result = result_of(&server, with_body(head, hi));
        assert_eq!(result["data"], "hi", "{head}");
        assert_eq!(result["header"]["content-encoding"], "identity", "{head}");
    }
}

#[test]
fn an_unknown_coding_leaves_headers_and_body_as_they_came() {
    let server = support::server();
    for coding in ["compress", "gzip, sdch", "aes128gcm"] {
        let result =
            result_of(&server, with_body(&format!("content-encoding: {coding}\r\n"), "abc"));
        assert_eq!(result["data"], "abc");
        assert_eq!(result["header"]["content-encoding"], coding);
        assert_eq!(result["header"]["content-length"], "3");
    }
    let result = result_of(&server, with_body("content-encoding: identity\r\n", "abc"));
    assert_eq!(result["header"]["content-length"], "3");
}

#[test]
fn no_encoded_bytes_at_all_are_an_empty_body() {
    let server = support::server();
    for coding in ["gzip", "deflate", "br", "zstd", "br, gzip"] {
        let result = result_of(&server, with_body(&format!("content-encoding: {coding}\r\n"), ""));
        assert_eq!(result["data"], "", "{coding}");
        assert_eq!(result["errMsg"], "request:ok");
    }
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
fn text_is_decoded_by_the_charset_of_the_content_type() {
    let server = support::server();
    let client = support::client(&server);
    for (label, text) in [
        ("utf-8", "中文é😀"),
        ("gbk", "中文"),
        ("gb2312", "中文"),
        ("GB18030", "中文😀"),
        ("big5", "繁體中文"),
        ("shift_jis", "日本語ｶﾅ"),
        ("euc-kr", "한국어"),
        ("iso-8859-1", "é€"),
        ("windows-1252", "é€"),
        ("utf-16le", "中é"),
        ("utf-16be", "中é"),
        ("euc-jp", "日本語"),
        ("koi8-r", "Привет"),
    ] {
        let url = format!("{}/charset/{label}?text={}", server.http(), encoded(text));
        let response = support::get_ok(&client, &url);
        assert_eq!(response.text(), text, "{label}");
        assert_eq!(response.data(), ResponseData::Text(text), "{label}");
    }
}

#[test]
fn a_byte_order_mark_wins_and_is_removed_once() {
    let server = support::server();
    let client = support::client(&server);
    for label in ["utf-16le", "utf-16be"] {
        let url = format!("{}/charset/{label}?text={}&bom=1", server.http(), encoded("中é"));
        assert_eq!(support::get_ok(&client, &url).text(), "中é", "{label}");
    }
    for (body, text) in [
        (b"\xef\xbb\xbfab".to_vec(), "ab"),
        (b"\xef\xbb\xbf\xef\xbb\xbfab".to_vec(), "\u{feff}ab"),
        (b"\xff\xfea\0b\0".to_vec(), "ab"),
        (b"\xfe\xff\0a\0b".to_vec(), "ab"),
    ] {
        let result =
            result_of(&server, with_body("content-type: text/plain; charset=gbk\r\n", &body));
        assert_eq!(result["data"], text, "{body:?}");
    }
    let result = result_of(&server, with_body("", b"\xef\xbb\xbf{\"a\":1}"));
    assert_eq!(result["data"], json!({ "a": 1 }));
}

#[test]
fn of_several_content_types_the_last_counts_and_inherits_the_charset_of_its_equals() {
    let server = support::server();
    for (head, text) in [
        ("content-type: text/html; charset=gbk\r\ncontent-type: text/html\r\n", "中"),
        ("content-type: text/html; charset=gbk, text/html\r\n", "中"),
        (
            "content-type: text/html; charset=gbk\r\ncontent-type: text/plain\r\n",
            "\u{fffd}\u{fffd}",
        ),
        ("content-type: text/html\r\ncontent-type: text/html; x=\"a,b\"; charset=gbk\r\n", "中"),
    ] {
        assert_eq!(result_of(&server, with_body(head, b"\xd6\xd0"))["data"], text, "{head}");
    }
}

#[test]
fn fields_keep_their_order_where_a_body_was_decoded() {
    let server = support::server();
    let hi = b"\x1f\x8b\x08\0\0\0\0\0\x04\x03\x01\x02\0\xfd\xffhi\xac*\x93\xd8\x02\0\0\0";
    let head = "content-length: 25\r\na: 1\r\nset-cookie: x\r\ncontent-encoding: gzip\r\nb: 2\r\nset-cookie: y\r\nc: 3";
    let wire = [format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes(), hi].concat();
    let outcome = answer(&server, wire);
    let header =
        r#""header":{"a":"1","set-cookie":"x, y","content-encoding":"identity","b":"2","c":"3"}"#;
    assert!(outcome.json().contains(header), "{}", outcome.json());
}

#[test]
fn an_unknown_charset_is_utf8_and_bad_bytes_never_fail() {
    let server = support::server();
    for head in ["", "content-type: text/plain; charset=klingon\r\n", "content-type: nonsense\r\n"]
    {
        assert_eq!(result_of(&server, with_body(head, "é"))["data"], "é", "{head}");
        assert_eq!(
            result_of(&server, with_body(head, b"a\xff\xc3"))["data"],
            "a\u{fffd}\u{fffd}",
            "{head}"
        );
    }
    let head = "content-type: text/html; charset=\"GBK\"\r\n";
    assert_eq!(result_of(&server, with_body(head, b"\xd6\xd0"))["data"], "中");
}

#[test]
fn a_json_body_stands_in_the_result_to_the_letter() {
    let server = support::server();
    let client = support::client(&server);
    let body =
        "{ \"id\" : 12345678901234567890,\n\t\"n\":1.0e0, \"s\":\"\\u00e9\\/\\ud800\", \"id\":2 }";
    let outcome = support::get(&client, &raw(&server, with_body("", format!(" \r\n{body}\t "))));
    assert!(
        outcome.json().contains(&format!("\"data\":{body},\"cookies\":[]")),
        "{}",
        outcome.json()
    );
    let response = outcome.into_result().unwrap();
    assert_eq!(response.data(), ResponseData::Json(body));
    assert_eq!(response.text(), format!(" \r\n{body}\t "));
    assert_eq!(response.body(), format!(" \r\n{body}\t ").as_bytes());
}

#[test]
fn scalars_null_and_any_depth_are_json_and_the_rest_stays_text() {
    let server = support::server();
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    for json in
        ["null", "true", "0", "-1.5e3", "\"s\"", "[]", " 1 ", deep.as_str(), "\"\\ud800\"", "1e999"]
    {
        let response = answer(&server, with_body("", json)).into_result().unwrap();
        assert_eq!(response.data(), ResponseData::Json(json.trim()), "{json:.20}");
    }
    for text in [
        "",
        "nul",
        "{",
        "{\"a\":1,}",
        "{'a':1}",
        "01",
        "1 2",
        "NaN",
        "\u{a0}1",
        "\u{feff}\u{feff}1",
        "[1]x",
        "\"a\nb\"",
    ] {
        let response = answer(&server, with_body("", text)).into_result().unwrap();
        let expected = text.strip_prefix('\u{feff}').unwrap_or(text);
        assert_eq!(response.data(), ResponseData::Text(expected), "{text:?}");
    }
}

#[test]
fn a_data_type_other_than_json_is_never_parsed() {
    let server = support::server();
    let client = support::client(&server);
    let url = raw(&server, with_body("content-type: application/json\r\n", "{\"a\":1}"));
    for (data_type, data) in [
        (json!("json"), json!({"a": 1})),
        (json!(""), json!({"a": 1})),
        (json!("text"), json!("{\"a\":1}")),
        (json!("JSON"), json!("{\"a\":1}")),
    ] {
        let result = support::json(&support::request(
            &client,
            &json!({ "url": url, "dataType": data_type }),
        ));
        assert_eq!(result["data"], data, "{data_type}");
    }
}

#[test]
fn an_array_buffer_is_the_decoded_bytes_and_stands_beside_the_result() {
    let server = support::server();
    let client = support::client(&server);
    let get = |url: String| {
        let options = RequestOptions::new(url).response_type(ResponseType::ArrayBuffer);
        pollster::block_on(client.request(options))
    };
    let outcome = get(format!("{}/gzip?body={}", server.http(), encoded("{\"a\":1}")));
    assert_eq!(outcome.array_buffer().unwrap(), &b"{\"a\":1}"[..]);
    assert_eq!(
        support::json(&outcome).as_object().unwrap().keys().collect::<Vec<_>>(),
        ["statusCode", "header", "cookies", "trace", "errMsg"]
    );
    assert_eq!(outcome.result().unwrap().text(), "{\"a\":1}");
    let empty = get(format!("{}/status/204", server.http()));
    assert_eq!(empty.array_buffer().unwrap().len(), 0);
    let failed = get("http://".to_owned());
    assert_eq!(failed.array_buffer(), None);
    let text = support::get(&client, &format!("{}/gzip", server.http()));
    assert_eq!(text.array_buffer(), None);
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
