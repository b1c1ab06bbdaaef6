//! The events of `batch`: the head of a response, and the pieces of its body, before its result.

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_test_server::Server;
use serde_json::{Value, json};
use support::{devtools, text};

/// The lines that `batch` prints for these, in their order.
fn batch(lines: &[Value], arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let output = devtools(&[&["batch"], arguments].concat(), &input);
    let printed = text(&output.stdout);
    let lines = printed.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    (output.status.code(), lines)
}

fn bytes(chunk: &Value) -> Vec<u8> {
    STANDARD.decode(chunk["chunk"].as_str().expect("a chunk")).expect("base64")
}

#[test]
fn batch_prints_the_head_and_the_chunks_before_the_result() {
    let server = Server::start().unwrap();
    let url = format!("{}/coded/gzip,br?zeros=500000", server.http());
    let options = json!({ "url": url, "enableChunked": true });
    let (code, lines) = batch(&[json!({ "options": options, "events": true })], &[]);
    assert_eq!(code, Some(0));
    let [head, chunks @ .., result] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(head["headers"]["statusCode"], 200);
    assert_eq!(head["headers"]["header"], result["success"]["header"]);
    assert_eq!(head["headers"]["cookies"], json!([]));
    assert_eq!(chunks.iter().flat_map(bytes).collect::<Vec<_>>(), vec![0; 500_000]);
    assert_eq!(result["success"]["data"], "");
    assert!(lines.iter().all(|line| line["line"] == 1));
    assert!([head, result].iter().all(|line| line.as_object().unwrap().len() == 2));
}

#[test]
fn batch_prints_no_events_unless_the_line_wants_them() {
    let server = Server::start().unwrap();
    let chunked = json!({ "url": format!("{}/bytes/100", server.http()), "enableChunked": true });
    let plain = json!({ "url": format!("{}/bytes/100", server.http()) });
    for line in [json!({ "options": chunked }), json!({ "options": chunked, "events": false })] {
        let (_, lines) = batch(&[line], &[]);
        assert_eq!((lines.len(), &lines[0]["success"]["data"]), (1, &json!("")));
    }
    let exact = json!({ "options_json": plain.to_string(), "events": true });
    let (_, lines) = batch(&[exact], &[]);
    assert_eq!((lines.len(), &lines[0]["headers"]["statusCode"]), (2, &json!(200)));
    let (_, lines) = batch(&[json!({ "options": { "enableChunked": 1 }, "events": true })], &[]);
    assert_eq!((lines.len(), &lines[0]["fail"]["errno"]), (1, &json!(104)));
    for wrong in [json!({ "abort": 1, "events": true }), json!({ "options": {}, "events": 1 })] {
        assert_eq!(batch(&[wrong], &[]).0, Some(2));
    }
}

#[test]
fn the_events_of_several_lines_keep_their_order_within_each() {
    let server = Server::start().unwrap();
    let line = |path: &str| {
        let url = format!("{}/{path}", server.http());
        json!({ "options": { "url": url, "enableChunked": true }, "events": true })
    };
    let paths = ["bytes/300000", "redirect/302/3", "fault/half-body", "status/204", "bytes/70000"];
    let (code, lines) = batch(&paths.map(line), &[]);
    assert_eq!(code, Some(1), "one of them fails");
    for (number, length) in [(1, 300_000), (4, 0), (5, 70_000)] {
        let own: Vec<_> = lines.iter().filter(|line| line["line"] == number).collect();
        let [head, chunks @ .., result] = &own[..] else { panic!("{own:?}") };
        assert!(head["headers"].is_object() && result["success"].is_object(), "{number}");
        assert_eq!(chunks.iter().map(|chunk| bytes(chunk).len()).sum::<usize>(), length);
    }
    let redirected: Vec<_> = lines.iter().filter(|line| line["line"] == 2).collect();
    assert_eq!(redirected[0]["headers"]["statusCode"], 200);
    let cut: Vec<_> = lines.iter().filter(|line| line["line"] == 3).collect();
    assert_eq!(cut.last().unwrap()["fail"]["errMsg"], "request:fail body cut short");
}

#[test]
fn a_program_that_does_not_read_the_output_slows_the_server_down() {
    let server = Server::start().unwrap();
    let url = format!("{}/bytes/1073741824", server.http());
    let line = json!({ "options": { "url": url, "enableChunked": true }, "events": true });
    let mut child = Command::new(env!("CARGO_BIN_EXE_gadget-devtools"))
        .arg("batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{line}").unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(output.next().unwrap().unwrap().starts_with(r#"{"line":1,"headers":{"#));
    let mut taken = (0, 0);
    while taken.1 < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
        taken =
            if server.taken() == taken.0 { (taken.0, taken.1 + 1) } else { (server.taken(), 0) };
    }
    assert!(taken.0 < 8 << 20, "{} bytes", taken.0);
    writeln!(input, r#"{{"abort":1}}"#).unwrap();
    drop(input);
    let last = output.last().unwrap().unwrap();
    assert!(last.starts_with(r#"{"line":1,"fail":{"errMsg":"request:fail abort""#), "{last}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
