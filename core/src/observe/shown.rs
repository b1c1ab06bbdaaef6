//! What only an inspector is shown: bodies and result objects, as further members of an event.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;
use crate::options::request::Request;
use crate::response::Response;
use crate::response::response_head::write_text;

/// `body`, or `bodyBase64` if it is no text. A longer one is left out; the event has its length.
pub(super) fn request(request: &Request, max: usize) -> Option<String> {
    let body = request.body().filter(|body| !body.is_empty() && body.len() <= max)?;
    Some(match std::str::from_utf8(body) {
        Ok(text) => member("body", text),
        Err(_) => member("bodyBase64", &STANDARD.encode(body)),
    })
}

/// `result`: the result object. If the body is longer, the object has no `data`, and `bodyStart` is
/// where the body begins.
pub(super) fn result(
    result: Result<&Response, &Error>,
    object: String,
    max: usize,
) -> Option<String> {
    // White space within a JSON body may have line breaks, which end the event here. JSON strings
    // have none.
    let mut members = format!(r#","result":{}"#, object.replace(['\n', '\r'], " "));
    if let Ok(response) = result
        && response.body().len() > max
    {
        let start = String::from_utf8_lossy(&response.body()[..max]);
        members.push_str(&member("bodyStart", &start));
    }
    Some(members)
}

fn member(name: &str, text: &str) -> String {
    let mut json = format!(",\"{name}\":").into_bytes();
    write_text(&mut json, text);
    String::from_utf8(json).expect("texts make a text")
}
