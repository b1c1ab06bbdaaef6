//! The profile of a call: when its phases began and ended, and what went over the wire.

pub(crate) mod flow;
pub(crate) mod profile;
pub(crate) mod recorder;

use std::net::{IpAddr, SocketAddr};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// When the phases of a call began and ended, and what went over the wire
/// (docs/contract.md#4-result).
///
/// Every call that got a place in flight has one, also if it fails: it then has the phases that
/// happened. A phase without an end is the one that the call failed in, or that was under way when
/// it ended. What did not happen, or belongs to another call's connection, is absent.
///
/// Times are milliseconds since 1970, with microseconds as decimals. They come from one monotonic
/// clock, laid over the wall clock when the call started: they never run backwards, and may differ
/// from a wall clock that was set meanwhile.
///
/// ```
/// # let server = gadget_test_server::Server::start()?;
/// # let url = format!("{}/bytes/1000", server.http());
/// use gadget_request::{CallMoment, Client, RequestOptions};
///
/// let outcome = pollster::block_on(Client::default().request(RequestOptions::new(url)));
/// let timing = outcome.timing().expect("it got a place");
/// let [start, end] = [CallMoment::RequestStart, CallMoment::ResponseEnd].map(|it| timing.at(it));
/// assert!(start.unwrap() <= end.unwrap());
/// assert_eq!(timing.decoded_bytes(), Some(1000));
/// assert_eq!(timing.protocol(), Some("http1.1"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Timing {
    invoked: Instant,
    /// When the call was started by the wall clock, in microseconds since 1970.
    wall: u64,
    /// Microseconds since `invoked`, or [`ABSENT`].
    moments: [u64; CallMoment::ALL.len()],
    peer: Option<(IpAddr, u16)>,
    is_http2: Option<bool>,
    is_reused: Option<bool>,
    /// Sent and received, after a request was handed to a connection.
    bytes: Option<(u64, u64)>,
    decoded: Option<u64>,
    redirects: u32,
    retries: u32,
    /// The result object shows it.
    is_wanted: bool,
}

/// A moment that has not come.
const ABSENT: u64 = u64::MAX;

/// A moment in the life of a call, in the order in which [`Timing`] lists them. All but the first
/// three and the redirects' are those of the last request that was sent: of the last redirect's, or
/// of the one that was sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallMoment {
    /// The call was started.
    InvokeStart,
    /// It came into the queue.
    QueueStart,
    /// It got its place: at the same moment, if one was free.
    QueueEnd,
    /// The last request was begun: a connection was looked for.
    FetchStart,
    /// The first request was begun, if a redirect was followed.
    RedirectStart,
    /// The last redirect's request was begun.
    RedirectEnd,
    /// The name service, or the host app's resolver, was asked for the host.
    DomainLookUpStart,
    /// It had answered.
    DomainLookUpEnd,
    /// A TCP connection was begun.
    ConnectStart,
    /// The connection was ready, with its TLS and a proxy's tunnel.
    ConnectEnd,
    /// The TLS handshake was begun; of two, through a proxy with TLS, the server's.
    SslConnectionStart,
    /// It had succeeded.
    SslConnectionEnd,
    /// The connection took the first byte of the request.
    RequestStart,
    /// It had taken the last one.
    RequestEnd,
    /// The head of the response was there.
    ResponseStart,
    /// The last byte of its body was there.
    ResponseEnd,
}

impl CallMoment {
    /// All moments, in their order.
    pub const ALL: [Self; 16] = [
        Self::InvokeStart,
        Self::QueueStart,
        Self::QueueEnd,
        Self::FetchStart,
        Self::RedirectStart,
        Self::RedirectEnd,
        Self::DomainLookUpStart,
        Self::DomainLookUpEnd,
        Self::ConnectStart,
        Self::ConnectEnd,
        Self::SslConnectionStart,
        Self::SslConnectionEnd,
        Self::RequestStart,
        Self::RequestEnd,
        Self::ResponseStart,
        Self::ResponseEnd,
    ];

