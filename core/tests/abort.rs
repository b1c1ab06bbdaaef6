//! docs/contract.md#8-abort: an abort works in every state, at any time, from any thread.

mod support;

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;

use gadget_request::{Client, Data, Error, Outcome, RequestOptions, RequestTask};
use support::{client, client_with, connections_to, eventually};

/// More bytes than all buffers on the way hold.
const UPLOAD: usize = 90 << 20;

fn upload(url: String) -> RequestOptions {
    RequestOptions::new(url).method("POST").data(Data::Bytes(vec![b'x'; UPLOAD].into()))
}

fn start(client: &Client, options: RequestOptions) -> (RequestTask, mpsc::Receiver<Outcome>) {
    let (sender, outcomes) = mpsc::channel();
    let task = client.start(options, move |outcome| {
        sender.send(outcome).expect("the test waits");
    });
    (task, outcomes)
}

fn is_aborted_once(outcomes: &mpsc::Receiver<Outcome>) {
    let outcome = outcomes.recv().expect("it completes");
    assert_eq!(outcome.result().as_ref().err(), Some(&&Error::Aborted));
    assert_eq!(outcome.err_msg(), "request:fail abort");
    assert!(outcomes.recv().is_err(), "the completion came once");
}

fn it_sends_and_nobody_reads(port: u16) {
    eventually("it sends, and nobody reads", || {
        connections_to(port).iter().any(|connection| connection.unsent > 0)
    });
}

fn it_is_closed(port: u16) {
    eventually("it is closed", || {
        connections_to(port).iter().all(|connection| !connection.is_established)
    });
}

/// A server that accepts one connection, reads this many bytes, and reports this. Then it waits
/// for the end, and reports how many bytes came in all.
fn slow_server(reads: usize) -> (SocketAddr, mpsc::Receiver<()>, mpsc::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let address = listener.local_addr().expect("it is bound");
    let ((came, has_come), (ended, has_ended)) = (mpsc::channel(), mpsc::channel());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client comes");
        let mut start = vec![0; reads];
        stream.read_exact(&mut start).expect("it sends that much");
        came.send(()).expect("the test waits");
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest); // a reset is an end too
        ended.send(reads + rest.len()).expect("the test waits");
    });
    (address, has_come, has_ended)
}

#[test]
fn abort_while_queued_leaves_the_queue_at_once_and_sends_nothing() {
    let server = support::server();
    let client = client(&server);
    let url = format!("{}/hold/it?counter=it", server.http());
    let held: Vec<_> = (0..10).map(|_| start(&client, RequestOptions::new(&url))).collect();
    let waiting: Vec<_> = (0..10)
        .map(|_| start(&client, RequestOptions::new(format!("{}/echo?counter=w", server.http()))))
        .collect();
    for (left, (task, outcomes)) in (0..10).rev().zip(&waiting) {
        task.abort();
        assert_eq!((client.in_flight(), client.queued()), (10, left), "when abort returns");
        is_aborted_once(outcomes);
    }
    eventually("ten are there", || server.count("it").in_flight == 10);
    server.release("it", 10);
    assert!(held.iter().all(|(_, outcomes)| outcomes.recv().unwrap().result().is_ok()));
    assert_eq!(server.count("w").total, 0);
}

#[test]
fn abort_while_connecting_closes_the_connection() {
    let (address, has_come, has_ended) = slow_server(100);
    let client = Client::default();
    let (task, outcomes) = start(&client, RequestOptions::new(format!("https://{address}/")));
    has_come.recv().unwrap(); // a TLS handshake has begun, and is never answered
    task.abort();
    is_aborted_once(&outcomes);
    has_ended.recv().unwrap();
}

#[test]
fn abort_while_sending_closes_the_connection_and_sends_no_more() {
    let (address, has_come, has_ended) = slow_server(1000);
    let client = Client::default();
    let (task, outcomes) = start(&client, upload(format!("http://{address}/")));
    has_come.recv().unwrap();
    task.abort();
    is_aborted_once(&outcomes);
    assert!(has_ended.recv().unwrap() < UPLOAD);
}

#[test]
fn abort_while_sending_to_a_server_that_does_not_read_closes_the_connection() {
    let server = support::server();
    let client = client(&server);
    let port = server.http_port();
    let url = format!("{}/fault/unread", server.http());
    let (task, outcomes) = start(&client, upload(url));
    it_sends_and_nobody_reads(port);
    task.abort();
    is_aborted_once(&outcomes);
    it_is_closed(port);
}

#[test]
fn abort_while_sending_closes_the_connection_even_if_the_response_has_begun() {
    let server = support::server();
    let port = server.http_port();
    for query in ["?part=1", ""] {
        let client = client(&server);
        let url = format!("{}/fault/early{query}", server.http());
        let (task, outcomes) = start(&client, upload(url));
        if query.is_empty() {
            // A complete response settles the call, and the rest of the upload is dropped.
            assert_eq!(outcomes.recv().unwrap().result().unwrap().text(), "ok");
        } else {
            it_sends_and_nobody_reads(port);
            task.abort();
            is_aborted_once(&outcomes);
        }
        it_is_closed(port);
    }
}

