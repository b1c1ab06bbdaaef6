//! What of a request is shown to those who watch it.

use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::trace::Trace;

/// The fields whose values log in as the mini program's user, or at a proxy.
const SECRETS: [HeaderName; 3] = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION];

/// Stands for a value that is not shown.
pub(super) const TEXT: &str = "[redacted]";

/// A longer URL is cut. No server takes one, but it may wait for an observer.
const MAX_URL: usize = 64 << 10;

/// The fields of a request without the values that are secret. Those of the host app's headers are
/// marked as sensitive: they may be tokens. So is the trace, which is no secret.
pub(super) fn headers(mut headers: HeaderMap, trace: &Trace) -> HeaderMap {
    for (name, value) in &mut headers {
        if SECRETS.contains(name) || value.is_sensitive() && value != trace.as_str() {
            *value = HeaderValue::from_static(TEXT);
        }
    }
    headers
}

/// The URL, or its begin.
pub(super) fn url(url: &str) -> String {
    if url.len() <= MAX_URL {
        return url.to_owned();
    }
    let end = (0..=MAX_URL).rev().find(|at| url.is_char_boundary(*at)).unwrap_or_default();
    format!("{}…", &url[..end])
}

/// A URL that was refused, in the same form. `None` if it may hold a password.
pub(super) fn refused_url(text: &str) -> Option<String> {
    (!text.contains('@') || url::Url::parse(text).is_ok_and(|url| !has_credentials(&url)))
        .then(|| url(text))
}

fn has_credentials(url: &url::Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
