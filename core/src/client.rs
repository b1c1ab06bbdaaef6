//! A client: the way of every call from its options to its outcome.

pub(crate) mod builder;
mod events;
mod proxy;
mod wait;
mod watched;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::call::Call;
use crate::call::background::Background;
use crate::call::gate::{Bounds, Gate, Needs, Permit};
use crate::call::task::{self, RequestTask};
use crate::cause::Failure;
use crate::config::ClientConfig;
use crate::config::error::ConfigError;
use crate::config::hosts::HostPattern;
use crate::config::json;
use crate::config::network::{Proxy, ProxyDocument};
use crate::cookies::{CookieJar, Cookies};
use crate::error::Error;
use crate::observe::watch::Watchers;
use crate::options::RequestOptions;
use crate::options::request::Request;
use crate::outcome::Outcome;
use crate::outgoing::{self, OwnHeaders};
use crate::policy;
use crate::redirect::Redirects;
use crate::response::Response;
use crate::response::events::{EventListener, Events};
use crate::wire::Transport;
use crate::wire::pool::Pool;
use crate::wire::proxies::{Proxies, ProxySelector};
use crate::wire::resolve::HostResolver;

/// A longer timeout could not be added to a moment.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Makes the requests of one running mini program.
///
/// A client is a cheap handle: clone it freely, and use it from any thread and under any executor.
/// The requests run on the engine's own threads, and each client keeps its own connections. When
/// the last handle is dropped, all calls that are not finished fail with 301 `client closed`.
///
/// At most ten requests are in flight at a time. More wait in a queue, first in, first out; their
/// timeout begins when they leave it ([`in_flight`](Self::in_flight), [`queued`](Self::queued)).
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

/// The part that only handles share. Calls do not hold it, so dropping the last handle ends them
/// all.
struct Handle {
    gate: Arc<Gate>,
    background: Background,
    pool: Arc<Pool>,
    cookies: CookieJar,
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
        self.close();
    }
}

/// The part that handles and running calls share.
///
/// A call passes through it in this order: [`check`](Self::check) on the caller's thread, then
/// [`run`](Self::run) and [`exchange`](Self::exchange) on the engine's threads.
struct Engine {
    config: Arc<ClientConfig>,
    headers: OwnHeaders,
    cookies: Cookies,
    transport: Transport,
    watchers: Watchers,
}

impl Client {
    fn from_parts(
        config: ClientConfig,
        jar: CookieJar,
        resolver: Option<Arc<dyn HostResolver>>,
        proxies: Proxies,
    ) -> Self {
        let config = Arc::new(config);
        let bounds = Bounds {
            calls: config.max_queued,
            bytes: config.max_queued_bytes,
            time: config.queue_timeout,
        };
        let gate = Arc::new(Gate::new(bounds));
        let background = Background::new(Arc::clone(&gate), config.background_grace);
        let cookies = Cookies::new(&config, jar.clone());
        let transport = Transport::new(Arc::clone(&config), resolver, proxies);
        let pool = Arc::clone(transport.pool());
        let handle = Handle { gate, background, pool, cookies: jar };
        let (headers, watchers) = (OwnHeaders::new(&config), Watchers::new(&config));
        let engine = Engine { headers, cookies, transport, watchers, config };
        Self { engine: Arc::new(engine), handle: Arc::new(handle) }
    }

