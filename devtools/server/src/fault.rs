//! Faults: what a server must not do, each by its name.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::answer::{Answer, Framing, Reply, Step};
use crate::coding;
use crate::endpoints::Call;

/// Longer than any test waits.
const FOREVER: Duration = Duration::from_secs(3600);

/// The bytes of an endless answer. A test must have given up before.
const ENDLESS: u64 = 1 << 40;

/// A fault that begins before the request is complete. Each version of HTTP implements it.
pub(crate) const UNREAD: &str = "/fault/unread";

/// The same.
pub(crate) const EARLY: &str = "/fault/early";

/// The same.
pub(crate) const REFUSE_FIRST: &str = "/fault/refuse-first";

/// The same.
pub(crate) const INFORMATIONAL: &str = "/fault/informational";

/// The same.
pub(crate) const ENDLESS_INFORMATIONAL: &str = "/fault/endless-informational";

/// The same.
pub(crate) const BODY_ANYWAY: &str = "/fault/body-anyway";

/// Only HTTP/1.1 implements it.
pub(crate) const VANISH: &str = "/fault/vanish";

/// In the query of any path.
pub(crate) const GO_AWAY: &str = "goaway=1";

/// The name of a fault and what happens.
const FAULTS: &[(&str, &str)] = &[
    ("close-before-head", "the connection closes without a byte"),
    ("close-in-head", "the connection closes within the head"),
    ("close-after-head", "the connection closes after a head that announces 1000 bytes"),
    ("half-body", "500 of 1000 bytes, then the connection closes"),
    ("wrong-length", "a content-length of 1000 over a body of 10, then the connection closes"),
    ("two-lengths", "two content-lengths that disagree"),
    ("bad-chunk", "a chunk whose size is not a number"),
    ("cut-chunk", "the connection closes within a chunk"),
    ("drip?pause=MILLIS", "a byte, a pause (100), a byte…, without end"),
    ("drip-head?pause=MILLIS", "the same within the head"),
    ("garbage", "bytes that are not HTTP"),
    (
        "vanish",
        "HTTP/1.1: the connection closes without a byte, over TLS also without close_notify",
    ),
    ("unread", "the request's body is not read, and there is no answer"),
    (
        "early?part=1",
        "an answer before the request's body, which is never read; with part: half of an answer",
    ),
    ("refuse-first", "HTTP/2: the stream of the first request with this counter is refused"),
    ("silence", "nothing at all, for an hour"),
    ("silence-in-body", "a head and 10 bytes of 1000, then nothing"),
    ("bomb?coding=NAME&size=BYTES", "zeros (1 GiB) that a content coding (gzip) has compressed"),
    (
        "repeat?start=BASE64&unit=BASE64&size=BYTES&end=BASE64&in=LIST&coding=TEXT&type=TEXT",
        "start, then unit (a zero) until both have that size (1048576), then end, all in codings; \
         coding and type are announced in the head",
    ),
    (
        "body-anyway?status=STATUS",
        "a body (\"some\", announced as gzip) after a head (204) that has none, or after an answer \
         to HEAD",
    ),
    ("endless-headers", "header fields without end"),
    ("many-headers?count=N", "N header fields (5000)"),
    ("big-header?size=BYTES", "one header field of that size (1048576)"),
    ("informational?count=N", "N 1xx heads (1000), then a 200; over HTTP/2 each has 180 KB"),
    ("endless-informational", "1xx heads without end"),
    ("endless-body", "a chunked body without end"),
    (
        "left-over?status=CODE&announced=1&bytes=junk|answer&pause=MICROS",
        "HTTP/1.1: a response without a body, then, after a pause (or together with it), bytes \
         that belong to no response; a 200 has a body of 2. The connection stays open",
    ),
    ("bad-field", "a 200 with a field that is not HTTP"),
    ("bad-status", "a status line with a status of four digits"),
];

