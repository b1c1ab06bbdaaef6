//! How a call ended: success or fail, typed, and as the result object a mini program gets.

use std::sync::OnceLock;

use http::header::SET_COOKIE;
use serde_json::to_string as quoted;

use crate::error::Error;
use crate::response::{Response, ResponseData, text_of};
use crate::trace::Trace;

/// How a call ended, with its trace. Every call has exactly one.
///
/// ```
/// # let server = gadget_test_server::Server::start()?;
/// # let url = format!("{}/status/404", server.http());
/// use gadget_request::{Client, RequestOptions};
///
/// let client = Client::default();
/// let outcome = pollster::block_on(client.request(RequestOptions::new(url)));
/// match outcome.result() {
///     Ok(response) => assert_eq!(response.status(), 404), // an answer is a success, whatever it says
///     Err(error) => println!("{error}, errno {}, trace {}", error.errno(), outcome.trace()),
/// }
/// # assert!(outcome.result().is_ok());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Outcome {
    trace: Trace,
    result: Result<Response, Error>,
    json: OnceLock<String>,
}

impl Outcome {
    pub(crate) fn new(trace: Trace, result: Result<Response, Error>) -> Self {
        Self { trace, result, json: OnceLock::new() }
    }

    /// The call's id, for support and logs.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The response, or why there is none.
    pub fn result(&self) -> Result<&Response, &Error> {
        self.result.as_ref()
    }

    /// The response, or why there is none, by value.
    pub fn into_result(self) -> Result<Response, Error> {
        self.result
    }

    /// `request:ok`, or `request:fail ` and the error's detail.
    pub fn err_msg(&self) -> String {
        match &self.result {
            Ok(_) => "request:ok".to_owned(),
            Err(error) => format!("request:fail {error}"),
        }
    }

    /// The result object of the published page as JSON text: the argument of `success` or of `fail`.
    ///
    /// A body that is JSON stands in it to the letter, white space and all; an ArrayBuffer does not
    /// stand in it, see [`array_buffer`](Self::array_buffer). It is built at the first call and kept.
    pub fn json(&self) -> &str {
        self.json.get_or_init(|| match &self.result {
            Ok(response) => success(response, &self.trace),
            Err(error) => self.fail(error),
        })
    }

    /// The bytes that JavaScript gets as `data`, for a success with `responseType: arraybuffer`.
    pub fn array_buffer(&self) -> Option<&bytes::Bytes> {
        match self.result.as_ref().ok()?.data() {
            ResponseData::ArrayBuffer(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn fail(&self, error: &Error) -> String {
        let (err_msg, errno) = (json_text(&self.err_msg()), error.errno());
        let (err_string, trace) = (json_text(errno.err_string()), &self.trace);
        format!(
            r#"{{"errMsg":{err_msg},"errno":{errno},"errString":{err_string},"trace":"{trace}"}}"#
        )
    }
}

fn success(response: &Response, trace: &Trace) -> String {
    let mut json = String::with_capacity(512 + response.body().len());
    json.push_str(&format!(r#"{{"statusCode":{},"header":{{"#, response.status()));
    let fields = response.fields();
    for (i, name) in fields.keys().enumerate() {
        let values: Vec<&str> = fields.get_all(name).iter().map(text_of).collect();
        let comma = if i == 0 { "" } else { "," };
        json.push_str(&format!(
            "{comma}{}:{}",
            json_text(name.as_str()),
            json_text(&values.join(", "))
        ));
    }
    json.push('}');
    match response.data() {
        ResponseData::Json(value) => {
            json.push_str(r#","data":"#);
            json.push_str(value);
        }
        ResponseData::Text(text) => {
            json.push_str(r#","data":"#);
            json.push_str(&json_text(text));
        }
        ResponseData::ArrayBuffer(_) => {}
    }
    let cookies: Vec<String> =
        fields.get_all(SET_COOKIE).iter().map(|line| json_text(text_of(line))).collect();
    json.push_str(&format!(
        r#","cookies":[{}],"trace":"{trace}","errMsg":"request:ok"}}"#,
        cookies.join(",")
    ));
    json
}

fn json_text(text: &str) -> String {
    quoted(text).expect("a string always prints")
}
