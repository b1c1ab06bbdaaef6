//! A response: status, headers, body, and the body as text or JSON.

pub(crate) mod decode;
pub(crate) mod events;
pub(crate) mod flow;
pub(crate) mod response_head;
mod text;
mod window;

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use data_url::mime::Mime;
use encoding_rs::{Encoding, UTF_8};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::Body;

use crate::cause::Failure;
use crate::config::ClientConfig;
use crate::error::Error;
use crate::head;
use crate::headers;
use crate::options::choices::ResponseType;
use crate::options::request::Request;
use crate::response::decode::Coding;
use crate::response::events::Events;
use crate::response::response_head::{ResponseHead, text_of};
use crate::response::text::Text;
use crate::runtime::blocking;

/// The response to a call, with any status, 404 and 500 too.
///
/// Header names are in lower case. Repeated fields stay separate and in their order. The body has
/// been content-decoded.
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
pub struct Response(Arc<Whole>);

/// A response, in one place: it passes through many hands.
#[derive(Debug)]
struct Whole {
    head: ResponseHead,
    body: Bytes,
    /// The length of the decoded body, also of one that came as chunks.
    decoded: u64,
    data: Content,
}

/// A larger response is turned into text and JSON, and its call completed, on a thread on which no
/// other request waits. This many bytes take at most three milliseconds (if they all are broken
/// UTF-8), and a fifth of one as JSON.
const LARGE: usize = 64 << 10;

/// The same for the completion with an ArrayBuffer, of which the engine makes nothing. A host app
/// copies so much, or writes it in base64, in two milliseconds.
const LARGE_BUFFER: usize = 2 << 20;

/// The `data` that the mini program gets.
#[derive(Debug)]
enum Content {
    Text(Text),
    ArrayBuffer,
}

/// A response's `data`, as the mini program sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseData<'a> {
    /// The text of one JSON value, as the server sent it.
    Json(&'a str),
    /// Text that is not JSON, or was not parsed because the caller did not want it.
    Text(&'a str),
    /// The bytes, for `responseType: arraybuffer`.
    ArrayBuffer(&'a Bytes),
}

impl Response {
    /// Reads the body after a head and makes the response. Meanwhile `events`, if the call has a
    /// listener, gets the head, and the body if it comes as chunks.
    pub(crate) async fn read<B>(
        response: http::Response<B>,
        request: &Request,
        config: &ClientConfig,
        events: Option<&mut Events>,
    ) -> Result<Self, Failure>
    where
        B: Body<Data = Bytes, Error = Failure>,
    {
        let (mut parts, body) = response.into_parts();
        let has_body = head::has_body(&request.method, parts.status);
        // A range is a part of the coded bytes (RFC 9110 section 14.1.2).
        let is_decoded = has_body && parts.status != StatusCode::PARTIAL_CONTENT;
        let codings = if is_decoded { decode::codings(&parts.headers)? } else { Vec::new() };
        if !codings.is_empty() {
            parts.headers = decoded(parts.headers);
        }
        let head = ResponseHead::new(parts.status, parts.headers);
        let body = has_body.then_some(body);
        let (head, body, chunked) = if events.is_some() || request.is_chunked {
            // Boxed, because few calls need it.
            Box::pin(read_with_events(head, body, &codings, request, config, events)).await?
        } else {
            (head, read_whole(body, &codings, config).await?, 0)
        };
        let wanted = Wanted {
            response_type: request.response_type,
            parse_json: request.parse_json,
            max_text_bytes: config.max_text_bytes.unwrap_or(config.max_body_bytes),
        };
        let takes_long =
            wanted.response_type == ResponseType::Text && size(head.fields(), &body) > LARGE;
        let decoded = body.len() as u64 + chunked;
        let make = move || Self::new(head, body, decoded, &wanted);
        Ok(if takes_long { Box::pin(blocking::result_of(make)).await? } else { make()? })
    }

    fn new(head: ResponseHead, body: Bytes, decoded: u64, wanted: &Wanted) -> Result<Self, Error> {
        let data = match wanted.response_type {
            ResponseType::ArrayBuffer => Content::ArrayBuffer,
            ResponseType::Text => {
                let text = Text::new(&body, charset(head.fields()));
                Content::Text(text.examine(wanted.parse_json, wanted.max_text_bytes)?)
            }
        };
        Ok(Self(Arc::new(Whole { head, body, decoded, data })))
    }

    /// The status code, 100 to 999.
    pub fn status(&self) -> u16 {
        self.0.head.status()
    }

    /// All header fields in their order, with names in lower case. Repeated fields stay separate.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.head.headers()
    }

    /// A header's value. The name's case does not matter; repeated values are joined with `, `.
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.head.header(name)
    }

    /// The `set-cookie` lines in their order.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.0.head.cookies()
    }

    /// The length of the decoded body, also of one that came as chunks.
    pub(crate) fn decoded_bytes(&self) -> u64 {
        self.0.decoded
    }

    /// The body's bytes after content-decoding. A clone does not copy them.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// The body as text, after charset decoding, which never fails (docs/contract.md#4-result).
    ///
    /// A body in UTF-8 is not copied. Any other is decoded at the first call and kept; with
    /// `responseType: arraybuffer` it is decoded at each call.
    pub fn text(&self) -> ByteString {
        match &self.0.data {
            Content::Text(text) => text.whole().clone(),
            Content::ArrayBuffer => {
                Text::new(&self.0.body, charset(self.0.head.fields())).whole().clone()
            }
        }
    }

    /// The `data` that the mini program gets.
    pub fn data(&self) -> ResponseData<'_> {
        match &self.0.data {
            Content::Text(text) => match text.value() {
                Some(value) => ResponseData::Json(value),
                None => ResponseData::Text(text.whole()),
            },
            Content::ArrayBuffer => ResponseData::ArrayBuffer(&self.0.body),
        }
    }

    /// Returns true if a completion with this response must not delay other requests.
    pub(crate) fn is_large(&self) -> bool {
        let most = match self.0.data {
            Content::Text(_) => LARGE,
            Content::ArrayBuffer => LARGE_BUFFER,
        };
        size(self.0.head.fields(), &self.0.body) > most
    }

    /// The text of the result's `data`; `None` for an ArrayBuffer.
    pub(crate) fn as_text(&self) -> Option<&Text> {
        match &self.0.data {
            Content::Text(text) => Some(text),
            Content::ArrayBuffer => None,
        }
    }

    pub(crate) fn head(&self) -> &ResponseHead {
        &self.0.head
    }
}

