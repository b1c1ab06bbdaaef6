//! docs/contract.md#7-the-gate: ten calls in flight, the others queued, and the host app's reports
//! about network and background.

mod support;

use std::collections::HashMap;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use gadget_request::{Client, Data, Error, Outcome, RequestOptions, RequestTask};
use gadget_test_server::Server;
use serde_json::json;
use support::{client, client_with, eventually};

/// A request that the server holds until it is released, and its outcome.
struct Held {
    task: RequestTask,
    outcomes: mpsc::Receiver<Outcome>,
}

impl Held {
    fn error(&self) -> Error {
        self.outcomes.recv().expect("it completes").into_result().expect_err("it fails")
    }

    fn status(&self) -> u16 {
        self.outcomes.recv().expect("it completes").into_result().expect("it succeeds").status()
    }
}

fn start(client: &Client, url: String) -> Held {
    let (sender, outcomes) = mpsc::channel();
    let completion = move |outcome| sender.send(outcome).expect("the test waits");
    let task = client.start(RequestOptions::new(url), completion);
    Held { task, outcomes }
}

fn hold(client: &Client, server: &Server, count: usize) -> Vec<Held> {
    let url = format!("{}/hold/it?counter=it", server.http());
    (0..count).map(|_| start(client, url.clone())).collect()
}

fn ten_have_come(server: &Server) {
    eventually("ten are there", || server.count("it").in_flight == 10);
}

#[test]
fn of_500_requests_the_server_sees_never_more_than_ten_at_once_and_exactly_500_in_order() {
    let server = support::server();
    for origin in [server.http(), server.https()] {
        let client = client(&server);
        let counter = if origin.starts_with("https") { "h2" } else { "h1" };
        let started: Vec<Held> = (0..500)
            .map(|number| {
                start(&client, format!("{origin}/delay/1?counter={counter}&number={number}"))
            })
            .collect();
        assert!(started.iter().all(|one| one.status() == 200));
        let count = server.count(counter);
        assert_eq!((count.max_in_flight, count.total, count.in_flight), (10, 500, 0), "{origin}");

        // The n-th call starts when all before it have started, and at most nine of them are in
        // flight.
        let counted = format!("?counter={counter}&number=");
        let latest = server.latest();
        let numbers = latest.iter().filter_map(|request| request.target.split_once(&counted));
        let mut arrived = [false; 500];
        for (_, number) in numbers {
            let number: usize = number.parse().unwrap();
            let on_their_way = arrived[..number].iter().filter(|arrived| !**arrived).count();
            assert!(on_their_way <= 9, "{number} overtook {on_their_way}");
            arrived[number] = true;
        }
        assert!(arrived.iter().all(|arrived| *arrived));
    }
}

#[test]
fn the_next_queued_call_starts_when_a_place_is_free_and_not_before() {
    let server = support::server();
    let client = client(&server);
    let ten = hold(&client, &server, 10);
    ten_have_come(&server);
    let waiting: Vec<Held> =
        (0..5).map(|n| start(&client, format!("{}/echo?counter=w&n={n}", server.http()))).collect();
    assert_eq!((client.in_flight(), client.queued()), (10, 5));
    assert_eq!(server.count("w").total, 0);
    server.release("it", 1);
    assert!(waiting.iter().all(|one| one.status() == 200));
    let order: Vec<String> = server
        .latest()
        .iter()
        .filter_map(|request| request.target.strip_prefix("/echo?counter=w&n=").map(str::to_owned))
        .collect();
    assert_eq!(order, ["0", "1", "2", "3", "4"], "through the one free place, one by one");
    assert_eq!((client.in_flight(), client.queued()), (9, 0));
    server.release("it", 9);
    assert!(ten.iter().all(|one| one.status() == 200));
    assert_eq!((client.in_flight(), client.queued()), (0, 0));
}

#[test]
fn each_client_has_its_own_ten_places() {
    let server = support::server();
    let (one, other) = (client(&server), client(&server));
    let held = [hold(&one, &server, 12), hold(&other, &server, 12)];
    eventually("twenty are there", || server.count("it").in_flight == 20);
    assert_eq!((one.queued(), other.queued()), (2, 2));
    server.release("it", 24);
    assert!(held.iter().flatten().all(|one| one.status() == 200));
}

#[test]
fn a_place_is_free_before_the_completion_comes() {
    let server = support::server();
    let client = client_with(&server, json!({ "max_queued": 0 }));
    for path in ["echo", "fault/half-body", "fault/garbage"] {
        let (sender, counted) = mpsc::channel();
        let inside = client.clone();
        client.start(RequestOptions::new(format!("{}/{path}", server.http())), move |_| {
            sender.send(inside.in_flight()).unwrap();
        });
        assert_eq!(counted.recv().unwrap(), 0, "{path}");
    }
}

