//! The inspector: who may ask it, what a page gets, what of real calls it shows.

#[path = "support/inspecting.rs"]
mod inspecting;
mod support;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use gadget_test_server::Server;
use inspecting::Inspector;
use serde_json::{Value, json};
use support::{devtools, text};

fn event(number: usize) -> Value {
    json!({ "call": number.to_string(), "at": number, "event": "start" })
}

/// The values of a member, of those that have it.
fn all<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter_map(|event| event.get(name)).collect()
}

/// The first event with this name.
fn step<'a>(events: &'a [Value], name: &str) -> &'a Value {
    events.iter().find(|event| event["event"] == name).expect(name)
}

#[test]
fn a_page_of_another_origin_and_another_host_name_get_nothing() {
    let inspector = Inspector::start();
    inspector.post("a", &[event(1)]);
    let own = format!("origin: http://{}\r\nsec-fetch-site: same-origin\r\n", inspector.address);
    for path in ["/", "/main.js", "/errors", "/har"] {
        assert_eq!(inspector.ask("GET", path, &own, "").0, 200, "{path}");
    }
    let port = inspector.address.rsplit(':').next().unwrap();
    for (path, method) in [
        ("/events", "GET"),
        ("/har", "GET"),
        ("/errors", "GET"),
        ("/clear", "POST"),
        ("/clients/a/events", "POST"),
    ] {
        for fields in [
            "origin: http://evil.example\r\n".to_owned(),
            "origin: null\r\n".to_owned(),
            format!("origin: http://localhost:{port}\r\n"),
            "sec-fetch-site: cross-site\r\n".to_owned(),
            "sec-fetch-site: same-site\r\n".to_owned(),
        ] {
            let (status, answer) = inspector.ask(method, path, &fields, "{\"event\":1}\n");
            assert_eq!(status, 403, "{path} {fields}");
            assert!(!answer.contains("access-control"), "{answer}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:80", "0.0.0.0:80", ""] {
            let request = format!("{method} {path} HTTP/1.0\r\nhost: {host}\r\n\r\n");
            assert_eq!(inspector.exchange(request.as_bytes()).0, 403, "{path} {host}");
        }
    }
    let (_, har) = inspector.ask("GET", "/har", "", "");
    assert!(har.contains(r#""entries":[]"#), "nothing was posted: {har}");
    assert_eq!(inspector.page().events(1), [event(1)], "nothing was cleared or added");
}

#[test]
fn every_answer_forbids_scripts_of_others_and_only_known_paths_answer() {
    let inspector = Inspector::start();
    let (_, page) = inspector.ask("GET", "/", "", "");
    for needed in [
        "content-security-policy: default-src 'none'; script-src 'self'",
        "require-trusted-types-for 'script'",
        "x-content-type-options: nosniff",
        "x-frame-options: DENY",
        "cross-origin-resource-policy: same-origin",
        "cache-control: no-store",
    ] {
        assert!(page.contains(needed), "{needed}: {page}");
    }
    assert!(!page.contains("http://") && !page.contains("https://"), "it loads nothing: {page}");
    for (method, path, status) in [
        ("GET", "/nothing", 404),
        ("GET", "/../Cargo.toml", 404),
        ("GET", "/clients/a/events", 405),
        ("POST", "/clients/a%2fb/events", 405),
        ("POST", "/events", 405),
        ("GET", "/clear", 405),
        ("POST", "/clients/a/events", 200),
    ] {
        assert_eq!(inspector.ask(method, path, "", "").0, status, "{method} {path}");
    }
}

#[test]
fn events_reach_every_page_in_the_order_in_which_they_came() {
    let inspector = Inspector::start();
    let about = json!({ "appId": "cli_a", "platform": "android", "pid": 7 });
    let (status, answer) = inspector.post("a", &[json!({ "client": about }), event(0), event(1)]);
    assert_eq!(status, 200);
    assert!(answer.ends_with(r#"{"taken":3,"refused":0}"#), "{answer}");
    let mut early = inspector.page();
    assert_eq!(early.next(), json!({ "client": "a", "about": about }));
    assert_eq!(early.events(2), [event(0), event(1)]);
    // A body in chunks, cut anywhere; one line of it is none.
    let chunks = "5\r\n{\"eve\r\n14\r\nnt\":1}\n{}\n{\"event\":2\r\n2\r\n}\n\r\n0\r\n\r\n";
    let head = format!("POST /clients/b/events HTTP/1.1\r\nhost: {}\r\n", inspector.address);
    let (status, answer) = inspector.exchange(
        format!("{head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n{chunks}").as_bytes(),
    );
    assert_eq!(status, 400, "{answer}");
    assert!(answer.contains(r#"{"taken":2,"refused":1}"#), "{answer}");
    let more = [json!({ "event": 1 }), json!({ "event": 2 })];
    assert_eq!(early.events(2), more);
    let all = [event(0), event(1), json!({ "event": 1 }), json!({ "event": 2 })];
    assert_eq!(inspector.page().events(4), all);
    assert_eq!(inspector.ask("POST", "/clear", "", "").0, 200);
    assert_eq!(early.next(), json!({ "client": "", "cleared": true }));
    assert_eq!(inspector.page().next(), json!({ "client": "", "cleared": true }));
}

#[test]
fn a_client_that_sends_without_end_takes_a_bounded_amount_of_memory() {
    let inspector = Inspector::start();
    let filler = "x".repeat(500 << 10);
    for round in 0..30 {
        let lines: Vec<Value> =
            (0..10).map(|_| json!({ "call": "1", "event": "head", "x": filler })).collect();
        assert_eq!(inspector.post(&format!("c{round}"), &lines).0, 200);
    }
    let endless = "x".repeat(40 << 20);
    let (status, answer) = inspector.ask("POST", "/clients/a/events", "", &endless);
    assert_eq!(status, 400, "{answer}");
    let peak = inspector.peak();
    assert!(peak < 110 << 10, "{peak} KiB for 150 MiB of events, of which 64 are kept");
}

#[test]
fn the_calls_of_a_client_appear_with_what_was_sent_and_what_came() {
    let (inspector, server) = (Inspector::start(), Server::start().unwrap());
    let http = server.http();
    let lines = [
        json!({ "options": {
            "url": format!("{http}/echo?q=it's"), "method": "POST", "data": { "id": 7 },
            "header": { "authorization": "Bearer secret-1", "cookie": "sid=secret-2" },
        } }),
        json!({ "options": { "url": format!("{http}/redirect/302/1") } }),
        json!({ "options": { "url": "ftp://nowhere" } }),
        json!({ "options": { "url": format!("{http}/bytes/100000") } }),
        json!({ "options": { "url": format!("{http}/fault/half-body") } }),
    ];
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let output = devtools(&["batch", "--config", &inspector.config()], &input);
    let printed = text(&output.stdout);
    let results: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(results.len(), lines.len(), "{printed} {}", text(&output.stderr));
    let result = |number: usize| results.iter().find(|it| it["line"] == number).unwrap();

    // Everything had arrived before the program ended.
    let mut page = inspector.page();
    let about = &page.next()["about"];
    assert_eq!((&about["appId"], &about["platform"]), (&json!("cli_test"), &json!("devtools")));
    let events = page.until_ends(lines.len());
    let calls: Vec<Vec<Value>> = (1..=lines.len())
        .map(|number| {
            let trace = [&result(number)["success"]["trace"], &result(number)["fail"]["trace"]];
            events.iter().filter(|it| trace.contains(&&it["call"])).cloned().collect()
        })
        .collect();

    let [posted, redirected, refused, large, reset] = &calls[..] else { panic!() };
    let steps = ["start", "dispatched", "connection", "request", "head", "end"];
    assert_eq!(all(posted, "event"), steps);
    let request = step(posted, "request");
    assert_eq!(request["body"], r#"{"id":7}"#);
    assert_eq!(request["header"]["content-type"], "application/json");
    assert_eq!(request["header"]["authorization"], "[redacted]");
    let end = step(posted, "end");
    assert_eq!(end["result"], result(1)["success"], "the result object, to the letter");
    assert!(end["profile"]["responseEnd"].is_f64() || end["profile"]["responseEnd"].is_u64());
    assert!(
        !json!(events.iter().filter(|it| it["event"] != "end").collect::<Vec<_>>())
            .to_string()
            .contains("secret-")
    );

    assert_eq!(all(redirected, "event").iter().filter(|it| ***it == "request").count(), 2);
    assert_eq!(step(redirected, "redirect")["statusCode"], 302);
    assert_eq!(all(refused, "event"), ["start", "end"]);
    assert_eq!(step(refused, "end")["result"], result(3)["fail"]);
    let end = step(large, "end");
    assert!(end["result"]["statusCode"] == 200 && end["result"].get("data").is_none());
    assert_eq!(end["bodyStart"].as_str().unwrap().len(), 64 << 10);
    assert_eq!(step(reset, "end")["errno"], 305);
    assert!(step(reset, "end")["cause"].is_string());

    let (_, answer) = inspector.ask("GET", "/har", "", "");
    let har: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), lines.len() + 1, "a redirect has two");
    let posted = entries.iter().find(|it| it["request"]["method"] == "POST").unwrap();
    assert_eq!(posted["request"]["postData"]["text"], r#"{"id":7}"#);
    assert_eq!(posted["response"]["status"], 200);
    assert_eq!(posted["serverIPAddress"], "127.0.0.1");
}

#[test]
fn an_inspector_that_is_not_there_or_does_not_read_delays_no_call() {
    let server = Server::start().unwrap();
    let line = json!({ "options": { "url": format!("{}/bytes/50000", server.http()) } });
    let input = format!("{line}\n").repeat(100);
    let run = |config: &str| {
        let begun = Instant::now();
        let output = devtools(&["batch", "--config", config], &input);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout).lines().count(), 100);
        begun.elapsed()
    };
    let alone = run("{}");
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for address in [deaf.local_addr().unwrap(), gone] {
        let beside = run(&json!({ "inspector": format!("http://{address}") }).to_string());
        // The program waits for its inspector at the end, but not for long.
        let limit = 3 * alone + Duration::from_secs(6);
        assert!(beside < limit, "{beside:?}, {alone:?} without an inspector");
    }
}

#[test]
fn a_setting_that_is_no_address_of_this_device_is_an_error() {
    for url in ["http://example.com", "https://127.0.0.1:1", "http://10.0.0.1:1", "nothing"] {
        let config = json!({ "inspector": url }).to_string();
        let output = devtools(&["request", "--config", &config, "{}"], "");
        assert_eq!(output.status.code(), Some(2));
        let error = text(&output.stderr);
        assert!(error.contains("--config: inspector: not http://127.0.0.1:PORT"), "{error}");
    }
}
