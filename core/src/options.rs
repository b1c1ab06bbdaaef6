//! What a caller hands in: everything optional, nothing trusted, nothing checked yet.

pub(crate) mod data;
pub(crate) mod json;
pub(crate) mod request;
pub(crate) mod target;

use std::time::Duration;

use bytes::Bytes;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Reason};
use crate::options::data::{Data, Payload};
use crate::options::json::Kind;
use crate::options::request::{Redirect, ResponseType};

/// The options of one call, not yet checked: the JavaScript options object as JSON, typed fields, or both.
///
/// Building them never fails and costs next to nothing; whatever is wrong with them becomes the
/// call's outcome, with `errno` 104 and the name of the field (docs/contract.md#1-options-in). Nothing is sent then.
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
/// The options object of a mini program, as `JSON.stringify` gives it:
///
/// ```
/// use gadget_request::RequestOptions;
///
/// let options = RequestOptions::from_json(r#"{"url":"https://example.com","data":{"noncestr":1}}"#, None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct RequestOptions {
    json: Option<(Bytes, Option<Bytes>)>,
    typed: Fields,
    typed_data: Option<Data>,
}

/// The fields of the options, each of its right type, none of them checked further.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    pub(crate) url: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) data: Option<Payload>,
    pub(crate) data_type: Option<String>,
    pub(crate) response_type: Option<String>,
    pub(crate) timeout_ms: Option<f64>,
    pub(crate) redirect: Option<String>,
}

impl RequestOptions {
    /// Most bytes that options may have, JSON text and ArrayBuffer together: 100 MiB.
    pub const MAX_BYTES: usize = 100 * 1024 * 1024;

    /// Options with a URL, absolute, `http` or `https`.
    pub fn new(url: impl Into<String>) -> Self {
        let typed = Fields { url: Some(url.into()), ..Fields::default() };
        Self { typed, ..Self::default() }
    }

    /// Options as the JavaScript object's JSON text (UTF-8), and the bytes beside it where `data` is an
    /// ArrayBuffer. `None` and empty bytes differ: the one is no data, the other an empty ArrayBuffer.
    ///
    /// Nothing is copied or parsed here. Unknown fields are ignored, as are the callbacks `success`,
    /// `fail` and `complete`. Typed fields set afterwards win over those of the JSON.
    pub fn from_json(text: impl Into<Bytes>, bytes: Option<Bytes>) -> Self {
        Self { json: Some((text.into(), bytes)), ..Self::default() }
    }

    /// The HTTP method, in any case: `GET` (the default), `POST`, `PUT`, `HEAD`, `DELETE`, and what the
    /// host switched on.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.typed.method = Some(method.into());
        self
    }

    /// Adds a header. Of names equal without case the last wins; some are the engine's own (docs/contract.md#2-headers-out). All
    /// together have 256 KiB at most, unless the host set
    /// [`max_caller_header_bytes`](crate::ClientConfig::max_caller_header_bytes).
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.typed.headers.push((name.into(), value.into()));
        self
    }

    /// What to send.
    #[must_use]
    pub fn data(mut self, data: Data) -> Self {
        self.typed_data = Some(data);
        self
    }

    /// `json` (the default): a text body that is JSON is given as JSON. Anything else: it stays text.
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

    /// How long the call may take from its dispatch to the last byte of the body, 1 ms to 60 s; anything
    /// else means the host's default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.typed.timeout_ms = Some(timeout.as_secs_f64() * 1000.0);
        self
    }

    /// What to do with a redirect.
    #[must_use]
    pub fn redirect(mut self, redirect: Redirect) -> Self {
        self.typed.redirect = Some(redirect.as_str().to_owned());
        self
    }

    /// All that was said, in one set of fields; its headers have so many bytes at most, names and values together.
    pub(crate) fn into_fields(self, max_header_bytes: usize) -> Result<Fields, Error> {
        if self.bytes() > Self::MAX_BYTES {
            return Err(Error::InvalidOptions("over 100 MiB".into()));
        }
        let mut room = HeaderRoom(max_header_bytes);
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
        if let Some(data) = self.typed_data {
            fields.data = payload(data)?;
        }
        Ok(fields)
    }

    /// How many bytes they are: JSON text, names and values, data.
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

impl Fields {
    fn from_json(
        text: &Bytes,
        bytes: Option<&Bytes>,
        room: &mut HeaderRoom,
    ) -> Result<Fields, Error> {
        let utf8 =
            std::str::from_utf8(text).map_err(|_| Error::InvalidOptions("not UTF-8".into()))?;
        let mut fields = Fields { data: bytes.cloned().map(Payload::Bytes), ..Fields::default() };
        let members =
            Members::read(utf8).ok_or(Error::InvalidOptions("not one JSON object".into()))?;
        fields.url = text_field(members.url, Error::InvalidUrl)?;
        fields.method = text_field(members.method, Error::InvalidMethod)?;
        fields.data_type = match text_field(members.data_type, Error::InvalidDataType) {
            // No text, so not `json` either: never parse.
            Err(_) if members.data_type.is_some_and(|raw| Kind::of(raw) == Kind::String) => {
                Some("\u{fffd}".to_owned())
            }
            data_type => data_type?,
        };
        fields.response_type = text_field(members.response_type, Error::InvalidResponseType)?;
        fields.redirect = text_field(members.redirect, Error::InvalidRedirect)?;
        fields.timeout_ms = match members.timeout {
            Some(raw) if Kind::of(raw) == Kind::Number => raw.parse().ok(),
            Some(_) => return Err(Error::InvalidTimeout("not a number".into())),
            None => None,
        };
        if let Some(raw) = members.header {
            fields.headers = headers(raw, room)?;
        }
        if let Some(raw) = members.data {
            if fields.data.is_some() {
                return Err(Error::InvalidData("both in the options and as bytes".into()));
            }
            fields.data = match Kind::of(raw) {
                Kind::Object | Kind::Array => Some(Payload::Json(text.slice_ref(raw.as_bytes()))),
                _ => text_field(Some(raw), Error::InvalidData)?.map(Payload::Text),
            };
        }
        Ok(fields)
    }
}

