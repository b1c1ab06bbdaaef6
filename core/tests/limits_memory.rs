//! SPEC section 10: while a server attacks, memory stays within the limit of what it attacks and 8 MiB.
//!
//! Each attack has a process of its own, which is this program again.
#![cfg(target_os = "linux")]

mod support;

use std::process::Command;

use gadget_request::{Client, ClientConfig, RequestOptions};
use serde_json::{Value, json};

const ATTACK: &str = "GADGET_ATTACK"; // what the process of an attack is to do

const SLACK: usize = 8 << 20;

/// A value of /proc/self/status, in bytes.
fn status(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find(|line| line.starts_with(name)).expect("Linux has it");
    let kilobytes = line.split_whitespace().nth(1).expect("a number");
    kilobytes.parse::<usize>().expect("a number") << 10
}

/// The inside of an attacked process: prints the peak of its memory over what it had before, and how it ended.
#[test]
fn is_attacked() {
    let Ok(attack) = std::env::var(ATTACK) else { return }; // nothing to do on its own
    let attack: Value = serde_json::from_str(&attack).unwrap();
    let client = Client::new(ClientConfig::from_json(&attack["config"].to_string()).unwrap());
    let get = |url: &Value| {
        pollster::block_on(client.request(RequestOptions::new(url.as_str().unwrap())))
    };
    assert!(get(&attack["warm_up"]).result().is_ok());
    std::fs::write("/proc/self/clear_refs", "5").unwrap(); // the peak counts from here
    let before = status("VmRSS");
    let detail = get(&attack["url"]).err_msg();
    let peak = status("VmHWM").saturating_sub(before);
    println!("\nATTACKED {}", json!({ "peak": peak, "detail": detail }));
}

fn attacked(server: &support::Server, path: &str, limit: usize, config: Value, detail: &str) {
    let (origin, path) = match path.strip_prefix("h2:") {
        Some(path) => (server.https(), path),
        None => (server.http(), path),
    };
    let mut config = config;
    config["roots_pem"] = server.ca_pem().into();
    let attack = json!({
        "config": config,
        "warm_up": format!("{origin}/coded/gzip,br,zstd,deflate?body=warm"),
        "url": format!("{origin}/{path}"),
    });
    let output = Command::new(std::env::current_exe().expect("it runs"))
        .args(["--exact", "is_attacked", "--nocapture", "--test-threads=1"])
        .env(ATTACK, attack.to_string())
        .output()
        .expect("it starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    let report = printed.lines().find_map(|line| line.strip_prefix("ATTACKED "));
    let report: Value =
        serde_json::from_str(report.unwrap_or_else(|| panic!("{path}: {printed}"))).expect("JSON");
    let peak = report["peak"].as_u64().expect("a number") as usize;
    println!("{path}: {:.1} MiB over {} MiB", peak as f64 / f64::from(1 << 20), limit >> 20);
    let message = format!("request:fail {detail}");
    assert_eq!(report["detail"], message, "{path}");
    assert!(peak <= limit + SLACK, "{path}: {peak} bytes");
}

#[test]
fn bombs_of_every_coding_take_no_more_memory_than_a_body_may() {
    let server = support::server();
    for limit in [1 << 20, 20 << 20] {
        let config = || json!({ "max_body_bytes": limit });
        for codings in [
            "gzip",
            "deflate",
            "deflate-raw",
            "br",
            "zstd",
            "gzip,gzip",
            "br,gzip",
            "zstd,br",
            "gzip,gzip,gzip",
            "zstd,zstd,zstd,zstd,zstd",
            "br,br,br,br,br",
            "gzip,deflate,br,zstd",
        ] {
            let path = format!("coded/{codings}?zeros=60000000");
            attacked(&server, &path, limit, config(), "body too large");
        }
    }
}

#[test]
fn a_body_without_end_takes_no_more_memory_than_a_body_may() {
    let server = support::server();
    for limit in [1 << 20, 20 << 20] {
        for path in
            ["fault/endless-body", "bytes/99999999999", "close/99999999999", "h2:close/99999999999"]
        {
            attacked(&server, path, limit, json!({ "max_body_bytes": limit }), "body too large");
        }
    }
    // The limit that holds where the host says nothing.
    let path = "coded/gzip?zeros=120000000";
    attacked(&server, path, 100 << 20, json!({}), "body too large");
}

#[test]
fn heads_without_end_take_no_more_memory_than_a_head_may() {
    let server = support::server();
    for path in [
        "fault/endless-headers",
        "fault/endless-informational",
        "h2:fault/endless-informational",
        "h2:fault/many-headers?count=5000",
        "h2:fault/big-header?size=1000000",
        "fault/big-header?size=50000000",
    ] {
        attacked(&server, path, 256 << 10, json!({}), "head too large");
    }
}

#[test]
fn redirects_without_end_take_no_memory() {
    let server = support::server();
    for path in ["redirect/302/1000000", "h2:redirect/307/1000000"] {
        attacked(&server, path, 0, json!({}), "too many redirects");
    }
}

#[test]
fn one_coding_too_many_is_not_even_tried() {
    let server = support::server();
    let path = "coded/gzip,gzip,gzip,gzip,gzip,gzip?zeros=60000000";
    attacked(&server, path, 0, json!({}), "bad content coding");
}

#[test]
fn the_largest_windows_take_no_more_memory_than_others() {
    let server = support::server();
    // 16 MiB, which RFC 7932 allows, and 8 MiB, which RFC 9659 does.
    for limit in [1 << 20, 20 << 20, 40 << 20] {
        for codings in ["br-24", "zstd-23", "br-24,zstd-23", "br-24,br-24,br-24"] {
            let path = format!("coded/{codings}?zeros=60000000");
            attacked(&server, &path, limit, json!({ "max_body_bytes": limit }), "body too large");
        }
    }
}
