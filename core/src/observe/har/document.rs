//! The HAR document (version 1.2, <http://www.softwareishard.com/blog/har-12-spec/>).

use std::borrow::Cow;
use std::sync::Arc;

use http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::error::Error;
use crate::observe::har::entry::{Exchange, Phases};
use crate::observe::har::time::iso;
use crate::observe::redact;
use crate::response::response_head::{ResponseHead, text_of};

/// What HAR writes for a length or a time that is not known.
const UNKNOWN: i64 = -1;

/// Writes the document. Without `has_secrets` it has no cookies.
pub(super) fn json(exchanges: &[Arc<Exchange>], has_secrets: bool) -> String {
    let entries = exchanges.iter().map(|exchange| Entry::new(exchange, has_secrets)).collect();
    let creator = Creator { name: "gadget-request", version: env!("CARGO_PKG_VERSION") };
    let document = Document { log: Log { version: "1.2", creator, entries } };
    serde_json::to_string(&document).expect("it is made of texts and numbers")
}

#[derive(Serialize)]
struct Document<'e> {
    log: Log<'e>,
}

#[derive(Serialize)]
struct Log<'e> {
    version: &'static str,
    creator: Creator,
    entries: Vec<Entry<'e>>,
}

#[derive(Serialize)]
struct Creator {
    name: &'static str,
    version: &'static str,
}

/// Names that begin with `_` are the engine's own, as the specification allows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'e> {
    started_date_time: String,
    time: f64,
    request: Request<'e>,
    response: Response<'e>,
    cache: Cache,
    timings: Timings,
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    server_ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<String>,
    #[serde(rename = "_resourceType")]
    resource_type: &'static str,
    #[serde(rename = "_trace")]
    trace: &'e str,
    #[serde(rename = "_socketReused", skip_serializing_if = "Option::is_none")]
    socket_reused: Option<bool>,
    #[serde(rename = "_retryCount", skip_serializing_if = "Option::is_none")]
    retry_count: Option<u32>,
    #[serde(flatten)]
    failure: Option<Failure>,
}

#[derive(Serialize)]
struct Cache {}

#[derive(Serialize)]
struct Failure {
    #[serde(rename = "_errno")]
    errno: u32,
    #[serde(rename = "_errString")]
    err_string: &'static str,
    #[serde(rename = "_detail")]
    detail: String,
    #[serde(rename = "_cause", skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'e> {
    method: &'e str,
    url: &'e str,
    http_version: &'static str,
    cookies: Vec<Pair<'e>>,
    headers: Vec<Pair<'e>>,
    query_string: Vec<Pair<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'e>>,
    headers_size: i64,
    body_size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'e> {
    mime_type: Cow<'e, str>,
    text: Cow<'e, str>,
    #[serde(rename = "_encoding", skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'e> {
    status: u16,
    status_text: &'static str,
    http_version: &'static str,
    cookies: Vec<Pair<'e>>,
    headers: Vec<Pair<'e>>,
    content: Content<'e>,
    #[serde(rename = "redirectURL")]
    redirect_url: Cow<'e, str>,
    headers_size: i64,
    body_size: i64,
    /// As Chromium has it: heads are part of it.
    #[serde(rename = "_transferSize", skip_serializing_if = "Option::is_none")]
    transfer_size: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'e> {
    size: u64,
    mime_type: Cow<'e, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'e, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

/// A header field, a cookie, or a parameter of the query.
#[derive(Serialize)]
struct Pair<'e> {
    name: Cow<'e, str>,
    value: Cow<'e, str>,
}

#[derive(Serialize)]
struct Timings {
    blocked: f64,
    dns: f64,
    connect: f64,
    ssl: f64,
    send: f64,
    wait: f64,
    receive: f64,
}

impl<'e> Entry<'e> {
    fn new(exchange: &'e Exchange, has_secrets: bool) -> Self {
        let (timing, phases) = (exchange.timing.as_ref(), exchange.phases());
        let version = match timing.and_then(|timing| timing.protocol()) {
            Some("h2") => "HTTP/2.0", // Chromium reads this, and not "HTTP/2"
            Some(_) => "HTTP/1.1",
            None => "",
        };
        Self {
            started_date_time: iso(exchange.begun),
            time: millis(phases.sum()),
            request: Request::new(exchange, version, has_secrets),
            response: Response::new(exchange, version, has_secrets),
            cache: Cache {},
            timings: Timings::new(&phases),
            server_ip_address: timing.and_then(|it| Some(it.peer_ip()?.to_string())),
            connection: timing.and_then(|it| Some(it.port()?.to_string())),
            resource_type: "fetch", // Chromium takes JSON for a script otherwise
            trace: exchange.trace.as_str(),
            socket_reused: timing.and_then(|timing| timing.socket_reused()),
            retry_count: timing.map(|timing| timing.retry_count()),
            failure: exchange.failure.as_ref().map(|(error, cause)| Failure {
                errno: error.errno().code(),
                err_string: error.errno().err_string(),
                detail: error.to_string(),
                cause: cause.as_ref().map(ToString::to_string),
            }),
        }
    }
}

