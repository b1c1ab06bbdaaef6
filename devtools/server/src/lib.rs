//! A server to test HTTP clients against, on loopback: HTTP/1.1 on one port, HTTPS (h2 and h1) on
//! another.
//!
//! It echoes requests exactly, answers in every content coding and charset, redirects, sets
//! cookies, counts the requests in flight, and misbehaves on demand. The page at `/` lists its
//! endpoints. Its certificates come from a CA made at start; some host names get bad ones
//! (`expired.…`, see `/`).
//!
//! Run it as a program with `gadget-devtools serve`, or within a test:
//!
//! ```
//! let server = gadget_test_server::Server::start()?;
//! println!("{} {} {}", server.http(), server.https(), server.ca_path().display());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Dropping the server closes it. If one of its handlers has panicked, the drop panics, too, which
//! fails the test.

#![forbid(unsafe_code)]

mod answer;
mod coding;
mod counted;
mod endpoints;
mod fault;
mod frames;
mod h1;
mod h2;
mod listen;
mod received;
mod state;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

pub use frames::frame;
pub use received::Received;
use state::State;
pub use state::{Count, Scripted};

/// A running server. It has its own threads and needs no executor.
pub struct Server {
    http: SocketAddr,
    https: SocketAddr,
    ca_pem: String,
    ca_path: PathBuf,
    state: Arc<State>,
    runtime: Option<Runtime>,
}

impl Server {
    /// Starts on two free ports of 127.0.0.1.
    pub fn start() -> io::Result<Self> {
        Self::start_on(0, 0)
    }

    /// Starts on given ports of 127.0.0.1; 0 chooses a free port. The CA's certificate is written
    /// to a new file in the folder for temporary files.
    pub fn start_on(http_port: u16, https_port: u16) -> io::Result<Self> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let authority = tls::Authority::new(number)?;
        let ca_pem = authority.pem();
        let file = format!("gadget-test-ca-{}-{number}.pem", std::process::id());
        let ca_path = std::env::temp_dir().join(file);
        std::fs::write(&ca_path, &ca_pem)?;

        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("gadget-test-server")
            .enable_all()
            .build()?;
        let bind = |port| runtime.block_on(TcpListener::bind(("127.0.0.1", port)));
        let (cleartext, tls) = (bind(http_port)?, bind(https_port)?);
        let (http, https) = (cleartext.local_addr()?, tls.local_addr()?);
        let state = Arc::new(State::new(https, authority.crl()?));
        runtime.spawn(listen::cleartext(cleartext, Arc::clone(&state)));
        runtime.spawn(listen::tls(tls, authority.configs(http), Arc::clone(&state)));
        Ok(Self { http, https, ca_pem, ca_path, state, runtime: Some(runtime) })
    }

    /// The origin for HTTP, without a slash at its end.
    pub fn http(&self) -> String {
        format!("http://{}", self.http)
    }

    /// The origin for HTTPS, without a slash at its end.
    pub fn https(&self) -> String {
        format!("https://{}", self.https)
    }

    /// The port for HTTP.
    pub fn http_port(&self) -> u16 {
        self.http.port()
    }

    /// The port for HTTPS.
    pub fn https_port(&self) -> u16 {
        self.https.port()
    }

    /// The certificate of the CA made at start.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The file with that certificate. It is removed with the server.
    pub fn ca_path(&self) -> &Path {
        &self.ca_path
    }

    /// The CA's list of revoked certificates, as DER.
    pub fn crl(&self) -> &[u8] {
        &self.state.crl
    }

    /// Returns the request with this `x-request-id`, if it is among the latest.
    pub fn received(&self, request_id: &str) -> Option<Arc<Received>> {
        self.state.received(request_id)
    }

    /// Returns the latest requests, at most two thousand, in order of arrival.
    pub fn latest(&self) -> Vec<Arc<Received>> {
        self.state.latest()
    }

    /// Releases this many requests that `/hold/NAME` holds, including requests that arrive later.
    pub fn release(&self, name: &str, count: usize) {
        self.state.releases(name).add_permits(count);
    }

    /// Answers the next requests, for any target, with these responses in turn. Replaces the ones
    /// that are left from before.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = Scripted>) {
        self.state.answer_next(answers);
    }

    /// Answers requests with these bytes in HTTP/2, on connections that are opened after this for
    /// host names that begin with `frames.`. `answer` gets the number of the request on its
    /// connection, from 1, and its stream.
    pub fn answer_in_frames(&self, answer: impl Fn(u32, u32) -> Vec<u8> + Send + Sync + 'static) {
        self.state.answer_in_frames(Arc::new(answer));
    }

    /// How many requests have arrived.
    pub fn total(&self) -> u64 {
        self.state.count("").total
    }

    /// The counts of requests with `counter=NAME` in their query.
    pub fn count(&self, counter: &str) -> Count {
        self.state.count(counter)
    }

    /// How many connections are open now, on both ports.
    pub fn connections(&self) -> usize {
        self.state.connections()
    }

    /// How many connections there were so far, on both ports.
    pub fn accepted(&self) -> usize {
        self.state.accepted()
    }

    /// How many bytes the peers have taken so far, as far as the system knows: on both ports, heads
    /// and TLS included, and what waits in the system's buffers.
    pub fn taken(&self) -> usize {
        self.state.taken()
    }

    /// How many TLS handshakes there were.
    pub fn handshakes(&self) -> usize {
        self.state.handshakes()
    }

    /// How many TLS connections have resumed the session of an earlier one.
    pub fn resumed(&self) -> usize {
        self.state.resumed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.ca_path);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        if self.state.has_panicked() && !std::thread::panicking() {
            panic!("a handler of the test server panicked");
        }
    }
}
