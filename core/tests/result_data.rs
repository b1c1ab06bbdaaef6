//! docs/contract.md#4-result, `data`: text by its charset, JSON, or bytes.

mod support;

use gadget_request::{RequestOptions, ResponseData, ResponseType};
use serde_json::json;
use support::{answer, encoded, raw, result_of, with_body};

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
fn a_json_body_is_in_the_result_to_the_letter() {
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
fn an_array_buffer_is_the_decoded_bytes_and_no_part_of_the_result_json() {
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
