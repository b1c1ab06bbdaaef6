//! docs/contract.md#15-what-a-host-app-sees: the events of a client's calls.

mod observing;
mod support;

use std::sync::mpsc;

use gadget_request::{CallEvent, Data, RequestOptions};
use observing::{all, names, observe, only, parsed};
use serde_json::{Value, json};
use support::{client, client_with, encoded, eventually, get, request};

const ONE_REQUEST: [&str; 3] = ["connection", "request", "head"];

/// The names of the members, in their order.
fn members(event: &CallEvent) -> Vec<String> {
    // The text, because a parsed object has lost the order.
    let json = event.to_json();
    let mut depth = 0;
    let mut names = Vec::new();
    let mut is_name = true;
    for part in json.split('"').enumerate() {
        let (number, text) = part;
        if number % 2 == 1 {
            if depth == 1 && is_name {
                names.push(text.to_owned());
            }
            continue;
        }
        for c in text.chars() {
            match c {
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                ':' if depth == 1 => is_name = false,
                ',' if depth == 1 => is_name = true,
                _ => {}
            }
        }
    }
    names
}

#[test]
fn a_call_tells_its_steps_in_their_order_with_their_members() {
    let server = support::server();
    for (origin, protocol, port) in [
        (server.http(), "http1.1", server.http_port()),
        (server.https(), "h2", server.https_port()),
    ] {
        let client = client(&server);
        let events = observe(&client);
        let url = format!("{origin}/cookies/set?line=a%3D1");
        let outcome = get(&client, &url);
        drop(client);
        let events: Vec<_> = events.iter().collect();
        let common = ["call", "at", "event"];
        for (event, own) in events.iter().zip([
            &["method", "url"][..],
            &["inFlight", "queued"],
            &["reused", "peerIP", "port", "protocol"],
            &["method", "url", "header", "bytes"],
            &["statusCode", "header", "cookies"],
            &["outcome", "statusCode", "profile"],
        ]) {
            assert_eq!(members(event), [&common[..], own].concat(), "{}", event.to_json());
            assert_eq!((event.trace(), event.dropped()), (outcome.trace(), 0));
        }
        let times: Vec<f64> = events.iter().map(CallEvent::at).collect();
        assert!(times.is_sorted(), "{times:?}");
        let events: Vec<_> = events.iter().map(parsed).collect();
        let steps = [&["start", "dispatched"][..], &ONE_REQUEST, &["end"]].concat();
        assert_eq!(names(&events), steps);
        let timing = outcome.timing().unwrap();
        assert_eq!(events[0]["at"].as_f64(), timing.at(gadget_request::CallMoment::InvokeStart));
        assert_eq!((&events[0]["method"], &events[0]["url"]), (&json!("GET"), &json!(url)));
        assert_eq!((&events[1]["inFlight"], &events[1]["queued"]), (&json!(1), &json!(0)));
        let connection = (&events[2]["reused"], &events[2]["port"], &events[2]["protocol"]);
        assert_eq!(connection, (&json!(false), &json!(port), &json!(protocol)));
        assert_eq!(events[2]["peerIP"], "127.0.0.1");
        assert_eq!((&events[3]["url"], &events[3]["bytes"]), (&json!(url), &json!(0)));
        assert_eq!(events[3]["header"]["x-request-id"], outcome.trace().as_str());
        assert_eq!(
            (&events[4]["statusCode"], &events[4]["cookies"]),
            (&json!(200), &json!(["a=1"]))
        );
        assert_eq!(events[4]["header"]["set-cookie"], "a=1");
        let profile: Value = serde_json::from_str(&timing.json()).unwrap();
        assert_eq!(events[5]["profile"], profile);
        assert_eq!(
            (&events[5]["outcome"], &events[5]["statusCode"]),
            (&json!("success"), &json!(200))
        );
    }
}

#[test]
fn the_request_is_shown_as_the_server_gets_it() {
    let server = support::server();
    for origin in [server.http(), server.https()] {
        let client = client(&server);
        let events = observe(&client);
        let options = json!({
            "url": format!("{origin}/echo"), "method": "post", "data": { "a": "中" },
            "header": { "X-One": "ü" },
        });
        let echoed = support::json(&request(&client, &options));
        let events = all(client, &events);
        let shown = only(&events, "request");
        assert_eq!((&shown["method"], &shown["bytes"]), (&json!("POST"), &json!(11)));
        let received = echoed["data"]["headers"].as_array().unwrap();
        assert!(received.len() > 8, "{received:?}");
        for field in received {
            let (name, value) = (field[0].as_str().unwrap(), &field[1]);
            let shown = &shown["header"][name.to_ascii_lowercase()];
            if name != "X-One" && name != "x-one" {
                assert_eq!(shown, value, "{name} in {origin}");
            }
        }
        assert_eq!(shown["header"]["x-one"], "ü");
        assert_eq!(shown["header"].as_object().unwrap().len(), received.len(), "{shown}");
    }
}