    /// The name of the moment in the result object's `profile`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvokeStart => "invokeStart",
            Self::QueueStart => "queueStart",
            Self::QueueEnd => "queueEnd",
            Self::FetchStart => "fetchStart",
            Self::RedirectStart => "redirectStart",
            Self::RedirectEnd => "redirectEnd",
            Self::DomainLookUpStart => "domainLookUpStart",
            Self::DomainLookUpEnd => "domainLookUpEnd",
            Self::ConnectStart => "connectStart",
            Self::ConnectEnd => "connectEnd",
            Self::SslConnectionStart => "SSLconnectionStart",
            Self::SslConnectionEnd => "SSLconnectionEnd",
            Self::RequestStart => "requestStart",
            Self::RequestEnd => "requestEnd",
            Self::ResponseStart => "responseStart",
            Self::ResponseEnd => "responseEnd",
        }
    }
}

impl Timing {
    /// Begins the profile of a call that is started now, by both clocks.
    fn start(now: Instant, wall: SystemTime) -> Self {
        let wall = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut moments = [ABSENT; CallMoment::ALL.len()];
        moments[CallMoment::InvokeStart as usize] = 0;
        Self {
            invoked: now,
            wall: wall.as_micros() as u64,
            moments,
            peer: None,
            is_http2: None,
            is_reused: None,
            bytes: None,
            decoded: None,
            redirects: 0,
            retries: 0,
            is_wanted: false,
        }
    }

    /// When a moment was: milliseconds since 1970, with microseconds as decimals. `None` if it was
    /// not reached.
    pub fn at(&self, moment: CallMoment) -> Option<f64> {
        self.micros(moment).map(|micros| micros as f64 / 1000.0)
    }

    /// The address that the connection of the last request leads to: the server's, or the proxy's.
    pub fn peer_ip(&self) -> Option<IpAddr> {
        self.peer.map(|(address, _)| address)
    }

    /// The port of that address.
    pub fn port(&self) -> Option<u16> {
        self.peer.map(|(_, port)| port)
    }

    /// `http1.1` or `h2`, if the last request got a connection.
    pub fn protocol(&self) -> Option<&'static str> {
        self.is_http2.map(|is_http2| if is_http2 { "h2" } else { "http1.1" })
    }

    /// Whether the last request's connection was opened for an earlier call, or for another that
    /// shares it.
    pub fn socket_reused(&self) -> Option<bool> {
        self.is_reused
    }

    /// The bytes of heads and bodies that the connections took, after TLS, for all requests of the
    /// call. Over HTTP/2: its HEADERS, CONTINUATION and DATA frames, each with its nine bytes of
    /// frame header, compressed as they are. `None` if no request was handed to a connection.
    pub fn send_bytes_count(&self) -> Option<u64> {
        self.bytes.map(|(sent, _)| sent)
    }

    /// The bytes of heads and bodies that came from the connections, counted the same. Interim
    /// responses (1xx) are among them.
    pub fn received_bytes_count(&self) -> Option<u64> {
        self.bytes.map(|(_, received)| received)
    }

    /// The bytes of the body after content-decoding, if it was read to its end.
    pub fn decoded_bytes(&self) -> Option<u64> {
        self.decoded
    }

    /// How many redirects were followed.
    pub fn redirect_count(&self) -> u32 {
        self.redirects
    }

    /// How many requests were sent again, because a server or a connection had lost them.
    pub fn retry_count(&self) -> u32 {
        self.retries
    }

    /// Returns true if the result object shows it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// Microseconds since 1970.
    pub(crate) fn micros(&self, moment: CallMoment) -> Option<u64> {
        let since = self.moments[moment as usize];
        (since != ABSENT).then(|| self.wall + since)
    }

    fn set(&mut self, moment: CallMoment, at: Instant) {
        let since = at.saturating_duration_since(self.invoked);
        self.moments[moment as usize] = since.as_micros() as u64;
    }

    fn clear(&mut self, moment: CallMoment) {
        self.moments[moment as usize] = ABSENT;
    }

    fn set_peer(&mut self, peer: SocketAddr) {
        self.peer = Some((peer.ip().to_canonical(), peer.port()));
    }
}

/// Prints the members of `profile`.
impl std::fmt::Debug for Timing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Timing({})", self.json())
    }
}
