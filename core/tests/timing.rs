//! docs/contract.md#4-result, `profile`: the phases of a call.

mod support;

use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::mpsc;

use gadget_request::{
    CallMoment, Client, ClientConfig, Data, Error, HostResolver, Outcome, RequestOptions, Timing,
};
use gadget_test_server::Server;
use serde_json::{Value, json};
use support::{client, client_with, get, request};

const QUEUE: [&str; 4] = ["invokeStart", "queueStart", "queueEnd", "fetchStart"];
const CONNECT: [&str; 2] = ["connectStart", "connectEnd"];
const TLS: [&str; 2] = ["SSLconnectionStart", "SSLconnectionEnd"];
const EXCHANGE: [&str; 4] = ["requestStart", "requestEnd", "responseStart", "responseEnd"];
const PEER: [&str; 4] = ["peerIP", "port", "protocol", "socketReused"];
const BYTES: [&str; 3] = ["sendBytesCount", "receivedBytedCount", "decodedBytes"];
const COUNTS: [&str; 2] = ["redirectCount", "retryCount"];

/// The names of the moments, in the order of the clock's.
fn moments(timing: &Timing) -> Vec<&'static str> {
    let there = CallMoment::ALL.into_iter().filter(|it| timing.at(*it).is_some());
    there.map(CallMoment::as_str).collect()
}

fn timing(outcome: &Outcome) -> &Timing {
    outcome.timing().expect("the call had a place")
}

/// The names of the members, in their order.
fn members(profile: &str) -> Vec<String> {
    let text = profile.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let text = text.expect("an object");
    let name = |member: &str| member.split(':').next().unwrap_or_default().replace('"', "");
    text.split(',').map(name).collect()
}

fn at(timing: &Timing, moment: CallMoment) -> f64 {
    timing.at(moment).unwrap_or_else(|| panic!("{moment:?} is missing: {timing:?}"))
}

/// Checks that no clock of the call runs backwards: each moment with the ones that follow it.
fn assert_in_order(timing: &Timing) {
    use CallMoment::*;
    for line in [
        &[InvokeStart, QueueStart, QueueEnd, FetchStart, RequestStart, ResponseStart, ResponseEnd]
            as &[_],
        &[FetchStart, DomainLookUpStart, DomainLookUpEnd, ConnectStart, ConnectEnd, RequestStart],
        &[ConnectStart, SslConnectionStart, SslConnectionEnd, ConnectEnd],
        &[RequestStart, RequestEnd],
        &[QueueEnd, RedirectStart, RedirectEnd],
    ] {
        let times: Vec<f64> = line.iter().filter_map(|moment| timing.at(*moment)).collect();
        assert!(times.is_sorted(), "{line:?}: {timing:?}");
    }
}

/// Resolves every name to this machine.
struct Here;

impl HostResolver for Here {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        match host {
            "lost.test" => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(vec![[127, 0, 0, 1].into()]),
        }
    }
}

fn resolving_client(server: &Server) -> Client {
    let mut config = ClientConfig::default();
    config.roots_pem.extend(server.ca_pem().parse().expect("a certificate"));
    Client::builder(config).resolver(Here).build()
}

