//! A request as it arrived.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use url::form_urlencoded;

/// A request as it arrived: nothing is decoded or sorted.
#[derive(Clone, Debug)]
pub struct Received {
    /// `HTTP/1.1`, `HTTP/1.0` or `HTTP/2`.
    pub version: &'static str,
    /// The method, as written.
    pub method: String,
    /// The host with its port, if that is not the default one: the `host` header, or `:authority`
    /// of HTTP/2.
    pub authority: String,
    /// The request-target (HTTP/2: `:path`), as written.
    pub target: String,
    /// The fields in their order, HTTP/1 names in their case. Values that are not UTF-8 are read as
    /// ISO-8859-1.
    pub headers: Vec<(String, String)>,
    /// The body, transfer-decoded.
    pub body: Bytes,
}

impl Received {
    /// The first value of a header. The name's case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header_all(name).next()
    }

    /// All values of a header, in their order.
    pub fn header_all(&self, name: &str) -> impl Iterator<Item = &str> {
        let same = move |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        self.headers.iter().filter(same).map(|(_, value)| value.as_str())
    }

    /// The answer of `/echo`.
    pub fn to_json(&self) -> Value {
        json!({
            "method": self.method,
            "target": self.target,
            "version": self.version,
            "headers": self.headers,
            "body_base64": STANDARD.encode(&self.body),
        })
    }

    pub(crate) fn path(&self) -> &str {
        // The client of a proxy sends a whole URL.
        let target = match self.target.find("://") {
            Some(scheme) => {
                let rest = &self.target[scheme + 3..];
                rest.find('/').map_or("/", |slash| &rest[slash..])
            }
            None => &self.target,
        };
        target.split(['?', '#']).next().unwrap_or_default()
    }

    pub(crate) fn query(&self, name: &str) -> Option<String> {
        self.query_pairs().find_map(|(key, value)| (key == name).then_some(value))
    }

    pub(crate) fn query_pairs(&self) -> impl Iterator<Item = (String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned()
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
