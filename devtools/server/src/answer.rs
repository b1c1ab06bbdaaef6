//! The answer of an endpoint, described once for HTTP/1.1 and HTTP/2.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::Semaphore;

/// The answer of an endpoint.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A response, with the framing of its body.
    Reply(Reply),
    /// Bytes instead of a response (HTTP/1.1; an HTTP/2 stream is reset). The connection then
    /// closes.
    Raw(Vec<Step>),
    /// Bytes instead of a response (HTTP/1.1). The connection stays open.
    Untidy(Vec<Step>),
    /// A tunnel to the server's own HTTPS port: the answer to a proxy's CONNECT.
    Tunnel,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) framing: Framing,
    /// The event to wait for before anything is sent.
    pub(crate) pause: Pause,
    pub(crate) body: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// With a content-length, which may be wrong.
    Length(u64),
    /// Chunked in HTTP/1.1; without a length in HTTP/2.
    Chunked,
    /// The body ends with the connection in HTTP/1.1; it has no length in HTTP/2.
    Close,
}

/// The event to wait for before anything is sent.
#[derive(Clone, Debug)]
pub(crate) enum Pause {
    For(Duration),
    /// A release of a request that is held.
    Release(Arc<Semaphore>),
}

impl Pause {
    pub(crate) async fn over(self) {
        match self {
            Self::For(Duration::ZERO) => {}
            Self::For(duration) => tokio::time::sleep(duration).await,
            // Nobody closes it.
            Self::Release(releases) => {
                if let Ok(release) = releases.acquire().await {
                    release.forget();
                }
            }
        }
    }
}

/// A part of a body.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Bytes),
    /// The bytes again and again, until this many are sent.
    Repeat(Bytes, u64),
    Wait(Duration),
    /// A byte and a pause, again and again, without end.
    Drip(Duration),
    /// An end before the body is complete: the connection closes, or the stream is reset.
    Break,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let framing = Framing::Length(body.len() as u64);
        Self {
            status,
            headers: Vec::new(),
            framing,
            pause: Pause::For(Duration::ZERO),
            body: vec![Step::Send(body)],
        }
    }

    pub(crate) fn text(status: u16, text: impl Into<Bytes>) -> Self {
        Self::new(status, text).header("content-type", "text/plain; charset=utf-8")
    }

    pub(crate) fn json(value: &Value) -> Self {
        Self::new(200, value.to_string()).header("content-type", "application/json")
    }

    pub(crate) fn binary() -> Self {
        Self::new(200, "").header("content-type", "application/octet-stream")
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn framed(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    pub(crate) fn with_body(mut self, body: Vec<Step>) -> Self {
        self.body = body;
        self
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Answer::Reply(reply)
    }
}
