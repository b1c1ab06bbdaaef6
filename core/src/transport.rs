//! One request over the wire: connections are made, kept and used again here.

use std::sync::Arc;

use http::{HeaderMap, Response};
use once_cell::sync::OnceCell as SyncOnceCell;
use reqwest::redirect::Policy;
use reqwest::{Body, Client};
use tokio::sync::OnceCell;
use tower::util::MapRequestLayer;

use crate::attempt::Attempt;
use crate::config::ClientConfig;
use crate::error::Error;
use crate::failure::{self, Phase};
use crate::request::Request;
use crate::resolve::Resolver;
use crate::trust;

/// Sends requests. The pools behind it are made at the first request, those for TLS at the first
/// https request.
pub(crate) struct Transport {
    config: Arc<ClientConfig>,
    cleartext: SyncOnceCell<Client>,
    tls: OnceCell<(Client, Arc<rustls::ClientConfig>)>,
}

impl Transport {
    pub(crate) fn new(config: Arc<ClientConfig>) -> Self {
        Self { config, cleartext: SyncOnceCell::new(), tls: OnceCell::new() }
    }

    /// Sends a request and waits for the response's head.
    ///
    /// A server may close a connection just as it is used again. What such a connection lost is sent once
    /// more, where the method allows it (RFC 9110 section 9.2.2). `headers` makes those of an attempt.
    pub(crate) async fn send(
        &self,
        request: &Request,
        headers: impl Fn() -> HeaderMap,
    ) -> Result<Response<Body>, Error> {
        let client = self.client(request).await?;
        let mut attempt = self.attempt(client, request, headers()).await;
        if let (Err(error), true) = &attempt
            && failure::is_lost_connection(error)
            && request.method.is_idempotent()
        {
            attempt = self.attempt(client, request, headers()).await;
        }
        let response =
            attempt.0.map_err(|error| failure::classify(&error, Phase::Head, &self.config))?;
        self.check_head(&response)?;
        Ok(response.into())
    }

    /// One attempt; the second value tells whether its connection had been used before.
    async fn attempt(
        &self,
        client: &Client,
        request: &Request,
        headers: HeaderMap,
    ) -> (Result<reqwest::Response, reqwest::Error>, bool) {
        let mut outgoing = reqwest::Request::new(request.method.clone(), request.url.clone());
        *outgoing.headers_mut() = headers;
        *outgoing.body_mut() = request.body.clone().filter(|body| !body.is_empty()).map(Body::from);
        let port = request.url.port_or_known_default().unwrap_or_default();
        Attempt::run(port, client.execute(outgoing)).await
    }

    async fn client(&self, request: &Request) -> Result<&Client, Error> {
        if request.url.scheme() == "http" {
            return self.cleartext.get_or_try_init(|| self.build(trust::no_tls()));
        }
        let make = || async {
            let config = Arc::clone(&self.config);
            // Reading the system's trust anchors takes milliseconds and files.
            let tls = tokio::task::spawn_blocking(move || trust::tls_config(&config))
                .await
                .map_err(|_| Error::Internal)??;
            Ok((self.build((*tls).clone())?, tls))
        };
        self.tls.get_or_try_init(make).await.map(|(client, _)| client)
    }

    fn build(&self, tls: rustls::ClientConfig) -> Result<Client, Error> {
        let config = &self.config;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .connector_layer(MapRequestLayer::new(|destination| {
                Attempt::connects();
                destination
            }))
            .dns_resolver(Resolver::new(config))
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(config.idle_timeout)
            .http1_max_headers(usize::from(config.max_head_fields))
            .http1_ignore_invalid_headers_in_responses(true)
            .http2_max_header_list_size(self.max_header_list_size());
        if let Some(proxy) = &config.proxy {
            let proxy = reqwest::Proxy::all(proxy.url()).map_err(|_| Error::ProxyFailed)?;
            builder = builder.proxy(proxy);
        }
        builder.build().map_err(|_| Error::Internal)
    }

    /// HTTP/2 counts 32 bytes for each field beside its text (RFC 9113 section 6.5.2); what is over by our
    /// own count is found out afterwards.
    fn max_header_list_size(&self) -> u32 {
        let overhead = u32::from(self.config.max_head_fields).saturating_mul(32);
        self.config.max_head_bytes.saturating_add(overhead)
    }

    fn check_head(&self, response: &reqwest::Response) -> Result<(), Error> {
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
