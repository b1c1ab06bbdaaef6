//! The checked form of a call. No code that takes a `Request` checks it again.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri};
use url::Url;

use crate::config::ClientConfig;
use crate::config::platform::ExtraMethod;
use crate::error::{Error, Field};
use crate::headers;
use crate::options::RequestOptions;
use crate::options::choices::{Redirect, ResponseType};
use crate::options::data::{self, Placement};

/// A checked request: its URL, method, headers and body are sent as they are.
///
/// It is made from [`RequestOptions`] and the client's settings, which say what is allowed. Its
/// fields are private and it has no setters, so it is always valid.
///
/// ```
/// use gadget_request::{ClientConfig, Request, RequestOptions};
///
/// let config = ClientConfig::default();
/// let text = r#"{"url":"http://example.com","data":{"a":[1]}}"#;
/// let request = Request::check(RequestOptions::from_json(text, None), &config)?;
/// assert_eq!(request.url(), "http://example.com/?a=%5B1%5D");
///
/// let refused = Request::check(RequestOptions::new("ftp://example.com"), &config);
/// assert_eq!(refused.unwrap_err().to_string(), "invalid url: neither http nor https");
/// # Ok::<(), gadget_request::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The same URL as HTTP takes it.
    pub(crate) uri: Uri,
    /// Each name once. No map: it would take 700 bytes, and a thousand requests may be queued.
    pub(crate) headers: Box<[(HeaderName, HeaderValue)]>,
    pub(crate) body: Option<Bytes>,
    pub(crate) parse_json: bool,
    pub(crate) response_type: ResponseType,
    pub(crate) timeout: Duration,
    /// The result object shows the call's profile.
    pub(crate) profile: bool,
    /// The body comes as chunks while the call runs.
    pub(crate) is_chunked: bool,
    redirect: Redirect,
}

impl Request {
    /// Checks the options of a call.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if a field cannot be used, and [`Error::RefusedByNetworkStack`] if the
    /// URL cannot be sent.
    pub fn check(options: RequestOptions, config: &ClientConfig) -> Result<Self, Error> {
        let fields = options.into_fields(config.max_caller_header_bytes)?;
        let url = given(fields.url).ok_or(Field::Url.invalid("missing"))?;
        let method = method(given(fields.method).as_deref().unwrap_or("GET"), config)?;
        let response_type = given(fields.response_type)
            .map_or(Ok(ResponseType::default()), |name| ResponseType::parse(&name))?;
        let redirect = given(fields.redirect)
            .map_or(Ok(Redirect::default()), |name| Redirect::parse(&name))?;
        let headers = headers::checked(&fields.headers)?;
        let content_type = || headers::content_type(&headers);
        let ((url, uri), body) =
            data::place(fields.data, placement(&method, config), &url, content_type)?;
        Ok(Request {
            method,
            url,
            uri,
            headers: headers.into_boxed_slice(),
            body,
            parse_json: given(fields.data_type).is_none_or(|data_type| data_type == "json"),
            response_type,
            timeout: timeout(fields.timeout_ms, config),
            profile: fields.enable_profile.unwrap_or(config.profile),
            is_chunked: fields.enable_chunked.unwrap_or_default(),
            redirect,
        })
    }

    /// The URL, with the data of its query and without a fragment.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The method, in upper case.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The body, if there is one.
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// The time from the dispatch to the last byte of the response.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns how the call treats a redirect.
    pub fn redirect(&self) -> Redirect {
        self.redirect
    }
}

/// Empty text counts as a missing field.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn method(name: &str, config: &ClientConfig) -> Result<Method, Error> {
    let always = [Method::GET, Method::POST, Method::PUT, Method::HEAD, Method::DELETE];
    always
        .into_iter()
        .chain(config.extra_methods.iter().map(|extra| match extra {
            ExtraMethod::Patch => Method::PATCH,
            ExtraMethod::Options => Method::OPTIONS,
        }))
        .find(|method| method.as_str().eq_ignore_ascii_case(name))
        .ok_or(Field::Method.invalid("not an allowed method"))
}

fn placement(method: &Method, config: &ClientConfig) -> Placement {
    match *method {
        Method::GET | Method::HEAD => Placement::Query,
        Method::DELETE | Method::OPTIONS if !config.delete_data_as_post => Placement::JsonInQuery,
        _ => Placement::Body,
    }
}

/// The call's timeout, rounded down to milliseconds, or the client's default if it is absent or
/// outside 1 to 60000 ms.
fn timeout(millis: Option<f64>, config: &ClientConfig) -> Duration {
    let Some(millis) = millis.map(f64::floor) else { return config.timeout };
    if (1.0..=60_000.0).contains(&millis) {
        return Duration::from_secs_f64(millis / 1000.0);
    }
    log::warn!("timeout outside 1 to 60000 ms; the client's default is used");
    config.timeout
}
