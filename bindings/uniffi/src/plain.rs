//! The calls of Swift: bytes go in as they are, and an outcome is a list of places in memory. A
//! record would cost more than the engine's own work on a small response.

use std::sync::Arc;

use gadget_request::{Outcome, RequestOptions, ResponseData};

use crate::client::{Client, Task};
use crate::events::{self, Events};
use crate::options::{HAS_DATA, options};
use crate::parts::{part, place};
use crate::timing;

/// Gets the outcome of a call: once, on a thread of the engine. It must not block.
///
/// Here and in [`PlainInvokeCompletion`], `parts` is the address of an array of `count` pairs, each
/// the address and the length of bytes; an address of zero stands for none. All are valid until the
/// function returns, and must not be changed. Texts are UTF-8.
#[uniffi::export(with_foreign)]
pub trait PlainCompletion: Send + Sync {
    /// The server answered. The parts are the trace, the body, its text, its JSON and the profile
    /// (`timing.rs`), then names and values of the header fields by turns.
    fn responded(&self, status: u16, parts: u64, count: u64);

    /// There is no response. The parts are the trace, the detail, the cause and the profile.
    fn failed(&self, errno: u32, parts: u64, count: u64);
}

/// Gets the result object of a call: once, on a thread of the engine. It must not block.
#[uniffi::export(with_foreign)]
pub trait PlainInvokeCompletion: Send + Sync {
    /// The call has ended. The parts are the result object as JSON, and the bytes of `data` if it
    /// is an ArrayBuffer.
    fn finished(&self, is_success: bool, parts: u64, count: u64);
}

#[uniffi::export]
impl Client {
    /// Starts a call. `flags`, `timeout`, `texts` and `data` are as `options.rs` reads them.
    pub fn start_plain(
        &self,
        flags: i32,
        timeout: i64,
        texts: &[u8],
        data: &[u8],
        completion: Arc<dyn PlainCompletion>,
    ) -> Arc<Task> {
        self.begin(flags, timeout, texts, data, None, completion)
    }

    /// The same, with events.
    pub fn start_with_events(
        &self,
        flags: i32,
        timeout: i64,
        texts: &[u8],
        data: &[u8],
        events: Arc<dyn Events>,
        completion: Arc<dyn PlainCompletion>,
    ) -> Arc<Task> {
        self.begin(flags, timeout, texts, data, Some(events), completion)
    }

    /// Starts a call of a JavaScript engine: options as JSON, and the bytes of an ArrayBuffer.
    pub fn invoke_plain(
        &self,
        options_json: &[u8],
        has_body: bool,
        body: &[u8],
        completion: Arc<dyn PlainInvokeCompletion>,
    ) -> Arc<Task> {
        self.begin_invoke(options_json, has_body.then_some(body), None, completion)
    }

    /// The same, with events.
    pub fn invoke_with_events(
        &self,
        options_json: &[u8],
        has_body: bool,
        body: &[u8],
        events: Arc<dyn Events>,
        completion: Arc<dyn PlainInvokeCompletion>,
    ) -> Arc<Task> {
        self.begin_invoke(options_json, has_body.then_some(body), Some(events), completion)
    }
}

impl Client {
    fn begin(
        &self,
        flags: i32,
        timeout: i64,
        texts: &[u8],
        data: &[u8],
        events: Option<Arc<dyn Events>>,
        completion: Arc<dyn PlainCompletion>,
    ) -> Arc<Task> {
        let data = (flags & HAS_DATA != 0).then(|| data.to_vec());
        let options = options(flags, timeout, texts, data);
        let completion = move |outcome| settle(&outcome, &*completion);
        Task::new(events::start(&self.client, options, events, completion))
    }

    fn begin_invoke(
        &self,
        options_json: &[u8],
        body: Option<&[u8]>,
        events: Option<Arc<dyn Events>>,
        completion: Arc<dyn PlainInvokeCompletion>,
    ) -> Arc<Task> {
        let body = body.map(|body| body.to_vec().into());
        let options = RequestOptions::from_json(options_json.to_vec(), body);
        let completion = move |outcome: Outcome| {
            let parts = [
                part(Some(outcome.json().as_bytes())),
                part(outcome.array_buffer().map(AsRef::as_ref)),
            ];
            let (address, count) = place(&parts);
            completion.finished(outcome.result().is_ok(), address, count);
        };
        Task::new(events::start(&self.client, options, events, completion))
    }
}

/// Passes an outcome with types on.
fn settle(outcome: &Outcome, completion: &dyn PlainCompletion) {
    let trace = part(Some(outcome.trace().as_str().as_bytes()));
    let profile = outcome.timing().map(timing::bytes);
    let timing = part(profile.as_deref());
    let response = match outcome.result() {
        Ok(response) => response,
        Err(error) => {
            let (detail, cause) = (error.to_string(), outcome.cause().map(ToString::to_string));
            let cause = cause.as_ref().map(String::as_bytes);
            let parts = [trace, part(Some(detail.as_bytes())), part(cause), timing];
            let (address, count) = place(&parts);
            return completion.failed(error.errno().code(), address, count);
        }
    };
    let whole = response.text();
    let (text, json) = match response.data() {
        ResponseData::Text(_) => (Some(&*whole), None),
        ResponseData::Json(json) => (Some(&*whole), Some(json)),
        ResponseData::ArrayBuffer(_) => (None, None),
    };
    let (text, json) = (text.map(str::as_bytes), json.map(str::as_bytes));
    let mut parts = vec![trace, part(Some(response.body())), part(text), part(json), timing];
    for (name, value) in response.headers() {
        parts.extend([part(Some(name.as_bytes())), part(Some(value.as_bytes()))]);
    }
    let (address, count) = place(&parts);
    completion.responded(response.status(), address, count);
}