#[test]
fn abort_while_sending_over_http_2_resets_the_stream_and_leaves_the_connection() {
    let server = support::server();
    let client = client(&server);
    let url = format!("{}/fault/unread?counter=u", server.https());
    let (task, outcomes) = start(&client, upload(url));
    eventually("it has come", || server.count("u").in_flight == 1);
    task.abort();
    is_aborted_once(&outcomes);
    eventually("the stream is reset", || server.count("u").in_flight == 0);
    assert!(support::get(&client, &server.https()).result().is_ok());
    assert_eq!(server.connections(), 1);
}

#[test]
fn abort_in_flight_frees_the_place_at_once_and_the_next_queued_call_starts() {
    let server = support::server();
    for (origin, path) in [
        (server.http(), "hold/it"),
        (server.https(), "hold/it"),
        (server.http(), "fault/silence-in-body"),
        (server.https(), "fault/drip"),
    ] {
        let client = client_with(&server, serde_json::json!({ "max_queued": 1 }));
        let counter = format!("{path}-{}", &origin[..5]);
        let url = format!("{origin}/{path}?counter={counter}");
        let held: Vec<_> = (0..11).map(|_| start(&client, RequestOptions::new(&url))).collect();
        eventually("ten are there", || server.count(&counter).in_flight == 10);
        for ((task, outcomes), total) in held[..5].iter().zip(11..) {
            task.abort();
            // The place counts as free, so one more call may be queued although only one may wait.
            let next = start(&client, RequestOptions::new(&url));
            is_aborted_once(outcomes);
            eventually("the next has come", || server.count(&counter).total == total);
            drop(next);
        }
        drop(client);
        eventually("all have ended", || server.count(&counter).in_flight == 0);
    }
}

#[test]
fn abort_of_one_stream_does_not_affect_the_others_of_its_connection() {
    let server = support::server();
    let client = client(&server);
    // Opens the connection.
    assert!(support::get(&client, &server.https()).result().is_ok());
    let url = format!("{}/hold/it?counter=it", server.https());
    let held: Vec<_> = (0..10).map(|_| start(&client, RequestOptions::new(&url))).collect();
    eventually("ten are there", || server.count("it").in_flight == 10);
    assert_eq!(server.connections(), 1, "HTTP/2");
    for (task, outcomes) in &held[..5] {
        task.abort();
        is_aborted_once(outcomes);
    }
    eventually("five were reset", || server.count("it").in_flight == 5);
    assert_eq!(server.connections(), 1);
    server.release("it", 5);
    assert!(held[5..].iter().all(|(_, outcomes)| outcomes.recv().unwrap().result().is_ok()));
    assert_eq!(server.count("it").total, 10);
}

#[test]
fn abort_after_settlement_does_nothing() {
    let server = support::server();
    let client = client(&server);
    let (task, outcomes) = start(&client, RequestOptions::new(server.http()));
    assert!(outcomes.recv().unwrap().result().is_ok());
    for _ in 0..3 {
        task.abort();
    }
    assert!(outcomes.recv().is_err());
    assert_eq!((client.in_flight(), client.queued()), (0, 0));
}

#[test]
fn abort_from_many_threads_at_once_is_one_abort() {
    let server = support::server();
    let client = client(&server);
    for _ in 0..100 {
        let url = format!("{}/fault/silence", server.http());
        let (task, outcomes) = start(&client, RequestOptions::new(url));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| task.abort());
            }
        });
        is_aborted_once(&outcomes);
        assert_eq!(client.in_flight(), 0);
    }
}

#[test]
fn abort_within_a_completion_of_another_call_and_of_the_call_itself_is_legal() {
    let server = support::server();
    let client = client(&server);
    let (other, others) =
        start(&client, RequestOptions::new(format!("{}/fault/silence", server.http())));
    let (give, own) = mpsc::channel::<RequestTask>();
    let (sender, outcomes) = mpsc::channel();
    let task = client.start(RequestOptions::new(server.http()), move |outcome| {
        own.recv().unwrap().abort();
        other.abort();
        sender.send(outcome).unwrap();
    });
    give.send(task).unwrap();
    assert!(outcomes.recv().unwrap().result().is_ok());
    is_aborted_once(&others);
}

#[test]
fn a_call_that_is_aborted_at_once_sends_nothing_or_is_cut_off() {
    let server = support::server();
    let client = client(&server);
    for _ in 0..500 {
        let (task, outcomes) =
            start(&client, RequestOptions::new(format!("{}/hold/x?counter=x", server.http())));
        task.abort();
        is_aborted_once(&outcomes);
    }
    eventually("none is left", || server.count("x").in_flight == 0);
    assert_eq!((client.in_flight(), client.queued()), (0, 0));
}