#[test]
fn a_result_shows_its_profile_only_where_it_is_wanted() {
    let server = support::server();
    let url = format!("{}/bytes/3", server.http());
    for (setting, option, is_shown) in [
        (false, Value::Null, false),
        (false, json!(""), false),
        (false, json!(false), false),
        (false, json!(true), true),
        (true, Value::Null, true),
        (true, json!(false), false),
        (true, json!(true), true),
    ] {
        let client = client_with(&server, json!({ "profile": setting }));
        for url in [&url, "http://127.0.0.1:1/"] {
            let outcome = request(&client, &json!({ "url": url, "enableProfile": option }));
            let profile = outcome.json().split_once(r#","profile":"#).map(|(_, end)| end);
            let expected = is_shown.then(|| format!("{}}}", timing(&outcome).json()));
            assert_eq!(profile, expected.as_deref(), "{setting} {option}: {}", outcome.json());
        }
    }
    let native = RequestOptions::new(url).enable_profile(true);
    let outcome = pollster::block_on(client(&server).request(native));
    assert!(support::json(&outcome)["profile"]["invokeStart"].is_f64(), "{}", outcome.json());
}

#[test]
fn enable_profile_of_another_type_is_refused() {
    let server = support::server();
    for wrong in [json!(1), json!("true"), json!([]), json!({})] {
        let options = json!({ "url": server.http(), "enableProfile": wrong });
        let outcome = request(&client_with(&server, json!({ "profile": true })), &options);
        let message = "request:fail invalid options: enableProfile is not a boolean";
        assert_eq!(outcome.err_msg(), message, "{options}");
        assert!(outcome.timing().is_none() && !outcome.json().contains("profile"), "{options}");
    }
    assert_eq!(server.total(), 0);
}

#[test]
fn a_first_call_over_tls_has_every_phase_in_the_order_of_the_contract() {
    let server = support::server();
    let url = format!("https://api.test:{}/gzip?body=hello", server.https_port());
    let outcome = get(&resolving_client(&server), &url);
    let timing = timing(&outcome);
    let look_up = ["domainLookUpStart", "domainLookUpEnd"];
    let expected =
        [&QUEUE[..], &look_up, &CONNECT, &TLS, &EXCHANGE, &PEER, &BYTES, &COUNTS].concat();
    assert_eq!(members(&timing.json()), expected);
    assert_in_order(timing);
    assert_eq!(timing.peer_ip(), Some([127, 0, 0, 1].into()));
    assert_eq!(timing.port(), Some(server.https_port()));
    assert_eq!((timing.protocol(), timing.socket_reused()), (Some("h2"), Some(false)));
    assert_eq!((timing.redirect_count(), timing.retry_count()), (0, 0));
    assert_eq!(timing.decoded_bytes(), Some(5));
}

#[test]
fn times_are_those_of_the_wall_clock_when_the_call_started() {
    let server = support::server();
    let millis = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        now.as_secs_f64() * 1000.0
    };
    let before = millis();
    let outcome = get(&client(&server), &format!("{}/delay/50", server.http()));
    let after = millis();
    let timing = timing(&outcome);
    let [start, end] = [CallMoment::InvokeStart, CallMoment::ResponseEnd].map(|it| at(timing, it));
    assert!(before - 1.0 <= start && start + 50.0 <= end && end <= after + 1.0, "{timing:?}");
    let profile: Value = serde_json::from_str(&timing.json()).unwrap();
    assert_eq!(profile["invokeStart"].as_f64(), Some(start));
    assert_eq!(profile["responseEnd"].as_f64(), Some(end));
}

#[test]
fn a_call_on_a_kept_connection_has_no_phase_of_connecting() {
    let server = support::server();
    let client = resolving_client(&server);
    for (origin, protocol) in [
        (format!("http://api.test:{}", server.http_port()), "http1.1"),
        (format!("https://api.test:{}", server.https_port()), "h2"),
    ] {
        let url = format!("{origin}/bytes/7");
        let first = get(&client, &url);
        assert_eq!(timing(&first).socket_reused(), Some(false));
        let outcome = get(&client, &url);
        let timing = timing(&outcome);
        let expected = [&QUEUE[..], &EXCHANGE, &PEER, &BYTES, &COUNTS].concat();
        assert_eq!(members(&timing.json()), expected);
        assert_eq!((timing.protocol(), timing.socket_reused()), (Some(protocol), Some(true)));
        assert_eq!(timing.peer_ip(), Some([127, 0, 0, 1].into()));
        assert_in_order(timing);
    }
}

#[test]
fn of_calls_that_share_a_first_connection_one_has_its_phases() {
    let server = support::server();
    let client = client(&server);
    let (sender, outcomes) = mpsc::channel();
    for _ in 0..10 {
        let sender = sender.clone();
        let options = RequestOptions::new(format!("{}/bytes/1", server.https()));
        client.start(options, move |outcome| sender.send(outcome).unwrap());
    }
    let outcomes: Vec<_> = outcomes.into_iter().take(10).collect();
    let connected = |it: &&Outcome| moments(timing(it)).contains(&"connectStart");
    let reused = |it: &&Outcome| timing(it).socket_reused() == Some(true);
    assert_eq!(outcomes.iter().filter(connected).count(), server.handshakes());
    assert_eq!(outcomes.iter().filter(reused).count(), 10 - server.handshakes());
    outcomes.iter().for_each(|outcome| assert_in_order(timing(outcome)));
}

#[test]
fn a_call_that_finds_a_place_leaves_the_queue_at_the_moment_when_it_came() {
    let server = support::server();
    let outcome = get(&client(&server), &server.http());
    let timing = timing(&outcome);
    assert_eq!(timing.at(CallMoment::QueueStart), timing.at(CallMoment::QueueEnd));
}

