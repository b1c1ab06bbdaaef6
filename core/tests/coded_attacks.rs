//! docs/contract.md#10-limits: whatever is decoded, timeout and abort act at once, and other
//! clients are served.

mod support;

use std::sync::{Arc, Barrier, mpsc};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::{Client, Error, Outcome, RequestOptions, RequestTask};
use serde_json::json;
use support::{Server, client, client_with, encoded, get};

/// Far longer than anything here takes, even on a busy machine. Far shorter than decoding without
/// pauses.
const PATIENCE: Duration = Duration::from_secs(5);

/// An empty gzip member.
const MEMBER: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0";

/// A body: a start, then a unit repeated up to this size, and all of it in further codings.
struct Attack {
    coding: &'static str,
    start: &'static [u8],
    unit: &'static [u8],
    size: u64,
    wraps: &'static str,
}

impl Attack {
    fn url(&self, server: &Server) -> String {
        let base64 = |bytes: &[u8]| encoded(&STANDARD.encode(bytes));
        let (wraps, comma) = (self.wraps, if self.wraps.is_empty() { "" } else { "," });
        format!(
            "{}/fault/repeat?start={}&unit={}&size={}&in=identity{comma}{wraps}\
             &coding={}{comma}{wraps}",
            server.http(),
            base64(self.start),
            base64(self.unit),
            self.size,
            self.coding
        )
    }
}

struct Running {
    task: RequestTask,
    outcomes: mpsc::Receiver<Outcome>,
}

fn start(client: &Client, url: &str, timeout_ms: u64) -> Running {
    let (sender, outcomes) = mpsc::channel();
    let options = json!({ "url": url, "timeout": timeout_ms }).to_string();
    let options = RequestOptions::from_json(options, None);
    Running { task: client.start(options, move |outcome| drop(sender.send(outcome))), outcomes }
}

/// The outcome of the call, which must come soon.
fn ended(running: &Running, what: &str) -> Error {
    let outcome = running.outcomes.recv_timeout(PATIENCE);
    let outcome = outcome.unwrap_or_else(|_| panic!("{what}: no outcome"));
    outcome.into_result().expect_err("it decodes to nothing")
}

#[test]
fn timeout_and_abort_act_at_once_and_others_are_served_whatever_is_decoded() {
    let server = support::server();
    // Stored and fixed blocks, metadata, blocks of zstd. `decode/tests.rs` has more.
    for (coding, start_bytes, unit) in [
        ("deflate", &b""[..], &b"\0\0\0\xff\xff"[..]),
        ("deflate", b"", b"\x02\x08\x20\x80\0"),
        ("br", b"\x0c", b"\x06"),
        ("zstd", b"\x28\xb5\x2f\xfd\0\0", b"\0\0\0"),
    ] {
        for wraps in ["", "gzip", "gzip,gzip"] {
            let attack = Attack { coding, start: start_bytes, unit, size: 100 << 20, wraps };
            let what = format!("{coding} of {unit:?} in {wraps:?}");
            let (attacked, other) = (client(&server), client(&server));
            let url = attack.url(&server);
            // As many as the runtime has worker threads.
            let running = [start(&attacked, &url, 60_000), start(&attacked, &url, 60_000)];
            let error = ended(&start(&attacked, &url, 300), &what);
            // A fast machine may have finished it.
            let allowed = [Error::Timeout, Error::BadContentCoding];
            assert!(allowed.contains(&error), "{what}: {error}");
            let begun = Instant::now();
            assert!(get(&other, &server.http()).result().is_ok());
            assert!(begun.elapsed() < PATIENCE, "{what}: {:?}", begun.elapsed());
            for running in running {
                running.task.abort();
                let allowed = [Error::Aborted, Error::BadContentCoding];
                let error = ended(&running, &what);
                assert!(allowed.contains(&error), "{what}: {error}");
            }
        }
    }
}

#[test]
fn empty_members_and_frames_by_the_million_are_no_coding() {
    let server = support::server();
    let client = client(&server);
    for (coding, unit) in [
        ("gzip", MEMBER),
        ("zstd", b"\x28\xb5\x2f\xfd\x20\0\x01\0\0"),
        ("zstd", b"\x50\x2a\x4d\x18\0\0\0\0"),
    ] {
        for wraps in ["", "gzip", "gzip,gzip"] {
            let attack = Attack { coding, start: b"", unit, size: 100 << 20, wraps };
            let running = start(&client, &attack.url(&server), 60_000);
            assert_eq!(ended(&running, coding), Error::BadContentCoding, "{coding} in {wraps:?}");
        }
    }
}

#[test]
fn a_call_is_aborted_at_once_while_its_text_is_made() {
    let server = support::server();
    // White space: it is decoded, and searched for a JSON value to its end.
    let client = client_with(&server, json!({ "max_text_bytes": 1_u64 << 40 }));
    let url = format!(
        "{}/fault/repeat?unit=IAA%3D&size=100000000&in=gzip&coding=gzip&type={}",
        server.http(),
        encoded("text/plain; charset=utf-16le")
    );
    let running = start(&client, &url, 60_000);
    let error = ended(&start(&client, &url, 300), "while text is made");
    assert_eq!(error, Error::Timeout);
    assert!(get(&support::client(&server), &server.http()).result().is_ok());
    running.task.abort();
    let outcome = running.outcomes.recv_timeout(PATIENCE).expect("an outcome");
    match outcome.into_result() {
        Err(error) => assert_eq!(error, Error::Aborted),
        // A fast machine may have finished it.
        Ok(response) => assert_eq!(response.body().len(), 100_000_000),
    }
}

#[test]
fn completions_of_large_results_hold_up_no_other_call_and_come_once() {
    const CALLS: usize = 4; // twice the worker threads of the runtime
    let server = support::server();
    let (begun, begins) = mpsc::channel();
    let (ended, ends) = mpsc::channel();
    let gate = Arc::new(Barrier::new(CALLS + 1));
    let client = client(&server);
    for call in 0..CALLS {
        let (begun, ended, gate) = (begun.clone(), ended.clone(), Arc::clone(&gate));
        let large = ["bytes/100000", "fault/big-header?size=100000"][call % 2];
        let options = RequestOptions::new(format!("{}/{large}", server.http()));
        client.start(options, move |outcome| {
            begun.send(()).unwrap();
            gate.wait();
            ended.send(outcome.json().len()).unwrap();
        });
    }
    drop((begun, ended));
    for _ in 0..CALLS {
        begins.recv_timeout(PATIENCE).expect("it does not wait for the others");
    }
    assert!(get(&support::client(&server), &server.http()).result().is_ok());
    gate.wait();
    let lengths: Vec<usize> = ends.iter().collect();
    assert!(lengths.len() == CALLS && lengths.iter().all(|length| *length > 100_000));
}
