//! docs/contract.md#10-limits: while a server attacks, memory stays within the attacked limit plus
//! 8 MiB.
//!
//! Each attack has its own process, which runs this program again.
#![cfg(target_os = "linux")]

mod support;

use std::process::Command;

use gadget_request::{Client, ClientConfig, RequestOptions};
use serde_json::{Value, json};

const ATTACK: &str = "GADGET_ATTACK"; // the attack that the process runs

const SLACK: usize = 8 << 20;

/// A value of /proc/self/status, in bytes.
fn status(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find(|line| line.starts_with(name)).expect("Linux has it");
    let kilobytes = line.split_whitespace().nth(1).expect("a number");
    kilobytes.parse::<usize>().expect("a number") << 10
}

/// The attacked process. It prints how far its memory rose, how the call ended, and the sizes of
/// the body and the result.
#[test]
fn is_attacked() {
    // a plain test run has nothing to do here
    let Ok(attack) = std::env::var(ATTACK) else { return };
    let attack: Value = serde_json::from_str(&attack).unwrap();
    let client = Client::new(ClientConfig::from_json(&attack["config"].to_string()).unwrap());
    let get = |url: &Value| {
        pollster::block_on(client.request(RequestOptions::new(url.as_str().unwrap())))
    };
    assert!(get(&attack["warm_up"]).result().is_ok());
    std::fs::write("/proc/self/clear_refs", "5").unwrap(); // resets the peak
    let before = status("VmRSS");
    let outcome = get(&attack["url"]);
    let body = outcome.result().map_or(0, |response| response.body().len());
    let result = outcome.json().len();
    let peak = status("VmHWM").saturating_sub(before);
    let detail = outcome.err_msg();
    println!(
        "\nATTACKED {}",
        json!({ "peak": peak, "detail": detail, "body": body, "result": result })
    );
}

/// Runs an attack that must fail, with no more memory than this limit plus 8 MiB.
fn attacked(server: &support::Server, path: &str, limit: usize, config: Value, detail: &str) {
    let report = report_of(server, path, config);
    assert_eq!(report["detail"], format!("request:fail {detail}"), "{path}");
    assert_peak(&report, path, limit);
}

fn assert_peak(report: &Value, path: &str, limit: usize) {
    let peak = report["peak"].as_u64().expect("a number") as usize;
    println!("{path}: {:.1} MiB over {:.1} MiB", mebibytes(peak), mebibytes(limit));
    assert!(peak <= limit + SLACK, "{path}: {peak} bytes over {limit}");
}

fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// The output of an attacked process.
fn report_of(server: &support::Server, path: &str, config: Value) -> Value {
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
    serde_json::from_str(report.unwrap_or_else(|| panic!("{path}: {printed}"))).expect("JSON")
}

#[test]
fn bombs_of_every_coding_take_no_more_memory_than_the_limit_of_a_body() {
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
fn a_body_without_end_takes_no_more_memory_than_the_limit_of_a_body() {
    let server = support::server();
    for limit in [1 << 20, 20 << 20] {
        for path in
            ["fault/endless-body", "bytes/99999999999", "close/99999999999", "h2:close/99999999999"]
        {
            attacked(&server, path, limit, json!({ "max_body_bytes": limit }), "body too large");
        }
    }
    // The default limit.
    let path = "coded/gzip?zeros=120000000";
    attacked(&server, path, 100 << 20, json!({}), "body too large");
}

#[test]
fn heads_without_end_take_no_more_memory_than_the_limit_of_a_head() {
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
    // RFC 7932 allows 16 MiB, and RFC 9659 allows 8 MiB.
    for limit in [1 << 20, 20 << 20, 40 << 20] {
        for codings in ["br-24", "zstd-23", "br-24,zstd-23", "br-24,br-24,br-24"] {
            let path = format!("coded/{codings}?zeros=60000000");
            attacked(&server, &path, limit, json!({ "max_body_bytes": limit }), "body too large");
        }
    }
}

/// Texts in a charset: the repeated unit (in base64), the charset, and the start and the end of
/// JSON.
const TEXTS: [(&str, &str, &str, &str); 7] = [
    ("AA%3D%3D", "utf-8", "", ""),
    ("%2Fw%3D%3D", "utf-8", "", ""),
    ("6Q%3D%3D", "iso-8859-1", "", ""),
    ("gA%3D%3D", "x-user-defined", "", ""),
    ("AAA%3D", "utf-16le", "", ""),
    // A string, and arrays in arrays.
    ("LU4%3D", "utf-16le", "IgA%3D", "IgA%3D"),
    ("WwA%3D", "utf-16le", "", ""),
];

fn text_path((unit, charset, start, end): (&str, &str, &str, &str), size: usize) -> String {
    let content_type = support::encoded(&format!("text/plain; charset={charset}"));
    format!(
        "fault/repeat?unit={unit}&start={start}&end={end}&size={size}&type={content_type}\
         &in=gzip,gzip&coding=gzip,gzip"
    )
}

#[test]
fn a_text_takes_no_more_memory_than_its_body_and_its_result() {
    let server = support::server();
    for text in TEXTS {
        let path = text_path(text, 20 << 20);
        let config = json!({ "max_text_bytes": 200 << 20 });
        let report = report_of(&server, &path, config);
        assert_eq!(report["detail"], "request:ok", "{path}");
        let size = |name: &str| report[name].as_u64().expect("a number") as usize;
        assert!(size("body") >= 20 << 20);
        assert_peak(&report, &path, size("body") + size("result"));
    }
}

#[test]
fn a_text_over_its_limit_takes_no_more_memory_than_its_body() {
    let server = support::server();
    for text in &TEXTS[..4] {
        let limit = 20 << 20;
        let config = json!({ "max_body_bytes": limit });
        attacked(&server, &text_path(*text, limit), limit, config, "body too large");
    }
}
