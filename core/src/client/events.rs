//! The start of a call that reports while it runs.

use std::sync::Arc;

use crate::call::Call;
use crate::call::task::RequestTask;
use crate::client::Client;
use crate::options::RequestOptions;
use crate::outcome::Outcome;
use crate::response::events::{EventListener, Events};

impl Client {
    /// Starts a request, as [`start`](Self::start) does, with a listener that hears of the response
    /// while the call runs (docs/contract.md#12-while-a-call-runs).
    ///
    /// The listener gets the head of the last response, and with
    /// [`enable_chunked`](RequestOptions::enable_chunked) the pieces of its body. It is called on
    /// threads of the engine, one event at a time, and before `completion`. It is dropped before
    /// `completion` is called.
    ///
    /// ```
    /// # let server = gadget_test_server::Server::start()?;
    /// # let url = format!("{}/gzip?body=hello", server.http());
    /// use std::sync::mpsc;
    ///
    /// use bytes::Bytes;
    /// use gadget_request::{Client, Demand, EventListener, RequestOptions, ResponseHead};
    ///
    /// struct Prints(mpsc::Sender<Bytes>);
    ///
    /// impl EventListener for Prints {
    ///     fn on_headers(&mut self, head: &ResponseHead) {
    ///         println!("status {}", head.status());
    ///     }
    ///
    ///     fn on_chunk(&mut self, chunk: Bytes) -> Demand {
    ///         let _ = self.0.send(chunk);
    ///         Demand::More
    ///     }
    /// }
    ///
    /// let (sender, chunks) = mpsc::channel();
    /// let client = Client::default();
    /// let options = RequestOptions::new(url).enable_chunked(true);
    /// client.start_with_events(options, Prints(sender), |outcome| {
    ///     assert_eq!(outcome.into_result().unwrap().text(), "");
    /// });
    /// assert_eq!(chunks.iter().collect::<Vec<_>>().concat(), b"hello");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start_with_events(
        &self,
        options: RequestOptions,
        listener: impl EventListener,
        completion: impl FnOnce(Outcome) + Send + 'static,
    ) -> RequestTask {
        self.launch(options, Some(Box::new(listener)), completion)
    }
}

/// The events of a call. None begins when the call is over.
pub(super) fn of_call(call: &Arc<Call>, listener: Box<dyn EventListener>) -> Box<Events> {
    let call = Arc::clone(call);
    Box::new(Events::new(listener, move || call.is_over()))
}