#[test]
fn the_time_in_the_queue_lies_between_its_start_and_its_end() {
    let server = support::server();
    let client = client(&server);
    let (sender, outcomes) = mpsc::channel();
    let start = |path: &str| {
        let sender = sender.clone();
        let options = RequestOptions::new(format!("{}{path}", server.http()));
        client.start(options, move |outcome| sender.send(outcome).unwrap())
    };
    let held: Vec<_> = (0..10).map(|_| start("/hold/it")).collect();
    support::eventually("ten are there", || server.count("").in_flight == 10);
    let (last, aborted) = (start("/bytes/1"), start("/bytes/1"));
    aborted.abort();
    server.release("it", 10);
    let outcomes: Vec<_> = outcomes.into_iter().take(12).collect();
    let of = |task: &gadget_request::RequestTask| {
        outcomes.iter().find(|outcome| outcome.trace() == task.trace()).unwrap()
    };
    let timing = timing(of(&last));
    let [start, end, fetch] =
        [CallMoment::QueueStart, CallMoment::QueueEnd, CallMoment::FetchStart]
            .map(|moment| at(timing, moment));
    let first_freed = held.iter().map(|it| at(self::timing(of(it)), CallMoment::ResponseStart));
    assert!(start < end && end <= fetch, "{timing:?}");
    assert!(first_freed.into_iter().any(|freed| freed <= end), "{timing:?}");
    assert!(of(&aborted).timing().is_none(), "it never had a place");
}

#[test]
fn a_redirected_call_has_the_phases_of_its_last_hop_and_the_counts_of_all() {
    let server = support::server();
    let url = format!("{}/redirect/302/2", server.http()); // then it echoes
    let outcome = get(&client(&server), &url);
    let timing = timing(&outcome);
    let redirects = ["redirectStart", "redirectEnd"];
    let expected = [&QUEUE[..], &redirects, &EXCHANGE, &PEER, &BYTES, &COUNTS].concat();
    assert_eq!(members(&timing.json()), expected, "{}", outcome.json());
    assert_eq!(timing.at(CallMoment::RedirectEnd), timing.at(CallMoment::FetchStart));
    assert!(at(timing, CallMoment::RedirectStart) < at(timing, CallMoment::RedirectEnd));
    assert_eq!((timing.redirect_count(), timing.retry_count()), (2, 0));
    let body = outcome.result().unwrap().body().len() as u64;
    assert_eq!((timing.socket_reused(), timing.decoded_bytes()), (Some(true), Some(body)));
    assert_in_order(timing);
    let direct = get(&client(&server), &format!("{}/echo", server.http()));
    let direct = self::timing(&direct);
    assert!(timing.send_bytes_count() > direct.send_bytes_count().map(|bytes| 2 * bytes));
    assert!(timing.received_bytes_count() > direct.received_bytes_count());
}

#[test]
fn a_request_that_was_sent_again_counts_as_a_retry_and_has_the_phases_of_the_last_attempt() {
    let server = support::server();
    let url = format!("{}/fault/refuse-first?counter=it", server.https());
    let outcome = get(&client(&server), &url);
    let timing = timing(&outcome);
    assert!(outcome.result().is_ok(), "{}", outcome.json());
    assert_eq!((timing.retry_count(), timing.redirect_count()), (1, 0));
    assert_eq!(moments(timing), [&QUEUE[..], &CONNECT, &TLS, &EXCHANGE].concat());
    assert_eq!(timing.socket_reused(), Some(false), "the one that refused is not used again");
    assert_in_order(timing);
    let once = get(&client(&server), &format!("{}/fault/left", server.https()));
    let sent = |outcome: &Outcome| self::timing(outcome).send_bytes_count().unwrap();
    assert!(sent(&outcome) > sent(&once) * 3 / 2, "both requests count");
}

#[test]
fn a_failed_call_has_the_phases_that_happened() {
    let server = support::server();
    let http = |path: &str| format!("http://api.test:{}{path}", server.http_port());
    let connected = [&QUEUE[..], &["domainLookUpStart", "domainLookUpEnd"], &CONNECT].concat();
    let untrusting = Client::builder(ClientConfig::default()).resolver(Here).build();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (url, error, phases) in [
        ("http://lost.test/".to_owned(), Error::NameNotResolved, &["domainLookUpStart"][..]),
        (
            format!("http://api.test:{closed}/"),
            Error::ConnectionFailed,
            &["domainLookUpStart", "domainLookUpEnd", "connectStart"],
        ),
        (
            format!("https://api.test:{}/", server.https_port()),
            Error::Tls(gadget_request::TlsFailure::UnknownIssuer),
            &["domainLookUpStart", "domainLookUpEnd", "connectStart", "SSLconnectionStart"],
        ),
    ] {
        let outcome = get(&untrusting, &url);
        assert_eq!(outcome.result().unwrap_err(), &error, "{url}");
        assert_eq!(moments(timing(&outcome)), [&QUEUE[..], phases].concat(), "{url}");
        assert_eq!(timing(&outcome).send_bytes_count(), None, "{url}");
        assert_eq!(timing(&outcome).peer_ip().is_some(), url.starts_with("https"), "{url}");
        assert_in_order(timing(&outcome));
    }
    for (path, error, phases) in [
        ("/fault/close-before-head", Error::ConnectionFailed, &EXCHANGE[..2]),
        ("/fault/garbage", Error::ProtocolError, &EXCHANGE[..2]),
        ("/fault/half-body", Error::BodyCutShort, &EXCHANGE[..3]),
        ("/redirect/302?to=ftp%3A%2F%2Fa", Error::BadRedirect, &EXCHANGE[..3]),
    ] {
        let outcome = get(&resolving_client(&server), &http(path));
        assert_eq!(outcome.result().unwrap_err(), &error, "{path}");
        assert_eq!(moments(timing(&outcome)), [&connected[..], phases].concat(), "{path}");
        assert!(timing(&outcome).send_bytes_count() > Some(0), "{path}");
        assert_eq!(timing(&outcome).decoded_bytes(), None, "{path}");
        assert_in_order(timing(&outcome));
    }
}

