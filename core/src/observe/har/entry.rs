//! One request and its response, as they are kept for a HAR.

use http::HeaderMap;

use crate::cause::Cause;
use crate::error::Error;
use crate::observe::har::body::Kept;
use crate::response::response_head::ResponseHead;
use crate::timing::{CallMoment, Timing};
use crate::trace::Trace;

/// One request of a call, and its response if there was one.
pub(super) struct Exchange {
    pub(super) trace: Trace,
    /// In microseconds since 1970, like `ended`. The first exchange of a call begins in the queue.
    pub(super) begun: u64,
    pub(super) ended: u64,
    /// The bytes that came for the exchanges of the call before this one.
    pub(super) received_before: u64,
    pub(super) method: String,
    pub(super) url: String,
    /// As they were sent last. Every value is UTF-8.
    pub(super) headers: HeaderMap,
    pub(super) asked: Kept,
    pub(super) head: Option<ResponseHead>,
    pub(super) answered: Kept,
    pub(super) timing: Option<Box<Timing>>,
    pub(super) failure: Option<(Error, Option<Cause>)>,
}

/// How long the phases of an exchange took, in microseconds. Together they are the whole time; TLS
/// is a part of `connect`.
#[derive(Debug, PartialEq)]
pub(super) struct Phases {
    /// In the queue, and until the request had a connection.
    pub(super) blocked: u64,
    pub(super) dns: Option<u64>,
    pub(super) connect: Option<u64>,
    pub(super) ssl: Option<u64>,
    pub(super) send: u64,
    pub(super) wait: u64,
    pub(super) receive: u64,
}

impl Exchange {
    pub(super) fn new(trace: Trace, begun: u64, method: &str, url: &str) -> Self {
        Self {
            trace,
            begun,
            ended: begun,
            received_before: 0,
            method: method.to_owned(),
            url: url.to_owned(),
            headers: HeaderMap::new(),
            asked: Kept::default(),
            head: None,
            answered: Kept::default(),
            timing: None,
            failure: None,
        }
    }

    /// The length of the decoded body, also of one that came as chunks.
    pub(super) fn decoded(&self) -> u64 {
        let decoded = self.timing.as_ref().and_then(|timing| timing.decoded_bytes());
        decoded.unwrap_or(self.answered.whole)
    }

    /// The bytes that came for it, with heads.
    pub(super) fn received(&self) -> Option<u64> {
        let received = self.timing.as_ref()?.received_bytes_count()?;
        Some(received.saturating_sub(self.received_before))
    }

    pub(super) fn phases(&self) -> Phases {
        use CallMoment::*;
        let at = |moment| self.timing.as_ref()?.micros(moment);
        let between = |start, end| Some(at(end)?.saturating_sub(at(start)?));
        let end = at(ResponseEnd).unwrap_or(self.ended).max(self.begun);
        // An early answer comes before the request's end.
        let answer = at(ResponseStart);
        let sent = at(RequestEnd).or(answer).unwrap_or(end).min(answer.unwrap_or(end));
        let (dns, connect) =
            (between(DomainLookUpStart, DomainLookUpEnd), between(ConnectStart, ConnectEnd));
        let send = at(RequestStart).map_or(0, |start| sent.saturating_sub(start));
        let wait = at(RequestStart).map_or(0, |_| answer.unwrap_or(end).saturating_sub(sent));
        let receive = answer.map_or(0, |answer| end.saturating_sub(answer));
        let known = dns.unwrap_or(0) + connect.unwrap_or(0) + send + wait + receive;
        Phases {
            blocked: (end - self.begun).saturating_sub(known),
            dns,
            connect,
            ssl: between(SslConnectionStart, SslConnectionEnd),
            send,
            wait,
            receive,
        }
    }
}

impl Phases {
    /// The whole time.
    pub(super) fn sum(&self) -> u64 {
        let first = self.blocked + self.dns.unwrap_or(0) + self.connect.unwrap_or(0);
        first + self.send + self.wait + self.receive
    }
}
