//! The client of hyper-util: connections and a pool, and nothing above them. It cannot decode.

use std::error::Error;

use bytes::Bytes;
use http::{Method, Request, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Runtime;

use crate::peer::{Peer, Want, Work, fail};
use crate::peers;

type Connections = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

pub(super) struct HyperUtil {
    runtime: Runtime,
    client: Connections,
    work: Work,
    body: Bytes,
}

impl HyperUtil {
    pub(super) fn new(work: Work) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let provider = rustls::crypto::ring::default_provider();
        let mut roots = RootCertStore::empty();
        if work.url.starts_with("https:") {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        let tls = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { runtime: peers::runtime(), client, body: work.body(), work }
    }
}

impl Peer for HyperUtil {
    fn run(&self, count: usize) {
        let (client, work, body) = (self.client.clone(), self.work.clone(), self.body.clone());
        peers::run(&self.runtime, &self.work, count, move || {
            let (client, work, body) = (client.clone(), work.clone(), body.clone());
            async move { get(&client, &work, body).await.unwrap_or_else(|error| fail(error)) }
        });
    }
}

async fn get(client: &Connections, work: &Work, body: Bytes) -> Result<(), Box<dyn Error>> {
    let mut request = Request::builder().uri(&work.url);
    if work.want == Want::Post {
        request = request.method(Method::POST).header(CONTENT_TYPE, "application/json");
    }
    let response = client.request(request.body(Full::new(body))?).await?;
    let (status, has_type) =
        (response.status().as_u16(), response.headers().contains_key(CONTENT_TYPE));
    work.check(status, has_type, response.into_body().collect().await?.to_bytes().len());
    Ok(())
}
