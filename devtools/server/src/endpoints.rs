//! The endpoints of the server, in one table, which is also the page at `/`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;

use crate::answer::{Answer, Framing, Pause, Reply, Step};
use crate::coding;
use crate::fault;
use crate::received::Received;
use crate::state::{InFlight, Scripted, State};

/// A request, and the part of its path after the endpoint's name.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Received,
    pub(crate) rest: &'a str,
    state: &'a State,
}

/// The most releases at once. No more requests can be waiting.
const MAX_RELEASES: usize = 1_000_000;

type Handler = fn(&Call<'_>) -> Result<Answer, String>;

/// Name, usage, description, function.
const ENDPOINTS: &[(&str, &str, &str, Handler)] = &[
    (
        "echo",
        "/echo",
        "the request as JSON: method, target, version, headers in order and case, body_base64. Any \
         path not listed here echoes as well. With ?set-cookie=LINE&… or set-cookie-base64=BYTES, \
         each a set-cookie field: so a cookie comes from any path.",
        echo,
    ),
    (
        "received",
        "/received/ID",
        "the request that came with x-request-id: ID, as /echo shows it; 404 if none is among the \
         latest",
        received,
    ),
    ("status", "/status/CODE?body=TEXT", "that status", status),
    (
        "headers",
        "/headers?NAME=VALUE&…",
        "these response fields, in this order; names may repeat",
        headers,
    ),
    ("delay", "/delay/MILLIS", "waits before it answers", delay),
    (
        "hold",
        "/hold/NAME",
        "waits until it is released; each release answers one request, in order of arrival",
        hold,
    ),
    (
        "release",
        "/release/NAME?count=N",
        "releases N (1) of the requests held under that name, including later ones",
        release,
    ),
    ("bytes", "/bytes/COUNT", "COUNT bytes (0123456789abcdef…), with content-length", bytes),
    (
        "chunks",
        "/chunks/COUNT?size=BYTES&pause=MILLIS",
        "COUNT chunks, each of that size (1024), with a pause (0) after each",
        chunks,
    ),
    ("close", "/close/COUNT", "COUNT bytes without a length; they end with the connection", close),
    (
        "coded",
        "/coded/LIST?body=TEXT&zeros=COUNT&cut=COUNT",
        "TEXT, or COUNT zeros, in these content codings (gzip, deflate, deflate-raw, br, br-24, \
         zstd, zstd-23; several with commas); cut: without the last COUNT bytes",
        coded,
    ),
    ("gzip", "/gzip?body=TEXT", "like /coded/gzip; also /deflate, /br, /zstd", coded_by_name),
    ("deflate", "", "", coded_by_name),
    ("br", "", "", coded_by_name),
    ("zstd", "", "", coded_by_name),
    (
        "charset",
        "/charset/LABEL?text=TEXT&bom=1",
        "TEXT in that charset (utf-16le and utf-16be too), announced in content-type; bom: with a \
         byte order mark",
        charset,
    ),
    (
        "redirect",
        "/redirect/STATUS?to=URL",
        "a redirect to URL; without `to`, to /echo; /redirect/STATUS/COUNT makes a chain of them",
        redirect,
    ),
    (
        "cookies",
        "/cookies/set?line=SET-COOKIE&…",
        "sets cookies by these lines; /cookies alone shows the cookies of the request",
        cookies,
    ),
    (
        "counters",
        "/counters/NAME",
        "how many requests with counter=NAME in their query are in flight, were at most, and were \
         in all, and how many bytes of long bodies were sent to them; without NAME, of all \
         requests; POST /counters/reset starts again",
        counters,
    ),
    (
        "raw",
        "/raw?base64=BYTES",
        "these bytes instead of a response, then the connection closes; a request with a body gets \
         its body",
        raw,
    ),
    ("crl", "/crl", "the CA's list of revoked certificates", crl),
    ("fault", "/fault/NAME", "misbehaves; /fault lists the names", fault::answer),
];

const ABOUT: &str = "\
A server to test HTTP clients against. HTTP/1.1 on one port, HTTPS (h2 and h1) on the other; CONNECT
makes it a proxy to its own HTTPS port. Every endpoint takes counter=NAME in its query, which counts
the request under that name, and goaway=1, after which an HTTP/2 connection takes no more requests.

The certificate fits any host name and comes from the CA printed at start. Names with these first
labels get bad ones: expired.… not-yet-valid.… wrong-host.… unknown-issuer.… revoked.… (which only a
client sees that asks for /crl). Names that begin with http1. get no HTTP/2.

";

/// Returns the answer to a request, and records and counts the request. It is in flight until the
/// second value is dropped.
pub(crate) fn answer(state: &Arc<State>, request: &Arc<Received>) -> (Answer, Option<InFlight>) {
    if request.method == "CONNECT" {
        return (Answer::Tunnel, None);
    }
    let path = request.path().trim_start_matches('/');
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    if matches!(name, "counters" | "received" | "release" | "crl") {
        // Requests of the test itself, and of the system's verifier, are not recorded.
        return (handle(name, rest, state, request), None);
    }
    state.keep(Arc::clone(request));
    let in_flight = state.enter(request.query("counter"));
    let scripted = state.next_scripted().map(|Scripted { status, headers }| {
        let reply = Reply { headers, ..Reply::new(status, "") };
        reply.into()
    });
    (scripted.unwrap_or_else(|| handle(name, rest, state, request)), Some(in_flight))
}

fn handle(name: &str, rest: &str, state: &State, request: &Received) -> Answer {
    let call = Call { request, rest, state };
    if name.is_empty() && !request.target.contains('?') {
        return Reply::text(200, page()).into();
    }
    let endpoint = ENDPOINTS.iter().find(|(known, ..)| *known == name);
    let handler = endpoint.map_or(echo as Handler, |(.., handler)| *handler);
    handler(&call).unwrap_or_else(|wrong| Reply::text(400, format!("{wrong}\n")).into())
}

fn page() -> String {
    let mut page = ABOUT.to_owned();
    for (_, usage, about, _) in ENDPOINTS.iter().filter(|(_, usage, ..)| !usage.is_empty()) {
        page.push_str(&format!("{usage}\n    {about}\n"));
    }
    page
}

impl Call<'_> {
    /// Parses a number of the path or the query. Returns `default` if it is missing.
    pub(crate) fn number(
        text: Option<&str>,
        what: &str,
        default: Option<u64>,
    ) -> Result<u64, String> {
        match text.filter(|text| !text.is_empty()) {
            None => default.ok_or_else(|| format!("{what} is missing")),
            Some(text) => text.parse().map_err(|_| format!("{what} is not a number")),
        }
    }

    pub(crate) fn query_number(&self, name: &str, default: u64) -> Result<u64, String> {
        Self::number(self.request.query(name).as_deref(), name, Some(default))
    }

    fn rest_number(&self, what: &str) -> Result<u64, String> {
        Self::number(Some(self.rest), what, None)
    }
}