impl<'e> Request<'e> {
    fn new(exchange: &'e Exchange, version: &'static str, has_secrets: bool) -> Self {
        let cookies = exchange.headers.get_all(COOKIE).iter().map(text_of);
        let cookies = cookies.filter(|_| has_secrets).flat_map(|line| line.split(';'));
        let query = exchange.url.split_once('?').map_or("", |(_, query)| query);
        let query = url::form_urlencoded::parse(query.as_bytes());
        let post_data = (!exchange.asked.is_empty()).then(|| {
            let (text, encoding) = exchange.asked.text();
            PostData {
                mime_type: mime_type(&exchange.headers),
                text,
                encoding,
                comment: exchange.asked.comment(),
            }
        });
        Self {
            method: &exchange.method,
            url: &exchange.url,
            http_version: version,
            cookies: cookies.map(cookie).collect(),
            headers: fields(&exchange.headers).collect(),
            query_string: query.map(|(name, value)| Pair { name, value }).collect(),
            post_data,
            headers_size: UNKNOWN,
            body_size: exchange.asked.whole,
        }
    }
}

impl<'e> Response<'e> {
    fn new(exchange: &'e Exchange, version: &'static str, has_secrets: bool) -> Self {
        let head = exchange.head.as_ref();
        let status = head.map_or(0, ResponseHead::status);
        let lines = head.into_iter().flat_map(ResponseHead::cookies).filter(|_| has_secrets);
        let fields = head.into_iter().flat_map(|head| fields(head.fields()));
        let location = head.and_then(|head| head.fields().get(LOCATION));
        let has_text = !exchange.answered.is_empty();
        let (text, encoding) = exchange.answered.text();
        Self {
            status,
            status_text: status_text(status, exchange.failure.as_ref().map(|(error, _)| error)),
            http_version: version,
            cookies: lines.map(|line| cookie(line.split(';').next().unwrap_or(line))).collect(),
            headers: fields.map(|field| field.hidden_unless(has_secrets)).collect(),
            content: Content {
                size: exchange.decoded(),
                mime_type: head.map_or("x-unknown".into(), |head| mime_type(head.fields())),
                text: has_text.then_some(text),
                encoding: encoding.filter(|_| has_text),
                comment: exchange.answered.comment().filter(|_| has_text),
            },
            redirect_url: location.map_or("".into(), |location| text_of(location).into()),
            headers_size: UNKNOWN,
            body_size: UNKNOWN,
            transfer_size: exchange.received(),
        }
    }
}

impl Pair<'_> {
    /// Hides the value of a `set-cookie`.
    fn hidden_unless(mut self, has_secrets: bool) -> Self {
        if self.name == "set-cookie" && !has_secrets {
            self.value = redact::TEXT.into();
        }
        self
    }
}

impl Timings {
    fn new(phases: &Phases) -> Self {
        let optional = |micros: Option<u64>| micros.map_or(UNKNOWN as f64, millis);
        Self {
            blocked: millis(phases.blocked),
            dns: optional(phases.dns),
            connect: optional(phases.connect),
            ssl: optional(phases.ssl),
            send: millis(phases.send),
            wait: millis(phases.wait),
            receive: millis(phases.receive),
        }
    }
}

/// What Chromium shows beside the status: why the call failed, or what the status means.
fn status_text(status: u16, failure: Option<&Error>) -> &'static str {
    let reason = || StatusCode::from_u16(status).ok()?.canonical_reason();
    failure.map(|error| error.errno().err_string()).or_else(reason).unwrap_or_default()
}

fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

fn fields(headers: &HeaderMap) -> impl Iterator<Item = Pair<'_>> {
    let pair = |name, value| Pair { name: Cow::Borrowed(name), value: Cow::Borrowed(value) };
    headers.iter().map(move |(name, value)| pair(name.as_str(), text_of(value)))
}

fn mime_type(headers: &HeaderMap) -> Cow<'_, str> {
    headers.get(CONTENT_TYPE).map_or("x-unknown".into(), |value| text_of(value).into())
}

/// Reads `name=value`.
fn cookie(pair: &str) -> Pair<'_> {
    let (name, value) = pair.trim().split_once('=').unwrap_or(("", pair.trim()));
    Pair { name: name.into(), value: value.into() }
}
