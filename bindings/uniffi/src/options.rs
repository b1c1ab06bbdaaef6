//! The options of a call as they cross from Kotlin and Swift.

use std::time::Duration;

use gadget_request::{Data, Redirect, RequestOptions, ResponseType};

use crate::texts::Reader;

/// The bits of `flags`.
const PARSE_JSON: i32 = 1;
const ARRAY_BUFFER: i32 = 2;
const REDIRECT_MANUAL: i32 = 4;
const REDIRECT_ERROR: i32 = 8;
const DATA_IS_JSON: i32 = 16;
const DATA_IS_BYTES: i32 = 32;
/// Only where no data and no bytes look alike.
pub(crate) const HAS_DATA: i32 = 64;
const ENABLE_CHUNKED: i32 = 128;

/// Makes options of what crosses: `texts` are the URL, the method, and names and values by turns.
pub(crate) fn options(
    flags: i32,
    timeout: i64,
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
    if has(ENABLE_CHUNKED) {
        options = options.enable_chunked(true);
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
