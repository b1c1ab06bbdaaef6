//! Peers of HTTP/2 that vanish, never open a window or change their settings: what a call says, and
//! what the server has counted.

#[path = "support/frames.rs"]
mod frames;
#[path = "support/h2_peer.rs"]
mod h2_peer;
#[path = "support/pki.rs"]
mod pki;
mod support;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use frames::{DATA, END_STREAM, HEADERS, RST_STREAM, WINDOW_UPDATE, ok};
use gadget_request::{Client, Data, Error, Outcome, RequestOptions};
use gadget_test_server::frame;
use h2_peer::{Peer, Wire};
use serde_json::json;
use support::get_ok;

/// Identifiers of settings (RFC 9113 section 6.5.2).
const MAX_CONCURRENT_STREAMS: u16 = 3;
const INITIAL_WINDOW_SIZE: u16 = 4;

fn start(client: &Client, options: RequestOptions) -> mpsc::Receiver<Outcome> {
    let (sender, outcomes) = mpsc::channel();
    client.start(options, move |outcome| sender.send(outcome).expect("it is awaited"));
    outcomes
}

fn status(outcomes: &mpsc::Receiver<Outcome>) -> Result<u16, Error> {
    let outcome = outcomes.recv_timeout(Duration::from_secs(30)).expect("it completes in time");
    outcome.into_result().map(|response| response.status())
}

/// Answers each request at once.
fn serve_all(wire: &mut Wire) -> io::Result<()> {
    while let Some(frame) = wire.next()? {
        if frame.kind == HEADERS {
            wire.write(&ok(frame.stream))?;
        }
    }
    Ok(())
}

/// This test takes the 18 seconds that the engine gives such a peer.
#[test]
fn a_peer_that_neither_reads_nor_answers_is_noticed_within_20_seconds_and_left() {
    let (resume, may_read) = mpsc::channel::<()>();
    let may_read = Mutex::new(may_read);
    let (report, pings) = mpsc::channel();
    let peer = Peer::start(move |number, wire| {
        wire.write_settings(&[])?;
        if number > 1 {
            return serve_all(wire);
        }
        let mut requests = 0;
        while requests < 2 {
            if wire.next()?.is_some_and(|frame| frame.kind == HEADERS) {
                requests += 1;
                if requests == 1 {
                    wire.write(&ok(1))?;
                }
            }
        }
        may_read.lock().expect("no panic under it").recv().expect("the test lives");
        let mut pings = 0;
        while let Ok(Some(frame)) = wire.next_unanswered() {
            pings += usize::from(frame.is_ping());
        }
        report.send(pings).expect("the test lives");
        Ok(())
    });
    let client = peer.client(json!({}));
    get_ok(&client, &peer.url());
    let begun = Instant::now();
    let calls: Vec<_> = (0..5).map(|_| start(&client, RequestOptions::new(peer.url()))).collect();
    for call in &calls {
        assert_eq!(status(call), Err(Error::Timeout));
    }
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(9) && took < Duration::from_secs(20), "{took:?}");
    assert_eq!(peer.accepted(), 1, "nothing was sent again");
    get_ok(&client, &peer.url());
    assert_eq!(peer.accepted(), 2);
    resume.send(()).expect("the server waits for it");
    assert_eq!(pings.recv_timeout(Duration::from_secs(10)), Ok(1));
}

#[test]
fn a_connection_that_was_silent_for_a_second_when_a_call_timed_out_gets_no_other() {
    let peer = Peer::start(|number, wire| {
        wire.write_settings(&[])?;
        if number > 1 {
            return serve_all(wire);
        }
        let mut requests = 0;
        while let Some(frame) = wire.next()? {
            requests += u32::from(frame.kind == HEADERS);
            if frame.kind == HEADERS && requests != 2 && requests != 3 {
                wire.write(&ok(frame.stream))?;
            }
        }
        Ok(())
    });
    let client = peer.client(json!({}));
    let timed_out = |millis| {
        let options = RequestOptions::new(peer.url()).timeout(Duration::from_millis(millis));
        assert_eq!(status(&start(&client, options)), Err(Error::Timeout));
    };
    get_ok(&client, &peer.url());
    timed_out(300); // perhaps the server is only slow
    assert_eq!(peer.accepted(), 1);
    timed_out(1200);
    get_ok(&client, &peer.url());
    assert_eq!(peer.accepted(), 2);
}

/// What a server has seen of an upload.
#[derive(Default)]
struct Seen {
    data: AtomicUsize,
    resets: AtomicUsize,
}

impl Seen {
    fn note(&self, frame: &h2_peer::Frame) {
        match frame.kind {
            DATA => self.data.fetch_add(frame.payload.len(), Ordering::SeqCst),
            RST_STREAM => self.resets.fetch_add(1, Ordering::SeqCst),
            _ => 0,
        };
    }

