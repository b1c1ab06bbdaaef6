//! The redirects of a call: "HTTP-redirect fetch" of the Fetch standard, with the numbers of its
//! steps, and the additions of docs/contract.md#9-redirects.

use http::header::{AUTHORIZATION, COOKIE, LOCATION};
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, percent_encode};
use url::Url;

use crate::error::Error;
use crate::options::choices::Redirect;
use crate::options::request::Request;
use crate::options::target;

/// Encodes bytes beyond ASCII, and no ASCII character.
const NOT_ASCII: &AsciiSet = &AsciiSet::EMPTY;

/// How many redirects a call may still follow.
pub(crate) struct Redirects {
    left: u32,
}

impl Redirects {
    pub(crate) fn new(max: u32) -> Self {
        Self { left: max }
    }

    /// The request that a redirect leads to, or `None` if the response is the result.
    ///
    /// # Errors
    ///
    /// The call refuses redirects, the Location cannot be followed, or there were too many.
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
        let target = location(&request.url, headers).ok_or(Error::BadRedirect)?;
        // Steps 7 and 8. Steps 9 and 10 are about CORS, and step 11 about bodies that can be read
        // only once: neither exists here.
        self.left = self.left.checked_sub(1).ok_or(Error::TooManyRedirects)?;
        Ok(Some(Box::new(redirected(request, target, status))))
    }
}

/// Fetch, "redirect status". 300 and 304 are not.
fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Fetch, "location URL". It would inherit the fragment of `base`, but the engine neither sends nor
/// shows fragments.
fn location(base: &Url, headers: &HeaderMap) -> Option<(Url, Uri)> {
    let mut values = headers.get_all(LOCATION).iter().map(|value| value.as_bytes().trim_ascii());
    let value = values.next()?;
    if values.any(|other| other != value) {
        return None; // two different Locations: it is unknown which is meant
    }
    // Bytes beyond ASCII are sent as they came, as browsers do.
    let text = percent_encode(value, NOT_ASCII).to_string();
    target::parse(&text, Some(base)).ok()
}

fn redirected(request: &Request, (url, uri): (Url, Uri), status: StatusCode) -> Request {
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
        // Step 12.2, and all other fields about the body: docs/contract.md#9-redirects.
        (becomes_get && name.as_str().starts_with("content-"))
            // Step 13.
            || (changes_origin && [AUTHORIZATION, COOKIE].contains(name))
    };
    let kept = request.headers.iter().filter(|(name, _)| !is_dropped(name));
    next.headers = kept.cloned().collect();
    (next.url, next.uri) = (url, uri);
    next
}