    /// Starts a request. The returned task aborts it.
    ///
    /// `completion` gets the outcome: exactly once, on a thread of the engine, never from within
    /// this function. It must not block.
    ///
    /// The options are read before this function returns. That takes microseconds, or two
    /// milliseconds for each megabyte of JSON. Requests enter the queue in the order of their
    /// starts.
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
        self.launch(options, None, completion)
    }

    fn launch(
        &self,
        options: RequestOptions,
        listener: Option<Box<dyn EventListener>>,
        completion: impl FnOnce(Outcome) + Send + 'static,
    ) -> RequestTask {
        let gate = &self.handle.gate;
        let call = Arc::new(Call::start(self.engine.watchers.watch()));
        let asked = call.watch().map(|_| options.without_typed_data());
        let bytes = options.bytes();
        // Check and enqueue on the caller's thread: this keeps the order of the starts, and wrong
        // options never take a place.
        let checked = match gate.is_closed() {
            true => Err(Error::ClientClosed),
            false => self.engine.check(options),
        };
        let enqueued = checked.and_then(|request| {
            if request.profile {
                call.recorder().set_wanted();
            }
            let permit = gate.enqueue(&call, Needs { bytes, timeout: request.timeout })?;
            Ok((request, permit))
        });
        watched::started(&call, asked, &enqueued);
        let events = listener.map(|listener| events::of_call(&call, listener));
        let flow = events.as_ref().map(|events| Arc::clone(events.flow()));
        let number = enqueued.as_ref().ok().map(|(_, permit)| permit.number);
        let (engine, running) = (Arc::clone(&self.engine), Arc::clone(&call));
        let work = async move {
            let (request, permit) = enqueued?;
            engine.run(request, permit, &running, events).await
        };
        task::spawn(Arc::clone(&call), work, completion);
        RequestTask::new(call, gate, number, flow)
    }

    /// How many requests are in flight: they have one of the ten places and are not finished.
    pub fn in_flight(&self) -> usize {
        self.handle.gate.in_flight()
    }

    /// How many requests wait for a place. A request fails with 111 if it would exceed
    /// [`max_queued`](ClientConfig::max_queued) or
    /// [`max_queued_bytes`](ClientConfig::max_queued_bytes).
    pub fn queued(&self) -> usize {
        self.handle.gate.queued()
    }

    /// The cookies of the client's app.
    pub fn cookies(&self) -> &CookieJar {
        &self.handle.cookies
    }

    /// Reports whether the device has a network. A new client assumes that it has one.
    ///
    /// Without a network, new calls and queued calls fail with 303 `offline`, and idle connections
    /// are closed. Calls in flight go on. When it has a network again, that counts as
    /// [another one](Self::network_changed).
    pub fn set_online(&self, online: bool) {
        self.handle.pool.set_online(online);
        self.handle.gate.set_online(online);
    }

    /// Reports that the device has another network now, for example mobile data in place of Wi-Fi.
    ///
    /// Idle connections are closed at once. Calls in flight finish on their connections. Later
    /// calls open new ones, and look up names anew. A call that is still opening its connection
    /// begins that again, up to eight times; nothing that was sent is sent again because of this.
    pub fn network_changed(&self) {
        self.handle.pool.change_network();
    }

    /// Takes another proxy, or none, with the hosts that are reached without it.
    ///
    /// It replaces [`ClientConfig::proxy`], [`ClientConfig::proxy_bypass`] and a
    /// [`ProxySelector`]. Calls in flight finish on their connections. For all others it counts as
    /// [another network](Self::network_changed): no connection from before is used again.
    pub fn set_proxy(&self, proxy: Option<Proxy>, bypass: Vec<HostPattern>) {
        self.handle.pool.set_proxies(Proxies::fixed(proxy, bypass));
    }

    /// The same, with the settings' names: `{"proxy": "socks5h://localhost", "proxy_bypass": []}`.
    /// An absent field takes its default: no proxy, no hosts.
    ///
    /// # Errors
    ///
    /// As those of [`ClientConfig::from_json`]. Then the client keeps its proxy.
    pub fn set_proxy_json(&self, text: &str) -> Result<(), ConfigError> {
        let ProxyDocument { proxy, proxy_bypass } = json::read(text)?;
        self.set_proxy(proxy, proxy_bypass);
        Ok(())
    }

    /// Asks the host app for the proxy of each request from now on. Apart from that, the same as
    /// [`set_proxy`](Self::set_proxy).
    pub fn set_proxy_selector(
        &self,
        selector: impl ProxySelector + 'static,
        bypass: Vec<HostPattern>,
    ) {
        self.handle.pool.set_proxies(Proxies::asked(Arc::new(selector), bypass));
    }

    /// Reports that the app is in the background. Idle connections are closed, and none is kept.
    ///
    /// If a grace period is set ([`background_grace`](ClientConfig::background_grace)), all calls
    /// fail with 112 `app in background` when it expires, and so do new ones. Calling it twice is
    /// the same as calling it once.
    pub fn enter_background(&self) {
        self.handle.pool.set_background(true);
        self.handle.background.enter();
    }

    /// Reports that the host app is in the foreground. New calls are admitted again.
    ///
    /// After more than 30 seconds in the background, the time that the device slept included, this
    /// counts as [another network](Self::network_changed). Calls whose timeout has passed by the
    /// wall clock then fail with 302 `timeout` at once.
    pub fn enter_foreground(&self) {
        if self.handle.background.is_long() {
            self.handle.gate.expire();
            self.handle.pool.change_network();
        }
        self.handle.pool.set_background(false);
        self.handle.background.leave();
    }

    /// Ends the client for all its handles, as dropping the last handle does.
    ///
    /// All calls that are not finished fail with 301 `client closed`, and so does every later call.
    /// A thread of the engine saves the cookies. If the process ends right after, call
    /// [`CookieJar::save`] first.
    pub fn shutdown(&self) {
        self.handle.close();
    }
}

