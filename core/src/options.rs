//! The options of a call as the caller gives them: all optional, none trusted, none checked yet.

pub(crate) mod choices;
pub(crate) mod data;
mod fields;
pub(crate) mod json;
pub(crate) mod request;
pub(crate) mod target;

use std::time::Duration;

use bytes::Bytes;

use crate::error::{Error, Field};
use crate::options::choices::{Redirect, ResponseType};
use crate::options::data::{Data, Payload};
use crate::options::fields::{Fields, HeaderRoom};

/// The options of one call, not yet checked: the JavaScript options object as JSON, typed fields,
/// or both.
///
/// Building them never fails and costs next to nothing. Anything wrong in them becomes the call's
/// outcome, with `errno` 104 and the name of the field (docs/contract.md#1-options-in). Nothing is
/// sent then.
///
/// Typed fields, for native callers:
///
/// ```
/// use gadget_request::{Data, RequestOptions, ResponseType};
///
/// let options = RequestOptions::new("https://example.com/upload")
///     .method("POST")
///     .header("content-type", "application/octet-stream")
///     .data(Data::Bytes(vec![1, 2, 3].into()))
///     .response_type(ResponseType::ArrayBuffer);
/// ```
///
/// The options object of a mini program, as `JSON.stringify` prints it:
///
/// ```
/// use gadget_request::RequestOptions;
///
/// let text = r#"{"url":"https://example.com","data":{"noncestr":1}}"#;
/// let options = RequestOptions::from_json(text, None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct RequestOptions {
    json: Option<(Bytes, Option<Bytes>)>,
    typed: Fields,
    typed_data: Option<Data>,
}

impl RequestOptions {
    /// The most bytes that options can have, JSON text and ArrayBuffer together: 100 MiB.
    pub const MAX_BYTES: usize = 100 * 1024 * 1024;

    /// Options with an absolute `http` or `https` URL.
    pub fn new(url: impl Into<String>) -> Self {
        let typed = Fields { url: Some(url.into()), ..Fields::default() };
        Self { typed, ..Self::default() }
    }

    /// Options from the JSON text (UTF-8) of the JavaScript object. `bytes` is its `data` if that
    /// is an ArrayBuffer. `None` means no data; empty bytes are an empty ArrayBuffer.
    ///
    /// Nothing is copied or parsed here. Unknown fields and the callbacks `success`, `fail` and
    /// `complete` are ignored. Typed fields that are set afterwards override the JSON's.
    pub fn from_json(text: impl Into<Bytes>, bytes: Option<Bytes>) -> Self {
        Self { json: Some((text.into(), bytes)), ..Self::default() }
    }

    /// The HTTP method, in any case: `GET` (the default), `POST`, `PUT`, `HEAD`, `DELETE`, or one
    /// of [`extra_methods`](crate::ClientConfig::extra_methods).
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.typed.method = Some(method.into());
        self
    }

    /// Adds a header. If two names are equal in any case, the last wins. Some names are reserved
    /// (docs/contract.md#2-headers-out). All headers together have 256 KiB at most, unless
    /// [`max_caller_header_bytes`](crate::ClientConfig::max_caller_header_bytes) is set.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.typed.headers.push((name.into(), value.into()));
        self
    }

    /// The data to send.
    #[must_use]
    pub fn data(mut self, data: Data) -> Self {
        self.typed_data = Some(data);
        self
    }

    /// `json` (the default): the result has a JSON body as JSON. With anything else it stays text.
    #[must_use]
    pub fn data_type(mut self, data_type: impl Into<String>) -> Self {
        self.typed.data_type = Some(data_type.into());
        self
    }

    /// Whether the result's data is text or bytes.
    #[must_use]
    pub fn response_type(mut self, response_type: ResponseType) -> Self {
        self.typed.response_type = Some(response_type.as_str().to_owned());
        self
    }

    /// The time from the call's dispatch to the last byte of the body, 1 ms to 60 s. Any other
    /// value means the client's default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.typed.timeout_ms = Some(timeout.as_secs_f64() * 1000.0);
        self
    }

    /// Sets how the call treats a redirect.
    #[must_use]
    pub fn redirect(mut self, redirect: Redirect) -> Self {
        self.typed.redirect = Some(redirect.as_str().to_owned());
        self
    }

    /// Whether the result object shows the profile of the call. The default is the client's
    /// [`profile`](crate::ClientConfig::profile).
    #[must_use]
    pub fn enable_profile(mut self, enable: bool) -> Self {
        self.typed.enable_profile = Some(enable);
        self
    }

    /// Whether the body comes as chunks while the call runs (`enableChunked`), and not in the
    /// result: see [`Client::start_with_events`](crate::Client::start_with_events). Without a
    /// listener, the body is read and dropped.
    #[must_use]
    pub fn enable_chunked(mut self, enable: bool) -> Self {
        self.typed.enable_chunked = Some(enable);
        self
    }

    /// Merges JSON and typed fields into one set of fields.
    ///
    /// # Errors
    ///
    /// The options are too large or not one JSON object, a field has the wrong type, or the names
    /// and values of the headers have more than `max_header_bytes` together.
    pub(crate) fn into_fields(self, max_header_bytes: usize) -> Result<Fields, Error> {
        if self.bytes() > Self::MAX_BYTES {
            return Err(Field::Options.invalid("over 100 MiB"));
        }
        let mut room = HeaderRoom::new(max_header_bytes);
        let mut fields = match &self.json {
            Some((text, bytes)) => Fields::from_json(text, bytes.as_ref(), &mut room)?,
            None => Fields::default(),
        };
        let typed = self.typed;
        typed.headers.iter().try_for_each(|(name, value)| room.take(name, value))?;
        fields.url = typed.url.or(fields.url);
        fields.method = typed.method.or(fields.method);
        fields.headers.extend(typed.headers);
        fields.data_type = typed.data_type.or(fields.data_type);
        fields.response_type = typed.response_type.or(fields.response_type);
        fields.timeout_ms = typed.timeout_ms.or(fields.timeout_ms);
        fields.redirect = typed.redirect.or(fields.redirect);
        fields.enable_profile = typed.enable_profile.or(fields.enable_profile);
        fields.enable_chunked = typed.enable_chunked.or(fields.enable_chunked);
        if let Some(data) = self.typed_data {
            fields.data = Payload::of(data)?;
        }
        Ok(fields)
    }

    /// A copy without the typed data, which may be large.
    pub(crate) fn without_typed_data(&self) -> Self {
        Self { json: self.json.clone(), typed: self.typed.clone(), typed_data: None }
    }

    /// The bytes that count for the queue's limit: JSON text, URL, names and values, data.
    pub(crate) fn bytes(&self) -> usize {
        let json = self
            .json
            .as_ref()
            .map_or(0, |(text, bytes)| text.len() + bytes.as_ref().map_or(0, Bytes::len));
        let headers: usize =
            self.typed.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let data = match &self.typed_data {
            Some(Data::Text(text) | Data::Json(text)) => text.len(),
            Some(Data::Bytes(bytes)) => bytes.len(),
            None => 0,
        };
        json + headers + data + self.typed.url.as_ref().map_or(0, String::len)
    }
}
