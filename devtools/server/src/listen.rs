//! Accepts connections and starts a task for each.

use std::sync::Arc;
use std::time::Duration;

use rustls::HandshakeKind;
use tokio::net::{TcpListener, TcpStream};

use crate::counted::Counted;
use crate::state::State;
use crate::tls::Configs;
use crate::{frames, h1, h2};

pub(crate) async fn cleartext(listener: TcpListener, state: Arc<State>) {
    loop {
        let stream = accept(&listener).await;
        let (state, connected) = (Arc::clone(&state), state.connected());
        tokio::spawn(async move {
            let _connected = connected;
            let _ = stream.set_nodelay(true);
            // The peer may close at any time, which is not an error of this server.
            let _ = h1::serve(Counted::new(stream, &state), state).await;
        });
    }
}

pub(crate) async fn tls(listener: TcpListener, configs: Configs, state: Arc<State>) {
    loop {
        let stream = accept(&listener).await;
        let (state, connected, configs) = (Arc::clone(&state), state.connected(), configs.clone());
        tokio::spawn(async move {
            let _connected = connected;
            let _ = stream.set_nodelay(true);
            let stream = Counted::new(stream, &state);
            let Ok(stream) = configs.accept(stream).await else { return };
            let kind = stream.get_ref().1.handshake_kind();
            state.shakes_hands(kind == Some(HandshakeKind::Resumed));
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let wants_frames =
                stream.get_ref().1.server_name().is_some_and(|name| name.starts_with("frames."));
            if let (true, true, Some(answer)) = (is_http2, wants_frames, state.frames()) {
                let _ = frames::serve(stream, answer).await;
            } else if is_http2 {
                let _ = h2::serve(stream, state).await;
            } else {
                let _ = h1::serve(stream, state).await;
            }
        });
    }
}

/// Accepts the next connection. An error (too many open files, a peer that has left) is skipped.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
