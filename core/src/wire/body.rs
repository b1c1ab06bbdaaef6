//! The body of a response while it arrives, together with its connection.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;

use crate::cause::{Cause, CausePhase, Failure};
use crate::error::Error;
use crate::wire::failure::{self, Phase};
use crate::wire::lease::Lease;

/// The body of a response. Dropping it before its end closes its connection or resets its stream.
pub(crate) struct Body {
    incoming: Incoming,
    /// Declared last, so that it is dropped last.
    lease: Lease,
}

impl Body {
    pub(crate) fn new(incoming: Incoming, lease: Lease) -> Self {
        Self { incoming, lease }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let Self { incoming, lease } = &mut *self;
        let is_http2 = lease.handle().is_http2();
        let mut incoming = Pin::new(incoming);
        let mut polled = lease.take_quietly(cx, |cx| incoming.as_mut().poll_frame(cx));
        if polled.is_pending() {
            lease.poll_work(cx);
            polled = lease.take_quietly(cx, |cx| incoming.as_mut().poll_frame(cx));
        }
        let frame = match ready!(polled) {
            Some(Ok(frame)) => {
                if self.incoming.is_end_stream() {
                    self.lease.flow().received_all();
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                let mut failure = failure::classify(&error, Phase::Body);
                // Over HTTP/2, any broken rule means that the body is not complete
                // (docs/contract.md#4-result).
                if is_http2 && failure.error == Error::ProtocolError {
                    failure.error = Error::BodyCutShort;
                }
                Some(Err(failure))
            }
            // hyper treats a stream that was reset with NO_ERROR like one that has ended.
            None if is_http2 && !self.incoming.is_end_stream() => {
                const RESET: Cause = Cause::new(CausePhase::Receive, "http2 RST_STREAM NO_ERROR");
                Some(Err(Failure::new(Error::BodyCutShort, RESET)))
            }
            None => {
                self.lease.flow().received_all();
                None
            }
        };
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
