//! The fields of the options, read from JSON: each has its type, and nothing else is checked.

use bytes::Bytes;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Field};
use crate::options::data::Payload;
use crate::options::json::{self, Kind};

/// The fields of the options.
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
    pub(crate) enable_profile: Option<bool>,
    pub(crate) enable_chunked: Option<bool>,
}

impl Fields {
    /// Reads the options object. `bytes` is its `data` if that is an ArrayBuffer.
    ///
    /// Each member is first found as raw text and then read by its kind. So the error names the
    /// field, a lone surrogate in an unknown field does no harm, and JSON data is a slice of
    /// `text`.
    pub(super) fn from_json(
        text: &Bytes,
        bytes: Option<&Bytes>,
        room: &mut HeaderRoom,
    ) -> Result<Fields, Error> {
        let utf8 = std::str::from_utf8(text).map_err(|_| Field::Options.invalid("not UTF-8"))?;
        let mut fields = Fields { data: bytes.cloned().map(Payload::Bytes), ..Fields::default() };
        let members = Members::read(utf8).ok_or(Field::Options.invalid("not one JSON object"))?;
        fields.url = text_field(members.url, Field::Url)?;
        fields.method = text_field(members.method, Field::Method)?;
        fields.data_type = match text_field(members.data_type, Field::DataType) {
            // A lone surrogate has no UTF-8. Any text but `json` means the same, so take another.
            Err(_) if members.data_type.is_some_and(|raw| Kind::of(raw) == Kind::String) => {
                Some("\u{fffd}".to_owned())
            }
            data_type => data_type?,
        };
        fields.response_type = text_field(members.response_type, Field::ResponseType)?;
        fields.redirect = text_field(members.redirect, Field::Redirect)?;
        fields.timeout_ms = match members.timeout {
            Some(raw) if Kind::of(raw) == Kind::Number => raw.parse().ok(),
            Some(_) => return Err(Field::Timeout.invalid("not a number")),
            None => None,
        };
        fields.enable_profile = match members.enable_profile {
            Some(raw) if Kind::of(raw) == Kind::Boolean => Some(raw == "true"),
            Some(_) => return Err(Field::Options.invalid("enableProfile is not a boolean")),
            None => None,
        };
        fields.enable_chunked = match members.enable_chunked {
            Some(raw) if Kind::of(raw) == Kind::Boolean => Some(raw == "true"),
            Some(_) => return Err(Field::Options.invalid("enableChunked is not a boolean")),
            None => None,
        };
        if let Some(raw) = members.header {
            fields.headers = headers(raw, room)?;
        }
        if let Some(raw) = members.data {
            if fields.data.is_some() {
                return Err(Field::Data.invalid("both in the options and as bytes"));
            }
            fields.data = match Kind::of(raw) {
                Kind::Object | Kind::Array => Some(Payload::Json(text.slice_ref(raw.as_bytes()))),
                _ => text_field(Some(raw), Field::Data)?.map(Payload::Text),
            };
        }
        Ok(fields)
    }
}

/// The known members of the options object as raw JSON. An empty one counts as absent.
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
    enable_profile: Option<&'a str>,
    enable_chunked: Option<&'a str>,
}

impl<'a> Members<'a> {
    fn read(text: &'a str) -> Option<Members<'a>> {
        let mut json = serde_json::Deserializer::from_str(text);
        let members = json.deserialize_map(Members::default()).ok()?;
        json.end().ok()?;
        Some(members)
    }

    /// Sets a member. Of members with the same name the last wins, as in JavaScript.
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
            "enableProfile" => &mut self.enable_profile,
            "enableChunked" => &mut self.enable_chunked,
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
            if let Some(key) = json::text(key.get()) {
                self.set(&key, value.get());
            }
        }
        Ok(self)
    }
}

/// Reads a string, or nothing if the member is absent.
fn text_field(raw: Option<&str>, field: Field) -> Result<Option<String>, Error> {
    let Some(raw) = raw else { return Ok(None) };
    if Kind::of(raw) != Kind::String {
        return Err(field.invalid(wrong_type(raw)));
    }
    json::string(raw).map(Some).ok_or_else(|| field.invalid("lone surrogate"))
}

/// The reason of an error about a value that has the wrong type.
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

/// Reads `header`. A null value counts as absent, numbers and booleans as their text.
fn headers(raw: &str, room: &mut HeaderRoom) -> Result<Vec<(String, String)>, Error> {
    if Kind::of(raw) != Kind::Object {
        return Err(Field::Header.invalid(wrong_type(raw)));
    }
    let mut headers = Vec::new();
    for (key, value) in json::members(raw) {
        let name = room.text(&key)?;
        let value = match Kind::of(value) {
            Kind::Null => continue,
            Kind::String => room.text(value)?,
            Kind::Number => json::number(value).into_owned(),
            Kind::Boolean => value.to_owned(),
            Kind::Array | Kind::Object => {
                return Err(Field::Header.invalid("a value is an object or an array"));
            }
        };
        room.take(&name, &value)?;
        headers.push((name, value));
    }
    Ok(headers)
}

/// How many bytes the caller's headers may still take.
pub(super) struct HeaderRoom(usize);

impl HeaderRoom {
    /// No escape is longer for a single byte of text.
    const LONGEST_ESCAPE: usize = r"\u0000".len();

    pub(super) fn new(max_bytes: usize) -> Self {
        Self(max_bytes)
    }

    /// Takes the room of a header.
    pub(super) fn take(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.0 = self.0.checked_sub(name.len() + value.len()).ok_or_else(Self::too_large)?;
        Ok(())
    }

    /// Decodes a string literal. A literal that cannot fit is refused before it is decoded.
    fn text(&self, literal: &str) -> Result<String, Error> {
        if literal.len() / Self::LONGEST_ESCAPE > self.0 {
            return Err(Self::too_large());
        }
        json::string(literal).ok_or(Field::Header.invalid("lone surrogate"))
    }

    fn too_large() -> Error {
        Field::Header.invalid("too large")
    }
}
