//! One running mini program's requests: the way of a call from its options to its outcome.

mod builder;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::call::Call;
use crate::call::gate::{Bounds, Gate, Permit};
use crate::call::task::{self, RequestTask};
use crate::cause::Failure;
use crate::config::ClientConfig;
use crate::cookies::{CookieJar, Cookies};
use crate::error::Error;
use crate::headers::{self, OwnHeaders};
use crate::options::RequestOptions;
use crate::options::request::Request;
use crate::outcome::Outcome;
use crate::policy;
use crate::redirect::Redirects;
use crate::response::Response;
use crate::runtime;
use crate::sync::Lock;
use crate::trace::Trace;
use crate::wire::Transport;
use crate::wire::pool::Pool;
use crate::wire::resolve::HostResolver;

pub use builder::ClientBuilder;

/// Makes the requests of one running mini program.
///
/// A client is a cheap handle: clone it freely, use it from any thread and under any executor. The
/// requests run on threads of the engine's own. Connections are kept and used again per client. When
/// its last handle is dropped, what is still running fails with 301 `client closed`.
///
/// At most ten requests are in flight at a time; more wait, first in, first out, and their timeout begins when
/// their turn has come ([`in_flight`](Self::in_flight), [`queued`](Self::queued)).
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

/// What the handles share; the last of them closes the gate, which ends all calls. Those hold none.
struct Handle {
    gate: Arc<Gate>,
    pool: Arc<Pool>,
    cookies: CookieJar,
    /// What waits for the end of a time of grace.
    grace: Lock<Option<AbortHandle>>,
}

impl Handle {
    fn close(&self) {
        self.gate.close();
        self.pool.close();
        self.cookies.save_at_end();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(waiting) = self.grace.lock().take() {
            waiting.abort();
        }
        self.close();
    }
}

/// What the calls of one client share.
struct Engine {
    config: Arc<ClientConfig>,
    headers: OwnHeaders,
    cookies: Cookies,
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
        Self::builder(config).build()
    }

    /// A client with these settings, and what only the host app's own code can give it.
    pub fn builder(config: ClientConfig) -> ClientBuilder {
        ClientBuilder::new(config)
    }

    pub(crate) fn with(
        config: ClientConfig,
        jar: CookieJar,
        resolver: Option<Arc<dyn HostResolver>>,
    ) -> Self {
        let config = Arc::new(config);
        let bounds = Bounds { calls: config.max_queued, bytes: config.max_queued_bytes };
        let gate = Arc::new(Gate::new(bounds));
        let cookies = Cookies::new(&config, jar.clone());
        let transport = Transport::new(Arc::clone(&config), resolver);
        let pool = Arc::clone(transport.pool());
        let handle = Handle { gate, pool, cookies: jar, grace: Lock::new(None) };
        let engine = Engine { headers: OwnHeaders::new(&config), cookies, transport, config };
        Self { engine: Arc::new(engine), handle: Arc::new(handle) }
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
    /// The options are read before this returns; that takes microseconds, or two milliseconds for
    /// each megabyte of JSON. Requests get their places in the order in which they were started.
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
        let gate = &self.handle.gate;
        let call = Arc::new(Call::new(Trace::new()));
        let trace = *call.trace();
        let bytes = options.bytes();
        // Here and now, so that the order is that of the starts, and what is wrong takes no place.
        let checked = match gate.is_closed() {
            true => Err(Error::ClientClosed),
            false => self.engine.check(options),
        };
        let lined_up = checked.and_then(|request| Ok((request, gate.line_up(&call, bytes)?)));
        let number = lined_up.as_ref().ok().map(|(_, permit)| permit.number());
        let engine = Arc::clone(&self.engine);
        let work = async move {
            let (request, permit) = lined_up?;
            engine.run(request, permit, trace).await
        };
        task::spawn(Arc::clone(&call), work, completion);
        RequestTask::new(call, gate, number)
    }

    /// Requests that have one of the ten places: those sent, and not yet answered to the last byte.
    pub fn in_flight(&self) -> usize {
        self.handle.gate.in_flight()
    }

    /// Requests that wait for a place. One more than [`max_queued`](ClientConfig::max_queued), or more than
    /// [`max_queued_bytes`](ClientConfig::max_queued_bytes) with it, fails with 111.
    pub fn queued(&self) -> usize {
        self.handle.gate.queued()
    }

    /// The cookies of the client's app.
    pub fn cookies(&self) -> &CookieJar {
        &self.handle.cookies
    }

    /// Tells whether the device has a network; a client takes it to have one until told otherwise. While it has
    /// none, new calls fail with 303 `offline`, and so do those that wait, and idle connections are closed; what is in
    /// flight is left alone.
    pub fn set_online(&self, online: bool) {
        self.handle.gate.set_online(online);
        self.handle.pool.set_online(online);
    }

    /// Tells that the app went to the background: idle connections are closed, and none is kept. Where the host set
    /// a time of grace ([`background_grace`](ClientConfig::background_grace)), all calls fail with 112
    /// `app in background` after it, and so do new ones. Telling it twice is telling it once.
    pub fn enter_background(&self) {
        self.handle.pool.set_background(true);
        let Some(grace) = self.engine.config.background_grace else { return };
        let gate = Arc::clone(&self.handle.gate);
        let runtime = runtime::get().ok().filter(|_| !grace.is_zero());
        let mut waiting = self.handle.grace.lock();
        let Some(stay) = gate.enter_background() else { return };
        match runtime {
            Some(runtime) => {
                let waits = runtime.spawn(async move {
                    tokio::time::sleep(grace).await;
                    gate.suspend(stay);
                });
                *waiting = Some(waits.abort_handle());
            }
            None => {
                drop(waiting);
                gate.suspend(stay);
            }
        }
    }

    /// Tells that the app is in the foreground again: calls are taken as before.
    pub fn enter_foreground(&self) {
        self.handle.pool.set_background(false);
        let waiting = self.handle.grace.lock().take();
        self.handle.gate.enter_foreground();
        if let Some(waiting) = waiting {
            waiting.abort();
        }
    }

    /// Ends the client for all its handles: what is running fails with 301 `client closed`, and so does
    /// every later call; cookies are saved, by a thread of the engine. Dropping the last handle does the same.
    /// Where the process ends right behind it, [`CookieJar::save`] makes sure of them first.
    pub fn shutdown(&self) {
        self.handle.close();
    }
}

