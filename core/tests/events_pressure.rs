//! docs/contract.md#12-while-a-call-runs: a slow reader slows the server down, and takes no memory.
#![cfg(target_os = "linux")]

mod listening;
mod support;

use std::sync::Mutex;

use gadget_request::{Client, Demand, Error};
use listening::{Listening, listen_with};
use serde_json::json;
use support::{Server, client};

const MEBIBYTE: usize = 1 << 20;

/// The most that the client's side takes: what waits in the engine, and in the buffers of its
/// system. Over HTTP/2 the window of a stream has 2 MiB.
const MOST_TAKEN: usize = 4 * MEBIBYTE;

/// What waits in the buffers of the server's own system, which no client can change.
fn unsent_by(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux has it");
    let lines = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let here = lines.filter(|columns| columns[1] == format!("0100007F:{port:04X}"));
    here.map(|columns| usize::from_str_radix(&columns[4][..8], 16).expect("a number")).sum()
}

/// The memory that the server takes in this process, and what the first call of a kind needs, count
/// too.
const MOST_GROWN: usize = 16 * MEBIBYTE;

/// The tests measure the memory of this process, so one runs at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The memory of this process, in bytes.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("Linux has it");
    let kilobytes = line.split_whitespace().nth(1).expect("a number");
    kilobytes.parse::<usize>().expect("a number") << 10
}

/// Starts a call whose listener pauses with each chunk, and waits until nothing moves any more.
fn stuck(server: &Server, client: &Client, url: &str) -> Listening {
    let options = json!({ "url": url, "enableChunked": true });
    let listening = listen_with(client, &options, |_| Demand::Pause);
    listening.headers();
    listening.chunk();
    support::settled(|| server.taken());
    listening
}

#[test]
fn a_server_is_slowed_down_by_a_reader_that_does_not_read() {
    let _alone = ONE_AT_A_TIME.lock();
    let server = support::server();
    let client = client(&server);
    for (origin, port) in
        [(server.http(), server.http_port()), (server.https(), server.https_port())]
    {
        for path in ["bytes/1073741824", "close/1073741824"] {
            let taken = support::settled(|| server.taken()); // what the call before left is gone
            let before = memory();
            let listening = stuck(&server, &client, &format!("{origin}/{path}"));
            let taken = server.taken() - taken - unsent_by(port);
            let grown = memory().saturating_sub(before);
            println!("{origin}/{path}: {taken} bytes taken, memory grown by {grown} bytes");
            assert!(taken <= MOST_TAKEN, "{origin}/{path}: {taken} bytes");
            assert!(grown <= MOST_GROWN, "{origin}/{path}: {grown} bytes");
            // What waits comes as the reader goes on, and the server goes on with it.
            let mut read = 0;
            while read < 2 * MOST_TAKEN {
                listening.task.resume();
                read += listening.chunk().len();
            }
            let grown = memory().saturating_sub(before);
            assert!(grown <= MOST_GROWN, "{origin}/{path}: {grown} bytes");
            listening.task.abort();
            assert_eq!(listening.outcome().result().unwrap_err(), &Error::Aborted);
        }
    }
}

#[test]
fn a_bomb_takes_no_memory_of_a_reader_that_does_not_read() {
    let _alone = ONE_AT_A_TIME.lock();
    let server = support::server();
    let client = client(&server);
    for coding in ["gzip", "deflate", "br", "zstd", "gzip,gzip"] {
        let url = format!("{}/coded/{coding}?zeros=300000000", server.http());
        // The server makes it once before, which takes memory too.
        drop(stuck(&server, &client, &url));
        let before = memory();
        let listening = stuck(&server, &client, &url);
        let grown = memory().saturating_sub(before);
        println!("{coding}: memory grown by {grown} bytes");
        assert!(grown <= 2 * MOST_GROWN, "{coding}: {grown} bytes");
        listening.task.abort();
    }
}

#[test]
fn a_reader_that_comes_back_gets_all_of_it() {
    let _alone = ONE_AT_A_TIME.lock();
    let server = support::server();
    let client = client(&server);
    for origin in [server.http(), server.https()] {
        for path in ["bytes/20000000", "coded/gzip?zeros=20000000", "chunks/20000?size=1000"] {
            let listening = stuck(&server, &client, &format!("{origin}/{path}"));
            let mut read = 0;
            let task = listening.task.clone();
            task.resume();
            let outcome = loop {
                match listening.heard.recv().unwrap() {
                    listening::Heard::Chunk(chunk) => {
                        read += chunk.len();
                        task.resume();
                    }
                    listening::Heard::Outcome(outcome) => break outcome,
                    listening::Heard::Headers(_) => panic!("it came before"),
                }
            };
            assert!(outcome.result().is_ok(), "{path}: {}", outcome.err_msg());
            assert!(read > 19_000_000, "{path}: {read} bytes");
        }
    }
}

#[test]
fn the_timeout_goes_on_while_a_reader_does_not_read() {
    let _alone = ONE_AT_A_TIME.lock();
    let server = support::server();
    for path in ["bytes/100000000", "chunks/3?size=100"] {
        let url = format!("{}/{path}", server.http());
        let options = json!({ "url": url, "enableChunked": true, "timeout": 500 });
        let client = client(&server);
        let listening = listen_with(&client, &options, |_| Demand::Pause);
        listening.headers();
        listening.chunk();
        assert_eq!(listening.outcome().result().unwrap_err(), &Error::Timeout, "{path}");
        assert_eq!(client.in_flight(), 0);
    }
}