#[test]
fn an_aborted_call_has_the_phases_that_happened() {
    let server = support::server();
    for origin in [server.http(), server.https()] {
        let client = client(&server);
        let (sender, outcomes) = mpsc::channel();
        // The server reads nothing of the body, which fits into no buffer.
        let options = RequestOptions::new(format!("{origin}/fault/unread?counter=it"))
            .method("POST")
            .data(Data::Bytes(vec![0; 30 << 20].into()));
        let task = client.start(options, move |outcome| sender.send(outcome).unwrap());
        if origin == server.http() {
            let connections = || support::connections_to(server.http_port());
            support::eventually("it sends", || connections().iter().any(|it| it.unsent > 0));
        } else {
            support::eventually("it is there", || server.count("it").in_flight == 1);
        }
        task.abort();
        let outcome = outcomes.recv().unwrap();
        assert_eq!(outcome.result().unwrap_err(), &Error::Aborted);
        let timing = timing(&outcome);
        let there = moments(timing);
        assert_eq!(there.last(), Some(&"requestStart"), "the request has no end: {there:?}");
        assert!((1..30 << 20).contains(&timing.send_bytes_count().unwrap()), "{timing:?}");
        assert_eq!(timing.received_bytes_count(), Some(0));
    }
}

#[test]
fn a_call_without_a_place_has_no_profile() {
    let server = support::server();
    let client = client_with(&server, json!({ "profile": true }));
    let outcome = get(&client, "ftp://a.test/");
    assert!(outcome.timing().is_none());
    client.set_online(false);
    let outcome = get(&client, &server.http());
    assert_eq!(outcome.result().unwrap_err(), &Error::Offline);
    assert!(outcome.timing().is_none() && !outcome.json().contains("profile"));
}

#[test]
fn through_a_proxy_the_peer_is_the_proxy_and_tls_is_that_of_the_server() {
    let server = support::server();
    let client = client_with(&server, json!({ "proxy": server.http() }));
    let over_http = get(&client, "http://somewhere.invalid/bytes/2");
    let over_tls = get(&client, &format!("https://somewhere.invalid:{}/", server.https_port()));
    for (outcome, phases, protocol) in [
        (over_http, [&QUEUE[..], &CONNECT, &EXCHANGE].concat(), "http1.1"),
        (over_tls, [&QUEUE[..], &CONNECT, &TLS, &EXCHANGE].concat(), "h2"),
    ] {
        let timing = timing(&outcome);
        assert_eq!(moments(timing), phases, "{}", outcome.json());
        assert_eq!(timing.port(), Some(server.http_port()));
        assert_eq!(timing.protocol(), Some(protocol));
        assert_in_order(timing);
    }
}

#[test]
fn a_response_without_a_body_ends_with_its_head() {
    let server = support::server();
    for origin in [server.http(), server.https()] {
        let outcome = get(&client(&server), &format!("{origin}/status/204"));
        let timing = timing(&outcome);
        assert!(moments(timing).ends_with(&EXCHANGE), "{timing:?}");
        assert_eq!(timing.decoded_bytes(), Some(0));
        assert_in_order(timing);
    }
}

#[test]
fn a_panic_of_the_resolver_hurts_no_profile() {
    struct Panics;
    impl HostResolver for Panics {
        fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            panic!("on purpose: a resolver that panics")
        }
    }
    let client = Client::builder(ClientConfig::default()).resolver(Panics).build();
    let outcome = get(&client, "http://a.test/");
    assert_eq!(moments(timing(&outcome)), [&QUEUE[..], &["domainLookUpStart"]].concat());
}
