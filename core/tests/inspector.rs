//! What a client tells its inspector, and what it does if that is slow or goes away.
#![cfg(feature = "inspector")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use gadget_request::{Client, ClientConfig, RequestOptions, wait_for_inspectors};
use gadget_test_server::Server;
use serde_json::{Value, json};

/// More than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// An inspector of the test, which reads lines out of chunks.
struct Reader(BufReader<TcpStream>);

impl Reader {
    fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().expect("a client");
        stream.set_read_timeout(Some(PATIENCE)).expect("not zero");
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).expect("a head");
        }
        Self(reader)
    }

    /// The lines of the next chunk; none at the end.
    fn chunk(&mut self) -> Vec<Value> {
        let mut length = String::new();
        self.0.read_line(&mut length).expect("a chunk");
        let length = usize::from_str_radix(length.trim_end(), 16).expect(&length);
        let mut chunk = vec![0; length + 2];
        self.0.read_exact(&mut chunk).expect("as long as it says");
        let lines = std::str::from_utf8(&chunk).expect("UTF-8").lines();
        lines.filter(|it| !it.is_empty()).map(|it| serde_json::from_str(it).expect(it)).collect()
    }

    /// All lines until one is the end of a call.
    fn until_end(&mut self) -> Vec<Value> {
        let mut lines = Vec::new();
        while !lines.iter().any(|line: &Value| line["event"] == "end") {
            lines.extend(self.chunk());
        }
        lines
    }

    fn answer(&mut self) {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        self.0.get_mut().write_all(answer).expect("it waits for this");
    }
}

fn client(listener: &TcpListener) -> Client {
    let inspector = format!("http://{}", listener.local_addr().expect("it listens"));
    let config = json!({ "inspector": inspector, "app_id": "cli_a", "platform": "android" });
    Client::new(ClientConfig::from_json(&config.to_string()).expect("they are valid"))
}

fn call(client: &Client, url: &str) {
    let outcome = pollster::block_on(client.request(RequestOptions::new(url)));
    assert!(outcome.result().is_ok(), "{outcome:?}");
}

#[test]
fn it_hears_who_the_client_is_its_events_and_its_end() {
    let (server, listener) = (Server::start().unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let client = client(&listener);
    call(&client, &server.http());
    let mut inspector = Reader::accept(&listener);
    let lines = inspector.until_end();
    assert_eq!(lines[0]["client"]["appId"], "cli_a");
    assert_eq!(lines[0]["client"]["platform"], "android");
    assert_eq!(lines[0]["client"]["pid"], std::process::id());
    let names: Vec<_> = lines[1..].iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["start", "dispatched", "connection", "request", "head", "end"]);
    drop(client);
    assert_eq!(inspector.chunk(), Vec::<Value>::new(), "the body ends");
    inspector.answer();
    assert!(wait_for_inspectors(PATIENCE));
}

#[test]
fn one_that_comes_back_hears_what_happened_meanwhile_and_how_much_was_lost() {
    let (server, listener) = (Server::start().unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let client = client(&listener);
    call(&client, &server.http());
    let mut inspector = Reader::accept(&listener);
    inspector.until_end();
    let address = listener.local_addr().unwrap();
    drop((inspector, listener));
    // Bodies of 60 KB are part of the events: these are more than it keeps.
    let url = format!("{}/bytes/60000", server.http());
    for _ in 0..200 {
        call(&client, &url);
    }
    let listener = TcpListener::bind(address).unwrap();
    let mut inspector = Reader::accept(&listener);
    drop(client);
    let mut lines = Vec::new();
    loop {
        let chunk = inspector.chunk();
        if chunk.is_empty() {
            break;
        }
        lines.extend(chunk);
    }
    inspector.answer();
    assert_eq!(lines[0]["client"]["appId"], "cli_a", "it says again who it is");
    let dropped: u64 = lines.iter().filter_map(|line| line["dropped"].as_u64()).sum();
    let heard = lines.iter().filter(|line| line.get("call").is_some()).count() as u64;
    assert!(dropped > 100 && heard > 100, "{dropped} were dropped, {heard} heard");
    assert_eq!(dropped + heard, 200 * 6);
}

#[test]
fn a_slow_one_costs_a_call_nothing() {
    let (server, listener) = (Server::start().unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let client = client(&listener);
    let begun = Instant::now();
    for _ in 0..50 {
        call(&client, &format!("{}/bytes/60000", server.http()));
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
