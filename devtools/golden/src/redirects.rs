//! Redirected calls: what the server answers in turn, and what must be sent to it in turn.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_test_server::{Received, Scripted, Server};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::{Host, Url};

use crate::compare::{repeated, same};
use crate::face::{Command, Face};

/// A call; `vectors/README.md` describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redirected {
    pub(crate) name: String,
    #[serde(default)]
    config: Map<String, Value>,
    options: Value,
    responses: Vec<Answer>,
    sent: Vec<Sent>,
    status: Option<u16>,
    fail: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: u16,
    location: Option<String>,
    location_base64: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    url: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    body: String,
    /// `null` means that the header must not be sent.
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    #[serde(default = "once")]
    times: usize,
}

fn get() -> String {
    "GET".to_owned()
}

impl Redirected {
    pub(crate) fn run(&self, face: &mut Face, server: &Server) -> Result<(), String> {
        face.send(&Command::Client(&self.config(server)?))?;
        server.answer_next(self.answers()?);
        let answer = face.request(&self.options.to_string(), None);
        server.answer_next([]);
        let outcome: Value =
            serde_json::from_str(&answer?.json).map_err(|error| error.to_string())?;
        for (member, value) in self.fail.iter().flatten() {
            same(member, &outcome[member].to_string(), &value.to_string())?;
        }
        if let Some(status) = self.status {
            same("status", &outcome["statusCode"].to_string(), &status.to_string())?;
        }
        let trace = outcome["trace"].as_str().unwrap_or_default();
        let mut received = server.latest();
        received.retain(|request| request.header("x-request-id") == Some(trace));
        let sent = self.sent.iter().flat_map(|sent| std::iter::repeat_n(sent, sent.times));
        let sent: Vec<&Sent> = sent.collect();
        same("requests sent", &received.len().to_string(), &sent.len().to_string())?;
        for (number, (sent, received)) in sent.iter().zip(&received).enumerate() {
            sent.compare(received).map_err(|wrong| format!("request {}: {wrong}", number + 1))?;
            same("x-tt-logid", received.header("x-tt-logid").unwrap_or_default(), trace)?;
        }
        Ok(())
    }

    /// Every host name of the case leads to the server.
    fn config(&self, server: &Server) -> Result<String, String> {
        let first = self.options["url"].as_str().unwrap_or_default();
        let mut resolve = BTreeSet::new();
        for url in self.sent.iter().map(|sent| sent.url.as_str()).chain([first]) {
            let url = Url::parse(url).map_err(|error| format!("{url}: {error}"))?;
            let port =
                if url.scheme() == "https" { server.https_port() } else { server.http_port() };
            if let (Some(Host::Domain(host)), Some(from)) =
                (url.host(), url.port_or_known_default())
            {
                resolve.insert(format!("{host}:{from}:127.0.0.1:{port}"));
            }
        }
        let mut config = self.config.clone();
        config.entry("platform").or_insert(json!("android"));
        config.insert("roots_pem".to_owned(), json!(server.ca_pem()));
        config.insert("resolve".to_owned(), json!(resolve));
        Ok(Value::Object(config).to_string())
    }

    fn answers(&self) -> Result<Vec<Scripted>, String> {
        let mut answers = Vec::new();
        for answer in &self.responses {
            let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
            headers
                .extend(answer.location.iter().map(|to| ("location".into(), repeated(to).into())));
            if let Some(base64) = &answer.location_base64 {
                let bytes = STANDARD.decode(base64).map_err(|error| error.to_string())?;
                headers.push(("location".into(), bytes));
            }
            let more = answer.headers.iter();
            headers.extend(more.map(|(name, value)| (name.clone(), value.clone().into())));
            let scripted = Scripted { status: answer.status, headers };
            answers.extend(std::iter::repeat_n(scripted, answer.times));
        }
        Ok(answers)
    }
}

impl Sent {
    fn compare(&self, received: &Received) -> Result<(), String> {
        let scheme = if received.version == "HTTP/2" { "https" } else { "http" };
        let url = format!("{scheme}://{}{}", received.authority, received.target);
        same("url", &url, &self.url)?;
        same("method", &received.method, &self.method)?;
        same("body", &String::from_utf8_lossy(&received.body), &self.body)?;
        for (name, value) in &self.headers {
            let is: Vec<&str> = received.header_all(name).collect();
            same(name, &format!("{is:?}"), &format!("{:?}", Vec::from_iter(value)))?;
        }
        Ok(())
    }
}
