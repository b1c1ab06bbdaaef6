//! Maps what the network stack reports to one of the errors of docs/contract.md#4-result.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError;

use crate::cause::{Cause, CausePhase, Failure, chain};
use crate::error::{Error, TlsFailure};
use crate::wire::trust::PinMismatch;

/// How far a request has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The head of the response has not arrived.
    Head,
    /// The body of the response arrives.
    Body,
}

/// Returns the error of the contract behind an error: the one that the first known cause stands
/// for.
pub(crate) fn classify(error: &hyper::Error, phase: Phase) -> Failure {
    let known = chain(error).find_map(|cause| classify_one(cause, phase));
    let failed = known.unwrap_or(match phase {
        Phase::Head => Error::ConnectionFailed,
        Phase::Body => Error::BodyCutShort,
    });
    let has_answered =
        phase == Phase::Body || matches!(failed, Error::HeadTooLarge | Error::ProtocolError);
    let cause_phase = if has_answered { CausePhase::Receive } else { CausePhase::Send };
    Failure::new(failed, Cause::of(cause_phase, error))
}

fn classify_one(cause: &(dyn StdError + 'static), phase: Phase) -> Option<Error> {
    // The engine's own layers have classified their errors already.
    if let Some(error) = cause.downcast_ref::<Error>() {
        return Some(error.clone());
    }
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return if error.is_timeout() {
            Some(Error::Timeout) // an HTTP/2 connection that no longer answers
        } else if error.is_parse_too_large() {
            Some(Error::HeadTooLarge)
        } else {
            error.is_parse().then_some(Error::ProtocolError)
        };
    }
    if let Some(error) = cause.downcast_ref::<h2::Error>() {
        return h2(error);
    }
    cause.downcast_ref::<io::Error>().and_then(|error| io(error, phase))
}

/// Returns true if a connection broke before it brought any part of a response: the server may have
/// closed it just when it was used again. A reset of an HTTP/2 stream does not count, because the
/// server has seen that request.
pub(crate) fn is_lost_connection(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|cause| {
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

/// Returns true if the bytes that arrived are not HTTP. They can be left over from the previous
/// response.
pub(crate) fn is_not_http(error: &hyper::Error) -> bool {
    error.is_parse() && !error.is_parse_too_large()
}

/// Returns true if a connection ended because its server sent bytes that no request had asked for.
/// hyper has no test for that: it is the one error without a cause that no other test matches.
pub(crate) fn is_left_over(error: &hyper::Error) -> bool {
    let is_other = error.is_parse()
        || error.is_incomplete_message()
        || error.is_canceled()
        || error.is_closed()
        || error.is_timeout();
    error.source().is_none() && !is_other
}

/// Returns true if the server reports that it did not process the request (RFC 9113 section 8.7).
pub(crate) fn is_unprocessed(error: &(dyn StdError + 'static)) -> bool {
    chain(error).filter_map(|cause| cause.downcast_ref::<h2::Error>()).any(|error| {
        error.is_remote()
            && ((error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR))
                || (error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)))
    })
}

fn h2(error: &h2::Error) -> Option<Error> {
    if !error.is_library() {
        return None;
    }
    // h2's own reasons for a head over the list size, and for one in too many frames.
    let too_large = [h2::Reason::REFUSED_STREAM, h2::Reason::ENHANCE_YOUR_CALM];
    let refused = error.reason().is_some_and(|reason| too_large.contains(&reason));
    Some(if refused { Error::HeadTooLarge } else { Error::ProtocolError })
}

fn io(error: &io::Error, phase: Phase) -> Option<Error> {
    if error.kind() == io::ErrorKind::TimedOut {
        return Some(Error::Timeout); // the system's own limit, which is shorter than the call's
    }
    // How hyper reports a broken chunk.
    let broken = matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
    (broken && phase == Phase::Body).then_some(Error::ProtocolError)
}

/// Returns the failure of a server that has refused the client in the handshake, after the client's
/// side of it had ended (RFC 8446 section 4.4.2.4).
pub(crate) fn refusal(error: &io::Error) -> Option<Failure> {
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let is_refusal = matches!(error, rustls::Error::AlertReceived(_));
    let failed = Error::Tls(TlsFailure::HandshakeFailed);
    is_refusal.then(|| Failure::new(failed, Cause::of(CausePhase::Tls, error)))
}

/// Returns why TLS failed.
pub(crate) fn tls(error: &rustls::Error) -> TlsFailure {
    let error = match error {
        rustls::Error::InvalidCertificate(error) => error,
        // A list that the issuer has not signed: nobody knows what is revoked.
        rustls::Error::InvalidCertRevocationList(_) => return TlsFailure::BadCertificate,
        _ => return TlsFailure::HandshakeFailed,
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
