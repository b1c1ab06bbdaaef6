//! Checks the head of a response, and decides if a body follows.

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::config::ClientConfig;
use crate::error::Error;

/// Checks a head, also the head of a redirect.
pub(crate) fn check(
    status: StatusCode,
    headers: &HeaderMap,
    config: &ClientConfig,
) -> Result<(), Error> {
    // A 101 without a request for another protocol.
    if status.is_informational() || !is_framed_as_known(headers) {
        return Err(Error::ProtocolError);
    }
    // On the wire, each field also has a colon, a space and a line end.
    let bytes: usize =
        headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let fields = usize::from(config.max_head_fields);
    if headers.len() > fields || bytes > config.max_head_bytes as usize {
        return Err(Error::HeadTooLarge);
    }
    Ok(())
}

/// Returns true if the framing is known. `chunked` is the only transfer coding with a known end.
fn is_framed_as_known(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let is_chunked =
        |coding: &HeaderValue| coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
    codings.next().is_none_or(is_chunked) && codings.next().is_none()
}

/// Returns true if the response can have a body, in any version of HTTP (RFC 9110 section 6.4.1).
pub(crate) fn has_body(method: &Method, status: StatusCode) -> bool {
    let never = [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED];
    *method != Method::HEAD && !never.contains(&status)
}

/// Returns true if a head announces a body.
pub(crate) fn announces_body(headers: &HeaderMap) -> bool {
    let is_nothing = |length: &HeaderValue| length.as_bytes() == b"0";
    headers.contains_key(TRANSFER_ENCODING)
        || headers.get_all(CONTENT_LENGTH).iter().any(|length| !is_nothing(length))
}