fn echo(call: &Call<'_>) -> Result<Answer, String> {
    let mut reply = Reply::json(&call.request.to_json());
    for (name, value) in call.request.query_pairs() {
        let line = match name.as_str() {
            "set-cookie" => value.into_bytes(),
            "set-cookie-base64" => STANDARD.decode(value).map_err(|_| "base64 is broken")?,
            _ => continue,
        };
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return Err(format!("`{name}` has a line break; /raw can send that"));
        }
        reply = reply.header("set-cookie", line);
    }
    Ok(reply.into())
}

fn received(call: &Call<'_>) -> Result<Answer, String> {
    Ok(match call.state.received(call.rest) {
        Some(request) => Reply::json(&request.to_json()).into(),
        None => Reply::text(404, "no request with this x-request-id has come lately\n").into(),
    })
}

fn status(call: &Call<'_>) -> Result<Answer, String> {
    let status = call.rest_number("CODE")?;
    let status = u16::try_from(status).ok().filter(|code| (200..1000).contains(code));
    let status = status.ok_or("CODE is not in 200 to 999")?;
    Ok(Reply::text(status, call.request.query("body").unwrap_or_default()).into())
}

fn headers(call: &Call<'_>) -> Result<Answer, String> {
    let mut reply = Reply::new(200, "");
    for (name, value) in call.request.query_pairs() {
        if [&name, &value].iter().any(|text| text.contains(['\r', '\n'])) {
            return Err("a field has a line break; /raw can send that".to_owned());
        }
        reply = reply.header(&name, value);
    }
    Ok(reply.into())
}

fn delay(call: &Call<'_>) -> Result<Answer, String> {
    let millis = call.rest_number("MILLIS")?;
    let mut reply = Reply::json(&json!({ "delayed": millis }));
    reply.pause = Pause::For(Duration::from_millis(millis));
    Ok(reply.into())
}

fn hold(call: &Call<'_>) -> Result<Answer, String> {
    let mut reply = Reply::json(&json!({ "held": call.rest }));
    reply.pause = Pause::Release(call.state.releases(call.rest));
    Ok(reply.into())
}

fn release(call: &Call<'_>) -> Result<Answer, String> {
    let count = call.query_number("count", 1)?;
    let count = usize::try_from(count).ok().filter(|count| *count <= MAX_RELEASES);
    let count = count.ok_or("count is over a million")?;
    call.state.releases(call.rest).add_permits(count);
    Ok(Reply::json(&json!({ "released": count })).into())
}

fn bytes(call: &Call<'_>) -> Result<Answer, String> {
    let count = call.rest_number("COUNT")?;
    let body = vec![Step::Repeat(pattern(), count)];
    Ok(Reply::binary().with_body(body).framed(Framing::Length(count)).into())
}

