//! A client, its calls, and the tasks that abort them.

use std::sync::{Arc, OnceLock};

use gadget_request::{ClientConfig, RequestOptions, RequestTask};

use crate::clients;
use crate::cookie_storage::{CookieStorage, Storage};
use crate::events::{self, Events};
use crate::held::Held;
use crate::logging;
use crate::records::{ConfigFailure, InvokeResult, Outcome, RequestRecord};
use crate::resolver::{HostResolver, Resolver};

/// The client of one running mini program: its calls, its connections, its cookies.
#[derive(uniffi::Object)]
pub struct Client {
    pub(crate) client: gadget_request::Client,
    /// Its number among the open clients, if it was asked for.
    number: OnceLock<u64>,
    _held: Held,
}

/// Gets the outcome of a call: once, on a thread of the engine. It must not block.
#[uniffi::export(with_foreign)]
pub trait Completion: Send + Sync {
    /// The call has ended with this outcome.
    fn completed(&self, outcome: Outcome);
}

/// Gets the result object of a call: once, on a thread of the engine. It must not block.
#[uniffi::export(with_foreign)]
pub trait InvokeCompletion: Send + Sync {
    /// The call has ended with this result.
    fn completed(&self, result: InvokeResult);
}

/// A started call. The call goes on if the task is dropped.
#[derive(uniffi::Object)]
pub struct Task {
    task: RequestTask,
    _held: Held,
}

impl Task {
    pub(crate) fn new(task: RequestTask) -> Arc<Self> {
        Arc::new(Self { task, _held: Held::new() })
    }
}

#[uniffi::export]
impl Client {
    /// Makes a client from a JSON document of settings, and from what only the host app can do:
    /// a storage for cookies, in place of the setting `cookie_dir`, and a resolver.
    #[uniffi::constructor]
    pub fn with(
        config_json: String,
        storage: Option<Arc<dyn CookieStorage>>,
        resolver: Option<Arc<dyn HostResolver>>,
    ) -> Result<Arc<Self>, ConfigFailure> {
        logging::install();
        let config = ClientConfig::from_json(&config_json)
            .map_err(|error| ConfigFailure::Invalid { reason: error.to_string() })?;
        let mut builder = gadget_request::Client::builder(config);
        if let Some(storage) = storage {
            builder = builder.cookie_storage(Storage(storage));
        }
        if let Some(resolver) = resolver {
            builder = builder.resolver(Resolver(resolver));
        }
        Ok(Self::new(builder.build()))
    }

    /// The open client with this number; a closed one if there is none. It goes on if this object
    /// is destroyed.
    #[uniffi::constructor]
    pub fn of_number(number: u64) -> Arc<Self> {
        Self::new(clients::get(number))
    }

    /// Adds the client to the open ones, for calls over JNI, until this object is destroyed.
    /// Returns its number there.
    pub fn number(&self) -> u64 {
        *self.number.get_or_init(|| clients::add(self.client.clone()))
    }

    /// Starts a call. `completion` gets its outcome, and `events` what comes before it.
    pub fn start(
        &self,
        request: RequestRecord,
        events: Option<Arc<dyn Events>>,
        completion: Arc<dyn Completion>,
    ) -> Arc<Task> {
        self.start_typed(request.into(), events, completion)
    }

    /// Starts a call with options as JSON. `completion` gets its outcome.
    ///
    /// This is for text that a record cannot carry: a lone surrogate of a Kotlin string has an
    /// escape in JSON but no form in UTF-8. The engine refuses it with 104.
    pub fn start_json(
        &self,
        options_json: String,
        body: Option<Vec<u8>>,
        events: Option<Arc<dyn Events>>,
        completion: Arc<dyn Completion>,
    ) -> Arc<Task> {
        self.start_typed(from_json(options_json, body), events, completion)
    }

    /// Starts a call of a JavaScript engine: options as JSON, and the bytes of an ArrayBuffer.
    pub fn invoke(
        &self,
        options_json: String,
        body: Option<Vec<u8>>,
        events: Option<Arc<dyn Events>>,
        completion: Arc<dyn InvokeCompletion>,
    ) -> Arc<Task> {
        let options = from_json(options_json, body);
        Task::new(events::start(&self.client, options, events, move |outcome| {
            completion.completed(InvokeResult::from(&outcome));
        }))
    }

    /// Reports whether the device has a network. While it has none, new and queued calls fail
    /// with 303.
    pub fn set_online(&self, online: bool) {
        self.client.set_online(online);
    }

    /// Reports that the device has another network. Idle connections are closed; new calls open
    /// new ones.
    pub fn network_changed(&self) {
        self.client.network_changed();
    }

    /// Reports that the host app is in the background. All calls fail with 112 after the grace
    /// period, if one is set.
    pub fn enter_background(&self) {
        self.client.enter_background();
    }

    /// Reports that the host app is in the foreground again.
    pub fn enter_foreground(&self) {
        self.client.enter_foreground();
    }

    /// The number of calls in flight.
    pub fn in_flight(&self) -> u32 {
        count(self.client.in_flight())
    }

    /// The number of queued calls.
    pub fn queued(&self) -> u32 {
        count(self.client.queued())
    }

    /// Ends the client. All its calls and every later call fail with 301 `client closed`.
    pub fn shutdown(&self) {
        self.client.shutdown();
    }
}

impl Client {
    fn new(client: gadget_request::Client) -> Arc<Self> {
        Arc::new(Self { client, number: OnceLock::new(), _held: Held::new() })
    }

    fn start_typed(
        &self,
        options: RequestOptions,
        events: Option<Arc<dyn Events>>,
        completion: Arc<dyn Completion>,
    ) -> Arc<Task> {
        Task::new(events::start(&self.client, options, events, move |outcome| {
            completion.completed(Outcome::from(&outcome));
        }))
    }
}

fn count(calls: usize) -> u32 {
    u32::try_from(calls).unwrap_or(u32::MAX)
}

fn from_json(options_json: String, body: Option<Vec<u8>>) -> RequestOptions {
    RequestOptions::from_json(options_json, body.map(Into::into))
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(number) = self.number.get() {
            clients::remove(*number);
        }
    }
}

#[uniffi::export]
impl Task {
    /// Ends the call with 301 `abort`. Has no effect if the call has its outcome already.
    pub fn abort(&self) {
        self.task.abort();
    }

    /// Lets the next event come, after a chunk.
    pub fn resume(&self) {
        self.task.resume();
    }

    /// The trace of the call.
    pub fn trace(&self) -> String {
        self.task.trace().to_string()
    }
}
