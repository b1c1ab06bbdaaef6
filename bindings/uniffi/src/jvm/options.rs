//! The options of a call as they cross from Kotlin.

use std::time::Duration;

use gadget_request::{Data, Redirect, RequestOptions, ResponseType};
use jni::sys::{jint, jlong};

use crate::jvm::texts::Reader;

/// The bits of `flags`.
const PARSE_JSON: jint = 1;
const ARRAY_BUFFER: jint = 2;
const REDIRECT_MANUAL: jint = 4;
const REDIRECT_ERROR: jint = 8;
const DATA_IS_JSON: jint = 16;
const DATA_IS_BYTES: jint = 32;

/// Makes options of what crosses: `texts` are the URL, the method, and names and values by turns.
pub(super) fn options(
    flags: jint,
    timeout: jlong,
    texts: &[u8],
    data: Option<Vec<u8>>,
) -> RequestOptions {
    let has = |bit| flags & bit != 0;
    let mut texts = Reader::new(texts);
    let mut options = RequestOptions::new(texts.next().unwrap_or_default());
    if let Some(method) = texts.next() {
        options = options.method(method);
    }
    while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
        options = options.header(name, value);
    }
    if let Some(data) = data {
        let text = |data| String::from_utf8(data).unwrap_or_default();
        options = options.data(match (has(DATA_IS_BYTES), has(DATA_IS_JSON)) {
            (true, _) => Data::Bytes(data.into()),
            (_, true) => Data::Json(text(data)),
            _ => Data::Text(text(data)),
        });
    }
    if !has(PARSE_JSON) {
        options = options.data_type("text");
    }
    if has(ARRAY_BUFFER) {
        options = options.response_type(ResponseType::ArrayBuffer);
    }
    if let Ok(millis @ 1..) = u64::try_from(timeout) {
        options = options.timeout(Duration::from_millis(millis));
    }
    match (has(REDIRECT_MANUAL), has(REDIRECT_ERROR)) {
        (true, _) => options.redirect(Redirect::Manual),
        (_, true) => options.redirect(Redirect::Error),
        _ => options,
    }
}
