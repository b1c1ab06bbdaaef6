//! The redirects of a call: "HTTP-redirect fetch" of the Fetch standard, by the numbers of its
//! steps, and what docs/contract.md#9-redirects adds to it.

use http::header::{AUTHORIZATION, COOKIE, LOCATION};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use percent_encoding::{AsciiSet, percent_encode};
use url::Url;

use crate::error::Error;
use crate::options::choices::Redirect;
use crate::options::request::Request;
use crate::options::target;

/// Nothing that is ASCII.
const NOT_ASCII: &AsciiSet = &AsciiSet::EMPTY;

/// The redirects that a call may still follow.
pub(crate) struct Redirects {
    left: u32,
}

impl Redirects {
    pub(crate) fn new(max: u32) -> Self {
        Self { left: max }
    }

    /// The request that a response asks for in its place; none where the response is the result.
    pub(crate) fn next(
        &mut self,
        request: &Request,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<Option<Box<Request>>, Error> {
        if !is_redirect(status) || !headers.contains_key(LOCATION) {
            return Ok(None);
        }
        match request.redirect() {
            Redirect::Follow => {}
            Redirect::Manual => return Ok(None),
            Redirect::Error => return Err(Error::RedirectRefused),
        }
        // Steps 3 to 6.
        let url = location(&request.url, headers).ok_or(Error::BadRedirect)?;
        // Steps 7 and 8. Steps 9 and 10 are for pages of some origin, 11 is for bodies that can be
        // read only once.
        self.left = self.left.checked_sub(1).ok_or(Error::TooManyRedirects)?;
        Ok(Some(Box::new(redirected(request, url, status))))
    }
}

/// Fetch, "redirect status": 300 and 304 are none.
fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Fetch, "location URL". The fragment of the URL before, which it would inherit, is neither sent
/// nor shown.
fn location(base: &Url, headers: &HeaderMap) -> Option<Url> {
    let mut values = headers.get_all(LOCATION).iter().map(|value| value.as_bytes().trim_ascii());
    let value = values.next()?;
    if values.any(|other| other != value) {
        return None; // nobody knows which of them is meant
    }
    // Bytes beyond ASCII are sent as they came, which is what browsers do.
    let text = percent_encode(value, NOT_ASCII).to_string();
    target::parse(&text, Some(base)).ok()
}

fn redirected(request: &Request, url: Url, status: StatusCode) -> Request {
    let mut next = request.clone();
    let becomes_get = match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => request.method == Method::POST,
        StatusCode::SEE_OTHER => !matches!(request.method, Method::GET | Method::HEAD),
        _ => false,
    };
    let changes_origin = request.url.origin() != url.origin();
    if becomes_get {
        // Step 12.1.
        next.method = Method::GET;
        next.body = None;
    }
    let is_dropped = |name: &HeaderName| {
        // Step 12.2 and, beyond it, all that is said of the body: docs/contract.md#9-redirects.
        (becomes_get && name.as_str().starts_with("content-"))
            // Step 13.
            || (changes_origin && [AUTHORIZATION, COOKIE].contains(name))
    };
    let kept = request.headers.iter().filter(|(name, _)| !is_dropped(name));
    next.headers = kept.cloned().collect();
    next.url = url;
    next
}
