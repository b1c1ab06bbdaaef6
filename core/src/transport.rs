//! One request over the wire: connections are kept and used again here.

use std::sync::Arc;

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::{Extensions, HeaderMap, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::config::ClientConfig;
use crate::connect::Connector;
use crate::connection::Link;
use crate::error::Error;
use crate::failure::{self, Phase};
use crate::request::Request;

/// Sends requests over the connections of one client.
pub(crate) struct Transport {
    config: Arc<ClientConfig>,
    client: Client<Connector, Full<Bytes>>,
}

/// An attempt that came to nothing.
struct Failed {
    error: ClientError,
    /// Its connection had brought a response before.
    on_used_connection: bool,
}

impl Transport {
    /// Opens nothing yet.
    pub(crate) fn new(config: Arc<ClientConfig>) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(config.idle_timeout)
            .http1_max_headers(usize::from(config.max_head_fields))
            .http1_ignore_invalid_headers_in_responses(true)
            .http2_max_header_list_size(max_header_list_size(&config))
            .build(Connector::new(Arc::clone(&config)));
        Self { config, client }
    }

    /// Sends a request and waits for the response's head.
    ///
    /// A server may close a connection just as it is used again. What such a connection lost is sent once
    /// more, where the method allows it (RFC 9110 section 9.2.2). `headers` makes those of an attempt.
    pub(crate) async fn send(
        &self,
        request: &Request,
        headers: impl Fn() -> HeaderMap,
    ) -> Result<Response<Incoming>, Error> {
        // A URL that the URL standard takes and HTTP's own grammar does not, or a very long one.
        let uri: Uri = request.url.as_str().parse().map_err(|_| Error::RefusedByNetworkStack)?;
        let mut attempt = self.attempt(request, uri.clone(), headers()).await;
        if let Err(failed) = &attempt
            && failed.on_used_connection
            && failure::is_lost_connection(&failed.error)
            && request.method.is_idempotent()
        {
            attempt = self.attempt(request, uri, headers()).await;
        }
        let response = attempt.map_err(|failed| failure::classify(&failed.error, Phase::Head))?;
        self.check_head(&response)?;
        Ok(response)
    }

    async fn attempt(
        &self,
        request: &Request,
        uri: Uri,
        headers: HeaderMap,
    ) -> Result<Response<Incoming>, Failed> {
        let mut outgoing = http::Request::new(Full::from(request.body.clone().unwrap_or_default()));
        *outgoing.method_mut() = request.method.clone();
        *outgoing.uri_mut() = uri;
        *outgoing.headers_mut() = headers;
        if let Some(proxy) = &self.config.proxy
            && request.url.scheme() == "http"
            && let Some(authorization) = proxy.authorization()
        {
            outgoing.headers_mut().insert(PROXY_AUTHORIZATION, authorization);
        }
        let captured = capture_connection(&mut outgoing);
        let mut sending = self.client.request(outgoing);
        // Behind `sending`, so that it is dropped before: a connection that is cut goes to no pool.
        let mut cuts = CutsUnlessAnswered { captured, is_answered: false };
        match (&mut sending).await {
            Ok(response) => {
                cuts.is_answered = true;
                cuts.link().inspect(Link::answers);
                Ok(response)
            }
            Err(error) => {
                let on_used_connection = cuts.link().is_some_and(|link| link.has_answered());
                Err(Failed { error, on_used_connection })
            }
        }
    }

    fn check_head(&self, response: &Response<Incoming>) -> Result<(), Error> {
        if response.status().is_informational() {
            return Err(Error::ProtocolError); // a 101: nobody asked for another protocol
        }
        let headers = response.headers();
        // Each line has a colon, a space and its end beside its text.
        let bytes: usize =
            headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        let fields = usize::from(self.config.max_head_fields);
        if headers.len() > fields || bytes > self.config.max_head_bytes as usize {
            return Err(Error::HeadTooLarge);
        }
        Ok(())
    }
}

/// HTTP/2 counts 32 bytes for each field beside its text (RFC 9113 section 6.5.2); what is over by our
/// own count is found out afterwards.
fn max_header_list_size(config: &ClientConfig) -> u32 {
    let overhead = u32::from(config.max_head_fields).saturating_mul(32);
    config.max_head_bytes.saturating_add(overhead)
}

/// Until the response's head is there, an HTTP/1.1 connection belongs to one request. Where that goes, the
/// connection is cut: hyper would write to the end what it has begun, a body of 100 MiB too, or wait for ever on
/// a server that does not read. An HTTP/2 stream is reset by hyper.
struct CutsUnlessAnswered {
    captured: CaptureConnection,
    is_answered: bool,
}

impl CutsUnlessAnswered {
    fn link(&self) -> Option<Link> {
        let mut extensions = Extensions::new();
        self.captured.connection_metadata().as_ref()?.get_extras(&mut extensions);
        extensions.remove()
    }
}

impl Drop for CutsUnlessAnswered {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        if let Some(link) = self.link().filter(|link| !link.is_http2()) {
            self.captured.connection_metadata().as_ref().inspect(|connected| connected.poison());
            link.cut();
        }
    }
}
