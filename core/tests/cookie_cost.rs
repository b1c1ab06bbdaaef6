//! The cost of a caller's cookies beside the jar's. This test has its own process, so that no other
//! test uses its memory.

mod support;

use std::alloc::System;

use gadget_request::{Client, RequestOptions};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The bytes that a call allocates if its `Cookie` header has this length and only separators.
fn allocated(client: &Client, server: &support::Server, length: usize) -> usize {
    let options = RequestOptions::new(server.http()).header("Cookie", ";".repeat(length));
    let before = ALLOCATOR.stats().bytes_allocated;
    drop(pollster::block_on(client.request(options)));
    support::settled(|| ALLOCATOR.stats().bytes_allocated) - before
}

#[test]
fn the_jars_cookies_are_added_to_the_callers_without_a_copy_of_each() {
    let server = support::server();
    const LENGTH: usize = 200_000;
    let cost = |jar: bool| {
        let client = support::client_with(&server, json!({ "cookie_policy": { "jar": jar } }));
        client.cookies().set_line(&server.http(), "a=1; Path=/");
        allocated(&client, &server, 0);
        allocated(&client, &server, LENGTH)
    };
    let (without, with) = (cost(false), cost(true));
    println!("{without} bytes without a jar, {with} with one");
    assert!(with < without + 2 * LENGTH, "one line more");
}
