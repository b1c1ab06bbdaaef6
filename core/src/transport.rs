//! One request over the wire: connections are kept and used again here.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::{HeaderMap, Method, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::config::ClientConfig;
use crate::connect::{Connector, Connects};
use crate::connection::Link;
use crate::error::Error;
use crate::failure::{self, Phase};
use crate::grip::{self, Grip};
use crate::request::Request;
use crate::resolve::HostResolver;

/// How often a request is sent at most.
const MAX_ATTEMPTS: u32 = 3;

/// How often a connection that carries requests over HTTP/2 is asked whether it is still there, and how long it has
/// to answer. Without this, all requests over one that died unnoticed would wait for their timeout.
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(15);
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(15);

/// Sends requests over the connections of one client.
pub(crate) struct Transport {
    config: Arc<ClientConfig>,
    connects: Arc<Connects>,
    client: Client<Connector, Full<Bytes>>,
}

/// An attempt that came to nothing.
struct Failed {
    error: Error,
    may_go_again: bool,
}

impl Failed {
    fn new(error: &ClientError, method: &Method, link: Option<&Link>) -> Self {
        if link.is_some_and(Link::is_flooded) {
            return Self { error: Error::HeadTooLarge, may_go_again: false };
        }
        let may_go_again = failure::is_unprocessed(error)
            || (failure::is_lost_connection(error) && Self::may_be_lost(method, link));
        Self { error: failure::classify(error, Phase::Head), may_go_again }
    }

    /// The connection ended, and nobody told the request.
    fn forgotten(method: &Method, link: Option<&Link>) -> Self {
        let is_unsent = link.is_some_and(|link| !link.has_sent());
        let may_go_again = is_unsent || Self::may_be_lost(method, link);
        Self { error: Error::ConnectionFailed, may_go_again }
    }

    /// Whether the method allows that what a used connection lost is sent once more.
    fn may_be_lost(method: &Method, link: Option<&Link>) -> bool {
        link.is_some_and(Link::has_answered) && method.is_idempotent()
    }
}

impl Transport {
    /// Opens nothing yet.
    pub(crate) fn new(config: Arc<ClientConfig>, resolver: Option<Arc<dyn HostResolver>>) -> Self {
        let connects = Arc::new(Connects::default());
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(config.idle_timeout)
            .http1_max_headers(usize::from(config.max_head_fields))
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http2_max_header_list_size(max_header_list_size(&config))
            .http2_keep_alive_interval(HTTP2_PING_INTERVAL)
            .http2_keep_alive_timeout(HTTP2_PING_TIMEOUT)
            .build(Connector::new(Arc::clone(&config), resolver, Arc::clone(&connects)));
        Self { config, connects, client }
    }

    /// Sends a request and waits for the response's head. The grip is to be held until the body has been read.
    ///
    /// What a server says it never looked at is sent again (RFC 9113 section 8.7), and so is what a used connection
    /// lost, where the method allows it (RFC 9110 section 9.2.2): a server may close a connection just as it is used
    /// again. `headers` makes those of an attempt.
    pub(crate) async fn send(
        &self,
        request: &Request,
        headers: impl Fn() -> HeaderMap,
    ) -> Result<(Response<Incoming>, Grip), Error> {
        // A URL that the URL standard takes and HTTP's own grammar does not, or a very long one.
        let uri: Uri = request.url.as_str().parse().map_err(|_| Error::RefusedByNetworkStack)?;
        let mut attempts = 1;
        let (response, grip) = loop {
            match self.attempt(request, uri.clone(), headers()).await {
                Ok(answered) => break answered,
                Err(failed) if attempts < MAX_ATTEMPTS && failed.may_go_again => attempts += 1,
                Err(failed) => return Err(failed.error),
            }
        };
        self.check_head(&response)?;
        Ok((response, grip))
    }

    async fn attempt(
        &self,
        request: &Request,
        uri: Uri,
        headers: HeaderMap,
    ) -> Result<(Response<Incoming>, Grip), Failed> {
        let (body, is_sent) = grip::upload(request.body.clone().unwrap_or_default());
        let mut outgoing = http::Request::new(Full::from(body));
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
        let mut grip = Grip::new(captured, is_sent);
        let answer = tokio::select! {
            biased;
            answer = &mut sending => answer,
            () = grip.is_forgotten(&self.connects) => {
                return Err(Failed::forgotten(&request.method, grip.link().as_ref()));
            }
        };
        match answer {
            Ok(response) => {
                grip.answers();
                Ok((response, grip))
            }
            Err(error) => Err(Failed::new(&error, &request.method, grip.link().as_ref())),
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
