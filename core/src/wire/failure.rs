//! From what the network stack reports to the one error of docs/contract.md#4-result that it is.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError;

use crate::error::{Error, TlsFailure};
use crate::wire::trust::PinMismatch;

/// How far a call had come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Until the response's head was there.
    Head,
    /// While its body came.
    Body,
}

/// The error behind an error: the first of its causes that says something.
pub(crate) fn classify(error: &(dyn StdError + 'static), phase: Phase) -> Error {
    let nothing_known =
        if phase == Phase::Body { Error::BodyCutShort } else { Error::ConnectionFailed };
    causes(error).find_map(|cause| known(cause, phase)).unwrap_or(nothing_known)
}

/// An error and its causes, those that hide inside an `io::Error` too.
fn causes<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let hidden = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        hidden.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
    })
}

fn known(cause: &(dyn StdError + 'static), phase: Phase) -> Option<Error> {
    // What failed while connecting has its name already.
    if let Some(error) = cause.downcast_ref::<Error>() {
        return Some(error.clone());
    }
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return match () {
            // An HTTP/2 connection that no longer answers.
            () if error.is_timeout() => Some(Error::Timeout),
            () if error.is_parse_too_large() => Some(Error::HeadTooLarge),
            () if error.is_parse() => Some(Error::ProtocolError),
            () => None,
        };
    }
    if let Some(error) = cause.downcast_ref::<h2::Error>() {
        return h2(error);
    }
    cause.downcast_ref::<io::Error>().and_then(|error| io(error, phase))
}

/// Whether a connection broke before it brought anything of a response: the server may have closed it just as
/// it was used again. An HTTP/2 stream that the server reset is an answer, of a kind.
pub(crate) fn is_lost_connection(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        let by_hyper = cause.downcast_ref::<hyper::Error>().is_some_and(|error| {
            error.is_incomplete_message() || error.is_canceled() || error.is_closed()
        });
        let by_system = cause.downcast_ref::<io::Error>().is_some_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::NotConnected
                    | io::ErrorKind::UnexpectedEof // TLS that ends without close_notify
            )
        });
        by_hyper || by_system
    })
}

/// Whether what came is no HTTP: bytes that a server had left over from the response before, perhaps.
pub(crate) fn is_no_http(error: &hyper::Error) -> bool {
    error.is_parse() && !error.is_parse_too_large()
}

/// Whether a connection ended because its server sent something that nobody had asked for. hyper has no question for
/// that: it is what is left of the errors that have no cause.
pub(crate) fn is_left_over(error: &hyper::Error) -> bool {
    let is_other = error.is_parse()
        || error.is_incomplete_message()
        || error.is_canceled()
        || error.is_closed()
        || error.is_timeout();
    error.source().is_none() && !is_other
}

/// Whether the server says that it never looked at the request (RFC 9113 section 8.7).
pub(crate) fn is_unprocessed(error: &(dyn StdError + 'static)) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<h2::Error>()).any(|error| {
        error.is_remote()
            && ((error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR))
                || (error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)))
    })
}

fn h2(error: &h2::Error) -> Option<Error> {
    if !error.is_library() {
        return None;
    }
    // How h2 itself refuses a head over the list size, and one in too many frames.
    let too_large = [h2::Reason::REFUSED_STREAM, h2::Reason::ENHANCE_YOUR_CALM];
    let refused = error.reason().is_some_and(|reason| too_large.contains(&reason));
    Some(if refused { Error::HeadTooLarge } else { Error::ProtocolError })
}

fn io(error: &io::Error, phase: Phase) -> Option<Error> {
    if error.kind() == io::ErrorKind::TimedOut {
        return Some(Error::Timeout); // the system has given up
    }
    // hyper's words for a broken chunk.
    let broken = matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
    (broken && phase == Phase::Body).then_some(Error::ProtocolError)
}

/// What of TLS it was that failed.
pub(crate) fn tls(error: &rustls::Error) -> TlsFailure {
    let rustls::Error::InvalidCertificate(error) = error else {
        return TlsFailure::HandshakeFailed;
    };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            TlsFailure::CertificateExpired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsFailure::CertificateNotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsFailure::WrongHost
        }
        CertificateError::UnknownIssuer => TlsFailure::UnknownIssuer,
        CertificateError::Revoked => TlsFailure::Revoked,
        CertificateError::Other(other) if other.0.is::<PinMismatch>() => TlsFailure::PinMismatch,
        _ => TlsFailure::BadCertificate,
    }
}
