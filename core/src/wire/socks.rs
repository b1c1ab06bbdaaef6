//! Asks a SOCKS 5 proxy for a connection to a server (RFC 1928), with user name and password if
//! the proxy wants them (RFC 1929).

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::cause::{Cause, CausePhase, Failure};
use crate::config::network::Credentials;
use crate::error::Error;
use crate::wire::connection::Stream;

const VERSION: u8 = 5;
const NO_CREDENTIALS: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
/// The version of the exchange of user name and password.
const CREDENTIALS_VERSION: u8 = 1;
const CONNECT: u8 = 1;

const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Where the proxy is to connect to.
pub(crate) enum Target<'t> {
    Address(SocketAddr),
    /// The proxy looks up the name.
    Name(&'t str, u16),
}

/// Why a proxy did not open the connection.
pub(crate) enum SocksError {
    /// It has tried, and did not reach this server. It may reach another address.
    Unreachable(Failure),
    Failed(Failure),
}

impl SocksError {
    fn new(words: &'static str) -> Self {
        Self::Failed(failed(words))
    }
}

impl From<io::Error> for SocksError {
    fn from(error: io::Error) -> Self {
        let cause = Cause::of(CausePhase::Proxy, &error);
        Self::Failed(Failure::new(Error::ProxyFailed, cause))
    }
}

/// Asks for a connection. When this returns, the stream leads to the server. No byte that follows
/// the proxy's reply is read.
pub(crate) async fn connect(
    stream: &mut impl Stream,
    target: &Target<'_>,
    credentials: Option<&Credentials>,
) -> Result<(), SocksError> {
    let methods: &[u8] = match credentials {
        Some(_) => &[VERSION, 2, NO_CREDENTIALS, USER_AND_PASSWORD],
        None => &[VERSION, 1, NO_CREDENTIALS],
    };
    write(stream, methods).await?;
    match (read(stream).await?, credentials) {
        ([VERSION, NO_CREDENTIALS], _) => {}
        ([VERSION, USER_AND_PASSWORD], Some(credentials)) => log_in(stream, credentials).await?,
        ([VERSION, _], _) => return Err(SocksError::new("socks: no acceptable credentials")),
        _ => return Err(SocksError::new("not socks 5")),
    }
    write(stream, &request(target)?).await?;
    read_reply(stream).await
}

async fn log_in(
    stream: &mut impl Stream,
    Credentials { user, password }: &Credentials,
) -> Result<(), SocksError> {
    let mut message = vec![CREDENTIALS_VERSION];
    for text in [user, password] {
        message.push(length(text)?);
        message.extend_from_slice(text);
    }
    write(stream, &message).await?;
    match read(stream).await? {
        [_, 0] => Ok(()),
        _ => Err(SocksError::new("socks: credentials refused")),
    }
}

fn request(target: &Target<'_>) -> Result<Vec<u8>, SocksError> {
    let mut message = vec![VERSION, CONNECT, 0];
    let port = match target {
        Target::Address(address) => {
            match address.ip() {
                IpAddr::V4(ip) => message.extend([&[IPV4][..], &ip.octets()].concat()),
                IpAddr::V6(ip) => message.extend([&[IPV6][..], &ip.octets()].concat()),
            }
            address.port()
        }
        Target::Name(name, port) => {
            message.extend([NAME, length(name.as_bytes())?]);
            message.extend_from_slice(name.as_bytes());
            *port
        }
    };
    message.extend(port.to_be_bytes());
    Ok(message)
}

async fn read_reply(stream: &mut impl Stream) -> Result<(), SocksError> {
    let [version, reply, _reserved, kind] = read(stream).await?;
    if version != VERSION {
        return Err(SocksError::new("not socks 5"));
    }
    match reply {
        0 => {}
        1 => return Err(SocksError::new("socks: general failure")),
        2 => return Err(SocksError::new("socks: not allowed by ruleset")),
        3 => return Err(unreachable("socks: network unreachable")),
        4 => return Err(unreachable("socks: host unreachable")),
        5 => return Err(unreachable("socks: connection refused")),
        6 => return Err(unreachable("socks: ttl expired")),
        7 => return Err(SocksError::new("socks: command not supported")),
        8 => return Err(unreachable("socks: address type not supported")),
        _ => return Err(SocksError::new("socks: unknown reply")),
    }
    // The address that the proxy connects from, and its port. Nobody needs it.
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(stream.read_u8().await?),
        _ => return Err(SocksError::new("socks: unknown address type")),
    };
    let mut rest = vec![0; length + size_of::<u16>()];
    stream.read_exact(&mut rest).await?;
    Ok(())
}

async fn write(stream: &mut impl Stream, message: &[u8]) -> io::Result<()> {
    stream.write_all(message).await?;
    stream.flush().await // TLS and others may buffer
}

async fn read<const LENGTH: usize>(stream: &mut impl Stream) -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn length(text: &[u8]) -> Result<u8, SocksError> {
    u8::try_from(text.len()).map_err(|_| SocksError::new("socks: name longer than 255 bytes"))
}

fn unreachable(words: &'static str) -> SocksError {
    SocksError::Unreachable(failed(words))
}

fn failed(words: &'static str) -> Failure {
    Failure::new(Error::ProxyFailed, Cause::new(CausePhase::Proxy, words))
}
