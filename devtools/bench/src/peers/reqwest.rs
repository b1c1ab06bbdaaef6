//! reqwest as its manual uses it, with two worker threads: the yardstick.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use reqwest::Client;
use tokio::runtime::Runtime;

use crate::peer::{Peer, Want, Work, fail};
use crate::peers;

pub(super) struct Reqwest {
    runtime: Runtime,
    client: Client,
    work: Work,
    body: Bytes,
}

impl Reqwest {
    pub(super) fn new(work: Work) -> Self {
        let provider = rustls::crypto::ring::default_provider();
        provider.install_default().expect("nothing else installs one");
        let is_coded = work.want == Want::Coded;
        let client = Client::builder().no_proxy().gzip(is_coded).brotli(is_coded);
        let client = client.build().unwrap_or_else(|error| fail(error));
        Self { runtime: peers::runtime(), client, body: work.body(), work }
    }
}

impl Peer for Reqwest {
    fn run(&self, count: usize) {
        let (client, work, body) = (self.client.clone(), self.work.clone(), self.body.clone());
        peers::run(&self.runtime, &self.work, count, move || {
            let (client, work, body) = (client.clone(), work.clone(), body.clone());
            async move { get(&client, &work, body).await.unwrap_or_else(|error| fail(error)) }
        });
    }
}

async fn get(client: &Client, work: &Work, body: Bytes) -> reqwest::Result<()> {
    let request = match work.want {
        Want::Post => client.post(&work.url).header(CONTENT_TYPE, "application/json").body(body),
        _ => client.get(&work.url),
    };
    let response = request.send().await?;
    let (status, has_type) =
        (response.status().as_u16(), response.headers().contains_key(CONTENT_TYPE));
    work.check(status, has_type, response.bytes().await?.len());
    Ok(())
}
