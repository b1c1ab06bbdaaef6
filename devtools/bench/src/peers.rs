//! The clients in Rust.

mod engine;
mod hyper_util;
mod reqwest;

use std::sync::Arc;
use std::sync::mpsc;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use crate::peer::{Left, Peer, Work};

/// The name of a client, as the tables have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Name {
    /// reqwest, the yardstick.
    Reqwest,
    /// The client of hyper-util, which reqwest is made of.
    HyperUtil,
    /// This library, as Rust calls it.
    Engine,
}

impl Name {
    pub(crate) const ALL: [Self; 3] = [Self::Reqwest, Self::HyperUtil, Self::Engine];

    /// The argument that selects it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Reqwest => "reqwest",
            Self::HyperUtil => "hyper-util",
            Self::Engine => "engine",
        }
    }
}

/// Makes a client.
pub(crate) fn new(name: Name, work: Work) -> Box<dyn Peer> {
    match name {
        Name::Reqwest => Box::new(reqwest::Reqwest::new(work)),
        Name::HyperUtil => Box::new(hyper_util::HyperUtil::new(work)),
        Name::Engine => Box::new(engine::Engine::new(work)),
    }
}

/// As many threads as the engine has.
fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("the process may have two threads")
}

/// Makes requests on the runtime's threads, and wakes this one at the end.
fn run<F>(
    runtime: &Runtime,
    work: &Work,
    count: usize,
    one: impl Fn() -> F + Clone + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    // The last sender's end is the end of the round.
    let (running, ended) = mpsc::channel::<()>();
    match work.in_flight() {
        Some(in_flight) => {
            let left = Arc::new(Left::new(count));
            for _ in 0..in_flight {
                let (left, one, running) = (Arc::clone(&left), one.clone(), running.clone());
                runtime.spawn(async move {
                    while left.take() {
                        one().await;
                    }
                    drop(running);
                });
            }
        }
        None => {
            let places = Arc::new(Semaphore::new(Work::PLACES));
            for _ in 0..count {
                let (places, one, running) = (Arc::clone(&places), one.clone(), running.clone());
                runtime.spawn(async move {
                    let _place = places.acquire().await;
                    one().await;
                    drop(running);
                });
            }
        }
    }
    drop(running);
    let _ = ended.recv();
}
