//! Runs the inspector, and asks it as programs and pages do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A running `gadget-devtools inspect`.
pub(crate) struct Inspector {
    program: Child,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Inspector {
    pub(crate) fn start() -> Self {
        Self::start_on(0)
    }

    pub(crate) fn start_on(port: u16) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_gadget-devtools"))
            .args(["inspect", "--port", &port.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program was built for this test");
        let mut line = String::new();
        let output = program.stdout.take().expect("piped above");
        BufReader::new(output).read_line(&mut line).expect("its first line");
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let url = line["url"].as_str().expect("a URL");
        let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { program, address }
    }

    /// The setting that attaches a client.
    pub(crate) fn config(&self) -> String {
        format!(r#"{{"inspector":"http://{}","app_id":"cli_test"}}"#, self.address)
    }

    /// The peak of its memory so far, in KiB.
    pub(crate) fn peak(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.program.id()));
        let status = status.expect("Linux");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("its peak");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }

    /// Sends bytes, and returns the status and everything after it.
    pub(crate) fn exchange(&self, request: &[u8]) -> (u16, String) {
        let mut stream = self.connect();
        stream.write_all(request).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let status = answer.split(' ').nth(1).expect(&answer).parse().expect(&answer);
        (status, answer)
    }

    /// A request with these fields beside `host`, in HTTP/1.0: so the answer ends with the
    /// connection.
    pub(crate) fn ask(&self, method: &str, path: &str, fields: &str, body: &str) -> (u16, String) {
        let (address, length) = (&self.address, body.len());
        let head = format!("{method} {path} HTTP/1.0\r\nhost: {address}\r\n{fields}");
        self.exchange(format!("{head}content-length: {length}\r\n\r\n{body}").as_bytes())
    }

    /// Posts lines as a client.
    pub(crate) fn post(&self, client: &str, lines: &[Value]) -> (u16, String) {
        let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.ask("POST", &format!("/clients/{client}/events"), "", &body)
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("not zero");
        stream
    }

    /// Opens a page's stream of events.
    pub(crate) fn page(&self) -> Page {
        let mut stream = self.connect();
        let head = format!("GET /events HTTP/1.0\r\nhost: {}\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).expect("it reads");
        Page(BufReader::new(stream))
    }
}

impl Drop for Inspector {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// What a page gets.
pub(crate) struct Page(BufReader<TcpStream>);

impl Page {
    /// The next entry.
    pub(crate) fn next(&mut self) -> Value {
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).expect("an entry within the time limit");
            assert!(read > 0, "the stream has no end");
            if let Some(entry) = line.strip_prefix("data: {\"client\"") {
                return serde_json::from_str(&format!("{{\"client\"{entry}")).expect(&line);
            }
        }
    }

    /// The next events of calls, as many as this.
    pub(crate) fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            let mut entry = self.next();
            if let Some(event) = entry.get_mut("event") {
                events.push(event.take());
            }
        }
        events
    }

    /// All events until the calls have had so many ends.
    pub(crate) fn until_ends(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        let ends = |events: &[Value]| events.iter().filter(|it| it["event"] == "end").count();
        while ends(&events) < count {
            events.extend(self.events(1));
        }
        events
    }
}