#[test]
fn a_call_beyond_the_queues_limit_fails_with_111_and_the_default_is_a_thousand() {
    let server = support::server();
    for (settings, may_wait) in
        [(json!({}), 1000), (json!({ "max_queued": 3 }), 3), (json!({ "max_queued": 0 }), 0)]
    {
        let client = client_with(&server, settings);
        let held = hold(&client, &server, 10 + may_wait);
        let one_more = support::get(&client, &server.http());
        assert_eq!(one_more.result().unwrap_err(), &Error::TooManyRequests, "{may_wait}");
        assert_eq!(one_more.err_msg(), "request:fail too many requests");
        assert_eq!(support::json(&one_more)["errno"], 111);
        assert_eq!(client.queued(), may_wait);
        client.shutdown();
        assert!(held.iter().all(|one| one.error() == Error::ClientClosed));
    }
}

#[test]
fn the_queue_holds_64_mib_at_most_and_a_call_beyond_fails_with_111() {
    let server = support::server();
    let url = format!("{}/hold/it?counter=it", server.http());
    let post = |client: &Client, bytes: usize| {
        let (sender, outcomes) = mpsc::channel();
        let data = Data::Bytes(vec![b'x'; bytes].into());
        let options = RequestOptions::new(url.clone()).method("POST").data(data);
        let task = client.start(options, move |outcome| sender.send(outcome).expect("awaited"));
        Held { task, outcomes }
    };
    for (settings, bytes) in [(json!({}), 64 << 20), (json!({ "max_queued_bytes": 9000 }), 9000)] {
        let client = client_with(&server, settings);
        let ten = hold(&client, &server, 10);
        ten_have_come(&server);
        let half = bytes / 2 - url.len();
        let waiting = [post(&client, half), post(&client, half)];
        assert_eq!(client.queued(), 2);
        assert_eq!(post(&client, 0).error(), Error::TooManyRequests, "not one byte more");
        waiting[0].task.abort();
        assert_eq!(post(&client, half + 1).error(), Error::TooManyRequests);
        let again = post(&client, half);
        assert_eq!(client.queued(), 2);

        // A call that leaves the queue for a place makes room too.
        server.release("it", 10);
        assert!(ten.iter().all(|one| one.status() == 200));
        assert_eq!(client.queued(), 0);
        server.release("it", 2);
        assert_eq!((waiting[1].status(), again.status()), (200, 200));
    }
}

#[test]
fn a_request_in_the_queue_does_not_age() {
    let server = support::server();
    let client = client(&server);
    let ten = hold(&client, &server, 10);
    ten_have_come(&server);
    let (sender, outcomes) = mpsc::channel();
    let options = RequestOptions::new(format!("{}/hold/it", server.http()))
        .timeout(Duration::from_millis(300));
    let begun = Instant::now();
    client.start(options, move |outcome| sender.send((outcome, begun.elapsed())).unwrap());
    std::thread::sleep(Duration::from_millis(400)); // longer than its timeout
    assert_eq!(client.queued(), 1);
    ten[0].task.abort();
    let (outcome, elapsed) = outcomes.recv().unwrap();
    assert_eq!(outcome.result().unwrap_err(), &Error::Timeout);
    assert!(elapsed >= Duration::from_millis(700), "300 ms from its dispatch: {elapsed:?}");
}

#[test]
fn the_host_app_can_limit_the_time_in_the_queue() {
    let server = support::server();
    let client = client_with(&server, json!({ "queue_timeout_ms": 50 }));
    let held = hold(&client, &server, 12);
    assert_eq!(held[10].error(), Error::Timeout);
    assert_eq!(held[11].error(), Error::Timeout);
    assert_eq!((client.in_flight(), client.queued()), (10, 0));
    ten_have_come(&server);
    server.release("it", 10);
    assert!(held[..10].iter().all(|one| one.status() == 200));
    assert_eq!(server.count("it").total, 10, "what waited for too long was never sent");
}

#[test]
fn a_timeout_covers_the_connection_and_frees_the_place() {
    let server = support::server();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap(); // accepts, and never answers
    let url = format!("https://{}/", silent.local_addr().unwrap());
    let client = client_with(&server, json!({ "timeout_ms": 100, "max_queued": 1 }));
    let stuck: Vec<Held> = (0..10).map(|_| start(&client, url.clone())).collect();
    let next = start(&client, server.http());
    assert_eq!(client.queued(), 1);
    assert!(stuck.iter().all(|one| one.error() == Error::Timeout));
    assert_eq!(next.status(), 200);
}

#[test]
fn the_connect_timeout_lies_inside_the_timeout() {
    let server = support::server();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", silent.local_addr().unwrap());
    let client = client_with(&server, json!({ "connect_timeout_ms": 50, "timeout_ms": 60_000 }));
    assert_eq!(support::get_err(&client, &url), Error::Timeout);
}

