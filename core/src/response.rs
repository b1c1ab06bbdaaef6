//! What came back: status, headers and body, and the text or JSON that the body is.

use bytes::Bytes;
use bytestring::ByteString;
use data_url::mime::Mime;
use encoding_rs::mem::decode_latin1;
use encoding_rs::{Encoding, UTF_8};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::value::RawValue;

use crate::body::Body;
use crate::config::ClientConfig;
use crate::decode;
use crate::error::Error;
use crate::headers;
use crate::request::{Request, ResponseType};

/// The response to a call: any status at all, 404 and 500 too.
///
/// Header names are lower-case, fields that repeat stand apart and in their order. The body is what
/// is left after content-decoding.
///
/// ```
/// # let server = gadget_test_server::Server::start()?;
/// # let url = format!("{}/headers?Content-Type=text/plain&X-Part=1&X-Part=2", server.http());
/// # use gadget_request::{Client, RequestOptions};
/// use gadget_request::ResponseData;
///
/// let outcome = pollster::block_on(Client::default().request(RequestOptions::new(url)));
/// let response = outcome.into_result()?;
/// assert_eq!(response.status(), 200);
/// assert_eq!(response.header("X-Part").as_deref(), Some("1, 2"));
/// assert_eq!(response.headers().filter(|(name, _)| *name == "x-part").count(), 2);
/// match response.data() {
///     ResponseData::Json(text) => println!("JSON, to be parsed: {text}"),
///     ResponseData::Text(text) => println!("text: {text}"),
///     ResponseData::ArrayBuffer(bytes) => println!("{} bytes", bytes.len()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Response {
    status: StatusCode,
    /// Every value is UTF-8: one that came as anything else was read as ISO-8859-1.
    headers: HeaderMap,
    body: Bytes,
    data: Content,
}

/// What the mini program gets as `data`.
#[derive(Clone, Debug)]
enum Content {
    Text(ByteString),
    /// The whole text, and the JSON value in it from its first to its last character.
    Json(ByteString, ByteString),
    ArrayBuffer,
}

/// A response's `data`, as the mini program sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseData<'a> {
    /// The text of one JSON value, as the server sent it.
    Json(&'a str),
    /// Text that is no JSON, or was not to be parsed.
    Text(&'a str),
    /// The bytes, for `responseType: arraybuffer`.
    ArrayBuffer(&'a Bytes),
}

impl Response {
    /// Reads the body behind a head and makes the response of both.
    pub(crate) async fn read(
        response: http::Response<Body>,
        request: &Request,
        config: &ClientConfig,
    ) -> Result<Self, Error> {
        let (mut head, body) = response.into_parts();
        let without_body = request.method == Method::HEAD
            || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let codings = if without_body { Vec::new() } else { decode::codings(&head.headers)? };
        let body = decode::read(body, &codings, config.max_body_bytes).await?;
        if !codings.is_empty() {
            head.headers = decoded(head.headers);
        }
        Ok(Self::new(head.status, head.headers, body, request))
    }

    fn new(status: StatusCode, mut headers: HeaderMap, body: Bytes, request: &Request) -> Self {
        for value in headers.values_mut() {
            if std::str::from_utf8(value.as_bytes()).is_err() {
                *value = from_latin1(value.as_bytes());
            }
        }
        let data = match request.response_type {
            ResponseType::ArrayBuffer => Content::ArrayBuffer,
            ResponseType::Text => {
                let text = decode_text(&body, &headers);
                match request.parse_json.then(|| json_value(&text)).flatten() {
                    Some(value) => Content::Json(text, value),
                    None => Content::Text(text),
                }
            }
        };
        Self { status, headers, body, data }
    }

    /// The status code, 100 to 999.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// All header fields, names in lower case, in their order; a field that repeats comes repeatedly.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), text_of(value)))
    }

    /// A header's value, found without case; where it repeats, its values joined with `, `.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.headers.get_all(name).iter().map(text_of).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The `set-cookie` lines, one each, in their order.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.get_all(SET_COOKIE).iter().map(text_of)
    }

    /// The body's bytes after content-decoding. Cloning them copies nothing.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as text, after charset decoding, which never fails (SPEC section 4).
    ///
    /// With `responseType: arraybuffer` it is decoded at each call.
    pub fn text(&self) -> ByteString {
        match &self.data {
            Content::Text(text) | Content::Json(text, _) => text.clone(),
            Content::ArrayBuffer => decode_text(&self.body, &self.headers),
        }
    }

    /// What the mini program gets as `data`.
    pub fn data(&self) -> ResponseData<'_> {
        match &self.data {
            Content::Text(text) => ResponseData::Text(text),
            Content::Json(_, value) => ResponseData::Json(value),
            Content::ArrayBuffer => ResponseData::ArrayBuffer(&self.body),
        }
    }

    pub(crate) fn fields(&self) -> &HeaderMap {
        &self.headers
    }
}

/// The fields of a response whose body was decoded, in their order.
fn decoded(mut headers: HeaderMap) -> HeaderMap {
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
    headers::remove(&mut headers, &CONTENT_LENGTH);
    headers
}

pub(crate) fn text_of(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).expect("made UTF-8 in Response::new")
}

fn from_latin1(bytes: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(decode_latin1(bytes).as_bytes())
        .expect("bytes over 0x7f are allowed, and no others are new")
}

/// The text a body is: a BOM wins over the charset, which wins over UTF-8 (Encoding Standard).
fn decode_text(body: &Bytes, headers: &HeaderMap) -> ByteString {
    let charset = charset(headers).and_then(|label| Encoding::for_label(label.as_bytes()));
    let (text, ..) = charset.unwrap_or(UTF_8).decode(body);
    match text {
        // Borrowed: the body is the text, but for a BOM; it is shared, not copied.
        std::borrow::Cow::Borrowed(text) => {
            let text = body.slice_ref(text.as_bytes());
            ByteString::try_from(text).expect("the decoder borrows only what is UTF-8")
        }
        std::borrow::Cow::Owned(text) => text.into(),
    }
}

/// The charset of the media type that counts among all that were sent (Fetch, "extract a MIME type").
fn charset(headers: &HeaderMap) -> Option<String> {
    let mut found: Option<Mime> = None;
    for value in headers.get_all(CONTENT_TYPE) {
        let mut quoted = false;
        let parts = text_of(value).split(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        for mut mime in parts.filter_map(|part| part.parse::<Mime>().ok()) {
            if mime.matches("*", "*") {
                continue;
            }
            let before = found.take().filter(|before| before.matches(&mime.type_, &mime.subtype));
            let inherited = before.and_then(|before| charset_of(&before));
            if let (None, Some(charset)) = (charset_of(&mime), inherited) {
                mime.parameters.push(("charset".to_owned(), charset));
            }
            found = Some(mime);
        }
    }
    charset_of(&found?)
}

fn charset_of(mime: &Mime) -> Option<String> {
    mime.get_parameter("charset").map(str::to_owned)
}

/// The one JSON value that a text is, without the white space around it.
fn json_value(text: &ByteString) -> Option<ByteString> {
    let value: &RawValue = serde_json::from_str(text).ok()?;
    Some(text.slice_ref(value.get()))
}
