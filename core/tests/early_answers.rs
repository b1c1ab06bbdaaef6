//! A server that answers before it has read a request's body, and closes.

mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use gadget_request::{Client, Data, Error, RequestOptions};

const UNAUTHORIZED: &[u8] = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 6\r\n\r\nlog in";

/// Reads the head, answers 401, and closes while more comes, which resets the connection.
fn says_401_and_resets(mut stream: TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
    }
    let _ = stream.write_all(UNAUTHORIZED);
    // Closing with unread bytes resets the connection.
}

#[test]
fn a_server_that_answers_and_does_not_read_the_upload_keeps_no_connection_open() {
    let server = support::server();
    let client = support::client(&server);
    for origin in [server.http(), server.https()] {
        let data = Data::Bytes(vec![b'x'; 8 << 20].into());
        let options = RequestOptions::new(format!("{origin}/fault/early")).method("POST");
        let response = pollster::block_on(client.request(options.data(data))).into_result();
        assert_eq!(response.map(|it| it.text().to_string()).as_deref(), Ok("ok"));
        let is_open = |connection: &support::Connection| connection.is_established;
        let closed = || !support::connections_to(port(&origin)).iter().any(is_open);
        support::eventually("the client has closed it", closed);
    }
}

fn port(origin: &str) -> u16 {
    origin.rsplit(':').next().and_then(|port| port.parse().ok()).expect("an origin with a port")
}

#[test]
fn an_answer_that_came_whole_before_its_connection_was_reset_arrives() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/upload", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().flatten().for_each(says_401_and_resets));
    let (tries, mut arrived) = (400, 0);
    for number in 0..tries {
        let client = Client::default();
        let data = Data::Bytes(vec![b'x'; 20_000 << (number % 8)].into());
        let options = RequestOptions::new(url.clone()).method("POST").data(data);
        match pollster::block_on(client.request(options)).into_result() {
            Ok(response) => {
                assert_eq!((response.status(), response.text().as_ref()), (401, "log in"));
                arrived += 1;
            }
            Err(error) => assert_eq!(error, Error::ConnectionFailed),
        }
    }
    // The system may discard received bytes when the reset comes.
    println!("{arrived} of {tries} arrived");
    assert!(arrived * 80 >= tries * 78, "{arrived} of {tries}");
}
