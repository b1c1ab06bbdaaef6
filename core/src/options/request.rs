//! The checked form of a call: whoever holds a `Request` need not ask again.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use url::Url;

use crate::config::{ClientConfig, ExtraMethod};
use crate::error::Error;
use crate::headers;
use crate::options::RequestOptions;
use crate::options::data::{self, Placement};

/// A checked request: its URL, method, headers and body are what will be sent.
///
/// It is made from [`RequestOptions`] and the client's configuration, which says what is allowed.
/// Its fields are private and it has no setters: it cannot be wrong.
///
/// ```
/// use gadget_request::{ClientConfig, Request, RequestOptions};
///
/// let config = ClientConfig::default();
/// let options = RequestOptions::from_json(r#"{"url":"http://example.com","data":{"a":[1]}}"#, None);
/// let request = Request::try_from((options, &config))?;
/// assert_eq!(request.url(), "http://example.com/?a=%5B1%5D");
///
/// let refused = Request::try_from((RequestOptions::new("ftp://example.com"), &config));
/// assert_eq!(refused.unwrap_err().to_string(), "invalid url: neither http nor https");
/// # Ok::<(), gadget_request::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// Each name once. A map would take 700 bytes, and requests wait in a queue.
    pub(crate) headers: Box<[(HeaderName, HeaderValue)]>,
    pub(crate) body: Option<Bytes>,
    pub(crate) parse_json: bool,
    pub(crate) response_type: ResponseType,
    pub(crate) timeout: Duration,
    redirect: Redirect,
}

/// Whether a result's data is text or bytes (`responseType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseType {
    /// Text, or the JSON it holds.
    #[default]
    Text,
    /// Bytes, never parsed.
    ArrayBuffer,
}

/// What a call does with a redirect (`redirect`): a 301, 302, 303, 307 or 308 with a Location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redirect {
    /// Follow it.
    #[default]
    Follow,
    /// The 3xx is the result.
    Manual,
    /// Fail.
    Error,
}

impl ResponseType {
    /// The name of JavaScript's option.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::ArrayBuffer => "arraybuffer",
        }
    }

    fn parse(name: &str) -> Result<Self, Error> {
        [Self::Text, Self::ArrayBuffer]
            .into_iter()
            .find(|one| one.as_str() == name)
            .ok_or(Error::InvalidResponseType("neither text nor arraybuffer".into()))
    }
}

impl Redirect {
    /// The name of JavaScript's option.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::Manual => "manual",
            Self::Error => "error",
        }
    }

    fn parse(name: &str) -> Result<Self, Error> {
        [Self::Follow, Self::Manual, Self::Error]
            .into_iter()
            .find(|one| one.as_str() == name)
            .ok_or(Error::InvalidRedirect("none of follow, manual and error".into()))
    }
}

impl TryFrom<(RequestOptions, &ClientConfig)> for Request {
    type Error = Error;

    fn try_from((options, config): (RequestOptions, &ClientConfig)) -> Result<Self, Error> {
        let fields = options.into_fields(config.max_caller_header_bytes)?;
        let url = given(fields.url).ok_or(Error::InvalidUrl("missing".into()))?;
        let method = method(given(fields.method).as_deref().unwrap_or("GET"), config)?;
        let response_type = given(fields.response_type)
            .map_or(Ok(ResponseType::default()), |name| ResponseType::parse(&name))?;
        let redirect = given(fields.redirect)
            .map_or(Ok(Redirect::default()), |name| Redirect::parse(&name))?;
        let headers = headers::checked(&fields.headers)?;
        let content_type = headers::content_type(&headers);
        let (url, body) =
            data::place(fields.data, placement(&method, config), &url, &content_type)?;
        Ok(Request {
            method,
            url,
            headers: headers.into_iter().filter_map(|(name, value)| Some((name?, value))).collect(),
            body,
            parse_json: given(fields.data_type).is_none_or(|data_type| data_type == "json"),
            response_type,
            timeout: timeout(fields.timeout_ms, config),
            redirect,
        })
    }
}

impl Request {
    /// The URL it goes to, data appended, without a fragment.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The method, in upper case.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The body to be sent.
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// How long it may take from its dispatch.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What it does with a redirect.
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
        .ok_or(Error::InvalidMethod("not one that may be used".into()))
}

fn placement(method: &Method, config: &ClientConfig) -> Placement {
    match *method {
        Method::GET | Method::HEAD => Placement::Query,
        Method::DELETE | Method::OPTIONS if !config.delete_data_as_post => Placement::JsonInQuery,
        _ => Placement::Body,
    }
}

/// The call's timeout, rounded down; the host's where it is absent or outside 1 to 60000 ms.
fn timeout(millis: Option<f64>, config: &ClientConfig) -> Duration {
    let Some(millis) = millis.map(f64::floor) else { return config.timeout };
    if (1.0..=60_000.0).contains(&millis) {
        return Duration::from_secs_f64(millis / 1000.0);
    }
    log::warn!("timeout outside 1 to 60000 ms; the host's default is used");
    config.timeout
}