/// Reads a body into memory. `None` is one that must not be read.
async fn read_whole<B>(
    body: Option<B>,
    codings: &[Coding],
    config: &ClientConfig,
) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    match body {
        Some(body) => decode::read(body, codings, config.max_body_bytes).await,
        None => Ok(Bytes::new()),
    }
}

/// The same for a call whose listener gets the head, or whose body comes as chunks. Returns when
/// all events are delivered.
async fn read_with_events<B>(
    head: ResponseHead,
    body: Option<B>,
    codings: &[Coding],
    request: &Request,
    config: &ClientConfig,
    events: Option<&mut Events>,
) -> Result<(ResponseHead, Bytes, u64), Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    let mut unheard = Events::unheard();
    let events = events.unwrap_or(&mut unheard);
    events.begin(head, request.is_chunked);
    let whole = match body {
        Some(body) if request.is_chunked => {
            let limit = config.max_streamed_bytes.unwrap_or(usize::MAX);
            decode::stream(body, codings, limit, events).await?;
            Bytes::new()
        }
        body => events.alongside(read_whole(body, codings, config)).await?,
    };
    let head = events.finish().await.expect("it was given to them above");
    Ok((head, whole, events.pushed_bytes()))
}

fn size(headers: &HeaderMap, body: &Bytes) -> usize {
    let fields = headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    fields.sum::<usize>() + body.len()
}

/// The form in which the caller wants a body, and its limit.
struct Wanted {
    response_type: ResponseType,
    parse_json: bool,
    max_text_bytes: usize,
}

/// Returns the fields of a response whose body was decoded, in their order.
fn decoded(mut headers: HeaderMap) -> HeaderMap {
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
    headers::remove(&mut headers, &CONTENT_LENGTH);
    headers
}

/// Returns the charset of the content-type; UTF-8 if it has none or an unknown one.
fn charset(headers: &HeaderMap) -> &'static Encoding {
    let label = charset_label(headers);
    label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8)
}

/// Returns the charset of the effective media type, if several were sent (Fetch, "extract a MIME
/// type").
fn charset_label(headers: &HeaderMap) -> Option<String> {
    // Most have no parameter, and need no parser.
    if !headers.get_all(CONTENT_TYPE).iter().any(|value| value.as_bytes().contains(&b';')) {
        return None;
    }
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
