//! This library, as a host app in Rust calls it: typed options, a typed response.

use std::sync::Arc;
use std::sync::mpsc;

use gadget_request::{Client, ClientConfig, Data, Platform, RequestOptions, ResponseType};

use crate::peer::{Left, Peer, Want, Work, fail};

pub(super) struct Engine {
    client: Client,
    work: Arc<Work>,
    options: RequestOptions,
}

/// A round. Its end is the end of its last request.
struct Round {
    client: Client,
    work: Arc<Work>,
    options: RequestOptions,
    left: Left,
    _running: mpsc::Sender<()>,
}

impl Engine {
    pub(super) fn new(work: Work) -> Self {
        let mut config = ClientConfig::new(Platform::Pc, "", "");
        config.max_queued = 20_000;
        let mut options = RequestOptions::new(&work.url);
        match work.want {
            Want::Text | Want::Coded => {}
            Want::Bytes => options = options.response_type(ResponseType::ArrayBuffer),
            Want::Post => {
                let json = String::from_utf8(work.body().into()).expect("JSON is text");
                options = options.method("POST").header("content-type", "application/json");
                options = options.data(Data::Json(json));
            }
        }
        Self { client: Client::new(config), work: Arc::new(work), options }
    }
}

impl Peer for Engine {
    fn run(&self, count: usize) {
        let (running, ended) = mpsc::channel();
        let round = Arc::new(Round {
            client: self.client.clone(),
            work: Arc::clone(&self.work),
            options: self.options.clone(),
            left: Left::new(count),
            _running: running,
        });
        for _ in 0..self.work.in_flight().unwrap_or(count) {
            next(Arc::clone(&round));
        }
        drop(round);
        let _ = ended.recv();
    }
}

/// Starts a request, whose completion starts the next.
fn next(round: Arc<Round>) {
    if !round.left.take() {
        return;
    }
    let client = round.client.clone();
    client.start(round.options.clone(), move |outcome| {
        let response = outcome.into_result().unwrap_or_else(|error| fail(error));
        let has_type = response.headers().any(|(name, _)| name == "content-type");
        round.work.check(response.status(), has_type, response.body().len());
        next(round);
    });
}
