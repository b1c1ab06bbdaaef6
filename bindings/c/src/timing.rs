//! The profile of a request: when its phases began and ended, and what it moved. A request that
//! never got its place in flight has none.

use std::net::IpAddr;

use gadget_request::{CallMoment, Timing};

use crate::guard::put;
use crate::result::{Held, gadget_result, read};
use crate::slice::gadget_slice;
use crate::status::gadget_status::{self, GADGET_NULL_ARGUMENT};

/// The moments of a request, for gadget_result_get_moment, in the order of the
/// result object's `profile`. All from GADGET_DOMAIN_LOOK_UP_START on are those
/// of the last request that was sent: of the last redirect's, or of the one
/// that was sent again.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum gadget_moment {
    /// The request was started.
    GADGET_INVOKE_START = 0,
    /// It came into the queue.
    GADGET_QUEUE_START = 1,
    /// It got its place: at the same moment, if one was free.
    GADGET_QUEUE_END = 2,
    /// The last request was begun: a connection was looked for.
    GADGET_FETCH_START = 3,
    /// The first request was begun, if a redirect was followed.
    GADGET_REDIRECT_START = 4,
    /// The last redirect's request was begun.
    GADGET_REDIRECT_END = 5,
    /// The name service, or your resolver, was asked for the host.
    GADGET_DOMAIN_LOOK_UP_START = 6,
    /// It had answered.
    GADGET_DOMAIN_LOOK_UP_END = 7,
    /// A TCP connection was begun.
    GADGET_CONNECT_START = 8,
    /// The connection was ready, with its TLS and a proxy's tunnel.
    GADGET_CONNECT_END = 9,
    /// The TLS handshake was begun; of two, through a proxy with TLS, the
    /// server's.
    GADGET_SSL_CONNECTION_START = 10,
    /// It had succeeded.
    GADGET_SSL_CONNECTION_END = 11,
    /// The connection took the first byte of the request.
    GADGET_REQUEST_START = 12,
    /// It had taken the last one.
    GADGET_REQUEST_END = 13,
    /// The head of the response was there.
    GADGET_RESPONSE_START = 14,
    /// The last byte of its body was there.
    GADGET_RESPONSE_END = 15,
}

/// The counts of a request, for gadget_result_get_count.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum gadget_count {
    /// The bytes of heads and bodies that the connections took, after TLS, for
    /// all requests of the call, redirects and repeats included. Over HTTP/2:
    /// its HEADERS, CONTINUATION and DATA frames.
    GADGET_SEND_BYTES_COUNT = 0,
    /// The bytes that came, counted the same.
    GADGET_RECEIVED_BYTES_COUNT = 1,
    /// The bytes of the body after content decoding, if it was read to its end.
    GADGET_DECODED_BYTES = 2,
    /// How many redirects were followed.
    GADGET_REDIRECT_COUNT = 3,
    /// How many requests were sent again, because a server or a connection had
    /// lost them.
    GADGET_RETRY_COUNT = 4,
}

fn timing(held: &Held) -> Option<&Timing> {
    held.outcome.timing()
}

/// Gets when a moment of the request was, one of gadget_moment: milliseconds
/// since 1970, with microseconds as decimals. The times of a request never run
/// backwards, even if the wall clock is set. GADGET_NOT_AVAILABLE for a moment
/// that was not reached, for a phase that belongs to another request's
/// connection, and for all moments of a request that never got its place. A
/// phase without its end is the one that a request failed in.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_moment(
    result: *const gadget_result,
    moment: u32,
    milliseconds: *mut f64,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, milliseconds, |held| timing(held)?.at(*CallMoment::ALL.get(moment as usize)?))
    }
}

/// Gets a count of the request, one of gadget_count. GADGET_NOT_AVAILABLE if it
/// never got its place, for the bytes if it got no connection, and for
/// GADGET_DECODED_BYTES unless it has a response.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_count(
    result: *const gadget_result,
    count: u32,
    value: *mut u64,
) -> gadget_status {
    use gadget_count::*;
    let get = |timing: &Timing| match count {
        it if it == GADGET_SEND_BYTES_COUNT as u32 => timing.send_bytes_count(),
        it if it == GADGET_RECEIVED_BYTES_COUNT as u32 => timing.received_bytes_count(),
        it if it == GADGET_DECODED_BYTES as u32 => timing.decoded_bytes(),
        it if it == GADGET_REDIRECT_COUNT as u32 => Some(timing.redirect_count().into()),
        it if it == GADGET_RETRY_COUNT as u32 => Some(timing.retry_count().into()),
        _ => None,
    };
    // SAFETY: the caller promises that the place can be written to.
    unsafe { read(result, value, |held| get(timing(held)?)) }
}

/// Gets the address and the port that the last request's connection leads to:
/// the server's, or the proxy's. GADGET_NOT_AVAILABLE if there was no
/// connection.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_peer(
    result: *const gadget_result,
    ip: *mut gadget_slice,
    port: *mut u16,
) -> gadget_status {
    if ip.is_null() {
        return GADGET_NULL_ARGUMENT;
    }
    // SAFETY: the caller promises that both places can be written to. Both are or neither is.
    unsafe {
        read(result, port, |held| {
            let (address, port) = (timing(held)?.peer_ip()?, timing(held)?.port()?);
            let text = held.peer.get_or_init(|| IpAddr::to_string(&address));
            put(ip, gadget_slice::of(text.as_bytes())).ok()?;
            Some(port)
        })
    }
}

/// Gets the protocol of the last request's connection: `http1.1` or `h2`.
/// GADGET_NOT_AVAILABLE if it got none.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_protocol(
    result: *const gadget_result,
    protocol: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, protocol, |held| Some(gadget_slice::of(timing(held)?.protocol()?.as_bytes())))
    }
}

/// Gets true if the last request's connection was opened for an earlier
/// request, or for another one that shares it. GADGET_NOT_AVAILABLE if it got
/// none.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_socket_reused(
    result: *const gadget_result,
    socket_reused: *mut bool,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe { read(result, socket_reused, |held| timing(held)?.socket_reused()) }
}
