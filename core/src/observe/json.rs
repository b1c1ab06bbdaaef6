//! An event as JSON, the form in which it crosses every boundary.

use std::fmt::Display;
use std::io::Write as _;

use crate::observe::event::{CallEvent, CallStep};
use crate::response::response_head::{write_header, write_text};
use crate::timing::profile::write_millis;

/// Room for a usual event.
const USUAL: usize = 1024;

impl CallEvent {
    /// The event as a JSON object in one line. docs/what-happened.md lists its members; what is not
    /// known has no member.
    pub fn to_json(&self) -> String {
        let mut json = Members(Vec::with_capacity(USUAL));
        json.0.extend_from_slice(br#"{"call":"#);
        write_text(&mut json.0, self.trace().as_str());
        json.name("at");
        write_millis(&mut json.0, self.micros());
        json.text("event", Some(self.name()));
        json.step(self.step());
        if self.dropped() > 0 {
            json.plain("dropped", Some(self.dropped()));
        }
        json.0.push(b'}');
        String::from_utf8(json.0).expect("texts and numbers make a text")
    }
}

/// The members of an object that is being written, after its first one.
struct Members(Vec<u8>);

impl Members {
    fn step(&mut self, step: &CallStep) {
        match step {
            CallStep::Start { method, url } => {
                self.text("method", method.as_deref());
                self.text("url", url.as_deref());
            }
            CallStep::Queued { ahead } => self.plain("ahead", Some(ahead)),
            CallStep::Dispatched { in_flight, queued } => {
                self.plain("inFlight", Some(in_flight));
                self.plain("queued", Some(queued));
            }
            CallStep::Connection { reused, peer_ip, port, protocol } => {
                self.plain("reused", Some(reused));
                self.text("peerIP", peer_ip.map(|address| address.to_string()).as_deref());
                self.plain("port", *port);
                self.text("protocol", Some(protocol));
            }
            CallStep::Request(request) => {
                self.text("method", Some(&request.method));
                self.text("url", Some(&request.url));
                self.name("header");
                write_header(&mut self.0, &request.headers);
                self.plain("bytes", Some(request.bytes));
            }
            CallStep::Head(head) => {
                self.plain("statusCode", Some(head.status()));
                self.name("header");
                write_header(&mut self.0, head.fields());
                head.write_cookies(&mut self.0);
            }
            CallStep::Retry { reason, count } => {
                self.text("reason", Some(reason));
                self.plain("count", Some(count));
            }
            CallStep::Redirect { status, url } => {
                self.plain("statusCode", Some(status));
                self.text("url", Some(url));
            }
            CallStep::End { result, cause, timing } => {
                match result {
                    Ok(status) => {
                        self.text("outcome", Some("success"));
                        self.plain("statusCode", Some(status));
                    }
                    Err(error) => {
                        self.text("outcome", Some("fail"));
                        self.plain("errno", Some(error.errno()));
                        self.text("errString", Some(error.errno().err_string()));
                        self.text("detail", Some(&error.to_string()));
                    }
                }
                self.text("cause", cause.as_ref().map(ToString::to_string).as_deref());
                self.plain("profile", timing.as_ref().map(|timing| timing.json()));
            }
        }
    }

    fn name(&mut self, name: &str) {
        self.write(format_args!(",\"{name}\":"));
    }

    /// Writes what is JSON as it prints, if there is something.
    fn plain(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.name(name);
            self.write(format_args!("{value}"));
        }
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.name(name);
            write_text(&mut self.0, value);
        }
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.0.write_fmt(text).expect("memory takes everything");
    }
}
