//! HTTP/2, for the same requests and answers as HTTP/1.1.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;

use crate::answer::{Answer, Framing, Reply, Step};
use crate::endpoints;
use crate::fault;
use crate::received::{Received, text};
use crate::state::{InFlight, State};

pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    state: Arc<State>,
) -> Result<(), h2::Error> {
    let mut builder = h2::server::Builder::new();
    builder.max_header_list_size(1 << 20).max_concurrent_streams(1000);
    let mut connection = builder.handshake(stream).await?;
    while let Some(accepted) = connection.accept().await {
        let (request, respond) = accepted?;
        if request.uri().query().is_some_and(|query| query.contains(fault::GO_AWAY)) {
            connection.graceful_shutdown();
        }
        let (state, panics) = (Arc::clone(&state), state.notes_panics());
        tokio::spawn(async move {
            let _panics = panics;
            // The peer may reset a stream at any time.
            let _ = exchange(request, respond, state).await;
        });
    }
    Ok(())
}

async fn exchange(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    state: Arc<State>,
) -> Result<(), h2::Error> {
    let (head, stream) = request.into_parts();
    let mut request = without_body(&head);
    if request.path() == fault::UNREAD {
        let _in_flight = state.enter(request.query("counter"));
        return poll_fn(|cx| respond.poll_reset(cx)).await.map(drop);
    }
    if request.path() == fault::EARLY {
        let _in_flight = state.enter(request.query("counter"));
        let mut stream = respond.send_response(Response::new(()), false)?;
        send(&mut stream, Bytes::from_static(b"ok")).await?;
        if request.query("part").is_none() {
            stream.send_data(Bytes::new(), true)?;
        }
        return poll_fn(|cx| stream.poll_reset(cx)).await.map(drop);
    }
    if request.path() == fault::REFUSE_FIRST {
        let counter = request.query("counter").unwrap_or_default();
        let _in_flight = state.enter(Some(counter.clone()));
        if state.count(&counter).total == 1 {
            respond.send_reset(Reason::REFUSED_STREAM);
            return Ok(());
        }
    }
    if [fault::INFORMATIONAL, fault::ENDLESS_INFORMATIONAL].contains(&request.path()) {
        let _in_flight = state.enter(request.query("counter"));
        let count = request.query("count").and_then(|count| count.parse().ok());
        let endless = (request.path() == fault::ENDLESS_INFORMATIONAL).then_some(u64::MAX);
        for _ in 0..endless.or(count).unwrap_or(1000) {
            respond.send_informational(early_hints())?;
            sleep(Duration::from_micros(100)).await; // h2 keeps what is not sent yet
        }
        let mut stream = respond.send_response(Response::new(()), false)?;
        return stream.send_data(Bytes::from_static(b"ok"), true);
    }
    if request.path() == fault::BODY_ANYWAY {
        let _in_flight = state.enter(request.query("counter"));
        let status = request.query("status").and_then(|status| status.parse().ok());
        let head = Response::builder().status(status.unwrap_or(StatusCode::NO_CONTENT));
        let head = head.header("content-encoding", "gzip").body(()).expect("a status and a field");
        return respond.send_response(head, false)?.send_data(Bytes::from_static(b"some"), true);
    }
    request.body = receive(stream).await?;
    let request = Arc::new(request);
    let (answer, in_flight) = endpoints::answer(&state, &request);
    let sent = match answer {
        Answer::Reply(reply) => {
            return reply_with(reply, &request, &mut respond, in_flight).await;
        }
        Answer::Raw(steps) | Answer::Untidy(steps) => {
            // HTTP/2 has no raw answer: silence stays silence, and everything else resets the
            // stream.
            for step in steps {
                match step {
                    Step::Wait(duration) => {
                        wait(sleep(duration), |cx| respond.poll_reset(cx)).await?;
                    }
                    Step::Drip(_) => {
                        wait(std::future::pending(), |cx| respond.poll_reset(cx)).await?;
                    }
                    _ => {}
                }
            }
            respond.send_reset(Reason::PROTOCOL_ERROR);
            Ok(())
        }
        Answer::Tunnel => {
            respond.send_reset(Reason::REFUSED_STREAM);
            Ok(())
        }
    };
    drop(in_flight);
    sent
}

