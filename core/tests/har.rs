//! docs/contract.md#15-what-a-host-app-sees: the HAR of a client. `bindings/node/test/har.test.js`
//! checks its form with the schema of an npm package.

mod support;

use std::sync::mpsc;
use std::time::UNIX_EPOCH;

use gadget_request::{Client, Data, RequestOptions};
use serde_json::{Value, json};
use support::{client_with, encoded, eventually, get, request};

fn entries(client: &Client) -> Vec<Value> {
    let har: Value = serde_json::from_str(&client.har()).expect("it is JSON");
    assert_eq!(har["log"]["version"], "1.2");
    assert_eq!(har["log"]["creator"]["name"], "gadget-request");
    har["log"]["entries"].as_array().expect("an array").clone()
}

/// The value of the header, the cookie or the parameter with this name.
fn value<'v>(pairs: &'v Value, name: &str) -> Option<&'v str> {
    let pairs = pairs.as_array().expect("an array");
    pairs
        .iter()
        .find(|pair| pair["name"] == name)
        .map(|pair| pair["value"].as_str().expect("a value is a text"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Checks that the phases are the whole time, with TLS in `connect`.
fn assert_adds_up(entry: &Value) {
    let timings = &entry["timings"];
    let of = |name: &str| number(&timings[name]);
    let phases = ["blocked", "dns", "connect", "send", "wait", "receive"];
    let sum: f64 = phases.iter().map(|name| of(name).max(0.0)).sum();
    assert!((sum - number(&entry["time"])).abs() < 0.01, "{entry}");
    assert!(["send", "wait", "receive"].iter().all(|name| of(name) >= 0.0), "{entry}");
    assert!(of("ssl") <= of("connect"), "{entry}");
}

#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    let server = support::server();
    let client = support::client(&server);
    get(&client, &server.http());
    assert!(entries(&client).is_empty());
}

#[test]
fn an_entry_has_the_request_the_response_and_the_time_of_each_phase() {
    let server = support::server();
    let port = server.https_port();
    let settings = json!({
        "har_exchanges": 10, "har_body_bytes": 1000,
        "resolve": [format!("api.test:{port}:127.0.0.1")],
    });
    let client = client_with(&server, settings);
    let url = format!("https://api.test:{port}/gzip?body=hello&a=%E4%B8%AD");
    let first = get(&client, &url);
    let data = Data::Text(r#"{"b":2}"#.to_owned());
    let options = RequestOptions::new(format!("{}/echo", server.http())).method("POST").data(data);
    let second = pollster::block_on(client.request(options));
    let entries = entries(&client);
    assert_eq!(entries.len(), 2);
    entries.iter().for_each(assert_adds_up);

    let entry = &entries[0];
    assert_eq!(entry["_trace"], first.trace().as_str());
    let (request, response) = (&entry["request"], &entry["response"]);
    assert_eq!((&request["method"], &request["url"]), (&json!("GET"), &json!(url)));
    assert_eq!(request["httpVersion"], "HTTP/2.0");
    assert_eq!(value(&request["queryString"], "a"), Some("中"));
    assert_eq!(value(&request["headers"], "x-request-id"), Some(first.trace().as_str()));
    assert_eq!((&request["bodySize"], &request["postData"]), (&json!(0), &Value::Null));
    assert_eq!((&response["status"], &response["statusText"]), (&json!(200), &json!("OK")));
    assert_eq!(value(&response["headers"], "content-encoding"), Some("gzip"));
    let content = &response["content"];
    assert_eq!((&content["size"], &content["text"]), (&json!(5), &json!("hello")));
    assert_eq!(content["mimeType"], "text/plain; charset=utf-8");
    assert_eq!(
        (&entry["serverIPAddress"], &entry["connection"]),
        (&json!("127.0.0.1"), &json!(port.to_string()))
    );
    assert_eq!(entry["_socketReused"], false);
    assert!(number(&entry["timings"]["connect"]) > 0.0 && number(&entry["timings"]["ssl"]) > 0.0);
    let timing = first.timing().unwrap();
    let begun = timing.at(gadget_request::CallMoment::InvokeStart).unwrap();
    let ended = timing.at(gadget_request::CallMoment::ResponseEnd).unwrap();
    assert!((number(&entry["time"]) - (ended - begun)).abs() < 0.01, "{entry}");
    let date = entry["startedDateTime"].as_str().unwrap();
    let seconds = seconds_of(date);
    assert_eq!((seconds * 1000.0).round(), begun.floor(), "{date}");

    let entry = &entries[1];
    assert_eq!(entry["_trace"], second.trace().as_str());
    let request = &entry["request"];
    assert_eq!((&request["httpVersion"], &request["bodySize"]), (&json!("HTTP/1.1"), &json!(7)));
    assert_eq!(request["postData"]["text"], r#"{"b":2}"#);
    assert_eq!(request["postData"]["mimeType"], "application/json");
    assert_eq!(number(&entry["timings"]["ssl"]), -1.0);
}

/// Seconds since 1970 of `2026-11-27T00:00:00.000Z`.
fn seconds_of(text: &str) -> f64 {
    assert!(text.ends_with('Z'));
    let time = humantime::parse_rfc3339(text).expect("it is ISO 8601");
    time.duration_since(UNIX_EPOCH).expect("it is later").as_secs_f64()
}

#[test]
fn each_redirect_is_an_entry_with_its_own_time() {
    let server = support::server();
    let client = client_with(&server, json!({ "har_exchanges": 10 }));
    let to = format!("{}/status/404", server.http());
    let outcome = get(&client, &format!("{}/redirect/302?to={}", server.http(), encoded(&to)));
    let entries = entries(&client);
    let statuses: Vec<_> = entries.iter().map(|entry| &entry["response"]["status"]).collect();
    assert_eq!(statuses, [302, 404]);
    assert_eq!(entries[0]["response"]["redirectURL"], to);
    assert_eq!(entries[1]["request"]["url"], to);
    assert_eq!(
        (&entries[0]["_socketReused"], &entries[1]["_socketReused"]),
        (&json!(false), &json!(true))
    );
    assert!(entries.iter().all(|entry| entry["_trace"] == outcome.trace().as_str()));
    let received: Vec<_> =
        entries.iter().map(|entry| number(&entry["response"]["_transferSize"])).collect();
    let all = outcome.timing().unwrap().received_bytes_count().unwrap();
    assert!(received[0] > 0.0 && received[0] + received[1] == all as f64, "{received:?} of {all}");
    entries.iter().for_each(assert_adds_up);
    let ends = seconds_of(entries[0]["startedDateTime"].as_str().unwrap()) * 1000.0
        + number(&entries[0]["time"]);
    let begins = seconds_of(entries[1]["startedDateTime"].as_str().unwrap()) * 1000.0;
    assert!(begins + 2.0 > ends, "{entries:?}");
}

#[test]
fn a_failed_call_is_an_entry_with_its_error() {
    let server = support::server();
    let settings = json!({ "har_exchanges": 10, "allowed_hosts": ["127.0.0.1"] });
    let client = client_with(&server, settings);
    get(&client, "http://127.0.0.1:1/");
    get(&client, &format!("{}/fault/half-body", server.http()));
    get(&client, "http://other.test/");
    request(&client, &json!({ "url": 1 })); // there is nothing to show
    let entries = entries(&client);
    let shown: Vec<_> = entries
        .iter()
        .map(|entry| json!([entry["response"]["status"], entry["_errno"], entry["_detail"]]))
        .collect();
    let expected = [
        json!([0, 305, "connection failed"]),
        json!([200, 305, "body cut short"]),
        json!([0, 110, "host not allowed"]),
    ];
    assert_eq!(shown, expected);
    entries.iter().for_each(assert_adds_up);
    let cause = entries[0]["_cause"].as_str().unwrap();
    assert!(cause.starts_with("connect: "), "{cause}");
    let texts: Vec<_> = entries.iter().map(|entry| &entry["response"]["statusText"]).collect();
    assert_eq!(texts, ["Network failure", "Network failure", "API call prohibited"]);
    assert_eq!(
        (&entries[0]["_errString"], &entries[2]["_cause"]),
        (&json!("Network failure"), &Value::Null)
    );
}

#[test]
fn the_time_in_the_queue_is_blocked() {
    let server = support::server();
    let client = client_with(&server, json!({ "har_exchanges": 20 }));
    let (sender, outcomes) = mpsc::channel();
    let start = |path: &str| {
        let sender = sender.clone();
        let options = RequestOptions::new(format!("{}{path}", server.http()));
        client.start(options, move |outcome| sender.send(outcome).unwrap())
    };
    let _held: Vec<_> = (0..10).map(|_| start("/hold/it")).collect();
    eventually("ten are there", || server.count("").in_flight == 10);
    let last = start("/bytes/1");
    let aborted = start("/bytes/2");
    aborted.abort();
    server.release("it", 10);
    let outcomes: Vec<_> = outcomes.iter().take(12).collect();
    let entries = entries(&client);
    let of = |task: &gadget_request::RequestTask| {
        entries.iter().find(|entry| entry["_trace"] == task.trace().as_str()).unwrap()
    };
    let outcome = outcomes.iter().find(|outcome| outcome.trace() == last.trace()).unwrap();
    let timing = outcome.timing().unwrap();
    let [start, end] =
        [gadget_request::CallMoment::QueueStart, gadget_request::CallMoment::QueueEnd]
            .map(|moment| timing.at(moment).unwrap());
    assert!(number(&of(&last)["timings"]["blocked"]) >= end - start, "{}", of(&last));
    assert_eq!(of(&aborted)["_detail"], "abort");
    assert_eq!(of(&aborted)["response"]["status"], 0);
    assert_adds_up(of(&aborted));
    let begins: Vec<_> = entries.iter().map(|it| it["startedDateTime"].as_str()).collect();
    assert!(begins.is_sorted(), "{begins:?}");
}

#[test]
fn the_last_exchanges_are_kept_with_the_begin_of_their_bodies() {
    let server = support::server();
    let client = client_with(&server, json!({ "har_exchanges": 3, "har_body_bytes": 4 }));
    for number in 0..5 {
        get(&client, &format!("{}/bytes/{number}", server.http()));
    }
    let data = Data::Bytes(vec![0xff; 9].into());
    let options =
        RequestOptions::new(format!("{}/bytes/9", server.http())).method("PUT").data(data);
    pollster::block_on(client.request(options));
    let entries = entries(&client);
    let texts: Vec<_> = entries.iter().map(|entry| &entry["response"]["content"]["text"]).collect();
    assert_eq!(texts, ["012", "0123", "0123"]);
    let content = &entries[2]["response"]["content"];
    assert_eq!(
        (&content["size"], &content["comment"]),
        (&json!(9), &json!("the first 4 of 9 bytes"))
    );
    assert_eq!(entries[1]["response"]["content"]["comment"], Value::Null);
    let post = &entries[2]["request"]["postData"];
    assert_eq!((&post["text"], &post["_encoding"]), (&json!("/////w=="), &json!("base64")));
    assert_eq!(post["comment"], "the first 4 of 9 bytes");
    assert_eq!(entries[2]["request"]["bodySize"], 9);

    let without = client_with(&server, json!({ "har_exchanges": 3 }));
    get(&without, &format!("{}/bytes/3", server.http()));
    let content = &self::entries(&without)[0]["response"]["content"];
    assert_eq!((&content["size"], &content["text"]), (&json!(3), &Value::Null));
    assert_eq!(content["comment"], Value::Null);
}

#[test]
fn secrets_are_kept_only_if_they_are_asked_for_and_hidden_cookies_never() {
    let server = support::server();
    for (platform, secrets, sees_cookies) in
        [("android", false, false), ("android", true, true), ("pc", true, false)]
    {
        let settings = json!({
            "platform": platform, "har_exchanges": 3, "har_secrets": secrets,
            "proxy": format!("http://user:s3cr3t@127.0.0.1:{}", server.http_port()),
            "app_headers": [{ "hosts": ["127.0.0.1"], "headers": { "x-token": "s3cr3t" } }],
            "cookie_policy": { "jar": true },
        });
        let client = client_with(&server, settings);
        client.cookies().set_line("http://127.0.0.1/", "a=s3cr3t");
        let url = format!("{}/echo?set-cookie=b%3Ds3c%2572et", server.http());
        let header = json!({ "authorization": "s3cr3t", "x-own": "seen" });
        request(&client, &json!({ "url": url, "header": header }));
        let entries = entries(&client);
        let (request, response) = (&entries[0]["request"], &entries[0]["response"]);
        assert_eq!(client.har().contains("s3cr3t"), secrets);
        assert_eq!(value(&request["headers"], "x-own"), Some("seen"));
        let shown = if secrets { "s3cr3t" } else { "[redacted]" };
        assert_eq!(value(&request["headers"], "x-token"), Some(shown));
        assert_eq!(value(&request["headers"], "authorization"), Some(shown));
        assert!(value(&request["headers"], "proxy-authorization").is_some());
        assert_eq!(value(&request["cookies"], "a"), secrets.then_some("s3cr3t"));
        let line = value(&response["headers"], "set-cookie");
        let expected = match (platform, secrets) {
            ("pc", _) => None,
            (_, true) => Some("b=s3c%72et"),
            (_, false) => Some("[redacted]"),
        };
        assert_eq!(line, expected);
        assert_eq!(value(&response["cookies"], "b"), sees_cookies.then_some("s3c%72et"));
    }
}
