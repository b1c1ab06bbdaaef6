//! A client, its calls, and the tasks that abort them.

use std::sync::Arc;

use gadget_request::{ClientConfig, RequestOptions, RequestTask};

use crate::cookies::{CookieStorage, Storage};
use crate::logging;
use crate::records::{ConfigFailure, InvokeResult, RequestRecord, Verdict, invoke_result, verdict};
use crate::resolver::{HostResolver, Resolver};

/// One running mini program: its requests, its connections.
#[derive(uniffi::Object)]
pub struct Client {
    pub(crate) client: gadget_request::Client,
}

/// Gets what a call came to: once, on a thread of the engine. It must not block.
#[uniffi::export(with_foreign)]
pub trait Completion: Send + Sync {
    /// The call came to this.
    fn completed(&self, verdict: Verdict);
}

/// Gets the result object of a call: once, on a thread of the engine. It must not block.
#[uniffi::export(with_foreign)]
pub trait InvokeCompletion: Send + Sync {
    /// The call came to this.
    fn completed(&self, result: InvokeResult);
}

/// A call under way. Dropping it leaves the call alone.
#[derive(uniffi::Object)]
pub struct Task {
    task: RequestTask,
}

#[uniffi::export]
impl Client {
    /// A client with the settings of this JSON document.
    #[uniffi::constructor]
    pub fn new(config_json: String) -> Result<Arc<Self>, ConfigFailure> {
        let config = config(&config_json)?;
        Ok(Arc::new(Self { client: gadget_request::Client::new(config) }))
    }

    /// A client with what only the host's own code can give it: a place for its cookies instead of `cookie_dir`, a
    /// resolver.
    #[uniffi::constructor]
    pub fn with(
        config_json: String,
        storage: Option<Arc<dyn CookieStorage>>,
        resolver: Option<Arc<dyn HostResolver>>,
    ) -> Result<Arc<Self>, ConfigFailure> {
        let mut builder = gadget_request::Client::builder(config(&config_json)?);
        if let Some(storage) = storage {
            builder = builder.cookie_storage(Storage(storage));
        }
        if let Some(resolver) = resolver {
            builder = builder.resolver(Resolver(resolver));
        }
        Ok(Arc::new(Self { client: builder.build() }))
    }

    /// Starts a call; `completion` gets what it came to.
    pub fn start(&self, request: RequestRecord, completion: Arc<dyn Completion>) -> Arc<Task> {
        self.start_typed(request.into(), completion)
    }

    /// Starts a call with options as JSON; `completion` gets what it came to. For what a record cannot
    /// carry: Kotlin's text may hold a lone surrogate, which JSON can say, and the engine refuses.
    pub fn start_json(
        &self,
        options_json: String,
        body: Option<Vec<u8>>,
        completion: Arc<dyn Completion>,
    ) -> Arc<Task> {
        self.start_typed(from_json(options_json, body), completion)
    }

    /// Starts a call of a JavaScript engine: options JSON, and the bytes beside it for an ArrayBuffer.
    pub fn invoke(
        &self,
        options_json: String,
        body: Option<Vec<u8>>,
        completion: Arc<dyn InvokeCompletion>,
    ) -> Arc<Task> {
        let task = self.client.start(from_json(options_json, body), move |outcome| {
            completion.completed(invoke_result(&outcome));
        });
        Arc::new(Task { task })
    }

    /// Tells whether the device has a network. While it has none, new calls and those in the queue fail with 303.
    pub fn set_online(&self, online: bool) {
        self.client.set_online(online);
    }

    /// Tells that the app went to the background; after the time of grace all calls fail with 112.
    pub fn enter_background(&self) {
        self.client.enter_background();
    }

    /// Tells that the app is in the foreground again.
    pub fn enter_foreground(&self) {
        self.client.enter_foreground();
    }

    /// Calls that have one of the ten places.
    pub fn in_flight(&self) -> u32 {
        count(self.client.in_flight())
    }

    /// Calls that wait for a place.
    pub fn queued(&self) -> u32 {
        count(self.client.queued())
    }

    /// Ends the client: what is running fails with 301 `client closed`, and so does every later call.
    pub fn shutdown(&self) {
        self.client.shutdown();
    }
}

impl Client {
    fn start_typed(&self, options: RequestOptions, completion: Arc<dyn Completion>) -> Arc<Task> {
        let task = self.client.start(options, move |outcome| {
            completion.completed(verdict(&outcome));
        });
        Arc::new(Task { task })
    }
}

fn config(json: &str) -> Result<ClientConfig, ConfigFailure> {
    logging::install();
    ClientConfig::from_json(json)
        .map_err(|error| ConfigFailure::Invalid { reason: error.to_string() })
}

fn count(calls: usize) -> u32 {
    u32::try_from(calls).unwrap_or(u32::MAX)
}

fn from_json(options_json: String, body: Option<Vec<u8>>) -> RequestOptions {
    RequestOptions::from_json(options_json, body.map(Into::into))
}

#[uniffi::export]
impl Task {
    /// Ends the call with 301 `abort`, unless it has its outcome already.
    pub fn abort(&self) {
        self.task.abort();
    }

    /// The call's id.
    pub fn trace(&self) -> String {
        self.task.trace().to_string()
    }
}
