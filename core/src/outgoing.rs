//! The header fields that go out with a request (docs/contract.md#2-headers-out).

use http::Method;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, RANGE, REFERER,
    USER_AGENT,
};

use crate::config::ClientConfig;
use crate::config::headers::AppHeaders;
use crate::headers;
use crate::options::data::encode_uri_component;
use crate::options::request::Request;
use crate::response::decode;
use crate::trace::Trace;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_TT_LOGID: HeaderName = HeaderName::from_static("x-tt-logid");

/// How many headers may be added to the caller's: the engine's six, `cookie`, `host`, and one for a
/// proxy.
const MORE_HEADERS: usize = 9;

/// All headers of a request: the caller's, then the engine's, then the host app's for its URL. The
/// later ones replace the earlier.
pub(crate) fn headers(request: &Request, trace: &Trace, own: &OwnHeaders) -> HeaderMap {
    // A map that grows would hash all names again.
    let mut headers = HeaderMap::with_capacity(request.headers.len() + MORE_HEADERS);
    headers.extend(request.headers.iter().cloned());
    let mut trace =
        HeaderValue::from_str(trace.as_str()).expect("a trace is made of letters and digits");
    // No secret, but HTTP/2 must not put it into its table of fields that are sent again: two
    // traces of each call would fill it, and push out what the next request has, too.
    trace.set_sensitive(true);
    headers.insert(X_REQUEST_ID, trace.clone());
    headers.insert(X_TT_LOGID, trace);
    headers.insert(REFERER, own.referer.clone());
    headers.entry(USER_AGENT).or_insert_with(|| own.user_agent.clone());
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    // A range counts coded bytes, and a part of a coded body cannot be decoded.
    let codings = if headers.contains_key(RANGE) { "identity" } else { decode::ACCEPT_ENCODING };
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(codings));
    for more in own.app_headers.iter().filter_map(|more| more.for_url(&request.url)) {
        // `extend` with named values replaces: a later entry wins.
        headers.extend(more.clone());
    }
    let empty = request.body.as_ref().is_none_or(|body| body.is_empty());
    if empty && matches!(request.method, Method::POST | Method::PUT | Method::PATCH) {
        // hyper would leave it out, and strict servers answer 411.
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
            referer: headers::value(&referer).expect("percent-encoding keeps a header value one"),
            user_agent: config.user_agent.value(),
            app_headers: config.app_headers.clone(),
        }
    }
}
