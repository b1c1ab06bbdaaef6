//! A case: the options that go in, and the request or the result that must come out.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_test_server::Server;
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::compare::{repeated, same, same_json};
use crate::face::Answer;

/// One request, and what must come out.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    options_json: String,
    bytes_base64: Option<String>,
    #[serde(default)]
    pub(crate) text_only: bool,
    /// The request, as the server must have received it.
    expect: Option<Expect>,
    /// Members that the fail object must have. Nothing must have been sent.
    fail: Option<BTreeMap<String, Value>>,
    /// The server's answer at `{raw}`: text, or bytes.
    raw: Option<String>,
    raw_base64: Option<String>,
    /// The exact result object, with TRACE in place of the trace.
    result_json: Option<String>,
    array_buffer_base64: Option<String>,
}

#[derive(Deserialize)]
struct Expect {
    method: String,
    target: String,
    content_type: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body_base64: Option<String>,
}

/// The member that every result object has.
#[derive(Deserialize)]
struct Traced<'a> {
    trace: &'a str,
}

pub(crate) enum Verdict {
    Passed,
    /// The face cannot express this case.
    Skipped,
}

impl Case {
    pub(crate) fn options(&self, server: &Server) -> String {
        let raw = self.raw.as_ref().map(|text| STANDARD.encode(text)).or(self.raw_base64.clone());
        let base64: String = byte_serialize(raw.unwrap_or_default().as_bytes()).collect();
        repeated(&self.options_json)
            .replace("{raw}", &format!("{}/raw?base64={base64}", server.http()))
            .replace("{base}", &server.http())
            .replace("{https}", &server.https())
    }

    pub(crate) fn bytes(&self) -> Result<Option<Vec<u8>>, String> {
        let bytes = self.bytes_base64.as_ref().map(|base64| STANDARD.decode(base64)).transpose();
        bytes.map_err(|error| format!("bytes_base64: {error}"))
    }

    /// Compares a result and the server's record with this case. `parsed`: the face's results have
    /// passed through a JSON parser, so only their values must be equal.
    pub(crate) fn judge(
        &self,
        answer: &Answer,
        parsed: bool,
        server: &Server,
        sent_before: u64,
    ) -> Result<Verdict, String> {
        let wrong = |error: serde_json::Error| format!("{error} in {}", answer.json);
        let Traced { trace } = serde_json::from_str(&answer.json).map_err(wrong)?;
        if let Some(expect) = &self.expect {
            let received = server
                .received(trace)
                .ok_or_else(|| format!("nothing was sent: {}", answer.json))?;
            same("method", &received.method, &expect.method)?;
            same("target", &received.target, &repeated(&expect.target))?;
            let content_type: Vec<&str> = received.header_all("content-type").collect();
            same("content-type", &content_type.join(" and "), &expect.content_type)?;
            for (name, value) in &expect.headers {
                same(name, received.header(name).unwrap_or_default(), &repeated(value))?;
            }
            let body = STANDARD.encode(&received.body);
            same("body", &body, expect.body_base64.as_deref().unwrap_or_default())?;
        }
        if let Some(fail) = &self.fail {
            let result: Value = serde_json::from_str(&answer.json).map_err(wrong)?;
            for (name, value) in fail {
                same(name, &result[name].to_string(), &value.to_string())?;
            }
            same("requests sent", &server.total().to_string(), &sent_before.to_string())?;
        }
        if let Some(expected) = &self.result_json {
            let text = answer.json.replace(trace, "TRACE");
            let compare = if parsed { same_json } else { same };
            compare("result", &text, expected)?;
            let buffer = answer.array_buffer.as_ref().map(|bytes| STANDARD.encode(bytes));
            let expected = self.array_buffer_base64.clone();
            same("ArrayBuffer", &format!("{buffer:?}"), &format!("{expected:?}"))?;
        }
        Ok(Verdict::Passed)
    }
}
