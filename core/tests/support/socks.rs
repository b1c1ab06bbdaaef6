//! A SOCKS 5 proxy on loopback that does what a test wants, and tells what it was asked.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the proxy answers.
#[derive(Clone)]
pub(crate) struct Script {
    /// The method that it chooses: 0 no credentials, 2 user name and password, 255 none.
    pub(crate) method: u8,
    /// What it says to user name and password: 0 is yes.
    pub(crate) log_in: u8,
    /// Its replies to the requests, in turn; the last one for all that follow. 0 is yes.
    pub(crate) replies: Vec<u8>,
    /// After how many bytes of its own it closes the connection.
    pub(crate) bytes: usize,
    /// The address in its reply: an address type, and what follows.
    pub(crate) bound: Vec<u8>,
}

impl Default for Script {
    fn default() -> Self {
        let bound = vec![1, 0, 0, 0, 0, 0, 0];
        Self { method: 0, log_in: 0, replies: vec![0], bytes: usize::MAX, bound }
    }
}

pub(crate) struct Socks {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Socks {
    /// Starts a proxy. All its connections lead to one server, whatever they ask for.
    pub(crate) fn start(server: SocketAddr, script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("it is bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&asked);
        thread::spawn(move || {
            let mut replies = script.replies.clone().into_iter();
            let last = *script.replies.last().expect("a reply");
            for stream in listener.incoming().map_while(Result::ok) {
                let script = script.clone();
                let (reply, told) = (replies.next().unwrap_or(last), Arc::clone(&told));
                // A client may leave at any time.
                thread::spawn(move || drop(serve(stream, server, &script, reply, &told)));
            }
        });
        Self { address, asked }
    }

    /// What it was asked so far: user name and password, and the target of each request.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic under it").clone()
    }
}

fn serve(
    near: TcpStream,
    server: SocketAddr,
    script: &Script,
    reply: u8,
    asked: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut near = Limited { stream: near, left: script.bytes };
    let ask = |text: String| asked.lock().expect("no panic under it").push(text);
    let [_version, methods] = near.read()?;
    near.read_some(methods.into())?;
    near.write(&[5, script.method])?;
    if script.method == 2 {
        let [_version, length] = near.read()?;
        let user = near.read_text(length)?;
        let [length] = near.read()?;
        let password = near.read_text(length)?;
        ask(format!("{user} {password}"));
        near.write(&[1, script.log_in])?;
    }
    let [_version, _command, _reserved, kind] = near.read()?;
    let host = match kind {
        1 => Ipv4Addr::from(near.read::<4>()?).to_string(),
        4 => format!("[{}]", Ipv6Addr::from(near.read::<16>()?)),
        _ => {
            let [length] = near.read()?;
            near.read_text(length)?
        }
    };
    ask(format!("{host}:{}", u16::from_be_bytes(near.read()?)));
    near.write(&[&[5, reply, 0], &script.bound[..]].concat())?;
    if reply != 0 {
        return Ok(());
    }
    let far = TcpStream::connect(server)?;
    let (mut from, mut to) = (near.stream.try_clone()?, far.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (far, near.stream);
    let _ = io::copy(&mut from, &mut to);
    to.shutdown(Shutdown::Write)
}

/// A connection that closes after so many written bytes.
struct Limited {
    stream: TcpStream,
    left: usize,
}

impl Limited {
    fn read<const LENGTH: usize>(&mut self) -> io::Result<[u8; LENGTH]> {
        let mut bytes = [0; LENGTH];
        self.stream.read_exact(&mut bytes).map(|()| bytes)
    }

    fn read_some(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).map(|()| bytes)
    }

    fn read_text(&mut self, length: u8) -> io::Result<String> {
        self.read_some(length.into()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let part = &bytes[..bytes.len().min(self.left)];
        self.left -= part.len();
        self.stream.write_all(part)?;
        if part.len() < bytes.len() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}