#[test]
fn a_queued_call_tells_how_many_are_before_it_and_what_is_in_flight_when_it_leaves() {
    let server = support::server();
    let client = client(&server);
    let events = observe(&client);
    let (sender, outcomes) = mpsc::channel();
    let start = || {
        let sender = sender.clone();
        let options = RequestOptions::new(format!("{}/hold/it", server.http()));
        client.start(options, move |outcome| sender.send(outcome).unwrap())
    };
    let tasks: Vec<_> = (0..13).map(|_| start()).collect();
    eventually("ten are there", || server.count("").in_flight == 10);
    tasks[11].abort();
    server.release("it", 12);
    assert_eq!(outcomes.iter().take(13).count(), 13);
    let events = all(client.clone(), &observed_until_end(&events, 13));
    let of = |task: &gadget_request::RequestTask| -> Vec<Value> {
        let own = events.iter().filter(|event| event["call"] == task.trace().as_str());
        own.cloned().collect()
    };
    for (number, task) in tasks.iter().enumerate() {
        let own = of(task);
        let queued = own.iter().find(|event| event["event"] == "queued");
        let ahead = queued.map(|event| event["ahead"].as_u64().unwrap());
        assert_eq!(ahead, number.checked_sub(10).map(|ahead| ahead as u64));
    }
    assert_eq!(names(&of(&tasks[11])), ["start", "queued", "end"]);
    let last = of(&tasks[12]);
    let steps = [&["start", "queued", "dispatched"][..], &ONE_REQUEST, &["end"]].concat();
    assert_eq!(names(&last), steps);
    assert!((1..=10).contains(&last[2]["inFlight"].as_u64().unwrap()), "{last:?}");
    assert_eq!(of(&tasks[0])[1]["inFlight"].as_u64().map(|it| it > 0), Some(true));
}

/// Waits until so many calls have ended, and passes their events on.
fn observed_until_end(
    events: &mpsc::Receiver<CallEvent>,
    calls: usize,
) -> mpsc::Receiver<CallEvent> {
    let (sender, passed) = mpsc::channel();
    let mut ended = 0;
    while ended < calls {
        let event = events.recv().expect("the client is there");
        ended += usize::from(event.name() == "end");
        sender.send(event).expect("it is kept");
    }
    passed
}

#[test]
fn a_redirect_and_a_retry_stand_between_the_requests() {
    let server = support::server();
    let redirecting = client(&server);
    let events = observe(&redirecting);
    let to = format!("{}/status/404", server.http());
    get(&redirecting, &format!("{}/redirect/307?to={}", server.http(), encoded(&to)));
    let events = all(redirecting, &events);
    let middle = [&ONE_REQUEST[..], &["redirect"], &ONE_REQUEST].concat();
    assert_eq!(names(&events), [&["start", "dispatched"][..], &middle, &["end"]].concat());
    let redirect = only(&events, "redirect");
    assert_eq!((&redirect["statusCode"], &redirect["url"]), (&json!(307), &json!(to)));
    assert_eq!((&events[4]["statusCode"], &events[8]["statusCode"]), (&json!(307), &json!(404)));

    let repeating = client(&server);
    let events = observe(&repeating);
    get(&repeating, &format!("{}/fault/refuse-first?counter=it", server.https()));
    let events = all(repeating, &events);
    let middle = [&ONE_REQUEST[..2], &["retry"], &ONE_REQUEST].concat();
    assert_eq!(names(&events), [&["start", "dispatched"][..], &middle, &["end"]].concat());
    let retry = only(&events, "retry");
    let reason = "connection failed (receive: http2 RST_STREAM REFUSED_STREAM)";
    assert_eq!(retry["count"], 1);
    assert!(retry["reason"].as_str().unwrap().contains("REFUSED_STREAM"), "{retry}, not {reason}");
}

