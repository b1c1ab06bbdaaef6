//! The lives of clients with cookies: requests in turn, what their responses set, and what must be
//! sent and kept.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_test_server::Server;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;
use url::{Host, Url};

use crate::compare::{repeated, same};
use crate::face::{Command, Event, Face};

/// A life; `vectors/README.md` describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Life {
    pub(crate) name: String,
    /// The section of RFC 6265bis, and the step if the section has steps.
    pub(crate) section: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    url: String,
    #[serde(default)]
    wait_ms: u64,
    #[serde(default)]
    set: Vec<String>,
    #[serde(default)]
    set_base64: Vec<String>,
    set_many: Option<Many>,
    raw: Option<String>,
    #[serde(default, deserialize_with = "present")]
    cookie: Option<Option<String>>,
    jar: Option<Vec<BTreeMap<String, Value>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Many {
    count: usize,
    line: String,
}

/// Distinguishes `null` from a missing member.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Life {
    /// Runs the life; if its URLs leave the scheme open, once with http and once with https.
    pub(crate) fn run(&self, face: &mut Face, server: &Server) -> Result<(), String> {
        let by_both = self.steps.iter().any(|step| step.url.starts_with("*:"));
        let schemes: &[&str] = if by_both { &["http", "https"] } else { &[""] };
        for scheme in schemes {
            face.send(&Command::Client(&self.config(server)?))?;
            for (step, number) in self.steps.iter().zip(1..) {
                let url = step.url(server, scheme)?;
                step.run(&url, face, server)
                    .map_err(|wrong| format!("{}, step {number}, {url}: {wrong}", self.section))?;
            }
        }
        Ok(())
    }

    /// Every host name of the life leads to the server.
    fn config(&self, server: &Server) -> Result<String, String> {
        let (http, https) = (server.http_port(), server.https_port());
        let mut names = BTreeSet::new();
        for step in &self.steps {
            if let Some(Host::Domain(name)) = step.url(server, "http")?.host() {
                names.insert(name.to_owned());
            }
        }
        let resolve: Vec<String> = names
            .iter()
            .flat_map(|name| {
                [format!("{name}:80:127.0.0.1:{http}"), format!("{name}:443:127.0.0.1:{https}")]
            })
            .collect();
        Ok(json!({
            "platform": "android", "system_roots": false,
            "roots_pem": server.ca_pem(), "resolve": resolve,
        })
        .to_string())
    }
}

impl Step {
    fn run(&self, url: &Url, face: &mut Face, server: &Server) -> Result<(), String> {
        thread::sleep(Duration::from_millis(self.wait_ms));
        let outcome = request(face, &self.asking(url))?;
        let trace = outcome["trace"].as_str().unwrap_or_default();
        let received =
            server.received(trace).ok_or_else(|| format!("it never arrived: {outcome}"))?;
        if self.raw.is_none() {
            same("status", &outcome["statusCode"].to_string(), "200")?;
        }
        let version = if url.scheme() == "https" { "HTTP/2" } else { "HTTP/1.1" };
        same("version", received.version, version)?;
        if let Some(should_be) = &self.cookie {
            let is: Vec<&str> = received.header_all("cookie").collect();
            let should_be: Vec<String> = should_be.iter().map(|line| repeated(line)).collect();
            same("cookie", &format!("{is:?}"), &format!("{should_be:?}"))?;
        }
        self.jar.as_ref().map_or(Ok(()), |should_be| compare(&jar(face)?, should_be))
    }

    fn url(&self, server: &Server, scheme: &str) -> Result<Url, String> {
        let url = self.url.replace("{http}", &server.http());
        let url = url.strip_prefix('*').map(|rest| format!("{scheme}{rest}")).unwrap_or(url);
        Url::parse(&repeated(&url)).map_err(|error| format!("{url}: {error}"))
    }

    /// Returns the URL, with the lines to set in its query.
    fn asking(&self, url: &Url) -> String {
        let mut asked = url.to_string();
        let mut add = |name: &str, value: &str| {
            let separator = if asked.contains('?') { '&' } else { '?' };
            let value: String = byte_serialize(value.as_bytes()).collect();
            asked += &format!("{separator}{name}={value}");
        };
        self.set.iter().for_each(|line| add("set-cookie", &repeated(line)));
        self.set_base64.iter().for_each(|line| add("set-cookie-base64", line));
        if let Some(many) = &self.set_many {
            let line = |n: usize| many.line.replace("{n}", &n.to_string());
            (1..=many.count).for_each(|n| add("set-cookie", &line(n)));
        }
        self.raw.iter().for_each(|raw| add("base64", &STANDARD.encode(raw)));
        asked
    }
}

/// Makes a GET and returns its result object.
fn request(face: &mut Face, url: &str) -> Result<Value, String> {
    let answer = face.request(&json!({ "url": url }).to_string(), None)?;
    serde_json::from_str(&answer.json).map_err(|error| error.to_string())
}

/// Returns the cookies that the host app sees. `days` is added to each: the time until it expires.
fn jar(face: &mut Face) -> Result<Vec<Value>, String> {
    face.send(&Command::Cookies)?;
    let json = loop {
        if let Event::Cookies(json) = face.next()? {
            break json;
        }
    };
    let mut jar: Vec<Value> = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    for cookie in &mut jar {
        let left = cookie["expires"].as_f64().map(|expires| expires / 1000.0 - now.as_secs_f64());
        cookie["days"] = json!(left.map(|left| (left / 86_400.0).round() as u64));
    }
    Ok(jar)
}

/// Compares cookies in any order, by the members that the vector names.
fn compare(jar: &[Value], should_be: &[BTreeMap<String, Value>]) -> Result<(), String> {
    let has = |cookie: &BTreeMap<String, Value>| {
        jar.iter().any(|is| cookie.iter().all(|(member, value)| is[member] == *value))
    };
    let is_same = jar.len() == should_be.len() && should_be.iter().all(has);
    if is_same { Ok(()) } else { Err(format!("the jar has {jar:?}")) }
}
