//! The outcome of a call: success or fail, typed and as the result object for the mini program.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::cause::{Cause, Failure};
use crate::error::Error;
use crate::response::Response;
use crate::timing::Timing;
use crate::trace::Trace;

/// Room for the JSON before a usual response's `data`, and after it.
const USUAL_HEAD: usize = 512;
const USUAL_TAIL: usize = 128;

/// The outcome of a call: a response or an error, with the call's trace. Every call has exactly
/// one.
///
/// ```
/// # let server = gadget_test_server::Server::start()?;
/// # let url = format!("{}/status/404", server.http());
/// use gadget_request::{Client, RequestOptions};
///
/// let client = Client::default();
/// let outcome = pollster::block_on(client.request(RequestOptions::new(url)));
/// match outcome.result() {
///     Ok(response) => assert_eq!(response.status(), 404), // every HTTP status is a success
///     Err(error) => println!("{error}, errno {}, trace {}", error.errno(), outcome.trace()),
/// }
/// # assert!(outcome.result().is_ok());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Outcome {
    trace: Trace,
    result: Result<Response, Error>,
    cause: Option<Cause>,
    timing: Option<Box<Timing>>,
    json: OnceLock<String>,
}

impl Outcome {
    pub(crate) fn new(trace: Trace, result: Result<Response, impl Into<Failure>>) -> Self {
        let (result, cause) = match result.map_err(Into::into) {
            Ok(response) => (Ok(response), None),
            Err(Failure { error, cause }) => (Err(error), cause),
        };
        Self { trace, result, cause, timing: None, json: OnceLock::new() }
    }

    /// Adds the call's profile.
    pub(crate) fn timed(mut self, timing: Option<Box<Timing>>) -> Self {
        self.timing = timing;
        self
    }

    /// The outcome of a call that fails with this error, for a binding that cannot pass on the
    /// real one.
    pub fn failed(trace: Trace, error: Error) -> Self {
        Self::new(trace, Err(error))
    }

    /// The call's id, for support and logs.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The response, or the error.
    pub fn result(&self) -> Result<&Response, &Error> {
        self.result.as_ref()
    }

    /// The response or the error, by value.
    pub fn into_result(self) -> Result<Response, Error> {
        self.result
    }

    /// Why the network failed the call, for engineers. It is not part of the result object.
    ///
    /// Returns `None` for a success, and for a call that the network did not fail: wrong options,
    /// an abort, the client's own timeouts, a body over its limits.
    pub fn cause(&self) -> Option<&Cause> {
        self.cause.as_ref()
    }

    /// When the phases of the call began and ended, and what went over the wire.
    ///
    /// Returns `None` for a call that never got a place in flight: wrong options, a full queue, an
    /// abort in the queue. The result object has it as `profile` only if the call or its client
    /// asks for it ([`enable_profile`](crate::RequestOptions::enable_profile),
    /// [`profile`](crate::ClientConfig::profile)).
    pub fn timing(&self) -> Option<&Timing> {
        self.timing.as_deref()
    }

    /// `request:ok`, or `request:fail ` and the error's detail.
    pub fn err_msg(&self) -> String {
        match &self.result {
            Ok(_) => "request:ok".to_owned(),
            Err(error) => format!("request:fail {error}"),
        }
    }

    /// The result object of the published page as JSON text, for `success` or `fail`.
    ///
    /// It contains a JSON body to the letter, white space included. It does not contain an
    /// ArrayBuffer: see [`array_buffer`](Self::array_buffer). The text is built at the first call
    /// and kept.
    pub fn json(&self) -> &str {
        self.json.get_or_init(|| match &self.result {
            Ok(response) => success(response, &self.trace, self.profile()),
            Err(error) => self.fail(error),
        })
    }

    /// The result object, without `data` if the body has more than `max` bytes.
    pub(crate) fn json_within(&self, max: usize) -> String {
        match &self.result {
            Ok(response) if response.body().len() > max => {
                let mut json = head(response);
                json.extend_from_slice(&tail(response, &self.trace, self.profile()));
                String::from_utf8(json).expect("texts make a text")
            }
            _ => self.json().to_owned(),
        }
    }

    /// The bytes that JavaScript gets as `data`, if the call succeeded with `responseType:
    /// arraybuffer`.
    pub fn array_buffer(&self) -> Option<&bytes::Bytes> {
        let response = self.result.as_ref().ok()?;
        response.as_text().is_none().then(|| response.body())
    }

    /// The profile, if the result object shows it.
    fn profile(&self) -> Option<&Timing> {
        self.timing.as_deref().filter(|timing| timing.is_wanted())
    }

    fn fail(&self, error: &Error) -> String {
        let (err_msg, errno) = (json_text(&self.err_msg()), error.errno());
        let (err_string, trace) = (json_text(errno.err_string()), &self.trace);
        let mut json = format!(
            r#"{{"errMsg":{err_msg},"errno":{errno},"errString":{err_string},"trace":"{trace}""#
        );
        json.push_str(&end(self.profile()));
        json
    }
}

fn success(response: &Response, trace: &Trace, profile: Option<&Timing>) -> String {
    const DATA: &[u8] = br#","data":"#;
    let (head, tail) = (head(response), tail(response, trace, profile));
    let text = response.as_text();
    let data = text.map_or(0, |text| DATA.len() + text.written());
    // The exact size: a growing buffer would take twice the memory of a large body.
    let mut json = Vec::with_capacity(head.len() + data + tail.len());
    json.extend_from_slice(&head);
    if let Some(text) = text {
        json.extend_from_slice(DATA);
        text.write(&mut json);
    }
    json.extend_from_slice(&tail);
    String::from_utf8(json).expect("texts make a text")
}

/// The JSON before `data`.
fn head(response: &Response) -> Vec<u8> {
    let mut json = Vec::with_capacity(USUAL_HEAD);
    response.head().write_fields(&mut json);
    json
}

/// The JSON after `data`.
fn tail(response: &Response, trace: &Trace, profile: Option<&Timing>) -> Vec<u8> {
    let mut json = Vec::with_capacity(USUAL_TAIL);
    response.head().write_cookies(&mut json);
    json.extend_from_slice(br#","trace":""#);
    json.extend_from_slice(trace.as_str().as_bytes());
    json.extend_from_slice(br#"","errMsg":"request:ok""#);
    json.extend_from_slice(end(profile).as_bytes());
    json
}

/// The end of a result object: its profile, if it shows one.
fn end(profile: Option<&Timing>) -> Cow<'static, str> {
    match profile {
        Some(profile) => format!(r#","profile":{}}}"#, profile.json()).into(),
        None => "}".into(),
    }
}

fn json_text(text: &str) -> String {
    serde_json::to_string(text).expect("a string always prints")
}
