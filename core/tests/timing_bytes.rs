//! docs/contract.md#4-result, `profile`: the bytes that a call moved.

#[path = "support/frames.rs"]
mod frames;
mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use gadget_request::{Client, Data, Outcome, RequestOptions, Timing};
use gadget_test_server::frame;
use serde_json::json;
use support::{client, client_with, get};

use frames::{DATA, END_HEADERS, END_STREAM, HEADERS, head};

fn timing(outcome: &Outcome) -> &Timing {
    outcome.timing().expect("the call had a place")
}

#[test]
fn bytes_over_http1_are_those_of_heads_and_bodies_to_the_last() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
    const CHUNKED: &str = "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\n\
        transfer-encoding: chunked\r\n\r\n5;note\r\nhello\r\n0\r\n\r\n";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let answers = [format!("{HEAD}hello"), CHUNKED.to_owned()];
    let responses = answers.clone();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        responses.map(|response| {
            let (mut received, mut byte) = (Vec::new(), [0]);
            while !received.ends_with(b"\r\n\r\nbody") {
                stream.read_exact(&mut byte).unwrap();
                received.push(byte[0]);
            }
            stream.write_all(response.as_bytes()).unwrap();
            received.len() as u64
        })
    });
    let client = Client::default();
    let mut sent = Vec::new();
    for answer in answers {
        let options = RequestOptions::new(&*url).method("POST").data(Data::Text("body".into()));
        let outcome = pollster::block_on(client.request(options));
        let timing = timing(&outcome);
        assert_eq!(timing.received_bytes_count(), Some(answer.len() as u64), "{timing:?}");
        assert_eq!(timing.decoded_bytes(), Some(5));
        sent.push(timing.send_bytes_count().unwrap());
    }
    assert_eq!(sent, server.join().unwrap());
}

#[test]
fn bytes_over_http2_are_those_of_the_frames_of_its_stream() {
    let server = support::server();
    let response = |stream: u32| {
        let length = Some("5");
        [
            frame(HEADERS, END_HEADERS, stream, &[0x08, 0x03, b'1', b'0', b'3']),
            frame(HEADERS, END_HEADERS, stream, &head(length)),
            frame(DATA, 0, stream, b"he"),
            frames::flood(2, 0, 1), // a frame of the connection, and one that has no body
            frames::flood(3, stream, 1),
            frame(DATA, END_STREAM, stream, b"llo"),
        ]
        .concat()
    };
    server.answer_in_frames(move |_, stream| response(stream));
    let resolve = format!("frames.test:{}:127.0.0.1", server.https_port());
    let client = client_with(&server, json!({ "resolve": [resolve] }));
    let url = format!("https://frames.test:{}/", server.https_port());
    let expected = (9 + 5) + (9 + head(Some("5")).len() as u64) + (9 + 2) + (9 + 3);
    let send = |body: usize| {
        let data = Data::Bytes(vec![b'x'; body].into());
        let options = RequestOptions::new(&*url).method("PUT").data(data);
        let outcome = pollster::block_on(client.request(options));
        let timing = timing(&outcome).clone();
        assert_eq!(outcome.result().map(|it| it.body().len()), Ok(5));
        assert_eq!(timing.received_bytes_count(), Some(expected), "{timing:?}");
        assert_eq!(timing.protocol(), Some("h2"));
        timing.send_bytes_count().unwrap()
    };
    // HPACK needs fewer bytes for a head that it has seen; then all heads have one size but for
    // their trace, which is coded, and for the length.
    send(100);
    let [few, many] = [100, 60_000].map(send);
    let (frames_of_few, frames_of_many) = (1, 60_000_u64.div_ceil(16_384));
    let bodies = (60_000 + 9 * frames_of_many) - (100 + 9 * frames_of_few);
    assert!((many - few).abs_diff(bodies) < 20, "{few} {many}");
    assert!(few > 9 + 9 + 100 && few < 600, "{few}");
}

#[test]
fn a_head_with_many_fields_is_counted_once() {
    let server = support::server();
    let outcome = get(&client(&server), &format!("{}/fault/many-headers?count=500", server.http()));
    let response = outcome.result().unwrap();
    let fields: usize = response.headers().map(|(name, value)| name.len() + value.len() + 4).sum();
    let expected = "HTTP/1.1 200 OK\r\n\r\n".len() + fields + response.body().len();
    assert_eq!(timing(&outcome).received_bytes_count(), Some(expected as u64));
}