/// The members of the options object that count, as raw JSON; those that are empty are absent.
#[derive(Default)]
struct Members<'a> {
    url: Option<&'a str>,
    method: Option<&'a str>,
    header: Option<&'a str>,
    data: Option<&'a str>,
    data_type: Option<&'a str>,
    response_type: Option<&'a str>,
    timeout: Option<&'a str>,
    redirect: Option<&'a str>,
}

impl<'a> Members<'a> {
    fn read(text: &'a str) -> Option<Members<'a>> {
        let mut json = serde_json::Deserializer::from_str(text);
        let members = json.deserialize_map(Members::default()).ok()?;
        json.end().ok()?;
        Some(members)
    }

    fn set(&mut self, key: &str, value: &'a str) {
        let member = match key {
            "url" => &mut self.url,
            "method" => &mut self.method,
            "header" => &mut self.header,
            "data" => &mut self.data,
            "dataType" => &mut self.data_type,
            "responseType" => &mut self.response_type,
            "timeout" => &mut self.timeout,
            "redirect" => &mut self.redirect,
            _ => return,
        };
        // `null` and `""` mean the same as a missing field.
        *member = Some(value).filter(|value| !matches!(*value, "null" | "\"\""));
    }
}

impl<'a> Visitor<'a> for Members<'a> {
    type Value = Members<'a>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        // Keys are read raw: one that holds a lone surrogate is an unknown field, not an error.
        while let Some((key, value)) = map.next_entry::<&'a RawValue, &'a RawValue>()? {
            if let Some(key) = json::string(key.get()) {
                self.set(&key, value.get());
            }
        }
        Ok(self)
    }
}

fn text_field(raw: Option<&str>, invalid: fn(Reason) -> Error) -> Result<Option<String>, Error> {
    let Some(raw) = raw else { return Ok(None) };
    if Kind::of(raw) != Kind::String {
        return Err(invalid(wrong_type(raw).into()));
    }
    json::string(raw).map(Some).ok_or_else(|| invalid("lone surrogate".into()))
}

fn wrong_type(raw: &str) -> &'static str {
    match Kind::of(raw) {
        Kind::Null => "null",
        Kind::Boolean => "a boolean",
        Kind::Number => "a number",
        Kind::String => "a string",
        Kind::Array => "an array",
        Kind::Object => "an object",
    }
}

fn headers(raw: &str, room: &mut HeaderRoom) -> Result<Vec<(String, String)>, Error> {
    let invalid = |reason: &'static str| Error::InvalidHeader(reason.into());
    if Kind::of(raw) != Kind::Object {
        return Err(invalid(wrong_type(raw)));
    }
    let mut headers = Vec::new();
    for (key, value) in json::members(raw) {
        let name = room.text(&key)?;
        let value = match Kind::of(value) {
            Kind::Null => continue,
            Kind::String => room.text(value)?,
            Kind::Number => json::number(value).into_owned(),
            Kind::Boolean => value.to_owned(),
            Kind::Array | Kind::Object => return Err(invalid("a value is an object or an array")),
        };
        room.take(&name, &value)?;
        headers.push((name, value));
    }
    Ok(headers)
}

/// How many bytes the caller's headers may still have.
struct HeaderRoom(usize);

impl HeaderRoom {
    const LONGEST_ESCAPE: usize = r"\u0000".len();

    fn take(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.0 = self.0.checked_sub(name.len() + value.len()).ok_or_else(Self::too_large)?;
        Ok(())
    }

    /// What a string literal stands for; nothing is made of one that cannot fit.
    fn text(&self, literal: &str) -> Result<String, Error> {
        if literal.len() / Self::LONGEST_ESCAPE > self.0 {
            return Err(Self::too_large());
        }
        json::string(literal).ok_or(Error::InvalidHeader("lone surrogate".into()))
    }

    fn too_large() -> Error {
        Error::InvalidHeader("too large".into())
    }
}

fn payload(data: Data) -> Result<Option<Payload>, Error> {
    Ok(Some(match data {
        Data::Text(text) if text.is_empty() => return Ok(None),
        Data::Text(text) => Payload::Text(text),
        Data::Bytes(bytes) => Payload::Bytes(bytes),
        Data::Json(text) => {
            let text = Bytes::from(text);
            let value = std::str::from_utf8(&text)
                .ok()
                .and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
            match value.map(RawValue::get) {
                Some(value) if matches!(Kind::of(value), Kind::Object | Kind::Array) => {
                    Payload::Json(text.slice_ref(value.as_bytes()))
                }
                _ => return Err(Error::InvalidData("not the JSON of an object or array".into())),
            }
        }
    }))
}
