//! HTTP/1.1 by hand, so that a request is recorded exactly and an answer can break every rule.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;

use crate::answer::{Answer, Framing, Pause, Reply, Step};
use crate::endpoints;
use crate::fault;
use crate::received::{Received, text};
use crate::state::{InFlight, State};

/// The longest head that is accepted.
const MAX_HEAD: usize = 1 << 20;

/// The most fields that are accepted.
const MAX_FIELDS: usize = 4096;

/// Enough for most requests; room for more fields is made only when it is needed.
const FEW_FIELDS: usize = 64;

/// A connection, split so that its end is noticed during writes.
struct Connection<S> {
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    read: BytesMut,
}

pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send>(
    stream: S,
    state: Arc<State>,
) -> io::Result<()> {
    let (reader, writer) = tokio::io::split(stream);
    let mut connection = Connection { reader, writer, read: BytesMut::new() };
    loop {
        let request = match connection.request().await {
            Ok(Some(request)) => Arc::new(request),
            Ok(None) => break,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                connection.writer.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
                break;
            }
            Err(error) => return Err(error),
        };
        if request.path() == fault::VANISH {
            let _in_flight = state.enter(request.query("counter"));
            return Ok(());
        }
        let closes =
            request.header("connection").is_some_and(|it| it.eq_ignore_ascii_case("close"));
        let (answer, in_flight) = endpoints::answer(&state, &request);
        let goes_on = match answer {
            Answer::Tunnel => return connection.tunnel(&state).await,
            Answer::Raw(steps) => {
                connection.write_unless_closed(steps_only(steps, false), in_flight).await?
            }
            Answer::Untidy(steps) => {
                connection.write_unless_closed(steps_only(steps, true), in_flight).await?
            }
            Answer::Reply(reply) => {
                connection.write_unless_closed(parts(reply, &request), in_flight).await? && !closes
            }
        };
        if !goes_on {
            break;
        }
    }
    connection.writer.shutdown().await
}

/// The bytes to write, and whether the connection stays open afterwards.
struct Output {
    pause: Pause,
    head: Bytes,
    body: Vec<Step>,
    chunked: bool,
    goes_on: bool,
}

fn steps_only(steps: Vec<Step>, goes_on: bool) -> Output {
    Output {
        pause: Pause::For(Duration::ZERO),
        head: Bytes::new(),
        body: steps,
        chunked: false,
        goes_on,
    }
}

