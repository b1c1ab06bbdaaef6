//! What crosses the boundary by value: one record in, one out.

use std::time::Duration;

use gadget_request::{Outcome, Redirect, RequestOptions, Response, ResponseType};

/// The options of a call, typed. They are as loose as JSON ones: the engine checks them.
#[derive(uniffi::Record)]
pub struct RequestRecord {
    /// The URL.
    pub url: String,
    /// The method; none: GET.
    pub method: Option<String>,
    /// The headers, in order.
    pub headers: Vec<Header>,
    /// What to send.
    pub data: Option<Data>,
    /// `false`: a JSON body stays text (`dataType` other than `json`).
    pub parse_json: bool,
    /// `true`: `responseType` is `arraybuffer`.
    pub array_buffer: bool,
    /// Milliseconds; none: the client's default.
    pub timeout_ms: Option<u64>,
    /// `follow`, `manual` or `error`; none: `follow`.
    pub redirect: Option<String>,
}

/// A header field.
#[derive(uniffi::Record)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What to send.
#[derive(uniffi::Enum)]
pub enum Data {
    /// Text.
    Text {
        /// As it stands.
        text: String,
    },
    /// The JSON text of an object or array.
    Json {
        /// As it stands.
        json: String,
    },
    /// Bytes.
    Bytes {
        /// As they are.
        bytes: Vec<u8>,
    },
}

/// The response to a call.
#[derive(uniffi::Record)]
pub struct ResponseRecord {
    /// The call's id.
    pub trace: String,
    /// The HTTP status.
    pub status: u16,
    /// The header fields in order, names in lower case; one that repeats stands repeatedly.
    pub headers: Vec<Header>,
    /// The body after content-decoding.
    pub body: Vec<u8>,
    /// The body after charset decoding; none where an ArrayBuffer was asked for.
    pub text: Option<String>,
    /// The JSON value that the text is, if it is one and was to be parsed.
    pub json: Option<String>,
}

/// What a call came to, for completions.
#[derive(uniffi::Enum)]
pub enum Verdict {
    /// A response came.
    Success {
        /// The response.
        response: ResponseRecord,
    },
    /// None came.
    Fail {
        /// The number of the group.
        errno: u32,
        /// The words of the group.
        err_string: String,
        /// What it was.
        detail: String,
        /// The call's id.
        trace: String,
    },
}

/// The result object of a call, for JavaScript engines.
#[derive(uniffi::Record)]
pub struct InvokeResult {
    /// Whether it is the argument of `success`, not of `fail`.
    pub is_success: bool,
    /// The object as JSON.
    pub json: String,
    /// Its `data`, where that is an ArrayBuffer.
    pub array_buffer: Option<Vec<u8>>,
}

/// A configuration that cannot be.
#[derive(Debug, uniffi::Error)]
pub enum ConfigFailure {
    /// The one kind there is.
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
    fn new(response: &Response, trace: String) -> Self {
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
        }
    }
}

pub(crate) fn verdict(outcome: &Outcome) -> Verdict {
    let trace = outcome.trace().to_string();
    match outcome.result() {
        Ok(response) => Verdict::Success { response: ResponseRecord::new(response, trace) },
        Err(error) => Verdict::Fail {
            errno: error.errno().code(),
            err_string: error.errno().err_string().to_owned(),
            detail: error.to_string(),
            trace,
        },
    }
}

pub(crate) fn invoke_result(outcome: &Outcome) -> InvokeResult {
    InvokeResult {
        is_success: outcome.result().is_ok(),
        json: outcome.json().to_owned(),
        array_buffer: outcome.array_buffer().map(|bytes| bytes.to_vec()),
    }
}
