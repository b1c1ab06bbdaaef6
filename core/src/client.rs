//! One running mini program's requests: the way of a call from its options to its outcome.

use std::fmt;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::config::ClientConfig;
use crate::error::Error;
use crate::headers::{self, OwnHeaders};
use crate::options::RequestOptions;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::response::Response;
use crate::task::{self, RequestTask};
use crate::trace::Trace;
use crate::transport::Transport;

/// Makes the requests of one running mini program.
///
/// A client is a cheap handle: clone it freely, use it from any thread and under any executor. The
/// requests run on threads of the engine's own. Connections are kept and used again per client. When
/// its last handle is dropped, what is still running fails with 301 `client closed`.
///
/// ```
/// # let server = gadget_test_server::Server::start()?;
/// # let url = format!("{}/gzip?body=hello", server.http());
/// use gadget_request::{Client, ClientConfig, Platform, RequestOptions};
///
/// let client = Client::new(ClientConfig::new(Platform::Android, "cli_9dff7f6ae02ad104", "1.2.0"));
/// let outcome = pollster::block_on(client.request(RequestOptions::new(url)));
/// let response = outcome.into_result()?;
/// assert_eq!(response.status(), 200);
/// assert_eq!(response.text(), "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client {
    engine: Arc<Engine>,
    handle: Arc<Handle>,
}

/// What the handles share; the last of them closes the client. Running calls hold none.
struct Handle {
    closed: CancellationToken,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

/// What the calls of one client share.
struct Engine {
    config: Arc<ClientConfig>,
    headers: OwnHeaders,
    transport: Transport,
}

impl Default for Client {
    fn default() -> Self {
        Self::new(ClientConfig::default())
    }
}

impl Client {
    /// A client with these settings. Nothing is opened, read or started before its first request.
    pub fn new(config: ClientConfig) -> Self {
        let config = Arc::new(config);
        let engine = Engine {
            headers: OwnHeaders::new(&config),
            transport: Transport::new(Arc::clone(&config)),
            config,
        };
        Self {
            engine: Arc::new(engine),
            handle: Arc::new(Handle { closed: CancellationToken::new() }),
        }
    }

    /// Makes a request and waits for its outcome. Dropping the future aborts the call.
    ///
    /// It never fails by itself: whatever goes wrong, wrong options too, is the outcome.
    pub async fn request(&self, options: RequestOptions) -> Outcome {
        let (sender, receiver) = oneshot::channel();
        let task = self.start(options, |outcome| {
            // Nobody waits any more: the future was dropped, which aborted the call.
            let _ = sender.send(outcome);
        });
        let aborts = AbortOnDrop(&task);
        let outcome = receiver.await;
        drop(aborts);
        outcome.unwrap_or_else(|_| Outcome::new(*task.trace(), Err(Error::Internal)))
    }

    /// Starts a request. `completion` gets its outcome: exactly once, on a thread of the engine, never
    /// from within this function, and it must not block. The task returned aborts the call.
    ///
    /// ```
    /// # let server = gadget_test_server::Server::start()?;
    /// # let url = format!("{}/delay/60000", server.http());
    /// use gadget_request::{Client, Error, RequestOptions};
    ///
    /// let (sender, outcomes) = std::sync::mpsc::channel();
    /// let client = Client::default();
    /// let task = client.start(RequestOptions::new(url), move |outcome| {
    ///     let _ = sender.send(outcome);
    /// });
    /// task.abort();
    /// assert_eq!(outcomes.recv().unwrap().result().unwrap_err(), &Error::Aborted);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start(
        &self,
        options: RequestOptions,
        completion: impl FnOnce(Outcome) + Send + 'static,
    ) -> RequestTask {
        let trace = Trace::new();
        let engine = Arc::clone(&self.engine);
        let work = async move { engine.run(options, trace).await };
        task::spawn(trace, self.handle.closed.clone(), work, completion)
    }

    /// Ends the client for all its handles: what is running fails with 301 `client closed`, and so does
    /// every later call. Dropping the last handle does the same.
    pub fn shutdown(&self) {
        self.handle.closed.cancel();
    }
}

impl Engine {
    /// The way of a request.
    async fn run(&self, options: RequestOptions, trace: Trace) -> Result<Response, Error> {
        let request = Request::try_from((options, &*self.config))?;
        let exchange = async {
            let headers = || headers::outgoing(&request, &trace, &self.headers);
            let response = self.transport.send(&request, headers).await?;
            Response::read(response, &request, &self.config).await
        };
        tokio::time::timeout(request.timeout, exchange).await.unwrap_or(Err(Error::Timeout))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.engine.config).finish_non_exhaustive()
    }
}

struct AbortOnDrop<'a>(&'a RequestTask);

impl Drop for AbortOnDrop<'_> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
