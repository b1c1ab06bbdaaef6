//! What each path answers.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};

use super::feed::Feed;
use super::guard::{self, Purpose};
use super::page::{self, File, POLICY};
use super::{errors, har, received};

const JSON: &str = "application/json";

/// The header in which a page says what it had before its connection broke.
const LAST_EVENT_ID: &str = "last-event-id";

/// What all answers have: nothing is stored, nothing is shown within another page, and no page of
/// another origin can load anything.
const ALWAYS: [(HeaderName, &str); 7] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

pub(super) async fn answer(
    feed: Arc<Feed>,
    request: Request<Incoming>,
) -> Result<Answer, Infallible> {
    let mut answer = route(feed, request).await;
    for (name, value) in ALWAYS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(answer)
}

async fn route(feed: Arc<Feed>, request: Request<Incoming>) -> Answer {
    let file = page::file(request.uri().path());
    let purpose = if file.is_some() { Purpose::Page } else { Purpose::Calls };
    if let Some(why) = guard::refusal(request.headers(), purpose) {
        return problem(StatusCode::FORBIDDEN, why);
    }
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let client = received::id(path);
    let needed = match path {
        "/clear" => Method::POST,
        _ if client.is_some() => Method::POST,
        _ => Method::GET,
    };
    if head.method != needed {
        let mut answer = problem(StatusCode::METHOD_NOT_ALLOWED, "another method is needed");
        let needed = HeaderValue::from_str(needed.as_str()).expect("a method is a token");
        answer.headers_mut().insert(ALLOW, needed);
        return answer;
    }
    match path {
        "/events" => stream(feed, &head.headers, head.uri.query()),
        "/errors" => text(JSON, errors::JSON.as_str()),
        "/har" => {
            let mut answer = text(JSON, har::document(&feed.events()));
            let name = HeaderValue::from_static("attachment; filename=\"calls.har\"");
            answer.headers_mut().insert(CONTENT_DISPOSITION, name);
            answer
        }
        "/clear" => {
            feed.clear();
            text(JSON, "{}")
        }
        _ => match (file, client) {
            (Some(File(_, kind, content)), _) => text(kind, *content),
            (None, Some(client)) => take(&feed, client, body).await,
            (None, None) => problem(StatusCode::NOT_FOUND, "there is nothing here"),
        },
    }
}

/// Takes the events of a client, and says how many they were.
async fn take(feed: &Feed, client: &str, body: Incoming) -> Answer {
    let lines = received::take(feed, client, body).await;
    let (taken, refused) = (lines.taken, lines.refused);
    let mut answer = text(JSON, format!(r#"{{"taken":{taken},"refused":{refused}}}"#));
    if refused > 0 {
        *answer.status_mut() = StatusCode::BAD_REQUEST;
    }
    answer
}

/// Everything that is kept and that comes, for a page.
fn stream(feed: Arc<Feed>, headers: &HeaderMap, query: Option<&str>) -> Answer {
    // The query is from a page that was paused; what the browser says of a broken stream is newer.
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let last = last.or_else(|| query?.strip_prefix("after="));
    let pieces = feed.stream(last).map(|piece| Ok(Frame::data(piece)));
    let mut answer = Response::new(StreamBody::new(pieces).boxed_unsync());
    let kind = HeaderValue::from_static("text/event-stream");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

fn text(kind: &'static str, content: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(content.into()).boxed_unsync());
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn problem(status: StatusCode, why: &'static str) -> Answer {
    let mut answer = text("text/plain; charset=utf-8", format!("{why}\n"));
    *answer.status_mut() = status;
    answer
}