    fn has(&self, data: usize, resets: usize) -> bool {
        (self.data.load(Ordering::SeqCst), self.resets.load(Ordering::SeqCst)) == (data, resets)
    }
}

fn upload(peer: &Peer, bytes: usize, timeout: u64) -> RequestOptions {
    let data = Data::Bytes(vec![b'x'; bytes].into());
    let options = RequestOptions::new(peer.url()).method("POST").data(data);
    options.timeout(Duration::from_millis(timeout))
}

#[test]
fn a_window_that_never_opens_is_a_timeout_and_the_stream_is_reset_once() {
    let seen = Arc::new(Seen::default());
    let noted = Arc::clone(&seen);
    let peer = Peer::start(move |_, wire| {
        wire.write_settings(&[(INITIAL_WINDOW_SIZE, 0)])?;
        while let Some(frame) = wire.next()? {
            noted.note(&frame);
            if frame.kind == HEADERS && frame.flags & END_STREAM != 0 {
                wire.write(&ok(frame.stream))?;
            }
        }
        Ok(())
    });
    let client = peer.client(json!({}));
    get_ok(&client, &peer.url()); // the settings have come
    let call = start(&client, upload(&peer, 50_000, 400));
    assert_eq!(status(&call), Err(Error::Timeout));
    support::eventually("the stream is reset", || seen.has(0, 1));
    get_ok(&client, &peer.url());
    assert_eq!(peer.accepted(), 1, "the connection is as it was");
    assert!(seen.has(0, 1));
}

#[test]
fn a_window_that_changes_during_an_upload_lets_through_exactly_what_it_allows() {
    const BODY: usize = 50_000;
    let seen = Arc::new(Seen::default());
    let noted = Arc::clone(&seen);
    let (next, steps) = mpsc::channel::<()>();
    let steps = Mutex::new(steps);
    let peer = Peer::start(move |_, wire| {
        wire.write_settings(&[(INITIAL_WINDOW_SIZE, 0)])?;
        wire.set_patience(Duration::from_millis(20))?;
        let mut changes = 0;
        loop {
            match wire.next() {
                Ok(None) => return Ok(()),
                Ok(Some(frame)) => {
                    noted.note(&frame);
                    let ends = frame.flags & END_STREAM != 0;
                    if matches!(frame.kind, HEADERS | DATA) && ends {
                        wire.write(&ok(frame.stream))?;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if steps.lock().expect("no panic under it").try_recv().is_ok() {
                changes += 1;
                match changes {
                    1 => wire.write_settings(&[(INITIAL_WINDOW_SIZE, 1000)])?,
                    // The window of the stream is now below zero.
                    2 => wire.write_settings(&[(INITIAL_WINDOW_SIZE, 100)])?,
                    3 => wire.write(&frame(WINDOW_UPDATE, 0, 3, &1900_u32.to_be_bytes()))?,
                    _ => wire.write(&frame(WINDOW_UPDATE, 0, 3, &100_000_u32.to_be_bytes()))?,
                }
            }
        }
    });
    let client = peer.client(json!({}));
    get_ok(&client, &peer.url());
    let call = start(&client, upload(&peer, BODY, 20_000));
    let step = |data| {
        next.send(()).expect("the server lives");
        support::eventually(&format!("{data} bytes"), || seen.has(data, 0));
    };
    step(1000);
    step(1000);
    step(2000); // 1000 - 900 + 1900: the settings count for what was sent before, too
    step(BODY);
    assert_eq!(status(&call), Ok(200));
    assert_eq!(peer.accepted(), 1);
}

#[test]
fn fewer_streams_that_a_server_allows_later_hold_from_then_on_and_no_call_fails() {
    const ALLOWED: usize = 2;
    let most = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&most);
    let peer = Peer::start(move |_, wire| {
        wire.write_settings(&[])?;
        let mut open = Vec::new();
        loop {
            match wire.next() {
                Ok(None) => return Ok(()),
                // The first request brings the new settings with its answer.
                Ok(Some(frame)) if frame.kind == HEADERS && frame.stream == 1 => {
                    wire.write_settings(&[(MAX_CONCURRENT_STREAMS, ALLOWED as u32)])?;
                    wire.write(&ok(1))?;
                    wire.set_patience(Duration::from_millis(50))?;
                }
                Ok(Some(frame)) if frame.kind == HEADERS => {
                    open.push(frame.stream);
                    counted.fetch_max(open.len(), Ordering::SeqCst);
                }
                Ok(Some(_)) => {}
                // All that may come has come.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    for stream in open.drain(..) {
                        wire.write(&ok(stream))?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
    });
    let client = peer.client(json!({}));
    get_ok(&client, &peer.url());
    let calls: Vec<_> = (0..10).map(|_| start(&client, RequestOptions::new(peer.url()))).collect();
    for call in &calls {
        assert_eq!(status(call), Ok(200));
    }
    assert_eq!(most.load(Ordering::SeqCst), ALLOWED);
    assert_eq!(peer.accepted(), 1);
}
