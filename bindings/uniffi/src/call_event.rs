//! What has happened to a call, as it crosses the boundary.

use crate::records::Header;
use crate::timing;

/// What has just happened to one call.
#[derive(uniffi::Record)]
pub struct CallEvent {
    /// The trace of the call.
    pub trace: String,
    /// When: milliseconds since 1970, with microseconds as decimals.
    pub at: f64,
    /// How many events right before this one were lost.
    pub dropped: u64,
    /// What happened.
    pub step: CallStep,
    /// All of it as a JSON object.
    pub json: String,
}

/// The step of a call that an event tells of.
#[derive(uniffi::Enum)]
pub enum CallStep {
    /// The call was started.
    Start {
        /// The method; none if the options cannot be read.
        method: Option<String>,
        /// The URL; none if the options cannot be read.
        url: Option<String>,
    },
    /// The call waits for a place.
    Queued {
        /// How many calls wait before it.
        ahead: u64,
    },
    /// The call got its place.
    Dispatched {
        /// How many calls are in flight, this one among them.
        in_flight: u64,
        /// How many wait.
        queued: u64,
    },
    /// The request got a connection.
    Connection {
        /// It was opened for another call.
        reused: bool,
        /// The address that it leads to.
        peer_ip: Option<String>,
        /// The port of that address.
        port: Option<u16>,
        /// `http1.1` or `h2`.
        protocol: String,
    },
    /// The request is handed to the connection.
    Request {
        /// The method.
        method: String,
        /// The URL.
        url: String,
        /// The header fields.
        headers: Vec<Header>,
        /// How many bytes the body has.
        bytes: u64,
    },
    /// The head of a response is there.
    Head {
        /// The status.
        status: u16,
        /// The header fields.
        headers: Vec<Header>,
    },
    /// The request is sent again.
    Retry {
        /// Why, in short words.
        reason: String,
        /// How many times the call has sent a request again.
        count: u32,
    },
    /// The response leads to another URL.
    Redirect {
        /// The status of the response.
        status: u16,
        /// The URL of the next request.
        url: String,
    },
    /// The call has its outcome.
    End {
        /// The status of the response; none if there is none.
        status: Option<u16>,
        /// Why there is no response.
        failure: Option<CallFailure>,
        /// The profile, as `timing.rs` writes it; none if the call never had a place.
        timing: Option<Vec<u8>>,
    },
}

/// Why a call has no response.
#[derive(uniffi::Record)]
pub struct CallFailure {
    /// The number of the error's group.
    pub errno: u32,
    /// The failure, from the closed list of details.
    pub detail: String,
    /// Why the network failed the call, for engineers; none if it did not.
    pub cause: Option<String>,
}

impl From<&gadget_request::CallEvent> for CallEvent {
    fn from(event: &gadget_request::CallEvent) -> Self {
        Self {
            trace: event.trace().to_string(),
            at: event.at(),
            dropped: event.dropped(),
            step: event.step().into(),
            json: event.to_json(),
        }
    }
}

impl From<&gadget_request::CallStep> for CallStep {
    fn from(step: &gadget_request::CallStep) -> Self {
        use gadget_request::CallStep as Step;
        match step {
            Step::Start { method, url, .. } => {
                Self::Start { method: method.clone(), url: url.clone() }
            }
            Step::Queued { ahead, .. } => Self::Queued { ahead: count(*ahead) },
            Step::Dispatched { in_flight, queued, .. } => {
                Self::Dispatched { in_flight: count(*in_flight), queued: count(*queued) }
            }
            Step::Connection { reused, peer_ip, port, protocol, .. } => Self::Connection {
                reused: *reused,
                peer_ip: peer_ip.map(|address| address.to_string()),
                port: *port,
                protocol: (*protocol).to_owned(),
            },
            Step::Request(request) => Self::Request {
                method: request.method().to_owned(),
                url: request.url().to_owned(),
                headers: fields(request.headers()),
                bytes: request.bytes(),
            },
            Step::Head(head) => {
                Self::Head { status: head.status(), headers: fields(head.headers()) }
            }
            Step::Retry { reason, count, .. } => {
                Self::Retry { reason: reason.clone(), count: *count }
            }
            Step::Redirect { status, url, .. } => {
                Self::Redirect { status: *status, url: url.clone() }
            }
            Step::End { result, cause, timing, .. } => Self::End {
                status: result.as_ref().ok().copied(),
                failure: result.as_ref().err().map(|error| CallFailure {
                    errno: error.errno().code(),
                    detail: error.to_string(),
                    cause: cause.as_ref().map(ToString::to_string),
                }),
                timing: timing.as_deref().map(timing::bytes),
            },
            _ => unreachable!("these are all steps; a test goes through them"),
        }
    }
}

fn count(calls: usize) -> u64 {
    calls as u64 // it fits: no usize is wider
}

fn fields<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Header> {
    fields.map(|(name, value)| Header { name: name.to_owned(), value: value.to_owned() }).collect()
}