impl Engine {
    /// Checks options. The request is boxed to keep the queue small.
    fn check(&self, options: RequestOptions) -> Result<Box<Request>, Error> {
        let check = || {
            let request = Request::check(options, &self.config)?;
            policy::check_url(&self.config, &request.url)?;
            Ok(Box::new(request))
        };
        catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
            log::error!("a panic while options were checked");
            Err(Error::Internal)
        })
    }

    /// Runs a checked request: it waits for its place, and its timeout begins.
    async fn run(
        &self,
        request: Box<Request>,
        permit: Permit,
        call: &Call,
        events: Option<Box<Events>>,
    ) -> Result<Response, Failure> {
        let since = self.granted(&permit).await?;
        call.watched(|watch, recorder| {
            watch.dispatched(recorder, permit.gate.in_flight(), permit.gate.queued());
        });
        let deadline = since + request.timeout.min(A_YEAR);
        // Boxed first: the timeout would move the whole work twice.
        let exchange = Box::pin(self.exchange(request, call, events));
        let result = tokio::time::timeout_at(deadline.into(), exchange).await;
        result.unwrap_or(Err(Error::Timeout.into()))
    }

    /// Sends a request, follows its redirects, and reads the last response.
    ///
    /// Each hop is a full request: the policy judges its URL, the jar gives its cookies, and the
    /// jar takes the cookies of its response.
    async fn exchange(
        &self,
        mut request: Box<Request>,
        call: &Call,
        mut events: Option<Box<Events>>,
    ) -> Result<Response, Failure> {
        let recorder = call.recorder();
        self.cookies.load().await;
        let mut redirects = Redirects::new(self.config.max_redirects);
        loop {
            let headers = || {
                let mut headers = outgoing::headers(&request, recorder.trace(), &self.headers);
                self.cookies.attach(&mut headers, &request.url);
                headers
            };
            let mut response =
                self.transport.send(&request, recorder, call.watch(), headers).await?;
            let status = response.status();
            self.cookies.take(response.headers_mut(), &request.url).await;
            call.watched(|watch, recorder| watch.head(recorder, status, response.headers()));
            let Some(next) = redirects.next(&request, status, response.headers())? else {
                let events = events.as_deref_mut();
                let response = Response::read(response, &request, &self.config, events).await?;
                recorder.complete(response.decoded_bytes());
                return Ok(response);
            };
            policy::check_url(&self.config, &next.url)?;
            call.watched(|watch, recorder| watch.redirect(recorder, status, &next));
            request = next;
        }
    }

    /// Waits for a place, for the queue timeout at most. Returns since when the call has it.
    async fn granted(&self, permit: &Permit) -> Result<Instant, Error> {
        let Some(queue_timeout) = self.config.queue_timeout else {
            return Ok(permit.granted().await);
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
