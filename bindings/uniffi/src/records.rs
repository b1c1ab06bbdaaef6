//! The values that cross the boundary: the options of a call, and its outcome.

use std::time::Duration;

use gadget_request::{Redirect, RequestOptions, Response, ResponseType};

use crate::timing;

/// The options of a call. They are not checked here; the engine checks them.
#[derive(uniffi::Record)]
pub struct RequestRecord {
    /// The URL.
    pub url: String,
    /// The method; none means GET.
    pub method: Option<String>,
    /// The headers, in order.
    pub headers: Vec<Header>,
    /// The data to send.
    pub data: Option<Data>,
    /// Parse a text body as JSON: `dataType` is `json`.
    pub parse_json: bool,
    /// The result is bytes: `responseType` is `arraybuffer`.
    pub array_buffer: bool,
    /// The timeout in milliseconds; none means the client's default.
    pub timeout_ms: Option<u64>,
    /// `follow`, `manual` or `error`; none means `follow`.
    pub redirect: Option<String>,
    /// The body comes as chunks: `enableChunked`.
    pub enable_chunked: bool,
}

/// A header field.
#[derive(uniffi::Record)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The data to send.
#[derive(uniffi::Enum)]
pub enum Data {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// The JSON text of an object or array.
    Json {
        /// The JSON text. A JSON body is exactly this text.
        json: String,
    },
    /// Bytes.
    Bytes {
        /// The bytes, sent unchanged.
        bytes: Vec<u8>,
    },
}

/// The response to a call.
#[derive(uniffi::Record)]
pub struct ResponseRecord {
    /// The trace of the call.
    pub trace: String,
    /// The HTTP status.
    pub status: u16,
    /// The header fields in order, with names in lower case. A repeated field appears repeatedly.
    pub headers: Vec<Header>,
    /// The body after content-decoding.
    pub body: Vec<u8>,
    /// The body after charset decoding; none if an ArrayBuffer was asked for.
    pub text: Option<String>,
    /// The text, if it is one JSON value and `parse_json` was set.
    pub json: Option<String>,
    /// The profile, as `timing.rs` writes it.
    pub timing: Option<Vec<u8>>,
}

/// How a call ended.
#[derive(uniffi::Enum)]
pub enum Outcome {
    /// The server answered.
    Success {
        /// The response.
        response: ResponseRecord,
    },
    /// There is no response.
    Fail {
        /// The number of the error's group.
        errno: u32,
        /// The words of the error's group.
        err_string: String,
        /// The failure, from the closed list of details.
        detail: String,
        /// The trace of the call.
        trace: String,
        /// Why the network failed the call, for engineers; none if it did not.
        cause: Option<String>,
        /// The profile, as `timing.rs` writes it; none if the call never had a place.
        timing: Option<Vec<u8>>,
    },
}

/// The result object of a call, for JavaScript engines.
#[derive(uniffi::Record)]
pub struct InvokeResult {
    /// True for the argument of `success`, false for the argument of `fail`.
    pub is_success: bool,
    /// The object as JSON.
    pub json: String,
    /// The bytes of `data` if it is an ArrayBuffer; else none.
    pub array_buffer: Option<Vec<u8>>,
}

/// A configuration was refused.
#[derive(Debug, uniffi::Error)]
pub enum ConfigFailure {
    /// The only kind.
    Invalid {
        /// A sentence that names the field.
        reason: String,
    },
}

impl std::fmt::Display for ConfigFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Invalid { reason } = self;
        f.write_str(reason)
    }
}

impl From<RequestRecord> for RequestOptions {
    fn from(record: RequestRecord) -> Self {
        let mut options = RequestOptions::new(record.url);
        if let Some(method) = record.method {
            options = options.method(method);
        }
        for Header { name, value } in record.headers {
            options = options.header(name, value);
        }
        if let Some(data) = record.data {
            options = options.data(match data {
                Data::Text { text } => gadget_request::Data::Text(text),
                Data::Json { json } => gadget_request::Data::Json(json),
                Data::Bytes { bytes } => gadget_request::Data::Bytes(bytes.into()),
            });
        }
        if !record.parse_json {
            options = options.data_type("text");
        }
        if record.array_buffer {
            options = options.response_type(ResponseType::ArrayBuffer);
        }
        if record.enable_chunked {
            options = options.enable_chunked(true);
        }
        if let Some(millis) = record.timeout_ms {
            options = options.timeout(Duration::from_millis(millis));
        }
        match record.redirect.as_deref() {
            Some("manual") => options.redirect(Redirect::Manual),
            Some("error") => options.redirect(Redirect::Error),
            _ => options,
        }
    }
}

impl ResponseRecord {
    fn new(response: &Response, trace: String, timing: Option<Vec<u8>>) -> Self {
        use gadget_request::ResponseData;
        let (text, json) = match response.data() {
            ResponseData::Text(text) => (Some(text.to_owned()), None),
            ResponseData::Json(json) => (Some(response.text().to_string()), Some(json.to_owned())),
            ResponseData::ArrayBuffer(_) => (None, None),
        };
        let fields = response.headers();
        Self {
            trace,
            status: response.status(),
            headers: fields
                .map(|(name, value)| Header { name: name.to_owned(), value: value.to_owned() })
                .collect(),
            body: response.body().to_vec(),
            text,
            json,
            timing,
        }
    }
}

impl From<&gadget_request::Outcome> for Outcome {
    fn from(outcome: &gadget_request::Outcome) -> Self {
        let trace = outcome.trace().to_string();
        let timing = outcome.timing().map(timing::bytes);
        match outcome.result() {
            Ok(response) => {
                Self::Success { response: ResponseRecord::new(response, trace, timing) }
            }
            Err(error) => Self::Fail {
                errno: error.errno().code(),
                err_string: error.errno().err_string().to_owned(),
                detail: error.to_string(),
                trace,
                cause: outcome.cause().map(ToString::to_string),
                timing,
            },
        }
    }
}

impl From<&gadget_request::Outcome> for InvokeResult {
    fn from(outcome: &gadget_request::Outcome) -> Self {
        Self {
            is_success: outcome.result().is_ok(),
            json: outcome.json().to_owned(),
            array_buffer: outcome.array_buffer().map(|bytes| bytes.to_vec()),
        }
    }
}
