//! What is known of one attempt to send a request, told to and by the parts of the network stack it passes.

use std::cell::Cell;
use std::future::Future;

tokio::task_local! {
    /// reqwest calls its resolver and its connector within the task that sends the request, and tells them
    /// no more than a name.
    static ATTEMPT: Attempt;
}

/// One attempt to send a request.
pub(crate) struct Attempt {
    port: u16,
    connected: Cell<bool>,
}

impl Attempt {
    /// Runs an attempt at sending to a port. Also tells whether it had a connection used before.
    pub(crate) async fn run<T>(port: u16, sending: impl Future<Output = T>) -> (T, bool) {
        let attempt = Attempt { port, connected: Cell::new(false) };
        let sending = async {
            let sent = sending.await;
            (sent, !ATTEMPT.with(|attempt| attempt.connected.get()))
        };
        ATTEMPT.scope(attempt, sending).await
    }

    /// The port of the URL that is being requested.
    pub(crate) fn port() -> Option<u16> {
        ATTEMPT.try_with(|attempt| attempt.port).ok()
    }

    /// A new connection is about to be made for it.
    pub(crate) fn connects() {
        let _ = ATTEMPT.try_with(|attempt| attempt.connected.set(true));
    }
}
