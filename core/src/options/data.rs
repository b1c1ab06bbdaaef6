//! `data` of a request: it goes into the query or into the body (docs/contract.md#3-data-out).

use bytes::Bytes;
use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::ser::{Error as _, Serialize, SerializeSeq as _, Serializer};
use serde_json::value::RawValue;
use url::Url;

use crate::error::{Error, Field};
use crate::options::json::{self, Kind};
use crate::options::target;

/// The `data` of a call.
///
/// The method and the content type decide its place (docs/contract.md#3-data-out):
/// with `GET` and `HEAD` text and JSON go into the query, with `POST` and `PUT` everything goes
/// into the body.
///
/// ```
/// use gadget_request::{ClientConfig, Data, Request, RequestOptions};
///
/// let options = RequestOptions::new("http://example.com/find?page=1");
/// let options = options.data(Data::Json(r#"{"name": "é", "ids": [1, 2]}"#.into()));
/// let config = ClientConfig::default();
/// let get = Request::check(options.clone(), &config)?;
/// assert_eq!(get.url(), "http://example.com/find?page=1&name=%C3%A9&ids=%5B1%2C2%5D");
/// let post = Request::check(options.method("POST"), &config)?;
/// assert_eq!(post.body(), Some("{\"name\": \"é\", \"ids\": [1, 2]}".as_bytes()));
/// # Ok::<(), gadget_request::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Data {
    /// Text, sent unchanged as UTF-8.
    Text(String),
    /// The JSON text of one object or array. A JSON body has it unchanged.
    Json(String),
    /// Bytes (JavaScript's ArrayBuffer), sent unchanged. `GET` and `HEAD` refuse them.
    Bytes(Bytes),
}

/// Checked [`Data`]: the JSON is valid. It is a slice of the options, not a copy.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Text(String),
    Json(Bytes),
    Bytes(Bytes),
}

impl Payload {
    /// The payload of typed data, or `None` for empty text.
    pub(super) fn of(data: Data) -> Result<Option<Self>, Error> {
        Ok(Some(match data {
            Data::Text(text) if text.is_empty() => return Ok(None),
            Data::Text(text) => Self::Text(text),
            Data::Bytes(bytes) => Self::Bytes(bytes),
            Data::Json(text) => {
                let text = Bytes::from(text);
                let value = std::str::from_utf8(&text)
                    .ok()
                    .and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
                match value.map(RawValue::get) {
                    Some(value) if matches!(Kind::of(value), Kind::Object | Kind::Array) => {
                        Self::Json(text.slice_ref(value.as_bytes()))
                    }
                    _ => return Err(Field::Data.invalid("not the JSON of an object or array")),
                }
            }
        }))
    }
}

/// The place of a method for `data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// GET, HEAD: text and JSON go into the query, bytes are refused.
    Query,
    /// DELETE, OPTIONS: JSON goes into the query, all else into the body.
    JsonInQuery,
    /// POST, PUT, PATCH: all data goes into the body.
    Body,
}

/// `encodeURIComponent` leaves letters, digits and these characters unchanged (ECMA-262 19.2.6.4).
const URI_COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

pub(crate) fn encode_uri_component(text: &str) -> String {
    utf8_percent_encode(text, URI_COMPONENT).to_string()
}

/// Puts the data into the URL or the body, and returns both. `content_type` is asked for only if it
/// decides.
pub(crate) fn place(
    data: Option<Payload>,
    placement: Placement,
    url: &str,
    content_type: impl FnOnce() -> String,
) -> Result<((Url, Uri), Option<Bytes>), Error> {
    let (addition, body) = match (data, placement) {
        (None, _) => (None, None),
        (Some(Payload::Bytes(_)), Placement::Query) => {
            return Err(Field::Data.invalid("an ArrayBuffer needs a method with a body"));
        }
        (Some(Payload::Text(text)), Placement::Query) => (Some(text), None),
        (Some(Payload::Json(json)), Placement::Query | Placement::JsonInQuery) => {
            (Some(query_string(text_of(&json))?), None)
        }
        (Some(Payload::Text(text)), _) => (None, Some(Bytes::from(text))),
        (Some(Payload::Bytes(bytes)), _) => (None, Some(bytes)),
        (Some(Payload::Json(json)), Placement::Body) if is_form(&content_type()) => {
            (None, Some(Bytes::from(form_body(text_of(&json))?)))
        }
        (Some(Payload::Json(json)), Placement::Body) => (None, Some(json)),
    };
    let url = match addition.filter(|addition| !addition.is_empty()) {
        Some(addition) => target::parse(&append(url, &addition), None),
        None => target::parse(url, None),
    }?;
    Ok((url, body))
}

fn text_of(json: &Bytes) -> &str {
    std::str::from_utf8(json).expect("checked when the payload was made")
}

/// Returns true if a media type is a form's, whatever its case and parameters.
fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim_matches([' ', '\t']).eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn query_string(json: &str) -> Result<String, Error> {
    let mut query = String::new();
    for pair in pairs(json) {
        if query.len() > target::MAX_BYTES {
            return Err(Error::RefusedByNetworkStack);
        }
        let (key, value) = pair?;
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(&key, URI_COMPONENT));
        query.push('=');
        query.extend(utf8_percent_encode(&value, URI_COMPONENT));
    }
    Ok(query)
}

fn form_body(json: &str) -> Result<String, Error> {
    // It fails for one reason only: a lone surrogate.
    serde_urlencoded::to_string(Form(json)).map_err(|_| lone_surrogate())
}

/// The pairs of a form. Each is made when it is written: an array may have fifty million.
struct Form<'a>(&'a str);

impl Serialize for Form<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_seq(None)?;
        for pair in pairs(self.0) {
            form.serialize_element(&pair.map_err(S::Error::custom)?)?;
        }
        form.end()
    }
}

fn lone_surrogate() -> Error {
    Field::Data.invalid("lone surrogate")
}

/// The members of an object or array, as a query spells their names and values.
fn pairs(json: &str) -> impl Iterator<Item = Result<(String, String), Error>> {
    let array = Kind::of(json) == Kind::Array;
    json::members(json).map(move |(key, value)| {
        let key = if array { Some(key.into_owned()) } else { json::string(&key) };
        let value = match Kind::of(value) {
            Kind::String => json::string(value),
            Kind::Number => Some(json::number(value).into_owned()),
            Kind::Array | Kind::Object => Some(json::stringify(value)),
            Kind::Boolean | Kind::Null => Some(value.to_owned()),
        };
        key.zip(value).ok_or_else(lone_surrogate)
    })
}

/// Appends to the query of a URL's text. The rest of the text stays as it is.
fn append(url: &str, addition: &str) -> String {
    // The URL parser would strip these characters later. Strip them first, so that none stays
    // before the appended text.
    let stripped: String = url
        .trim_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect();
    let (head, fragment) = stripped.split_at(stripped.find('#').unwrap_or(stripped.len()));
    let joint = match head.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{head}{joint}{addition}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appending_does_not_change_the_existing_text() {
        for (url, appended) in [
            ("http://h", "http://h?a=1"),
            ("http://h/p?", "http://h/p?a=1"),
            ("http://h/p?x", "http://h/p?x&a=1"),
            ("http://h/p?x&", "http://h/p?x&a=1"),
            ("http://h/p?x?", "http://h/p?x?&a=1"),
            ("http://h/p#f?g", "http://h/p?a=1#f?g"),
            (" \u{1}http://h/\tp\r\n?x=\n1 \n", "http://h/p?x=1&a=1"),
        ] {
            assert_eq!(append(url, "a=1"), appended, "{url:?}");
        }
    }
}
