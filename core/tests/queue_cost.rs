//! The cost of a queued request. This test has its own process, so that no other test uses its
//! memory.

mod support;

use std::alloc::System;
use std::sync::atomic::{AtomicUsize, Ordering};

use gadget_request::RequestOptions;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

static COMPLETED: AtomicUsize = AtomicUsize::new(0);

const QUEUED: usize = 10_000;

/// The bytes that are allocated and not freed.
fn live_bytes() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

#[test]
fn ten_thousand_queued_requests_cost_under_2_kib_each_and_give_it_back() {
    let server = support::server();
    let client = support::client_with(&server, serde_json::json!({ "max_queued": 2 * QUEUED }));
    let options = format!(
        concat!(
            r#"{{"url":"{}/hold/it?page=1","method":"POST","#,
            r#""header":{{"x-token":"0123456789abcdef"}},"data":{{"noncestr":1637463063659}}}}"#
        ),
        server.http()
    );
    let start = || {
        let options = RequestOptions::from_json(options.clone(), None);
        client.start(options, |_| {
            COMPLETED.fetch_add(1, Ordering::SeqCst);
        })
    };
    let held: Vec<_> = (0..10).map(|_| start()).collect();
    support::eventually("ten are there", || server.count("").in_flight == 10);

    let before = support::settled(live_bytes);
    let queued: Vec<_> = (0..QUEUED).map(|_| start()).collect();
    let each = (support::settled(live_bytes) - before) / QUEUED;
    println!("a queued request takes {each} bytes");
    assert_eq!(client.queued(), QUEUED);
    assert!(each < 2048, "{each} bytes");

    queued.iter().for_each(gadget_request::RequestTask::abort);
    drop(queued);
    assert_eq!(client.queued(), 0);
    support::eventually("all have completed", || COMPLETED.load(Ordering::SeqCst) == QUEUED);
    let left = support::settled(live_bytes).saturating_sub(before);
    assert!(left < 64 << 10, "{left} bytes are left");
    server.release("it", held.len());
    support::eventually("the ten have, too", || COMPLETED.load(Ordering::SeqCst) == QUEUED + 10);
}
