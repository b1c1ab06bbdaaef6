//! A server of HTTP/2 over TLS by hand: the test reads and writes each frame itself.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use gadget_request::{Client, ClientConfig};
use gadget_test_server::frame;
use rustls::version::TLS13;
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::frames::{PING, SETTINGS};
use crate::pki;

const ACK: u8 = 1;
const PREFACE: usize = 24;

/// A server whose connections the test serves.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    ca: String,
    accepted: Arc<AtomicUsize>,
}

impl Peer {
    /// `serve` gets each connection with its number, from 1, in a thread of its own. An error of it
    /// means that the client has gone.
    pub(crate) fn start(
        serve: impl Fn(usize, &mut Wire) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let ca = pki::root("peer of HTTP/2");
        let identity = pki::Identity::new(&pki::leaf(&["127.0.0.1"]), &pki::key(), &ca);
        let mut config = identity.server(&[&TLS13], None);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("it is bound");
        let accepted = Arc::new(AtomicUsize::new(0));
        let (count, serve, config) = (Arc::clone(&accepted), Arc::new(serve), Arc::new(config));
        thread::spawn(move || {
            for tcp in listener.incoming().map_while(Result::ok) {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                let tls = ServerConnection::new(Arc::clone(&config)).expect("a valid config");
                let serve = Arc::clone(&serve);
                let mut wire = Wire { tls: StreamOwned::new(tls, tcp), read: Vec::new() };
                thread::spawn(move || {
                    drop(wire.read_preface().and_then(|()| serve(number, &mut wire)));
                });
            }
        });
        Self { address, ca: ca.pem(), accepted }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}/", self.address)
    }

    /// How many connections there were.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// A client that trusts the server, with further settings.
    pub(crate) fn client(&self, mut settings: Value) -> Client {
        settings["roots_pem"] = json!(self.ca);
        Client::new(ClientConfig::from_json(&settings.to_string()).expect("valid settings"))
    }
}

/// A frame of the client's.
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// Returns true for a ping that wants an answer.
    pub(crate) fn is_ping(&self) -> bool {
        self.kind == PING && self.flags & ACK == 0
    }
}

/// A connection, behind the client's preface.
pub(crate) struct Wire {
    tls: StreamOwned<ServerConnection, TcpStream>,
    read: Vec<u8>,
}

impl Wire {
    /// From now on, [`next`](Self::next) is an error of the kind `WouldBlock` after this time.
    pub(crate) fn set_patience(&self, patience: Duration) -> io::Result<()> {
        self.tls.sock.set_read_timeout(Some(patience))
    }

    pub(crate) fn write(&mut self, frames: &[u8]) -> io::Result<()> {
        self.tls.write_all(frames)?;
        self.tls.flush()
    }

    /// Writes settings: identifiers and values (RFC 9113 section 6.5.1).
    pub(crate) fn write_settings(&mut self, settings: &[(u16, u32)]) -> io::Result<()> {
        let fields = settings
            .iter()
            .flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat());
        self.write(&frame(SETTINGS, 0, 0, &fields.collect::<Vec<_>>()))
    }

    /// Reads the next frame, and answers settings as the RFC requires. `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Frame>> {
        let Some(frame) = self.next_unanswered()? else { return Ok(None) };
        if frame.kind == SETTINGS && frame.flags & ACK == 0 {
            self.write(&gadget_test_server::frame(SETTINGS, ACK, 0, &[]))?;
        }
        Ok(Some(frame))
    }

    /// Reads the next frame. `None` at the end.
    pub(crate) fn next_unanswered(&mut self) -> io::Result<Option<Frame>> {
        const HEAD: usize = 9;
        if !self.fill(HEAD)? {
            return Ok(None);
        }
        let length = usize::from(self.read[0]) << 16
            | usize::from(self.read[1]) << 8
            | usize::from(self.read[2]);
        if !self.fill(HEAD + length)? {
            return Ok(None);
        }
        let (kind, flags) = (self.read[3], self.read[4]);
        let stream = u32::from_be_bytes(self.read[5..HEAD].try_into().expect("four bytes"));
        let payload = self.read.drain(..HEAD + length).skip(HEAD).collect();
        Ok(Some(Frame { kind, flags, stream, payload }))
    }

    fn read_preface(&mut self) -> io::Result<()> {
        self.fill(PREFACE)?;
        self.read.drain(..PREFACE.min(self.read.len()));
        Ok(())
    }

    /// Reads until there are so many bytes. Returns false if the client has gone before. What was
    /// read stays, even after an error.
    fn fill(&mut self, length: usize) -> io::Result<bool> {
        while self.read.len() < length {
            let mut bytes = [0; 4096];
            match self.tls.read(&mut bytes)? {
                0 => return Ok(false),
                count => self.read.extend(&bytes[..count]),
            }
        }
        Ok(true)
    }
}