impl Engine {
    /// The checked form of options; boxed, because what waits in the queue is to be small.
    fn check(&self, options: RequestOptions) -> Result<Box<Request>, Error> {
        let check = || {
            let request = Request::try_from((options, &*self.config))?;
            policy::check_url(&self.config, &request.url)?;
            Ok(Box::new(request))
        };
        catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
            log::error!("a panic while options were checked");
            Err(Error::Internal)
        })
    }

    /// The way of a checked request: through the gate, over the wire, and back.
    async fn run(
        &self,
        request: Box<Request>,
        permit: Permit,
        trace: Trace,
    ) -> Result<Response, Failure> {
        self.granted(&permit).await?;
        let exchange = tokio::time::timeout(request.timeout, self.exchange(request, &trace));
        let result = Box::pin(exchange).await.unwrap_or(Err(Error::Timeout.into()));
        result.inspect_err(|failure| log::debug!("call {trace} failed: {failure}"))
    }

    /// A request and the response it comes to, over the wire and over all redirects.
    async fn exchange(
        &self,
        mut request: Box<Request>,
        trace: &Trace,
    ) -> Result<Response, Failure> {
        self.cookies.load().await;
        let mut redirects = Redirects::new(self.config.max_redirects);
        loop {
            let headers = || {
                let mut headers = headers::outgoing(&request, trace, &self.headers);
                self.cookies.attach(&mut headers, &request.url);
                headers
            };
            let mut response = self.transport.send(&request, trace, headers).await?;
            self.cookies.take(response.headers_mut(), &request.url).await;
            let Some(next) = redirects.next(&request, response.status(), response.headers())?
            else {
                return Response::read(response, &request, &self.config).await;
            };
            policy::check_url(&self.config, &next.url)?;
            request = next;
        }
    }

    /// Waits for a place, as long as the host lets a call wait.
    async fn granted(&self, permit: &Permit) -> Result<(), Error> {
        let Some(queue_timeout) = self.config.queue_timeout else {
            permit.granted().await;
            return Ok(());
        };
        let granted = tokio::time::timeout(queue_timeout, permit.granted());
        Box::pin(granted).await.map_err(|_| Error::Timeout)
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