#[test]
fn each_start_has_one_end_also_if_the_call_is_refused_aborted_or_its_client_ends() {
    let server = support::server();
    let client = client_with(&server, json!({ "allowed_hosts": ["127.0.0.1"], "max_queued": 1 }));
    let events = observe(&client);
    let here = format!("{}/hold/it", server.http());
    let refused = [
        (json!({ "url": 1 }), 104, None, None),
        (json!({ "url": "ftp://a/", "method": "post" }), 104, Some("post"), Some("ftp://a/")),
        (json!({ "url": "http://other.test/" }), 110, Some("GET"), Some("http://other.test/")),
        (json!({ "url": "http://u:s3cr3t@a.test/" }), 104, Some("GET"), None),
        (json!({ "url": "http://u:s3cr3t@[/" }), 104, Some("GET"), None),
    ];
    for (options, errno, method, url) in &refused {
        request(&client, options);
        let own: Vec<_> =
            [events.recv(), events.recv()].map(|event| parsed(&event.unwrap())).into();
        assert_eq!(names(&own), ["start", "end"]);
        let shown = (own[0]["method"].as_str(), own[0]["url"].as_str());
        assert_eq!((shown, &own[1]["errno"]), ((*method, *url), &json!(errno)), "{options}");
        assert_eq!(own[1]["outcome"], "fail");
        assert!(!own[0].to_string().contains("s3cr3t"), "{own:?}");
    }
    let (sender, outcomes) = mpsc::channel();
    let start = || {
        let sender = sender.clone();
        client.start(RequestOptions::new(&here), move |outcome| sender.send(outcome).unwrap())
    };
    let tasks: Vec<_> = (0..12).map(|_| start()).collect(); // the last is one too many
    eventually("ten are there", || server.count("").in_flight == 10);
    tasks[0].abort();
    client.set_online(false);
    start();
    client.set_online(true);
    client.shutdown();
    start();
    assert_eq!(outcomes.iter().take(14).count(), 14);
    let events = all(client, &events);
    let with = |name: &str| {
        let mut traces: Vec<_> = events.iter().filter(|event| event["event"] == name).collect();
        traces.sort_by_key(|event| event["call"].to_string());
        traces.iter().map(|event| event["call"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(with("start"), with("end"));
    assert_eq!(with("end").len(), 14);
    let count = |detail: &str| events.iter().filter(|event| event["detail"] == detail).count();
    let details = ["abort", "too many requests", "offline", "client closed"].map(count);
    assert_eq!(details.iter().sum::<usize>(), 14);
    assert!(details[0] == 1 && details[1] == 1 && details[2] >= 1, "{details:?}");
}

#[test]
fn a_failed_call_has_its_error_and_its_cause() {
    let server = support::server();
    let client = client(&server);
    let events = observe(&client);
    let outcome = get(&client, &format!("{}/fault/half-body", server.http()));
    let events = all(client, &events);
    let end = only(&events, "end");
    assert_eq!((&end["outcome"], &end["errno"]), (&json!("fail"), &json!(305)));
    assert_eq!(end["errString"], "Network failure");
    assert_eq!(end["detail"], "body cut short");
    assert_eq!(end["cause"], outcome.cause().unwrap().to_string());
    assert!(end["profile"]["responseStart"].is_number(), "{end}");
}

#[test]
fn events_show_no_secret_of_a_request_and_no_cookie_that_the_platform_hides() {
    let server = support::server();
    for (platform, sees_cookies) in [("pc", false), ("android", true)] {
        let settings = json!({
            "platform": platform,
            "proxy": format!("http://user:s3cr3t@127.0.0.1:{}", server.http_port()),
            "app_headers": [{ "hosts": ["127.0.0.1"], "headers": { "x-token": "s3cr3t" } }],
            "cookie_policy": { "jar": true },
        });
        let client = client_with(&server, settings);
        client.cookies().set_line("http://127.0.0.1/", "a=s3cr3t");
        let events = observe(&client);
        let url = format!("{}/echo?set-cookie=b%3Dshown", server.http());
        let header = json!({ "authorization": "s3cr3t", "cookie": "c=s3cr3t", "x-own": "seen" });
        let outcome = request(&client, &json!({ "url": url, "header": header }));
        let echoed = support::json(&outcome)["data"].to_string();
        assert_eq!(echoed.matches("s3cr3t").count(), if sees_cookies { 4 } else { 3 }, "{echoed}");
        let events = all(client, &events);
        let text = format!("{events:?}");
        assert!(!text.contains("s3cr3t"), "{text}");
        let header = &only(&events, "request")["header"];
        for name in ["authorization", "cookie", "x-token", "proxy-authorization"] {
            assert_eq!(header[name], "[redacted]", "{name}");
        }
        assert_eq!(header["x-own"], "seen");
        let head = only(&events, "head");
        assert_eq!(head["cookies"].as_array().unwrap().len(), usize::from(sees_cookies));
        assert_eq!(head["header"]["set-cookie"].is_string(), sees_cookies);
    }
}

#[test]
fn ten_calls_at_once_are_told_apart_and_each_in_its_order() {
    let server = support::server();
    let client = client(&server);
    let events = observe(&client);
    let (sender, outcomes) = mpsc::channel();
    for number in 0..500 {
        let sender = sender.clone();
        let data = Data::Bytes(vec![b'x'; number].into());
        let options = RequestOptions::new(server.https()).method("POST").data(data);
        client.start(options, move |outcome| sender.send(outcome).unwrap());
    }
    assert_eq!(outcomes.iter().take(500).count(), 500);
    let events = all(client, &events);
    let mut calls = std::collections::HashMap::<String, Vec<Value>>::new();
    for event in events {
        calls.entry(event["call"].to_string()).or_default().push(event);
    }
    assert_eq!(calls.len(), 500);
    for own in calls.values() {
        let mut steps = names(own);
        steps.retain(|name| *name != "queued");
        assert_eq!(steps, [&["start", "dispatched"][..], &ONE_REQUEST, &["end"]].concat());
        let times: Vec<f64> = own.iter().map(|event| event["at"].as_f64().unwrap()).collect();
        assert!(times.is_sorted(), "{own:?}");
    }
}