pub(crate) fn answer(call: &Call<'_>) -> Result<Answer, String> {
    let raw = |bytes: &'static str| {
        Ok(Answer::Raw(vec![Step::Send(Bytes::from_static(bytes.as_bytes()))]))
    };
    let announced =
        |body: Vec<Step>| Ok(Reply::binary().with_body(body).framed(Framing::Length(1000)).into());
    let some = |count: usize| Step::Send(Bytes::from(vec![b'x'; count]));
    match call.rest {
        "close-before-head" => Ok(Answer::Raw(Vec::new())),
        "close-in-head" => raw("HTTP/1.1 200 OK\r\ncontent-ty"),
        "close-after-head" => announced(vec![Step::Break]),
        "half-body" => announced(vec![some(500), Step::Break]),
        "wrong-length" => announced(vec![some(10), Step::Break]),
        "two-lengths" => {
            raw("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd")
        }
        "bad-chunk" => {
            raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n")
        }
        "cut-chunk" => {
            raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\nde")
        }
        "drip" => {
            let pause = Duration::from_millis(call.query_number("pause", 100)?);
            let body = vec![Step::Drip(pause)];
            Ok(Reply::binary().with_body(body).framed(Framing::Chunked).into())
        }
        "drip-head" => {
            let pause = Duration::from_millis(call.query_number("pause", 100)?);
            let start = Step::Send(Bytes::from_static(b"HTTP/1.1 200 OK\r\nx-drip: "));
            Ok(Answer::Raw(vec![start, Step::Drip(pause)]))
        }
        "garbage" => raw("\u{16}\u{3}\u{1}\u{2} this is no HTTP\r\n\r\n"),
        "silence" => Ok(Answer::Raw(vec![Step::Wait(FOREVER)])),
        "silence-in-body" => announced(vec![some(10), Step::Wait(FOREVER)]),
        "bomb" => {
            let coding = call.request.query("coding").unwrap_or_else(|| "gzip".to_owned());
            let bomb = coding::zeros(&coding, call.query_number("size", 1 << 30)?)?;
            Ok(Reply::new(200, bomb).header("content-encoding", coding::header_of(&coding)).into())
        }
        "repeat" => repeat(call),
        "body-anyway" => {
            let status = call.query_number("status", 204)?;
            let head = format!("HTTP/1.1 {status} Anyway\r\ncontent-encoding: gzip");
            let wire = format!("{head}\r\ncontent-length: 4\r\n\r\nsome");
            Ok(Answer::Raw(vec![Step::Send(wire.into())]))
        }
        "endless-headers" => Ok(endless("HTTP/1.1 200 OK\r\n", "x-more: and more\r\n")),
        "endless-informational" => {
            Ok(endless("", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"))
        }
        "endless-body" => {
            Ok(endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "3\r\nabc\r\n"))
        }
        "many-headers" => {
            let count = call.query_number("count", 5000)?;
            let fields = (0..count).map(|i| (format!("x-{i}"), b"value".to_vec()));
            let mut reply = Reply::text(200, "many");
            reply.headers.extend(fields);
            Ok(reply.into())
        }
        "big-header" => {
            let size = usize::try_from(call.query_number("size", 1 << 20)?).map_err(|_| "size")?;
            Ok(Reply::text(200, "big").header("x-big", vec![b'x'; size]).into())
        }
        "informational" => {
            let count = usize::try_from(call.query_number("count", 1000)?).map_err(|_| "count")?;
            let many = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(count);
            let last = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            Ok(Answer::Raw(vec![Step::Send(Bytes::from(many + last))]))
        }
        "left-over" => left_over(call),
        "bad-field" => {
            raw("HTTP/1.1 200 OK\r\nb@d field: 1\r\ngood: 2\r\ncontent-length: 2\r\n\r\nok")
        }
        "bad-status" => raw("HTTP/1.1 2000 OK\r\ncontent-length: 2\r\n\r\nok"),
        _ => Ok(Reply::text(404, list()).into()),
    }
}

fn left_over(call: &Call<'_>) -> Result<Answer, String> {
    let status = call.query_number("status", 204)?;
    let is_head = call.request.method == "HEAD";
    let (length, body) = match status {
        _ if is_head => ("content-length: 10\r\n", ""),
        200 => ("content-length: 2\r\n", "ok"),
        _ if call.request.query("announced").is_some() => ("content-length: 10\r\n", ""),
        _ => ("", ""),
    };
    let left_over: &'static [u8] = match call.request.query("bytes").as_deref() {
        Some("answer") => b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged",
        _ => b"0123456789",
    };
    let response = format!("HTTP/1.1 {status} Status\r\n{length}\r\n{body}");
    let pause = Duration::from_micros(call.query_number("pause", 0)?);
    if pause.is_zero() {
        let all = [response.as_bytes(), left_over].concat();
        return Ok(Answer::Untidy(vec![Step::Send(all.into())]));
    }
    Ok(Answer::Untidy(vec![
        Step::Send(response.into()),
        Step::Wait(pause),
        Step::Send(Bytes::from_static(left_over)),
    ]))
}

fn repeat(call: &Call<'_>) -> Result<Answer, String> {
    let text = |name: &str| call.request.query(name);
    let bytes = |name: &str| {
        STANDARD.decode(text(name).unwrap_or_default()).map_err(|_| format!("{name} is not base64"))
    };
    let size = call.query_number("size", 1 << 20)?;
    let unit = if text("unit").is_some() { bytes("unit")? } else { vec![0] };
    let list = text("in").unwrap_or_else(|| "identity".to_owned());
    let body = coding::repeated(&list, bytes("start")?, &unit, &bytes("end")?, size)?;
    let mut reply = Reply::new(200, body);
    for (parameter, name) in [("coding", "content-encoding"), ("type", "content-type")] {
        if let Some(value) = text(parameter) {
            reply = reply.header(name, value);
        }
    }
    Ok(reply.into())
}

fn endless(start: &'static str, again: &'static str) -> Answer {
    let again = Bytes::from(again.repeat(1000));
    Answer::Raw(vec![
        Step::Send(Bytes::from_static(start.as_bytes())),
        Step::Repeat(again, ENDLESS),
    ])
}

fn list() -> String {
    FAULTS.iter().map(|(name, what)| format!("/fault/{name}\n    {what}\n")).collect()
}
