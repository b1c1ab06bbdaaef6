//! The part that fuzz targets share: a server with any answer.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

/// Answers each connection once. `answer` makes the answer from the request.
pub fn serve(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        let mut request = vec![0; 1 << 17];
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let length = stream.read(&mut request).unwrap_or_default();
            let _ = stream.write_all(&answer(&request[..length]));
        }
    });
    address
}
