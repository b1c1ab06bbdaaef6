//! Frames of HTTP/2 for servers that break the rules.
#![allow(dead_code, reason = "each test file uses its own part")]

use gadget_test_server::frame;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// `:status: 200` from HPACK's static table, and a content-length if one is given.
pub(crate) fn head(length: Option<&str>) -> Vec<u8> {
    let mut block = vec![0x88];
    if let Some(length) = length {
        block.extend([0x0f, 0x0d, u8::try_from(length.len()).expect("digits")]);
        block.extend(length.bytes());
    }
    block
}

/// A complete response.
pub(crate) fn ok(stream: u32) -> Vec<u8> {
    let head = frame(HEADERS, END_HEADERS, stream, &head(Some("2")));
    [head, frame(DATA, END_STREAM, stream, b"ok")].concat()
}

pub(crate) fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// GOAWAY: the server processed no later stream than this.
pub(crate) fn go_away(last: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), [0; 4]].concat())
}

/// This many frames of a kind that costs work and is not a response.
pub(crate) fn flood(kind: usize, stream: u32, count: usize) -> Vec<u8> {
    let one = match kind {
        0 => frame(PING, 0, 0, &[0; 8]),
        1 => frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0xff, 0xff]), // a window of 65,535
        2 => frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()),
        3 => frame(WINDOW_UPDATE, 0, stream, &1_u32.to_be_bytes()),
        4 => frame(CONTINUATION, 0, stream, &[]),
        5 => reset(stream, 8),
        6 => frame(DATA, 0, stream, &[]),
        7 => frame(2, 0, stream, &[0, 0, 0, 0, 16]), // a priority
        _ => frame(0xbe, 0, stream, b"a kind that nobody knows"),
    };
    let many = one.repeat(count);
    match kind {
        4 => [frame(HEADERS, 0, stream, &head(None)), many].concat(),
        6 => [frame(HEADERS, END_HEADERS, stream, &head(None)), many].concat(),
        _ => many,
    }
}

/// The kinds of floods.
pub(crate) const FLOODS: usize = 9;
