//! The body of a response on its way in, and with it the connection that it comes over.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;

use crate::error::Error;
use crate::failure::{self, Phase};
use crate::lease::Lease;

/// A response's body; dropped before its end, it ends its connection or stream.
pub(crate) struct Body {
    incoming: Incoming,
    /// Behind the body, so that it is dropped afterwards.
    lease: Lease,
}

impl Body {
    pub(crate) fn new(incoming: Incoming, lease: Lease) -> Self {
        Self { incoming, lease }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let is_http2 = self.lease.link().is_http2();
        let frame = match ready!(Pin::new(&mut self.incoming).poll_frame(cx)) {
            Some(Ok(frame)) => Some(Ok(frame)),
            Some(Err(error)) => Some(Err(match failure::classify(&error, Phase::Body) {
                // Whatever else HTTP/2 has against it, it is not whole (SPEC section 4).
                Error::ProtocolError if is_http2 => Error::BodyCutShort,
                error => error,
            })),
            // hyper takes a stream that was reset without an error for one that has ended.
            None if is_http2 && !self.incoming.is_end_stream() => Some(Err(Error::BodyCutShort)),
            None => None,
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