/// Returns a head that is small on the wire and large when it is decoded.
fn early_hints() -> Response<()> {
    let mut hints = Response::new(());
    *hints.status_mut() = StatusCode::EARLY_HINTS;
    let link = HeaderValue::from_str(&"x".repeat(3000)).expect("letters");
    for _ in 0..60 {
        hints.headers_mut().append("link", link.clone());
    }
    hints
}

async fn receive(mut stream: RecvStream) -> Result<Bytes, h2::Error> {
    let mut body = BytesMut::new();
    while let Some(data) = stream.data().await {
        let data = data?;
        stream.flow_control().release_capacity(data.len())?;
        body.extend_from_slice(&data);
    }
    Ok(body.freeze())
}

fn without_body(head: &Parts) -> Received {
    let fields = head.headers.iter();
    Received {
        version: "HTTP/2",
        method: head.method.to_string(),
        authority: head.uri.authority().map(ToString::to_string).unwrap_or_default(),
        target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: fields.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body: Bytes::new(),
    }
}

async fn reply_with(
    reply: Reply,
    request: &Received,
    respond: &mut SendResponse<Bytes>,
    in_flight: Option<InFlight>,
) -> Result<(), h2::Error> {
    wait(reply.pause.over(), |cx| respond.poll_reset(cx)).await?;
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    for (name, value) in &reply.headers {
        let field =
            HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_bytes(value).ok());
        // Fields that HTTP/2 does not allow are left out; HTTP/1.1 sends them.
        if let Some((name, value)) = field {
            let _ = response.headers_mut().try_append(name, value);
        }
    }
    if let (Framing::Length(length), false) = (reply.framing, reply.status == 204) {
        response.headers_mut().insert("content-length", length.into());
    }
    let without_body = request.method == "HEAD" || matches!(reply.status, 204 | 304);
    if without_body {
        drop(in_flight);
        respond.send_response(response, true)?;
        return Ok(());
    }
    let mut stream = respond.send_response(response, false)?;
    let sends = in_flight.as_ref().map(InFlight::sending);
    for step in reply.body {
        match step {
            Step::Send(bytes) => send(&mut stream, bytes).await?,
            Step::Repeat(bytes, mut left) => {
                while left > 0 {
                    let part =
                        bytes.slice(..bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
                    left -= part.len() as u64;
                    let size = part.len();
                    send(&mut stream, part).await?;
                    sends.iter().for_each(|sends| sends(size));
                }
            }
            Step::Wait(duration) => wait(sleep(duration), |cx| stream.poll_reset(cx)).await?,
            Step::Drip(pause) => loop {
                send(&mut stream, Bytes::from_static(b"x")).await?;
                wait(sleep(pause), |cx| stream.poll_reset(cx)).await?;
            },
            Step::Break => {
                // A client that sees the reset together with earlier bytes may drop both.
                wait(sleep(Duration::from_millis(50)), |cx| stream.poll_reset(cx)).await?;
                stream.send_reset(Reason::INTERNAL_ERROR);
                return Ok(());
            }
        }
    }
    drop(in_flight); // before the peer can notice the end
    stream.send_data(Bytes::new(), true)
}

/// Waits, but stops if the peer has reset the stream.
async fn wait(
    over: impl Future<Output = ()>,
    mut poll_reset: impl FnMut(
        &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<Reason, h2::Error>>,
) -> Result<(), h2::Error> {
    tokio::select! {
        () = over => Ok(()),
        reset = poll_fn(&mut poll_reset) => Err(reset?.into()),
    }
}

async fn send(stream: &mut SendStream<Bytes>, mut bytes: Bytes) -> Result<(), h2::Error> {
    while !bytes.is_empty() {
        stream.reserve_capacity(bytes.len());
        let capacity = poll_fn(|cx| stream.poll_capacity(cx)).await;
        let Some(capacity) = capacity else {
            return Err(Reason::CANCEL.into());
        };
        let part = bytes.split_to(capacity?.min(bytes.len()));
        stream.send_data(part, false)?;
    }
    Ok(())
}
