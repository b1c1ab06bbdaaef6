//! The head of a response as the mini program sees it: typed, and as the JSON of the result.

use std::iter;

use encoding_rs::mem::decode_latin1;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};

/// Room for the JSON of a usual head.
const USUAL_SIZE: usize = 512;

/// The head of a response: its status and its header fields.
///
/// A listener gets it while the call runs (docs/contract.md#12-while-a-call-runs). It is the head
/// that the [`Response`](crate::Response) has later: names in lower case, repeated fields separate
/// and in their order, and `set-cookie` only if the platform shows it.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    status: StatusCode,
    /// Every value is UTF-8: other bytes were read as ISO-8859-1.
    headers: HeaderMap,
}

impl ResponseHead {
    pub(crate) fn new(status: StatusCode, mut headers: HeaderMap) -> Self {
        make_text(&mut headers);
        Self { status, headers }
    }

    /// The status code, 100 to 999.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// All header fields in their order, with names in lower case. Repeated fields stay separate.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), text_of(value)))
    }

    /// A header's value. The name's case does not matter; repeated values are joined with `, `.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.headers.get_all(name).iter().map(text_of).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The `set-cookie` lines in their order.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.get_all(SET_COOKIE).iter().map(text_of)
    }

    /// The object that the listeners of a mini program get, as JSON text:
    /// `{"statusCode":200,"header":{…},"cookies":[…]}`.
    pub fn json(&self) -> String {
        let mut json = Vec::with_capacity(USUAL_SIZE);
        self.write_fields(&mut json);
        self.write_cookies(&mut json);
        json.push(b'}');
        String::from_utf8(json).expect("texts make a text")
    }

    pub(crate) fn fields(&self) -> &HeaderMap {
        &self.headers
    }

    /// Appends the begin of an object: its status and its header.
    pub(crate) fn write_fields(&self, json: &mut Vec<u8>) {
        json.extend_from_slice(br#"{"statusCode":"#);
        json.extend_from_slice(self.status.as_str().as_bytes());
        json.extend_from_slice(br#","header":"#);
        write_header(json, &self.headers);
    }

    /// Appends a further member of the object: the cookies.
    pub(crate) fn write_cookies(&self, json: &mut Vec<u8>) {
        json.extend_from_slice(br#","cookies":["#);
        for (number, line) in self.cookies().enumerate() {
            if number > 0 {
                json.push(b',');
            }
            write_text(json, line);
        }
        json.push(b']');
    }
}

/// Makes every value UTF-8.
pub(crate) fn make_text(headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        if std::str::from_utf8(value.as_bytes()).is_err() {
            *value = from_latin1(value.as_bytes());
        }
    }
}

pub(crate) fn text_of(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).expect("made UTF-8 by make_text")
}

/// Appends an object with the fields: those with one name are one member.
pub(crate) fn write_header(json: &mut Vec<u8>, headers: &HeaderMap) {
    json.push(b'{');
    // The map gives the values of a name one after the other.
    let mut fields = headers.iter().peekable();
    while let Some((name, value)) = fields.next() {
        write_text(json, name.as_str());
        json.push(b':');
        let mut more = iter::from_fn(|| fields.next_if(|(other, _)| *other == name)).peekable();
        if more.peek().is_none() {
            write_text(json, text_of(value));
        } else {
            let values = iter::once(value).chain(more.map(|(_, value)| value));
            write_text(json, &values.map(text_of).collect::<Vec<_>>().join(", "));
        }
        json.push(b',');
    }
    if json.last() == Some(&b',') {
        json.pop();
    }
    json.push(b'}');
}

fn from_latin1(bytes: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(decode_latin1(bytes).as_bytes())
        .expect("bytes over 0x7f are allowed, and no others are new")
}

/// Appends a text as a JSON string.
pub(crate) fn write_text(json: &mut Vec<u8>, text: &str) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    } else {
        serde_json::to_writer(json, text).expect("memory takes everything");
    }
}
