//! A call whose caller waits for its outcome.

use tokio::sync::oneshot;

use crate::call::task::RequestTask;
use crate::client::Client;
use crate::error::Error;
use crate::options::RequestOptions;
use crate::outcome::Outcome;

impl Client {
    /// Makes a request and waits for its outcome. Dropping the future aborts the call.
    ///
    /// The future never fails by itself: every failure, wrong options too, is an outcome.
    pub async fn request(&self, options: RequestOptions) -> Outcome {
        let (sender, receiver) = oneshot::channel();
        let task = self.start(options, |outcome| {
            // It fails if the future was dropped, and then nobody needs the outcome.
            let _ = sender.send(outcome);
        });
        let aborts = AbortOnDrop(&task);
        let outcome = receiver.await;
        drop(aborts);
        outcome.unwrap_or_else(|_| Outcome::new(*task.trace(), Err(Error::Internal)))
    }
}

/// Aborts the call of a dropped [`Client::request`].
struct AbortOnDrop<'a>(&'a RequestTask);

impl Drop for AbortOnDrop<'_> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