#[test]
fn offline_fails_new_and_queued_requests_with_303_and_leaves_requests_in_flight() {
    let server = support::server();
    let client = client(&server);
    let held = hold(&client, &server, 15);
    ten_have_come(&server);
    client.set_online(false);
    assert_eq!((client.in_flight(), client.queued()), (10, 0));
    assert!(held[10..].iter().all(|one| one.error() == Error::Offline));
    let new = support::get(&client, &server.http());
    assert_eq!(new.err_msg(), "request:fail offline");
    assert_eq!(support::json(&new)["errno"], 303);
    server.release("it", 10);
    assert!(held[..10].iter().all(|one| one.status() == 200));
    assert_eq!(server.total(), 10);
    client.set_online(true);
    assert!(support::get(&client, &server.http()).result().is_ok());
}

#[test]
fn the_background_changes_nothing_unless_a_grace_period_is_set() {
    let server = support::server();
    let client = client(&server);
    let held = hold(&client, &server, 11);
    client.enter_background();
    server.release("it", 11);
    assert!(held.iter().all(|one| one.status() == 200));
    assert!(support::get(&client, &server.http()).result().is_ok());
}

#[test]
fn after_the_grace_period_all_calls_fail_with_112_until_the_app_is_in_the_foreground() {
    let server = support::server();
    for grace in [0, 50] {
        let client = client_with(&server, json!({ "background_grace_ms": grace }));
        let held = hold(&client, &server, 11);
        client.enter_background();
        client.clone().enter_background();
        assert!(held.iter().all(|one| one.error() == Error::AppInBackground), "{grace}");
        assert_eq!((client.in_flight(), client.queued()), (0, 0));
        let new = support::get(&client, &server.http());
        assert_eq!(new.err_msg(), "request:fail app in background");
        assert_eq!(support::json(&new)["errno"], 112);
        client.enter_foreground();
        assert!(support::get(&client, &server.http()).result().is_ok(), "{grace}");
    }
}

#[test]
fn an_app_that_returns_within_the_grace_period_loses_nothing_and_the_next_stay_has_its_own_period()
{
    let server = support::server();
    let client = client_with(&server, json!({ "background_grace_ms": 300 }));
    let held = hold(&client, &server, 11);
    let begun = Instant::now();
    client.enter_background();
    client.enter_foreground();
    std::thread::sleep(Duration::from_millis(150));
    client.enter_background();
    assert!(held.iter().all(|one| one.error() == Error::AppInBackground));
    assert!(begun.elapsed() >= Duration::from_millis(450), "{:?}", begun.elapsed());
}

#[test]
fn a_closed_client_fails_queued_calls_too_and_sends_none_of_them() {
    let server = support::server();
    for closes in [Client::shutdown as fn(&Client), |_| {}] {
        let client = client(&server);
        let held = hold(&client, &server, 20);
        eventually("ten are there", || server.count("it").in_flight == 10);
        closes(&client);
        drop(client);
        assert!(held.iter().all(|one| one.error() == Error::ClientClosed));
        assert!(held.iter().all(|one| one.outcomes.recv().is_err()), "once each");
        eventually("all connections are closed", || server.connections() == 0);
    }
    assert_eq!(server.count("it").total, 20, "ten of each client");
}

#[test]
fn wrong_options_are_a_104_even_if_the_queue_is_full_or_the_device_offline() {
    let server = support::server();
    let client = client_with(&server, json!({ "max_queued": 0 }));
    let held = hold(&client, &server, 10);
    let wrong = json!({ "url": "ftp://example.com" });
    assert_eq!(support::json(&support::request(&client, &wrong))["errno"], 104);
    client.set_online(false);
    assert_eq!(support::json(&support::request(&client, &wrong))["errno"], 104);
    drop((client, held));
}

#[test]
fn requests_started_from_many_threads_are_all_answered_and_never_more_than_ten_at_once() {
    let server = support::server();
    let client = client(&server);
    let mut outcomes = HashMap::new();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let (client, server) = (client.clone(), &server);
                scope.spawn(move || {
                    let url = format!("{}/delay/1?counter=m&thread={thread}", server.http());
                    let started: Vec<Held> = (0..50).map(|_| start(&client, url.clone())).collect();
                    started.iter().map(Held::status).collect::<Vec<_>>()
                })
            })
            .collect();
        for status in threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
            *outcomes.entry(status).or_insert(0) += 1;
        }
    });
    assert_eq!(outcomes, HashMap::from([(200, 400)]));
    let count = server.count("m");
    assert_eq!((count.total, count.in_flight), (400, 0));
    assert!(count.max_in_flight <= 10, "{count:?}");
}