fn chunks(call: &Call<'_>) -> Result<Answer, String> {
    let (count, size) = (call.rest_number("COUNT")?, call.query_number("size", 1024)?);
    let pause = Duration::from_millis(call.query_number("pause", 0)?);
    if count > 1_000_000 || size > 64 << 20 {
        return Err("at most 1000000 chunks, of 64 MiB each".to_owned());
    }
    let size = usize::try_from(size).map_err(|_| "size")?;
    let chunk: Bytes = pattern().iter().copied().cycle().take(size).collect();
    let mut body = Vec::new();
    for _ in 0..count {
        body.push(Step::Send(chunk.clone()));
        if !pause.is_zero() {
            body.push(Step::Wait(pause));
        }
    }
    Ok(Reply::binary().with_body(body).framed(Framing::Chunked).into())
}

fn close(call: &Call<'_>) -> Result<Answer, String> {
    let body = vec![Step::Repeat(pattern(), call.rest_number("COUNT")?)];
    Ok(Reply::binary().with_body(body).framed(Framing::Close).into())
}

/// 64 KiB of `0123456789abcdef`, which is repeated.
fn pattern() -> Bytes {
    Bytes::from(b"0123456789abcdef".repeat(4096))
}

fn coded(call: &Call<'_>) -> Result<Answer, String> {
    coded_as(call, call.rest)
}

fn coded_by_name(call: &Call<'_>) -> Result<Answer, String> {
    coded_as(call, call.request.path().trim_start_matches('/'))
}

fn coded_as(call: &Call<'_>, list: &str) -> Result<Answer, String> {
    let mut encoded = match call.query_number("zeros", 0)? {
        0 => {
            let body =
                call.request.query("body").unwrap_or_else(|| r#"{"hello":"world"}"#.to_owned());
            coding::encode(list, body.into())?
        }
        zeros => {
            let (first, others) = list.split_once(',').unwrap_or((list, "identity"));
            coding::encode(others, coding::zeros(first, zeros)?)?
        }
    };
    let cut = usize::try_from(call.query_number("cut", 0)?).map_err(|_| "cut")?;
    encoded.truncate(encoded.len().saturating_sub(cut));
    Ok(Reply::text(200, encoded).header("content-encoding", coding::header_of(list)).into())
}

fn charset(call: &Call<'_>) -> Result<Answer, String> {
    let text = call.request.query("text").unwrap_or_else(|| "中文 ¥".to_owned());
    let bom = if call.request.query("bom").is_some() { "\u{feff}" } else { "" };
    let body = coding::in_charset(call.rest, &format!("{bom}{text}"))?;
    Ok(Reply::new(200, body)
        .header("content-type", format!("text/plain; charset={}", call.rest))
        .into())
}

fn redirect(call: &Call<'_>) -> Result<Answer, String> {
    let (status, count) = call.rest.split_once('/').unwrap_or((call.rest, ""));
    let status = Call::number(Some(status), "STATUS", None)?;
    let status = u16::try_from(status).ok().filter(|code| (300..400).contains(code));
    let status = status.ok_or("STATUS is not in 300 to 399")?;
    let to = match Call::number(Some(count), "COUNT", Some(1))? {
        0 | 1 => call.request.query("to").unwrap_or_else(|| "/echo".to_owned()),
        more => format!("/redirect/{status}/{}", more - 1),
    };
    if to.contains(['\r', '\n']) {
        return Err("`to` has a line break; /raw can send that".to_owned());
    }
    Ok(Reply::new(status, "").header("location", to).into())
}

fn cookies(call: &Call<'_>) -> Result<Answer, String> {
    if call.rest != "set" {
        let lines: Vec<&str> = call.request.header_all("cookie").collect();
        return Ok(Reply::json(&json!({ "cookie": lines })).into());
    }
    let mut reply = Reply::new(200, "");
    for (name, line) in call.request.query_pairs().filter(|(name, _)| name == "line") {
        if line.contains(['\r', '\n']) {
            return Err(format!("`{name}` has a line break; /raw can send that"));
        }
        reply = reply.header("set-cookie", line);
    }
    Ok(reply.into())
}

fn counters(call: &Call<'_>) -> Result<Answer, String> {
    if call.rest == "reset" && call.request.method == "POST" {
        call.state.reset_counts();
    }
    let count =
        serde_json::to_value(call.state.count(call.rest)).map_err(|error| error.to_string())?;
    Ok(Reply::json(&count).into())
}

fn raw(call: &Call<'_>) -> Result<Answer, String> {
    let bytes = match call.request.query("base64") {
        Some(base64) => STANDARD.decode(base64).map_err(|_| "base64 is broken")?.into(),
        None => call.request.body.clone(),
    };
    Ok(Answer::Raw(vec![Step::Send(bytes)]))
}

fn crl(call: &Call<'_>) -> Result<Answer, String> {
    let reply = Reply::new(200, call.state.crl.clone());
    Ok(reply.header("content-type", "application/pkix-crl").into())
}
