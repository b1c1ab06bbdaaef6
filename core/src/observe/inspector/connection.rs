//! A connection to an inspector: one request whose body is a line of JSON for each event.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::json;

use crate::config::ClientConfig;
use crate::config::inspector::InspectorUrl;

/// How long the inspector may take to accept, and to read. It is on the same device.
const PATIENCE: Duration = Duration::from_secs(2);

/// The largest answer that is read.
const MAX_ANSWER: u64 = 4 << 10;

/// What is sent first: the head of the request, and who the client is.
pub(super) fn hello(config: &ClientConfig, address: SocketAddr) -> String {
    let (pid, random) = (std::process::id(), fastrand::u32(..));
    let about = json!({
        "appId": config.app_id,
        "appVersion": config.app_version,
        "platform": config.platform.as_str(),
        "pid": pid,
    });
    let line = format!("{}\n", json!({ "client": about }));
    let head = format!(
        "POST /clients/{pid}-{random:08x}/events HTTP/1.1\r\nhost: {address}\r\n\
         content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    format!("{head}{:x}\r\n{line}\r\n", line.len())
}

pub(super) struct Connection(TcpStream);

impl Connection {
    /// Connects to one of its addresses. `None` if it is not there.
    pub(super) fn open(url: &InspectorUrl, hello: &str) -> Option<Self> {
        url.addresses().iter().find_map(|address| Self::open_to(*address, hello).ok())
    }

    fn open_to(address: SocketAddr, hello: &str) -> io::Result<Self> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        if stream.local_addr()? == stream.peer_addr()? {
            // A port that nobody listens on may be this socket's own: TCP connects it to itself.
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        stream.write_all(hello.as_bytes())?;
        Ok(Self(stream))
    }

    /// Sends lines as one chunk; before them, how many are missing.
    pub(super) fn send(&mut self, lines: &[String], dropped: u64) -> io::Result<()> {
        let missing = match dropped {
            0 => String::new(),
            _ => format!("{{\"event\":\"dropped\",\"dropped\":{dropped}}}\n"),
        };
        let length = missing.len() + lines.iter().map(String::len).sum::<usize>();
        let mut chunk = format!("{length:x}\r\n{missing}");
        chunk.extend(lines.iter().map(String::as_str));
        chunk.push_str("\r\n");
        self.0.write_all(chunk.as_bytes())
    }

    /// An inspector says nothing before the request ends: so if there is something to read, it is
    /// an error, or the end. The system would take a first piece all the same.
    pub(super) fn has_ended(&self) -> bool {
        let peeked = self.0.set_nonblocking(true).and_then(|()| self.0.peek(&mut [0]));
        let is_quiet = peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        !is_quiet || self.0.set_nonblocking(false).is_err()
    }

    /// Ends the request, and waits for the answer: then the inspector has everything.
    pub(super) fn finish(mut self) {
        let ended = self.0.write_all(b"0\r\n\r\n");
        let answered = ended.and_then(|()| self.0.shutdown(std::net::Shutdown::Write));
        let mut answer = Vec::new();
        let read = answered.and_then(|()| (&self.0).take(MAX_ANSWER).read_to_end(&mut answer));
        if let Err(error) = read {
            log::debug!("the inspector did not answer: {error}");
        }
    }
}
