//! The body of a request on its way into hyper.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;

use crate::timing::flow::Flow;
use crate::wire::connection::Handle;

/// A request's body. It is in memory.
///
/// It also tells the connection when hyper begins to send its request: hyper asks each body once
/// whether it is empty, right before it passes the request's head on. So requests begin in the
/// order of their streams, and one that hyper drops unsent never begins.
pub(crate) struct Upload {
    body: Full<Bytes>,
    connection: Handle,
    flow: Arc<Flow>,
    has_begun: AtomicBool,
}

/// The bytes of a body. hyper drops them when it has written all of them.
struct Owned {
    bytes: Bytes,
    flow: Arc<Flow>,
}

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.flow.set_sent(true);
    }
}

impl Upload {
    /// Wraps a body, without a copy, so that its flow knows when hyper has sent all of it.
    pub(crate) fn new(bytes: Bytes, connection: &Handle, flow: &Arc<Flow>) -> Self {
        let body = if bytes.is_empty() {
            bytes
        } else {
            flow.set_sent(false);
            Bytes::from_owner(Owned { bytes, flow: Arc::clone(flow) })
        };
        Self {
            body: Full::from(body),
            connection: connection.clone(),
            flow: Arc::clone(flow),
            has_begun: AtomicBool::new(false),
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        if !self.has_begun.swap(true, Ordering::Relaxed) {
            self.connection.traffic().begin(&self.flow);
        }
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