fn parts(reply: Reply, request: &Received) -> Output {
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status)).into_bytes();
    for (name, value) in &reply.headers {
        head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    let without_body = request.method == "HEAD" || matches!(reply.status, 100..=199 | 204 | 304);
    match reply.framing {
        // A 204 has no length. A 304 and an answer to HEAD may have the length of the body that is
        // not sent.
        Framing::Length(_) if matches!(reply.status, 100..=199 | 204) => {}
        Framing::Length(length) => head.extend(format!("content-length: {length}\r\n").bytes()),
        Framing::Chunked => head.extend(b"transfer-encoding: chunked\r\n"),
        Framing::Close => head.extend(b"connection: close\r\n"),
    }
    head.extend(b"\r\n");
    Output {
        pause: reply.pause,
        head: head.into(),
        body: if without_body { Vec::new() } else { reply.body },
        chunked: reply.framing == Framing::Chunked && !without_body,
        goes_on: reply.framing != Framing::Close,
    }
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()).unwrap_or("")
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// Writes, and stops if the peer has closed. Returns true if the connection can be used again.
    async fn write_unless_closed(
        &mut self,
        output: Output,
        in_flight: Option<InFlight>,
    ) -> io::Result<bool> {
        let Self { reader, writer, read } = self;
        let goes_on = output.goes_on;
        tokio::select! {
            written = write(writer, output, in_flight) => Ok(written? && goes_on),
            () = closed_by_peer(reader, read) => Ok(false),
        }
    }

    async fn request(&mut self) -> io::Result<Option<Received>> {
        let (mut request, length) = loop {
            if let Some(head) = self.parse_head()? {
                break head;
            }
            if self.read.len() > MAX_HEAD {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if self.reader.read_buf(&mut self.read).await? == 0 {
                return Ok(None);
            }
        };
        if request.header("expect").is_some() {
            self.writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        if request.path() == fault::EARLY {
            let length = if request.query("part").is_some() { 1000 } else { 2 };
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\nok");
            self.writer.write_all(answer.as_bytes()).await?;
            self.writer.flush().await?;
        }
        if matches!(request.path(), fault::UNREAD | fault::EARLY) {
            // The end of the connection cannot be noticed either; it ends with the server.
            std::future::pending::<()>().await;
        }
        request.body = match length {
            Length::Known(length) => self.take(length).await?,
            Length::Chunked => self.chunks().await?,
        };
        Ok(Some(request))
    }

    fn parse_head(&mut self) -> io::Result<Option<(Received, Length)>> {
        let invalid = |_| io::Error::from(io::ErrorKind::InvalidData);
        let (mut few, mut many) = ([httparse::EMPTY_HEADER; FEW_FIELDS], Vec::new());
        let mut head = httparse::Request::new(&mut few);
        let mut parsed = head.parse(&self.read);
        if parsed == Err(httparse::Error::TooManyHeaders) {
            many.resize(MAX_FIELDS, httparse::EMPTY_HEADER);
            head = httparse::Request::new(&mut many);
            parsed = head.parse(&self.read);
        }
        let httparse::Status::Complete(length) = parsed.map_err(invalid)? else {
            return Ok(None);
        };
        let fields = head.headers.iter();
        let headers: Vec<(String, String)> =
            fields.map(|field| (field.name.to_owned(), text(field.value))).collect();
        let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let request = Received {
            version: if head.version == Some(0) { "HTTP/1.0" } else { "HTTP/1.1" },
            method: head.method.unwrap_or_default().to_owned(),
            target: head.path.unwrap_or_default().to_owned(),
            authority: host.map(|(_, host)| host.clone()).unwrap_or_default(),
            headers,
            body: Bytes::new(),
        };
        self.read.advance(length);
        let framing = match request.header("transfer-encoding") {
            Some(_) => Length::Chunked,
            None => {
                let length = request.header("content-length").map_or(Ok(0), str::parse);
                Length::Known(length.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?)
            }
        };
        Ok(Some((request, framing)))
    }

    async fn take(&mut self, length: usize) -> io::Result<Bytes> {
        while self.read.len() < length {
            if self.reader.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.read.split_to(length).freeze())
    }

    async fn line(&mut self) -> io::Result<Bytes> {
        loop {
            if let Some(end) = self.read.windows(2).position(|two| two == b"\r\n") {
                let line = self.read.split_to(end).freeze();
                self.read.advance(2);
                return Ok(line);
            }
            if self.reader.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn chunks(&mut self) -> io::Result<Bytes> {
        let mut body = BytesMut::new();
        loop {
            let line = text(&self.line().await?);
            let size = line.split(';').next().map(|size| usize::from_str_radix(size.trim(), 16));
            let Some(Ok(size)) = size else { return Err(io::ErrorKind::InvalidData.into()) };
            if size == 0 {
                break;
            }
            body.extend_from_slice(&self.take(size).await?);
            self.line().await?;
        }
        while !self.line().await?.is_empty() {}
        Ok(body.freeze())
    }

    async fn tunnel(self, state: &State) -> io::Result<()> {
        let Self { reader, mut writer, read } = self;
        writer.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        let mut near = reader.unsplit(writer);
        let mut far = TcpStream::connect(state.https).await?;
        far.write_all(&read).await?; // bytes that arrived together with CONNECT
        tokio::io::copy_bidirectional(&mut near, &mut far).await.map(drop)
    }
}

enum Length {
    Known(usize),
    Chunked,
}

/// Writes everything; returns `false` if the answer breaks off on purpose. The request is no longer
/// in flight when its last bytes can reach the peer.
async fn write<W: AsyncWrite + Unpin>(
    writer: &mut W,
    output: Output,
    mut in_flight: Option<InFlight>,
) -> io::Result<bool> {
    output.pause.over().await;
    let sends = in_flight.as_ref().map(InFlight::sending);
    let mut counts_out = |is_last: bool| {
        if is_last {
            in_flight = None;
        }
    };
    // One write if possible, like real servers.
    let mut head = output.head;
    let steps = output.body.len();
    for (step, number) in output.body.into_iter().zip(1..) {
        let is_last = number == steps && !output.chunked;
        match step {
            Step::Send(bytes) => {
                counts_out(is_last);
                let framed = if output.chunked { chunk(&bytes) } else { bytes };
                if head.is_empty() {
                    writer.write_all(&framed).await?;
                } else {
                    writer.write_all(&[std::mem::take(&mut head), framed].concat()).await?;
                }
                writer.flush().await?;
            }
            Step::Repeat(bytes, mut left) => {
                counts_out(is_last && left == 0);
                writer.write_all(&std::mem::take(&mut head)).await?;
                while left > 0 {
                    let part =
                        bytes.slice(..bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
                    left -= part.len() as u64;
                    counts_out(is_last && left == 0);
                    let part = if output.chunked { chunk(&part) } else { part };
                    writer.write_all(&part).await?;
                    sends.iter().for_each(|sends| sends(part.len()));
                }
                writer.flush().await?;
            }
            Step::Wait(duration) => {
                writer.write_all(&std::mem::take(&mut head)).await?;
                writer.flush().await?;
                tokio::time::sleep(duration).await;
            }
            Step::Drip(pause) => {
                let drop = Bytes::from_static(b"x");
                let drop = if output.chunked { chunk(&drop) } else { drop };
                writer.write_all(&std::mem::take(&mut head)).await?;
                loop {
                    writer.write_all(&drop).await?;
                    writer.flush().await?;
                    tokio::time::sleep(pause).await;
                }
            }
            Step::Break => {
                writer.write_all(&std::mem::take(&mut head)).await?;
                writer.flush().await?;
                return Ok(false);
            }
        }
    }
    counts_out(true);
    writer.write_all(&head).await?;
    if output.chunked {
        writer.write_all(b"0\r\n\r\n").await?;
    }
    writer.flush().await?;
    Ok(true)
}

fn chunk(bytes: &Bytes) -> Bytes {
    if bytes.is_empty() {
        return Bytes::new(); // an empty chunk would end the body
    }
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat().into()
}

/// Returns when the peer has closed its side. Bytes that it sends meanwhile are kept.
async fn closed_by_peer<R: AsyncRead + Unpin>(reader: &mut R, read: &mut BytesMut) {
    while read.len() < MAX_HEAD {
        if !matches!(reader.read_buf(read).await, Ok(1..)) {
            return;
        }
    }
    std::future::pending::<()>().await;
}
