//! Headers on their way out: which of the caller's go, and which are the engine's own (docs/contract.md#2-headers-out).

use http::Method;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName,
    HeaderValue, RANGE, REFERER, USER_AGENT,
};

use crate::config::settings::AppHeaders;
use crate::config::{ClientConfig, ConfigError};
use crate::error::Error;
use crate::options::data::encode_uri_component;
use crate::options::request::Request;
use crate::response::decode;
use crate::trace::Trace;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_TT_LOGID: HeaderName = HeaderName::from_static("x-tt-logid");

/// Sent by the engine, or not at all, whatever the caller says.
const RESERVED: [&str; 5] =
    ["x-request-id", "x-request-id-op", "x-tt-logid", "x-tt-log-id", "referer"];

/// Owned by the connection; a caller who sets them could break its framing.
const OF_THE_TRANSPORT: [&str; 9] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
];

/// Headers that a caller may send: as many as a response may have. No server takes more.
const MAX_FIELDS: usize = 2000;

/// The caller's headers that may be sent; all are checked, also those that are then dropped.
pub(crate) fn checked(headers: &[(String, String)]) -> Result<HeaderMap, Error> {
    let mut checked = HeaderMap::new();
    for (name, value) in headers {
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::InvalidHeader("a name is no HTTP token".into()))?;
        let value =
            self::value(value).ok_or_else(|| Error::InvalidHeader(parsed.to_string().into()))?;
        if is_dropped(parsed.as_str()) {
            log::debug!("header {parsed} is the engine's own; the caller's is dropped");
        } else {
            checked.insert(parsed, value);
        }
        if checked.len() > MAX_FIELDS {
            return Err(Error::InvalidHeader("too many".into()));
        }
    }
    checked.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    Ok(checked)
}

/// The headers that a host app sends on its own account: reserved ones may be among them.
pub(crate) fn checked_app_headers<'h>(
    headers: impl IntoIterator<Item = (&'h str, &'h str)>,
) -> Result<HeaderMap, ConfigError> {
    let mut checked = HeaderMap::new();
    for (name, text) in headers {
        let wrong = |what: &str| ConfigError::new(format!("{name}: {what}"));
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| ConfigError::new("a name is no HTTP token"))?;
        if is_of_the_transport(parsed.as_str()) {
            return Err(wrong("is the connection's own"));
        }
        if parsed == COOKIE {
            return Err(wrong("cookies are set in the jar"));
        }
        let mut value = value(text).ok_or_else(|| wrong("not a header value"))?;
        value.set_sensitive(true); // a token, probably: it is not printed with the settings
        if checked.insert(parsed, value).is_some() {
            return Err(wrong("twice"));
        }
    }
    Ok(checked)
}

/// A value as it is sent: outer blanks removed, UTF-8, no control character but the tab.
pub(crate) fn value(text: &str) -> Option<HeaderValue> {
    let text = text.trim_matches([' ', '\t']);
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return None;
    }
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

/// Removes the fields of a name; the others keep their order. (`HeaderMap::remove` puts the last one in its place.)
pub(crate) fn remove(headers: &mut HeaderMap, name: &HeaderName) {
    if headers.contains_key(name) {
        let kept = headers.iter().filter(|(other, _)| *other != name);
        *headers = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    }
}

fn is_dropped(name: &str) -> bool {
    RESERVED.contains(&name) || is_of_the_transport(name)
}

fn is_of_the_transport(name: &str) -> bool {
    OF_THE_TRANSPORT.contains(&name) || name.starts_with("proxy-")
}

pub(crate) fn content_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    value.unwrap_or_default()
}

/// All that goes out with a request: the caller's headers, the engine's, and those the host app has for its URL.
pub(crate) fn outgoing(request: &Request, trace: &Trace, own: &OwnHeaders) -> HeaderMap {
    let mut headers: HeaderMap = request.headers.iter().cloned().collect();
    let trace =
        HeaderValue::from_str(trace.as_str()).expect("a trace is made of letters and digits");
    headers.insert(X_REQUEST_ID, trace.clone());
    headers.insert(X_TT_LOGID, trace);
    headers.insert(REFERER, own.referer.clone());
    headers.entry(USER_AGENT).or_insert_with(|| own.user_agent.clone());
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    // A range counts coded bytes: parts of a coding cannot be decoded.
    let codings = if headers.contains_key(RANGE) { "identity" } else { decode::ACCEPT_ENCODING };
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(codings));
    for more in own.app_headers.iter().filter_map(|more| more.for_url(&request.url)) {
        headers.extend(more.clone());
    }
    let empty = request.body.as_ref().is_none_or(|body| body.is_empty());
    if empty && matches!(request.method, Method::POST | Method::PUT | Method::PATCH) {
        // The transport would leave it out, and strict servers answer 411.
        headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
    }
    headers
}

/// The headers that are the same for all calls of a client.
pub(crate) struct OwnHeaders {
    referer: HeaderValue,
    user_agent: HeaderValue,
    app_headers: Vec<AppHeaders>,
}

impl OwnHeaders {
    pub(crate) fn new(config: &ClientConfig) -> Self {
        let referer = config
            .referer
            .as_str()
            .replace("{app_id}", &encode_uri_component(&config.app_id))
            .replace("{app_version}", &encode_uri_component(&config.app_version));
        Self {
            referer: value(&referer).expect("percent-encoding keeps a header value one"),
            user_agent: config.user_agent.value(),
            app_headers: config.app_headers.clone(),
        }
    }
}
